#!/usr/bin/env bash
# Promises of SECURITY.md that only a running daemon shows: no privileges after the start (P13), no answer to strangers
# (P8), nothing in clear on the cable (P11), no secret in anything it says (P14).
#
#     a ---- veth ---- b ---- veth ---- stranger        a dials b; both give up root
. "$(dirname "$0")/lib.sh"

LAB_USER=nobody
MARK=a-word-that-must-not-be-seen

# Of every thread: no capability that is held, can be raised, inherited, or is left to a program it starts.
without_privileges() { # without_privileges NAME
  local field wanted found
  for wanted in CapInh=0000000000000000 CapPrm=0000000000000000 CapEff=0000000000000000 CapBnd=0000000000000000 \
    CapAmb=0000000000000000 NoNewPrivs=1 Seccomp=2 Uid="$(id -u "$LAB_USER")"; do
    field=${wanted%%=*}
    found=$(awk -v field="$field:" '$1 == field { print $2 }' "/proc/${PID[$1]}/task/"*/status | sort -u | tr '\n' ' ')
    equal "$field $found" "$field ${wanted#*=} " || return 1
  done
}
leaves_no_core() { grep -q '^Max core file size *0 *0 ' "/proc/${PID[$1]}/limits"; }
# How often something is in the memory of a daemon: the address, so that the search is seen to find; then what must not be.
in_memory() { "$NODE" "$ROOT/netns-tests/search-memory.mjs" "${PID[$1]}" "$2" >"$LAB_DIR/found" && cut -d' ' -f1 "$LAB_DIR/found"; }
listeners() { lab_in "$1" ss -Hltn | awk '{ print $4 }' | sort | tr '\n' ' '; }

pair a b
lab_namespace stopped
check "a has given up root and every capability" without_privileges a
check "so has b" without_privileges b
check "it writes no core" leaves_no_core a
before=$(listeners a)
kill -USR1 "${PID[a]}"
sleep 0.5
check "SIGUSR1 opens no inspector" equal "$(listeners a)" "$before"
check "the search through the memory of a finds its address" not equal "$(in_memory a "${ADDRESS[a]}")" 0
check "and the private key as text nowhere" equal "$(in_memory a "${PRIVATE[a]}")" 0
check "nor in b" equal "$(in_memory b "${PRIVATE[b]}")" 0
SECRET=$(sed -n 's/^ *password: \([0-9a-f]\{32\}\)$/\1/p' "$LAB_DIR/a.yaml")
check "the password of a and b is in neither" equal "$(in_memory a "$SECRET")$(in_memory b "$SECRET")" 00
# What comes while it runs: a configuration, and somebody who is invited.
sed -i "s/^accept:.*/accept:\n  - login: later\n    password: told-at-a-reload/" "$LAB_DIR/a.yaml"
lab_in a "$NODE" "$MAIN" reload --config "$LAB_DIR/a.yaml" >"$LAB_DIR/reload.out" 2>&1
check "a reload lets somebody in" grep -q 'accept +later' "$LAB_DIR/reload.out"
INVITED=$(lab_in a "$NODE" "$MAIN" invite --admin 127.0.0.1:11234 --endpoint 192.0.2.1:1 --json 2>/dev/null | json v.password)
check "an invitation has a password" equal "${#INVITED}" 20
check "neither of the new passwords is in the memory of a" equal "$(in_memory a told-at-a-reload)$(in_memory a "$INVITED")" 00
for option in --inspect=127.0.0.1:0 --heapsnapshot-signal=SIGUSR2 --report-on-signal; do
  status=0
  lab_in stopped env NODE_OPTIONS="$option" "$NODE" "$MAIN" up --config "$LAB_DIR/a.yaml" >"$LAB_DIR/said-option" 2>&1 </dev/null || status=$?
  check "up with $option is refused with exit code 2 and a reason" equal "$status $(grep -c "Node.js was started with ${option%%=*}" "$LAB_DIR/said-option")" '2 1'
done
check "and they carry traffic" steady a b

# What comes back to a stranger, whatever he sends: random bytes, and packets that look like handshakes of all stages.
lab_namespace stranger
lab_link b stranger
BACK=$(lab_in stranger timeout 20 "$NODE" -e '
  const [host, port] = process.argv.slice(1), { randomBytes } = require("crypto");
  const socket = require("dgram").createSocket("udp4");
  let back = 0;
  socket.on("message", (bytes) => { back += bytes.length; });
  for (let i = 0; i < 600; i++) {
    const packet = randomBytes(1 + (i * 37) % 1400);
    if (i % 2 === 0 && packet.length > 4) packet.writeUInt32BE(Math.floor(i / 2) % 6);
    setTimeout(() => socket.send(packet, Number(port), host), i * 5);
  }
  setTimeout(() => { console.log(back); process.exit(0); }, 5000);' "${UNDERLAY[bstranger]}" "$LAB_PORT")
check "600 packets of a stranger bring back not one byte" equal "$BACK" 0
check "and the peers are still together" steady a b

# The cable, seen by the kernel: a marked word in user data is nowhere in what leaves a. Where the filter does not see
# the word sent in clear either, it would prove nothing.
watch_cable() { # counts UDP datagrams of a with the word as the first bytes of their data
  lab_in a nft "table inet cable { counter seen { }
    chain c { type filter hook output priority 0; udp length > 24 @th,64,128 0x$(printf '%s' "${MARK:0:16}" | od -An -tx1 | tr -d ' \n') counter name seen; }; }"
}
seen() { lab_in a nft -j list counter inet cable seen | json 'v.nftables.find((e) => e.counter).counter.packets'; }
say_word() { # say_word ADDRESS FAMILY
  lab_in a "$NODE" -e 'const [word, host, family] = process.argv.slice(1), s = require("dgram").createSocket(family);
    s.send(word, 9, host, () => s.close())' "$MARK" "$1" "$2"
}
if watch_cable 2>"$LAB_DIR/nft.out"; then
  say_word "${UNDERLAY[ba]}" udp4
  check "the watch sees a word that is sent in clear" equal "$(seen)" 1
  say_word "${ADDRESS[b]}" udp6
  check "over the mesh it sees it go into the TUN device, and never on the cable" equal "$(seen)" 2
else
  skip "nothing in clear on the cable (this nft matches no payload)"
fi

for command in status peers sessions routes log; do # the log goes on until it is ended
  lab_in a timeout 2 "$NODE" "$MAIN" "$command" --json --admin 127.0.0.1:11234 </dev/null >"$LAB_DIR/said-$command" 2>&1 || true
done
tr '\0' '\n' <"/proc/${PID[a]}/cmdline" >"$LAB_DIR/said-cmdline"
tr '\0' '\n' <"/proc/${PID[a]}/environ" >"$LAB_DIR/said-environ"
not_said() { not grep -l -e "$1" "$LAB_DIR"/said-* "$LAB_DIR/a.log"; }
check "the address, which is no secret, is said" grep -q "${ADDRESS[a]}" "$LAB_DIR/said-status"
check "the private key is in no answer, no log, no argument" not_said "${PRIVATE[a]}"
check "nor is a password" not_said "$SECRET"
finish
