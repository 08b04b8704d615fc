#!/usr/bin/env bash
# The dashboard in a terminal of its own (tmux): start, sort, open a peer, see one die and come back, resize, quit.
#
#     b ---- veth ---- a ---- veth ---- c        the dashboard runs beside a
. "$(dirname "$0")/lib.sh"

if ! command -v tmux >/dev/null; then
  skip "the dashboard in a terminal: tmux is not installed (apt-get install tmux)"
  finish
fi

# A tmux server of its own: no configuration of anybody, and nothing of anybody's sessions.
TMUX_SOCKET=$LAB_DIR/tmux
mux() { env -u TMUX tmux -S "$TMUX_SOCKET" -f /dev/null "$@"; }
screen() { mux capture-pane -p -t dash; }
press() { mux send-keys -t dash "$@"; }
shows() { screen | grep -qE -- "$1" || { screen && return 1; }; } # shows PATTERN
shows_not() { ! screen | grep -qE -- "$1"; }
line_of() { screen | grep -nE -- "$1" | head -n 1 | cut -d: -f1; }
ended() { ! mux has-session -t dash 2>/dev/null; }
# The server ends with its last session; one that is left over by a failed check must not outlive the laboratory.
trap 'mux kill-server 2>/dev/null || true; end_scenario $?' EXIT

open_dash() { # open_dash COLUMNS ROWS [NAME=VALUE...]
  local columns=$1 rows=$2
  shift 2
  mux new-session -d -s dash -x "$columns" -y "$rows" \
    ip netns exec "${LAB}a" env LC_ALL=C.UTF-8 TERM=screen-256color "$@" "$NODE" "$MAIN" dash --admin 127.0.0.1:11234
}

lab_node a b c
lab_link a b
lab_link a c
lab_peer a b
lab_peer a c
lab_start a b c
check "all have their address on the TUN device" lab_ready a b c
check "both peers are established" wait_for 20 established a 2
[ "$FAILED" = 0 ] || finish

# ---------------------------------------------------------------- one frame for pipes
frame=$(fc a dash --once </dev/null)
check "--once prints one frame" matches "$frame" '^> b +established .* ms +0\.0 %'
check "--once has no escape sequences" not grep -q "$(printf '\033')" <<<"$frame"
check "--json has the same as data" equal "$(fc a dash --json | json 'v.peers.map((p) => p.name + " " + p.state).join(", ")')" \
  "b established, c established"

# ---------------------------------------------------------------- in a terminal
open_dash 80 24
check "the dashboard shows both peers" wait_for 10 shows '2 of 2 peers'
check "with state, round trip and loss" shows '^> b +established .* ms +0\.0 %'
check "keys are always shown" shows '1 peers 2 sessions 3 routes 4 map 5 log'
press Down
check "the cursor goes down" wait_for 3 shows '^> c '
press s
check "s sorts by name: an arrow marks the column" wait_for 3 shows '^ +peer▾'
press S
check "S turns it round: c is above b" wait_for 3 shows '^ +peer▴'
check "and the cursor stays on c" shows '^> c '
at_c=$(line_of '^> c ') at_b=$(line_of '^  b ')
check "which is above b" at_most "$at_c" "$at_b"
press S

press / 10.77.0.2 Enter # the endpoint of b
check "a filter leaves one peer" wait_for 3 shows_not '^[> ] c '
press Escape
check "esc brings the others back" wait_for 3 shows '^[> ] c '

lab_stop c KILL
check "c was killed: it is unresponsive within 10 s" wait_for 10 shows '^[> ] c +unresponsive'
check "with the reason below" shows '^    (silent|no answer) for '
check "and 1 of 2 peers" shows '1 of 2 peers'
lab_start c
check "c is back: established within 10 s" wait_for 10 shows '^[> ] c +established'

press Home Enter
check "enter opens a peer: its chart" wait_for 5 shows 'round trip, last 15 minutes'
check "with its measurements" shows '^ +[0-9.]+ ┤'
press Escape
check "esc leads back" wait_for 3 shows '^ +peer'

press 3
check "routes, and the path of the chosen one" wait_for 5 shows '^ path to '
press Enter
check "enter measures it" wait_for 8 shows 'measured every'
press 4
check "the map has us in the middle" wait_for 5 shows '[a-z] +─ you ─'
press '?'
check "help lists the keys" wait_for 3 shows 'sort by the next column'
press 1

mux resize-window -t dash -x 120 -y 30
check "a wider terminal gets more columns" wait_for 5 shows 'loss +in +out +p95'
mux resize-window -t dash -x 60 -y 12
check "a narrow one fewer" wait_for 5 shows '^ +peer▾? +state .* loss$'
check "and nothing of the old size is left" shows_not 'p95'
mux resize-window -t dash -x 80 -y 24
check "and back" wait_for 5 shows 'rtt +loss +in +out$'

# ---------------------------------------------------------------- the daemon goes and comes back
lab_stop a TERM
check "the daemon is gone: it says so" wait_for 10 shows 'daemon does not answer since [0-9:]{8}, trying again'
check "and the last frame stays" shows '^[> ] b +established'
lab_start a
check "the daemon is back: the dashboard is, too" wait_for 15 shows_not 'does not answer'
check "with its peers" wait_for 20 shows '2 of 2 peers'

pane=$(mux list-panes -t dash -F '#{pane_pid}')
rss_mb=$(($(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pane/status") / 1024))
check "it takes less than 150 MB" at_most "$rss_mb" 150
note "$rss_mb MB"
press q
check "q quits" wait_for 5 ended

open_dash 80 24 NO_COLOR=1
check "NO_COLOR: it starts" wait_for 10 shows 'peers  up '
check "and has no colour" not grep -qE "$(printf '\033')\[(3|4|9)[0-8]" <(mux capture-pane -e -p -t dash)
press C-c
check "ctrl-c ends it as well" wait_for 5 ended
finish
