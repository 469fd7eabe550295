#!/usr/bin/env bash
# Kotlin: formatting, and the bindings' tests on the JVM against the real library
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
    once maven-kotlin pom.xml bindings/kotlin/pom.xml -- maven -pl bindings/kotlin dependency:resolve dependency:resolve-plugins
}

check() {
    local sources
    mapfile -t sources < <(git ls-files --cached --others --exclude-standard -- '*.kt' '*.kts')
    java -jar "$ktlint" --relative "${sources[@]}"
    maven -pl bindings/kotlin test
    note "$(surefire_tests bindings/kotlin) tests"
}

"$@"
