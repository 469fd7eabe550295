"""Checks the summary that `homeline demo --json` prints: every key there, everything sent."""

import json
import pathlib
import sys

KEYS = {
    "plan", "occurrences", "administrations", "entries", "alarms", "messages_sent", "messages_received", "synced",
    "waiting", "report", "transcript", "vault",
}

summary = json.loads(pathlib.Path(sys.argv[1]).read_text())
missing = KEYS - summary.keys()
if missing:
    sys.exit(f"the summary lacks {', '.join(sorted(missing))}")
if summary["waiting"] != 0:
    sys.exit(f"{summary['waiting']} entries still wait after the last sync")
for key in ("occurrences", "administrations", "entries", "alarms", "messages_sent", "messages_received", "synced"):
    if not summary[key] or summary[key] < 1:
        sys.exit(f"a whole day has at least one of `{key}`, the summary says {summary[key]}")
for key in ("report", "transcript", "vault"):
    if not pathlib.Path(summary[key]).exists():
        sys.exit(f"`{key}` names {summary[key]}, which is not there")
