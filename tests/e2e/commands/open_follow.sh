#!/usr/bin/env bash
# synscope open --follow: a capture that another program is still writing is shown as it grows.
. "$(dirname "$0")/lib.sh"
for tool in xvfb-run xauth; do need "$tool"; done
"$SYNSCOPE" open --help | grep -q -- --follow || fail "open has no --follow"
if [ -z "${SYNSCOPE_WINDOW_TEST_DISPLAY:-}" ]; then
    # A display of our own, whatever the desktop.
    unset WAYLAND_DISPLAY
    rm -rf "$work"
    SYNSCOPE_WINDOW_TEST_DISPLAY=1 exec xvfb-run -a -s "-screen 0 1280x720x24" bash "$0"
fi

# A pcap file header, and a packet of one byte at second N.
header='\xd4\xc3\xb2\xa1\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x00\x00\x01\x00\x00\x00'
packet() { printf '%b' "\\x0$1\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x01\\x00\\x00\\x00\\x01\\x00\\x00\\x00\\x2a"; }
# The trace has one event more: who captured.
shows() {
    local deadline=$((SECONDS + 60))
    until grep -Eq "\"events\": $(($1 + 1)),?\$" "$work/state" 2>/dev/null; do
        kill -0 "$window" 2>/dev/null || fail "the window has gone"
        [ $SECONDS -lt $deadline ] || { cat "$work/state"; fail "$1 packets are not shown"; }
        sleep 0.05
    done
}
printf '%b' "$header" >"$work/grows.pcap"
"$SYNSCOPE" open --follow "$work/grows.pcap" --state-file "$work/state" 2>"$work/err" &
window=$!
started+=("$window")
packet 1 >>"$work/grows.pcap"
shows 1
{ packet 2; packet 3 | head -c 5; } >>"$work/grows.pcap"
shows 2
packet 3 | tail -c +6 >>"$work/grows.pcap"
shows 3
grep -q '"live": true' "$work/state" || fail "it is not live"
[ -s "$work/err" ] && { cat "$work/err"; fail "it complains"; }
echo "a file that grows is followed"
