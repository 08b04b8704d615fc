# shellcheck shell=bash
# What every script here needs: Node, the system's tools, the dependencies and the build. Sourced, never run.
#
#   find_node            sets NODE, puts its folder first in PATH; installs it by apt where the distribution has it
#   need_tools LIST...   COMMAND:PACKAGE or /A/FILE:PACKAGE; installs by apt what is missing, and only that
#   prepare              find_node, build tools, `npm ci` if package-lock.json changed, build if sources changed
#
# Nothing asks a question. What cannot be had ends the script with one sentence and exit code 2.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
MAIN=$ROOT/dist/cli/main.js
NODE=
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin # where ip and nft live, missing in many users' PATH

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }
fail() { # fail SENTENCE: the operator must act
  warn "${0##*/}: $*"
  exit 2
}

# How a line begins that root has to type: a bare system has no sudo.
as_root() { if [ "$(id -u)" != 0 ] || command -v sudo >/dev/null; then printf 'sudo '; fi; }

need_root() {
  [ "$(id -u)" = 0 ] || fail "needs root (namespaces, TUN): run 'sudo $0', or where there is no sudo: su -c $0"
}

# A command that fails where nobody expected it ends the script, and is named: `set -e` alone would be silent.
set -E
trap 'step_failed $? "$BASH_COMMAND" "${BASH_SOURCE[0]}" "$LINENO"' ERR
step_failed() { # in a subshell it is not the end yet: what started it says more
  [ "$BASHPID" = "$$" ] || return 0
  warn "${0##*/}: this failed with status $1, and says why above: $2 (${3##*/}, line $4)"
}

need_tun() {
  local said=''
  [ -c /dev/net/tun ] && return
  said=$(modprobe tun 2>&1) || true
  [ -c /dev/net/tun ] || fail "there is no /dev/net/tun${said:+ ($said)}: load the module (modprobe tun), or give the container this device"
}

# ---------------------------------------------------------------- Node

# The oldest Node that all our dependencies run on, and the headers that the native part is compiled against.
NODE_CHECK='const [a, b] = process.versions.node.split(".").map(Number);
  const headers = require("path").join(process.execPath, "../../include/node/node_api.h");
  if (a < 20 || (a === 20 && b < 19)) process.exit(1);
  if (!require("fs").existsSync(headers)) process.exit(3);
  console.log(process.execPath);'

node_candidates() {
  local home user=${SUDO_USER:-}
  command -v node || true
  if [ -n "$user" ] && [ "$user" != root ] && [ "$(id -u)" = 0 ]; then
    # sudo cuts PATH: ask the caller's own login shell where its Node is (nvm, fnm, volta, asdf).
    timeout 10 runuser -u "$user" -- bash -lic 'node -p process.execPath' </dev/null 2>/dev/null | tail -n 1 || true
  fi
  for home in "$(getent passwd "${user:-root}" | cut -d: -f6)" "${HOME:-/root}"; do
    printf '%s\n' "$home"/.nvm/versions/node/*/bin/node "$home"/.local/bin/node
  done
  printf '%s\n' /usr/local/bin/node /usr/bin/node /opt/*/bin/node /usr/local/lib/nodejs/*/bin/node
  # `npm install -g node` puts the headers beside the second copy of the program only.
  printf '%s\n' /usr/local/lib/node_modules/node/node_modules/node-*/bin/node
}

try_nodes() { # prints the first fit Node; remembers in NODE_FLAW why others were refused
  local candidate found
  while read -r candidate; do
    [ -x "$candidate" ] || continue
    if found=$("$candidate" -e "$NODE_CHECK" 2>/dev/null); then
      NODE=$found
      return 0
    elif [ $? = 3 ]; then
      NODE_FLAW="$candidate has no headers beside it (include/node/node_api.h)"
    fi
  done < <(node_candidates)
  return 1
}

find_node() {
  local NODE_FLAW='' offered=''
  if ! try_nodes && have_apt && [ "$(id -u)" = 0 ]; then
    apt_update
    offered=$(apt-cache policy nodejs | sed -n 's/^ *Candidate: *//p')
    if dpkg --compare-versions "${offered:-0}" ge 20.19; then
      apt_install nodejs
      try_nodes || { apt_install libnode-dev && try_nodes; } || true
    fi
  fi
  [ -n "$NODE" ] || no_node "$NODE_FLAW" "$offered"
  PATH=$(dirname "$NODE"):$PATH
  export PATH
}

no_node() { # no_node FLAW OFFERED
  warn "${0##*/}: Node.js 20.19 or newer with its headers was not found${1:+ ($1)}${2:+, and this distribution offers $2 only}."
  if have_apt; then
    warn "These two lines put Node.js 22 into /usr/local, beside what is there; then run this again:"
    warn "    $(as_root)apt-get install --no-install-recommends npm"
    warn "    $(as_root)npm install -g node@22"
  else
    warn "Install Node.js 22 (https://nodejs.org/en/download), then run this again."
  fi
  exit 2
}

# ---------------------------------------------------------------- packages

have_apt() { command -v apt-get >/dev/null && command -v dpkg >/dev/null; }

APT_UPDATED=
apt_update() {
  [ -z "$APT_UPDATED" ] || return 0
  say "updating the list of packages"
  apt-get -qq -o DPkg::Lock::Timeout=300 update >&2 || warn "apt-get update failed; going on with what is known"
  APT_UPDATED=1
}

apt_install() {
  say "installing $*"
  DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l apt-get -qq -y -o DPkg::Lock::Timeout=300 \
    -o Dpkg::Options::=--force-confold install --no-install-recommends "$@" >/dev/null </dev/null ||
    fail "apt-get could not install $*: see its message above"
}

need_tools() {
  local pair thing missing=()
  for pair in "$@"; do
    thing=${pair%%:*}
    case $thing in
      /*) [ -e "$thing" ] || missing+=("${pair#*:}") ;;
      *) command -v "$thing" >/dev/null || missing+=("${pair#*:}") ;;
    esac
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  have_apt || fail "install these first (Debian's names): ${missing[*]}"
  [ "$(id -u)" = 0 ] || fail "run with sudo, or first: sudo apt-get install ${missing[*]}"
  apt_update
  apt_install "${missing[@]}"
}

# ---------------------------------------------------------------- dependencies and build

# A digest over names and contents: a build is current when it was made from exactly these sources.
digest() { # digest PATH...
  (cd "$ROOT" && find "$@" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum)
}

current() { # current STAMP DIGEST
  [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]
}

quietly() { # quietly COMMAND...: its output only when it failed
  local out
  out=$("$@" 2>&1 </dev/null) && return 0
  printf '%s\n' "$out" >&2
  return 1
}

install_dependencies() {
  local now stamp=$ROOT/node_modules/.fcmesh-lock
  now=$(digest package-lock.json)
  current "$stamp" "$now" && return 0
  if [ -e "$stamp" ] || [ ! "$ROOT/node_modules/.package-lock.json" -nt "$ROOT/package-lock.json" ]; then
    command -v npm >/dev/null || need_tools npm:npm
    say "installing the dependencies (npm ci)"
    (cd "$ROOT" && quietly npm ci --no-progress) || fail "npm ci failed: see above (is the package registry reachable?)"
  fi
  printf '%s\n' "$now" >"$stamp"
}

build_native() { # quick and silent when nothing changed
  (cd "$ROOT" && scripts/build-native </dev/null) || fail "the native part did not build: see above"
}

build_typescript() {
  local now fresh=$ROOT/node_modules/.fcmesh-dist stamp=$ROOT/dist/.fcmesh-built
  now=$(digest src tsconfig.json package-lock.json scripts/bundle.mjs)
  current "$stamp" "$now" && [ -f "$MAIN" ] && return 0
  say "compiling"
  rm -rf "$fresh"
  # Beside dist and then renamed: a failed build leaves the old one, a good one leaves nothing of deleted sources.
  (cd "$ROOT" && quietly node_modules/.bin/tsc -p tsconfig.json --outDir "$fresh" &&
    quietly "$NODE" scripts/bundle.mjs "$fresh") || {
    rm -rf "$fresh"
    fail "the sources do not compile: see above"
  }
  printf '%s\n' "$now" >"$fresh/.fcmesh-built"
  rm -rf "$ROOT/dist"
  mv "$fresh" "$ROOT/dist"
}

# Under sudo, what was made in the checkout belongs to the owner of the checkout afterwards, not to root.
give_back() {
  local owner
  [ "$(id -u)" = 0 ] || return 0
  owner=$(stat -c %u:%g "$ROOT")
  [ "$owner" = 0:0 ] || chown -R "$owner" "$ROOT"/{node_modules,dist,native,.tap} 2>/dev/null || true
}

prepare() {
  find_node
  need_tools make:make gcc:gcc g++:g++ python3:python3 /usr/include/sodium.h:libsodium-dev
  # One at a time: two scripts started together must not build into each other.
  local lock
  exec {lock}<"$ROOT/package.json"
  flock "$lock"
  install_dependencies
  build_native
  build_typescript
  give_back
  exec {lock}<&-
}
