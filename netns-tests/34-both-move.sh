#!/usr/bin/env bash
# Two neighbours get other addresses at the same moment, in the middle of a transfer, so that neither knows where the other is.
#
#     a ---- switch ---- b        nothing is configured about each other
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mesh.sh"
LAB_LAN=$'  devices: [eth0]'
LAB_FIREWALL=$'  inbound: deny\n  allow: [icmp, tcp/8080]'
MOST_MS=4000 # the aim is a second, and the figure is printed

lab_node a b
lab_switch switch a b
lab_in a ip address add 10.78.0.1/24 broadcast + dev eth0
lab_in b ip address add 10.78.0.2/24 broadcast + dev eth0
lab_start a b
check "both are ready" lab_ready a b
check "they have found each other" wait_for 10 both_established a b
head -c 60M /dev/urandom >"$LAB_DIR/file"
check "a web server of b can be reached" serve b 8080 "$LAB_DIR/file"
pings a b
lab_spawn a curl -gsS --limit-rate 8M --max-time 60 -o "$LAB_DIR/got" "http://[${ADDRESS[b]}]:8080/" >"$LAB_DIR/curl.log" 2>&1
fetch=$LAB_PID

both_move() { # both_move SUBNET
  local since
  since=$(now_ms)
  lab_in a ip address flush dev eth0 scope global
  lab_in b ip address flush dev eth0 scope global
  lab_in a ip address add "$1.1/24" broadcast + dev eth0
  lab_in b ip address add "$1.2/24" broadcast + dev eth0
  sleep 3
  check "both at $1: echoes are missing for $MOST_MS ms at most" quiet_for_at_most "$MOST_MS" a b "$since"
  note "$(cat "$LAB_DIR/silence") ms without an echo"
}

sleep 1
both_move 10.79.1
both_move 10.79.2
wait "$fetch" || true
check "the file arrives unchanged" cmp "$LAB_DIR/file" "$LAB_DIR/got"
pings_end a b
one_link() { [ "$(fc a peers --json | json v.length)" = 1 ]; }
check "the links by the old addresses are gone" wait_for 10 one_link
finish
