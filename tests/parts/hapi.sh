#!/usr/bin/env bash
# The same day against a full FHIR server (HAPI JPA), what it was sent against R4, and sync's contract on it
set -euo pipefail
# shellcheck source=tests/tools/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tools/environment.sh"

fetch() { fetch_fhir; }

check() {
    build_homeline
    out=$(mktemp -d)
    fhir_java hapi
    "${fhir_java[@]}" org.homeline.hapi.HapiServer > "$out/server.log" 2>&1 &
    server=$!
    trap 'kill "$server" 2> /dev/null || true; wait "$server" 2> /dev/null || true; rm -rf "$out"' EXIT

    local base
    base=$(await_ready "$out/server.log" "$server")
    homeline demo --server "$base" --seed 7 --out "$out/day" --json > "$out/summary.json"
    python3 tests/tools/demo_summary.py "$out/summary.json"
    python3 tests/tools/fetch_resources.py "$base" "$out/sent" MedicationAdministration Observation Communication
    validate_r4 "$out/sent" | tee "$PART_NOTE.result"
    local scenarios
    scenarios=$(sync_contract "$base")
    note "$(tail -n 1 "$PART_NOTE.result"); $scenarios scenarios of sync"
}

"$@"
