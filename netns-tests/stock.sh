# shellcheck shell=bash
# For the scenarios with a stock cjdroute, named by $CJDROUTE: sourced after lib.sh. Without one the scenario ends here.
#
#   stock_accept NODE LOGIN PASSWORD                what NODE accepts, as lab_accept for ours
#   stock_dial NODE ENDPOINT KEY LOGIN PASSWORD     whom NODE dials, as lab_dial for ours
#   STOCK_ETHERNET[NAME]                            its "ETHInterface": [...], as it stands in the file
#   stock_start NAME...                             writes the configuration, starts it, waits for its TUN device and its socket
#   stock_stop NAME                                 kills it and waits until its TUN device is gone
if [ -z "${CJDROUTE:-}" ]; then
  skip "stock interop: CJDROUTE names no cjdroute"
  finish
fi
[ -x "$CJDROUTE" ] || fail "CJDROUTE=$CJDROUTE is not a program"
declare -A STOCK_ACCEPTS=() STOCK_DIALS=() STOCK_ETHERNET=()
# Not as a default inside of the here-document: there bash takes the quotes away.
[ -n "${STOCK_BEACON:-}" ] || STOCK_BEACON='"beacon": 0'

stock_accept() {
  STOCK_ACCEPTS[$1]+="${STOCK_ACCEPTS[$1]:+, }{ \"password\": \"$3\", \"user\": \"$2\" }"
}

stock_dial() {
  STOCK_DIALS[$1]+="${STOCK_DIALS[$1]:+, }\"$2\": { \"login\": \"$4\", \"password\": \"$5\", \"publicKey\": \"$3\" }"
}

# Its configuration is strict JSON on stdin; it makes a second process, both end with the namespace.
stock_start() {
  local name file try
  for name in "$@"; do
    file=$LAB_DIR/$name.json
    (
      umask 077
      cat >"$file" <<JSON
{ "privateKey": "${PRIVATE[$name]}", "publicKey": "${KEY[$name]}", "ipv6": "${ADDRESS[$name]}",
  "authorizedPasswords": [ ${STOCK_ACCEPTS[$name]:-} ],
  "admin": { "bind": "127.0.0.1:11234", "password": "NONE" },
  "interfaces": { ${STOCK_ETHERNET[$name]:-} "UDPInterface": [ { "bind": "0.0.0.0:$LAB_PORT", $STOCK_BEACON,
    "connectTo": { ${STOCK_DIALS[$name]:-} } } ] },
  "router": { "interface": { "type": "TUNInterface", "tunDevice": "fc0" },
    "ipTunnel": { "allowedConnections": [], "outgoingConnections": [] } },
  "security": [ { "setuser": 0 }, { "chroot": 0 }, { "nofiles": 0 }, { "noforks": 0 }, { "seccomp": 0 },
    { "setupComplete": 1 } ],
  "noBackground": 1, "logging": { "logTo": "stdout" }, "version": 2, "pipe": "$LAB_DIR/$name.sock" }
JSON
    )
    # Its two processes meet over a pipe: on a busy machine one may come too early, and both end.
    for try in 1 2 3; do
      lab_spawn "$name" "$CJDROUTE" <"$file" >>"$LAB_DIR/$name.log" 2>&1
      PID[$name]=$LAB_PID
      # A v22 that is half dead has its TUN device, and no UDP socket.
      if wait_for 10 stock_ready "$name"; then break; fi
      note "$name, a stock node, did not start ($try)"
      stock_stop "$name"
      rm -f "$LAB_DIR/$name.sock"
    done
  done
}

stock_ready() { has_tun "$1" && lab_in "$1" ss -Hlun "sport = :$LAB_PORT" | grep -q .; }

stock_stop() {
  local pids
  pids=$(lab_pids "$LAB$1")
  # shellcheck disable=SC2086 # a list of pids
  [ -z "$pids" ] || kill -KILL $pids
  wait "${PID[$1]}" 2>/dev/null || true # so that bash does not tell that it was killed
  unset "PID[$1]"
  wait_for 5 not has_tun "$1"
}
