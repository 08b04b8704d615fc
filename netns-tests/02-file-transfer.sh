#!/usr/bin/env bash
# Real programs over the mesh: a big file arrives unchanged, and an interactive login works.
#
#     a ---- veth ---- b        web server and SSH server on the mesh address of b
. "$(dirname "$0")/lib.sh"
LAB_FIREWALL=$'  inbound: deny\n  allow: [icmp, tcp/8080, tcp/2222]'
FILE_MB=100

pair a b
head -c "${FILE_MB}M" /dev/urandom >"$LAB_DIR/file"
sum=$(sha256sum <"$LAB_DIR/file")

fetch() { lab_in a curl -gsS --max-time 50 -o "$LAB_DIR/got" "http://[${ADDRESS[b]}]:8080/"; }
check "a web server listens on the mesh address of b" serve b 8080 "$LAB_DIR/file"
begin=$(now_ms)
check "a fetches $FILE_MB MB from b" fetch
note "$((FILE_MB * 8000 / ($(now_ms) - begin + 1))) Mbit/s"
check "its SHA-256 agrees" equal "$(sha256sum <"$LAB_DIR/got")" "$sum"

# An SSH server with throw-away keys. The home of root is covered by an empty one, in a mount namespace of its own:
# nothing of this machine's SSH is read or changed. The server is sshd or, where that is missing, dropbear.
keys() {
  ssh-keygen -q -t ed25519 -N '' -f "$LAB_DIR/user" && ssh-keygen -q -t ed25519 -N '' -f "$LAB_DIR/host"
}
ssh_server() {
  local address=${ADDRESS[b]} home
  home=$(getent passwd root | cut -d: -f6)
  # shellcheck disable=SC2016 # expanded by the inner shell
  lab_spawn b bash -c 'set -e; dir=$1 home=$2 address=$3
    mount -t tmpfs -o mode=0700 none "$home"; mkdir -m 700 "$home/.ssh"
    install -m 600 "$dir/user.pub" "$home/.ssh/authorized_keys"
    if server=$(command -v sshd); then
      mkdir -p /run/sshd; mount -t tmpfs -o mode=0755 none /run/sshd
      exec "$server" -D -e -f /dev/null -h "$dir/host" -o "ListenAddress=[$address]:2222" -o PidFile=none -o UsePAM=no \
        -o PermitRootLogin=prohibit-password
    fi
    dropbearconvert openssh dropbear "$dir/host" "$dir/host.dropbear"
    exec dropbear -F -E -s -r "$dir/host.dropbear" -p "[$address]:2222" -P ""' \
    - "$KEYS" "$home" "$address" >>"$LAB_DIR/ssh-server.log" 2>&1 </dev/null
  wait_for 10 listens b 2222
}
# shellcheck disable=SC2016 # expanded at the far end
login() { # a terminal of its own at the far end: what a person at a keyboard would get
  local out
  out=$(lab_in a timeout 30 ssh -F none -tt -p 2222 -i "$KEYS/user" -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=10 \
    -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR \
    "root@${ADDRESS[b]}" 'tty; echo "you came from ${SSH_CONNECTION%% *}"' | tr -d '\r')
  printf '%s\n' "$out"
  matches "$out" '^/dev/pts/' && matches "$out" 'you came from fc'
}
if { command -v sshd || command -v dropbear; } >/dev/null && command -v ssh >/dev/null; then
  KEYS=$LAB_DIR
  keys
  check "an SSH server listens on the mesh address of b" ssh_server
  check "an interactive ssh from a gets a terminal on b" login
else
  skip "ssh: neither sshd nor dropbear is installed"
fi
finish
