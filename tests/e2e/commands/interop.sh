#!/usr/bin/env bash
# sim --attach tap: our TCP and this machine's kernel, with the kernel's curl and sockets at one end. Transfers both ways,
# clean and over a bad wire, 200 connections at once, resets, half-closes, what ss says; and how the command ends.
# SYNSCOPE_INTEROP_BYTES: of each transfer (5000000; scripts/soak interop takes 100000000).
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
bytes=${SYNSCOPE_INTEROP_BYTES:-5000000}
for program in curl ss sha256sum nsenter pgrep; do need "$program"; done

cat >"$work/interop.yaml" <<'END'
version: 1
name: interop
servers:
  - {engine: epoll-et, service: digest, port: 80, backlog: 256}
  - {port: 81, script: [recv: 5 bytes, shutdown: write, recv: 20000 bytes, recv: eof, close]}
clients: [{steps: [connect]}]
END
# The bad wire: 1 ms each way, so that a round trip has a length.
bad=(--set link.loss=3% --set link.reordering=3% --set link.delay=1ms)

"$SYNSCOPE" sim "$work/interop.yaml" --attach tap --headless -- true 2>"$work/err" ||
    if grep -Eq 'cannot make (a network namespace of our own|a TAP device)' "$work/err"; then
        skip "$(cat "$work/err")"
    else
        cat "$work/err"
        fail "it does not begin"
    fi

# inside PART OPTIONS...: runs that part with our simulation at the other end.
inside() {
    local part=$1
    shift
    (cd "$work" && run 0 sim interop.yaml --attach tap --headless "$@" -- \
        env SYNSCOPE="$SYNSCOPE" bash "$here/interop_inside.sh" $part) || exit 1
    sed "s/^/$part: /" "$work/out"
}
inside "transfers $bytes"
inside "transfers $bytes" "${bad[@]}"
inside options
inside parallel -w parallel.pcapng
inside resets -w resets.pcapng
inside half_close -w half.pcapng

# What the sessions say of it.
run 0 analyze "$work/parallel.pcapng" --format connections
awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; ++i) column[$i] = i; next }
    { print $column["start"], 1; print $column["start"] + $column["duration"], -1 }' "$work/out" | sort -g |
    awk '{ n += $2; if (n > most) most = n } END { print most " connections at once"; exit most < 200 }' ||
    fail "they did not run at once"
# ended FILE STATES: how its connections ended, in their order.
ended() {
    run 0 analyze "$work/$1" --format connections
    local states
    states=$(awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; ++i) column[$i] = i; next }
        { printf "%s%s", (NR > 2 ? " " : ""), $column["state"] }' "$work/out")
    [ "$states" = "$2" ] || { cat "$work/out"; fail "$1: the connections ended '$states', not '$2'"; }
}
ended resets.pcapng 'reset reset reset reset closed'
ended half.pcapng 'closed closed'

# Without a program: it says how to get there, and Ctrl-C ends it in order.
"$SYNSCOPE" sim "$work/interop.yaml" --attach tap:client --headless -w "$work/live.pcapng" >"$work/out" 2>"$work/err" </dev/null &
sim=$!
started+=("$sim")
for _ in $(seq 1200); do
    grep -q nsenter "$work/err" && break
    sleep 0.05
done
says "$work/err" "^tap0 takes the place of host 'client', 10.0.0.1/24, in the network of process [0-9]+; Ctrl-C ends it"
says "$work/err" '^a server listens on 10.0.0.2:80$'
is_clean "$work/err"
enter=$(sed -n 's/^to run a program there: \(nsenter .*\) PROGRAM$/\1/p' "$work/err")
[ "$($enter curl -sS http://10.0.0.2/5/sha256 | wc -c)" = 65 ] || fail "$enter does not lead there"
keeper=$(pgrep -P "$sim")
kill -INT "$sim"
code=0
wait "$sim" || code=$?
[ "$code" = 0 ] || { cat "$work/err"; fail "Ctrl-C: exit code $code"; }
[ -z "$keeper" ] || ! kill -0 "$keeper" 2>/dev/null || fail "process $keeper is still there"
run 0 analyze "$work/live.pcapng"
says "$work/out" '1 TCP connection'

# Mistakes, and programs that fail.
run 1 sim "$work/interop.yaml" --attach tap --headless -- sh -c 'exit 3'
says "$work/err" "'sh' ended with exit code 3"
run 1 sim "$work/interop.yaml" --attach tap --headless -- "$work/none"
says "$work/err" 'cannot run .*No such file'
run 1 sim "$work/interop.yaml" --attach tap:nobody --headless
says "$work/err" "there is no host 'nobody'"
run 2 sim "$work/interop.yaml" --attach wire
run 2 sim "$work/interop.yaml" --headless -- true
run 0 sim "$work/interop.yaml" --attach tap --headless --until 10ms
