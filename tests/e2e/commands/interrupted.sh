#!/usr/bin/env bash
# Ctrl-C ends a run quietly: what was captured by then is printed and written, the exit code is 130, nobody is left behind.
. "$(dirname "$0")/lib.sh"
need pgrep
can_demo || skip "a conversation cannot be captured here"

# A terminal sends SIGINT to a whole process group: so the demo has one of its own here.
set -m
"$SYNSCOPE" demo --text --set server.busy=5s -w "$work/s.pcapng" >"$work/out" 2>"$work/err" </dev/null &
demo=$!
started+=("$demo")
set +m
# It begins once the client has a connection (state 01 in its own network): the server is then busy for 5 s.
for _ in $(seq 600); do
    lab=$(pgrep -P "$demo" | head -n 1)
    client=
    [ -z "$lab" ] || client=$(pgrep -P "$lab" -f client-host | head -n 1)
    [ -n "$client" ] && cat "/proc/$client/net/tcp" "/proc/$client/net/tcp6" 2>/dev/null | grep -Eq '^ *[0-9]+: [^ ]+ [^ ]+ 01 ' && break
    sleep 0.05
done
[ -n "$lab" ] || fail "the demo started no lab"
[ -n "$client" ] || fail "the lab started no client"
children=$(pgrep -P "$lab" | tr '\n' ' ')
sleep 0.3
kill -INT -- "-$demo"
code=0
wait "$demo" || code=$?
[ "$code" -eq 130 ] || { cat "$work/out" "$work/err"; fail "exit code $code, not 130"; }
[ ! -s "$work/err" ] || fail "it was not quiet: $(cat "$work/err")"
says "$work/out" ' S 0:0\(0\)'
run 0 analyze "$work/s.pcapng"
says "$work/out" '1 TCP connection'
for pid in $lab $children; do
    kill -0 "$pid" 2>/dev/null && fail "process $pid is still there"
done
echo "what was captured by then was kept"
