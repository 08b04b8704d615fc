#!/usr/bin/env bash
# Every cable of a line loses 5 % each way; a file arrives unchanged.
#
#     a ---- (5 %) ---- b ---- (5 %) ---- c
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mesh.sh"
LAB_FIREWALL=$'  inbound: deny\n  allow: [icmp, tcp/8080]'
MB=20

mesh 'a-b b-c'
lab_start a b c
check "a reaches c" wait_for 20 answers a c
for ends in "a b" "b a" "b c" "c b"; do
  # shellcheck disable=SC2086 # two names
  lab_loss $ends 5
done
head -c ${MB}M /dev/urandom >"$LAB_DIR/file"
check "c serves a file" serve c 8080 "$LAB_DIR/file"
fetch() { lab_in a curl -gsS --max-time 45 -o "$LAB_DIR/got" "http://[${ADDRESS[c]}]:8080/"; }
begin=$(now_ms)
check "a fetches $MB MB in at most 45 s" fetch
note "$((MB * 8389 / ($(now_ms) - begin + 1))) Mbit/s"
check "its SHA-256 agrees" equal "$(sha256sum <"$LAB_DIR/got")" "$(sha256sum <"$LAB_DIR/file")"
for ends in "a b" "b c"; do
  # shellcheck disable=SC2086 # two names
  check "what was lost on the way (${ends/ / of what came from }) were single packets" one_by_one $ends
done
finish
