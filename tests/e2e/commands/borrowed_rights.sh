#!/usr/bin/env bash
# The program that opens files and draws refuses to run with rights that its user does not have.
. "$(dirname "$0")/lib.sh"
need setpriv

# with_capability COMMAND...: an ordinary user who has an ambient capability, which the kernel does not mark as AT_SECURE.
if [ "$(id -u)" = 0 ]; then
    chmod 755 "$work"
    setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all test -x "$SYNSCOPE" ||
        skip "nobody may not run $SYNSCOPE"
    with_capability() {
        setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all,+net_raw --ambient-caps=-all,+net_raw "$@"
    }
    without() { setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all "$@"; }
else
    need unshare
    with_capability() { unshare --user --map-current-user --keep-caps "$@"; }
    without() { "$@"; }
fi
with_capability grep -Eq '^CapAmb:.*[1-9a-f]' /proc/self/status 2>/dev/null || skip "no ambient capability can be had here"

code=0
with_capability "$SYNSCOPE" --version >"$work/out" 2>"$work/err" </dev/null || code=$?
[ "$code" = 1 ] || fail "with an ambient capability it exited with $code, not 1"
says "$work/err" 'refusing to run with extra rights'
says "$work/err" 'synscope-capture'
[ ! -s "$work/out" ] || fail "it ran all the same"
without "$SYNSCOPE" --version >/dev/null 2>"$work/err" || { cat "$work/err"; fail "without one it refused too"; }

if [ "$(id -u)" = 0 ] && command -v setcap >/dev/null 2>&1; then
    cp "$SYNSCOPE" "$work/synscope"
    if setcap cap_net_raw+ep "$work/synscope" 2>/dev/null; then
        code=0
        without "$work/synscope" --version >/dev/null 2>"$work/err" || code=$?
        [ "$code" = 1 ] || fail "with a capability of the file it exited with $code, not 1"
        says "$work/err" 'refusing to run with extra rights'
    fi
fi
echo "no borrowed right is used"
