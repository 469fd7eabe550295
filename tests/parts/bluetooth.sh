#!/usr/bin/env bash
# Pump and vital-sign devices over a Bluetooth stack that is not ours: two foreign hosts, virtual controllers and air
set -euo pipefail
# shellcheck source=tests/tools/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tools/environment.sh"

devices=$cache/bluetooth
# A target folder of its own: its workspace has other versions and features than ours.
radio_target=$cache/bluetooth-target

fetch() {
    [[ $(uname -sm) == "Linux x86_64" ]] || skip "the virtual controllers are on PyPI for Linux x86_64 only"
    once bluetooth tests/tools/bluetooth.txt -- virtual_environment "$devices" tests/tools/bluetooth.txt
    cargo fetch --quiet --locked --manifest-path tests/bluetooth/Cargo.toml
}

check() {
    cargo fmt --manifest-path tests/bluetooth/Cargo.toml --check -- --color never
    # Without debug information: 130 packages for a program that is a go-between.
    CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR=$radio_target \
        cargo build --quiet --locked --manifest-path tests/bluetooth/Cargo.toml
    export HOMELINE_RADIO=$radio_target/debug/homeline-radio
    export HOMELINE_BLUETOOTH_PYTHON=$devices/bin/python
    local packages
    packages=$("$HOMELINE_BLUETOOTH_PYTHON" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    export HOMELINE_ROOTCANAL=$packages/rootcanal/bin/linux-x86_64/rootcanal
    [[ -x $HOMELINE_ROOTCANAL && -x $HOMELINE_RADIO ]] || { echo "controllers or radio are missing" >&2; return 1; }
    local results=$PART_NOTE.results
    cargo test --quiet --locked -p homeline-end-to-end --test bluetooth -- --ignored --nocapture 2>&1 | tee "$results"
    note "$(sed -n 's/^test result: ok\. \([0-9]*\) passed.*/\1/p' "$results") stories"
}

"$@"
