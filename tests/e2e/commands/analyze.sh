#!/usr/bin/env bash
# analyze and bytes on a session of our own, against what tshark says of the same file.
. "$(dirname "$0")/lib.sh"
need tshark
can_demo || skip "no right to capture here"
run 0 demo --text -w "$work/s.pcapng"

run 0 analyze "$work/s.pcapng"
says "$work/out" '2 TCP connections'
says "$work/out" '^session of Synscope: [0-9]+ events beside the packets$'
grep -q 'Another program\|could not be read' "$work/out" && fail "a whole session is complained of"
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

# One object per packet, with the same numbers.
run 0 analyze "$work/s.pcapng" --format jsonl
[ "$(wc -l <"$work/out")" -eq "$(wc -l <"$work/ours")" ] || fail "jsonl has another number of packets"
says "$work/out" '^\{"frame.number":1,.*"tcp.flags":"0x0002","tcp.seq":0,'
is_clean "$work/out"

run 0 analyze "$work/s.pcapng" --format connections
says "$work/out" "^tcp.stream	client	cport	server	sport	packets	bytes_c2s	bytes_s2c	start	duration	state	flags\$"
[ "$(wc -l <"$work/out")" -eq 3 ] || fail "not one line per connection"

# -f drops packets before the analysis; numbers stay those of the file.
port=$(sed -n 's/^0\t[^\t]*\t\([0-9]*\)\t.*/\1/p' "$work/out")
run 0 analyze "$work/s.pcapng" --format tsv -f "tcp port $port"
tail -n +2 "$work/out" | cut -f1 | sort >"$work/numbers"
awk -F'\t' '$9 == 0 { print $1 }' "$work/ours" | sort | diff - "$work/numbers" || fail "-f kept other packets"
run 2 analyze "$work/s.pcapng" -f 'no such filter'
run 1 analyze "$work/s.pcapng" --connection 7
says "$work/err" 'no connection 7'
run 0 analyze "$work/s.pcapng" --connection 1 --format tsv
[ "$(tail -n +2 "$work/out" | cut -f10 | sort -u)" = 1 ] || fail "--connection shows others"

# A copy without payload: the same packets, times and lengths, and nothing behind the headers.
run 0 analyze "$work/s.pcapng" --no-payload -w "$work/headers.pcapng"
[ -s "$work/out" ] && fail "a copy prints something"
run 0 analyze "$work/headers.pcapng" --format tsv
tail -n +2 "$work/out" | cut -f1-3,6-17 >"$work/copied"
cut -f1-3,5- "$work/ours" | diff - "$work/copied" || fail "the copy has other packets"
[ -z "$(tshark -r "$work/headers.pcapng" -Y 'tcp.len > 0 && frame.cap_len == frame.len' 2>/dev/null)" ] || fail "payload is left"
run 2 analyze "$work/s.pcapng" --no-payload
run 0 analyze "$work/s.pcapng" "$work/headers.pcapng"
says "$work/out" "$((2 * $(wc -l <"$work/ours"))) packets"

run 0 analyze "$work/s.pcapng" --stats
says "$work/err" '^packets [0-9]+$'
says "$work/err" '^peak_anonymous_bytes [0-9]+$'

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
    says "$work/out" '^The packets carry identifiers, but no events of Synscope are here'
    grep -q 'session of Synscope' "$work/out" && fail "events are seen where none are"
    # Of several files it is said which.
    run 0 analyze "$work/s.pcapng" "$work/edited.pcapng"
    says "$work/out" '/s.pcapng: session of Synscope: [0-9]+ events'
    says "$work/out" '/edited.pcapng: The packets carry identifiers'
fi

# Damage: what can be read is written, the offset is named, the exit code is 1.
head -c 1000 "$work/s.pcapng" >"$work/cut.pcapng"
run 1 analyze "$work/cut.pcapng" --format tsv
says "$work/err" '[0-9]+'
[ -s "$work/out" ] || fail "nothing was read of a cut file"

for format in summary tsv; do
    code=0
    "$SYNSCOPE" analyze - --format $format <"$work/cut.pcapng" >"$work/out" 2>"$work/err" || code=$?
    [ "$code" -eq 1 ] || fail "damage of standard input is not told by the exit code"
    says "$work/err" 'standard input, byte [0-9]+'
    grep -q '/proc' "$work/err" && fail "a message names a temporary file"
done

"$SYNSCOPE" analyze - <"$work/s.pcapng" >"$work/out" 2>"$work/err" || fail "standard input cannot be read"
says "$work/out" '2 TCP connections'
"$SYNSCOPE" analyze - --format tsv <"$work/s.pcapng" 2>"$work/err" | diff - "$work/table.tsv" ||
    fail "standard input gives another table"
echo "analyze and bytes agree with tshark"
