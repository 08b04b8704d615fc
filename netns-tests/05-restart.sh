#!/usr/bin/env bash
# One end is killed without warning and started again: the pings go on within seconds, whoever of the two it was.
#
#     a ---- veth ---- b        a dials b; first b dies, then a
. "$(dirname "$0")/lib.sh"
LIMIT_SECONDS=6
LAB_FIREWALL=$'  inbound: deny\n  allow: [icmp, tcp/7000]'

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
# The firewall of b is new after its restart: a connection that b opened before, and on which a speaks next, must go on.
lab_spawn a "$NODE" "$ROOT/netns-tests/late-word.mjs" serve 7000 "$LAB_DIR/speak"
lab_spawn b "$NODE" "$ROOT/netns-tests/late-word.mjs" wait "${ADDRESS[a]}" 7000 >"$LAB_DIR/heard"
check "b has a connection to a" wait_for 5 grep -q hello "$LAB_DIR/heard"
again b a b
touch "$LAB_DIR/speak"
check "what a says next on it arrives" wait_for 10 grep -q late "$LAB_DIR/heard"
again a a b
again b b a
finish
