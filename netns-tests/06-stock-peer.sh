#!/usr/bin/env bash
# A stock cjdroute at the other end, when $CJDROUTE names one: it dials us, we dial it, and IP passes both ways.
#
#     a (ours) ---- veth ---- s (stock)        a dials s        then        s dials a
. "$(dirname "$0")/lib.sh"
if [ -z "${CJDROUTE:-}" ]; then
  skip "stock interop: CJDROUTE names no cjdroute"
  finish
fi
[ -x "$CJDROUTE" ] || fail "CJDROUTE=$CJDROUTE is not a program"
LAB_FIREWALL='  inbound: allow'

# stock_start NAME: its configuration is strict JSON on stdin; it makes a second process, both end with the namespace
stock_start() {
  local file=$LAB_DIR/$1.json
  (
    umask 077
    cat >"$file" <<JSON
{ "privateKey": "${PRIVATE[$1]}", "publicKey": "${KEY[$1]}", "ipv6": "${ADDRESS[$1]}",
  "authorizedPasswords": [ $STOCK_ACCEPTS ],
  "admin": { "bind": "127.0.0.1:11234", "password": "NONE" },
  "interfaces": { "UDPInterface": [ { "bind": "0.0.0.0:$LAB_PORT", "beacon": 0, "connectTo": { $STOCK_DIALS } } ] },
  "router": { "interface": { "type": "TUNInterface", "tunDevice": "fc0" },
    "ipTunnel": { "allowedConnections": [], "outgoingConnections": [] } },
  "security": [ { "setuser": 0 }, { "chroot": 0 }, { "nofiles": 0 }, { "noforks": 0 }, { "seccomp": 0 },
    { "setupComplete": 1 } ],
  "noBackground": 1, "logging": { "logTo": "stdout" }, "version": 2, "pipe": "$LAB_DIR/$1.sock" }
JSON
  )
  lab_spawn "$1" "$CJDROUTE" <"$file" >>"$LAB_DIR/$1.log" 2>&1
  disown "$LAB_PID" # bash need not tell that it was killed
}
stock_stop() {
  local pids
  pids=$(lab_pids "$LAB$1")
  # shellcheck disable=SC2086 # a list of pids
  [ -z "$pids" ] || kill -KILL $pids
  wait_for 5 not has_tun "$1"
}

talk() { # talk TITLE
  lab_start a
  stock_start s
  check "$1: both have a TUN device" wait_for 20 both_tuns a s
  check "$1: the link is established" wait_for 20 established a
  check "$1: a reaches s" wait_for 20 answers a s
  check "$1: 100 pings from a to s, none lost" steady a s
  check "$1: 100 pings from s to a, none lost" steady s a
  check "$1: TCP from a to s" stream a s
  note "$(cat "$LAB_DIR/mbit") Mbit/s"
  check "$1: TCP from s to a" stream s a
  note "$(cat "$LAB_DIR/mbit") Mbit/s"
  note "protocol $(fc a peers --json | json 'v[0].protocol')"
  lab_stop a
  stock_stop s
}

lab_node a s
lab_link a s
secret=$(lab_secret)

STOCK_ACCEPTS="{ \"password\": \"$secret\", \"user\": \"a\" }" STOCK_DIALS=''
lab_dial a "${UNDERLAY[sa]}:$LAB_PORT" "${KEY[s]}" a "$secret" stock
talk "we dial"

PEERS[a]=''
STOCK_ACCEPTS='' STOCK_DIALS="\"${UNDERLAY[as]}:$LAB_PORT\": { \"login\": \"s\", \"password\": \"$secret\",
  \"publicKey\": \"${KEY[a]}\" }"
lab_accept a s "$secret"
talk "stock dials"
finish
