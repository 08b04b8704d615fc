#!/usr/bin/env bash
# An end behind a relay is killed and comes back: whoever pinged it reaches it again in a moment.
#
#     a ---- b ---- c
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mesh.sh"
LIMIT_SECONDS=10

mesh 'a-b b-c'
lab_start a b c
check "a reaches c" wait_for 20 answers a c
again() { # again NAME FROM SIGNAL
  pings "$2" "$1"
  lab_stop "$1" "$3"
  sleep "${4:-1}"
  lab_start "$1"
  check "$1, ended by SIG$3, is back: $2 reaches it within $LIMIT_SECONDS s of its start" wait_for "$LIMIT_SECONDS" answers "$2" "$1"
  note "after $LAB_WAIT_MS ms"
  pings_end "$2" "$1"
}
again c a KILL
again c a TERM
again a c KILL
again a c TERM 8
check "100 pings, none lost" steady a c
finish
