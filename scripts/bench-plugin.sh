#!/usr/bin/env bash
# fcmesh as a plugin of peers-bench (`peers-bench --plugin scripts/bench-plugin.sh`): sourced, once per call. The
# interface is described at the head of that program: PB_DIR, PB_N, PB_RIGHT_<i>, PB_LEFT_<i>, nodes in a row.
# Needs a build (scripts/test makes one).
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

# shellcheck disable=SC2034 # read by peers-bench
PEER_NAME=fcmesh
# shellcheck disable=SC2034 # likewise
PEER_RELAY=1
# shellcheck disable=SC2034 # likewise
PEER_WAIT=30
BENCH_PORT=21000

peer_version() {
  find_node
  printf 'fcmesh %s, Node %s\n' "$("$NODE" "$MAIN" --version)" "$("$NODE" -p process.version)"
}

peer_gen() {
  local i
  umask 077
  find_node
  for ((i = 0; i < PB_N; i++)); do "$NODE" "$MAIN" keygen --json >"$PB_DIR/node$i.key"; done
  head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$PB_DIR/password"
  for ((i = 0; i < PB_N; i++)); do bench_config "$i" >"$PB_DIR/node$i.yaml"; done
}

bench_key() { # bench_key NODE FIELD
  "$NODE" -p 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"))[process.argv[2]]' "$PB_DIR/node$1.key" "$2"
}

# Node i dials node i-1, over the link whose other end is that node's right side.
bench_config() {
  local i=$1 left password right
  password=$(cat "$PB_DIR/password")
  cat <<YAML
identity:
  privateKey: $(bench_key "$i" privateKey)
tun:
  name: fc0
listen:
  - udp://0.0.0.0:$BENCH_PORT
lan:
  beacon: off
accept:
  - login: bench
    password: $password
YAML
  if [ "$i" -gt 0 ]; then
    left=$((i - 1))
    right=PB_RIGHT_$left
    cat <<YAML
peers:
  - endpoint: udp://${!right}:$BENCH_PORT
    key: $(bench_key "$left" key)
    login: bench
    password: $password
YAML
  fi
  cat <<YAML
admin:
  listen: 127.0.0.1:11234
  password: NONE
firewall:
  inbound: allow
user: root
YAML
}

peer_start() {
  find_node
  exec "$NODE" "$MAIN" up --config "$PB_DIR/node$1.yaml"
}

peer_addr() {
  find_node
  bench_key "$1" address
}
