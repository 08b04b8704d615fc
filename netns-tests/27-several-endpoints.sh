#!/usr/bin/env bash
# Several ways to one peer: the one that works is found at once, another takes over when it dies, a name may lead elsewhere.
#
#     a ==== two cables ==== b        IPv4 on one, IPv6 on the other; a knows a dead address, too
#     c ==== two cables ==== b        c knows b by a name
#     a ==== two cables ==== s        s is a stock node (when $CJDROUTE names one)
. "$(dirname "$0")/lib.sh"
LAB_LISTEN="  - udp://0.0.0.0:$LAB_PORT
  - udp://[::]:$LAB_PORT"
LAB_FIREWALL=$'  inbound: deny\n  allow: [icmp, tcp/8080]'
# A gap ends with the retransmission of TCP that follows the change, and its waits double: 0.2, 0.6, 1.4, 3, 6.2 s after the cut.
UP_MS=3000 GAP_MS=10000 MOVED_MS=10000
FILE_MB=80 MBIT=40

# second_cable A B ADDRESS-A/LENGTH ADDRESS-B/LENGTH: the devices are called also-B and also-A
second_cable() {
  ip link add "also-$2" netns "$LAB$1" type veth peer name "also-$1" netns "$LAB$2"
  ip -n "$LAB$1" address add "$3" dev "also-$2"
  ip -n "$LAB$2" address add "$4" dev "also-$1"
  ip -n "$LAB$1" link set "also-$2" up
  ip -n "$LAB$2" link set "also-$1" up
}
# dial_at A B LOGIN ENDPOINT...: A dials B at several places
dial_at() {
  local a=$1 b=$2 login=$3 secret
  shift 3
  secret=$(lab_secret)
  [ "$b" = s ] && stock_accept s "$login" "$secret" || lab_accept "$b" "$login" "$secret"
  PEERS[$a]+=$'\n'"  - key: ${KEY[$b]}"$'\n'"    login: $login"$'\n'"    password: $secret"$'\n'"    name: $b"$'\n'"    endpoints:"
  while [ $# -gt 0 ]; do PEERS[$a]+=$'\n'"      - udp://$1" && shift; done
}
# in_use A B: where the established links of A to B lead
in_use() {
  fc "$1" peers --json | json "v.filter((p) => p.name === '$2' && p.state === 'established').map((p) => p.endpoint).join(' ')"
}
links() { [ "$(fc "$1" peers --json | json "v.filter((p) => p.name === '$2').length")" = "$3" ]; } # links A B COUNT
uses() { [ "$(in_use "$1" "$2")" = "$3" ]; } # uses A B ENDPOINT: this one and no other
# since_ms A EVENT PATTERN SINCE-MS: prints when the log of A first had such a line after SINCE-MS, as milliseconds after it
since_ms() {
  # shellcheck disable=SC2016 # JavaScript
  "$NODE" -e 'const [file, event, pattern, since] = process.argv.slice(1);
    const lines = require("fs").readFileSync(file, "utf8").split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
    const found = lines.find((line) => line.event === event && JSON.stringify(line).includes(pattern) && Date.parse(line.time) >= Number(since));
    console.log(found === undefined ? 999999 : Date.parse(found.time) - Number(since));' "$LAB_DIR/$1.log" "$2" "$3" "$4"
}
up_at_ms() { # up_at_ms A: when its daemon was ready, milliseconds since 1970
  local since
  since=$(since_ms "$1" daemon.up '' 0)
  printf '%s\n' "$since"
}
# fetch A B: A fetches the file of B; got has the longest time without a byte, its SHA-256, and each time over 500 ms with its end
fetch() {
  # shellcheck disable=SC2016 # JavaScript
  lab_in "$1" "$NODE" -e 'const [address, dir] = process.argv.slice(1), fs = require("fs");
    const hash = require("crypto").createHash("sha256");
    let [last, longest, all] = [performance.now(), 0, ""];
    require("http").get(`http://[${address}]:8080/`, (answer) => {
      answer.on("data", (bytes) => {
        hash.update(bytes);
        const now = performance.now();
        if (now - last > 500) all += ` ${Math.round(now - last)}@${Date.now()}`;
        [longest, last] = [Math.max(longest, now - last), now];
        fs.writeFileSync(`${dir}/begun`, "");
      });
      answer.on("end", () => fs.writeFileSync(`${dir}/got`, `${Math.round(longest)} ${hash.digest("hex")}${all}`));
    });' "${ADDRESS[$2]}" "$LAB_DIR"
}

lab_node a b c
lab_link a b
second_cable a b fd00:77::1/64 fd00:77::2/64
ip -n "${LAB}a" address add 10.78.0.1/24 dev to-b
four=${UNDERLAY[ba]}:$LAB_PORT six=[fd00:77::2]:$LAB_PORT
dial_at a b a "10.78.0.9:$LAB_PORT" "$six" "$four"

lab_link c b
second_cable c b 10.79.0.1/30 10.79.0.2/30
mkdir -p "/etc/netns/${LAB}c"
trap 'status=$?; rm -rf "/etc/netns/${LAB}c"; end_scenario $status' EXIT
hosts=/etc/netns/${LAB}c/hosts
printf '127.0.0.1 localhost\n%s b.test\n' "${UNDERLAY[bc]}" >"$hosts"
secret=$(lab_secret)
lab_accept b c "$secret"
lab_dial c "b.test:$LAB_PORT" "${KEY[b]}" c "$secret" b

lab_start b
check "b has its address" lab_ready b
lab_start a c
check "a and c have their addresses" lab_ready a c
check "a finds b beside a dead address" wait_for 10 established a
check "... and one link is enough" wait_for 10 links a b 1
# A new cable may drop the first packets; then IPv4, which comes next, is the first.
first=$(in_use a b) then=$four cable=also gone=to pattern=${UNDERLAY[ba]} back=fd00:77::2
[ "$first" = "$six" ] || { then=$six cable=to gone=also pattern=fd00:77::2 back=${UNDERLAY[ba]}; }
up=$(since_ms a peer.up '' "$(up_at_ms a)")
check "a is up within $UP_MS ms of its start" at_most "$up" "$UP_MS"
note "up $up ms after the start, at $first; the dead address was tried first"
check "nobody is turned away for it" equal "$(fc b status --json | json 'v.refused.length')" 0

# A transfer, and the cable of the link in use goes; then the other one, without a word.
head -c "${FILE_MB}M" /dev/urandom >"$LAB_DIR/file"
sum=$(sha256sum <"$LAB_DIR/file" | cut -d' ' -f1)
for device in to-a also-a; do
  lab_in b tc qdisc replace dev "$device" root tbf rate "${MBIT}mbit" burst 32kb latency 100ms
done
check "a web server listens on the mesh address of b" serve b 8080 "$LAB_DIR/file"
fetch a b &
fetching=$!
check "the transfer has begun" wait_for 10 test -e "$LAB_DIR/begun"
sleep 2
began=$(now_ms)
cut=$began
ip -n "${LAB}b" link set "$cable-a" down
check "the cable in use is cut: the other address takes over" wait_for 10 uses a b "$then"
note "the new link was up $(since_ms a peer.up "$pattern" "$began") ms after the cut"
check "the old link is left once traffic has moved" wait_for 10 links a b 1
ip -n "${LAB}b" link set "$cable-a" up
ip -n "${LAB}b" address replace fd00:77::2/64 dev also-a # the kernel forgets it when the device goes down
began=$(now_ms)
lab_in a nft "table netdev gone { chain c { type filter hook ingress device \"$gone-b\" priority 0; drop; }; }"
check "the other one falls silent: back to the first" wait_for 10 uses a b "$first"
note "the new link was up $(since_ms a peer.up "$back" "$began") ms after the silence began"
wait "$fetching" || true
read -r gap got all <"$LAB_DIR/got" || true
check "the transfer went on: its SHA-256 agrees" equal "${got:-nothing}" "$sum"
check "no gap in it is longer than $GAP_MS ms" at_most "${gap:-999999}" "$GAP_MS"
note "longest gap ${gap:-?} ms; cut at $cut, silent from $began: ${all:-}"

# A name that leads elsewhere: the old address is taken away.
check "c has a link to b by its name" wait_for 10 uses c b "${UNDERLAY[bc]}:$LAB_PORT"
printf '127.0.0.1 localhost\n10.79.0.2 b.test\n' >"$hosts"
began=$(now_ms)
ip -n "${LAB}b" address delete "${UNDERLAY[bc]}/30" dev to-c
check "b moved: c asks for the name again" wait_for 15 uses c b "10.79.0.2:$LAB_PORT"
moved=$(since_ms c peer.up 10.79.0.2 "$began")
check "within $MOVED_MS ms" at_most "$moved" "$MOVED_MS"
note "up $moved ms after the address was gone"
for name in a b c; do lab_stop "$name"; done

. "$(dirname "$0")/stock.sh"
lab_node d s
lab_link d s
second_cable d s 10.80.0.1/30 10.80.0.2/30
dial_at d s d "${UNDERLAY[sd]}:$LAB_PORT" "10.80.0.2:$LAB_PORT"
stock_start s
lab_start d
check "d and s have their addresses" lab_ready d s
check "d has a link to the stock node" wait_for 10 established d
check "... and one is enough" wait_for 10 links d s 1
check "d reaches it" wait_for 20 answers d s
cable=to-d other=10.80.0.2
[ "$(in_use d s)" = "${UNDERLAY[sd]}:$LAB_PORT" ] || { cable=also-d other=${UNDERLAY[sd]}; } # on a busy machine the second may be first
began=$(now_ms)
ip -n "${LAB}s" link set "$cable" down
check "the cable in use is cut: the other takes over" wait_for 15 uses d s "$other:$LAB_PORT"
note "up $(since_ms d peer.up "$other" "$began") ms after the cut, protocol $(fc d peers --json | json 'v[0].protocol')"
check "d reaches the stock node again" wait_for 20 answers d s
check "100 pings, none lost" steady d s
finish
