//! Any order of taps, replays and syncs gives one state: what a phone shows does not depend on how the entries came to it.

use crate::support::{at, author, dosage, entry, order, plan, span, statement, twice_daily, zone};
use homeline_model::{
    AdministrationStatus as Status, AuthorRole, CarePlan, Entry, EntryBody, OccurrenceId, Source, StepKey,
};
use homeline_schedule::{
    Agenda, AgendaInput, Answers, Audience, NotificationSettings, Routine, Zones, agenda, notification_plan,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// The same cases in every run.
fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 100,
        rng_seed: RngSeed::Fixed(20_261_123),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

const NOW: &str = "2026-11-24T12:00:00-05:00";

fn vanco() -> CarePlan {
    let mut order = order("vanco", vec![dosage(1, twice_daily())]);
    order.minimum_interval_minutes = Some(600);
    plan(vec![order])
}

fn with<T>(entries: &[Entry], work: impl FnOnce(&AgendaInput<'_>) -> T) -> T {
    let (plan, table, routine) = (vanco(), zone("America/New_York"), Routine::default());
    work(&AgendaInput { plan: &plan, entries, zones: Zones::at_home(&table), routine: &routine, starts: &[] })
}

fn look(entries: &[Entry]) -> Agenda {
    let days = span("2026-11-23T00:00:00-05:00", "2026-11-26T00:00:00-05:00");
    with(entries, |input| agenda(input, at(NOW), days))
}

fn doses() -> Vec<OccurrenceId> {
    look(&[]).items.iter().filter_map(|item| item.occurrence.as_ref().map(|o| o.id)).collect()
}

/// One tap of somebody on some dose at some minute: start, end, skip, a step, a correction of an earlier tap.
type Tap = (usize, usize, usize, i64, Option<usize>);

fn taps() -> impl Strategy<Value = Vec<Tap>> {
    proptest::collection::vec(
        (0_usize..4, 0_usize..3, 0_usize..7, 0_i64..2_000, proptest::option::weighted(0.3, 0_usize..8)),
        0..9,
    )
}

fn entries(taps: &[Tap]) -> Vec<Entry> {
    let doses = doses();
    let people = [(AuthorRole::Patient, "Rosa"), (AuthorRole::Caregiver, "Ben"), (AuthorRole::Device, "Pump")];
    let mut all: Vec<Entry> = Vec::new();
    for (number, (dose, person, what, minute, amends)) in (1_u128..).zip(taps) {
        let recorded = at("2026-11-23T08:00:00-05:00") + chrono::TimeDelta::minutes(*minute);
        let recorded = recorded.to_rfc3339();
        let (role, name) = people[*person];
        let (id, author) = (doses[*dose], author(role, name));
        let statuses =
            [Status::InProgress, Status::Completed, Status::Partial, Status::Stopped, Status::Skipped, Status::Unknown];
        let mut entry = match statuses.get(*what) {
            Some(status) => statement(number, id, author, &recorded, *status, Some(&recorded)),
            None => {
                let step = EntryBody::StepDone { step: StepKey::WashHands, note: None };
                entry(number, id, author, Source::ByHand, &recorded, step)
            }
        };
        entry.order = vanco().orders.first().map(|order| order.reference());
        entry.amends = amends.and_then(|earlier| all.get(earlier)).map(|earlier| earlier.id);
        all.push(entry);
    }
    all
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_order_of_taps_replays_and_syncs_gives_one_state(
        taps in taps(), shuffle in any::<u64>(), repeats in proptest::collection::vec(0_usize..9, 0..5),
    ) {
        let written = entries(&taps);
        let mut arrived = written.clone();
        arrived.extend(repeats.iter().filter_map(|index| written.get(*index)).cloned());
        // A deal of the cards that the seed names.
        let mut state = shuffle;
        for index in (1..arrived.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            arrived.swap(index, usize::try_from(state >> 33).unwrap() % (index + 1));
        }
        prop_assert_eq!(look(&arrived), look(&written));
        for audience in [Audience::Patient, Audience::Caregiver] {
            let settings = NotificationSettings { audience, ..NotificationSettings::default() };
            let rings = |entries: &[Entry]| {
                with(entries, |input| notification_plan(input, &Answers::default(), &settings, at(NOW)))
            };
            prop_assert_eq!(rings(&arrived), rings(&written));
        }
    }
}
