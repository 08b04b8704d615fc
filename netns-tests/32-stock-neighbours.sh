#!/usr/bin/env bash
# A stock node and ours on one switch find each other, whichever was there first; nothing is configured about each other.
#
#     a --+-- switch --+-- s       s is a stock node: its own first beacon goes nowhere, the next comes half a minute later
#     b --+
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/stock.sh"
LAB_LAN=$'  devices: [eth0]'
STOCK_BEACON='"beacon": 2, "beaconPort": 64512, "beaconDevices": ["eth0"]'

lab_node a b s
lab_switch switch a b s
number=1
for name in a b s; do
  lab_in "$name" ip address add "10.78.0.$number/24" broadcast + dev eth0
  number=$((number + 1))
done

stock_start s
lab_start a
check "a has its address" lab_ready a
check "a finds the stock node that was there before it" wait_for 10 established a
note "$LAB_WAIT_MS ms after it was ready"
check "and reaches it" wait_for 10 answers a s
stock_stop s
lab_start b
check "b has its address" lab_ready b
check "a and b are connected" wait_for 10 established b
stock_start s
check "a stock node that comes later is found" wait_for 40 established b 2
note "$LAB_WAIT_MS ms after it was ready"
check "and b reaches it" wait_for 10 answers b s
finish
