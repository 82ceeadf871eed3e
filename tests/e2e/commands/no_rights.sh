#!/usr/bin/env bash
# Without the right to capture: in its own namespaces where they are allowed, and a clear refusal where they are not.
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || skip "needs root to become somebody else"
need setpriv
need unshare
chmod 755 "$work"
as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all)
"${as_nobody[@]}" test -x "$SYNSCOPE" || skip "nobody may not run $SYNSCOPE"

if "${as_nobody[@]}" unshare -Un true 2>/dev/null; then
    "${as_nobody[@]}" env -u DISPLAY "$SYNSCOPE" demo --text >"$work/out" 2>"$work/err" </dev/null ||
        { cat "$work/err"; fail "the demo did not run in its own namespace"; }
    says "$work/out" ' S 0:0\(0\) win'
else
    echo "unprivileged user namespaces are off here"
fi

# Below a user namespace that allows no further ones.
code=0
unshare -U --map-root-user bash -c 'echo 0 >/proc/sys/user/max_user_namespaces 2>/dev/null || exit 77
    exec setpriv --inh-caps=-all --bounding-set=-all "$@"' bash \
    env -u DISPLAY "$SYNSCOPE" demo --text >"$work/out" 2>"$work/err" </dev/null || code=$?
[ "$code" = 77 ] && skip "user.max_user_namespaces cannot be set here"
[ "$code" = 1 ] || { cat "$work/out" "$work/err"; fail "exit code $code, not 1"; }
says "$work/err" '[Nn]amespace'
says "$work/err" 'synscope doctor|setcap'
is_clean "$work/err"
echo "nobody gets a conversation, or the reason why not"
