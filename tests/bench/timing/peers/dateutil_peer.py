"""python-dateutil as a peer: a line asks for a case and how often, the answer is nanoseconds and the sum of all starts."""

import sys
import time
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from dateutil import rrule

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 23, 17, 0, tzinfo=timezone.utc).astimezone(NEW_YORK)
OLD_START = datetime(2016, 11, 27, 8, tzinfo=NEW_YORK)
OLD = "FREQ=DAILY;BYHOUR=8,20;BYMINUTE=0;BYSECOND=0"

EIGHT_HOURS = rrule.rrule(rrule.HOURLY, interval=8, count=1095, dtstart=datetime(2026, 1, 1, 6, tzinfo=timezone.utc))
THREE_TIMES = rrule.rrule(
    rrule.DAILY, byhour=[6, 14, 22], byminute=0, bysecond=0, count=1095, dtstart=datetime(2026, 1, 1, 6, tzinfo=NEW_YORK)
)
NEXT = rrule.rrulestr(OLD, dtstart=OLD_START)

CASES = {
    "eight-hours": lambda: sum(int(at.timestamp()) for at in EIGHT_HOURS),
    "three-times-a-day": lambda: sum(int(at.timestamp()) for at in THREE_TIMES),
    "next": lambda: int(NEXT.after(NOW).timestamp()),
    "next-from-the-order": lambda: int(rrule.rrulestr(OLD, dtstart=OLD_START).after(NOW).timestamp()),
}

for line in sys.stdin:
    case, repeats = line.split()
    one, answer = CASES[case], 0
    begun = time.perf_counter_ns()
    for _ in range(int(repeats)):
        answer = one()
    print(time.perf_counter_ns() - begun, answer, flush=True)
