#!/usr/bin/env bash
# Many demos in a row: each complete, each merged, nothing left behind. SYNSCOPE_RUNS runs (10 here, 200 in scripts/soak).
. "$(dirname "$0")/lib.sh"
runs=${SYNSCOPE_RUNS:-10}
can_demo || skip "no right to capture here"
for i in $(seq "$runs"); do
    run 0 demo --text -w "$work/s.pcapng"
    says "$work/out" ' S 0:0\(0\) win'
    says "$work/out" 'came out of one recv\(\)'
    says "$work/out" 'four segments|three segments'
done
# Whatever a demo started carries its environment, whoever its parent is by now.
left=$(for e in /proc/[0-9]*/environ; do tr '\0' '\n' <"$e" 2>/dev/null | grep -qx "SYNSCOPE_E2E=$work" && echo "$e"; done)
[ -z "$left" ] || fail "processes are left behind: $left"
left=$(find "$work" -mindepth 1 -not -name out -not -name err -not -name s.pcapng)
[ -z "$left" ] || fail "files are left behind: $left"
run 0 demo --text --set server.busy=0
says "$work/out" 'recv\(\)'
echo "$runs demos: all complete, all merged"
