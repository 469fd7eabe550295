#!/usr/bin/env bash
# Sync's contract on a server with another dialect (Medplum's router): versions that are no numbers, no pages, no history
set -euo pipefail
# shellcheck source=tests/tools/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tools/environment.sh"

tools=$cache/medplum
server=

fetch() { fetch_node_tools medplum tests/fhir/medplum; }

stop_server() {
    [[ -z $server ]] && return
    kill "$server" 2> /dev/null || true
    wait "$server" 2> /dev/null || true
    server=
}

check() {
    out=$(mktemp -d)
    trap 'stop_server; rm -rf "$out"' EXIT
    cp tests/fhir/medplum/server.mjs "$tools"
    local file contract base ran scenarios=0
    # Each begins with an empty server: this one looks at every resource it has for every search.
    for file in core/sync/tests/*_contract.rs; do
        contract=$(basename "$file" .rs)
        node "$tools/server.mjs" > "$out/$contract.log" 2>&1 &
        server=$!
        base=$(await_ready "$out/$contract.log" "$server")
        ran=$(sync_contract "$base" "$contract")
        scenarios=$((scenarios + ran))
        stop_server
    done
    note "$scenarios scenarios"
}

"$@"
