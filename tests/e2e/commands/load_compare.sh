#!/usr/bin/env bash
# serve, load and compare: a server under load, what it wrote down, and the same script against several engines.
. "$(dirname "$0")/lib.sh"

# serve ARGUMENTS...: starts a server; sets server (its pid) and address.
serve() {
    "$SYNSCOPE" serve "$@" >"$work/serving" 2>"$work/serving.err" </dev/null &
    server=$!
    started+=("$server")
    for _ in $(seq 600); do
        [ -s "$work/serving" ] && break
        kill -0 "$server" 2>/dev/null || { cat "$work/serving.err"; fail "serve $* ended"; }
        sleep 0.05
    done
    address=$(sed -n 's/^listening on //p' "$work/serving")
}
stop() {
    kill -INT "$server"
    local code=0
    wait "$server" || code=$?
    [ "$code" = 0 ] || { cat "$work/serving.err"; fail "serve: exit code $code"; }
}

# A load, in words and as JSON; what the server did, as a session.
serve --engine epoll-et --service echo --observe calls -w "$work/served.pcapng"
run 0 load --target "$address" --connections 4 --threads 2 --warmup 0.05 --duration 0.3
says "$work/out" '^pingpong on 127.0.0.1:[0-9]+: 4 connections, 2 threads, messages of 64 bytes, 0.30 s after 0.05 s of warm-up$'
says "$work/out" '^  answers +[1-9][0-9]*, [1-9][0-9]* per second$'
says "$work/out" '^  latency +p50 .* max '
is_clean "$work/out"
for mode in pingpong churn bulk; do
    run 0 load --target "$address" --connections 2 --mode "$mode" --warmup 0 --duration 0.2 --size 1000 --format json -o "$work/load.json"
    says "$work/load.json" "\"mode\":\"$mode\".*\"message_bytes\":1000.*\"received_bytes\":[1-9].*\"latency_ns\":.*\"closed\":0,\"reset\":0"
done
run 0 load --target "$address" --rate 50 --warmup 0 --duration 0.3 --format json
says "$work/out" '"rate_per_s":50.0'
stop
run 0 analyze "$work/served.pcapng"
says "$work/out" 'session'

# The same over a Unix socket.
serve --engine poll --service echo --bind "unix:$work/server"
[ "$address" = "unix:$work/server" ] || fail "serve listens on $address"
run 0 load --target "$address" --connections 4 --warmup 0 --duration 0.2
says "$work/out" "^pingpong on unix:$work/server: 4 connections"
run 0 load --target "$address" --mode churn --warmup 0 --duration 0.2 --format json
says "$work/out" "\"target\":\"unix:$work/server\".*\"answers\":[1-9]"
stop
run 1 load --target "unix:$work/server" --duration 1
says "$work/err" "cannot connect to unix:$work/server: No such file or directory"
run 2 load --target unix:
says "$work/err" "'unix:' is no address with a port, nor unix:PATH"

# Ctrl-C: what was measured is told. Before it is heard, the process must be the program and no longer the shell, and
# must wait for SIGINT and SIGTERM (bits 0x4002) as a descriptor.
serve --engine epoll-et --service echo
"$SYNSCOPE" load --target "$address" --warmup 0 --duration 600 >"$work/out" 2>"$work/err" </dev/null &
load=$!
started+=("$load")
for _ in $(seq 600); do
    [ "$(readlink "/proc/$load/exe")" = "$(readlink -f "$SYNSCOPE")" ] && grep -q '^SigBlk:.*4002$' "/proc/$load/status" && break
    sleep 0.05
done
kill -INT "$load"
code=0
wait "$load" || code=$?
[ "$code" = 130 ] || fail "an interrupted load ended with $code"
says "$work/out" '\(interrupted\)$'
stop
run 1 load --target "$address" --duration 1
says "$work/err" "cannot connect to $address: Connection refused"

# The same script against several engines.
cat >"$work/two.yaml" <<'END'
version: 1
name: two-clients
server: {engine: epoll-et, service: upper}
clients:
  - {name: first, steps: [connect, send: hello, recv: 5 bytes, wait: 1s, send: again, recv: 5 bytes, close]}
  - {name: second, steps: [wait: 200ms, connect, send: hi, recv: 2 bytes, close]}
END
run 0 compare "$work/two.yaml" --engines blocking,epoll-et
says "$work/out" '^two-clients: 2 clients, 3 messages$'
says "$work/out" '^  blocking +[0-9]'
says "$work/out" '^  epoll-et +[0-9]'
is_clean "$work/out"
run 0 compare "$work/two.yaml" --engines fork --set server.service=chat
says "$work/out" "^fork: the clients of service 'chat' share state"
run 0 compare "$work/two.yaml" --engines blocking,epoll-et --format json
waited() { grep -o "\"engine\":\"$1\".*" "$work/out" | grep -o '"name":"second","took_s":[0-9.e-]*,"waited_s":[0-9.e-]*' | head -n 1 | sed 's/.*://'; }
awk -v blocking="$(waited blocking)" -v epoll="$(waited epoll-et)" 'BEGIN { exit !(blocking > 0.2 && epoll < blocking) }' ||
    fail "the second client waits for the first behind 'blocking', not behind 'epoll-et': $(waited blocking) s, $(waited epoll-et) s"
says "$work/out" '"engine":"epoll-et","outcome":"done","wall_s":[0-9.]+,.*"threads":1,.*"epoll_wait":[1-9]'

# The same script over TCP and UDP: two answers in one recv() or in pieces; never, and a short buffer loses the rest.
lessons=$(cd "$(dirname "$0")/../../../lessons" && pwd)
run 0 compare "$lessons/tcp-and-udp.yaml" --engines epoll-et,udp
says "$work/out" '^  epoll-et \(upper\): TCP carries bytes without borders: stuck together, up to [23] messages in one recv\(\)'
says "$work/out" '^  udp \(udp-upper\): UDP keeps the borders: each recvfrom\(\) took one datagram, never two; 5 bytes lost'
says "$work/out" '^  udp +server +3 +3 +3 +1 +0 +0$'
is_clean "$work/out"
run 0 compare "$lessons/tcp-and-udp.yaml" --engines udp --format json
says "$work/out" '"transport":"udp",.*"messages_to_clients":\{"sent":3,"arrived":3,"recv_calls":3,"most_in_one_recv":1,"in_pieces":0,"lost_bytes":5,"borders_kept":true\}'
run 0 compare "$lessons/tcp-and-udp.yaml" --engines udp --set 'clients.0.steps.12={shutdown: write}'
says "$work/out" "^udp: client 'hasty': UDP has no shutdown$"

# A service of files, of one directory.
mkdir "$work/site"
echo found >"$work/site/page"
cat >"$work/http.yaml" <<'END'
version: 1
name: http
server: {engine: poll, service: http}
clients:
  - {name: browser, steps: [connect, send: "GET /page HTTP/1.0\r\n\r\n", recv: eof, close]}
END
run 0 compare "$work/http.yaml" --engines poll,thread --root "$work/site"
says "$work/out" '^  thread \(http\): '
run 1 compare "$work/http.yaml" --engines poll
says "$work/err" "service 'http' needs a directory"

# One that never ends is ended; mistakes.
run 1 compare "$work/two.yaml" --engines blocking --set 'server.think=1h' --timeout 0.5
says "$work/out" '^blocking: not at its end after the time it was given$'
run 2 compare "$work/two.yaml" --engines warp
says "$work/err" "there is no engine 'warp'"
run 2 compare "$work/two.yaml" --engines ,
run 2 load --target nowhere
run 2 load --target 127.0.0.1:1 --mode sideways
exit 0
