#!/usr/bin/env bash
# Usage: samples.sh LANGUAGE PAGE.md > FILE
#
# The code of one language in a page, in order, as one file: so that what a page shows is compiled.
set -euo pipefail
awk -v fence="\`\`\`$1" '$0 == fence { inside = 1; next } /^```/ { inside = 0 } inside' "$2"
