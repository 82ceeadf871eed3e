#!/usr/bin/env bash
# analyze and bytes on a session of our own, against what tshark says of the same file.
. "$(dirname "$0")/lib.sh"
need tshark
can_demo || skip "no right to capture here"
run 0 demo --text -w "$work/s.pcapng"

run 0 analyze "$work/s.pcapng"
says "$work/out" '2 TCP connections'
is_clean "$work/out"

run 0 analyze "$work/s.pcapng" --format tsv
header=$(head -1 "$work/out" | tr '\t' ' ')
[ "$header" = "frame.number frame.time_epoch frame.len frame.cap_len frame.protocols ip.src ip.dst srcport dstport tcp.stream tcp.flags tcp.seq tcp.seq_raw tcp.ack tcp.ack_raw tcp.len tcp.window_size tcp.completeness tcp.analysis tcp.analysis.duplicate_ack_num tcp.analysis.bytes_in_flight tcp.analysis.ack_rtt" ] ||
    fail "another header: $header"
tail -n +2 "$work/out" | cut -f1-4,6-17 >"$work/ours"
tshark -r "$work/s.pcapng" -T fields -e frame.number -e frame.time_epoch -e frame.len -e frame.cap_len -e ip.src -e ip.dst \
    -e tcp.srcport -e tcp.dstport -e tcp.stream -e tcp.flags -e tcp.seq -e tcp.seq_raw -e tcp.ack -e tcp.ack_raw -e tcp.len \
    -e tcp.window_size 2>/dev/null >"$work/theirs"
diff "$work/ours" "$work/theirs" || fail "analyze and tshark differ"

run 0 analyze "$work/s.pcapng" --format tsv -o "$work/table.tsv"
cut -f1-4,6-17 "$work/table.tsv" | tail -n +2 | diff - "$work/ours" || fail "-o writes something else"

run 0 bytes "$work/s.pcapng" --connection 0
says "$work/out" 'merged at the receiver'
is_clean "$work/out"
run 0 bytes "$work/s.pcapng" --connection 1 --format jsonl
says "$work/out" '"kind":"message"'
run 1 bytes "$work/s.pcapng" --connection 7
says "$work/err" 'no connection 7'

# A foreign program drops our events; the packets survive and we say so.
if command -v editcap >/dev/null; then
    editcap "$work/s.pcapng" "$work/edited.pcapng" || fail "editcap cannot read the session"
    run 0 analyze "$work/edited.pcapng"
    says "$work/out" '2 TCP connections'
fi

# Damage: what can be read is written, the offset is named, the exit code is 1.
head -c 1000 "$work/s.pcapng" >"$work/cut.pcapng"
run 1 analyze "$work/cut.pcapng" --format tsv
says "$work/err" '[0-9]+'
[ -s "$work/out" ] || fail "nothing was read of a cut file"

"$SYNSCOPE" analyze - <"$work/s.pcapng" >"$work/out" 2>"$work/err" || fail "standard input cannot be read"
says "$work/out" '2 TCP connections'
echo "analyze and bytes agree with tshark"
