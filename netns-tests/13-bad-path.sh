#!/usr/bin/env bash
# The short way loses 20 % each way: both ends leave it within seconds, stay away, and take it again when it has healed.
#
#     a ---- (loss) ---- b        a ---- c ---- b is one hop longer
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mesh.sh"

mesh 'a-b a-c c-b'
lab_start a b c
check "a reaches b" wait_for 20 answers a b
pings a b -s 1000 -i 0.008 # 1 Mbit/s each way
# Who begins on the long way changes after 15 s, 5 s later if the machine stalls while the short one is tried.
check "a uses the short way" wait_for 40 share_above 80 a b c
check "b uses the short way" wait_for 40 share_above 80 b a c
lab_loss a b 20
lab_loss b a 20
begin=$(now_ms)
both_left() { share_below 20 a b c && share_below 20 b a c; }
# The aim is 5 s; the bound leaves room for a machine that others use.
check "both leave it within 15 seconds" wait_for 15 both_left
note "after $(($(now_ms) - begin)) ms, measured second by second"
sleep 2
check "both stay away" both_left
lab_lossless a b
lab_lossless b a
begin=$(now_ms)
both_back() { share_above 80 a b c && share_above 80 b a c; }
# Ten probes in a row to be trusted again, then 15 s at no higher cost: 25 s, and up to 31 on a machine that others use.
check "healed, it is taken again within 45 s" wait_for 45 both_back
note "after $(($(now_ms) - begin)) ms"
pings_end a b
finish
