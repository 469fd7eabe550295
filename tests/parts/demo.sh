#!/usr/bin/env bash
# The day that `homeline demo` plays: complete, repeatable, and never over an existing vault
set -euo pipefail
# shellcheck source=tests/tools/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tools/environment.sh"

check() {
    build_homeline
    local out
    out=$(mktemp -d)
    # shellcheck disable=SC2064 # the folder as it is now
    trap "rm -rf '$out'" EXIT

    homeline demo --seed 7 --out "$out/first" --json > "$out/first.json"
    homeline demo --seed 7 --out "$out/second" --json > "$out/second.json"
    python3 tests/tools/demo_summary.py "$out/first.json"
    diff "$out/first/transcript.txt" "$out/second/transcript.txt"

    local before
    before=$(content "$out/first")
    if homeline demo --seed 7 --out "$out/first" --json > "$out/third.json"; then
        echo "a demo into a folder that holds a vault must be refused"
        return 1
    fi
    [[ $(content "$out/first") == "$before" ]] || { echo "the refused demo changed the folder"; return 1; }
    note "$(wc -l < "$out/first/transcript.txt") lines of transcript"
}

content() { (cd "$1" && find . -type f -exec sha256sum {} + | sort); }

"$@"
