# shellcheck shell=bash
# For the scenarios with more than two nodes: sourced after lib.sh.
#
#   mesh 'a-b b-c ...'        nodes, cables and credentials; of each pair the second dials the first
#   pings A B [MORE OPTIONS]  20 pings a second from A to B in the background, each answer with its time
#   silence A B SINCE         prints the longest time without an answer since SINCE, ms
#   next_hop A NAME...        prints which of these neighbours gets most of what A sends
#   share A TOWARDS NAME...   prints how much of what A sends to these neighbours goes to the first, per cent
LAB_FIREWALL=$'  inbound: deny\n  allow: [icmp, tcp/5201]'
declare -A KNOWN=() PINGS=()

mesh() {
  local pair name
  for pair in $1; do
    for name in "${pair%-*}" "${pair#*-}"; do
      [ -n "${KNOWN[$name]:-}" ] || lab_node "$name"
      KNOWN[$name]=1
    done
    lab_link "${pair%-*}" "${pair#*-}"
    lab_peer "${pair#*-}" "${pair%-*}"
  done
}

pings() {
  local from=$1 to=$2
  shift 2
  lab_spawn "$from" ping -6 -D -i 0.05 -W 1 "$@" "${ADDRESS[$to]}" >"$LAB_DIR/pings-$from-$to" 2>&1 </dev/null
  PINGS[$from$to]=$LAB_PID
}
pings_end() { # pings_end A B
  kill -INT "${PINGS[$1$2]}" 2>/dev/null || true
  wait "${PINGS[$1$2]}" 2>/dev/null || true
}
# Lines are `[1700000000.123456] 64 bytes from ...`; the time until now counts as well.
silence() {
  sed -n 's/^\[\([0-9.]*\)\] .*bytes from.*/\1/p' "$LAB_DIR/pings-$1-$2" |
    awk -v since="$3" -v now="$(now_ms)" 'BEGIN { last = since }
      { ms = $1 * 1000; if (ms < since) next; if (ms - last > most) most = ms - last; last = ms }
      END { if (now - last > most) most = now - last; printf "%d\n", most }'
}
quiet_for_at_most() { # quiet_for_at_most LIMIT A B SINCE
  local most
  most=$(silence "$2" "$3" "$4")
  printf '%s\n' "$most" >"$LAB_DIR/silence"
  at_most "$most" "$1"
}

sent_to() { lab_in "$1" cat "/sys/class/net/to-$2/statistics/tx_bytes"; }
share() {
  local from=$1 towards=$2 name all=0 one=0 bytes
  shift
  declare -A before=()
  for name in "$@"; do before[$name]=$(sent_to "$from" "$name"); done
  sleep 1
  for name in "$@"; do
    bytes=$(($(sent_to "$from" "$name") - before[$name]))
    all=$((all + bytes))
    [ "$name" != "$towards" ] || one=$bytes
  done
  printf '%s\n' $((all == 0 ? 0 : 100 * one / all))
}
next_hop() {
  local from=$1
  shift
  if [ "$(share "$from" "$@")" -ge 50 ]; then printf '%s\n' "$1"; else printf '%s\n' "$2"; fi
}
share_below() { [ "$(share "${@:2}")" -lt "$1" ]; }
share_above() { [ "$(share "${@:2}")" -gt "$1" ]; }

# one_by_one A B: what A lost of what came from B were single packets, not whole trains of them.
one_by_one() {
  local packets bytes
  read -r packets bytes <<<"$(lab_lost "$1" "$2")"
  printf '%s packets lost, %s bytes\n' "$packets" "$bytes"
  [ "$packets" -ge 20 ] && [ $((bytes / packets)) -le 1514 ]
}

# A TCP stream of SECONDS in the background, and whether it got through to its end.
stream_begin() { # stream_begin FROM TO SECONDS
  lab_spawn "$2" iperf3 -s -1 -B "${ADDRESS[$2]}" >"$LAB_DIR/iperf-server.log" 2>&1 </dev/null
  wait_for 5 listens "$2" 5201 || return 1
  lab_spawn "$1" iperf3 -6 -c "${ADDRESS[$2]}" -t "$3" -b 4M --json >"$LAB_DIR/stream.json" 2>&1 </dev/null
  STREAM=$LAB_PID
}
stream_survived() { wait "$STREAM" && json '(v.end.sum_received.bytes > 0) || process.exit(1)' <"$LAB_DIR/stream.json"; }
