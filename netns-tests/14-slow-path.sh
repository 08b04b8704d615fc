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
check "both leave the way over $via within five seconds" wait_for 6 both_left
note "after $(($(now_ms) - begin)) ms, measured second by second"
stays_away() { for _ in {1..20}; do share_below 20 a "$via" "$other" || return 1; done; }
check "a does not come back in 20 s" stays_away
check "b did not come back either" share_below 20 b "$via" "$other"
pings_end a b
finish
