#!/usr/bin/env bash
# The shipped care plans and forms, and a sample of every record that we send, against FHIR R4, by HAPI's validator
set -euo pipefail
# shellcheck source=tests/tools/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tools/environment.sh"

fetch() { fetch_fhir; }

check() {
    local samples
    samples=$(mktemp -d)
    # shellcheck disable=SC2064 # the folder as it is now
    trap "rm -rf '$samples'" EXIT
    HOMELINE_FHIR_SAMPLES=$samples cargo test --quiet --locked -p homeline-fhir --test samples
    validate_r4 tests/home/plans/*.json tests/home/questionnaires/*.json "$samples" | tee "$PART_NOTE.result"
    note "$(tail -n 1 "$PART_NOTE.result")"
}

"$@"
