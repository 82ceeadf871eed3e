#!/usr/bin/env bash
# Output that cannot be written is a failure that is told, whatever the command; a reader that goes away is none.
. "$(dirname "$0")/lib.sh"
[ -c /dev/full ] || skip "there is no /dev/full"

# into_full ARGUMENTS...: exits 1, and says which output failed.
into_full() {
    local code=0
    timeout 60 env -u DISPLAY -u WAYLAND_DISPLAY "$SYNSCOPE" "$@" >/dev/full 2>"$work/err" </dev/null || code=$?
    [ "$code" -eq 1 ] || { cat "$work/err"; fail "synscope $* > /dev/full exited with $code, not 1"; }
    says "$work/err" 'standard output: cannot write'
}
for command in engines services framings views doctor --help --version; do into_full "$command"; done
into_full analyze --help
into_full serve --port 0
if can_demo; then
    into_full demo --text
    run 0 demo --text -w "$work/s.pcapng"
    into_full analyze "$work/s.pcapng"
    into_full analyze "$work/s.pcapng" --format tsv
    into_full bytes "$work/s.pcapng" --connection 0
    into_full demo -w -
fi

"$SYNSCOPE" --help 2>"$work/err" | head -n 1 >/dev/null
[ "${PIPESTATUS[0]}" -eq 0 ] || fail "a reader that goes away made --help fail"
[ ! -s "$work/err" ] || fail "a reader that goes away was told: $(cat "$work/err")"
echo "no output is lost in silence"
