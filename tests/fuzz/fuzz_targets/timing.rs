//! The JSON of a FHIR Timing, a Dosage or an order: read, then expanded. A schedule can be entered anywhere, so two
//! halves of a span hold what the whole holds; the next start is the first of what follows; no answer is longer than its
//! limit and a little, whatever the span.
#![no_main]

use chrono::{DateTime, Utc};
use homeline_fhir::{ReadTiming, read_timing};
use homeline_model::{Order, PatientId, TimePolicy, Timing, ZoneId, ZoneTable, ZoneTransition};
use homeline_schedule::{ActualStart, Expander, Routine, Rule, Span, Zones, expand_dosage, expand_timing};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

/// More than any order has in two weeks, four-hourly flushes included.
const LIMIT: usize = 500;
const DAY: i64 = 86_400;
/// 2026-10-25T00:00:00Z, a week before New York's clocks go back.
const START: i64 = 1_792_886_400;

static NEW_YORK: LazyLock<ZoneTable> = LazyLock::new(|| ZoneTable {
    zone: ZoneId::new("America/New_York").expect("a zone name"),
    version: "2026f".into(),
    initial_offset_seconds: -18_000,
    transitions: vec![
        ZoneTransition { at: 1_772_953_200, offset_seconds: -14_400 },
        ZoneTransition { at: 1_793_512_800, offset_seconds: -18_000 },
    ],
});

fn at(unix: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(unix, 0).unwrap_or_default()
}

fn expand(timing: &Timing, policy: TimePolicy) {
    let routine = Routine::default();
    let zones = Zones { here: &NEW_YORK, home: &NEW_YORK };
    let part =
        |from: i64, to: i64| expand_timing(timing, policy, None, zones, &routine, Span::new(at(from), at(to)), LIMIT);
    let whole = part(START, START + 14 * DAY);
    assert!(whole.slots.len() <= LIMIT + timing.event.len());
    assert!(whole.slots.is_sorted_by_key(|slot| slot.start_unix), "slots come by start");
    for slot in &whole.slots {
        assert!((START..START + 14 * DAY).contains(&slot.start_unix), "a slot starts in its span");
        let _ = (slot.nominal.to_string(), slot.start(), slot.end());
    }
    let reading = Rule::read(timing, policy, None, zones, &routine);
    if let (Some(rule), true) = (&reading.rule, whole.next.is_none()) {
        let next = rule.next_start(zones, at(START - 1)).filter(|next| *next < at(START + 14 * DAY));
        assert_eq!(whole.slots.first().map(|slot| slot.start()), next, "the next start is the first of the rest");
    }
    let ages = part(-60_000 * DAY, 60_000 * DAY);
    // Times that one gap moves stay together, so a day of 1,440 times may exceed the limit by as many.
    assert!(ages.slots.len() <= LIMIT + 1_440 + timing.event.len(), "no span makes an answer long");
    let (first, second) = (part(START, START + 7 * DAY), part(START + 7 * DAY, START + 14 * DAY));
    if [&whole, &first, &second].iter().all(|part| part.next.is_none()) {
        let halves: Vec<_> = first.slots.iter().chain(&second.slots).copied().collect();
        assert_eq!(whole.slots, halves, "a schedule can be entered anywhere");
    }
}

/// The whole order, each of its doses started a little late.
fn expand_order(order: Order) {
    let patient = PatientId::new("rosa").expect("an id");
    let routine = Routine::default();
    let zones = Zones { here: &NEW_YORK, home: &NEW_YORK };
    let orders = [order];
    let [order] = &orders;
    let span = Span::new(at(START), at(START + 14 * DAY));
    let mut expander =
        Expander { patient: &patient, orders: &orders, zones, routine: &routine, starts: &[], actual_starts: &[] };
    let planned = expander.order(order, span, 20);
    let late: Vec<ActualStart> = planned
        .occurrences
        .iter()
        .take(5)
        .map(|o| ActualStart {
            order: o.order.id.clone(),
            occurrence: o.id,
            at: o.start + chrono::TimeDelta::minutes(17),
        })
        .collect();
    expander.actual_starts = &late;
    let moved = expander.order(order, span, 20);
    assert!(moved.occurrences.iter().all(|o| span.contains(o.start)), "an occurrence starts in its span");
    let _ = (expander.next_start(order, span.from), expander.interval_seconds(order));
}

fuzz_target!(|json: &str| {
    let timings: Vec<Timing> = match read_timing(json) {
        Ok(ReadTiming::Timing(timing)) => vec![*timing],
        Ok(ReadTiming::Dosage(dosage)) => {
            let zones = Zones { here: &NEW_YORK, home: &NEW_YORK };
            let span = Span::new(at(START), at(START + 14 * DAY));
            let _ = expand_dosage(&dosage, TimePolicy::WallClock, zones, &Routine::default(), span, LIMIT);
            dosage.timing.into_iter().collect()
        }
        Ok(ReadTiming::Order(order)) => {
            let timings = order.dosages.iter().filter_map(|dosage| dosage.timing.clone()).collect();
            expand_order(Order { time_policy: TimePolicy::ElapsedFromLastStart, ..(*order).clone() });
            expand_order(*order);
            timings
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    for timing in &timings {
        for policy in
            [TimePolicy::WallClock, TimePolicy::Elapsed, TimePolicy::HomeZone, TimePolicy::ElapsedFromLastStart]
        {
            expand(timing, policy);
        }
    }
});
