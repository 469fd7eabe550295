#!/usr/bin/env bash
# Usage: tests/tools/library-size.sh [append]
#
# How large the stripped library for phones is, beside the newest row of docs/library-size.tsv; a jump is a warning. `append`
# adds a row for the commit that is checked out: do that with every change that moves it, and say why in the commit.
set -euo pipefail
# shellcheck source=tests/tools/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

history=docs/library-size.tsv
# So many percent between two rows are looked at.
jump=2

cargo rustc --quiet --locked -p homeline-ffi --profile ship --crate-type cdylib
size=$(stat --format=%s "$CARGO_TARGET_DIR/ship/libhomeline_ffi.so")
read -r day commit before _ < <(tail -n 1 "$history")
difference=$((size - before))
if ((100 * ${difference#-} > jump * before)); then
    echo "WARNING: the library has $size bytes, $difference more than on $day ($commit): say why in docs/library-size.tsv" >&2
fi
if [[ ${1:-} == append ]]; then
    printf '%s\t%s\t%s\t%s\n' "$(git log -1 --format=%as)" "$(git log -1 --format=%h)" "$size" "$(git log -1 --format=%s)" >> "$history"
fi
echo "$size"
