#!/usr/bin/env bash
# The ends of a line find each other by their addresses alone, over nodes that only know their neighbours.
#
#     a ---- b ---- c ---- d ---- e
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mesh.sh"

mesh 'a-b b-c c-d d-e'
lab_start a b c d e
begin=$(now_ms)
check "a reaches e" wait_for 20 answers a e
note "$(($(now_ms) - begin)) ms after the start of the daemons"
check "e reaches a" wait_for 5 answers e a
check "100 pings, none lost" steady a e
hops() { fc a trace "${ADDRESS[e]}" --json | json 'v.hops.map((hop) => hop.address).join(" ")'; }
check "trace names every hop in order" equal "$(hops)" "${ADDRESS[b]} ${ADDRESS[c]} ${ADDRESS[d]} ${ADDRESS[e]}"
check "find counts four hops" equal "$(fc a find "${ADDRESS[e]}" --json | json 'v.hops')" 4
check "c in the middle reaches both ends" wait_for 3 answers c a
finish
