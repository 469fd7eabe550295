//! Orders: dosages in sequence, orders that hang on orders, names that stay.

use crate::support::{
    at, dosage, every, expander, from_to, lasting, order, order_id, patient, shown, span, times, timing, twice_daily,
    when, zone,
};
use homeline_model::{
    AsNeeded, Bounds, Decimal, OccurrenceId, Order, OrderKind, OrderStatus, PeriodUnit, RelativeAnchor, RelativeLink,
    ZoneTable,
};
use homeline_schedule::{Expansion, MAX_OCCURRENCES, QuestionCode, Routine, Span};

fn expand(orders: &[Order], which: usize, table: &ZoneTable, span: Span) -> Expansion {
    expander(&patient(), orders, table, &Routine::default()).order(&orders[which], span, MAX_OCCURRENCES)
}

fn starts(table: &ZoneTable, expansion: &Expansion) -> Vec<String> {
    expansion.occurrences.iter().map(|o| shown(table, o.start)).collect()
}

fn codes(expansion: &Expansion) -> Vec<QuestionCode> {
    expansion.questions.iter().map(|q| q.code).collect()
}

fn day() -> Span {
    span("2026-11-23T00:00:00-05:00", "2026-11-24T00:00:00-05:00")
}

#[test]
fn an_occurrence_is_named_by_patient_order_sequence_and_slot() {
    let table = zone("America/New_York");
    let orders = [order("vanco", vec![dosage(1, twice_daily())])];
    let expansion = expand(&orders, 0, &table, day());
    let first = &expansion.occurrences[0];
    assert_eq!(first.slot, "2026-11-23T08:00");
    assert_eq!(first.id, OccurrenceId::new(&patient(), &order_id("vanco"), 1, "2026-11-23T08:00"));
    assert_eq!(first.end, Some(at("2026-11-23T09:30:00-05:00")));
    assert_eq!(first.order, orders[0].reference());
}

#[test]
fn new_zone_rules_move_a_dose_and_do_not_rename_it() {
    let old = zone("America/New_York");
    let mut new = old.clone();
    new.transitions.iter_mut().for_each(|t| t.offset_seconds += 3600);
    let orders = [order("vanco", vec![dosage(1, twice_daily())])];
    let (before, after) = (expand(&orders, 0, &old, day()), expand(&orders, 0, &new, day()));
    assert_ne!(before.occurrences[0].start, after.occurrences[0].start);
    assert_eq!(before.occurrences[0].id, after.occurrences[0].id);
}

#[test]
fn weeks_0_2_and_6_then_every_8_weeks_are_two_dosages_in_sequence() {
    let table = zone("America/New_York");
    let mut listed = timing(|r| lasting(r, 2, PeriodUnit::Hour));
    listed.event =
        ["2026-01-05T10:00:00-05:00", "2026-01-19T10:00:00-05:00", "2026-02-16T10:00:00-05:00"].map(when).into();
    let maintenance = timing(|r| {
        every(r, 1, 8, PeriodUnit::Week);
        r.bounds = Some(from_to("2026-04-13T10:00:00-04:00", None));
    });
    let orders = [order("infliximab", vec![dosage(2, maintenance), dosage(1, listed)])];
    let expansion = expand(&orders, 0, &table, span("2026-01-01T00:00:00Z", "2026-09-01T00:00:00Z"));
    assert_eq!(
        starts(&table, &expansion),
        [
            "2026-01-05T10:00-05:00",
            "2026-01-19T10:00-05:00",
            "2026-02-16T10:00-05:00",
            "2026-04-13T10:00-04:00",
            "2026-06-08T10:00-04:00",
            "2026-08-03T10:00-04:00"
        ]
    );
    assert_eq!(expansion.occurrences[3].dosage_sequence, 2);
    assert_eq!(codes(&expansion), []);
}

#[test]
fn a_steroid_taper_runs_each_step_for_its_days_one_after_the_other() {
    let table = zone("America/New_York");
    let step = |days: u32, first: bool| {
        let mut timing = timing(|r| {
            every(r, 1, 1, PeriodUnit::Day);
            r.time_of_day = times(&["08:00"]);
            r.bounds = Some(Bounds::Duration { value: Decimal::from(days), unit: PeriodUnit::Day });
        });
        if first {
            timing.event = vec![when("2026-11-23")];
        }
        timing
    };
    let orders = [order("taper", vec![dosage(1, step(2, true)), dosage(2, step(2, false)), dosage(3, step(1, false))])];
    let expansion = expand(&orders, 0, &table, span("2026-11-01T00:00:00Z", "2027-01-01T00:00:00Z"));
    let found: Vec<(String, u32)> =
        expansion.occurrences.iter().map(|o| (shown(&table, o.start), o.dosage_sequence)).collect();
    let expected: [(&str, u32); 5] = [
        ("2026-11-23T08:00-05:00", 1),
        ("2026-11-24T08:00-05:00", 1),
        ("2026-11-25T08:00-05:00", 2),
        ("2026-11-26T08:00-05:00", 2),
        ("2026-11-27T08:00-05:00", 3),
    ];
    assert_eq!(found, expected.map(|(start, sequence)| (start.to_owned(), sequence)));
}

#[test]
fn a_loading_dose_and_its_maintenance_never_overlap() {
    let table = zone("America/New_York");
    let loading = timing(|r| r.time_of_day = times(&["08:00"]));
    let maintenance = timing(|r| {
        every(r, 1, 1, PeriodUnit::Day);
        r.time_of_day = times(&["08:00"]);
        r.bounds = Some(from_to("2026-11-24", None));
    });
    let orders = [order("load", vec![dosage(1, loading), dosage(2, maintenance)])];
    let expansion = expand(&orders, 0, &table, span("2026-11-22T00:00:00-05:00", "2026-11-26T00:00:00-05:00"));
    let sequences: Vec<u32> = expansion.occurrences.iter().map(|o| o.dosage_sequence).collect();
    assert_eq!(sequences, [1, 1, 2, 2]);
}

#[test]
fn a_second_dosage_with_no_start_after_one_with_no_end_is_asked() {
    let table = zone("America/New_York");
    let morning = timing(|r| r.time_of_day = times(&["08:00"]));
    let evening = timing(|r| r.time_of_day = times(&["20:00"]));
    let orders = [order("two", vec![dosage(1, morning), dosage(2, evening)])];
    let expansion = expand(&orders, 0, &table, day());
    assert_eq!(codes(&expansion), [QuestionCode::SequenceStartMissing]);
    assert_eq!(expansion.questions[0].path, "dosageInstruction[1].timing.repeat.boundsPeriod.start");
    assert_eq!(starts(&table, &expansion), ["2026-11-23T08:00-05:00"]);
}

#[test]
fn dosages_of_one_sequence_run_side_by_side_under_names_of_their_own() {
    let table = zone("America/New_York");
    let morning = timing(|r| r.time_of_day = times(&["08:00"]));
    let orders = [order("two", vec![dosage(1, morning.clone()), dosage(1, morning)])];
    let expansion = expand(&orders, 0, &table, day());
    assert_eq!(expansion.occurrences.len(), 2);
    assert_ne!(expansion.occurrences[0].id, expansion.occurrences[1].id);
}

fn premedication(anchor: RelativeAnchor, offset_minutes: i32) -> Order {
    let mut premedication = order("premed", vec![dosage(1, timing(|r| lasting(r, 5, PeriodUnit::Minute)))]);
    premedication.kind = OrderKind::Premedication;
    premedication.relative_to = Some(RelativeLink { order: order_id("ivig"), anchor, offset_minutes });
    premedication
}

#[test]
fn thirty_minutes_before_the_infusion_follows_the_infusion() {
    let table = zone("America/New_York");
    let orders = [order("ivig", vec![dosage(1, twice_daily())]), premedication(RelativeAnchor::Start, -30)];
    let expansion = expand(&orders, 1, &table, day());
    assert_eq!(starts(&table, &expansion), ["2026-11-23T07:30-05:00", "2026-11-23T19:30-05:00"]);
    let infusions = expand(&orders, 0, &table, day());
    assert_eq!(expansion.occurrences[0].follows, Some(infusions.occurrences[0].id));
    assert_eq!(expansion.occurrences[0].slot, "ivig/1/2026-11-23T08:00");
    // A span that holds the pre-medication alone finds it all the same.
    let before = span("2026-11-23T07:00:00-05:00", "2026-11-23T08:00:00-05:00");
    assert_eq!(starts(&table, &expand(&orders, 1, &table, before)), ["2026-11-23T07:30-05:00"]);
}

#[test]
fn an_hour_after_the_end_counts_from_the_end() {
    let table = zone("America/New_York");
    let orders = [order("ivig", vec![dosage(1, twice_daily())]), premedication(RelativeAnchor::End, 60)];
    let expansion = expand(&orders, 1, &table, day());
    assert_eq!(starts(&table, &expansion), ["2026-11-23T10:30-05:00", "2026-11-23T22:30-05:00"]);
}

#[test]
fn orders_that_hang_on_nothing_or_on_each_other_are_asked() {
    let table = zone("America/New_York");
    let alone = [premedication(RelativeAnchor::Start, -30)];
    assert_eq!(codes(&expand(&alone, 0, &table, day())), [QuestionCode::LinkMissing]);
    let mut ring = premedication(RelativeAnchor::Start, -30);
    ring.relative_to =
        Some(RelativeLink { order: order_id("premed"), anchor: RelativeAnchor::Start, offset_minutes: 5 });
    let ring = [ring];
    let expansion = expand(&ring, 0, &table, day());
    assert_eq!((codes(&expansion), expansion.occurrences.len()), (vec![QuestionCode::LinkRing], 0));
    let endless = [
        order("ivig", vec![dosage(1, timing(|r| r.time_of_day = times(&["08:00"])))]),
        premedication(RelativeAnchor::End, 10),
    ];
    assert_eq!(codes(&expand(&endless, 1, &table, day())), [QuestionCode::LinkEndMissing]);
}

#[test]
fn when_needed_is_never_planned_and_never_asked() {
    let table = zone("America/New_York");
    let mut nausea = dosage(1, timing(|r| every(r, 1, 6, PeriodUnit::Hour)));
    nausea.as_needed = Some(AsNeeded { reason: Some("nausea".into()) });
    let orders = [order("ondansetron", vec![nausea])];
    assert_eq!(expand(&orders, 0, &table, day()), Expansion::default());
}

#[test]
fn a_drug_without_a_dose_is_asked_and_a_dressing_needs_none() {
    let table = zone("America/New_York");
    let mut empty = dosage(1, twice_daily());
    empty.dose = None;
    let mut orders = [order("vanco", vec![empty])];
    let expansion = expand(&orders, 0, &table, day());
    assert_eq!(codes(&expansion), [QuestionCode::DoseMissing]);
    assert_eq!(expansion.questions[0].path, "dosageInstruction[0].doseAndRate");
    assert!(expansion.occurrences.is_empty());
    orders[0].kind = OrderKind::LineCare;
    assert_eq!(expand(&orders, 0, &table, day()).occurrences.len(), 2);
}

#[test]
fn only_an_order_in_force_is_planned() {
    let table = zone("America/New_York");
    let mut orders = [order("vanco", vec![dosage(1, twice_daily())])];
    for status in [OrderStatus::OnHold, OrderStatus::Stopped, OrderStatus::Completed, OrderStatus::NotInForce] {
        orders[0].status = status;
        assert_eq!(expand(&orders, 0, &table, day()), Expansion::default(), "{status:?}");
    }
    orders[0].status = OrderStatus::Unknown;
    assert_eq!(codes(&expand(&orders, 0, &table, day())), [QuestionCode::StatusUnknown]);
}

#[test]
fn an_agreed_start_answers_the_question_for_an_anchor() {
    let table = zone("America/New_York");
    let orders = [order("q12h", vec![dosage(1, timing(|r| every(r, 1, 12, PeriodUnit::Hour)))])];
    assert_eq!(codes(&expand(&orders, 0, &table, day())), [QuestionCode::AnchorTimeMissing]);
    let (patient, routine) = (patient(), Routine::default());
    let starts_agreed = [(order_id("q12h"), when("2026-11-20T09:00:00-05:00"))];
    let mut expander = expander(&patient, &orders, &table, &routine);
    expander.starts = &starts_agreed;
    let expansion = expander.order(&orders[0], day(), 10);
    assert_eq!(starts(&table, &expansion), ["2026-11-23T09:00-05:00", "2026-11-23T21:00-05:00"]);
    assert_eq!(expansion.occurrences[0].slot, "#6");
    assert_eq!(expander.next_start(&orders[0], at("2026-11-23T09:00:00-05:00")), Some(at("2026-11-23T21:00:00-05:00")));
}
