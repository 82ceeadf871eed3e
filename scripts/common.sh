# shellcheck shell=bash
# What the scripts share. Sourced, not run.
set -euo pipefail
root=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
script_name=${script_name:-scripts/$(basename -- "$0")}
# shellcheck source=scripts/packages.sh
. "$root/scripts/packages.sh"

fail() {
    echo "$script_name: $*" >&2
    exit 1
}

jobs() { echo "${SYNSCOPE_JOBS:-$(nproc)}"; }

# build PRESET [TARGET...]: configures when that was never done, builds what changed, and is quiet when nothing did. On a
# terminal ninja's own progress line is shown.
build() {
    local preset=$1 folder=$root/build/$1
    shift
    if [[ ! -f $folder/build.ninja ]]; then
        (cd "$root" && run_quietly "Configuring ($preset)" cmake --preset "$preset") ||
            fail "cmake could not configure build/$preset; the reason is above"
    fi
    local plan
    plan=$(ninja -C "$folder" -n "$@" 2>&1) || plan=changed
    [[ $plan == *"no work to do"* ]] && return 0
    if [[ $plan == *"Re-running CMake"* ]]; then
        (cd "$root" && run_quietly "Configuring ($preset) again" cmake --preset "$preset") ||
            fail "cmake could not configure build/$preset; the reason is above"
    fi
    if [[ -t 2 ]]; then
        ninja -C "$folder" -j "$(jobs)" "$@" >&2 || fail "the build failed; the errors are above"
    else
        echo "Building ($preset)" >&2
        ninja -C "$folder" -j "$(jobs)" --quiet "$@" >&2 || fail "the build failed; the errors are above"
    fi
}

# The C++ files of the project, one path a line, from its root.
cxx_files() {
    cd "$root"
    if [[ -e .git ]]; then
        git -c safe.directory="$root" ls-files --cached --others --exclude-standard -- '*.cpp' '*.hpp'
    else
        find . -path ./build -prune -o \( -name '*.cpp' -o -name '*.hpp' \) -print | cut -c3-
    fi | while IFS= read -r file; do
        [[ ! -f $file ]] || echo "$file"
    done
}
