#!/usr/bin/env bash
# The benchmarks run, and all who take part answer alike; the figures are made by hand
set -euo pipefail
# shellcheck source=tests/tools/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tools/environment.sh"

check() {
    cargo run --quiet --release --locked -p homeline-bench -- --entries 2000 --rounds 3
    cargo run --quiet --release --locked -p homeline-bench-timing -- --rounds 3 --milliseconds 2
}

"$@"
