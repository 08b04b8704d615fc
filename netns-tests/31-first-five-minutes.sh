#!/usr/bin/env bash
# The first five minutes of README.md, line by line as they stand there: install, invite, join, ping, dash.
#
#     a ---- veth ---- b        each with files of its own: overlays over /etc, /usr and /run, gone with the scenario
. "$(dirname "$0")/lib.sh"

# The commands of a section, from its N-th block of code.
block() { # block N
  awk -v wanted="$1" '/^### The first five minutes/ { on = 1; next } /^#/ && !code { on = 0 }
    /^```/ && on { code = !code; count += code; next } code && on && count == wanted' "$ROOT/README.md"
}

# A process that keeps a world of files: nothing that is written there touches this machine.
world() { # world NAME [PARENT-PID]: sets HOLDER to its pid
  local dir=$LAB_DIR/$1 enter=()
  mkdir -p "$dir"
  [ -z "${2:-}" ] || enter=(nsenter -m -t "$2" --)
  # shellcheck disable=SC2016 # for the shell inside
  "${enter[@]}" unshare -m --propagation private sh -c 'set -e
    mount -t tmpfs none "$1"
    for part in usr etc; do
      mkdir "$1/$part" "$1/$part.work"
      mount -t overlay overlay -o "lowerdir=/$part,upperdir=$1/$part,workdir=$1/$part.work" "/$part"
    done
    mount -t tmpfs none /run/systemd 2>/dev/null || true # what is installed there must not meet the systemd of this machine
    touch "$1/ready"; while [ ! -e "$1/end" ] && kill -0 "$2"; do sleep 1; done' sh "$dir" "$$" >/dev/null 2>"$dir.log" &
  HOLDER=$!
  wait_for 5 ready "$HOLDER" "$dir"
}
ready() { nsenter -m -t "$1" -- test -e "$2/ready"; }
inside() { # inside NAME COMMAND: as its user types it
  nsenter -m -t "${WORLD[$1]}" -- ip netns exec "$LAB$1" sh -c "$2"
}

# One line of the README on a machine, with the values of the laboratory in place of the examples.
type_line() { # type_line NAME LINE
  local line=$2
  line=${line#sudo }
  line=${line/192.0.2.7/"${UNDERLAY[ab]}"}
  line=${line/fcmesh:\/\/.../"$invitation"} # quoted: an & in it is no pattern
  line=${line/<the address>/"$address"}
  line=${line%%  #*}
  line=${line/#fcmesh dash/fcmesh dash --once}
  inside "$1" "$line" | tee "$LAB_DIR/typed"
}
works() { # works NAME LINE: what it printed is in SAID
  type_line "$@" || return 1
  SAID=$(cat "$LAB_DIR/typed")
}

if ! unshare -m true 2>/dev/null || ! (world probe); then
  skip "the first five minutes: no overlays of file systems can be made here"
  finish
fi

lab_namespace a
lab_namespace b
lab_link a b
invitation='' address=''
declare -A WORLD

world machine
machine=$HOLDER
install=$(block 1 | head -n 1)
check "the README begins with the installation" equal "$install" "sudo ./scripts/install"
check "$install" nsenter -m -t "$machine" -- sh -c "rm -rf /etc/fcmesh; cd '$ROOT' && ${install#sudo }"
for name in a b; do
  world "$name" "$machine"
  WORLD[$name]=$HOLDER
  inside "$name" 'rm -rf /etc/fcmesh && fcmesh init >/dev/null' # both have installed: each has a key of its own
  inside "$name" 'exec fcmesh up' >"$LAB_DIR/$name.log" 2>&1 </dev/null &
done
for name in a b; do check "the daemon of $name has its address" wait_for 10 has_tun "$name"; done

while read -r line; do
  check "a: $line" works a "$line"
  case $line in
    *invite*) invitation=$(grep -o 'fcmesh://[^ ]*' <<<"$SAID" | head -n 1) ;;
    *status*) address=$(grep -oE 'fc[0-9a-f]{2}(:[0-9a-f]{1,4}){7}' <<<"$SAID" | head -n 1) ;;
  esac
done < <(block 1 | tail -n +2)
check "the line that was printed is an invitation" matches "$invitation" '^fcmesh://.+@.+:21000\?login='
check "status showed the address" matches "$address" '^fc'
up() { inside b 'fcmesh peers' | grep -q established; }
while read -r line; do
  check "b: $line" works b "$line"
  case $line in
    *join*) check "the link is up within 5 s" wait_for 5 up ;;
    *peers*) check "the peers are listed" matches "$SAID" 'established' ;;
    ping*) check "the pings are answered" matches "$SAID" ' 0% packet loss' ;;
    *dash*) check "the dashboard shows the peer" matches "$SAID" 'established .* ms' ;;
  esac
done < <(block 2 | tail -n +2)
check "what join saved is valid, and the peer is in it" inside b "fcmesh check && grep -q '${UNDERLAY[ab]}' /etc/fcmesh/fcmesh.yaml"
check "doctor finds nothing bad" inside b 'fcmesh doctor'
check "and this machine has nothing of it" not test -e "$LAB_DIR/a/etc/fcmesh"
finish
