#!/usr/bin/env bash
# Signing in at a certified authorization server, in front of a full FHIR server over TLS
set -euo pipefail
# shellcheck source=tests/tools/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tools/environment.sh"

tools=$cache/authorization
pids=()

fetch() {
    debian openssl openssl
    fetch_node_tools authorization tests/fhir/authorization
    fetch_fhir
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# A private authority, and a certificate of its for this machine.
certificates() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=Test authority" \
        -keyout "$out/ca.key" -out "$out/ca.pem"
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=127.0.0.1" \
        -keyout "$out/server.key" -out "$out/server.csr"
    openssl x509 -req -in "$out/server.csr" -CA "$out/ca.pem" -CAkey "$out/ca.key" -CAcreateserial -days 2 \
        -extfile <(echo "subjectAltName=IP:127.0.0.1") -out "$out/server.pem"
    openssl pkcs12 -export -in "$out/server.pem" -inkey "$out/server.key" -passout "pass:for this test" -out "$out/server.p12"
}

check() {
    out=$(mktemp -d)
    trap 'kill "${pids[@]}" 2> /dev/null || true; rm -rf "$out"' EXIT
    certificates 2> "$out/openssl.log"
    local provider gate base
    provider=$(free_port)
    gate=$(free_port)
    cp tests/fhir/authorization/server.mjs "$tools"
    node "$tools/server.mjs" "$provider" > "$out/provider.log" 2>&1 &
    pids+=($!)
    fhir_java hapi
    "${fhir_java[@]:0:1}" "-Dhomeline.issuer=http://127.0.0.1:$provider" "-Dhomeline.tls=$out/server.p12" \
        -Dhomeline.team-token=team "-Dhomeline.token-endpoint=http://127.0.0.1:$gate/token" \
        "${fhir_java[@]:1}" org.homeline.hapi.HapiServer > "$out/server.log" 2>&1 &
    pids+=($!)
    base=$(await_ready "$out/server.log" "${pids[1]}")
    await_ready "$out/provider.log" "${pids[0]}" > "$out/issuer"
    python3 tests/tools/load_plan.py "$base" "$out/ca.pem" team tests/home/plans/vancomycin-elastomeric.json
    HOMELINE_SMART_BASE=$base HOMELINE_SMART_CA=$out/ca.pem HOMELINE_SMART_GATE=$gate \
        HOMELINE_SMART_PROVIDER=$provider \
        cargo test --quiet --locked -p homeline-end-to-end --test stories on_a_real_authorization_server
}

"$@"
