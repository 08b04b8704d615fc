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
finish
