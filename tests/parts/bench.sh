#!/usr/bin/env bash
# The benchmarks run, and their contestants answer alike, on a small journal and a short report; the figures are made by hand
set -euo pipefail
# shellcheck source=tests/tools/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tools/environment.sh"

peers=$cache/bench-peers

fetch() { once bench-peers tests/bench/peers.txt -- virtual_environment "$peers" tests/bench/peers.txt; }

check() {
    bench() { cargo run --quiet --release --locked -p homeline-bench "$@"; }
    bench -- --entries 2000 --rounds 3
    bench --bin homeline-bench-telemetry -- --records 70000
    cargo run --quiet --release --locked -p homeline-bench-timing -- --rounds 3 --milliseconds 2
    bench --bin homeline-bench-decoding -- --records 1000 --rounds 10 --peer "$peers/bin/python"
}

"$@"
