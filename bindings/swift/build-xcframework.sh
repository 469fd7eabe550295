#!/usr/bin/env bash
# Usage: bindings/swift/build-xcframework.sh
#
# Builds target/HomelineFFI.xcframework, which Package.swift links on Apple platforms: iPhone, and both simulators in one.
#
# It needs a Mac with Xcode and rustup. This project's own tests run on Linux: they run it with stand-ins for Apple's tools and
# hold each command that it gives against what those want (tests/tools/without-a-mac.sh). What Xcode makes of them was not
# tried. If a line of it needs a change on your Mac, that is a bug; please report it.
set -euo pipefail

[[ $(uname) == Darwin ]] || { echo "an XCFramework is made by xcodebuild, which needs a Mac" >&2; exit 1; }
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

phone=aarch64-apple-ios
simulators=(aarch64-apple-ios-sim x86_64-apple-ios)
built=${CARGO_TARGET_DIR:-target}
out=bindings/swift/target

# As Package.swift and ios/project.yml say.
export IPHONEOS_DEPLOYMENT_TARGET=17.0

rustup target add "$phone" "${simulators[@]}"
for target in "$phone" "${simulators[@]}"; do
    cargo rustc --locked -p homeline-ffi --profile ship --crate-type staticlib --target "$target"
done
bindings/generate.sh swift

rm -rf "$out/HomelineFFI.xcframework" "$out/apple"
mkdir -p "$out/apple/simulator"
# A folder of its own for the headers: two XCFrameworks with a module.modulemap at the top collide in one app.
mkdir -p "$out/apple/headers"
cp -R "$out/generated/HomelineFFI" "$out/apple/headers/"
libraries=()
for target in "${simulators[@]}"; do libraries+=("$built/$target/ship/libhomeline_ffi.a"); done
lipo -create "${libraries[@]}" -output "$out/apple/simulator/libhomeline_ffi.a"
xcodebuild -create-xcframework \
    -library "$built/$phone/ship/libhomeline_ffi.a" -headers "$out/apple/headers" \
    -library "$out/apple/simulator/libhomeline_ffi.a" -headers "$out/apple/headers" \
    -output "$out/HomelineFFI.xcframework"
