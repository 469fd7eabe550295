//! The laws of the ledger, over histories made at random: proptest prints the case that fails, and its seed.

use chrono::{DateTime, Duration, Utc};
use homeline_model::{AlarmKind, Decimal, PumpEventKind, TimeBasis};
use homeline_pump::{AgainstPlan, InfusionEnd, LedgerEvent, Planned, reconcile};
use proptest::prelude::*;

fn at(minute: u32) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_438_800, 0).expect("a date that exists") + Duration::minutes(i64::from(minute))
}

fn event(record: u32, kind: PumpEventKind, volume: Option<i64>) -> LedgerEvent {
    LedgerEvent {
        epoch: 0,
        record,
        at: at(record),
        basis: TimeBasis::DeviceClockCorrected,
        pump_clock: Some(at(record).naive_utc()),
        kind,
        volume_ml: volume.map(Decimal::from),
        rate_ml_h: None,
    }
}

fn occlusion() -> PumpEventKind {
    PumpEventKind::AlarmRaised { alarm: AlarmKind::OcclusionDownstream, text: String::new() }
}

/// A history of one pump with 100 mL ordered: infusions one after the other, with pauses, alarms and unknown stretches.
fn history() -> impl Strategy<Value = Vec<LedgerEvent>> {
    proptest::collection::vec((0_u8..6, 1_i64..30, any::<bool>()), 1..60).prop_map(|steps| {
        let mut events = Vec::new();
        let (mut record, mut counter) = (10, 0);
        for (what, amount, told) in steps {
            counter = if matches!(what, 1..=3) { (counter + amount).min(100) } else { counter };
            let kind = match what {
                0 => PumpEventKind::Started,
                1 => PumpEventKind::Progress,
                2 => PumpEventKind::Stopped,
                3 => PumpEventKind::Completed,
                4 => occlusion(),
                _ => PumpEventKind::AlarmCleared { alarm: AlarmKind::OcclusionDownstream },
            };
            if told {
                events.push(event(record, kind.clone(), Some(counter)));
            } else {
                events.push(event(record, PumpEventKind::RecordGap { from: record, to: record + 2 }, None));
                record += 2;
            }
            record += 1;
            if kind == PumpEventKind::Completed {
                counter = 0;
            }
        }
        events
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_and_any_overlap_of_history_give_the_same_ledger(
        events in history(), order in any::<Vec<prop::sample::Index>>(), again in any::<Vec<prop::sample::Index>>(),
    ) {
        let whole = reconcile(events.clone());
        let mut told = events.clone();
        for (place, index) in order.iter().enumerate() {
            let other = index.index(told.len());
            let place = place % told.len();
            told.swap(place, other);
        }
        for index in again {
            told.push(events[index.index(events.len())].clone());
        }
        prop_assert_eq!(reconcile(told), whole);
    }

    #[test]
    fn slices_that_cover_the_history_give_the_same_ledger(events in history(), cut in any::<prop::sample::Index>(), overlap in 0_usize..10) {
        let cut = cut.index(events.len());
        let (first, rest) = (&events[..(cut + overlap).min(events.len())], &events[cut..]);
        prop_assert_eq!(reconcile(rest.iter().chain(first).cloned()), reconcile(events.clone()));
    }

    #[test]
    fn delivered_and_uncertain_stay_within_the_order(events in history(), ordered in 0_i64..150) {
        let ordered = Decimal::from(ordered);
        for infusion in reconcile(events).infusions {
            let delivered = infusion.delivered(Some(ordered));
            prop_assert!(delivered.certain_ml >= Decimal::ZERO && delivered.certain_ml <= ordered);
            let uncertain = delivered.uncertain_ml.expect("the order bounds it");
            prop_assert!(uncertain >= Decimal::ZERO && delivered.certain_ml + uncertain <= ordered);
            prop_assert_eq!(delivered.certain_ml + delivered.beyond_ordered_ml, infusion.counter_ml.unwrap_or_default());
        }
    }

    #[test]
    fn a_record_that_comes_late_fills_its_gap(events in history()) {
        // Every gap, told later by the records themselves.
        let filled: Vec<LedgerEvent> = events.iter().flat_map(|known| match known.kind {
            PumpEventKind::RecordGap { from, to } => (from..=to).map(|n| event(n, PumpEventKind::Progress, None)).collect(),
            _ => vec![known.clone()],
        }).collect();
        prop_assert!(reconcile(events.into_iter().chain(filled)).unknown.is_empty());
    }
}

#[test]
fn an_occlusion_is_a_pause_with_its_reason_and_the_pumps_own_times() {
    let ledger = reconcile([
        event(1, PumpEventKind::Started, Some(0)),
        event(30, occlusion(), Some(50)),
        event(31, PumpEventKind::Stopped, Some(50)),
        event(42, PumpEventKind::AlarmCleared { alarm: AlarmKind::OcclusionDownstream }, Some(50)),
        event(43, PumpEventKind::Started, Some(50)),
        event(91, PumpEventKind::Completed, Some(100)),
    ]);
    let infusion = &ledger.infusions[0];
    assert_eq!(ledger.infusions.len(), 1);
    assert_eq!(infusion.interruptions[0].alarm, Some(AlarmKind::OcclusionDownstream));
    assert_eq!(infusion.interruptions[0].from.pump_clock, Some(at(31).naive_utc()));
    assert_eq!(infusion.interruptions[0].to.as_ref().unwrap().at, at(43));
    assert_eq!(
        infusion.against(&Planned { minutes: Some(90), early_end_percent: None, late_end_percent: None }),
        AgainstPlan::OnTime
    );
}

#[test]
fn fluorouracil_that_ends_ten_hours_early_is_beyond_the_plans_limit() {
    let mut end = event(2, PumpEventKind::Completed, Some(100));
    end.at = at(36 * 60);
    end.pump_clock = Some(at(36 * 60).naive_utc());
    let mut start = event(1, PumpEventKind::Started, Some(0));
    start.at = at(0);
    start.pump_clock = Some(at(0).naive_utc());
    let ledger = reconcile([end, start]);
    let planned = Planned { minutes: Some(46 * 60), early_end_percent: Some(10), late_end_percent: None };
    assert_eq!(ledger.infusions[0].against(&planned), AgainstPlan::Early { minutes: 600, beyond_limit: Some(true) });
    let planned = Planned { minutes: Some(46 * 60), early_end_percent: None, late_end_percent: None };
    assert_eq!(ledger.infusions[0].against(&planned), AgainstPlan::Early { minutes: 600, beyond_limit: None });
}

#[test]
fn a_counter_beyond_the_order_is_shown_and_not_cut_away() {
    let ledger = reconcile([event(1, PumpEventKind::Started, Some(0)), event(9, PumpEventKind::Completed, Some(110))]);
    let delivered = ledger.infusions[0].delivered(Some(Decimal::from(100)));
    assert_eq!((delivered.certain_ml, delivered.beyond_ordered_ml), (Decimal::from(100), Decimal::from(10)));
}

#[test]
fn an_end_inside_of_missing_records_is_unknown_and_not_zero() {
    let ledger = reconcile([
        event(1, PumpEventKind::Started, Some(0)),
        event(5, PumpEventKind::Progress, Some(40)),
        event(6, PumpEventKind::RecordGap { from: 6, to: 20 }, None),
        event(21, PumpEventKind::Started, Some(0)),
    ]);
    assert_eq!(ledger.infusions.len(), 2);
    let first = &ledger.infusions[0];
    assert_eq!((first.end, first.ended.clone()), (InfusionEnd::Unknown, None));
    let delivered = first.delivered(Some(Decimal::from(100)));
    assert_eq!((delivered.certain_ml, delivered.uncertain_ml), (Decimal::from(40), Some(Decimal::from(60))));
    assert_eq!(first.against(&Planned::default()), AgainstPlan::NotKnown);
}

#[test]
fn a_counter_after_missing_records_proves_the_volume() {
    let ledger = reconcile([
        event(1, PumpEventKind::Started, Some(0)),
        event(6, PumpEventKind::RecordGap { from: 6, to: 20 }, None),
        event(21, PumpEventKind::Completed, Some(100)),
    ]);
    let delivered = ledger.infusions[0].delivered(Some(Decimal::from(100)));
    assert_eq!((delivered.certain_ml, delivered.uncertain_ml), (Decimal::from(100), Some(Decimal::ZERO)));
    assert_eq!(ledger.infusions[0].unknown.len(), 1);
}

#[test]
fn numbers_of_two_epochs_are_two_pumps_to_the_ledger() {
    let mut later = event(1, PumpEventKind::Started, Some(0));
    later.epoch = 1;
    let ledger = reconcile([later, event(1, PumpEventKind::Started, Some(0))]);
    assert_eq!((ledger.infusions.len(), ledger.contradictions), (2, 0));
}

#[test]
fn one_record_told_in_two_ways_is_a_contradiction_and_the_same_one_is_kept_in_any_order() {
    let (one, other) = (event(1, PumpEventKind::Progress, Some(10)), event(1, PumpEventKind::Progress, Some(20)));
    let there = reconcile([one.clone(), other.clone()]);
    assert_eq!(there, reconcile([other, one]));
    assert_eq!(there.contradictions, 1);
}
