#!/usr/bin/env bash
# Wrong use gets a clear message and the right exit code: 2 for a wrong command line, 1 for what cannot be done.
. "$(dirname "$0")/lib.sh"

run 2 no-such-command
run 2 demo --no-such-option
run 2 analyze
for command in demo capture open analyze bytes serve engines services framings views doctor; do
    run 2 "$command" --no-such-option
    says "$work/err" '--help'
done
run 0 --help
says "$work/out" 'demo'
run 0 --version
says "$work/out" '^synscope [0-9]+\.[0-9]+'

run 1 serve --engine no-such-engine
says "$work/err" "no-such-engine"
says "$work/err" 'blocking'
run 1 serve --service no-such-service
run 1 serve --framing no-such-framing
run 1 serve --bind 203.0.113.1
says "$work/err" '203\.0\.113\.1'

run 1 demo --text --set server.bsy=0
says "$work/err" 'bsy'
says "$work/err" 'busy'
run 1 demo --text --set server.engine=no-such-engine
says "$work/err" 'no-such-engine'
run 2 demo --text --set nonsense
run 1 demo --text -w "$work/no/such/folder/s.pcapng"
says "$work/err" 'no/such/folder'
run 1 demo -o "$work/picture.bmp"
says "$work/err" '\.svg'

run 1 analyze "$work/not-there.pcapng"
says "$work/err" 'not-there'
printf 'this is no capture' >"$work/text"
run 1 analyze "$work/text"
hostile=$'evil\e[31m\xe2\x80\xae.pcap'
run 1 analyze "$work/$hostile"
is_clean "$work/err"
grep -q $'\xe2\x80\xae' "$work/err" && fail "a bidirectional override reached the terminal"

run 2 bytes "$work/text" "$work/$hostile" --connection 0
is_clean "$work/err"

run 1 open "$work/text"
says "$work/err" 'no display'
says "$work/err" 'synscope analyze'
run 1
says "$work/err" 'no display'
says "$work/err" 'synscope demo --text'

# What cannot be written is refused, and nothing is left behind.
run 1 analyze "$work/text" -o "$work/no/such/folder/out"
# The file that is read is not the one to write.
base64 -d <<<'1MOyoQIABAAAAAAAAAAAAP//AAABAAAA' >"$work/empty.pcap"
ln "$work/empty.pcap" "$work/same.pcap"
run 2 analyze "$work/empty.pcap" -o "$work/same.pcap"
says "$work/err" 'would replace the file that is read'
run 2 analyze "$work/empty.pcap" -w "$work/same.pcap"
run 2 follow "$work/empty.pcap" --connection 0 -o "$work/empty.pcap"
[ "$(stat -c %s "$work/empty.pcap")" = 24 ] || fail "the capture was overwritten"
run 0 analyze "$work/empty.pcap"
run 1 capture -i lo -c 1 -w "$work/no/such/folder/s.pcapng"
says "$work/err" 'no/such/folder'
run 1 demo -o "$work/no/such/folder/picture.svg"
says "$work/err" 'no/such/folder'

mkfifo "$work/address"
"$SYNSCOPE" serve --port 0 >"$work/address" 2>/dev/null </dev/null &
started+=("$!")
read -r -t 10 line <"$work/address" || fail "serve said nothing"
port=${line##*:}
[ -n "$port" ] || fail "serve printed no address"
run 1 serve --port "$port"
says "$work/err" "$port"
says "$work/err" '[Aa]ddress already in use'
[ ! -e "$work/s.pcapng" ] || fail "a half-written file"
echo "every wrong use was refused with its reason"
