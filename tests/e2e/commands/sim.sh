#!/usr/bin/env bash
# sim: every lesson, twice the same bytes; and what our analyser, tshark and tcptrace read of the sessions.
. "$(dirname "$0")/lib.sh"
lessons=$(cd "$(dirname "$0")/../../../lessons" && pwd)
for lesson in "$lessons"/*.yaml; do
    name=$(basename "$lesson" .yaml)
    run 0 sim "$lesson" --headless -w "$work/$name.pcapng"
    [ -s "$work/out" ] && fail "--headless prints something"
    run 0 sim "$lesson" --headless -w "$work/again.pcapng"
    cmp "$work/$name.pcapng" "$work/again.pcapng" || fail "$name: two runs differ"
    run 0 sim "$lesson" --text -o "$work/$name.svg"
    is_clean "$work/out"
    [ "$name" = demo ] || says "$work/out" '(simulator)'
    run 0 analyze "$work/$name.pcapng" --format connections
done
run 0 sim "$lessons/handshake.yaml" --text --lang zh-CN
says "$work/out" '三个报文段打开一条连接'
run 0 sim "$lessons/handshake.yaml" --headless --seed 2 -w "$work/other.pcapng"
cmp -s "$work/handshake.pcapng" "$work/other.pcapng" && fail "another seed gives the same bytes"
run 0 sim "$lessons/lost-syn.yaml" --text
says "$work/out" 'S 0:0\(0\).* dropped by a rule'
says "$work/out" 'again: S 0:0\(0\)'
run 0 bytes "$work/stuck-together.pcapng" --connection 0
says "$work/out" 'merged at the receiver'
run 0 analyze "$work/fast-retransmit.pcapng" --format connections
says "$work/out" 'duplicate_ack.*fast_retransmission'
run 0 analyze "$work/zero-window.pcapng" --format connections
says "$work/out" 'zero_window'

# Mistakes, and limits.
run 1 sim "$work/none.yaml"
says "$work/err" 'cannot read'
run 2 sim "$lessons/handshake.yaml" --until soon
run 2 sim "$lessons/handshake.yaml" --text --headless
run 1 sim "$lessons/handshake.yaml" --set server.engin=x --text
says "$work/err" "did you mean 'engine'"
run 1 sim "$lessons/handshake.yaml" --set 'hosts.0={name: client, address: "fd00::1/64"}' --set 'hosts.1=server' --text
says "$work/err" 'IPv6 is out of scope for now'
run 1 sim "$lessons/handshake.yaml" --until 5ms --text
says "$work/err" 'had not ended after 5.00 ms of virtual time'
run 1 sim "$lessons/handshake.yaml" -w /nowhere/s.pcapng

if command -v tshark >/dev/null; then
    for name in handshake fast-retransmit stuck-together open-a-page; do
        run 0 analyze "$work/$name.pcapng" --format tsv
        tail -n +2 "$work/out" | cut -f1-4,6-17 >"$work/ours"
        tshark -o udp.check_checksum:TRUE -r "$work/$name.pcapng" -T fields -e frame.number -e frame.time_epoch -e frame.len \
            -e frame.cap_len -e ip.src -e ip.dst -e tcp.srcport -e tcp.dstport -e tcp.stream -e tcp.flags -e tcp.seq \
            -e tcp.seq_raw -e tcp.ack -e tcp.ack_raw -e tcp.len -e tcp.window_size 2>/dev/null >"$work/theirs"
        grep -P '\t0x' "$work/ours" | diff - <(grep -P '\t0x' "$work/theirs") || fail "$name: analyze and tshark differ"
    done
    bad=$(for s in "$work"/*.pcapng; do
        tshark -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE -r "$s" \
            -Y 'tcp.checksum.status == 0 || ip.checksum.status == 0 || udp.checksum.status == 0 || (_ws.malformed && !tcp)' 2>/dev/null
    done)
    [ -z "$bad" ] || fail "tshark finds fault with: $bad"
    tshark -r "$work/open-a-page.pcapng" -Y 'http.response.code == 200' 2>/dev/null | grep -q . || fail "tshark sees no page"
    tshark -r "$work/open-a-page.pcapng" -Y 'dns.a == 192.0.2.80' 2>/dev/null | grep -q . || fail "tshark sees no answer"
    tshark -r "$work/dhcp.pcapng" -Y 'dhcp.option.dhcp == 5' 2>/dev/null | grep -q . || fail "tshark sees no lease"
else
    echo "tshark is not installed: not compared"
fi
if command -v tcptrace >/dev/null; then
    tcptrace -n "$work/handshake.pcapng" >"$work/traced" 2>&1
    says "$work/traced" '10 TCP packets traced'
    says "$work/traced" '\(complete\)'
fi
echo "$(ls "$lessons"/*.yaml | wc -l) lessons"
