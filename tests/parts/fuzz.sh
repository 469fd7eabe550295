#!/usr/bin/env bash
# Each fuzz target for ten seconds; HOMELINE_FUZZ_SECONDS makes it longer
set -euo pipefail
# shellcheck source=tests/tools/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tools/environment.sh"

# Sanitizers are unstable switches that every compiler carries: no second toolchain for them.
export RUSTC_BOOTSTRAP=1
fuzz() { cargo-fuzz "$@" --fuzz-dir tests/fuzz; }

fetch() { fetch_python_tools; }

check() {
    local targets target
    targets=$(fuzz list)
    for target in $targets; do
        fuzz run --target-dir "$cache/fuzz-target" "$target" -- \
            -max_total_time="${HOMELINE_FUZZ_SECONDS:-10}" -rss_limit_mb=4096
    done
    note "$(wc -w <<< "$targets") targets"
}

"$@"
