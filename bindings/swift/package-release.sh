#!/usr/bin/env bash
# Usage: bindings/swift/package-release.sh URL OUT
#
# Lays out in the folder OUT what a release of the Swift package is: HomelineFFI.xcframework.zip, to be put at URL, and beside
# it a package that takes it from there by its checksum, with the sources of HomelineKit and the generated code. It comes
# after build-xcframework.sh, on a Mac; everything but the XCFramework itself is tried by `tests/run swift`.
set -euo pipefail

url=$1
mkdir -p "$2"
out=$(cd "$2" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")"
[[ -d target/HomelineFFI.xcframework ]] || { echo "run bindings/swift/build-xcframework.sh first" >&2; exit 1; }

rm -rf "$out/HomelineFFI.xcframework.zip" "$out/package"
mkdir -p "$out/package/Sources"
# The same bytes from the same files, or the checksum would name a zip and not what is in it.
python3 - target/HomelineFFI.xcframework "$out/HomelineFFI.xcframework.zip" << 'END'
import pathlib
import sys
import zipfile

framework, archive = pathlib.Path(sys.argv[1]), sys.argv[2]
with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
    for file in sorted(path for path in framework.rglob("*") if path.is_file()):
        name = zipfile.ZipInfo(str(file.relative_to(framework.parent)), (2020, 1, 1, 0, 0, 0))
        name.external_attr, name.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
        packed.writestr(name, file.read_bytes())
END
# What `swift package compute-checksum` prints.
checksum=$(python3 -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' \
    "$out/HomelineFFI.xcframework.zip")

cp -R Sources/HomelineKit "$out/package/Sources/"
cp -R target/generated/HomelineGenerated "$out/package/Sources/"
cp ../../LICENSE "$out/package/"
cat > "$out/package/Package.swift" << END
// swift-tools-version:6.0
import PackageDescription

let package = Package(
  name: "HomelineKit",
  platforms: [.iOS(.v17), .macOS(.v14)],
  products: [.library(name: "HomelineKit", targets: ["HomelineKit"])],
  targets: [
    .binaryTarget(name: "HomelineFFI", url: "$url", checksum: "$checksum"),
    .target(name: "HomelineGenerated", dependencies: ["HomelineFFI"], swiftSettings: [.swiftLanguageMode(.v5)]),
    .target(name: "HomelineKit", dependencies: ["HomelineGenerated"]),
  ]
)
END
