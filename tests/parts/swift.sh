#!/usr/bin/env bash
# Swift: formatting, the bindings and the iOS app's packages on Linux over the real library
set -euo pipefail
# shellcheck source=tests/tools/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tools/environment.sh"

toolchain=$cache/swift-$(sha256sum < tests/tools/swift-root.sh | cut -c1-12)
# SwiftPM's caches are bound to the paths of the sources.
scratch=$cache/swiftpm/$(sha256sum <<< "$root" | cut -c1-12)

fetch() {
    [[ -x $toolchain/usr/bin/swiftc ]] && return
    [[ $(id -u) == 0 ]] || skip "the Swift toolchain runs in a chroot, which needs root"
    command -v dpkg-deb > /dev/null || skip "the Swift toolchain is unpacked from Debian packages, and this is no Debian"
    unshare --mount --pid --fork true || skip "this machine allows no private mount namespace"
    (($(df --output=avail -m "$cache" | tail -n 1) > 4000)) || skip "the Swift toolchain needs 4 GB of disk"
    timeout 900 tests/tools/swift-root.sh "$toolchain"
}

in_toolchain() { timeout 900 "$root/tests/tools/swift-in.sh" "$toolchain" "$root" "$scratch" -- "$@"; }

swift_test() {
    # -allow-shlib-undefined: 6.0's libswiftObservation names a symbol that no library of Linux has (swiftlang/swift#75670).
    # Without --disable-xctest a second runner closes with "0 tests".
    (cd "$1" && in_toolchain swift test --disable-xctest --scratch-path "$scratch/$1" \
        -Xlinker --allow-shlib-undefined -Xlinker "-L$root/bindings/swift/target/native")
}

check() {
    mkdir -p "$scratch"
    bindings/generate.sh swift
    in_toolchain swift format lint --strict --recursive --configuration .swift-format \
        bindings/swift/Package.swift bindings/swift/Sources bindings/swift/Tests ios
    # The entry point needs SwiftUI's own app machinery: its spelling only.
    in_toolchain swiftc -frontend -parse ios/App/*.swift
    local results=$PART_NOTE.results
    { swift_test bindings/swift && swift_test ios; } 2>&1 | tee "$results"
    note "$(sed -n 's/.*Test run with \([0-9]*\) tests* passed.*/\1/p' "$results" | awk '{ sum += $1 } END { print sum }') tests"
}

"$@"
