#!/usr/bin/env bash
# Usage: bindings/api.sh check|accept ffi|kotlin|swift...
#
# The public API as text, committed in bindings/api, so that every change of it is a line in a review. `check` fails where
# the API is another than what is committed; `accept` commits to what it is now. Kotlin needs Maven, Swift the toolchain
# that tests/run fetches; ffi needs neither.
set -euo pipefail
# shellcheck source=tests/tools/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tests/tools/environment.sh"

verb=$1
shift

# Standard input against the committed listing of this name.
settle() {
    local listed=bindings/api/$1.txt
    if [[ $verb == accept ]]; then
        cat > "$listed"
    elif ! diff --unified=1 "$listed" -; then
        echo "the API of $1 changed: if on purpose, run bindings/api.sh accept $1" >&2
        return 1
    fi
}

for language; do
    case $language in
        ffi)
            cargo build --quiet --locked -p homeline-ffi
            cargo build --quiet --locked -p homeline-bindgen
            "$CARGO_TARGET_DIR/debug/homeline-bindgen" list "$CARGO_TARGET_DIR/debug/libhomeline_ffi.so" | settle ffi
            ;;
        kotlin)
            accept=false
            [[ $verb == accept ]] && accept=true
            maven -pl bindings/kotlin test -Dtest=ApiListingTest "-Dhomeline.accept=$accept"
            ;;
        swift) bash tests/parts/swift.sh api_listing | settle swift ;;
        *)
            echo "usage: bindings/api.sh check|accept ffi|kotlin|swift..." >&2
            exit 2
            ;;
    esac
done
