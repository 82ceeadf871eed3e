#!/usr/bin/env bash
# Drives the window with real key and mouse events and checks, in its state file, what is selected and shown.
# usage: window_test.sh WINDOW_DRIVER     exit 77: this machine lacks the tools
set -u
driver=$1
for tool in xvfb-run xdotool xauth; do
    command -v "$tool" >/dev/null || { echo "skipped: $tool is missing"; exit 77; }
done
if [ -z "${SYNSCOPE_WINDOW_TEST_DISPLAY:-}" ]; then
    # A display of our own, whatever the desktop.
    unset WAYLAND_DISPLAY
    SYNSCOPE_WINDOW_TEST_DISPLAY=1 exec xvfb-run -a -s "-screen 0 1920x1080x24" "$0" "$driver"
fi

work=$(mktemp -d)
state=$work/state.json
window_pid=
finish() {
    exec 5>&- 2>/dev/null
    [ -n "$window_pid" ] && kill "$window_pid" 2>/dev/null
    rm -rf "$work"
}
trap finish EXIT

fail() {
    echo "FAILED: $*"
    echo "--- state:"
    cat "$state" 2>/dev/null
    exit 1
}
value() { sed -n 's/^ *"'"$1"'": \(.*[^,]\),\{0,1\}$/\1/p' "$state" | head -n 1; }
# Waits until a condition on the state file holds; 60 s is for sanitizers on a busy machine, not a measure.
until_true() {
    local what=$1 deadline=$((SECONDS + 60))
    shift
    until "$@" 2>/dev/null; do
        [ $SECONDS -lt $deadline ] || fail "$what"
        kill -0 "$window_pid" 2>/dev/null || fail "the window has gone while waiting: $what"
        sleep 0.05
    done
}
is() { [ "$(value "$1")" = "$2" ]; }
is_not() { [ "$(value "$1")" != "$2" ]; }
at_least() { local v; v=$(value "$1"); [ "${v%%.*}" -ge "$2" ]; }
key() { xdotool key --clearmodifiers "$@"; }

mkfifo "$work/input"
"$driver" --live --state "$state" --shot "$work/picture.png" <"$work/input" &
window_pid=$!
exec 5>"$work/input"

until_true "the window opens" test -s "$state"
until_true "nothing is there yet" is events 0
window=$(xdotool search --sync --pid "$window_pid" --class synscope | tail -n 1)
xdotool windowfocus --sync "$window" 2>/dev/null || true

# It grows while it is watched.
echo "more 20" >&5
until_true "twenty events are shown" is events 20
until_true "it follows the end" is following true

# Pause: events go on being recorded, the picture stands still.
key space
until_true "space pauses" is paused true
echo "more 15" >&5
until_true "events wait" is waiting_events 15
is events 20 || fail "the picture grew while paused"
key space
until_true "resume catches up" is events 35
echo "end" >&5
until_true "the stream ends" is live false

# By keyboard.
key Home
until_true "Home selects the first item" is_not selected_event null
first=$(value selected_event)
key Down Down Down Down
until_true "Down moves on" is_not selected_event "$first"
key Home
until_true "Home goes back" is selected_event "$first"
for _ in $(seq 40); do
    value selected_text | grep -q '> server  S 0:0(0)' && break
    before=$(value selected_event)
    key Down
    until_true "Down selects the next item" is_not selected_event "$before"
done
value selected_text | grep -q '"client > server  S 0:0(0)' || fail "no SYN was reached by keyboard"
syn=$(value selected_event)
key Return
until_true "Enter opens the inspector" is focus '"inspector"'
key Down Down Down
until_true "Down walks the fields" is_not field null
key Escape
until_true "Escape goes back to the ladder" is focus '"ladder"'
key Escape
until_true "Escape clears the selection" is selected_event null

# By mouse: click where the SYN was drawn.
key Home
until_true "selected again" is selected_event "$first"
xdotool mousemove --window "$window" 5 5
for _ in $(seq 40); do
    is selected_event "$syn" && break
    before=$(value selected_event)
    key Down
    until_true "Down selects the next item" is_not selected_event "$before"
done
x=$(sed -n '/"selected_at_px"/,/}/s/.*"x": \([0-9]*\).*/\1/p' "$state")
y=$(sed -n '/"selected_at_px"/,/}/s/.*"y": \([0-9]*\).*/\1/p' "$state")
[ -n "$x" ] && [ -n "$y" ] || fail "the selected arrow has no place"
key Escape
until_true "cleared" is selected_event null
xdotool mousemove --window "$window" "$x" "$y"
xdotool click 1
until_true "a click on the arrow selects it" is selected_event "$syn"

# The wheel.
before=$(value top_px)
xdotool click 5
xdotool click 5
until_true "the wheel scrolls" is_not top_px "$before"
zoom=$(value zoom)
# Held until it is seen: on a busy machine all of it may come within one frame, whose end is without Ctrl.
xdotool keydown ctrl
xdotool click 4
until_true "Ctrl and the wheel zooms" is_not zoom "$zoom"
xdotool keyup ctrl
key 0
until_true "0 resets the zoom" is zoom 1.0

# The rest of the keys.
key l
until_true "l shows time to scale" is mode '"linear"'
key t
until_true "t changes the theme" is theme '"light"'
key Tab Tab Tab
until_true "Tab reaches the connections" is focus '"connections"'
key Down
until_true "a connection is chosen" is connection 0
key question
until_true "? opens the keys" is help true
key Escape
until_true "Escape closes them" is help false
key F12
until_true "F12 saves a picture" test -s "$work/picture.png"
[ "$(head -c 4 "$work/picture.png" | tail -c 3)" = PNG ] || fail "the picture is no PNG"

key ctrl+q
wait "$window_pid"
code=$?
window_pid=
[ $code -eq 0 ] || fail "the window ended with code $code"

# No display: a clear message, no crash.
message=$(env -u DISPLAY "$driver" 2>&1 </dev/null)
[ $? -eq 1 ] || fail "without a display the code was not 1"
echo "$message" | grep -q "no display" || fail "without a display it said: $message"
echo "passed"
