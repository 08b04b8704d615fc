#!/usr/bin/env bash
# A stock cjdroute at the other end, when $CJDROUTE names one: it dials us, we dial it, and IP passes both ways.
#
#     a (ours) ---- veth ---- s (stock)        a dials s        then        s dials a
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/stock.sh"
LAB_FIREWALL='  inbound: allow'

talk() { # talk TITLE
  lab_start a
  stock_start s
  check "$1: both have a TUN device" wait_for 20 both_tuns a s
  check "$1: the link is established" wait_for 20 established a
  check "$1: a reaches s" wait_for 20 answers a s
  check "$1: 100 pings from a to s, none lost" steady a s
  check "$1: 100 pings from s to a, none lost" steady s a
  check "$1: TCP from a to s" stream a s
  note "$(cat "$LAB_DIR/mbit") Mbit/s"
  check "$1: TCP from s to a" stream s a
  note "$(cat "$LAB_DIR/mbit") Mbit/s"
  note "protocol $(fc a peers --json | json 'v[0].protocol')"
  lab_stop a
  stock_stop s
}

lab_node a s
lab_link a s
secret=$(lab_secret)

stock_accept s a "$secret"
lab_dial a "${UNDERLAY[sa]}:$LAB_PORT" "${KEY[s]}" a "$secret" stock
talk "we dial"

PEERS[a]='' STOCK_ACCEPTS[s]=''
lab_accept a s "$secret"
stock_dial s "${UNDERLAY[as]}:$LAB_PORT" "${KEY[a]}" s "$secret"
talk "stock dials"

# A stock node that is half dead at its first start: it has its address, and no UDP socket.
real=$CJDROUTE
CJDROUTE=$LAB_DIR/half-dead
cat >"$CJDROUTE" <<SH
#!/bin/sh
[ ! -e "\$0.once" ] || exec "$real" "\$@"
touch "\$0.once"
exec python3 -c '
import fcntl, os, struct, subprocess, time
tun = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tun, 0x400454CA, struct.pack("16sH22x", b"fc0", 0x1001))
subprocess.run(["ip", "address", "add", "${ADDRESS[s]}/8", "dev", "fc0", "nodad"], check=True)
subprocess.run(["ip", "link", "set", "fc0", "up"], check=True)
time.sleep(60)'
SH
chmod +x "$CJDROUTE"
stock_start s
check "a stock node that is half dead at first is started again" stock_ready s
check "it was half dead at first" test -e "$CJDROUTE.once"
finish
