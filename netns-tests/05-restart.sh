#!/usr/bin/env bash
# One end is killed without warning and started again: the pings go on within seconds, whoever of the two it was.
#
#     a ---- veth ---- b        a dials b; first b dies, then a
. "$(dirname "$0")/lib.sh"
LIMIT_SECONDS=6

again() { # again NAME FROM TO
  lab_stop "$1" KILL
  check "$1 was killed; it leaves no TUN device" not lab_in "$1" ip link show dev fc0
  sleep 1
  lab_start "$1"
  check "$1 is back: $2 reaches $3 within $LIMIT_SECONDS s of the start" wait_for "$LIMIT_SECONDS" answers "$2" "$3"
  note "after $LAB_WAIT_MS ms"
  check "and the pings are steady again" steady "$2" "$3" 50
}

pair a b
check "a reaches b" wait_for 5 answers a b
again b a b
again a a b
again b b a
finish
