#!/usr/bin/env bash
# Thousands of random order timings against python-dateutil and lib-recur
set -euo pipefail
# shellcheck source=tests/tools/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tools/environment.sh"

peers=$cache/recurrence
module=tests/recurrence

fetch() {
    once recurrence-python "$module/requirements.txt" -- virtual_environment "$peers" "$module/requirements.txt"
    fetch_maven
    once recurrence-maven "$module/pom.xml" -- maven -f "$module/pom.xml" dependency:resolve dependency:resolve-plugins
}

check() {
    build_homeline
    maven -f "$module/pom.xml" package
    # One compiler tier: it lives for seconds, and starts in half the time so.
    local class_path
    class_path=$module/target/classes:$(< "$module/target/class-path")
    export HOMELINE_LIB_RECUR="java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp $class_path org.homeline.recurrence.Expand"
    # An empty search path: the tz database of PyPI, not the machine's, which is a release of its own.
    PYTHONTZPATH='' "$peers/bin/python" "$module/conformance.py" "$CARGO_TARGET_DIR/release/homeline" \
        "${HOMELINE_CONFORMANCE_RULES:-2000}" ${HOMELINE_CONFORMANCE_SEED:+"$HOMELINE_CONFORMANCE_SEED"} |
        tee "$PART_NOTE.result"
    note "$(tail -n 1 "$PART_NOTE.result")"
}

"$@"
