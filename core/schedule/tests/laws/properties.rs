//! Laws that hold for every timing, sensible or not.

use crate::support::{at, dosage, order, order_id, patient, plan, zone};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use homeline_model::{
    Bounds, DayOfWeek, Decimal, EventTiming, FhirDateTime, PeriodUnit, RelativeAnchor, RelativeLink, Repeat,
    TimePolicy, Timing,
};
use homeline_schedule::{
    AgendaInput, Answers, Expander, NotificationKind, NotificationSettings, Routine, Rule, Slot, Span, TimingExpansion,
    Urgency, Zones, expand_timing, notification_plan,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::collections::HashSet;

/// The same cases in every run. `PROPTEST_RNG_SEED` and `PROPTEST_CASES` look further.
pub fn config(cases: u32) -> ProptestConfig {
    let from_environment = ProptestConfig::default();
    let rng_seed = match from_environment.rng_seed {
        RngSeed::Random => RngSeed::Fixed(20_261_123),
        fixed @ RngSeed::Fixed(_) => fixed,
    };
    let usual = from_environment.cases == 256;
    let cases = if usual { cases } else { from_environment.cases };
    ProptestConfig { cases, rng_seed, failure_persistence: None, ..from_environment }
}

const ZONES: &[&str] = &[
    "America/New_York",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kathmandu",
];

fn policies() -> impl Strategy<Value = TimePolicy> {
    prop_oneof![
        Just(TimePolicy::WallClock),
        Just(TimePolicy::Elapsed),
        Just(TimePolicy::HomeZone),
        Just(TimePolicy::ElapsedFromLastStart)
    ]
}

fn units() -> impl Strategy<Value = PeriodUnit> {
    use PeriodUnit as U;
    prop_oneof![
        Just(U::Second),
        Just(U::Minute),
        Just(U::Hour),
        Just(U::Day),
        Just(U::Week),
        Just(U::Month),
        Just(U::Year)
    ]
}

fn instants() -> impl Strategy<Value = DateTime<Utc>> {
    // Around the changes of the fixture's zones, and anywhere between.
    let changes = prop_oneof![
        Just("2011-12-30T10:00:00Z"),
        Just("2018-11-04T03:00:00Z"),
        Just("2026-03-08T07:00:00Z"),
        Just("2026-11-01T06:00:00Z"),
        Just("2026-10-03T15:30:00Z"),
        Just("2027-02-14T00:00:00Z")
    ];
    prop_oneof![
        (changes, -200_000_i64..200_000).prop_map(|(near, seconds)| at(near) + TimeDelta::seconds(seconds)),
        (1_230_768_000_i64..2_240_000_000).prop_map(|unix| DateTime::from_timestamp(unix, 0).unwrap()),
    ]
}

fn moments() -> impl Strategy<Value = FhirDateTime> {
    prop_oneof![
        instants().prop_map(|at| FhirDateTime::Instant(at.fixed_offset())),
        instants().prop_map(|at| FhirDateTime::Date(at.date_naive())),
    ]
}

fn numbers() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        6 => (1_u32..60).prop_map(Decimal::from),
        1 => any::<i64>().prop_map(|n| Decimal::new(n, 2)),
        1 => Just(Decimal::MAX),
        1 => Just(Decimal::ZERO),
    ]
}

fn bounds() -> impl Strategy<Value = Bounds> {
    prop_oneof![
        (numbers(), units()).prop_map(|(value, unit)| Bounds::Duration { value, unit }),
        (proptest::option::of(numbers()), proptest::option::of(numbers()), units())
            .prop_map(|(low, high, unit)| Bounds::Range { low, high, unit }),
        (proptest::option::of(moments()), proptest::option::of(moments()))
            .prop_map(|(start, end)| Bounds::Period { start, end }),
    ]
}

fn clock_times() -> impl Strategy<Value = NaiveTime> {
    (0_u32..86_400).prop_map(|s| NaiveTime::from_num_seconds_from_midnight_opt(s - s % 300, 0).unwrap())
}

fn weekdays() -> impl Strategy<Value = DayOfWeek> {
    use DayOfWeek as D;
    prop_oneof![Just(D::Mon), Just(D::Tue), Just(D::Wed), Just(D::Thu), Just(D::Fri), Just(D::Sat), Just(D::Sun)]
}

/// Any timing at all.
fn timings() -> BoxedStrategy<Timing> {
    let numbers = (
        proptest::option::of(bounds()),
        proptest::option::weighted(0.2, 0_u32..20),
        proptest::option::weighted(0.05, 0_u32..20),
        proptest::option::weighted(0.3, (numbers(), units())),
        proptest::option::weighted(0.6, 0_u32..4),
        proptest::option::weighted(0.7, (numbers(), units())),
        proptest::option::weighted(0.05, numbers()),
    );
    let lists = (
        proptest::collection::vec(weekdays(), 0..3),
        proptest::collection::vec(clock_times(), 0..4),
        proptest::collection::vec(prop_oneof![Just(EventTiming::BeforeMeal), Just(EventTiming::Waking)], 0..2),
        proptest::option::weighted(0.2, any::<u32>()),
        proptest::collection::vec(0_u32..40, 0..3),
        proptest::collection::vec(moments(), 0..3),
    );
    (numbers, lists)
        .prop_map(
            |(
                (bounds, count, count_max, duration, frequency, period, period_max),
                (dow, tod, when, offset, doc, event),
            )| {
                let repeat = Repeat {
                    bounds,
                    count,
                    count_max,
                    duration: duration.map(|(value, _)| value),
                    duration_max: None,
                    duration_unit: duration.map(|(_, unit)| unit),
                    frequency,
                    frequency_max: None,
                    period: period.map(|(value, _)| value),
                    period_max,
                    period_unit: period.map(|(_, unit)| unit),
                    day_of_week: dow,
                    time_of_day: tod,
                    when,
                    offset_minutes: offset,
                    days_of_cycle: doc,
                };
                Timing { event, repeat: Some(repeat), code: None }
            },
        )
        .boxed()
}

/// Timings that mean something: they are read into a rule.
fn sensible() -> BoxedStrategy<Timing> {
    let start = (moments(), proptest::option::weighted(0.3, 0_u64..60)).prop_map(|(start, days)| {
        let end = days.and_then(|days| start.date().checked_add_days(Days::new(days))).map(FhirDateTime::Date);
        Bounds::Period { start: Some(start), end }
    });
    // A dose every second is read like any other, and would only make these laws slow.
    let units = units().prop_filter("doses", |unit| !matches!(unit, PeriodUnit::Second | PeriodUnit::Minute));
    let kind = prop_oneof![
        (1_u32..30, units).prop_map(|(period, unit)| (period, unit, vec![], vec![])),
        (1_u32..6, proptest::collection::vec(clock_times(), 1..5)).prop_map(|(period, times)| (
            period,
            PeriodUnit::Day,
            vec![],
            times
        )),
        (1_u32..4, proptest::collection::vec(weekdays(), 1..4), proptest::collection::vec(clock_times(), 0..3))
            .prop_map(|(period, days, times)| (period, PeriodUnit::Week, days, times)),
    ];
    (start, kind, proptest::option::weighted(0.3, 1_u32..50))
        .prop_map(|(bounds, (period, unit, days, times), count)| {
            let repeat = Repeat {
                bounds: Some(bounds),
                count,
                period: Some(Decimal::from(period)),
                period_unit: Some(unit),
                duration: Some(Decimal::from(90)),
                duration_unit: Some(PeriodUnit::Minute),
                day_of_week: days,
                time_of_day: times,
                ..Repeat::default()
            };
            Timing { event: Vec::new(), repeat: Some(repeat), code: None }
        })
        .boxed()
}

fn routine() -> Routine {
    let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    let events = vec![
        (EventTiming::Breakfast, at(7)),
        (EventTiming::Lunch, at(12)),
        (EventTiming::Dinner, at(19)),
        (EventTiming::Waking, at(6)),
    ];
    Routine { events, ..Routine::default() }
}

fn expand(timing: &Timing, policy: TimePolicy, zone_index: usize, span: Span, limit: usize) -> TimingExpansion {
    let (here, home) = (zone(ZONES[zone_index]), zone("America/New_York"));
    let zones = Zones { here: &here, home: &home };
    expand_timing(timing, policy, None, zones, &routine(), span, limit)
}

fn days(number: i64) -> TimeDelta {
    TimeDelta::days(number)
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn no_timing_panics_hangs_or_grows_without_bound(
        timing in timings(), policy in policies(), zone in 0..ZONES.len(), from in instants(), length in 0_i64..4000,
        limit in 0_usize..60,
    ) {
        let found = expand(&timing, policy, zone, Span::new(from, from + days(length)), limit);
        // Listed events apart (which are as many as the order lists), only what one gap holds together may exceed it.
        prop_assert!(found.slots.len() <= limit.max(1) + 8, "{} of {limit}", found.slots.len());
        prop_assert!(found.next.is_none_or(|next| next > from));
        prop_assert!(found.slots.iter().all(|s| s.start() >= from && s.start() < from + days(length)));
        prop_assert!(found.slots.is_sorted_by_key(|s| s.start_unix));
    }

    #[test]
    fn the_ends_of_time_are_no_trouble(timing in timings(), policy in policies(), zone in 0..ZONES.len()) {
        for span in [
            Span::new(DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC),
            Span::new(DateTime::<Utc>::MAX_UTC - days(2), DateTime::<Utc>::MAX_UTC),
            Span::new(DateTime::<Utc>::MAX_UTC, DateTime::<Utc>::MIN_UTC),
        ] {
            expand(&timing, policy, zone, span, 10);
        }
    }

    #[test]
    fn two_halves_are_the_whole(
        timing in sensible(), policy in policies(), zone in 0..ZONES.len(), from in instants(), length in 1_i64..40,
        cut in 0_i64..1000,
    ) {
        let to = from + days(length);
        let middle = from + TimeDelta::seconds((to - from).num_seconds() * cut / 1000);
        let whole = expand(&timing, policy, zone, Span::new(from, to), 100_000);
        let left = expand(&timing, policy, zone, Span::new(from, middle), 100_000);
        let right = expand(&timing, policy, zone, Span::new(middle, to), 100_000);
        let halves: Vec<Slot> = left.slots.into_iter().chain(right.slots).collect();
        prop_assert_eq!(&halves, &whole.slots);
        let skipped: Vec<NaiveDate> = left.skipped.iter().chain(&right.skipped).map(|s| s.date).collect();
        let all_skipped: Vec<NaiveDate> = whole.skipped.iter().map(|s| s.date).collect();
        prop_assert_eq!(skipped, all_skipped);
    }

    #[test]
    fn a_seek_from_the_middle_is_the_rest(
        timing in sensible(), policy in policies(), zone in 0..ZONES.len(), from in instants(), skip in 0_i64..4000,
    ) {
        let start = match &timing.repeat.as_ref().unwrap().bounds {
            Some(Bounds::Period { start: Some(start), .. }) => {
                start.date().and_time(NaiveTime::MIN).and_utc() - days(2)
            }
            _ => from,
        };
        // Ten years at most, and no more than some thousand slots.
        let to = start + days(3650);
        let (mut slots, mut next) = (Vec::new(), Some(start));
        while let Some(at) = next.filter(|_| slots.len() < 3000) {
            let part = expand(&timing, policy, zone, Span::new(at, to), 1000);
            slots.extend(part.slots);
            next = part.next;
        }
        let seek = start + days(skip);
        let found = expand(&timing, policy, zone, Span::new(seek, to), 20);
        let rest: Vec<Slot> = slots.iter().copied().filter(|s| s.start() >= seek).take(20).collect();
        if rest.len() == 20 || next.is_none() {
            prop_assert_eq!(&found.slots[..rest.len().min(found.slots.len())], &rest[..]);
        }
    }

    #[test]
    fn each_name_is_given_once_and_is_the_same_in_every_zone(
        timing in sensible(), policy in policies(), zones in (0..ZONES.len(), 0..ZONES.len()), from in instants(),
    ) {
        let span = Span::new(from, from + days(30));
        let names = |zone: usize, span: Span| -> Vec<String> {
            expand(&timing, policy, zone, span, 100_000).slots.iter().map(|s| s.nominal.to_string()).collect()
        };
        let here = names(zones.0, span);
        let unique: HashSet<&String> = here.iter().collect();
        prop_assert_eq!(unique.len(), here.len());
        // Another zone moves a name by less than two days, and drops only those of a day that one of the zones leaves out.
        let wider: HashSet<String> = names(zones.1, Span::new(span.from - days(2), span.to + days(2))).into_iter().collect();
        for name in here {
            let left_out = name.starts_with("2011-12-30") || name.starts_with('#');
            prop_assert!(left_out || wider.contains(&name), "{} is missing in the other zone", name);
        }
    }

    #[test]
    fn no_more_than_the_count_of_doses_is_planned(timing in sensible(), policy in policies(), from in instants()) {
        let Some(count) = timing.repeat.as_ref().unwrap().count else { return Ok(()) };
        let span = Span::new(from - days(20_000), DateTime::<Utc>::MAX_UTC);
        let found = expand(&timing, policy, 0, span, 1000);
        prop_assert!(found.slots.len() <= usize::try_from(count).unwrap());
    }

    #[test]
    fn a_walk_is_in_order_and_moves_only_what_a_gap_moves(
        timing in sensible(), zone_index in 0..ZONES.len(), from in instants(),
    ) {
        let table = zone(ZONES[zone_index]);
        let zones = Zones::at_home(&table);
        let reading = Rule::read(&timing, TimePolicy::WallClock, None, zones, &routine());
        let Some(rule) = reading.rule else { return Ok(()) };
        let slots: Vec<Slot> = rule.walk(zones, Span::new(from, from + days(400))).take(2000).collect();
        for pair in slots.windows(2) {
            prop_assert!(pair[0].nominal < pair[1].nominal);
            prop_assert!(pair[0].start_unix < pair[1].start_unix || pair[0].moved_seconds > 0);
        }
    }

    #[test]
    fn orders_that_hang_on_orders_split_alike(
        timing in sensible(), offset in -3000_i32..3000, end in any::<bool>(), from in instants(), cut in 1_i64..400,
        limit in 1_usize..9,
    ) {
        let table = zone("America/New_York");
        let (patient, routine) = (patient(), routine());
        let mut premedication = order("premed", vec![dosage(1, Timing::default())]);
        let anchor = if end { RelativeAnchor::End } else { RelativeAnchor::Start };
        premedication.relative_to = Some(RelativeLink { order: order_id("main"), anchor, offset_minutes: offset });
        let orders = [order("main", vec![dosage(1, timing)]), premedication];
        let expander =
            Expander {
                patient: &patient, orders: &orders, zones: Zones::at_home(&table), routine: &routine, starts: &[],
                actual_starts: &[],
            };
        let to = from + TimeDelta::hours(400);
        let whole = expander.order(&orders[1], Span::new(from, to), 2_000_000).occurrences;
        let middle = from + TimeDelta::hours(cut);
        let mut halves = expander.order(&orders[1], Span::new(from, middle), 2_000_000).occurrences;
        halves.extend(expander.order(&orders[1], Span::new(middle, to), 2_000_000).occurrences);
        prop_assert_eq!(&halves, &whole);
        let (mut parts, mut next, mut calls) = (Vec::new(), Some(from), 0);
        while let Some(at) = next.filter(|_| calls < 40) {
            let part = expander.order(&orders[1], Span::new(at, to), limit);
            prop_assert!(part.next.is_none_or(|next| next > at));
            parts.extend(part.occurrences);
            next = part.next;
            calls += 1;
        }
        prop_assert_eq!(&parts[..], &whole[..parts.len()]);
        prop_assert!(next.is_some() || parts.len() == whole.len());
    }
}

proptest! {
    #![proptest_config(config(60))]

    #[test]
    fn any_orders_give_a_plan_within_the_budget_and_one_ring_for_each_dose(
        timings in proptest::collection::vec(prop_oneof![sensible(), timings()], 1..4), now in instants(),
        budget in 0_usize..70, critical in 0_usize..4,
    ) {
        let mut orders: Vec<_> =
            timings.into_iter().enumerate().map(|(n, t)| order(&format!("o{n}"), vec![dosage(1, t)])).collect();
        if let Some(order) = orders.get_mut(critical) {
            order.must_not_stop = true;
        }
        let plan = plan(orders);
        let table = zone("America/New_York");
        let routine = routine();
        let input =
            AgendaInput { plan: &plan, entries: &[], zones: Zones::at_home(&table), routine: &routine, starts: &[] };
        let settings = NotificationSettings { budget, horizon_days: 5, ..NotificationSettings::default() };
        let found = notification_plan(&input, &Answers::default(), &settings, now);
        prop_assert!(found.notifications.len() <= budget);
        let mut rung = HashSet::new();
        for n in found.notifications.iter().filter(|n| n.kind == NotificationKind::Due) {
            prop_assert!(n.fire_at > now && rung.insert(n.occurrence));
        }
        // The next safety alarms are in, as many as have slots, whatever else there is to ring.
        let all = NotificationSettings { budget: 100_000, ..settings.clone() };
        let all = notification_plan(&input, &Answers::default(), &all, now);
        let safety = all.notifications.iter().filter(|n| n.urgency == Urgency::Safety);
        for n in safety.take(settings.safety_slots.min(budget.saturating_sub(1))) {
            prop_assert!(found.notifications.contains(n), "{} is left out", n.id);
        }
    }
}
