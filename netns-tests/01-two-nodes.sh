#!/usr/bin/env bash
# Two machines talk over the mesh, and a daemon that is told to stop leaves nothing behind.
#
#     a ---- veth ---- b        a dials b
. "$(dirname "$0")/lib.sh"

LAB_FIREWALL=$'  inbound: deny\n  allow: [icmp, tcp/5201]'

pair a b
check "a answers its own ping" fc a ping "${ADDRESS[a]}" -c 1
check "the log names the peer that came up by its key" grep -q "\"key\":\"${KEY[b]}\".*\"event\":\"peer.up\"" "$LAB_DIR/a.log"
check "100 pings 10 ms apart from a to b, none lost" steady a b
check "and from b to a" steady b a
check "TCP from a to b" stream a b
note "$(cat "$LAB_DIR/mbit") Mbit/s"
check "TCP from b to a" stream b a
note "$(cat "$LAB_DIR/mbit") Mbit/s"

kept_out() { fc b status | grep -q "${ADDRESS[a]}.*: tcp/23, .*if it is welcome: tcp/23 under firewall.allow"; }
lab_in a timeout 1 bash -c "exec 3<>'/dev/tcp/${ADDRESS[b]}/23'" 2>/dev/null || true
check "what the firewall of b kept out is in its status, with what lets it in" wait_for 3 kept_out
check "and in its log" grep -q '"rule":"tcp/23".*"event":"firewall.refused"\|"event":"firewall.refused".*"rule":"tcp/23"' "$LAB_DIR/b.log"

lab_stop a TERM
check "SIGTERM ends the daemon with exit code 0" equal "$LAB_STATUS" 0
check "within 2 s" at_most "$LAB_STOP_MS" 2000
check "its TUN device is gone" not lab_in a ip link show dev fc0
check "its address is gone" equal "$(lab_in a ip -6 -o address show scope global)" ""
check "its routes are gone" equal "$(lab_in a ip -6 route show | grep -i '^fc' || true)" ""
lab_stop b INT
check "SIGINT does the same" equal "$LAB_STATUS $(lab_in b ip -o link show dev fc0 2>/dev/null)" "0 "
finish
