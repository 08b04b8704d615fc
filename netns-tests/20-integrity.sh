#!/usr/bin/env bash
# What arrives is what was sent: writes of random sizes, both ways at once over a relay, 1 % of the packets dropped.
#
#     a ---- veth (1 % dropped each way) ---- b ---- veth ---- c
#
# By hand with more: `sudo INTEGRITY_MB=5000 ./netns-tests/20-integrity.sh` sends 10 GB, 5 each way; INTEGRITY_STREAMS at once.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mesh.sh"
LAB_FIREWALL=$'  inbound: deny\n  allow: [icmp, tcp/7000]'
export FCMESH_DEBUG=poison # a packet that is read too late shows
STREAMS=${INTEGRITY_STREAMS:-8}
MB=${INTEGRITY_MB:-200} # each way, over all streams

lab_node a b c
lab_link a b
lab_link b c
lab_peer a b
lab_peer b c
lab_start a b c
check "all have their address on the TUN device" lab_ready a b c
check "c answers a, over b" wait_for 40 answers a c
[ "$FAILED" = 0 ] || finish
lab_loss a b 1
lab_loss b a 1

exchange() {
  local server status=0
  lab_spawn c "$NODE" "$(dirname "$0")/random-writes.mjs" serve "${ADDRESS[c]}" 7000 "$STREAMS" "$((MB * 1000000 / STREAMS))" \
    >"$LAB_DIR/c-writes.log" 2>&1 </dev/null
  server=$LAB_PID
  wait_for 10 listens c 7000 || return 1
  lab_in a timeout $((50 + MB / 10)) "$NODE" "$(dirname "$0")/random-writes.mjs" dial "${ADDRESS[c]}" 7000 "$STREAMS" \
    "$((MB * 1000000 / STREAMS))" || status=$?
  [ "$status" != 0 ] || wait "$server" || status=$?
  cat "$LAB_DIR/c-writes.log"
  return "$status"
}
begin=$(now_ms)
check "$MB MB each way arrive, and their SHA-256 agrees" exchange
note "$((2 * MB * 8000 / ($(now_ms) - begin + 1))) Mbit/s, both ways together"
check "packets were lost on the way, one by one" one_by_one a b
check "the peers are still established" established b 2
finish
