#!/usr/bin/env bash
# All fuzz targets for two minutes together; HOMELINE_FUZZ_SECONDS gives each so many instead
set -euo pipefail
# shellcheck source=tests/tools/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tools/environment.sh"

# No sanitizer: the crates that are fuzzed forbid unsafe code. Without one the stable compiler does.
fuzz() {
    local verb=$1
    shift
    cargo-fuzz "$verb" --fuzz-dir tests/fuzz "$@"
}

fetch() { fetch_python_tools; }

check() {
    local targets target folders seconds
    targets=$(fuzz list)
    seconds=${HOMELINE_FUZZ_SECONDS:-$((120 / $(wc -w <<< "$targets")))}
    for target in $targets; do
        # New inputs stay in the cache; the seeds of the repository stay as they are.
        folders=("$cache/fuzz-corpus/$target")
        mkdir -p "${folders[0]}"
        [[ -d tests/fuzz/seeds/$target ]] && folders+=("tests/fuzz/seeds/$target")
        fuzz run --sanitizer none --target-dir "$cache/fuzz-target" "$target" "${folders[@]}" -- \
            -max_total_time="$seconds" -rss_limit_mb=4096
    done
    note "$(wc -w <<< "$targets") targets"
}

"$@"
