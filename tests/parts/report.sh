#!/usr/bin/env bash
# The visit report: the same numbers in every format, WCAG 2.2 AA in Chromium, a PDF with text, a FHIR document by HL7's validator
set -euo pipefail
# shellcheck source=tests/tools/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tools/environment.sh"

tools=$cache/report-tools
plans=(ivig-ladder vancomycin-elastomeric)

fetch() {
    debian chromium chromium
    debian pdftotext poppler-utils
    fetch_node_tools report-tools tests/report
    fetch_fhir
}

check() {
    build_homeline
    local out
    out=$(mktemp -d)
    # shellcheck disable=SC2064 # the folder as it is now
    trap "rm -rf '$out'" EXIT
    export HOMELINE_NODE_MODULES=$tools/node_modules HOMELINE_CHROMIUM
    HOMELINE_CHROMIUM=$(command -v chromium)

    local plan day
    for plan in "${plans[@]}"; do
        day=$out/$plan
        homeline demo --plan "$plan" --seed 7 --out "$day" --json > "$out/summary.json"
        pdfinfo "$day/report.pdf" > "$day/pdfinfo.txt"
        pdftotext -layout "$day/report.pdf" "$day/report.txt"
        python3 tests/report/compare.py "$day"
        node tests/report/check.mjs "$day/report.html" "$day"
        cp "$day/report.json" "$out/$plan.json"
    done
    validate_r4 "$out/ivig-ladder.json" "$out/vancomycin-elastomeric.json" | tee "$PART_NOTE.result"
    note "${#plans[@]} reports; documents: $(tail -n 1 "$PART_NOTE.result")"
}

"$@"
