#!/usr/bin/env bash
# Addresses change under a link: it moves along without a new handshake, transfers go on; a cable out, a stopped process.
#
#     a ---- r ---- b        r routes between the networks; a dials b
#     s ---- r ---- c        s is a stock node that dials b, and c of ours dials s
#
# Longer: FCMESH_DOWN_SECONDS=30 and FCMESH_STOP_SECONDS=60 in the environment.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mesh.sh"
LAB_FIREWALL=$'  inbound: deny\n  allow: [icmp, tcp/8080]'
FILE_MB=8 RATE=4M # two seconds for a transfer
DOWN_SECONDS=${FCMESH_DOWN_SECONDS:-3}
STOP_SECONDS=${FCMESH_STOP_SECONDS:-5}
MOST_MS=3000 # aimed at: 1000

lab_node a b c s
lab_namespace r
lab_in r sysctl -qw net.ipv4.ip_forward=1
for name in a b c s; do lab_link "$name" r; done
UNDERLAY[ab]=${UNDERLAY[ar]}
UNDERLAY[ba]=${UNDERLAY[br]}
# move NAME OLD NET: NAME has the address NET.1 from now on instead of OLD, in another network of r
move() {
  ip -n "${LAB}r" address add "$3.2/30" dev "to-$1"
  ip -n "${LAB}$1" address add "$3.1/30" dev to-r
  ip -n "${LAB}$1" address del "$2/30" dev to-r
  gateway "$1" "$3.2"
}
gateway() { ip -n "${LAB}$1" route replace default via "$2"; }
for name in a b c s; do gateway "$name" "${UNDERLAY[r$name]}"; done
lab_peer a b
secret=$(lab_secret)
lab_accept b s "$secret"
lab_start a b
check "both have their address on the TUN device" lab_ready a b
check "the peers are established" wait_for 20 both_established a b
[ "$FAILED" = 0 ] || finish

endpoint() { fc "$1" peers --json | json 'v.map((p) => p.endpoint.replace(/:\d+$/, "")).join()'; }
is_at() { equal "$(endpoint "$1")" "$2"; }
age() { fc "$1" peers --json | json 'Math.floor(v[0].ageSeconds)'; }
ups() { grep -c 'peer\.up' "$LAB_DIR/$1.log"; }
moves() { grep -c 'peer\.moved' "$LAB_DIR/$1.log"; }
head -c "${FILE_MB}M" /dev/urandom >"$LAB_DIR/file"
sum=$(sha256sum <"$LAB_DIR/file")
fetch_begin() { # fetch_begin FROM BY
  lab_spawn "$2" curl -gsS --limit-rate "$RATE" --max-time 40 -o "$LAB_DIR/got" "http://[${ADDRESS[$1]}]:8080/" \
    >"$LAB_DIR/curl.log" 2>&1 </dev/null
  FETCH=$LAB_PID
}
fetched() { wait "$FETCH" && equal "$(sha256sum <"$LAB_DIR/got")" "$sum"; }
check "web servers of a and b can be reached" serve a 8080 "$LAB_DIR/file"
check "... both" serve b 8080 "$LAB_DIR/file"
begun=$(age b)

# moved_under TEXT FROM BY WHO OLD NET: WHO moves while BY fetches from FROM
moved_under() {
  local other=$([ "$4" = a ] && printf b || printf a) since
  pings "$3" "$2"
  fetch_begin "$2" "$3"
  sleep 1
  since=$(now_ms)
  move "$4" "$5" "$6"
  check "$1: the file arrives unchanged" fetched
  check "... echoes are missing for $MOST_MS ms at most" quiet_for_at_most "$MOST_MS" "$3" "$2" "$since"
  note "$(cat "$LAB_DIR/silence") ms without an echo"
  pings_end "$3" "$2"
  check "... $other sees $4 at the new address" wait_for 3 is_at "$other" "$6.1"
}
moved_under "a moves and fetches" b a a "${UNDERLAY[ar]}" 10.79.1
moved_under "a moves and is fetched from" a b a 10.79.1.1 10.79.2
moved_under "b, which is dialled, moves" b a b "${UNDERLAY[br]}" 10.79.3
note "the link of b was $begun s old when it began, and is $(age b) s old"
check "the link of b moved twice with a, that of a once with b" equal "$(moves b) $(moves a)" "2 1"
check "the link of b is the one that it was, and came up once" equal "$(ups b)" 1
check "... and so is that of a" equal "$(ups a)" 1

# The cable: what lies between is not the daemon's doing, so the time counts from the carrier on.
pings a b
sleep 1
ip -n "${LAB}a" link set to-r down
sleep "$DOWN_SECONDS"
ip -n "${LAB}a" link set to-r up
gateway a 10.79.2.2
since=$(now_ms)
echoed() { [ "$(silence a b "$since")" -lt "$(($(now_ms) - since))" ]; }
check "the cable was out for $DOWN_SECONDS s: echoes are back within $MOST_MS ms" wait_for 3 echoed
note "back after $LAB_WAIT_MS ms"
pings_end a b

pings b a
sleep 1
kill -STOP "${PID[a]}"
sleep "$STOP_SECONDS"
since=$(now_ms)
kill -CONT "${PID[a]}"
echoed() { [ "$(silence b a "$since")" -lt "$(($(now_ms) - since))" ]; }
check "a was stopped for $STOP_SECONDS s: echoes are back within $MOST_MS ms" wait_for 3 echoed
note "back after $LAB_WAIT_MS ms"
pings_end b a
check "... and it says so" wait_for 3 grep -q network.woke "$LAB_DIR/a.log"
check "both are established in the end" wait_for 5 both_established a b

. "$(dirname "$0")/stock.sh"
# A stock node moves: we follow it as one of ours. It follows nobody: who dialled it says hello again.
stock_dial s "10.79.3.1:$LAB_PORT" "${KEY[b]}" s "$secret"
stock_accept s c "$secret"
lab_dial c "${UNDERLAY[sr]}:$LAB_PORT" "${KEY[s]}" c "$secret" stock
stock_start s
lab_start c
check "stock: its links to b and from c are established" wait_for 20 established b 2
check "... both" wait_for 20 established c
check "... echoes pass" wait_for 20 answers c s
check "... both" wait_for 20 answers b s
sees_s_at() { fc b peers --json | json 'v.some((p) => p.endpoint.startsWith("'"$1"':") && p.state === "established") || process.exit(1)'; }
pings b s
sleep 1
since=$(now_ms)
move s "${UNDERLAY[sr]}" 10.79.4
sleep 3
check "a stock node moves: echoes are missing for $MOST_MS ms at most" quiet_for_at_most "$MOST_MS" b s "$since"
note "$(cat "$LAB_DIR/silence") ms without an echo"
pings_end b s
check "... b sees it at the new address" sees_s_at 10.79.4.1
ip -n "${LAB}s" address add "${UNDERLAY[sr]}/30" dev to-r # c dialled it there
gateway s "${UNDERLAY[rs]}"
check "c has its link to the stock node back" wait_for 15 answers c s
pings c s
sleep 1
since=$(now_ms)
move c "${UNDERLAY[cr]}" 10.79.5
sleep 3
check "c, which dialled a stock node, moves: echoes are missing for $MOST_MS ms at most" quiet_for_at_most "$MOST_MS" c s "$since"
note "$(cat "$LAB_DIR/silence") ms without an echo"
pings_end c s
finish
