#!/usr/bin/env bash
# cargo-deny: which crate may name what, licences, sources
set -euo pipefail
# shellcheck source=tests/tools/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tools/environment.sh"

fetch() { fetch_python_tools; }

# Advisories are not asked: their database is not on a package registry. The rest needs no network.
# Some tests are allowed a library that they do not use yet: no warning.
check() { cargo-deny --all-features --locked check --allow unused-wrapper bans licenses sources; }

"$@"
