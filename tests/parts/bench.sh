#!/usr/bin/env bash
# The benchmarks run and their three stores answer alike, on a small journal; the figures are made by hand
set -euo pipefail
# shellcheck source=tests/tools/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tools/environment.sh"

check() { cargo run --quiet --release --locked -p homeline-bench -- --entries 2000 --rounds 3; }

"$@"
