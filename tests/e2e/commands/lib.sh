# Shared by the end-to-end tests of the command line. A test exits 0 (passed), 1 (failed) or 77 (skipped, with the reason).
# SYNSCOPE is the program under test.
set -u
work=$(mktemp -d "${TMPDIR:-/tmp}/synscope-e2e.XXXXXX")
started=()
cleanup() {
    local pid
    for pid in "${started[@]:-}"; do [ -n "$pid" ] && kill "$pid" 2>/dev/null; done
    rm -rf "$work"
}
trap cleanup EXIT

skip() { echo "skipped: $*"; exit 77; }
fail() { echo "FAILED: $*" >&2; exit 1; }
need() { command -v "$1" >/dev/null 2>&1 || skip "$1 is not installed"; }

# run CODE ARGUMENTS...: runs synscope without a display, keeps $work/out and $work/err, and checks the exit code.
run() {
    local expected=$1 code=0
    shift
    env -u DISPLAY -u WAYLAND_DISPLAY SYNSCOPE_E2E="$work" "$SYNSCOPE" "$@" >"$work/out" 2>"$work/err" </dev/null || code=$?
    [ "$code" -eq "$expected" ] || {
        echo "--- out"; cat "$work/out"; echo "--- err"; cat "$work/err"
        fail "synscope $* exited with $code, not $expected"
    }
}
# says FILE PATTERN: the file has a line that matches.
says() { grep -Eq -- "$2" "$1" || { cat "$1"; fail "no line matches: $2"; }; }
# Nothing but printable text and newlines: no escape sequence, no raw control byte.
is_clean() { if LC_ALL=C grep -nP '[\x00-\x08\x0b-\x1f\x7f]' "$1"; then fail "control bytes in $1"; fi; }

can_capture() { "$SYNSCOPE" doctor 2>/dev/null | grep -Eq '^ok +capture rights'; }
# In a network of its own, where it may not capture here.
can_demo() { "$SYNSCOPE" doctor 2>/dev/null | grep -Eq '^(ok|degraded) +capture rights'; }
