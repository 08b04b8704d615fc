#!/usr/bin/env bash
# Eight daemons started at the same moment: all get ready, however few cores there are. CPU time is shown, not judged.
#
#     n1   n2   n3   n4   n5   n6   n7   n8        (no cables)
. "$(dirname "$0")/lib.sh"
NAMES=(n1 n2 n3 n4 n5 n6 n7 n8)

cpu_ms() { # of one process so far, user and system
  local fields ticks
  fields=$(sed 's/.*) //' "/proc/$1/stat") || return
  ticks=$(awk '{ print $12 + $13 }' <<<"$fields")
  printf '%s\n' "$((ticks * 1000 / $(getconf CLK_TCK)))"
}

lab_node "${NAMES[@]}"
begin=$(now_ms)
lab_start "${NAMES[@]}"
total=0 most=0
for name in "${NAMES[@]}"; do
  check "$name has its TUN device" lab_ready "$name"
  ms=$(cpu_ms "${PID[$name]}")
  total=$((total + ms)) most=$((ms > most ? ms : most))
done
note "all ready $(($(now_ms) - begin)) ms after the start; CPU time at that moment: mean $((total / ${#NAMES[@]})) ms," \
  "most $most ms (the aim is 250 ms)"
for name in "${NAMES[@]}"; do kill -TERM "${PID[$name]}"; done
ended=0
for name in "${NAMES[@]}"; do wait "${PID[$name]}" && ended=$((ended + 1)); done
check "all eight end with exit code 0 on SIGTERM" equal "$ended" 8
finish
