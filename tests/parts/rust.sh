#!/usr/bin/env bash
# Every Rust test: units, properties, documentation, the layer check, killed processes, stock SQLCipher on our files
set -euo pipefail
# shellcheck source=tests/tools/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tools/environment.sh"

# SQLCipher as others build it (over OpenSSL): it reads our files and we read its files.
stock_sqlcipher=$cache/stock-sqlcipher

fetch() {
    once stock-sqlcipher tests/tools/stock-sqlcipher.txt -- \
        virtual_environment "$stock_sqlcipher" tests/tools/stock-sqlcipher.txt
}

check() {
    export HOMELINE_STOCK_SQLCIPHER_PYTHON=$stock_sqlcipher/bin/python
    "$HOMELINE_STOCK_SQLCIPHER_PYTHON" -c 'import sqlcipher3'
    # The stories of the terminal run the program that people run.
    build_homeline
    export HOMELINE_BIN=$CARGO_TARGET_DIR/release/homeline
    local results=$PART_NOTE.results
    {
        cargo test --quiet --locked --workspace --exclude homeline-ffi --exclude homeline-bindgen --no-fail-fast
        cargo test --quiet --locked -p homeline-ffi
    } 2>&1 | tee "$results"
    note "$(sed -n 's/^test result: ok\. \([0-9]*\) passed.*/\1/p' "$results" | awk "{ sum += \$1 } END { print sum }") tests"
}

"$@"
