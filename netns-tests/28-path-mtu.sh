#!/usr/bin/env bash
# A link that carries less and less, with ICMP and without: streams go on within three seconds, and nothing is lost for good.
#
#     a ---- c ---- r ---- s ---- b        r and s are routers, whose cable carries 1500, 1380, 1280 bytes;
#     x ------------+      +------ y       c - b is a link over IPv6, x - y one over IPv4
. "$(dirname "$0")/lib.sh"
# The aim is 3 s on a machine of one's own, and the figure is printed; the bound leaves room for a machine that others use.
LIMIT_MS=6000
# Kernels forget what they know of a path after ten minutes; here after this time, so that one can see it.
FORGETS_S=8
LAB_FIREWALL=$'  inbound: deny\n  allow: [icmp, tcp/8080]'

lab_node a c b x y
lab_namespace r
lab_namespace s
lab_link a c
lab_peer a c
cable() { # cable A B NUMBER: 10.78.NUMBER.1 and fd78:NUMBER::1 at A, 2 at B; trains are cut up as by a network card
  local at
  ip link add "to-$2" netns "$LAB$1" type veth peer name "to-$1" netns "$LAB$2"
  for at in "$1 $2 1" "$2 $1 2"; do
    read -r at to number <<<"$at"
    ip -n "$LAB$at" address add "10.78.$3.$number/24" dev "to-$to"
    ip -n "$LAB$at" address add "fd78:$3::$number/64" dev "to-$to" nodad
    ip -n "$LAB$at" link set "to-$to" up gso_max_segs 1
  done
}
cable c r 1
cable x r 2
cable r s 3
cable s b 4
cable s y 5
for router in r s; do lab_in "$router" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1; done
# Whole sizes only: what a device joined on the way in would be cut up on the way out as it had come, and pass.
for at in 'c r 1 2' 'x r 2 2' 'b s 4 1' 'y s 5 1'; do
  read -r name router number end <<<"$at"
  ip -n "$LAB$name" route add 10.78.0.0/16 via "10.78.$number.$end"
  ip -n "$LAB$name" -6 route add fd78::/16 via "fd78:$number::$end"
  lab_in "$name" sysctl -qw "net.ipv6.route.mtu_expires=$FORGETS_S" "net.ipv4.route.mtu_expires=$FORGETS_S"
done
for number in 4 5; do
  ip -n "${LAB}r" route add "10.78.$number.0/24" via 10.78.3.2
  ip -n "${LAB}r" -6 route add "fd78:$number::/64" via fd78:3::2
done
for number in 1 2; do
  ip -n "${LAB}s" route add "10.78.$number.0/24" via 10.78.3.1
  ip -n "${LAB}s" -6 route add "fd78:$number::/64" via fd78:3::1
done
lab_accept b c "$(lab_secret)"
lab_accept y x "$(lab_secret)"
secret_of() { sed -n 's/.*password: //p' <<<"${ACCEPTS[$1]}" | tail -1; }
lab_dial c "[fd78:4::2]:$LAB_PORT" "${KEY[b]}" c "$(secret_of b)" b
lab_dial x "10.78.5.2:$LAB_PORT" "${KEY[y]}" x "$(secret_of y)" y
for name in a c b x y; do
  sed -i "s|^listen:|&\n  - udp://[::]:$LAB_PORT|" "$(lab_config "$name")"
  lab_spawn "$name" "$NODE" "$MAIN" up --config "$LAB_DIR/$name.yaml" >>"$LAB_DIR/$name.log" 2>&1 </dev/null
  PID[$name]=$LAB_PID
done
check "all have their addresses" lab_ready a c b x y
check "over IPv6 through a relay: a reaches b" wait_for 20 answers a b
check "over IPv4: x reaches y" wait_for 20 answers x y

width() { ip -n "${LAB}r" link set to-s mtu "$1" && ip -n "${LAB}s" link set to-r mtu "$1"; }
filter() { # what would tell the senders is lost
  for router in r s; do
    lab_in "$router" nft 'table inet silence { chain c { type filter hook output priority 0;
      icmp type destination-unreachable drop; icmpv6 type packet-too-big drop; }; }'
  done
}
unfilter() { for router in r s; do lab_in "$router" nft delete table inet silence; done; }

stream() { # stream FROM TO SECONDS
  lab_spawn "$1" "$NODE" "$ROOT/netns-tests/paced-stream.mjs" serve "${ADDRESS[$1]}" 8080 "$3" >"$LAB_DIR/sent-$1" 2>&1 </dev/null
  wait_for 10 listens "$1" 8080 || return 1
  lab_spawn "$2" "$NODE" "$ROOT/netns-tests/paced-stream.mjs" fetch "${ADDRESS[$1]}" 8080 "$LAB_DIR/gaps-$1" >"$LAB_DIR/got-$1" 2>&1 </dev/null
  STREAMS[$1]=$LAB_PID
}
stall() { awk -v since="$2" '$1 >= since && $2 > most { most = $2 } END { print most + 0 }' "$LAB_DIR/gaps-$1"; }
flowed() { # flowed FROM SINCE: the stream did not stand still for long, and does not now
  touch "$LAB_DIR/gaps-$1"
  at_most "$(stall "$1" "$2")" "$LIMIT_MS"
}
same() { [ -s "$LAB_DIR/sent-$1" ] && cmp "$LAB_DIR/sent-$1" "$LAB_DIR/got-$1"; }
echoes() { lab_in "$1" ping -6 -c 5 -i 0.1 -W 2 -s 1200 "${ADDRESS[$2]}"; }
pieces() { lab_in "$1" nstat -az "$2" | awk -v name="$2" '$1 == name { print $2 }'; } # fragments that NODE made
fits() { # fits SECONDS: the streams go whole, nobody cuts them up
  local before4 before6
  before4=$(pieces r IpFragCreates) before6=$(pieces b Ip6FragCreates)
  sleep 1
  equal "$(($(pieces r IpFragCreates) - before4)) $(($(pieces b Ip6FragCreates) - before6))" '0 0'
}

declare -A STREAMS=()
check "a stream from b to a" stream b a 44
check "a stream from y to x" stream y x 44
[ "$FAILED" = 0 ] || finish # the rest would only wait for what cannot come
sleep 2
change() { # change MTU WHAT SECONDS
  local since
  since=$(now_ms)
  width "$1"
  sleep "$3"
  check "$1 bytes, $2: the stream over IPv6 goes on" flowed b "$since"
  check "... and the one over IPv4" flowed y "$since"
  note "stood still: $(stall b "$since") ms over IPv6, $(stall y "$since") ms over IPv4"
}
check_echoes() {
  check "... packets of 1248 bytes are answered through the relay" echoes a b
  check "... and over IPv4" echoes x y
}
change 1380 'ICMP passes' 1
change 1280 'ICMP passes' 3
check_echoes
change 1500 'wide again' 0.5
check "after $FORGETS_S s nothing is cut up any more" wait_for 12 fits
filter
change 1380 'ICMP filtered' 1
change 1280 'ICMP filtered' 4
check_echoes
note "c: $(fc c peers --json | json 'v.map((p) => `${p.name}: ${p.mtu} bytes${p.fragmenting ? ", in fragments" : ""}`).join("; ")')"
change 1500 'wide again' 0.5
check "after $FORGETS_S s nothing is cut up any more" wait_for 12 fits
lab_in r nft 'table inet swallow { chain c { type filter hook forward priority 0; meta length > 1280 drop; }; }'
change 1500 'but a box on the way swallows what is longer than 1280' 4
check_echoes
note "x: $(fc x peers --json | json 'v.map((p) => `${p.name}: ${p.mtu} bytes${p.fragmenting ? ", in fragments" : ""}`).join("; ")')"
for from in b y; do wait "${STREAMS[$from]}" || true; done
check "what came from b is what it sent" same b
check "what came from y is what it sent" same y
finish
