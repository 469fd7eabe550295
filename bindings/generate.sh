#!/usr/bin/env bash
# Usage: bindings/generate.sh kotlin|swift
#
# Builds the library, writes the foreign sources from it, and puts both where the language's own build looks for them:
# under bindings/kotlin/target or bindings/swift/target, never in the repository.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
language=$1
built=${CARGO_TARGET_DIR:-target}/debug

# Two builds on purpose: in one, the generator's features would end up in the library (73 MB instead of 13).
cargo build --quiet --locked -p homeline-ffi
cargo build --quiet --locked -p homeline-bindgen

# The same sum that build.rs puts into the library: of everything that says what crosses the border.
mapfile -t crossing < <(sed -n 's/^\([a-z][^:]*\): .*/core\/\1/p' bindings/ffi/crossing.txt)
contract=$(LC_ALL=C cat -- bindings/ffi/src/*.rs bindings/ffi/crossing.txt "${crossing[@]}" | cksum | cut -d' ' -f1)
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
out=bindings/$language/target
fresh=$out/generated.new
rm -rf "$fresh"
mkdir -p "$fresh" "$out/native"

generate() { "$built/homeline-bindgen" generate --language "$language" --no-format --out-dir "$1" "$built/libhomeline_ffi.so"; }

case $language in
    kotlin)
        generate "$fresh"
        cat > "$fresh/org/homeline/ffi/GeneratedFor.kt" << END
package org.homeline.ffi

/** The version of the library from which this code was generated. */
internal const val GENERATED_FOR = "$version"

/** The contract that this code speaks, as the library itself says it. */
internal const val GENERATED_CONTRACT = "$contract"
END
        library=$built/libhomeline_ffi.so
        ;;
    swift)
        mkdir -p "$fresh/HomelineGenerated" "$fresh/HomelineFFI"
        generate "$fresh/HomelineGenerated"
        mv "$fresh/HomelineGenerated/HomelineFFI.h" "$fresh/HomelineFFI/"
        mv "$fresh/HomelineGenerated/HomelineFFI.modulemap" "$fresh/HomelineFFI/module.modulemap"
        cat > "$fresh/HomelineGenerated/GeneratedFor.swift" << END
/// The version of the library from which this code was generated.
public let generatedFor = "$version"
/// The contract that this code speaks, as the library itself says it.
public let generatedContract = "$contract"
END
        # The static library alone in its folder: the same shape as on iOS, and no run path to set.
        library=$built/libhomeline_ffi.a
        ;;
    *)
        echo "usage: bindings/generate.sh kotlin|swift" >&2
        exit 2
        ;;
esac

# The program of the page that app developers begin with: the language's tests compile and run it.
mkdir -p "$out/samples"
case $language in
    kotlin)
        { echo "package org.homeline.samples"; tests/tools/samples.sh kotlin docs/getting-started-kotlin.md; } \
            > "$out/samples/GettingStarted.kt"
        ;;
    swift) tests/tools/samples.sh swift docs/getting-started-swift.md > "$out/samples/GettingStarted.swift" ;;
esac

# An unchanged output keeps its times, so that the language's own build stays warm.
if diff -r "$fresh" "$out/generated" > /dev/null 2>&1; then
    rm -rf "$fresh"
else
    rm -rf "$out/generated"
    mv "$fresh" "$out/generated"
fi
if ! cmp --quiet "$library" "$out/native/${library##*/}"; then
    cp "$library" "$out/native/"
    # SwiftPM does not watch a library from outside; a newer source makes it link again.
    find "$out/generated" -name 'GeneratedFor.*' -exec touch {} +
fi
