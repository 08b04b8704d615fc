#!/usr/bin/env bash
# Stock nodes among ours, when $CJDROUTE names one: reached behind each other, named by each other, and healed with us.
#
#       b ---- c
#      /        \
#     a          s        a, b, c: ours; s, t, u: stock; then the relay in use between a and s dies
#      \        /
#       u ---- t
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mesh.sh"
. "$(dirname "$0")/stock.sh"
LIMIT_MS=9000

# joint A B KIND-OF-A KIND-OF-B: a cable; B dials A
joint() {
  local secret
  secret=$(lab_secret)
  lab_link "$1" "$2"
  if [ "$3" = stock ]; then stock_accept "$1" "$2" "$secret"; else lab_accept "$1" "$2" "$secret"; fi
  if [ "$4" = stock ]; then stock_dial "$2" "${UNDERLAY[$1$2]}:$LAB_PORT" "${KEY[$1]}" "$2" "$secret"
  else lab_dial "$2" "${UNDERLAY[$1$2]}:$LAB_PORT" "${KEY[$1]}" "$2" "$secret" "$1"; fi
}

lab_node a b c s t u
joint a b ours ours
joint b c ours ours
joint c s ours stock
joint s t stock stock
joint t u stock stock
joint u a stock ours
lab_start a b c
stock_start s t u
check "a reaches s" wait_for 30 answers a s
check "s reaches a" wait_for 30 answers s a
check "b (ours) reaches t (stock), three hops away" wait_for 30 answers b t
check "t reaches b" wait_for 30 answers t b
check "u (stock) reaches c (ours)" wait_for 30 answers u c
check "TCP from a to s" stream a s
note "$(cat "$LAB_DIR/mbit") Mbit/s"

pings a s
sleep 4
since=$(now_ms)
if [ "$(next_hop a b u)" = b ]; then
  victim=c
  lab_stop c KILL
else
  victim=t
  stock_stop t
fi
sleep 10
check "$victim died: traffic between a and s is back within $LIMIT_MS ms" quiet_for_at_most "$LIMIT_MS" a s "$since"
note "silence: $(cat "$LAB_DIR/silence") ms"
pings_end a s
finish
