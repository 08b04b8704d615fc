#!/usr/bin/env bash
# How often a daemon enters the kernel: for an echo on an idle link, and for 64 packets of a full stream.
#
#     a ---- veth ---- b        b is watched by strace
. "$(dirname "$0")/lib.sh"
LAB_FIREWALL=$'  inbound: deny\n  allow: [icmp, tcp/5201]'
ECHOES=200
BYTES=20000000
# Wake up, receive, write; the kernel has answered by then: read, read once more, send; ask whether there is more to do.
CALLS_PER_ECHO=7
# The same for a vector: a train or two in, frames joined for the TUN device, acknowledgements out.
CALLS_PER_VECTOR=8

# watched COMMAND...: what `b` calls meanwhile, in calls.txt
watched() {
  local strace
  strace -f -c -U name,calls -o "$LAB_DIR/calls.txt" -p "${PID[b]}" 2>"$LAB_DIR/strace.txt" &
  strace=$!
  wait_for 5 grep -q attached "$LAB_DIR/strace.txt" || { cat "$LAB_DIR/strace.txt" && return 1; }
  "$@" || { kill -INT "$strace" && return 1; }
  kill -INT "$strace"
  wait "$strace" || true
  cat "$LAB_DIR/calls.txt"
}
echoes() { lab_in a ping -6 -q -c "$ECHOES" -i 0.004 -W 2 "${ADDRESS[b]}"; }
calls_of() { awk -v names="$*" 'BEGIN { split(names, list); for (i in list) wanted[list[i]] = 1 } $1 in wanted { sum += $2 } END { print sum + 0 }' "$LAB_DIR/calls.txt"; }

transfer() {
  local server
  lab_spawn b iperf3 -s -1 -B "${ADDRESS[b]}" >"$LAB_DIR/iperf-server.log" 2>&1 </dev/null
  server=$LAB_PID
  wait_for 5 listens b 5201 || return 1
  lab_in a timeout 40 iperf3 -6 -c "${ADDRESS[b]}" -n "$BYTES" --connect-timeout 5000 || return 1
  wait "$server" || true
}

pair a b
check "warm: a hundred echoes, none lost" steady a b
if ! watched true >/dev/null 2>&1 && grep -q 'Operation not permitted' "$LAB_DIR/strace.txt"; then
  skip "calls are counted: processes can't be traced here"
  finish
fi
check "echoes while b is watched" watched echoes
path=$(calls_of recvmmsg sendmmsg read writev)
all=$((path + $(calls_of epoll_pwait epoll_wait)))
note "an echo: $((path * 100 / ECHOES)) of 100 calls of the path, $((all * 100 / ECHOES)) with those of the event loop and its timers"
# Timers wake the event loop too, two calls each time: one call for each echo is left to them.
check "an echo takes five calls of the path" at_most "$path" $((ECHOES * (CALLS_PER_ECHO - 2) * 11 / 10))
check "and with the event loop seven, besides its timers" at_most "$all" $((ECHOES * (CALLS_PER_ECHO + 1)))
check "a stream while b is watched" watched transfer
path=$(calls_of recvmmsg sendmmsg read writev epoll_pwait epoll_wait)
vectors=$((BYTES / 1232 / 64))
note "64 packets: $((path * 10 / vectors)) tenths of a call"
check "64 packets of a stream take $CALLS_PER_VECTOR calls at most" at_most "$path" $((vectors * CALLS_PER_VECTOR))
finish
