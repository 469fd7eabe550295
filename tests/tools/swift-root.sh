#!/usr/bin/env bash
# Usage: swift-root.sh DIR
#
# Lays Debian trixie's Swift toolchain out as a folder to chroot into, without installing anything on this machine.
#
# Swift has no package in bookworm, and trixie's needs a newer C library than bookworm's. So apt downloads into a private
# state (its own lists, an empty list of installed packages), and the packages are only unpacked. Signatures are checked
# as always; the mirror is the one that this machine's apt already uses.
set -euo pipefail

suite=trixie
packages=(swiftlang libc6-dev libstdc++-14-dev base-files bash coreutils libc-bin tzdata)

# What `swift build`, `swift test` and `swift format` never open: it halves the folder (1.9 GB to 0.9 GB).
swift=usr/libexec/swift
unneeded=(
    usr/share/doc usr/share/man usr/share/info usr/share/locale
    'usr/bin/*lto-dump*' 'usr/libexec/gcc/*/*/cc1' 'usr/libexec/gcc/*/*/lto1'
    "$swift/lib/swift/embedded" "$swift/lib/swift_static" "$swift/lib/swift/FrameworkABIBaseline"
    "$swift/lib/swift/migrator" "$swift/lib/swift/host/lib_InternalSwiftScan.so"
    "$swift/lib/liblldb.so*" "$swift/lib/libLTO.so*" "$swift/lib/libsourcekitdInProc.so"
    "$swift/bin/lldb*" "$swift/bin/repl_swift" "$swift/bin/clangd" "$swift/bin/sourcekit-lsp"
    "$swift/bin/lld" "$swift/bin/swift-api-digester"
)

destination=$1
work=$(mktemp -d "$destination.work.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{root,lists/partial,cache/archives/partial,no-preferences}
: > "$work/installed"

mirror=$(cat /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2> /dev/null |
    sed -nE 's,^URIs: *([^ ]+).*,\1,p; s,^deb +(\[[^]]*\] +)?(https?://[^ ]+).*,\2,p' | head -n 1 || true)
[[ -n $mirror ]] || { echo "no Debian mirror in this machine's apt sources" >&2; exit 1; }
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" > "$work/sources.list"

private_apt() {
    apt-get \
        -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts="$work/no-preferences" \
        -o Dir::State::lists="$work/lists" -o Dir::State::status="$work/installed" -o Dir::Cache="$work/cache" \
        -o APT::Install-Recommends=false -o APT::Sandbox::User=root -o Acquire::Languages=none \
        -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false -o Acquire::Retries=3 -qq "$@"
}
private_apt update
private_apt -y --download-only install "${packages[@]}"

exclude=()
for path in "${unneeded[@]}"; do exclude+=("--exclude=./$path"); done
# base-files first: /bin, /lib and /lib64 are links that it owns.
for package in "$work"/cache/archives/base-files_*.deb "$work"/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -x -C "$work/root" --keep-directory-symlink "${exclude[@]}"
done
mkdir -p "$work"/root/{proc,dev,tmp,root}
chmod 1777 "$work/root/tmp"
echo 'root:x:0:0:root:/root:/bin/bash' > "$work/root/etc/passwd"
echo 'root:x:0:' > "$work/root/etc/group"
chroot "$work/root" /usr/sbin/ldconfig

rm -rf "$destination"
mv "$work/root" "$destination"
