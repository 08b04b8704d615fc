#!/usr/bin/env bash
# Nodes that know nothing of each other and are plugged into one switch find each other: with addresses of IPv4, and without any.
#
#     a --+
#     b --+
#     c --+-- switch        e comes later; container: a bridge inside a, which nobody named
#     d --+
#     e --+
. "$(dirname "$0")/lib.sh"
LAB_LAN=$'  devices: [auto, eth0]'

all_pairs() { # all_pairs NAME...: each has a link to each of the others
  local name
  for name in "$@"; do established "$name" $(($# - 1)) || return 1; done
}
# settled NAME...: ms from the last start among these nodes to the last link that came up, as their logs have it; asking them by
# commands would take longer than that.
settled() {
  local name
  for name in "$@"; do cat "$LAB_DIR/$name.log"; done | "$NODE" -e 'const last = (lines, event) => Math.max(...lines
    .filter((line) => line.includes(`"event":"${event}"`)).map((line) => Date.parse(JSON.parse(line).time)));
    const lines = require("fs").readFileSync(0, "utf8").split("\n").filter((line) => line.startsWith("{"));
    console.log(last(lines, "peer.up") - last(lines, "daemon.up"))'
}
lan_of() { fc "$1" peers --json | json 'v.map((p) => p.direction + " " + p.state).join(",")'; }

lab_node a b c d e
lab_switch switch a b c d
number=1
for name in a b c d; do
  lab_in "$name" ip address add "10.78.0.$number/24" broadcast + dev eth0
  number=$((number + 1))
done
# What containers have: a bridge of virtual devices in a.
lab_in a ip link add docker0 type bridge
lab_in a ip address add 172.17.0.1/16 dev docker0
lab_in a ip link add veth0 type veth peer name veth1
lab_in a ip link set veth1 master docker0
lab_in a ip link set veth0 up
lab_in a ip link set veth1 up
lab_in a ip link set docker0 up
lab_in a nft 'table netdev t { chain c { type filter hook egress device "docker0" priority 0; udp dport 64512 counter drop; }; }'

lab_start a b c d
check "all have their address" lab_ready a b c d
check "all pairs of four are connected" wait_for 10 all_pairs a b c d
note "$(settled a b c d) ms after the last start"
met() { [ "$(lan_of a)" = "lan established,lan established,lan established" ]; }
check "they say that they met in the local network, by one link each" wait_for 10 met
check "a pings d" wait_for 5 answers a d

lab_switch switch e
lab_in e ip address add 10.78.0.9/24 broadcast + dev eth0
lab_start e
check "e has its address" lab_ready e
check "a node that comes later is connected with all" wait_for 10 all_pairs a b c d e
note "$(settled a b c d e) ms after its start"

lab_stop b KILL
lab_start b
check "b starts again" lab_ready b
check "and is back" wait_for 10 all_pairs a b c d e
note "$(settled b) ms after its start"

check "a names the devices that it leaves out, and why" matches \
  "$(fc a status --json | json 'v.network.devices.map((d) => `${d.name}: ${d.reason}`).join("\n")')" 'docker0: a virtual device'

# Two more without an address that anybody gave them: IPv6 makes one by itself.
lab_node f g
lab_switch bare f g
lab_start f g
check "two without addresses are ready" lab_ready f g
check "and connected" wait_for 10 all_pairs f g
note "$(settled f g) ms after the last start"
check "f pings g" wait_for 5 answers f g

# And two more on a switch without IP of either version.
lab_node h i
lab_switch cable h i
for name in h i; do
  lab_in "$name" sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1
  lab_in "$name" ip address flush dev eth0
done
lab_start h i
check "two without IP are ready" lab_ready h i
check "and connected, by raw Ethernet" wait_for 10 all_pairs h i
note "$(settled h i) ms after the last start"
check "h shows the device and the address of i" matches "$(fc h peers --json | json v[0].endpoint)" '^eth://([0-9a-f]{2}:){5}[0-9a-f]{2}@eth0$'
check "h pings i" wait_for 5 answers h i
check "no beacon left by the bridge for containers" equal "$(lab_in a nft list ruleset | sed -n 's/.*counter packets \([0-9]*\) .*/\1/p')" 0
finish
