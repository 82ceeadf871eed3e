#!/usr/bin/env bash
# -Y and -f of analyze, on a session of our own: the packets that tshark and tcpdump choose with the same filter.
. "$(dirname "$0")/lib.sh"
need tshark
can_demo || skip "no right to capture here"
run 0 demo --text -w "$work/s.pcapng"

while IFS= read -r filter; do
    run 0 analyze "$work/s.pcapng" --format tsv -Y "$filter"
    tail -n +2 "$work/out" | cut -f1 >"$work/ours"
    tshark -2 -r "$work/s.pcapng" -Y "$filter" -T fields -e frame.number 2>"$work/why" >"$work/theirs" ||
        { cat "$work/why"; fail "tshark does not understand: $filter"; }
    diff "$work/ours" "$work/theirs" || fail "another choice than tshark's: $filter"
done <<'FILTERS'

tcp
!tcp
udp or arp
tcp.flags.syn == 1 && ip.addr == 127.0.0.0/8
tcp.flags.syn == 1 and not tcp.flags.ack == 1
tcp.flags & 0x12 == 0x12
tcp.flags.fin == 1 || tcp.flags.reset == 1
tcp.stream == 1
tcp.stream in {0, 2..9}
tcp.len > 0
tcp.len == 0 and tcp.seq > 1
tcp.payload contains "HELLO"
tcp.payload matches "h(e|a)llo"
tcp.payload[0:4] == 00:00:00:05
tcp.payload[-1] == 0a
tcp.srcport > tcp.dstport
tcp.port != 7000
tcp.completeness == 31
tcp.analysis.flags
tcp.analysis.ack_rtt > 0.00001
tcp.analysis.bytes_in_flight >= 6
tcp.options.mss_val
tcp.window_size < 65536
ip.src == ip.dst
ip.ttl == 64 && ip.flags.df == 1
frame.number in {2, 4..6}
frame.len > 70
frame.time_delta > 0.01
frame.time_relative < 0.05
frame contains "hello"
frame[12:2] == 08:00
count(tcp.port) == 2
len(tcp.payload) == 5
frame.protocols contains "tcp"
FILTERS

for filter in 'tcp[tcpflags] & tcp-syn != 0' 'greater 80' 'src host 127.0.0.1 and not tcp'; do
    run 0 analyze "$work/s.pcapng" --format tsv -f "$filter"
    tail -n +2 "$work/out" | wc -l >"$work/ours"
    tshark -r "$work/s.pcapng" -w - -F pcap 2>/dev/null | tcpdump -r - -n "$filter" 2>/dev/null | wc -l >"$work/theirs"
    diff "$work/ours" "$work/theirs" || fail "another choice than tcpdump's: $filter"
done

run 0 analyze "$work/s.pcapng" --format connections -Y 'tcp.stream == 1'
[ "$(wc -l <"$work/out")" -eq 2 ] || fail "-Y leaves one connection"
run 0 analyze "$work/s.pcapng" -Y 'tcp.len > 0'
says "$work/out" '-Y took [0-9]+ of [0-9]+ packets'

# What is wrong, and where; nothing of a hostile filter reaches the terminal as it is.
run 2 analyze "$work/s.pcapng" -Y 'tcp.port == 80 && tcp.flgs.syn == 1'
says "$work/err" 'did you mean tcp.flags.syn'
says "$work/err" '^ {20}\^{12}$'
run 2 analyze "$work/s.pcapng" -Y $'tcp \e[31m'
is_clean "$work/err"
run 2 analyze "$work/s.pcapng" -f 'tcp porrt 80'
says "$work/err" 'syntax error'
run 0 analyze --help
says "$work/out" 'docs/FILTERS.md'
echo "the filters choose what tshark's and tcpdump's choose"
