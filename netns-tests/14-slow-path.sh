#!/usr/bin/env bash
# One of two equal ways becomes too narrow for the traffic: both ends take the other one, and do not come back.
#
#       c
#      / \
#     a   b        1 Mbit/s offered each way; the way in use is cut down to 500 kbit/s
#      \ /
#       d
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mesh.sh"

mesh 'a-c c-b a-d d-b'
lab_start a b c d
check "a reaches b" wait_for 20 answers a b
pings a b -s 1000 -i 0.008
sleep 3
via=$(next_hop a c d)
for ends in "a $via" "$via a" "b $via" "$via b"; do
  # shellcheck disable=SC2086 # two names
  lab_rate $ends 500kbit
done
other=$([ "$via" = c ] && printf d || printf c)
begin=$(now_ms)
both_left() { share_below 20 a "$via" "$other" && share_below 20 b "$via" "$other"; }
# The aim is 5 s; the bound leaves room for a machine that others use.
check "both leave the way over $via within 15 seconds" wait_for 15 both_left
note "after $(($(now_ms) - begin)) ms, measured second by second"
# A look back costs a second at most, and not again soon.
stays_away() {
  local back=0
  for _ in {1..20}; do share_below 20 a "$via" "$other" || back=$((back + 1)); done
  note "seconds on the narrow way: $back of 20"
  [ "$back" -le 4 ]
}
check "a stays away for 20 s" stays_away
check "b did not come back either" share_below 20 b "$via" "$other"
pings_end a b
finish
