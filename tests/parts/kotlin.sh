#!/usr/bin/env bash
# Kotlin: formatting, the bindings' tests and stories on the JVM against the real library, also minified; API pages; the AAR
set -euo pipefail
# shellcheck source=tests/tools/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tools/environment.sh"

ktlint=$cache/ktlint-1.8.0.jar

fetch_ktlint() {
    maven org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
        -Dartifact=com.pinterest.ktlint:ktlint-cli:1.8.0:jar:all -Dmdep.stripVersion -DoutputDirectory="$cache/fetched"
    mv "$cache/fetched/ktlint-cli-all.jar" "$ktlint"
}

fetch() {
    fetch_maven
    [[ -e $ktlint ]] || fetch_ktlint
    once maven-kotlin pom.xml bindings/kotlin/pom.xml -- \
        maven -pl bindings/kotlin -Pproguard dependency:resolve dependency:resolve-plugins
}

target=bindings/kotlin/target

# The stories once more, after ProGuard shrank and renamed everything that consumer-rules.pro does not name.
minified() {
    maven -pl bindings/kotlin dependency:build-classpath -Dmdep.outputFile=target/class-path
    maven -pl bindings/kotlin -Pproguard dependency:build-classpath -Dmdep.outputFile=target/proguard-class-path
    local jar jars jmods packed=() libraries=()
    IFS=: read -ra jars <<< "$(< "$target/class-path")"
    for jar in "${jars[@]}"; do
        case ${jar##*/} in
            kotlin-stdlib-* | kotlinx-* | annotations-* | jna-*) packed+=(-injars "$jar(!META-INF/**,!module-info.class)") ;;
        esac
    done
    jmods=$(java -XshowSettings:properties -version 2>&1 | sed -n 's/ *java.home = //p')/jmods
    for jar in java.base java.desktop java.logging; do
        libraries+=(-libraryjars "$jmods/$jar.jmod(!**.jar;!module-info.class)")
    done
    java -Xmx1g -cp "$(< "$target/proguard-class-path")" proguard.ProGuard -include bindings/kotlin/minified.pro \
        -injars "$target/classes" -injars "$target/test-classes(org/homeline/story/**,org/homeline/MemoryKeyStore*)" \
        "${packed[@]}" "${libraries[@]}" -outjars "$target/minified.jar"
    java "-Djna.library.path=$target/native" -Dhomeline.plans=tests/home/plans -Dhomeline.stories=tests/stories \
        -cp "$target/minified.jar" org.homeline.story.StoriesKt
}

# The archive with this machine's library in the place of a phone's.
archive() {
    rm -rf "$target/jni"
    mkdir -p "$target/jni/x86_64"
    cp "$target/native/libhomeline_ffi.so" "$target/jni/x86_64/"
    bindings/kotlin/package-aar.sh "$target/jni" "$target/homeline.aar"
    local name listed
    listed=$(jar --list --file "$target/homeline.aar")
    for name in AndroidManifest.xml R.txt classes.jar proguard.txt jni/x86_64/libhomeline_ffi.so; do
        grep --quiet --line-regexp "$name" <<< "$listed" || { echo "the archive has no $name"; return 1; }
    done
}

documents() {
    maven -pl bindings/kotlin dokka:dokka
    [[ -e $target/dokka/-homeline/org.homeline/-agenda/index.html ]] || { echo "Dokka wrote no page of Agenda"; return 1; }
}

check() {
    local sources
    mapfile -t sources < <(git ls-files --cached --others --exclude-standard -- '*.kt' '*.kts')
    java -jar "$ktlint" --relative "${sources[@]}"
    bindings/api.sh check ffi
    maven -pl bindings/kotlin test
    minified
    archive
    documents
    note "$(surefire_tests bindings/kotlin) tests"
}

"$@"
