//! The whole engine against an expansion that shares nothing with it: day after day by jiff's calendar, and each time by
//! jiff's own reading of the zone. All zones of the tz database, twenty years, every policy.

use crate::support::{dosage, every, expander, from_to, order, order_id, patient, timing, when, zone};
use crate::zones::table_of;
use chrono::{DateTime, NaiveTime, Utc};
use homeline_model::{
    Bounds, DayOfWeek, Decimal, FhirDateTime, OccurrenceId, PeriodUnit, Repeat, TimePolicy, Timing, ZoneId, ZoneTable,
};
use homeline_schedule::{ActualStart, MAX_OCCURRENCES, Routine, Rule, Span, Zones, expand_timing};
use jiff::civil::{Date, Time, date};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, ToSpan};
use std::collections::BTreeSet;

const YEARS: (i16, i16) = (2010, 2030);

/// Each zone with rules of its own in these years: many names share theirs.
fn distinct_zones() -> Vec<(String, ZoneTable)> {
    let mut found: Vec<(String, ZoneTable)> = Vec::new();
    let mut seen = BTreeSet::new();
    for name in jiff::tz::db().available() {
        let table = table_of(name.as_str(), YEARS.0 - 2, YEARS.1 + 2);
        let changes: Vec<(i64, i32)> = table.transitions.iter().map(|t| (t.at, t.offset_seconds)).collect();
        if seen.insert((table.initial_offset_seconds, changes)) {
            found.push((name.as_str().to_owned(), table));
        }
    }
    assert!(found.len() > 150, "only {} zones", found.len());
    found
}

/// What the clock on the wall means: forward over a gap, the first of two, and nothing on a day that does not exist.
fn instant(rules: &TimeZone, day: Date, time: Time) -> Option<i64> {
    let ambiguous = rules.to_ambiguous_timestamp(day.to_datetime(time));
    if let AmbiguousOffset::Gap { before, after } = ambiguous.offset()
        && after.seconds() - before.seconds() >= 86_400
    {
        return None;
    }
    Some(ambiguous.compatible().unwrap().as_second())
}

fn utc(unix: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(unix, 0).unwrap()
}

fn span_of(from: Date, to: Date) -> Span {
    let at = |day: Date| utc(day.to_zoned(TimeZone::UTC).unwrap().timestamp().as_second());
    Span::new(at(from), at(to))
}

fn starts(timing: &Timing, policy: TimePolicy, zones: Zones<'_>, span: Span) -> Vec<i64> {
    let reading = Rule::read(timing, policy, None, zones, &Routine::default());
    assert!(reading.questions.is_empty(), "{:?}", reading.questions);
    let mut starts: Vec<i64> = reading.rule.unwrap().walk(zones, span).map(|slot| slot.start_unix).collect();
    starts.sort_unstable();
    starts
}

#[test]
fn no_zone_of_the_world_has_a_wrong_dose_time_in_twenty_years() {
    let (from, to) = (date(YEARS.0, 1, 1), date(YEARS.1, 1, 1));
    let far = ZoneTable::fixed(ZoneId::utc(), 20_700);
    // Most clocks are changed between midnight and three.
    let clock = [Time::constant(0, 15, 0, 0), Time::constant(2, 30, 0, 0)];
    let daily = timing(|r| {
        every(r, 2, 1, PeriodUnit::Day);
        r.time_of_day = crate::support::times(&["00:15", "02:30"]);
    });
    let mut compared = 0_usize;
    for (name, table) in distinct_zones() {
        let rules = TimeZone::get(&name).unwrap();
        let span = span_of(from, to);
        let mut expected: Vec<i64> = Vec::new();
        let mut day = from.yesterday().unwrap();
        while day <= to {
            expected.extend(clock.iter().filter_map(|time| instant(&rules, day, *time)));
            day = day.tomorrow().unwrap();
        }
        expected.retain(|unix| span.contains(utc(*unix)));
        expected.sort_unstable();
        let (away, home) = (Zones { here: &table, home: &far }, Zones { here: &far, home: &table });
        assert_eq!(starts(&daily, TimePolicy::WallClock, away, span), expected, "by the wall clock in {name}");
        assert_eq!(starts(&daily, TimePolicy::HomeZone, home, span), expected, "in the home zone {name}");
        compared += 2 * expected.len();
    }
    assert!(compared > 4_000_000, "only {compared} doses were compared");
}

#[test]
fn in_no_zone_do_elapsed_hours_heed_the_clock() {
    let anchor = date(YEARS.0, 7, 1).at(9, 30, 0, 0);
    let span = span_of(date(YEARS.0, 1, 1), date(YEARS.1, 1, 1));
    let far = ZoneTable::fixed(ZoneId::utc(), 20_700);
    for (name, table) in distinct_zones() {
        let rules = TimeZone::get(&name).unwrap();
        let first = rules.to_ambiguous_timestamp(anchor).compatible().unwrap().as_second();
        let start = from_to(&utc(first).to_rfc3339(), None);
        let mut expected = Vec::new();
        let mut next = first;
        while next < span.to.timestamp() {
            expected.push(next);
            next += 8 * 3_600;
        }
        let eight_hours = timing(|r| {
            every(r, 1, 8, PeriodUnit::Hour);
            r.bounds = Some(start.clone());
        });
        for policy in [TimePolicy::Elapsed, TimePolicy::WallClock, TimePolicy::ElapsedFromLastStart] {
            for zones in [Zones { here: &table, home: &far }, Zones::at_home(&table)] {
                assert_eq!(starts(&eight_hours, policy, zones, span), expected, "{policy:?} in {name}");
            }
        }
        // A period in days is counted by the clock of the first dose as it stood then, when the order counts time.
        let daily = timing(|r| {
            every(r, 1, 1, PeriodUnit::Day);
            r.bounds = Some(start);
        });
        let expected: Vec<i64> = expected.into_iter().step_by(3).collect();
        for policy in [TimePolicy::Elapsed, TimePolicy::ElapsedFromLastStart] {
            assert_eq!(starts(&daily, policy, Zones::at_home(&table), span), expected, "{policy:?} in {name}");
        }
    }
}

#[test]
fn counted_from_the_last_actual_start_every_dose_is_a_period_after_the_one_before() {
    let table = zone("America/New_York");
    let (patient, routine) = (patient(), Routine::default());
    let period = 8 * 3_600;
    let mut order = order(
        "q8h",
        vec![dosage(
            1,
            timing(|r| {
                every(r, 1, 8, PeriodUnit::Hour);
                r.bounds = Some(from_to("2010-07-01T09:30:00-04:00", None));
            }),
        )],
    );
    order.time_policy = TimePolicy::ElapsedFromLastStart;
    let id = |number: i64| OccurrenceId::new(&patient, &order_id("q8h"), 1, &format!("#{number}"));
    // Some doses are recorded, early or late by up to 50 minutes.
    let (mut planned, mut expected, mut actual) = (utc(1_277_991_000).timestamp(), Vec::new(), Vec::new());
    for number in 0..20_000_i64 {
        expected.push((id(number), utc(planned)));
        if number % 5 != 2 {
            let at = planned + 60 * (number * 37 % 101 - 50);
            actual.push(ActualStart { order: order_id("q8h"), occurrence: id(number), at: utc(at) });
            planned = at;
        }
        planned += period;
    }
    let orders = [order];
    for known_from in [0, 15_000] {
        let mut expander = expander(&patient, &orders, &table, &routine);
        expander.actual_starts = &actual[known_from * 4 / 5..];
        let span = Span::new(expected[known_from + 10].1, expected[19_990].1);
        let found = expander.order(&orders[0], span, MAX_OCCURRENCES * 2);
        let found: Vec<(OccurrenceId, DateTime<Utc>)> = found.occurrences.iter().map(|o| (o.id, o.start)).collect();
        assert!(found == expected[known_from + 10..19_990], "known from {known_from}");
    }
}

/// One rule by the calendar, in numbers that both sides are built from.
#[derive(Debug, Clone)]
struct Plain {
    start: Date,
    /// Minute of the first day; `None` when only the day is known.
    start_minute: Option<u16>,
    period: u32,
    unit: PeriodUnit,
    /// Monday is 0.
    weekdays: BTreeSet<i8>,
    minutes: BTreeSet<u16>,
    count: Option<u32>,
    days: Option<u16>,
}

fn time_of(minute: u16) -> Time {
    Time::midnight() + SignedDuration::from_mins(i64::from(minute))
}

impl Plain {
    fn timing(&self, rules: &TimeZone) -> Timing {
        let start = match self.start_minute {
            None => when(&self.start.to_string()),
            Some(minute) => {
                let first = rules.to_ambiguous_timestamp(self.start.to_datetime(time_of(minute))).compatible().unwrap();
                FhirDateTime::Instant(utc(first.as_second()).fixed_offset())
            }
        };
        let end = self.days.map(|days| when(&self.start.checked_add(i32::from(days).days()).unwrap().to_string()));
        const DAYS: [DayOfWeek; 7] = {
            use DayOfWeek as D;
            [D::Mon, D::Tue, D::Wed, D::Thu, D::Fri, D::Sat, D::Sun]
        };
        let time = |minute: &u16| NaiveTime::from_num_seconds_from_midnight_opt(u32::from(*minute) * 60, 0).unwrap();
        let repeat = Repeat {
            bounds: Some(Bounds::Period { start: Some(start), end }),
            count: self.count,
            period: Some(Decimal::from(self.period)),
            period_unit: Some(self.unit),
            day_of_week: self.weekdays.iter().map(|day| DAYS[usize::try_from(*day).unwrap()]).collect(),
            time_of_day: self.minutes.iter().map(time).collect(),
            ..Repeat::default()
        };
        Timing { event: Vec::new(), repeat: Some(repeat), code: None }
    }

    fn falls_on(&self, day: Date, number: i32) -> bool {
        let weekday = day.weekday().to_monday_zero_offset();
        let period = i32::try_from(self.period).unwrap();
        match self.unit {
            PeriodUnit::Day => number % period == 0,
            PeriodUnit::Week if self.weekdays.is_empty() => number % (7 * period) == 0,
            PeriodUnit::Week => (number / 7) % period == 0 && self.weekdays.contains(&weekday),
            PeriodUnit::Month | PeriodUnit::Year => {
                let each = if self.unit == PeriodUnit::Year { 12 * period } else { period };
                let months = (i32::from(day.year()) - i32::from(self.start.year())) * 12 + i32::from(day.month())
                    - i32::from(self.start.month());
                months % each == 0 && self.start.checked_add(months.months()).unwrap() == day
            }
            PeriodUnit::Second | PeriodUnit::Minute | PeriodUnit::Hour => false,
        }
    }

    /// Day after day, time after time.
    fn expand(&self, rules: &TimeZone, days: i32) -> Vec<i64> {
        // The first dose as the zone's clock shows it: a start in a gap was moved out of it.
        let first = self.start_minute.map(|minute| {
            let at = rules.to_ambiguous_timestamp(self.start.to_datetime(time_of(minute))).compatible().unwrap();
            rules.to_datetime(at)
        });
        let minutes: Vec<Time> = match (first, self.minutes.is_empty()) {
            (_, false) => self.minutes.iter().map(|minute| time_of(*minute)).collect(),
            (Some(first), true) => vec![first.time()],
            (None, true) => vec![Time::midnight()],
        };
        let (mut starts, mut counted) = (Vec::new(), 0);
        for number in 0..=days {
            let day = self.start.checked_add(number.days()).unwrap();
            if !self.falls_on(day, number) || self.days.is_some_and(|days| number > i32::from(days)) {
                continue;
            }
            for time in &minutes {
                if first.is_some_and(|first| day.to_datetime(*time) < first) {
                    continue;
                }
                if self.count.is_none_or(|count| counted < count) {
                    starts.extend(instant(rules, day, *time));
                }
                counted += 1;
            }
        }
        starts.sort_unstable();
        starts
    }
}

mod random {
    use super::*;
    use crate::properties::config;
    use proptest::collection::btree_set;
    use proptest::option;
    use proptest::prelude::*;

    fn plain() -> impl Strategy<Value = Plain> {
        let unit = prop_oneof![3 => Just(PeriodUnit::Day), 3 => Just(PeriodUnit::Week), 1 => Just(PeriodUnit::Month), 1 => Just(PeriodUnit::Year)];
        let start =
            (2009_i16..2029, 1_i8..=12, 1_i8..=31).prop_filter_map("a day", |(y, m, d)| Date::new(y, m, d).ok());
        let times = option::weighted(0.6, btree_set((0_u16..96).prop_map(|quarter| quarter * 15), 1..5));
        (
            (start, option::weighted(0.5, (0_u16..288).prop_map(|step| step * 5)), 1_u32..6, unit),
            (btree_set(0_i8..7, 0..4), times),
            (option::weighted(0.3, 1_u32..40), option::weighted(0.3, 1_u16..900)),
        )
            .prop_map(|((start, start_minute, period, unit), (weekdays, minutes), (count, days))| {
                let weekdays = if unit == PeriodUnit::Week { weekdays } else { BTreeSet::new() };
                let minutes = minutes.unwrap_or_default();
                Plain { start, start_minute, period, unit, weekdays, minutes, count, days }
            })
    }

    proptest! {
        #![proptest_config(config(600))]

        #[test]
        fn a_rule_by_the_calendar_is_what_day_by_day_counting_finds(plain in plain(), zone in any::<prop::sample::Index>()) {
            let names: Vec<_> = jiff::tz::db().available().collect();
            let name = names[zone.index(names.len())].as_str();
            let (rules, table) = (TimeZone::get(name).unwrap(), table_of(name, 2007, 2035));
            let days = 1_200;
            let span = span_of(plain.start.checked_sub(3.days()).unwrap(), plain.start.checked_add(days.days()).unwrap());
            let mut expected = plain.expand(&rules, days + 3);
            expected.retain(|unix| span.contains(utc(*unix)));
            for policy in [TimePolicy::WallClock, TimePolicy::HomeZone] {
                let found = expand_timing(
                    &plain.timing(&rules), policy, None, Zones::at_home(&table), &Routine::default(), span, 100_000,
                );
                prop_assert!(found.questions.is_empty(), "{:?}", found.questions);
                let starts: Vec<i64> = found.slots.iter().map(|slot| slot.start_unix).collect();
                prop_assert_eq!(&starts, &expected, "{} {:?}", name, policy);
                // The next one after any dose, from the rule alone.
                if let Some(middle) = expected.get(expected.len() / 2) {
                    let zones = Zones::at_home(&table);
                    let rule = Rule::read(&plain.timing(&rules), policy, None, zones, &Routine::default()).rule.unwrap();
                    let next = expected.iter().find(|unix| *unix > middle).map(|unix| utc(*unix));
                    if next.is_some() {
                        prop_assert_eq!(rule.next_start(zones, utc(*middle)), next);
                    }
                }
            }
        }
    }
}

#[test]
fn occurrence_ids_are_the_same_on_a_phone_in_any_zone_under_any_rules() {
    let home = zone("America/New_York");
    let (patient, routine) = (patient(), Routine::default());
    let daily = || {
        timing(|r| {
            every(r, 2, 1, PeriodUnit::Day);
            r.time_of_day = crate::support::times(&["08:00", "23:45"]);
        })
    };
    let counted = || {
        timing(|r| {
            every(r, 1, 8, PeriodUnit::Hour);
            r.bounds = Some(from_to("2026-11-01T00:30:00-04:00", None));
        })
    };
    let named = |zones: Zones<'_>, policy: TimePolicy, timing: Timing| -> BTreeSet<(String, OccurrenceId)> {
        let mut order = order("order", vec![dosage(1, timing)]);
        order.time_policy = policy;
        let orders = [order];
        let expander = homeline_schedule::Expander { zones, ..expander(&patient, &orders, &home, &routine) };
        let found = expander.order(&orders[0], span_of(date(2026, 11, 18), date(2026, 12, 6)), MAX_OCCURRENCES);
        let inside = |slot: &str| slot.starts_with('#') || ("2026-11-21".."2026-12-03").contains(&slot);
        found.occurrences.into_iter().filter(|o| inside(&o.slot)).map(|o| (o.slot, o.id)).collect()
    };
    let cases = [
        (TimePolicy::WallClock, daily()),
        (TimePolicy::HomeZone, daily()),
        (TimePolicy::Elapsed, counted()),
        (TimePolicy::ElapsedFromLastStart, counted()),
    ];
    for (policy, timing) in cases {
        let at_home = named(Zones::at_home(&home), policy, timing.clone());
        assert!(at_home.len() > 20);
        for (name, here) in distinct_zones() {
            let mut other_rules = here.clone();
            other_rules.transitions.iter_mut().for_each(|t| t.offset_seconds += 3_600);
            for here in [&here, &other_rules] {
                assert_eq!(named(Zones { here, home: &home }, policy, timing.clone()), at_home, "{policy:?} in {name}");
            }
        }
    }
}
