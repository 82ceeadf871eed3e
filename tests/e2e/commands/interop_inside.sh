#!/usr/bin/env bash
# The real side of interop.sh: runs in the network whose TAP device leads to the simulation, in a folder of its own.
#   interop_inside.sh PART [BYTES]
set -eu
server=10.0.0.2
fail() { echo "FAILED inside: $*" >&2; exit 1; }
get() { curl -sS --fail --max-time 1000 "$@"; }
# For the background: the process is curl itself, so that a signal reaches it.
get_alone() { exec curl -sS --fail --max-time 1000 "$@"; }
# eventually COMMAND...: until it succeeds; long enough for a machine that does much else.
eventually() {
    for _ in $(seq 1200); do
        "$@" && return
        sleep 0.05
    done
    fail "never: $*"
}
# What goes on after its program has ended; the simulation ends with the last program.
all_closed() { ! ss -Htan "dst $server" | grep -qv TIME-WAIT; }
# client STEPS: a script of ours on the kernel's sockets.
client() {
    printf 'version: 1\nclients: [{steps: [%s]}]\n' "$1" | "$SYNSCOPE" client-host --client 0 --server "$2" 3>/dev/null
}
seconds() { awk -v a="$1" -v b="$(date +%s.%N)" 'BEGIN { printf "%.2f s", b - a }'; }

transfers() {
    local bytes=$1 begin
    begin=$(date +%s.%N)
    get -o down "http://$server/$bytes"
    echo "down: $bytes bytes in $(seconds "$begin")"
    [ "$(stat -c %s down)" = "$bytes" ] || fail "only $(stat -c %s down) bytes came"
    get -o theirs "http://$server/$bytes/sha256"
    sha256sum <down | cut -d' ' -f1 | cmp - theirs || fail "what came is not what was sent"
    begin=$(date +%s.%N)
    get -o theirs -T down "http://$server/"
    echo "up: $bytes bytes in $(seconds "$begin")"
    sha256sum <down | cut -d' ' -f1 | cmp - theirs || fail "what arrived is not what was sent"
}
# What the kernel says of a connection while it lives.
says_options() {
    said=$(ss -Htino state established "dst $server")
    [[ $said == *wscale:* && $said == *bytes_received:* ]]
}
options() {
    get_alone -o /dev/null --limit-rate 200k "http://$server/100000000" &
    eventually says_options
    kill $!
    wait $! || true
    echo "$said"
    for option in ' ts ' ' sack ' 'wscale:7,[0-9]'; do
        grep -qE -- "$option" <<<"$said" || fail "the kernel does not see$option in use"
    done
}
parallel() {
    get --parallel --parallel-immediate --parallel-max 200 -o 'p#1' "http://$server/[20001-20200]"
    get --parallel --parallel-max 50 -o 's#1' "http://$server/[20001-20200]/sha256"
    for n in $(seq 20001 20200); do
        sha256sum <"p$n" | cut -d' ' -f1 | cmp -s - "s$n" || fail "the document of $n bytes is another"
    done
}
has_unread() { ss -Htn state established "dst $server" | awk '$1 > 0 { found = 1 } END { exit !found }'; }
resets() {
    client 'connect, send: "GET /1000000 HTTP/1.1\r\n\r\n", recv: 1000 bytes, reset' "$server:80"
    client 'connect, reset' "$server:80"
    # A client that is killed with unread data: the kernel resets for it.
    get_alone -o /dev/null --limit-rate 100k "http://$server/100000000" &
    eventually has_unread
    kill -9 $!
    wait $! 2>/dev/null || true
    local code=0
    curl -sS "http://$server:9/" 2>/dev/null || code=$?
    [ "$code" = 7 ] || fail "a closed port is not refused: curl ended with $code"
    get -o theirs "http://$server/1000/sha256" || fail "the server is gone"
    eventually all_closed
}
half_close() {
    local head=$'HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n'
    client "connect, send: \"GET /1000000 HTTP/1.1\\r\\n\\r\\n\", shutdown: write, recv: $((${#head} + 1000000)) bytes, recv: eof, close" \
        "$server:80" || fail "after its half-close the client did not get everything"
    client 'connect, send: hello, recv: eof, send: {data: more, repeat: 5000}, close' "$server:81" ||
        fail "the kernel could not send after our half-close"
    eventually all_closed
}

part=$1
shift
"$part" "$@"
