#!/usr/bin/env bash
# The cable in the middle is cut for ten seconds: each side goes on undisturbed, and the ends meet again at once.
#
#     a ---- b --x-- c ---- d
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mesh.sh"

mesh 'a-b b-c c-d'
lab_start a b c d
check "a reaches d" wait_for 20 answers a d
pings a b
pings c d
since=$(now_ms)
lab_in b ip link set to-c down
sleep 10
check "a does not reach d" not answers a d
lab_in b ip link set to-c up
check "a reaches d within ten seconds" wait_for 10 answers a d
note "after $LAB_WAIT_MS ms"
check "100 pings, none lost" steady a d
check "a and b were not disturbed" quiet_for_at_most 500 a b "$since"
check "c and d were not disturbed" quiet_for_at_most 500 c d "$since"
finish
