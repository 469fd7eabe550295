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

package=$scratch/bindings/swift
# -allow-shlib-undefined: 6.0's libswiftObservation names a symbol that no library of Linux has (swiftlang/swift#75670).
build_options=(--scratch-path "$package" -Xlinker --allow-shlib-undefined -Xlinker "-L$root/bindings/swift/target/native")

swift_test() {
    # Without --disable-xctest a second runner closes with "0 tests".
    (cd "$1" && in_toolchain swift test --disable-xctest --scratch-path "$scratch/$1" \
        -Xlinker --allow-shlib-undefined -Xlinker "-L$root/bindings/swift/target/native")
}

# The public API of a module that was built, as the compiler tells it.
extract_symbols() {
    local modules
    modules=$(echo "$package"/*-linux-gnu/debug/Modules)
    mkdir -p "$package/symbols"
    in_toolchain swift-symbolgraph-extract -module-name "$1" -I "$modules" -minimum-access-level public \
        -Xcc "-fmodule-map-file=$root/bindings/swift/target/generated/HomelineFFI/module.modulemap" \
        -target "$(basename "$(dirname "$(dirname "$modules")")")" -output-dir "$package/symbols"
}

# For bindings/api.sh: the listing on standard output.
api_listing() {
    mkdir -p "$scratch"
    {
        bindings/generate.sh swift
        (cd bindings/swift && in_toolchain swift build "${build_options[@]}")
    } >&2
    list_api
}

list_api() {
    extract_symbols HomelineKit >&2
    python3 bindings/swift/list-api.py "$package/symbols/HomelineKit.symbols.json"
}

# DocC's pages, to be served from bindings/swift/target/HomelineKit.doccarchive.
documents() {
    extract_symbols HomelineKit
    extract_symbols HomelineGenerated
    in_toolchain docc convert --additional-symbol-graph-dir "$package/symbols" \
        --fallback-display-name HomelineKit --fallback-bundle-identifier org.homeline.HomelineKit \
        --output-path "$root/bindings/swift/target/HomelineKit.doccarchive"
    [[ -e bindings/swift/target/HomelineKit.doccarchive/data/documentation/homelinekit/agenda.json ]]
}

# The XCFramework's script with stand-ins for Xcode, and a release of the package around what it leaves: its manifest is read
# by SwiftPM.
release_layout() {
    local release=bindings/swift/target/release
    tests/tools/without-a-mac.sh "$scratch/without-a-mac"
    bindings/swift/package-release.sh https://example.org/HomelineFFI.xcframework.zip "$release"
    rm -rf bindings/swift/target/HomelineFFI.xcframework
    (cd "$release/package" && in_toolchain swift package --scratch-path "$scratch/release" dump-package) > "$release/manifest.json"
    local checksum
    checksum=$(sha256sum "$release/HomelineFFI.xcframework.zip" | cut -d ' ' -f 1)
    grep --quiet "$checksum" "$release/manifest.json"
}

# For tests/bench/border/run.
call_cost() {
    (cd bindings/swift && in_toolchain swift build -c release --product call-cost "${build_options[@]}")
    in_toolchain "$package/release/call-cost" "$root/tests/home/plans/vancomycin-elastomeric.json" "$1"
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
    list_api | diff --unified=1 bindings/api/swift.txt - ||
        { echo "the Swift API changed: if on purpose, run bindings/api.sh accept swift"; return 1; }
    documents
    release_layout
    note "$(sed -n 's/.*Test run with \([0-9]*\) tests* passed.*/\1/p' "$results" | awk '{ sum += $1 } END { print sum }') tests"
}

"$@"
