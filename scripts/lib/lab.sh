# shellcheck shell=bash
# shellcheck disable=SC2034 # the LAB_ variables are read by those who source this
# A small laboratory: nodes in network namespaces, joined by veth links. Sourced by scripts/demo and the netns tests.
#
#   lab_possible              can namespaces be made here at all? Prints why not
#   lab_open PREFIX           names begin with PREFIX<pid>; a trap takes everything away again, whatever happens
#   lab_node NAME...          a namespace and fresh keys
#   lab_link A B              a cable: A gets 10.77.N.1, B gets 10.77.N.2, devices named after the other end
#   lab_switch S NAME...      a bridge in a namespace of its own; each node has a device eth0 on it, without any address
#   lab_peer A B              A dials B, B accepts A
#   lab_start NAME...         writes the configuration and starts the daemon
#   lab_ready NAME...         waits until they have their addresses
#   lab_stop NAME [SIGNAL]    ends it and waits; LAB_STATUS is its exit code, LAB_STOP_MS how long it took
#   lab_in NAME COMMAND...    runs a command there;  lab_spawn the same in the background;  fc asks the daemon there
#
# Needs: ROOT, NODE, MAIN (common.sh) and root.

declare -A KEY PRIVATE ADDRESS PID UNDERLAY PEERS ACCEPTS
LAB='' LAB_DIR='' LAB_LINKS=0 LAB_STATUS='' LAB_STOP_MS='' LAB_WAIT_MS='' LAB_PID='' LAB_KEEP=''
LAB_PORT=21000
# What a scenario may change before lab_start:
LAB_USER=nobody
LAB_LAN='  beacon: off'
LAB_FIREWALL=$'  inbound: deny\n  allow: [icmp]'
LAB_LISTEN="  - udp://0.0.0.0:$LAB_PORT"

# Says why not, and what helps.
lab_possible() {
  local said
  if said=$(ip netns add "fcp$$" 2>&1 && ip netns exec "fcp$$" true 2>&1); then
    ip netns del "fcp$$"
    return
  fi
  ip netns del "fcp$$" 2>/dev/null || true
  printf '%s' "${said//$'\n'/; }; "
  case $said in
    *'Invalid argument'*) printf 'in a chroot its folder has to be a mount point: mount --bind DIR DIR, before chroot DIR' ;;
    *'not permitted'* | *denied*) printf 'a container needs the right to (docker run --privileged); or use a virtual machine' ;;
    *) printf 'does this kernel have network namespaces?' ;;
  esac
  return 1
}

lab_open() {
  LAB=$1$$
  lab_sweep "$1"
  LAB_DIR=$(mktemp -d "${TMPDIR:-/tmp}/$LAB.XXXXXX")
  trap lab_close EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

lab_close() { # lab_close [STATUS]
  local status=${1:-$?} names
  trap '' INT TERM HUP
  trap - EXIT
  if [ -z "$LAB_KEEP" ]; then
    mapfile -t names < <(lab_namespaces "$LAB")
    lab_remove "${names[@]}"
    rm -rf "$LAB_DIR"
  fi
  exit "$status"
}

lab_namespaces() { # lab_namespaces PREFIX: PREFIX and a node's name, which begins with a letter
  ip netns list | sed -n "s/^\($1[a-z][a-z0-9]*\).*/\1/p"
}

lab_pids() { # everything that runs in the namespaces named
  local ns
  for ns in "$@"; do ip netns pids "$ns" 2>/dev/null || true; done
}

# Ends, by pid, what runs in these namespaces, then removes them.
lab_remove() { # lab_remove NAMESPACE...
  local pids signal try ns
  for signal in TERM KILL; do
    for try in {1..40}; do
      pids=$(lab_pids "$@")
      [ -n "$pids" ] || break 2
      # shellcheck disable=SC2086 # a list of pids
      [ "$try" != 1 ] || kill -"$signal" $pids 2>/dev/null || true
      sleep 0.05
    done
  done
  for ns in "$@"; do ip netns del "$ns" 2>/dev/null || true; done
}

# Namespaces of a run that was killed without a chance to clean up: their names hold its pid.
lab_sweep() { # lab_sweep PREFIX
  local ns pid
  for ns in $(lab_namespaces "$1[0-9][0-9]*"); do
    pid=${ns#"$1"}
    pid=${pid%%[a-z]*}
    [ -e "/proc/$pid" ] || [ -e "/run/$1$pid.kept" ] || lab_remove "$ns"
  done
}

# Reads a field of the JSON on stdin with a JavaScript expression over `v`: json 'v[0].state'.
json() { "$NODE" -e 'const v = JSON.parse(require("fs").readFileSync(0, "utf8")); const r = eval(process.argv[1]);
  console.log(r !== null && typeof r === "object" ? JSON.stringify(r) : String(r))' "$1"; }

now_ms() { printf '%s\n' "$((${EPOCHREALTIME/./} / 1000))"; }

lab_node() {
  local name fields
  for name in "$@"; do
    fields=$("$NODE" "$MAIN" keygen --json | json '[v.privateKey, v.key, v.address].join(" ")')
    read -r "PRIVATE[$name]" "KEY[$name]" "ADDRESS[$name]" <<<"$fields"
    PEERS[$name]='' ACCEPTS[$name]=''
    lab_namespace "$name"
  done
}

lab_namespace() { # lab_namespace NAME: one without keys, for tools or other daemons
  ip netns add "$LAB$1"
  ip -n "$LAB$1" link set lo up
  # Some hosts switch IPv6 off; the mesh needs it on. An address may be used at once, without duplicate detection.
  lab_in "$1" sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0 \
    net.ipv6.conf.default.accept_dad=0 net.ipv4.ip_forward=0 2>/dev/null || true
}

lab_link() {
  local net=10.77.$LAB_LINKS
  LAB_LINKS=$((LAB_LINKS + 1))
  ip link add "to-$2" netns "$LAB$1" type veth peer name "to-$1" netns "$LAB$2"
  ip -n "$LAB$1" address add "$net.1/30" dev "to-$2"
  ip -n "$LAB$2" address add "$net.2/30" dev "to-$1"
  ip -n "$LAB$1" link set "to-$2" up
  ip -n "$LAB$2" link set "to-$1" up
  UNDERLAY[$1$2]=$net.1
  UNDERLAY[$2$1]=$net.2
}

lab_switch() { # lab_switch SWITCH NAME...: may be called again for more nodes
  local switch=$1 name
  shift
  if ! ip netns list | grep -q "^$LAB$switch\\b"; then
    lab_namespace "$switch"
    ip -n "$LAB$switch" link add br0 type bridge forward_delay 0
    ip -n "$LAB$switch" link set br0 up
  fi
  for name in "$@"; do
    ip link add "to-$name" netns "$LAB$switch" type veth peer name eth0 netns "$LAB$name"
    ip -n "$LAB$switch" link set "to-$name" master br0 up
    ip -n "$LAB$name" link set eth0 up
  done
}

lab_rate() { # lab_rate A B RATE: limits what A sends to B
  lab_in "$1" tc qdisc replace dev "to-$2" root tbf rate "$3" burst 16kb latency 100ms
}

# lab_loss A B PERCENT: A loses so much of what comes from B (this works without netem). A train that was sent in one call
# (UDP_SEGMENT) crosses a veth in one piece and would be lost as one; with gso_max_segs 1 the kernel of B cuts it up first.
lab_loss() {
  ip -n "$LAB$2" link set dev "to-$1" gso_max_segs 1
  lab_in "$1" nft "table netdev loss_$2 { counter lost { }; chain c { type filter hook ingress device \"to-$2\" priority 0;
    numgen random mod 100 < $3 counter name lost drop; }; }"
}

lab_lossless() { lab_in "$1" nft delete table netdev "loss_$2"; } # lab_lossless A B: no longer

# lab_lost A B: what A has lost of what came from B, as PACKETS BYTES
lab_lost() {
  lab_in "$1" nft -j list counters table netdev "loss_$2" |
    json '(({ packets, bytes }) => packets + " " + bytes)(v.nftables.find((e) => e.counter).counter)'
}

lab_secret() { head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n'; }

lab_peer() { # lab_peer A B [PASSWORD-A-GIVES [KEY-A-EXPECTS [LOGIN-A-GIVES]]]
  local secret
  secret=$(lab_secret)
  lab_accept "$2" "$1" "$secret"
  lab_dial "$1" "${UNDERLAY[$2$1]}:$LAB_PORT" "${4:-${KEY[$2]}}" "${5:-$1}" "${3:-$secret}" "$2"
}

lab_accept() { # lab_accept NODE LOGIN PASSWORD
  ACCEPTS[$1]+=$'\n'"  - login: $2"$'\n'"    password: $3"$'\n'"    name: $2"
}

lab_dial() { # lab_dial NODE ENDPOINT KEY LOGIN PASSWORD NAME
  PEERS[$1]+=$'\n'"  - endpoint: udp://$2"$'\n'"    key: $3"$'\n'"    login: $4"$'\n'"    password: $5"$'\n'"    name: $6"
}

lab_config() { # lab_config NAME: writes and names its configuration file
  local file=$LAB_DIR/$1.yaml
  (
    umask 077
    cat >"$file" <<YAML
identity:
  privateKey: ${PRIVATE[$1]}
tun:
  enabled: true
  name: fc0
  mtu: 1304
listen:
$LAB_LISTEN
lan:
$LAB_LAN
peers:${PEERS[$1]:- []}
accept:${ACCEPTS[$1]:- []}
admin:
  listen: 127.0.0.1:11234
  password: NONE
firewall:
$LAB_FIREWALL
user: $LAB_USER
log:
  level: info
YAML
  )
  printf '%s\n' "$file"
}

lab_start() {
  local name file
  for name in "$@"; do
    file=$(lab_config "$name")
    lab_spawn "$name" "$NODE" "$MAIN" up --config "$file" >>"$LAB_DIR/$name.log" 2>&1 </dev/null
    PID[$name]=$LAB_PID
  done
}

lab_stop() {
  local pid=${PID[$1]} begin
  begin=$(now_ms)
  kill -"${2:-TERM}" "$pid" 2>/dev/null || true
  LAB_STATUS=0
  wait "$pid" 2>/dev/null || LAB_STATUS=$?
  LAB_STOP_MS=$(($(now_ms) - begin))
  unset "PID[$1]"
}

lab_in() {
  local name=$1
  shift
  ip netns exec "$LAB$name" "$@"
}

# lab_spawn NAME COMMAND...: in the background; LAB_PID is the command itself, not a shell around it.
lab_spawn() {
  local name=$1
  shift
  ip netns exec "$LAB$name" "$@" <&0 &
  LAB_PID=$!
}

fc() { # fc NAME COMMAND...: one of the client commands, asked of the daemon of NAME
  local name=$1
  shift
  lab_in "$name" "$NODE" "$MAIN" "$@" --admin 127.0.0.1:11234
}

# wait_for SECONDS COMMAND...: tries until it succeeds; LAB_WAIT_MS is how long it took
wait_for() {
  local begin end
  begin=$(now_ms)
  end=$((begin + $1 * 1000))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$(now_ms)" -lt "$end" ] || { LAB_WAIT_MS=$(($(now_ms) - begin)) && return 1; }
    sleep 0.05
  done
  LAB_WAIT_MS=$(($(now_ms) - begin))
}

has_tun() { lab_in "$1" ip -6 -o address show dev fc0 scope global 2>/dev/null | grep -q ' fc'; }
has_tun_or_died() { has_tun "$1" || ! kill -0 "${PID[$1]}"; }
# lab_ready NAME...: all have their address; does not wait for a daemon that has ended.
lab_ready() {
  local name
  for name in "$@"; do wait_for 30 has_tun_or_died "$name" && has_tun "$name" || return 1; done
}
established() { # established NAME [COUNT]
  [ "$(fc "$1" peers --json | json 'v.filter((p) => p.state === "established").length')" -ge "${2:-1}" ]
}
answers() { lab_in "$1" ping -6 -c 1 -W 1 "${ADDRESS[$2]}"; } # answers A B: B answers one ping of A

listens() { lab_in "$1" ss -Hltn "sport = :$2" | grep -q .; } # listens NAME TCP-PORT

# serve NAME PORT FILE: a web server on the mesh address of NAME that answers every request with FILE.
serve() {
  # shellcheck disable=SC2016 # JavaScript
  lab_spawn "$1" "$NODE" -e 'const [address, port, file] = process.argv.slice(1), fs = require("fs");
    require("http").createServer((q, r) => fs.createReadStream(file).pipe(r)).listen(Number(port), address)' \
    "${ADDRESS[$1]}" "$2" "$3" >>"$LAB_DIR/$1-web.log" 2>&1 </dev/null
  wait_for 10 listens "$1" "$2"
}
