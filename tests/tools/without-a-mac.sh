#!/usr/bin/env bash
# Usage: without-a-mac.sh FOLDER
#
# Runs bindings/swift/build-xcframework.sh on Linux with stand-ins for what only a Mac has, in FOLDER, and holds the commands
# that it gives against what Apple's tools want: each file that a command names must be there when it is given, in the shape
# that an XCFramework has. It leaves bindings/swift/target/HomelineFFI.xcframework, which holds no machine code.
#
# The stand-ins do not compile, join or pack anything: whether Xcode takes what they are given, only a Mac can tell.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=$1
rm -rf "$folder"
mkdir -p "$folder/bin" "$folder/target"
folder=$(cd "$folder" && pwd)
# The library and its generator of this machine, from which bindings/generate.sh writes the Swift sources.
ln -s "${CARGO_TARGET_DIR:?}/debug" "$folder/target/debug"

stand_in() {
    { printf '#!/usr/bin/env bash\nset -euo pipefail\nlog=%q\n' "$folder/commands"; cat; } > "$folder/bin/$1"
    chmod +x "$folder/bin/$1"
}
stand_in uname <<< 'echo Darwin'
stand_in rustup << 'END'
echo "rustup $*" >> "$log"
END
stand_in cargo << 'END'
# The generator asks the real one where crates lie.
[[ $1 != metadata ]] || exec "$CARGO_OF_THIS_MACHINE" "$@"
target= profile=debug all=$*
while (($#)); do
    case $1 in
        --target) target=$2 ;;
        --profile) profile=$2 ;;
    esac
    shift
done
# generate.sh builds for this machine, and that is built.
[[ -n $target ]] || exit 0
echo "cargo $all (iOS $IPHONEOS_DEPLOYMENT_TARGET)" >> "$log"
mkdir -p "$CARGO_TARGET_DIR/$target/$profile"
echo "$target" > "$CARGO_TARGET_DIR/$target/$profile/libhomeline_ffi.a"
END
stand_in lipo << 'END'
echo "lipo $*" >> "$log"
[[ $1 == -create && ${*: -2:1} == -output ]]
# Two slices of one processor cannot be in one file.
cat -- "${@:2:$#-3}" > "${*: -1}"
[[ -z $(cut -d- -f1 "${*: -1}" | sort | uniq -d) ]]
END
stand_in xcodebuild << 'END'
echo "xcodebuild $*" >> "$log"
[[ $1 == -create-xcframework ]]
shift
slices=0 out=
while (($#)); do
    case $1 in
        -library) [[ -s $2 ]]; slices=$((slices + 1)) ;;
        -headers) [[ -e $2/HomelineFFI/module.modulemap && -e $2/HomelineFFI/HomelineFFI.h && ! -e $2/module.modulemap ]] ;;
        -output) out=$2 ;;
        *) echo "xcodebuild knows no $1" >&2; exit 64 ;;
    esac
    shift 2
done
[[ $slices == 2 && ! -e $out ]]
mkdir -p "$out"
echo "made without a Mac" > "$out/Info.plist"
END

CARGO_OF_THIS_MACHINE=$(command -v cargo)
export CARGO_OF_THIS_MACHINE
CARGO_TARGET_DIR=$folder/target PATH=$folder/bin:$PATH "$root/bindings/swift/build-xcframework.sh"

build="cargo rustc --locked -p homeline-ffi --profile ship --crate-type staticlib --target"
library=ship/libhomeline_ffi.a
apple=bindings/swift/target/apple
diff --unified=0 - <(sed "s|$folder/||g" "$folder/commands") << END
rustup target add aarch64-apple-ios aarch64-apple-ios-sim x86_64-apple-ios
$build aarch64-apple-ios (iOS 17.0)
$build aarch64-apple-ios-sim (iOS 17.0)
$build x86_64-apple-ios (iOS 17.0)
lipo -create target/aarch64-apple-ios-sim/$library target/x86_64-apple-ios/$library -output $apple/simulator/libhomeline_ffi.a
xcodebuild -create-xcframework -library target/aarch64-apple-ios/$library -headers $apple/headers -library $apple/simulator/libhomeline_ffi.a -headers $apple/headers -output bindings/swift/target/HomelineFFI.xcframework
END
grep --quiet "$(sed -n 's/.*iOS(\.v\([0-9]*\)).*/(iOS \1.0)/p' "$root/bindings/swift/Package.swift" | head -n 1)" "$folder/commands"
