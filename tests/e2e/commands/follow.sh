#!/usr/bin/env bash
# follow on captures made here, packet by packet: order, gaps, conflicts, messages, datagrams.
. "$(dirname "$0")/lib.sh"

# hex FORMAT NUMBER...: big-endian, as text. Escapes become bytes when the file is written.
hex() { printf "$@"; }
text_hex() { printf %s "$1" | od -An -v -tx1 | tr -d ' \n'; }
swap32() { printf '%s' "${1:6:2}${1:4:2}${1:2:2}${1:0:2}"; }
le32() { swap32 "$(hex %08x "$1")"; }
write_hex() { printf "$(sed 's/../\\x&/g' <<<"$2")" >>"$1"; }
# A pcap file of raw IP packets.
begin_capture() { capture=$1 time=0; : >"$capture"; write_hex "$capture" "d4c3b2a1020004000000000000000000$(le32 65535)$(le32 101)"; }
# ip PROTOCOL FROM TO HEX [CAPTURED]: one packet 10.0.0.FROM > 10.0.0.TO, a millisecond after the one before.
ip() {
    local length=$((20 + ${#4} / 2)) packet captured
    packet="4500$(hex %04x "$length")0000400040$(hex %02x "$1")00000a0000$(hex %02x "$2")0a0000$(hex %02x "$3")$4"
    captured=${5:-$length}
    time=$((time + 1))
    write_hex "$capture" "$(le32 1000000000)$(le32 $((time * 1000)))$(le32 "$captured")$(le32 "$length")${packet:0:captured * 2}"
}
# tcp c|s FLAGS SEQ ACK TEXT [CAPTURED]: port 40000 > 80, numbers relative. The client's initial number wraps at once.
tcp() {
    local from=1 to=2 sport=40000 dport=80 isn=4294967295 peer=7000
    [ "$1" = c ] || { from=2 to=1 sport=80 dport=40000 isn=7000 peer=4294967295; }
    ip 6 $from $to "$(hex %04x $sport)$(hex %04x $dport)$(hex %08x $(((isn + $3) % 4294967296)))$(hex %08x $(((peer + $4) % 4294967296)))50$2fff000000000$(text_hex "$5")" ${6:-}
}
udp() {
    local from=1 to=2 sport=5000 dport=$3
    [ "$1" = c ] || { from=2 to=1 sport=$3 dport=5000; }
    ip 17 $from $to "$(hex %04x $sport)$(hex %04x $dport)$(hex %04x $((8 + ${#2})))0000$(text_hex "$2")"
}

# A conversation that went well, but for its order.
begin_capture "$work/good.pcap"
tcp c 02 0 0 ""
tcp s 12 0 1 ""
tcp c 10 7 1 "world"
tcp c 10 1 1 "hello "
tcp s 10 1 12 $'\e[31mback\n'
tcp c 10 1 11 "hello world"
tcp c 11 12 11 ""
udp c "ask" 53
udp s "answer" 53
udp c "other" 54

run 0 follow "$work/good.pcap" --connection 0 --direction c2s
[ "$(cat "$work/out")" = "hello world" ] || fail "c2s: $(cat "$work/out")"
[ ! -s "$work/err" ] || fail "nothing was missing: $(cat "$work/err")"
run 0 follow "$work/good.pcap" --connection 0 --direction s2c -o "$work/s2c"
printf '\e[31mback\n' | cmp - "$work/s2c" || fail "-o writes something else"
run 0 follow "$work/good.pcap" --connection 0
is_clean "$work/out"
printf 'c2s        0  hello world\ns2c        0  \\x1b[31mback\\x0a\n' | diff - "$work/out" || fail "both directions, as text"
run 0 follow "$work/good.pcap" --connection 0 -o "$work/both"
printf 'hello world\e[31mback\n' | cmp - "$work/both" || fail "both directions, as they are"
run 0 follow "$work/good.pcap" --connection u0
printf 'direction\tindex\toffset\tlength\ttext\nc2s\t0\t0\t3\task\ns2c\t0\t0\t6\tanswer\n' | diff - "$work/out" || fail "u0"
run 0 follow "$work/good.pcap" --connection u1 --direction c2s
[ "$(cat "$work/out")" = other ] || fail "u1: $(cat "$work/out")"
"$SYNSCOPE" follow - --connection 0 --direction c2s <"$work/good.pcap" | cmp - <(printf 'hello world') || fail "standard input"

# What is missing, or was said twice, is told; the bytes are not made up.
begin_capture "$work/bad.pcap"
tcp c 02 0 0 ""
tcp s 12 0 1 ""
tcp c 10 1 1 "abcdef"
tcp c 10 3 1 "cXef"
tcp c 10 10 1 "jkl"
tcp s 10 1 13 ""
tcp c 10 13 1 "mnopqr" 43
run 0 follow "$work/bad.pcap" --connection 0 --direction c2s
[ "$(cat "$work/out")" = abcdefjklmno ] || fail "with gaps: $(cat "$work/out")"
says "$work/err" 'c2s: sent again with other bytes at offset 3: 1 of 1 byte differs'
says "$work/err" 'c2s: 3 bytes missing at offset 6: acknowledged'
says "$work/err" 'c2s: 3 bytes missing at offset 15: cut off'
run 0 follow "$work/bad.pcap" --connection 0 --direction s2c
[ ! -s "$work/err" ] || fail "nothing is missing the other way"

# Messages.
begin_capture "$work/len32.pcap"
tcp c 02 0 0 ""
tcp s 12 0 1 ""
ip 6 1 2 "9c4000500000000000001b595010ffff000000000300000061620a02000000"
ip 6 1 2 "9c4000500000000b00001b595010ffff00000000636401000000"
tcp s 10 1 17 ""
run 0 follow "$work/len32.pcap" --connection 0 --framing len32
printf 'direction\tindex\toffset\tlength\ttext\nc2s\t0\t0\t3\tab\\x0a\nc2s\t1\t7\t2\tcd\n' | diff - "$work/out" || fail "messages"
says "$work/err" 'c2s: .*13'

# Wrong use.
run 1 follow "$work/good.pcap" --connection 7
says "$work/err" 'no connection 7'
says "$work/err" 'numbered 0 to 0'
run 1 follow "$work/good.pcap" --connection u2 -o "$work/none"
says "$work/err" 'no UDP conversation u2'
says "$work/err" 'numbered u0 to u1'
[ ! -e "$work/none" ] || fail "a file was written for a conversation that does not exist"
run 1 follow "$work/good.pcap" --connection 0 --framing no-such-framing
says "$work/err" 'no-such-framing'
run 2 follow "$work/good.pcap" --connection seven
run 2 follow "$work/good.pcap" --connection u0 --framing len32
run 2 follow "$work/good.pcap"
# Damage: what can be read is written, the offset is named, the exit code is 1.
head -c 400 "$work/good.pcap" >"$work/cut.pcap"
run 1 follow "$work/cut.pcap" --connection 0 --direction c2s
says "$work/err" '[0-9]+'
grep -q "hello world" "$work/out" || fail "nothing was read of a cut file"

# The same streams by tshark.
if command -v tshark >/dev/null; then
    for side in c2s s2c; do
        run 0 follow "$work/good.pcap" --connection 0 --direction $side
        [ $side = c2s ] && lines='^[0-9a-f]' || lines='^	[0-9a-f]'
        tshark -r "$work/good.pcap" -q -z follow,tcp,raw,0 2>/dev/null | grep "$lines" | tr -d '\t\n' >"$work/theirs"
        od -An -v -tx1 "$work/out" | tr -d ' \n' | diff - "$work/theirs" || fail "tshark follows $side otherwise"
    done
fi
echo "follow puts streams in order and says what is missing"
