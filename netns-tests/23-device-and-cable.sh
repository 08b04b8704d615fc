#!/usr/bin/env bash
# The mesh stays on its own device: nobody on the cable reaches the mesh address or forges one. And the device is looked
# after: down and up, without its address, removed, whatever is wrong is said with the command that mends it.
#
#     a ---- veth ---- b ---- veth ---- neighbour       the neighbour has no password and no daemon
. "$(dirname "$0")/lib.sh"
LAB_FIREWALL=$'  inbound: deny\n  allow: [icmp]'

tables() { lab_in b nft -j list tables | json 'v.nftables.filter((e) => e.table?.name === "fcmesh-fc0").length'; }
refused() { lab_in b nft list table ip6 fcmesh-fc0 >/dev/null; }
problem() { fc b status --json | json 'v.tun.problem ?? "none"'; }
says() { problem | grep -q "$1"; } # says PATTERN
doctor_says() { (fc b doctor --json || true) | json 'v.filter((e) => e.check === "device").map((e) => `${e.state} ${e.remedy}`)[0]' | grep -q "$1"; }
logged() { grep -q "\"event\":\"$1\"" "$LAB_DIR/b.log"; }

pair a b
check "b answers" wait_for 5 answers a b

lab_namespace neighbour
lab_link b neighbour
lab_in b ip -6 addr add fd77::2/64 dev to-neighbour nodad
lab_in neighbour ip -6 addr add fd77::3/64 dev to-b nodad
lab_in neighbour ip -6 route add fc00::/8 via fd77::2
lab_spawn b "$NODE" -e 'require("net").createServer((s) => s.end("open\n")).listen(8080, "::");
  require("dgram").createSocket("udp6").on("message", (m, from) => console.log(String(m), from.address)).bind(9090)' >"$LAB_DIR/heard" 2>&1
reach() { lab_in neighbour "$NODE" -e 'const s = require("net").connect(8080, process.argv[1]); s.on("data", () => process.exit(0));
  s.on("error", () => process.exit(1)); setTimeout(() => process.exit(1), 1500)' "$1"; }
forge() { # forge ADDRESS WORD: a packet with the address of a as its source
  lab_in neighbour ip -6 addr add "${ADDRESS[a]}/128" dev lo nodad
  lab_in neighbour "$NODE" -e 'const s = require("dgram").createSocket("udp6");
    s.bind(0, process.argv[1], () => s.send(process.argv[3], 9090, process.argv[2], () => s.close()))' "${ADDRESS[a]}" "$1" "$2"
  lab_in neighbour ip -6 addr del "${ADDRESS[a]}/128" dev lo
}
check "the neighbour reaches a service of b by b's own address on the cable" wait_for 5 reach fd77::2
if [ "$(fc b status --json | json v.tun.guarded)" = true ]; then
  check "and not by the mesh address, which the firewall guards" not reach "${ADDRESS[b]}"
  forge fd77::2 forged-to-cable
  forge "${ADDRESS[b]}" forged-to-mesh
  sleep 0.5
  check "nothing that he sends in the name of a arrives" not grep -q forged "$LAB_DIR/heard"
  check "b still answers a" steady a b
  check "doctor is content" equal "$(fc b doctor --json | json 'v.filter((e) => e.check === "guard")[0].state')" good
  lab_stop b KILL
  check "killed, the daemon leaves no table behind" equal "$(tables)" 0
  check "and the neighbour could reach the machine by any address that it has" reach fd77::2
  lab_start b
  lab_ready b
  check "started again, it has its table" wait_for 5 refused
  check "b answers again" wait_for 6 answers a b
else
  skip "this kernel has no nftables: the mesh address is not guarded, and status says so"
fi

ip -n "${LAB}b" link set fc0 down
check "the device is down: status says so" wait_for 5 says 'is down'
check "doctor, too, with the command" doctor_says 'bad sudo ip link set fc0 up'
ip -n "${LAB}b" link set fc0 up
check "up again, it has its address and b answers" wait_for 5 answers a b
check "status is content" wait_for 5 says none
check "the log tells both" logged tun.back

ip -n "${LAB}b" addr del "${ADDRESS[b]}/8" dev fc0
check "without its address: status says so" wait_for 5 says 'lost its address'
remedy=$(problem | sed 's/.*: sudo //')
# shellcheck disable=SC2086 # the words of a command
check "what it says mends it: $remedy" lab_in b $remedy
check "b answers" wait_for 5 answers a b
check "status is content" wait_for 5 says none

ip -n "${LAB}b" link del fc0
ended() { ! kill -0 "${PID[b]}" 2>/dev/null; }
check "the device is removed: the daemon ends, for a service manager to start it again" wait_for 6 ended
status=0
wait "${PID[b]}" || status=$?
check "with exit code 1" equal "$status" 1
check "and its log says why" grep -q 'removed the network device fc0' "$LAB_DIR/b.log"
unset "PID[b]"
lab_start b
lab_ready b
check "started again, b answers" wait_for 6 answers a b
lab_stop b
check "ended, it leaves no table behind" equal "$(tables)" 0

# Where the table cannot be had, the neighbour gets in: what was seen above is its doing. The operator is told.
FCMESH_DEBUG=noGuard lab_start b
lab_ready b
check "without a table the neighbour reaches the service by the mesh address" wait_for 5 reach "${ADDRESS[b]}"
forge "${ADDRESS[b]}" forged-unguarded
check "and is heard in the name of a" wait_for 3 grep -q forged-unguarded "$LAB_DIR/heard"
fc b status >"$LAB_DIR/status.txt"
check "status says so" grep -q 'past the firewall' "$LAB_DIR/status.txt"
check "and doctor" equal "$(fc b doctor --json | json 'v.filter((e) => e.check === "guard")[0].state')" warning
finish
