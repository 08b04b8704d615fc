#!/usr/bin/env bash
# Every cable of a line loses 5 % each way; a file arrives unchanged.
#
#     a ---- (5 %) ---- b ---- (5 %) ---- c
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mesh.sh"
LAB_FIREWALL=$'  inbound: deny\n  allow: [icmp, tcp/8080]'

mesh 'a-b b-c'
lab_start a b c
check "a reaches c" wait_for 20 answers a c
for ends in "a b" "b a" "b c" "c b"; do
  # shellcheck disable=SC2086 # two names
  lab_loss $ends 5
done
head -c 2M /dev/urandom >"$LAB_DIR/file"
check "c serves a file" serve c 8080 "$LAB_DIR/file"
fetch() { lab_in a curl -gsS --max-time 45 -o "$LAB_DIR/got" "http://[${ADDRESS[c]}]:8080/"; }
check "a fetches it" fetch
check "its SHA-256 agrees" equal "$(sha256sum <"$LAB_DIR/got")" "$(sha256sum <"$LAB_DIR/file")"
finish
