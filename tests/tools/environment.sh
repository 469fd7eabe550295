# shellcheck shell=bash
# Sourced by every part: where things are, and how a missing tool is had.
#
# Everything that is downloaded or compiled lies in one cache outside the tree, so that a second clone starts warm:
# cargo's target folder, tools from PyPI, the Maven repository, the Swift toolchain.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${HOMELINE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/homeline}
mkdir -p "$cache"
cd "$root" || exit

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}
export CARGO_TERM_COLOR=never
# Clones share the target folder; incremental state belongs to one clone and would only fill the disk.
export CARGO_INCREMENTAL=0
export PYTHONDONTWRITEBYTECODE=1

# What the line of this part says beside its time, or why the part could not run.
note() { echo "$*" > "${PART_NOTE:-/dev/stderr}"; }
skip() {
    note "$*"
    exit 77
}

# A part without downloads has nothing to fetch.
fetch() { :; }

# once NAME FILE... -- COMMAND...: runs COMMAND unless it has succeeded before with these FILEs.
once() {
    local name=$1 inputs=()
    shift
    while [[ $1 != -- ]]; do
        inputs+=("$1")
        shift
    done
    shift
    local stamp
    stamp=$cache/done/$name-$(cat "${inputs[@]}" | sha256sum | cut -c1-12)
    [[ -e $stamp ]] && return
    "$@"
    mkdir -p "$cache/done"
    touch "$stamp"
}

# debian COMMAND PACKAGE: COMMAND is there, installed from Debian's PACKAGE when this is root's machine.
debian() {
    command -v "$1" > /dev/null && return
    if [[ $(id -u) != 0 ]] || ! command -v apt-get > /dev/null; then
        skip "$1 is missing: install the Debian package $2"
    fi
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$2"
}

# A virtual environment of its own per list of requirements, complete or absent.
virtual_environment() {
    local folder=$1 requirements=$2
    debian python3 python3-venv
    rm -rf "$folder"
    python3 -m venv "$folder"
    "$folder/bin/pip" install --quiet --only-binary=:all: --requirement "$requirements"
}

python_tools=$cache/python-tools
export PATH=$python_tools/bin:$PATH
fetch_python_tools() {
    once python-tools tests/tools/python-tools.txt -- virtual_environment "$python_tools" tests/tools/python-tools.txt
}

# fetch_node_tools NAME FOLDER: the npm packages that FOLDER's lock file pins, as $cache/NAME, complete or absent.
fetch_node_tools() {
    debian npm npm
    once "$1" "$2/package.json" "$2/package-lock.json" -- install_node_tools "$cache/$1" "$2"
}
install_node_tools() {
    rm -rf "$1"
    mkdir -p "$1"
    cp "$2/package.json" "$2/package-lock.json" "$1"
    (cd "$1" && npm ci --silent --no-audit --no-fund --ignore-scripts)
}

maven() { mvn -q -B -ntp -Dmaven.repo.local="$cache/maven" "$@"; }
fetch_maven() {
    debian java openjdk-17-jdk-headless
    debian mvn maven
}

# The HAPI validator and server, one Maven build in two modules.
fetch_fhir() {
    fetch_maven
    local built=tests/fhir/hapi/target/class-path
    # Built already: a second build would pull the files from under a part that reads them.
    if [[ -e $built && -z $(find tests/fhir -name target -prune -o -type f -newer "$built" -print) ]] &&
        grep --quiet --fixed-strings "$cache/maven" "$built"; then
        return
    fi
    maven -f tests/fhir/pom.xml package
}

# fhir_java MODULE: the command line that runs a class of that module. One compiler tier: these programs live for seconds,
# and start in half the time so.
fhir_java() {
    local module=tests/fhir/$1
    fhir_java=(
        java -Xmx1g -XX:+UseSerialGC -XX:TieredStopAtLevel=1
        -cp "$module/target/classes:$(cat "$module/target/class-path")"
    )
}
validate_r4() {
    fhir_java validator
    "${fhir_java[@]}" org.homeline.validator.ValidateR4 "$@"
}

# sync_contract BASE [CONTRACT]: sync's contract, or one part of it, on the FHIR server at BASE; says how many scenarios ran.
sync_contract() {
    local only=() passed
    [[ -n ${2:-} ]] && only=(--test "$2")
    passed=$(HOMELINE_FHIR_SERVER=$1 cargo test --quiet --locked -p homeline-sync "${only[@]}" on_a_real |
        tee /dev/stderr | sed -n 's/^test result: ok\. \([0-9]*\) passed.*/\1/p' | awk '{ sum += $1 } END { print sum + 0 }') || return
    ((passed)) || { echo "no scenario ran on $1" >&2; return 1; }
    echo "$passed"
}

# The terminal shell as the README builds it.
build_homeline() { cargo build --quiet --release --locked -p homeline-cli; }
homeline() { "$CARGO_TARGET_DIR/release/homeline" "$@"; }

# How many tests Maven ran in a module.
surefire_tests() {
    sed -n 's/.*<testsuite .* tests="\([0-9]*\)".*/\1/p' "$1"/target/surefire-reports/*.xml |
        awk '{ sum += $1 } END { print sum }'
}

# await_ready LOG PROCESS: the address that a server names once it answers.
# The log may not be there yet: the server opens it in its own time.
await_ready() {
    local line
    while read -r line; do
        [[ $line == "READY "* ]] && { echo "${line#READY }"; return; }
    done < <(timeout 180 tail -n +1 --follow --retry --pid="$2" "$1" 2> /dev/null)
    echo "the server did not start:" >&2
    tail -n 40 "$1" >&2
    return 1
}
