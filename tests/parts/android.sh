#!/usr/bin/env bash
# The Android app on real framework code (Robolectric) over the real library
set -euo pipefail
# shellcheck source=tests/tools/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tools/environment.sh"

# Robolectric fetches these itself when a test starts; here they come while Rust compiles. 590 MB.
frameworks=(
    org.robolectric:android-all:15-robolectric-13954326
    org.robolectric:android-all-instrumented:15-robolectric-13954326-i7
    org.robolectric:android-all-instrumented:14-robolectric-10818077-i7
    org.robolectric:nativeruntime-dist-compat:1.0.19
)

fetch_frameworks() {
    local framework
    for framework in "${frameworks[@]}"; do
        maven org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get -Dtransitive=false -Dartifact="$framework"
    done
}

fetch() {
    fetch_maven
    debian aapt2 aapt
    once android-frameworks android/pom.xml -- fetch_frameworks
}

check() {
    maven -pl android -am test
    note "$(surefire_tests android) tests"
}

"$@"
