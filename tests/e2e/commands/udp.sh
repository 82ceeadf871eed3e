#!/usr/bin/env bash
# UDP in pictures: the ladder of a simulated run, with TCP beside it, and of a real one.
. "$(dirname "$0")/lib.sh"
lessons=$(cd "$(dirname "$0")/../../../lessons" && pwd)

# Simulated: both in one ladder, with what a short buffer lost.
run 0 sim "$lessons/tcp-and-udp.yaml" --text -w "$work/sim.pcapng" -o "$work/sim.svg"
is_clean "$work/out"
says "$work/out" '── connection 0   10\.0\.0\.1:[0-9]+ → 10\.0\.0\.2:[0-9]+ ─'
says "$work/out" '── UDP   client 10\.0\.0\.1:[0-9]+ → server 10\.0\.0\.2:[0-9]+ ─'
says "$work/out" '├─+ P\. 1:7\(6\) ack 1'
says "$work/out" '├─+ UDP, length 6 ─+▶'
says "$work/out" '◀─+ UDP, length 5 ─+┤'
says "$work/out" ' recvfrom\(11\) = 6 '
says "$work/out" ' recvfrom\(3\) = 5, 2 bytes lost '
[ "$(grep -c 'UDP, length [0-9]* ─' "$work/out")" = 6 ] || fail "six datagrams, each an arrow"
says "$work/sim.svg" '>UDP, length 6<'
says "$work/sim.svg" '>recvfrom\(3\) = 5, 2 bytes lost<'
run 0 analyze "$work/sim.pcapng" -Y 'udp && data' --format tsv
[ "$(tail -n +2 "$work/out" | wc -l)" = 6 ] || fail "six datagrams in the session"

# On a lossy link, the datagrams are not sent again; where nobody takes them the next call says so.
cat >"$work/lossy.yaml" <<'END'
version: 1
hosts: [client, server]
server: {engine: udp, service: udp-upper}
clients:
  - {name: a, transport: udp, steps: [connect, send: one, send: three, recv: {messages: 2, timeout: 1s}, close]}
rules: [{action: drop, from: client, min_payload: 4}]
END
run 0 sim "$work/lossy.yaml" --text
says "$work/out" 'UDP, length 5 ─+✗ dropped by a rule'
says "$work/out" "note: client 'a': the time is over after 1 of 2 datagrams: it goes on"
run 1 sim "$work/lossy.yaml" --text --set 'clients.0.steps=[{connect: {host: server, port: 9}}, {send: x}, {recv: 1 byte}]'
says "$work/err" "client 'a', step 3 \(recv\): ECONNREFUSED"
says "$work/out" 'server: ICMP.*port.* unreachable'
run 1 sim "$work/lossy.yaml" --set server.engine=poll --text
says "$work/err" "engine 'poll' serves connections, service 'udp-upper' answers datagrams"
run 1 sim "$work/lossy.yaml" --set 'clients.0.steps=[connect, {shutdown: write}]' --text
says "$work/err" 'UDP has no shutdown'

# Real kernels: only what was captured is an arrow.
can_demo || skip "the simulator passed; no right to capture here"
steps='[connect, {send: "hello "}, {send: world}, {recv: {messages: 2, chunk: 3, timeout: 5s}}, close]'
run 0 demo --text --engine udp --set server.service=udp-upper --set narration=[] --set server.connections=[] --set server.busy=0ms \
    --set server.close_delay=0ms --set "clients=[{name: hasty, transport: udp, steps: $steps}]" -w "$work/real.pcapng" -o "$work/real.svg"
is_clean "$work/out"
says "$work/out" '── UDP   client 127\.0\.0\.1:[0-9]+ → server 127\.0\.0\.1:[0-9]+ ─'
says "$work/out" '├─+ UDP, length 6 ╌+▶'
says "$work/out" '◀╌+ UDP, length 5 ─+┤'
says "$work/out" ' recvfrom\(3\) = 6, 3 bytes lost '
says "$work/out" ' sendto\(6\) = 6$'
grep -q 'no arrows\|asked for 3' "$work/out" && fail "said twice, or no longer true"
[ "$(grep -c 'UDP, length' "$work/out")" = 5 ] || fail "four datagrams, and the legend"
says "$work/real.svg" '>UDP, length 6<'
# The capture took the datagrams of this server and nothing else.
run 0 analyze "$work/real.pcapng" --format tsv
[ "$(tail -n +2 "$work/out" | wc -l)" = 4 ] || fail "four packets in the session"
run 0 follow "$work/real.pcapng" --connection u0
says "$work/out" 'HELLO'
exit 0
