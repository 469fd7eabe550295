#!/usr/bin/env bash
# The stripped library that phones load: at most 8 MB
set -euo pipefail
# shellcheck source=tests/tools/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tools/environment.sh"

limit=8000000

check() {
    cargo build --quiet --locked -p homeline-ffi --profile ship
    local size
    size=$(stat --format=%s "$CARGO_TARGET_DIR/ship/libhomeline_ffi.so")
    note "$size bytes"
    ((size <= limit)) || { echo "the library has $size bytes, the limit is $limit"; return 1; }
}

"$@"
