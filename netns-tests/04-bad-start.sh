#!/usr/bin/env bash
# What can be wrong at the start: one clear sentence, exit code 2, nothing left behind. Never a stack trace.
#
#     a        (alone)
. "$(dirname "$0")/lib.sh"

lab_node a b
good=$(lab_config a)

# refuses TITLE PATTERN COMMAND...: within 10 s exit code 2, the pattern in what it says, no TUN device afterwards
refuses() {
  local title=$1 pattern=$2 out status=0
  shift 2
  out=$(lab_in a timeout 10 "$@" 2>&1 </dev/null) || status=$?
  printf '== %s (status %s)\n%s\n' "$title" "$status" "$out" >>"$LAB_DIR/refusals.log"
  check "$title: exit code 2" equal "$status" 2
  check "$title: says what is wrong" matches "${out//$'\n'/ }" "$pattern"
  check "$title: no stack trace, no secret" clean "$out"
}
clean() {
  not matches "$1" '^ +at .*[:(]|node:internal|Unhandled|UnhandledPromise' && not matches "$1" "${PRIVATE[a]}"
}
up() { printf '%s\n' "$NODE" "$MAIN" up --config "$1"; }
refuses_up() { # refuses_up TITLE PATTERN CONFIG
  local command
  mapfile -t command < <(up "$3")
  refuses "$1" "$2" "${command[@]}"
  check "$1: no TUN device is left" not lab_in a ip link show dev fc0
}

# A port in use
lab_spawn a "$NODE" -e 'require("dgram").createSocket("udp4").bind(21000, "0.0.0.0")' >/dev/null 2>&1 </dev/null
holder=$LAB_PID
wait_for 5 lab_in a sh -c 'ss -Hlun "sport = :21000" | grep -q .'
refuses_up "port in use" '21000.*(in use|taken|another)|(in use|taken|another).*21000' "$good"
kill "$holder"
wait "$holder" 2>/dev/null || true

# The name of the TUN device is taken, by a device of another kind and by another daemon
lab_in a ip link add fc0 type veth peer name other
mapfile -t command < <(up "$good")
refuses "TUN name taken by another device" 'fc0' "${command[@]}"
lab_in a ip link del fc0
lab_start a
check "a daemon runs" lab_ready a
sed -e 's/:21000/:21001/' -e 's/:11234/:11235/' "$good" >"$LAB_DIR/second.yaml"
chmod 600 "$LAB_DIR/second.yaml"
mapfile -t command < <(up "$LAB_DIR/second.yaml")
refuses "TUN name taken by another daemon" 'fc0' "${command[@]}"
check "the first daemon is not disturbed" has_tun a
lab_stop a

# No /dev/net/tun: covered in the private mount namespace that `ip netns exec` gives each command
# shellcheck disable=SC2016 # expanded by the inner shell
refuses "no /dev/net/tun" '/dev/net/tun' \
  bash -c 'mount -t tmpfs none /dev/net && exec "$@"' - "${command[@]}"

# The native part or libsodium is missing: covered likewise, by an empty file
covered() { # covered TITLE PATTERN FILE
  # shellcheck disable=SC2016 # expanded by the inner shell
  refuses "$1" "$2" bash -c 'mount --bind /dev/null "$1" && shift && exec "$@"' - "$3" "${command[@]}"
}
addon=$ROOT/native/build/Release/fcmesh.node
covered "no native part" 'native|addon' "$addon"
sodium=$(ldd "$addon" | sed -n 's/.*libsodium.* => \([^ ]*\) .*/\1/p')
[ -z "$sodium" ] || covered "no libsodium" 'libsodium' "$(realpath "$sodium")"

# Not root. nobody, who may read everything but nothing else, so that the checkout may lie in a private home.
refuses "not root" 'root|CAP_NET_ADMIN|sudo' setpriv --reuid=65534 --regid=65534 --clear-groups \
  --inh-caps=-all,+dac_read_search --ambient-caps=-all,+dac_read_search --bounding-set=-all,+dac_read_search "${command[@]}"

# Mistakes in the configuration
mistake() { # mistake TITLE PATTERN SED-EXPRESSION
  local file=$LAB_DIR/mistake.yaml
  sed -E "$3" "$good" >"$file"
  chmod 600 "$file"
  refuses_up "$1" "$2" "$file"
  refuses "$1, by check" "$2" "$NODE" "$MAIN" check --config "$file"
}
mistake "misspelt key" '(line 7|:7:).*listen|listen.*(line 7|:7:)' 's/^listen:/listne:/'
mistake "a key twice" 'line [0-9]+|:[0-9]+:[0-9]+' 's/^  name: fc0/  name: fc0\n  name: fc0/'
mistake "broken YAML" 'line [0-9]+|:[0-9]+:[0-9]+' 's/^listen:/listen: [/'
mistake "MTU out of range" 'mtu' 's/mtu: 1304/mtu: 99/'
mistake "a peer without key" 'key' 's/^peers: \[\]/peers:\n  - endpoint: udp:\/\/192.0.2.1:21000\n    password: x/'
refuses "no configuration" 'nothing-here.yaml' "$NODE" "$MAIN" up --config "$LAB_DIR/nothing-here.yaml"
refuses "unknown command" 'upp' "$NODE" "$MAIN" upp

check "nothing runs any more" equal "$(lab_pids "${LAB}a")" ""
finish
