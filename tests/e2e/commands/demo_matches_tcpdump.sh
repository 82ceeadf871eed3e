#!/usr/bin/env bash
# The printed ladder shows exactly the packets that a tcpdump beside it captured for that port, and so does the session.
. "$(dirname "$0")/lib.sh"
need tcpdump
need tshark
can_capture || skip "no right to capture here"


# Written to standard output, for as root tcpdump gives up its rights before it opens a file.
mkfifo "$work/ready"
tcpdump -i lo -U --immediate-mode -w - tcp >"$work/beside.pcap" 2>"$work/ready" </dev/null &
tcpdump_pid=$!
started+=("$tcpdump_pid")
exec 5<"$work/ready"
listening=
while read -r -t 10 line <&5; do
    case $line in *"listening on"*) listening=yes; break ;; *ermission*) break ;; esac
done
[ -n "$listening" ] || skip "tcpdump may not capture here"

run 0 demo --text -w "$work/s.pcapng"
cp "$work/out" "$work/ladder"
[ "$(stat -c %a "$work/s.pcapng")" = 600 ] || fail "the session is not private (0600)"

kill -INT "$tcpdump_pid"
wait "$tcpdump_pid" 2>/dev/null
port=$(tshark -r "$work/s.pcapng" -T fields -e tcp.dstport -c 1 2>"$work/tshark.err")
[ -n "$port" ] || fail "no packet in the session"
[ -s "$work/tshark.err" ] && grep -vi 'running as user' "$work/tshark.err" | grep -q . && { cat "$work/tshark.err"; fail "tshark complains"; }

fields=(-T fields -e tcp.srcport -e tcp.dstport -e tcp.flags.str -e tcp.seq_raw -e tcp.ack_raw -e tcp.len)
tshark -r "$work/s.pcapng" "${fields[@]}" 2>/dev/null >"$work/ours"
tshark -r "$work/beside.pcap" -Y "tcp.port == $port" "${fields[@]}" 2>/dev/null >"$work/theirs"
diff "$work/ours" "$work/theirs" || fail "session and tcpdump differ"

# Every packet of the capture is one line of the ladder, in the notation of tcpdump: flags and, for data, the length.
tshark -r "$work/s.pcapng" -T fields -e tcp.flags.str -e tcp.len 2>/dev/null |
    awk '{ f = $1; out = ""
           if (f ~ /S/) out = out "S"; if (f ~ /F/) out = out "F"; if (f ~ /R/) out = out "R"; if (f ~ /P/) out = out "P"
           if (f ~ /A/) out = out "."
           print out, ($2 > 0 || out ~ /[SFRP]/) ? $2 : "" }' >"$work/expected"
packet='(^|[^A-Za-z0-9.])([SFRP]*\.?) ((-?[0-9]+:-?[0-9]+\(([0-9]+)\)( ack [0-9]+)?)|ack [0-9]+) win [0-9]+'
grep -oE "$packet" "$work/ladder" | sed -E 's/^[^SFRP.]*//' |
    awk '{ n = ""; if (match($2, /\([0-9]+\)/)) n = substr($2, RSTART + 1, RLENGTH - 2); print $1, n }' >"$work/shown"
diff "$work/expected" "$work/shown" || { cat "$work/ladder"; fail "ladder and capture differ"; }
is_clean "$work/ladder"
capinfos "$work/s.pcapng" >/dev/null 2>"$work/err" || fail "capinfos cannot read the session"
[ "$(tcpdump -r "$work/s.pcapng" 2>/dev/null | wc -l)" = "$(wc -l <"$work/ours")" ] || fail "tcpdump -r sees other packets"
echo "$(wc -l <"$work/ours") packets in the session, beside it, and on the ladder"
