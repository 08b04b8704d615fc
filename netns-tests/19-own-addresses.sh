#!/usr/bin/env bash
# A node of several addresses answers from the one that it was asked at, whatever its kernel would choose.
#
#     a ---- veth ---- b        b has a second address of IPv4 and one of IPv6 behind its cable; a dials the first,
#     c ---- veth ---- b        c the second
. "$(dirname "$0")/lib.sh"
FAR4=10.78.1.1 FAR6=fd77::1
LAB_FIREWALL=$'  inbound: deny\n  allow: [icmp, tcp/8080]'

lab_node a b c
lab_link a b
lab_link c b
ip -n "${LAB}b" address add "$FAR4/32" dev lo
ip -n "${LAB}b" address add "$FAR6/128" dev lo
ip -n "${LAB}a" route add "$FAR4" via "${UNDERLAY[ba]}"
ip -n "${LAB}b" address add fd78::1/64 dev to-c
ip -n "${LAB}c" address add fd78::2/64 dev to-b
ip -n "${LAB}c" route add "$FAR6" via fd78::1
for name in a c; do
  lab_accept b "$name" "secret-of-$name"
done
lab_dial a "$FAR4:$LAB_PORT" "${KEY[b]}" a secret-of-a b
lab_dial c "[$FAR6]:$LAB_PORT" "${KEY[b]}" c secret-of-c b
lab_start b
ready6() { # the same with IPv6 sockets, too
  lab_stop b
  sed -i "s|^listen:|&\n  - udp://[::]:$LAB_PORT|" "$LAB_DIR/b.yaml"
  lab_spawn b "$NODE" "$MAIN" up --config "$LAB_DIR/b.yaml" >>"$LAB_DIR/b.log" 2>&1 </dev/null
  PID[b]=$LAB_PID
}
ready6
lab_start a c
check "a, b and c have their addresses" lab_ready a b c

endpoint() { fc "$1" peers --json | json 'v.filter((e) => e.state === "established").map((e) => e.endpoint).join()'; }
is_at() { equal "$(endpoint "$1")" "$2"; }
pings() { lab_in "$1" ping -6 -c 3 -i 0.2 -W 2 "${ADDRESS[$2]}"; }
check "IPv4: a has its link at the address that it dialled" wait_for 10 is_at a "$FAR4:$LAB_PORT"
check "... and data goes both ways" pings a b
check "IPv6: c has its link at the address that it dialled" wait_for 10 is_at c "[$FAR6]:$LAB_PORT"
check "... and data goes both ways" pings c b
head -c 8M /dev/urandom >"$LAB_DIR/file"
check "a web server of b can be reached" serve b 8080 "$LAB_DIR/file"
fetch() { lab_in a curl -gsS --max-time 20 -o "$LAB_DIR/got" "http://[${ADDRESS[b]}]:8080/" && cmp "$LAB_DIR/file" "$LAB_DIR/got"; }
check "... in trains, too: a fetches 8 MB from b" fetch
check "a reaches c through b" wait_for 10 pings a c

ip -n "${LAB}a" address add "10.77.0.5/30" dev to-b
ip -n "${LAB}a" address add "10.77.0.6/29" dev to-b
ip -n "${LAB}a" address del "${UNDERLAY[ab]}/30" dev to-b
ip -n "${LAB}a" route replace "${UNDERLAY[ba]}" dev to-b
ip -n "${LAB}a" route replace "$FAR4" via "${UNDERLAY[ba]}"
ip -n "${LAB}b" route replace 10.77.0.0/29 dev to-a
check "a moves to another address: the link is where it was, as a sees it" wait_for 15 pings a b
check "... and b sees a at the new one" wait_for 5 matches "$(fc b peers)" '10\.77\.0\.[56]:'

ip -n "${LAB}b" address del "$FAR4/32" dev lo
sleep 4
ip -n "${LAB}b" address add "$FAR4/32" dev lo
check "the address was gone for a while: the link is back" wait_for 10 pings a b
check "c has noticed nothing" pings c b
finish
