#!/usr/bin/env bash
# A kernel without the offloads, one after the other, and a relay without the native addon: TCP gets through all the same.
#
#     a ---- veth ---- b        and        a ---- veth ---- relay (no TUN, portable engine) ---- veth ---- c
. "$(dirname "$0")/lib.sh"
LAB_FIREWALL=$'  inbound: deny\n  allow: [icmp, tcp/5201]'

lab_node a b c relay
lab_link a b
lab_link a relay
lab_link relay c
lab_peer a relay
lab_peer c relay
lab_peer b a

# begin WITHOUT NODE...: daemons that leave these offloads out
begin() {
  export FCMESH_DEBUG=$1
  shift
  lab_start "$@"
}
# passes FROM TO: a stream of a second, rated as it comes; prints Mbit/s
passes() { wait_for 20 answers "$1" "$2" && stream "$1" "$2" 1; }
counter() { fc "$1" status --json | json "v.engineDetails.$2"; }
leaves_out() { # leaves_out NODE OFFLOAD...: they are off in its status
  local node=$1 offload
  shift
  for offload in "$@"; do equal "$(counter "$node" "$offload")" 0 || return 1; done
}

for without in tunOffload tunUdpOffload,udpSend udpReceive tunOffload,tunUdpOffload,udpSend,udpReceive; do
  begin "$without" a b
  check "without $without: b has its TUN device" lab_ready a b
  check "without $without: a stream gets from a to b" passes a b
  note "$(cat "$LAB_DIR/mbit") Mbit/s"
  check "without $without: status says so" leaves_out a ${without//,/ }
  lab_stop a
  lab_stop b
done

start_relay() {
  local file
  file=$(lab_config relay)
  sed -i 's/^  enabled: true/  enabled: false/' "$file"
  FCMESH_DEBUG=portable lab_spawn relay "$NODE" "$MAIN" up --config "$file" >>"$LAB_DIR/relay.log" 2>&1 </dev/null
  PID[relay]=$LAB_PID
}
unset FCMESH_DEBUG
start_relay
lab_start a c
check "a and c have their TUN devices" lab_ready a c
check "a stream gets from a to c over the relay" passes a c
note "$(cat "$LAB_DIR/mbit") Mbit/s"
check "the relay's engine is the portable one" equal "$(fc relay status --json | json v.engine)" portable
finish
