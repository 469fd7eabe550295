#!/usr/bin/env bash
# Formatting of Rust, and ShellCheck over every script
set -euo pipefail
# shellcheck source=tests/tools/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tools/environment.sh"

fetch() { fetch_python_tools; }

check() {
    cargo fmt --all --check -- --color never
    local scripts
    mapfile -t scripts < <(git ls-files --cached --others --exclude-standard -- '*.sh' tests/run .ci/run)
    shellcheck --external-sources "${scripts[@]}"
    note "${#scripts[@]} scripts"
}

"$@"
