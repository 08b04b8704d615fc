#!/usr/bin/env bash
# Ten thousand forged beacons a second, and a hundred network devices that come and go: peers notice nothing of either.
#
#     a --+
#     b --+-- switch --+-- forger       a and b have found each other
. "$(dirname "$0")/lib.sh"
LAB_LAN=$'  devices: [eth0]'

lab_node a b
lab_switch switch a b
lab_namespace forger
lab_switch switch forger
number=1
for name in a b forger; do
  lab_in "$name" ip address add "10.78.0.$number/24" broadcast + dev eth0
  number=$((number + 1))
done
lab_start a b
check "both are ready" lab_ready a b
check "they have found each other" wait_for 10 established a

cpu_ms() { # of a, since it began
  local fields
  read -ra fields <"/proc/${PID[a]}/stat"
  printf '%s\n' "$(((fields[13] + fields[14]) * 1000 / $(getconf CLK_TCK)))"
}
raw_key() { # raw_key NODE: the 64 digits of its public key
  "$NODE" --input-type=module -e "import { parsePublicKey } from '$ROOT/dist/crypto/index.js';
    console.log(Buffer.from(parsePublicKey(process.argv[1])).toString('hex'))" "${KEY[$1]}"
}
alive() { kill -0 "${PID[a]}"; }

SECONDS_OF_FLOOD=4
before=$(cpu_ms)
begun=$(now_ms)
lab_spawn forger "$NODE" "$ROOT/netns-tests/forge-beacons.mjs" 10.78.0.255 64512 "$SECONDS_OF_FLOOD" 10000 "$(raw_key a)" "$(raw_key b)" >"$LAB_DIR/forger" 2>&1
forger=$LAB_PID
check "of 400 pings beside the flood none is lost" steady a b 400
wait "$forger"
spent=$((100 * ($(cpu_ms) - before) / ($(now_ms) - begun)))
note "$(cat "$LAB_DIR/forger"); $spent % of a core"
check "the flood takes less than half of a core" at_most "$spent" 50
check "the link to b is as it was" established a
check "and no more than a few dozen others were tried" at_most "$(fc a peers --json | json v.length)" 40
check "the log has a line about it, not thousands" at_most "$(grep -c lan.flood "$LAB_DIR/a.log")" 1
note "$(grep -c '"event":"lan' "$LAB_DIR/a.log") lines of the local network"
sleep 11
check "what was forged is forgotten" equal "$(fc a peers --json | json v.length)" 1

before=$(cpu_ms)
begun=$(now_ms)
for number in $(seq 120); do printf 'link add d%s type bridge\nlink set d%s up\n' "$number" "$number"; done >"$LAB_DIR/come"
for number in $(seq 120); do printf 'link del d%s\n' "$number"; done >"$LAB_DIR/go"
lab_in a ip -batch "$LAB_DIR/come"
lab_in a ip -batch "$LAB_DIR/go"
spent=$((100 * ($(cpu_ms) - before) / ($(now_ms) - begun)))
note "120 devices came and went in $(($(now_ms) - begun)) ms; $spent % of a core"
check "they take less than half of a core" at_most "$spent" 50
check "a runs on" alive
check "and b is there" steady a b 50
finish
