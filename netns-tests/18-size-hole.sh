#!/usr/bin/env bash
# A relay drops large packets only, as where a path MTU is too small and nobody says so: both ends leave it, and stay away.
#
#     a ---- c ---- b        c drops what is longer than 700 bytes; a ---- d ---- b is as good
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mesh.sh"
# The aim is 3 s on a machine of one's own, and the figure is printed; the bound leaves room for a machine that others use.
LIMIT_MS=6000
LAB_FIREWALL=$'  inbound: deny\n  allow: [icmp, tcp/8080]'

mesh 'a-c c-b a-d d-b'
# Otherwise a veth carries what was sent at once as one large packet, and the hole would take it for one.
for pair in a-c c-a c-b b-c a-d d-a d-b b-d; do ip -n "${LAB}${pair%-*}" link set "to-${pair#*-}" gso_max_segs 1; done
lab_start a b c d
check "a reaches b" wait_for 20 answers a b
pings a b -s 1000 -i 0.02
lab_spawn a ping -6 -D -i 0.1 -W 1 -s 10 "${ADDRESS[b]}" >"$LAB_DIR/pings-small" 2>&1 </dev/null
sleep 4

hole() { # hole RELAY BYTES [END]: the relay drops longer datagrams, all or those that come from this end
  lab_in "$1" nft "table inet hole { chain c { type filter hook input priority 0;
    ${3:+iifname \"to-$3\"} udp length > $2 counter drop; }; }"
}
fill() { lab_in "$1" nft delete table inet hole; }
# lost FILE SINCE UNTIL: per mille that got no answer, of those between the first and the last answer of this time (ms)
lost() {
  sed -n 's/^\[\([0-9.]*\)\] .*bytes from.*icmp_seq=\([0-9]*\).*/\1 \2/p' "$LAB_DIR/$1" |
    awk -v since="$2" -v until="$3" '{ ms = $1 * 1000; if (ms < since || ms >= until) next
      n++; if (first == "") first = $2; last = $2 }
      END { if (n < 10) print 1000; else printf "%d\n", 1000 * (last - first + 1 - n) / (last - first + 1) }'
}

answers_whole() { lab_in a ping -6 -c 5 -i 0.2 -W 1 -M do -s "$1" "${ADDRESS[b]}"; }

strike() { # strike BYTES FROM [END]: a hole in the way that FROM uses
  local relay since now large small
  relay=$(next_hop "$2" c d)
  since=$(now_ms)
  hole "$relay" "$1" ${3:+"$3"}
  sleep 14
  now=$(now_ms)
  check "above $1 bytes${3:+ from $3}: the pings are back within $LIMIT_MS ms" quiet_for_at_most "$LIMIT_MS" a b "$since"
  note "silence: $(cat "$LAB_DIR/silence") ms"
  large=$(lost pings-a-b $((since + LIMIT_MS)) "$now")
  check "... and then not 2 % are lost" at_most "$large" 19
  small=$(lost pings-small "$since" "$now")
  check "... and of small ones beside them not 5 % from the beginning" at_most "$small" 49
  note "per mille: $large, $small"
  fill "$relay"
}

strike 700 a
strike 400 a a
strike 400 b b
pings_end a b

# One way only, which carries packets of 1280 bytes and no longer ones: who sends longer ones is told (RFC 4443 §3.2).
ip -n "${LAB}a" link set to-d down
check "a reaches b without d" wait_for 20 answers a b
hole c 1320
lab_spawn a ping -6 -i 0.1 -W 1 -M do -s 1256 -c 100 "${ADDRESS[b]}" >"$LAB_DIR/pings-whole" 2>&1 </dev/null
check "packets of 1304 bytes are answered with what would pass" wait_for 10 grep -qE 'too big.*mtu.?=? ?1280' "$LAB_DIR/pings-whole"
check "packets of 1280 bytes pass" answers_whole 1232
head -c 300K /dev/urandom >"$LAB_DIR/file"
check "a web server of b can be reached" serve b 8080 "$LAB_DIR/file"
lab_in a curl -gsS --max-time 20 -o "$LAB_DIR/got" "http://[${ADDRESS[b]}]:8080/" || true
check "and TCP carries a file" cmp "$LAB_DIR/file" "$LAB_DIR/got"
finish
