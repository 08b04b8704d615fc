#!/usr/bin/env bash
# A bad link: 10 % loss each way at 20 Mbit/s. The link comes up, stays up, and TCP carries a file unchanged.
#
#     a ---- veth (tbf 20 Mbit/s, 10 % dropped on arrival) ---- b
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mesh.sh"
LAB_FIREWALL=$'  inbound: deny\n  allow: [icmp, tcp/8080]'

lab_node a b
lab_link a b
for ends in "a b" "b a"; do
  # shellcheck disable=SC2086 # two names
  lab_loss $ends 10 && lab_rate $ends 20mbit
done
lab_peer a b
lab_start a b
check "the peers are established in spite of the loss" wait_for 20 both_established a b
head -c 2M /dev/urandom >"$LAB_DIR/file"

fetch() { lab_in a curl -gsS --max-time 40 -o "$LAB_DIR/got" "http://[${ADDRESS[b]}]:8080/"; }
pings_pass() { # of 100, about 81 are expected; fewer than 55 is no accident
  local out
  out=$(lab_in a ping -6 -q -c 100 -i 0.05 -W 1 "${ADDRESS[b]}") || true
  printf '%s\n' "$out"
  [ "$(sed -n 's/.* \([0-9]*\) received.*/\1/p' <<<"$out")" -ge 55 ]
}
check "a web server of b can be reached" serve b 8080 "$LAB_DIR/file"
check "most pings pass" pings_pass
begin=$(now_ms)
check "a fetches 2 MB from b" fetch
note "$((2 * 8389 / ($(now_ms) - begin + 1))) Mbit/s"
check "what was lost were single packets" one_by_one a b
check "its SHA-256 agrees" equal "$(sha256sum <"$LAB_DIR/got")" "$(sha256sum <"$LAB_DIR/file")"
check "the peers are still established" both_established a b
finish
