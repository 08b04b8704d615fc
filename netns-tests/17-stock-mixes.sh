#!/usr/bin/env bash
# Stock nodes among ours, when $CJDROUTE names one: reached behind each other, named by each other, and healed with us.
#
#       b ---- c
#      /        \
#     a          s        a, b, c: ours; s, t, u: stock; then the relay in use between a and s dies
#      \        /
#       u ---- t
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mesh.sh"
if [ -z "${CJDROUTE:-}" ]; then
  skip "stock interop: CJDROUTE names no cjdroute"
  finish
fi
[ -x "$CJDROUTE" ] || fail "CJDROUTE=$CJDROUTE is not a program"
declare -A STOCK_ACCEPTS=() STOCK_DIALS=()
LIMIT_MS=9000

# joint A B KIND-OF-A KIND-OF-B: a cable; B dials A
joint() {
  local secret
  secret=$(lab_secret)
  lab_link "$1" "$2"
  if [ "$3" = stock ]; then
    STOCK_ACCEPTS[$1]+="${STOCK_ACCEPTS[$1]:+, }{ \"password\": \"$secret\", \"user\": \"$2\" }"
  else lab_accept "$1" "$2" "$secret"; fi
  if [ "$4" = stock ]; then
    STOCK_DIALS[$2]+="${STOCK_DIALS[$2]:+, }\"${UNDERLAY[$1$2]}:$LAB_PORT\": { \"login\": \"$2\",
      \"password\": \"$secret\", \"publicKey\": \"${KEY[$1]}\" }"
  else lab_dial "$2" "${UNDERLAY[$1$2]}:$LAB_PORT" "${KEY[$1]}" "$2" "$secret" "$1"; fi
}

stock_start() { # stock_start NAME: its configuration is strict JSON on stdin; it makes a second process
  local file=$LAB_DIR/$1.json
  (
    umask 077
    cat >"$file" <<JSON
{ "privateKey": "${PRIVATE[$1]}", "publicKey": "${KEY[$1]}", "ipv6": "${ADDRESS[$1]}",
  "authorizedPasswords": [ ${STOCK_ACCEPTS[$1]:-} ],
  "admin": { "bind": "127.0.0.1:11234", "password": "NONE" },
  "interfaces": { "UDPInterface": [ { "bind": "0.0.0.0:$LAB_PORT", "beacon": 0,
    "connectTo": { ${STOCK_DIALS[$1]:-} } } ] },
  "router": { "interface": { "type": "TUNInterface", "tunDevice": "fc0" },
    "ipTunnel": { "allowedConnections": [], "outgoingConnections": [] } },
  "security": [ { "setuser": 0 }, { "chroot": 0 }, { "nofiles": 0 }, { "noforks": 0 }, { "seccomp": 0 },
    { "setupComplete": 1 } ],
  "noBackground": 1, "logging": { "logTo": "stdout" }, "version": 2, "pipe": "$LAB_DIR/$1.sock" }
JSON
  )
  lab_spawn "$1" "$CJDROUTE" <"$file" >>"$LAB_DIR/$1.log" 2>&1
  PID[$1]=$LAB_PID
}

lab_node a b c s t u
joint a b ours ours
joint b c ours ours
joint c s ours stock
joint s t stock stock
joint t u stock stock
joint u a stock ours
lab_start a b c
for name in s t u; do stock_start "$name"; done
check "a reaches s" wait_for 30 answers a s
check "s reaches a" wait_for 30 answers s a
check "b (ours) reaches t (stock), three hops away" wait_for 30 answers b t
check "t reaches b" wait_for 30 answers t b
check "u (stock) reaches c (ours)" wait_for 30 answers u c
check "TCP from a to s" stream a s
note "$(cat "$LAB_DIR/mbit") Mbit/s"

pings a s
sleep 4
since=$(now_ms)
if [ "$(next_hop a b u)" = b ]; then
  victim=c
  lab_stop c KILL
else
  victim=t
  # shellcheck disable=SC2046 # a list of pids
  kill -KILL $(lab_pids "${LAB}t")
  wait "${PID[t]}" 2>/dev/null || true
fi
sleep 10
check "$victim died: traffic between a and s is back within $LIMIT_MS ms" quiet_for_at_most "$LIMIT_MS" a s "$since"
note "silence: $(cat "$LAB_DIR/silence") ms"
pings_end a s
finish
