#!/usr/bin/env bash
# Wrong password, wrong key, unknown login: no link, no traffic, and both ends say why as far as they can know.
#
#     a ---- veth ---- b        a dials b with something wrong; once for each mistake
. "$(dirname "$0")/lib.sh"
SECONDS_WATCHED=4

tun_received() { lab_in "$1" cat /sys/class/net/fc0/statistics/rx_packets; } # by the kernel, from the daemon
refused() { fc "$1" status --json | json 'v.refused.map((r) => r.reason).join(",")'; }
reason() { fc "$1" peers --json | json 'v.map((p) => p.state + ": " + p.reason).join("; ")'; }
doctor() { (fc "$1" doctor --json || true) | json "v.filter((e) => e.check === '$2').map((e) => [e.state, e.finding, e.remedy].join(' '))[0]"; }

# attempt TITLE REFUSED-REASON: both are configured already, up to the mistake
attempt() {
  local title=$1 wanted=$2 got
  lab_start a b
  check "$title: both daemons are up" lab_ready a b
  both_tuns a b || finish # the rest would only wait
  sleep "$SECONDS_WATCHED"
  check "$title: the dialler has no established peer" not established a
  check "$title: the acceptor has none either" not established b
  check "$title: a ping gets no answer" not answers a b
  check "$title: nothing came out of the TUN device of b" equal "$(tun_received b)" 0
  check "$title: nothing came out of the TUN device of a but errors of our own" at_most "$(tun_received a)" 3
  got=$(reason a)
  check "$title: the dialler's table explains itself" \
    matches "$got" '(handshake|unresponsive): no answer for [0-9]+ s: wrong password, key or port, or a firewall'
  got=$(refused b)
  check "$title: the acceptor counts it as \"$wanted\"" matches "$got" "(^|,)$wanted(,|\$)"
  got=$(doctor a peer)
  check "$title: doctor of the dialler names the peer and what to do" matches "$got" '^bad .*no answer for .* Run fcmesh doctor there, too'
  got=$(doctor b 'turned away')
  check "$title: doctor of the acceptor names who is turned away and what to do" matches "$got" "^warning .*: $wanted, .* time.*(password there|\"accept\")"
  lab_stop a
  lab_stop b
  PEERS[a]='' ACCEPTS[b]=''
}

lab_node a b
lab_node other
lab_link a b
lab_peer a b not-the-password
attempt "wrong password" "wrong password or key"
lab_accept b a the-password
lab_dial a "${UNDERLAY[ba]}:$LAB_PORT" "${KEY[other]}" a the-password b
attempt "wrong key" "wrong password or key"
lab_peer a b '' '' nobody-of-this-name
attempt "unknown login" "unknown login"
finish
