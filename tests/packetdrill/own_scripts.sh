#!/usr/bin/env bash
# own_scripts.sh PERSONALITY: the scripts of that folder all pass. Exit code 77: there is no packetdrill here.
set -euo pipefail
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
if [[ -z ${PACKETDRILL:-} ]] && ! type -P packetdrill >/dev/null; then
    echo "there is no packetdrill program"
    exit 77
fi
exec "$here/../../scripts/packetdrill" --list --personality "$1" "$here/scripts/$1"
