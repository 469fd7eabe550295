"""Thousands of random order timings through `homeline timing`, against python-dateutil and lib-recur.

Each rule is made twice: as a FHIR Timing and as an RFC 5545 recurrence rule. dateutil and lib-recur say on which local times
it falls; Python's zoneinfo (with the tz database of PyPI) says which instants these are. The rules are those about which
both standards say the same:

* weeks begin on the anchor's day (WKST), because Timing counts them from there;
* months and years have an anchor up to the 28th: later, RFC 5545 leaves short months out and we take their last day;
* several times a day have one minute, because BYHOUR and BYMINUTE multiply;
* the first instance is on the anchor for half of the rules, and only those go to lib-recur, which counts it always.

A time in a gap of the clocks is read by zoneinfo with the offset before it, which is RFC 5545 section 3.3.5 and our rule;
section 3.3.10 would leave it out. Of two equal times the first counts. Hours are counted in UTC.

usage: conformance.py HOMELINE RULES [SEED] < /dev/null; lib-recur is asked through the command in $HOMELINE_LIB_RECUR.
"""

import json
import os
import random
import shlex
import subprocess
import sys
import time
import zoneinfo
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta, timezone

from dateutil import rrule

ZONES = [
    "America/New_York", "America/Chicago", "America/Sao_Paulo", "America/St_Johns", "America/Vancouver", "Africa/Cairo",
    "Africa/Casablanca", "Asia/Gaza", "Asia/Kathmandu", "Asia/Tehran", "Australia/Lord_Howe", "Australia/Sydney",
    "Europe/Berlin", "Europe/Dublin", "Europe/London", "Pacific/Auckland", "Pacific/Chatham", "UTC",
]
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
FHIR_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
FREQUENCIES = {"d": "DAILY", "wk": "WEEKLY", "mo": "MONTHLY", "a": "YEARLY", "h": "HOURLY", "min": "MINUTELY"}


class Rule:
    """One random rule, as Timing and as RRULE."""

    def __init__(self, chance):
        self.zone = zoneinfo.ZoneInfo(chance.choice(ZONES))
        unit = chance.choices(["d", "wk", "mo", "a", "h", "min"], [5, 5, 2, 1, 2, 1])[0]
        period = chance.choice({"h": [2, 3, 4, 6, 8, 12, 36, 72], "min": [45, 90, 720]}.get(unit, [1, 1, 2, 3, 4, 8]))
        self.elapsed = unit in ("h", "min")
        repeat = {"period": period, "periodUnit": unit}
        parts = [f"FREQ={FREQUENCIES[unit]}", f"INTERVAL={period}"]
        start = date(chance.randint(2012, 2028), chance.randint(1, 12), chance.randint(1, 28))
        self.start = datetime(start.year, start.month, start.day, chance.randint(0, 23), chance.choice([0, 15, 30, 45]))
        if self.elapsed:
            self.start = self.start.replace(tzinfo=timezone.utc)
        times = []
        if not self.elapsed and chance.random() < 0.7:
            hours = sorted(chance.sample(range(24), chance.randint(1, 4)))
            times = [(hour, self.start.minute) for hour in hours]
            parts += ["BYHOUR=" + ",".join(str(hour) for hour in hours)]
            repeat["timeOfDay"] = [f"{hour:02}:{minute:02}:00" for hour, minute in times]
        if unit == "wk":
            days = sorted(chance.sample(range(7), chance.randint(1, 4)))
            repeat["dayOfWeek"] = [FHIR_DAYS[day] for day in days]
            # The week of a Timing begins on the anchor's day.
            parts += ["BYDAY=" + ",".join(DAYS[day] for day in days), "WKST=" + DAYS[start.weekday()]]
            if chance.random() < 0.5:
                while self.start.weekday() not in days:
                    self.start += timedelta(days=1)
                parts[-1] = "WKST=" + DAYS[self.start.weekday()]
        if times and chance.random() < 0.5:
            self.start = self.start.replace(hour=times[0][0])
        on_its_day = unit != "wk" or FHIR_DAYS[self.start.weekday()] in repeat["dayOfWeek"]
        self.is_aligned = on_its_day and (not times or self.start.hour in [hour for hour, _ in times])
        anchor = self.start if self.elapsed else self.instant(self.start)
        # A start in a gap is no time of the clock: neither standard says what its rule counts from.
        self.is_plain = self.elapsed or anchor.astimezone(self.zone).replace(tzinfo=None) == self.start
        bounds = {"start": anchor.astimezone(self.zone).isoformat()}
        end = chance.random()
        if end < 0.3:
            repeat["count"] = chance.randint(1, 60)
            parts.append(f"COUNT={repeat['count']}")
        elif end < 0.5:
            last = self.start.date() + timedelta(days=chance.randint(1, 400))
            if not self.elapsed:
                bounds["end"] = last.isoformat()
                parts.append(f"UNTIL={last:%Y%m%d}T235959")
        repeat["boundsPeriod"] = bounds
        if chance.random() < 0.5:
            repeat["duration"], repeat["durationUnit"] = 90, "min"
        self.duration = "duration" in repeat
        self.timing = {"repeat": repeat}
        self.rrule = ";".join(parts)
        length = timedelta(days=chance.randint(1, 40) if self.elapsed else chance.randint(1, 500))
        begin = self.start + timedelta(days=chance.randint(-3, 300), minutes=chance.randint(0, 1439))
        self.span = (self.instant(begin), self.instant(begin + length))

    def instant(self, local):
        """The instant of a local time: forward over a gap, the first of two."""
        return (local if self.elapsed else local.replace(tzinfo=self.zone)).astimezone(timezone.utc)

    def of_locals(self, instances):
        """What `homeline timing` must answer when the rule falls on these local times."""
        begin, end = self.span
        starts = sorted(self.instant(local) for local in instances)
        return [self.occurrence(start) for start in starts if begin <= start < end]

    def occurrence(self, start):
        shown = lambda at: at.astimezone(self.zone).isoformat()
        return {"start": shown(start), "end": shown(start + timedelta(minutes=90)) if self.duration else None}

    def by_dateutil(self):
        end = self.span[1].astimezone(self.zone).replace(tzinfo=None) + timedelta(days=2)
        rule = rrule.rrulestr(self.rrule, dtstart=self.start)
        end = self.span[1] if self.elapsed else end
        found = []
        for instance in rule:
            if instance >= end:
                break
            found.append(instance)
        return self.of_locals(found)

    def line(self):
        """For lib-recur, without a zone."""
        end = self.span[1].astimezone(timezone.utc if self.elapsed else self.zone) + timedelta(days=2)
        return f"{self.start:%Y%m%dT%H%M%S} {end:%Y%m%dT%H%M%S} {self.rrule}"

    def by_homeline(self, program):
        begin, end = (at.isoformat() for at in self.span)
        command = [program, "timing", "--zone", self.zone.key, "--from", begin, "--to", end]
        answer = subprocess.run(command, input=json.dumps(self.timing), capture_output=True, text=True, check=False)
        if answer.returncode:
            return answer.stderr
        document = json.loads(answer.stdout)
        return document["occurrences"] if not document["questions"] else document["questions"]


def lib_recur(rules):
    """The instances of all rules, in one run of the JVM."""
    command = shlex.split(os.environ["HOMELINE_LIB_RECUR"])
    lines = "".join(rule.line() + "\n" for rule in rules)
    answer = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
    for rule, line in zip(rules, answer.stdout.split("\n")):
        locals_ = [datetime.strptime(word.rstrip("Z"), "%Y%m%dT%H%M%S") for word in line.split()]
        if rule.elapsed:
            locals_ = [local.replace(tzinfo=timezone.utc) for local in locals_]
        yield rule.of_locals(locals_)


def main():
    program, number = sys.argv[1], int(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else time.time_ns() % 1_000_000_000
    print(f"seed {seed}")
    chance = random.Random(seed)
    rules = []
    while len(rules) < number:
        rule = Rule(chance)
        if rule.is_plain:
            rules.append(rule)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        ours = list(pool.map(lambda rule: rule.by_homeline(program), rules))
    compared, wrong = {"dateutil": 0, "lib-recur": 0}, 0

    def compare(peer, rule, answer, expected):
        nonlocal wrong
        compared[peer] += len(expected)
        if answer != expected:
            wrong += 1
            if wrong <= 5:
                print(f"{peer} disagrees about {rule.rrule} from {rule.start} in {rule.zone}, {json.dumps(rule.timing)}")
                print(f"  span {rule.span[0]} to {rule.span[1]}")
                print(f"  ours   {answer if isinstance(answer, str) else answer[:4]}")
                print(f"  theirs {expected[:4]}")

    for rule, answer in zip(rules, ours):
        compare("dateutil", rule, answer, rule.by_dateutil())
    aligned = [(rule, answer) for rule, answer in zip(rules, ours) if rule.is_aligned]
    for (rule, answer), expected in zip(aligned, lib_recur([rule for rule, _ in aligned])):
        compare("lib-recur", rule, answer, expected)
    print(
        f"{number} rules, {compared['dateutil']} occurrences with dateutil, "
        f"{compared['lib-recur']} of {len(aligned)} rules with lib-recur, {wrong} differ, seed {seed}"
    )
    if min(compared.values()) < 5 * number:
        sys.exit("too little was compared")
    sys.exit(1 if wrong else 0)


main()
