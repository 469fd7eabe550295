#!/usr/bin/env bash
# Usage: bindings/kotlin/package-aar.sh NATIVE OUT.aar
#
# Packs the compiled Kotlin classes and the native libraries into an Android archive. NATIVE holds a folder for each
# processor, as `cargo ndk -o NATIVE rustc -p homeline-ffi --profile ship --crate-type cdylib` writes it: arm64-v8a, armeabi-v7a, x86_64. The
# rules for R8 are inside: an app that shrinks needs none of its own. JNA comes as its own archive (net.java.dev.jna:jna@aar).
set -euo pipefail

native=$(readlink -f "$1")
out=$(readlink -f "$(dirname "$2")")/$(basename "$2")
cd "$(dirname "${BASH_SOURCE[0]}")"

classes=target/classes
[[ -e $classes/org/homeline/Homeline.class ]] || { echo "compile first: mvn -pl bindings/kotlin compile" >&2; exit 1; }
compgen -G "$native/*/libhomeline_ffi.so" > /dev/null || { echo "no libhomeline_ffi.so under $native/*/" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/jni" "$work/META-INF/com/android/build/gradle"
cp -R "$native"/. "$work/jni/"
jar --create --file "$work/classes.jar" -C "$classes" .
cp consumer-rules.pro "$work/proguard.txt"
: > "$work/R.txt"
# As android/app/build.gradle.kts says.
cat > "$work/AndroidManifest.xml" << END
<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="org.homeline">
    <uses-sdk android:minSdkVersion="26" />
</manifest>
END
printf 'aarFormatVersion=1.0\naarMetadataVersion=1.0\nminCompileSdk=26\n' \
    > "$work/META-INF/com/android/build/gradle/aar-metadata.properties"
rm -f "$out"
(cd "$work" && jar --create --no-manifest --file "$out" AndroidManifest.xml classes.jar proguard.txt R.txt jni META-INF)
