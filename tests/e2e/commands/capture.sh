#!/usr/bin/env bash
# synscope capture: a file that appears whole, a stream, a ring, lines of text, headers only, and refusals that say why.
. "$(dirname "$0")/lib.sh"
need tshark
can_capture || skip "no right to capture here"

# A server to talk to, on a port of its own.
mkfifo "$work/address"
"$SYNSCOPE" serve --engine epoll-et >"$work/address" 2>/dev/null </dev/null &
started+=("$!")
read -r -t 10 line <"$work/address" || fail "serve said nothing"
port=${line##*:}

# talk: one short conversation with it.
talk() {
    exec 9<>"/dev/tcp/127.0.0.1/$port" || fail "cannot connect"
    echo "the quick brown fox" >&9
    read -r -t 10 answer <&9 || fail "no answer"
    [ "$answer" = "THE QUICK BROWN FOX" ] || fail "answered: $answer"
    exec 9>&-
}

# start_capture OPTIONS: in the background; returns once it is armed, which it says on standard error.
start_capture() {
    mkfifo "$work/said"
    "$SYNSCOPE" capture -i lo -f "tcp port $port" "$@" 2>"$work/said" </dev/null &
    capture_pid=$!
    started+=("$capture_pid")
    exec 8<"$work/said"
    rm "$work/said"
    while read -r -t 10 line <&8; do case $line in *armed*|*capturing*) return ;; esac; done
    fail "the capture was never armed"
}
finish_capture() { kill -INT "$capture_pid"; wait "$capture_pid" || fail "capture exited with $?"; exec 8<&-; }

start_capture -w "$work/a.pcapng"
talk
finish_capture
[ "$(stat -c %a "$work/a.pcapng")" = 600 ] || fail "the file is not private"
tshark -r "$work/a.pcapng" -T fields -e tcp.flags.str -e tcp.payload 2>/dev/null >"$work/packets"
head -1 "$work/packets" | grep -q S || fail "the first packet is no SYN"
grep -q "$(printf 'the quick' | od -An -tx1 | tr -d ' \n')" "$work/packets" || fail "the payload is missing"
capinfos "$work/a.pcapng" >/dev/null 2>&1 || fail "capinfos cannot read it"

start_capture --no-payload -w - >"$work/b.pcapng"
talk
finish_capture
tshark -r "$work/b.pcapng" -T fields -e tcp.len -e tcp.payload 2>/dev/null >"$work/packets"
grep -q "$(printf 'the quick' | od -An -tx1 | tr -d ' \n')" "$work/packets" && fail "payload in a capture of headers"
grep -qE '^20' "$work/packets" || fail "the length of the payload is lost"

start_capture >"$work/text"
talk
finish_capture
says "$work/text" ' S 0:0\(0\) win [0-9]+'
says "$work/text" ' P\. 1:21\(20\) ack 1 win'
is_clean "$work/text"

start_capture -c 3 -w "$work/c.pcapng"
talk
wait "$capture_pid" || fail "capture -c exited with $?"
[ "$(tshark -r "$work/c.pcapng" 2>/dev/null | wc -l)" = 3 ] || fail "-c 3 kept another number"

start_capture --ring 2k,2 -w "$work/ring"
for _ in 1 2 3 4 5 6; do talk; done
finish_capture
ls "$work"/ring.* >"$work/rings"
[ "$(wc -l <"$work/rings")" = 2 ] || { cat "$work/rings"; fail "the ring does not keep 2 files"; }
while read -r file; do tshark -r "$file" >/dev/null 2>"$work/err" || fail "$file does not open alone"; done <"$work/rings"

run 1 capture -i no-such-interface -w "$work/d.pcapng"
says "$work/err" 'no-such-interface'
[ ! -e "$work/d.pcapng" ] || fail "a file without a capture"
run 1 capture -i lo -f 'tcp prt 80' -w "$work/d.pcapng"
says "$work/err" 'filter|syntax'
run 2 capture -w "$work/d.pcapng"
run 2 capture -i lo --ring 10
run 2 capture -i lo --ring 10M,5
echo "captured to a file, a stream, a ring and lines of text"
