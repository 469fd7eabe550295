#!/usr/bin/env bash
# The shipped care plans against FHIR R4, by HAPI's validator
set -euo pipefail
# shellcheck source=tests/tools/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tools/environment.sh"

fetch() { fetch_fhir; }

check() {
    validate_r4 tests/home/plans/*.json | tee "$PART_NOTE.result"
    note "$(tail -n 1 "$PART_NOTE.result")"
}

"$@"
