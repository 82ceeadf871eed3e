#!/usr/bin/env bash
# The capability as doctor grants it: who is in the group records a real interface, who is not is told what to do.
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || skip "needs root to grant a capability"
for tool in setpriv setcap; do need "$tool"; done
group=65533  # nobody is in it but whom we start so
chmod 755 "$work"
cp "$SYNSCOPE" "$(dirname "$SYNSCOPE")/synscope-capture" "$work/"
capture=$work/synscope-capture
chown "root:$group" "$capture" && chmod 0750 "$capture" || skip "the owner of a file cannot be changed here"
setcap cap_net_raw+ep "$capture" 2>/dev/null || skip "files in $work cannot carry a capability"
mkdir -m 777 "$work/mine"

# A capability of the file makes a process that nobody may look into, LeakSanitizer included.
export ASAN_OPTIONS=detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}
member() { setpriv --reuid=65534 --regid=65534 --groups="$group" --inh-caps=-all "$@"; }
stranger() { setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all "$@"; }

member "$work/synscope" capture -i lo -c 1 --duration 20 -w "$work/mine/s.pcapng" >"$work/out" 2>"$work/err" </dev/null &
recording=$!
started+=("$recording")
for _ in $(seq 200); do
    grep -q 'capturing on lo' "$work/err" && break
    kill -0 "$recording" 2>/dev/null || { cat "$work/err"; fail "a member of the group may not record"; }
    sleep 0.05
done
(exec 3<>/dev/tcp/127.0.0.1/9) 2>/dev/null  # refused or not, two packets pass
wait "$recording" || { cat "$work/err"; fail "the recording ended with $?"; }
[ "$(stat -c %a "$work/mine/s.pcapng")" = 600 ] || fail "the recording is not private"
run 0 analyze "$work/mine/s.pcapng"
says "$work/out" '1 packet'

for command in "capture -i lo -c 1 -w $work/mine/t.pcapng" "demo --text"; do
    code=0
    # shellcheck disable=SC2086
    stranger env -u DISPLAY -u WAYLAND_DISPLAY "$work/synscope" $command >"$work/out" 2>"$work/err" </dev/null || code=$?
    [ "$code" = 1 ] || { cat "$work/err"; fail "$command by a stranger exited with $code, not 1"; }
    says "$work/err" 'Permission denied'
    says "$work/err" 'usermod -aG synscope'
done
[ ! -e "$work/mine/t.pcapng" ] || fail "a file without a recording"
echo "the group records, others are told how to join it"
