#!/usr/bin/env bash
# Raw Ethernet: nodes on cables without any IP address are one mesh; what goes down, or is unplugged, comes back; with stock, too.
#
#     a ---- veth ---- b        no addresses, no IPv6; b listens at the end towards a, a dials its Ethernet address
#     c ---- veth ---- b        b does not listen there: c is not let in
#     a ---- veth ---- s        a stock node ($CJDROUTE): dialled, then dialling
. "$(dirname "$0")/lib.sh"
LAB_FIREWALL=$'  inbound: deny\n  allow: [icmp, tcp/8080, tcp/5201]'

bare() { # bare A B: the cable between them has no address of any kind
  local name device
  for name in "$1 to-$2" "$2 to-$1"; do
    read -r name device <<<"$name"
    lab_in "$name" sysctl -qw "net.ipv6.conf.$device.disable_ipv6=1"
    ip -n "$LAB$name" address flush dev "$device"
  done
}
mac() { ip -n "$LAB$1" -j link show dev "to-$2" | json 'v[0].address'; } # mac A B: of A's end of the cable to B
dial() {                                                                # dial A B PASSWORD
  PEERS[$1]+=$'\n'"  - endpoint: eth://$(mac "$2" "$1")@to-$2"$'\n'"    key: ${KEY[$2]}"$'\n'"    login: $1"
  PEERS[$1]+=$'\n'"    password: $3"$'\n'"    name: $2"
}
start() { # start NAME LISTEN: as lab_start, at this place only
  local file
  file=$(lab_config "$1")
  sed -i "/^listen:/,/^lan:/c listen: [$2]\nlan:" "$file"
  lab_spawn "$1" "$NODE" "$MAIN" up --config "$file" >>"$LAB_DIR/$1.log" 2>&1 </dev/null
  PID[$1]=$LAB_PID
}
up() { fc "$1" peers --json | json "v.filter((p) => p.state === \"established\" && p.name === \"$2\").length" | grep -qx 1; }
pings() { lab_in "$1" ping -6 -c 3 -i 0.1 -W 1 "${ADDRESS[$2]}"; }

lab_node a b c
lab_link a b
lab_link c b
bare a b
bare c b
secret=$(lab_secret)
lab_accept b a "$secret"
lab_accept b c "$secret"
dial a b "$secret"
dial c b "$secret"
start b eth://to-a
start a ''
start c ''
check "a, b and c have their addresses" lab_ready a b c
begin=$(now_ms)
check "no IP, no UDP: a and b are linked" wait_for 10 up a b
note "$(($(now_ms) - begin)) ms after the start"
check "... and data goes both ways" pings a b
check "b shows the link as one of Ethernet" equal "$(fc b peers --json | json 'v.map((p) => p.transport + " " + p.endpoint).join()')" \
  "eth eth://$(mac a b)@to-a"
check "b says where it listens" matches "$(fc b status --json | json v.listen)" 'eth://to-a'
check "c is not let in where b does not listen" not up c b
check "... which b counts" test "$(fc b status --json | json v.engineDetails.recvUnwelcome)" -gt 0
check "the daemon has no capability" equal "$(sed -n 's/^CapEff:\s*//p' "/proc/${PID[b]}/status")" 0000000000000000

head -c 16M /dev/urandom >"$LAB_DIR/file"
check "a web server of b can be reached" serve b 8080 "$LAB_DIR/file"
fetch() { lab_in a curl -gsS --max-time 30 -o "$LAB_DIR/got" "http://[${ADDRESS[b]}]:8080/" && cmp "$LAB_DIR/file" "$LAB_DIR/got"; }
check "a fetches 16 MB from b, whole" fetch
check "TCP from a to b" stream a b
note "$(cat "$LAB_DIR/mbit") Mbit/s"

ip -n "${LAB}a" link set to-b down
sleep 3
ip -n "${LAB}a" link set to-b up
check "the device was down for 3 s: the link is back" wait_for 5 pings a b
note "$LAB_WAIT_MS ms after it was up"

macs="$(mac a b) $(mac b a)"
ip -n "${LAB}a" link del to-b
sleep 1
ip link add to-b netns "${LAB}a" address "${macs% *}" type veth peer name to-a netns "${LAB}b" address "${macs#* }"
bare a b
ip -n "${LAB}a" link set to-b up
ip -n "${LAB}b" link set to-a up
check "the cable was taken away and is another one: the link is back" wait_for 5 pings a b
note "$LAB_WAIT_MS ms after it was up"

check "a peer can be taken out by its Ethernet address" fc a peer remove "eth://$(mac b a)@to-b"
check "... and is gone" not up a b

lab_stop a
lab_stop c
sed -i 's/^user: .*/user: root/' "$LAB_DIR/a.yaml"
refused() {
  local status=0
  lab_in a setpriv --bounding-set -net_raw --inh-caps -net_raw "$NODE" "$MAIN" up --config "$LAB_DIR/a.yaml" 2>&1 || status=$?
  equal "$status" 2
}
check "without CAP_NET_RAW it does not start" refused
check "... and says so" matches "$(refused)" 'raw Ethernet.*CAP_NET_RAW'

. "$(dirname "$0")/stock.sh"
LAB_FIREWALL='  inbound: allow'
lab_node s
lab_link a s
bare a s
PEERS[a]='' ACCEPTS[a]=''
talk() { # talk TITLE
  start a eth://to-s
  stock_start s
  check "$1: both have a TUN device" wait_for 20 both_tuns a s
  check "$1: the link is established" wait_for 20 established a
  check "$1: over Ethernet" equal "$(fc a peers --json | json 'v.map((p) => p.transport + " " + p.endpoint).join()')" "eth eth://$(mac s a)@to-s"
  check "$1: a reaches s" wait_for 20 answers a s
  check "$1: 100 pings from a to s, none lost" steady a s
  check "$1: TCP from a to s" stream a s
  note "$(cat "$LAB_DIR/mbit") Mbit/s"
  check "$1: TCP from s to a" stream s a
  note "$(cat "$LAB_DIR/mbit") Mbit/s"
  lab_stop a
  stock_stop s
}
stock_accept s a "$secret"
STOCK_ETHERNET[s]='"ETHInterface": [ { "bind": "to-a", "beacon": 0, "connectTo": {} } ],'
dial a s "$secret"
talk "we dial"

PEERS[a]='' STOCK_ACCEPTS[s]=''
lab_accept a s "$secret"
STOCK_ETHERNET[s]="\"ETHInterface\": [ { \"bind\": \"to-a\", \"beacon\": 0, \"connectTo\": { \"$(mac a s)\": {
  \"login\": \"s\", \"password\": \"$secret\", \"publicKey\": \"${KEY[a]}\" } } } ],"
talk "stock dials"
finish
