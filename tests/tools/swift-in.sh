#!/usr/bin/env bash
# Usage: swift-in.sh TOOLCHAIN VISIBLE... -- COMMAND [ARGUMENT...]
#
# Runs COMMAND in the current folder inside the toolchain laid out by swift-root.sh. Each VISIBLE folder appears inside at
# its own path, so that compiler messages name real files and SwiftPM's path-bound caches stay good.
#
# Mounts and processes live in private namespaces and end with the command: a bind mount of /dev that stayed behind would
# make a later `rm -rf` of the cache dangerous, and a killed run would leave its test process behind.
set -euo pipefail

toolchain=$(readlink -f "$1")
shift
visible=()
while [[ $1 != -- ]]; do
    visible+=("$(readlink -f "$1")")
    shift
done
shift

# Swift finds its libraries through /proc/self/exe, and starts its parts through /dev.
# shellcheck disable=SC2016 # expanded by the inner shell
exec unshare --mount --propagation private --pid --fork --kill-child bash -euc '
    toolchain=$1 folder=$2 count=$3
    shift 3
    mount -t proc proc "$toolchain/proc"
    mount --rbind /dev "$toolchain/dev"
    for path in "${@:1:count}"; do
        mkdir -p "$toolchain$path"
        mount --bind "$path" "$toolchain$path"
    done
    shift "$count"
    exec chroot "$toolchain" /usr/bin/env -i HOME=/tmp LANG=C.UTF-8 CI="${CI:-}" \
        PATH=/usr/libexec/swift/bin:/usr/bin:/usr/sbin \
        /bin/bash -c "cd \"\$0\" && exec \"\$@\"" "$folder" "$@"
' swift-in "$toolchain" "$PWD" "${#visible[@]}" "${visible[@]}" "$@"
