#!/usr/bin/env bash
# Clippy over everything, warnings are errors; documentation links
set -euo pipefail
# shellcheck source=tests/tools/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tools/environment.sh"

# The library that is shipped and its generator are built alone, here and in every part: in one build with the rest they
# would take over its features.
check() {
    cargo clippy --quiet --locked --workspace --exclude homeline-ffi --exclude homeline-bindgen --all-targets -- -D warnings
    cargo clippy --quiet --locked -p homeline-ffi --all-targets -- -D warnings
    cargo clippy --quiet --locked -p homeline-bindgen --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --quiet --locked --workspace --exclude homeline-bindgen --no-deps
}

"$@"
