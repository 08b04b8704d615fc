# shellcheck shell=bash
# For the scenarios: a laboratory (scripts/lib/lab.sh) plus checks that are counted. Sourced as the first thing.
#
#   check TEXT COMMAND...        one check: `ok - TEXT` if the command succeeds, else `not ok - TEXT` and its output
#   skip TEXT                    a check that cannot be made here, visibly
#   finish                       last line of a scenario; exit 1 if a check failed
#
# After a failed check the logs and the configurations, without their secrets, are kept in LOG_DIR.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib/common.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib/lab.sh"

SCENARIO=$(basename "$0" .sh)
LOG_DIR=$ROOT/.tap/netns/$SCENARIO
FAILED=0
need_root
find_node
[ -f "$MAIN" ] || fail "there is no build: run ./scripts/test"
lab_open fcmt
trap 'end_scenario $?' EXIT

check() {
  local text=$1
  shift
  if "$@" >"$LAB_DIR/check.out" 2>&1 </dev/null; then # in this shell: what it sets is seen afterwards
    printf 'ok - %s\n' "$text"
  else
    FAILED=$((FAILED + 1))
    printf 'not ok - %s\n' "$text"
    printf '    $ %s\n' "${*//$LAB_DIR/…}"
    tail -n 20 "$LAB_DIR/check.out" | sed 's/^/    /'
  fi
}

skip() { printf 'skip - %s\n' "$1"; }
note() { printf '    %s\n' "$*"; }

finish() { exit "$((FAILED > 0))"; }

end_scenario() {
  local status=$1 log
  if [ "$status" != 0 ]; then
    # A scenario that broke off without a failed check must not look like one that passed.
    [ "$FAILED" != 0 ] || printf 'not ok - %s ran to its end\n    ended with status %s\n' "$SCENARIO" "$status"
    rm -rf "$LOG_DIR"
    mkdir -p "$LOG_DIR"
    for log in "$LAB_DIR"/*.log; do
      [ -f "$log" ] || continue
      cp "$log" "$LOG_DIR/"
      printf '    ---- %s\n' "$(basename "$log")"
      tail -n 12 "$log" | sed 's/^/    /'
    done
    for log in "$LAB_DIR"/*.yaml; do
      [ -f "$log" ] || continue
      sed -E 's/^( *(privateKey|password):).*/\1 <secret>/' "$log" >"$LOG_DIR/$(basename "$log")"
    done
    note "kept: $LOG_DIR"
  fi
  lab_close "$status"
}

# ---------------------------------------------------------------- what many scenarios ask

not() { ! "$@"; }
equal() { # equal GOT WANTED
  [ "$1" = "$2" ] || { printf 'got:    %s\nwanted: %s\n' "$1" "$2" && return 1; }
}
at_most() { # at_most GOT LIMIT, whole numbers
  [ "$1" -le "$2" ] || { printf 'got: %s, at most: %s\n' "$1" "$2" && return 1; }
}
matches() { # matches TEXT PATTERN (extended regular expression)
  printf '%s\n' "$1" | grep -qE -- "$2" || { printf 'text:    %s\npattern: %s\n' "$1" "$2" && return 1; }
}

# pair A B: a cable, credentials, two daemons; returns when both have a TUN device and A sees B.
pair() {
  lab_node "$1" "$2"
  lab_link "$1" "$2"
  lab_peer "$1" "$2"
  lab_start "$1" "$2"
  check "both have their address on the TUN device" lab_ready "$1" "$2"
  check "the peers are established" wait_for 20 both_established "$1" "$2"
  [ "$FAILED" = 0 ] || finish # the rest would only wait for what can't come
}
both_tuns() { has_tun "$1" && has_tun "$2"; }
both_established() { established "$1" && established "$2"; }

# steady A B [COUNT]: COUNT pings 10 ms apart, none lost.
steady() {
  local out
  out=$(lab_in "$1" ping -6 -q -c "${3:-100}" -i 0.01 -W 2 "${ADDRESS[$2]}") || true
  printf '%s\n' "$out"
  matches "$out" ' 0% packet loss'
}

# stream FROM TO [SECONDS]: one TCP stream, data flows from FROM to TO; prints Mbit/s, fails without a result.
stream() {
  local server result status=0
  printf '%s\n' 0 >"$LAB_DIR/mbit"
  lab_spawn "$2" iperf3 -s -1 -B "${ADDRESS[$2]}" >"$LAB_DIR/iperf-server.log" 2>&1 </dev/null
  server=$LAB_PID
  wait_for 5 listens "$2" 5201 || return 1
  result=$(lab_in "$1" timeout 30 iperf3 -6 -c "${ADDRESS[$2]}" -t "${3:-3}" --connect-timeout 5000 --json 2>&1) || status=$?
  kill "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  [ "$status" = 0 ] || { printf '%s\n' "$result" && return 1; }
  printf '%s\n' "$result" | json '(v.end.sum_received.bits_per_second / 1e6).toFixed(1)' | tee "$LAB_DIR/mbit"
  [ "$(cut -d. -f1 "$LAB_DIR/mbit")" -ge 1 ]
}
