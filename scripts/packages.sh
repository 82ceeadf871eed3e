# shellcheck shell=bash
# The Debian packages Synscope needs, once, by purpose; and how the scripts install what is missing. Sourced, not run.
# third_party/README.md has versions, licences and reasons.

packages_for() {
    local group
    for group in "$@"; do
        case $group in
        build) # the compiler, the libraries, and what the window needs to draw
            echo g++ cmake ninja-build pkg-config ccache
            echo libexpected-dev libpcap-dev libfmt-dev libyaml-cpp-dev nlohmann-json3-dev libcli11-dev
            echo libnl-route-3-dev libcap-ng-dev libseccomp-dev librsvg2-dev liburing-dev libpcre2-dev zlib1g-dev libzstd-dev libmd-dev
            echo libimgui-dev libglfw3-dev libgl-dev libfreetype-dev libfontconfig-dev
            echo fonts-noto-core fonts-noto-cjk
            echo libcap2-bin # setcap, where an ordinary user needs the right to capture
            ;;
        test) # the test framework, and the programs the end-to-end tests compare with or drive
            echo libgtest-dev libgmock-dev tshark tcpdump procps xvfb xauth xdotool
            echo curl iproute2 util-linux # the kernel's end of a TAP device
            ;;
        format) echo clang-format git ;;
        tidy) echo clang-tidy clang git ;;
        clang) # the fuzz targets and the pure folders
            echo clang libc++-dev libc++abi-dev
            ;;
        bench) echo libbenchmark-dev libuv1-dev libasio-dev libns3-dev libgsl-dev tcptrace tshark tcpdump ;;
        esac
    done
}

# Which of these packages are not installed.
missing_packages() {
    local -A installed=()
    local status name
    while read -r status name; do
        [[ $status == installed ]] && installed[$name]=1
    done < <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null)
    for name in "$@"; do
        [[ ${installed[$name]:-} ]] || echo "$name"
    done
}

system_name() {
    local PRETTY_NAME=''
    # shellcheck source=/dev/null
    [[ -r /etc/os-release ]] && . /etc/os-release
    echo "${PRETTY_NAME:-$(uname -s)}"
}

# Debian 12 or later, or a system made from it, with apt.
system_is_known() {
    local ID='' ID_LIKE='' VERSION_ID=''
    # shellcheck source=/dev/null
    [[ -r /etc/os-release ]] && . /etc/os-release
    [[ " $ID $ID_LIKE " == *" debian "* ]] || return 1
    [[ $ID != debian || -z $VERSION_ID || ${VERSION_ID%%.*} -ge 12 ]] || return 1
    type -P apt-get dpkg-query >/dev/null
}

# run_quietly MESSAGE COMMAND...: says what it does, keeps the output for the case that it fails.
run_quietly() {
    local message=$1 log status=0
    shift
    log=$(mktemp "${TMPDIR:-/tmp}/synscope.XXXXXX") || return 1
    echo "$message" >&2
    "$@" </dev/null >"$log" 2>&1 || status=$?
    [[ $status == 0 ]] || tail -n 40 "$log" >&2
    rm -f "$log"
    return "$status"
}

# install_packages WHY GROUP...: quiet when nothing is missing.
install_packages() {
    local why=$1 all missing as_root=()
    shift
    PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
    mapfile -t all < <(packages_for "$@" | tr ' ' '\n')
    if ! system_is_known; then
        [[ ${SYNSCOPE_SKIP_PACKAGES:-} ]] && return 0
        fail "$(system_name) is not a system I know (Debian 12 or later with apt). Install these, by their Debian names: ${all[*]}; then set SYNSCOPE_SKIP_PACKAGES=1"
    fi
    mapfile -t missing < <(missing_packages "${all[@]}")
    [[ ${#missing[@]} -gt 0 ]] || return 0

    if [[ $(id -u) != 0 ]]; then
        # Without a terminal nobody can type the password.
        if ! type -P sudo >/dev/null || { [[ ! -t 0 ]] && ! sudo -n true 2>/dev/null; }; then
            fail "packages are missing and installing them needs root. Run: apt-get install --no-install-recommends ${missing[*]}"
        fi
        as_root=(sudo)
        [[ ! -t 0 ]] || sudo -v -p "To install packages, sudo asks for the password of %u: " || fail "sudo was refused; nothing was installed"
    fi
    # Noninteractive: tshark would ask whether everybody may capture; the answer stays no.
    as_root+=(env DEBIAN_FRONTEND=noninteractive)
    local install=("${as_root[@]}" apt-get install -y --no-install-recommends -o Dpkg::Use-Pty=0
        -o DPkg::Lock::Timeout=120 "${missing[@]}")
    local update=("${as_root[@]}" apt-get update)

    echo "Installing ${#missing[@]} packages $why: ${missing[*]}" >&2
    # The lists may be absent (a fresh image), or name versions that the mirror no longer has.
    if "${install[@]}" --print-uris </dev/null >/dev/null 2>&1; then
        run_quietly "  apt-get install" "${install[@]}" && return 0
    fi
    run_quietly "  apt-get update" "${update[@]}" || fail "apt-get update failed; is the network up?"
    run_quietly "  apt-get install" "${install[@]}" ||
        fail "apt-get install failed; by hand: apt-get install --no-install-recommends ${missing[*]}"
}
