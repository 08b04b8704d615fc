#!/usr/bin/env bash
# Links that do not come up, each for a reason of its own: `fcmesh doctor` at both ends names it and says what to do.
#
#     a ---- veth ---- b        a dials b, c and d with all that can be wrong (credentials: scenario 03)
#     a ---- veth ---- c        c drops what comes in
#     a ---- veth ---- d        d ends
#     twin ---- veth ---- b     twin has the key of a
. "$(dirname "$0")/lib.sh"

# What doctor says of CHECK on NAME, a line each: state, finding, remedy.
doctor() { # doctor NAME CHECK
  (lab_in "$1" "$NODE" "$MAIN" doctor --config "$LAB_DIR/$1.yaml" --json || true) |
    json "v.filter((e) => e.check === '$2').map((e) => [e.state, e.finding, e.remedy].join(' | ')).join('\n')"
}
names() { # names TEXT PATTERN: one line of it
  grep -qE -- "$2" <<<"$1" || { printf 'text:\n%s\npattern: %s\n' "$1" "$2" && return 1; }
}

lab_node a b c d twin
lab_link a b
lab_link a c
lab_link a d
lab_link twin b
PRIVATE[twin]=${PRIVATE[a]} KEY[twin]=${KEY[a]} ADDRESS[twin]=${ADDRESS[a]}
lab_peer a b
lab_dial a "${UNDERLAY[ba]}:21999" "${KEY[c]}" a x wrong-port
lab_dial a "nobody.invalid:21000" "${KEY[c]}" a x no-name
ip -n "${LAB}a" address add 10.78.0.1/24 dev to-b
lab_dial a "10.78.0.9:21000" "${KEY[c]}" a x no-way
lab_peer a c
lab_peer a d
lab_accept b twin secret-of-twin
lab_dial twin "${UNDERLAY[btwin]}:$LAB_PORT" "${KEY[b]}" twin secret-of-twin b
lab_in c nft "table inet wall { chain in { type filter hook input priority 0; udp dport $LAB_PORT drop; }; }"
lab_start a b c d
check "a, b, c and d have their addresses" lab_ready a b c d
check "a and b, a and d have a link" wait_for 10 established a 2

lab_stop d KILL
sleep 6
told=$(doctor a peer)
check "a wrong port: nothing listens there" names "$told" '^bad .*wrong-port at .*nothing listens there .*The port is wrong'
check "a name that does not resolve" names "$told" '^bad .*no-name at nobody\.invalid:21000: the name nobody.invalid cannot be resolved .*getent'
check "an address that no machine has" names "$told" '^bad .*no-way at 10\.78\.0\.9:21000: no answer .*no machine answers there .*The address is wrong'
check "a firewall: nothing is heard, and the other end knows more" names "$told" '^bad .*c at .*: no answer for .*a firewall \| Run fcmesh doctor there, too'
check "... which is so: doctor of c names the table" names "$(doctor c firewall)" '^warning \| nftables \(table inet wall, chain in\) may stop packets \| .*let in: UDP 21000'
# Said by that machine when the next ping comes to it, which on a busy one takes a while.
gone() { names "$(doctor a peer)" '^bad .*d at .*: silent for .*nothing listens there .*the daemon there does not run'; }
check "the other end is gone: nothing listens there any more" wait_for 10 gone
check "the link that is up is not among them" not names "$told" "^bad .* b at "

lab_start twin
check "the twin has its address" lab_ready twin
twice() { names "$(doctor twin peer)" '^bad .*b at .*: it talks to another machine that has our key, at .*Two machines have one key'; }
check "one key on two machines: doctor of the second says so" wait_for 15 twice
check "doctor of the neighbour, too" names "$(doctor b 'turned away')" '^warning .*key in use at another address.*Two machines have one key'
check "and the first has a warning in its status" names "$(fc a status)" "another machine has this node's key: b sees it at ${UNDERLAY[twinb]}:$LAB_PORT"
check "whose link stays up" established a 1

lab_stop b
sed -i "s/0\.0\.0\.0:$LAB_PORT/192.0.2.77:$LAB_PORT/" "$LAB_DIR/b.yaml"
told=$(doctor b port)
check "an address to listen on that is not ours" names "$told" '^bad .*192\.0\.2\.77:21000: is no address of this machine .*ip address'
finish
