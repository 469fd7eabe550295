//! Adherence facts: every planned dose is counted once, and what nobody recorded stays unrecorded.

use crate::support::{at, author, dosage, order, plan, span, statement, twice_daily, zone};
use homeline_model::{
    AdministrationStatus as Status, AuthorRole, CarePlan, Entry, EntryBody, OccurrenceId, SkipDecision, Source,
};
use homeline_schedule::{Adherence, AgendaInput, Routine, Zones, adherence, agenda};

const NOW: &str = "2026-11-26T12:00:00-05:00";

fn vanco() -> CarePlan {
    plan(vec![order("vanco", vec![dosage(1, twice_daily())])])
}

fn three_days(plan: &CarePlan, entries: &[Entry]) -> (Adherence, Vec<OccurrenceId>) {
    let table = zone("America/New_York");
    let routine = Routine::default();
    let input = AgendaInput { plan, entries, zones: Zones::at_home(&table), routine: &routine, starts: &[] };
    let days = span("2026-11-23T00:00:00-05:00", "2026-11-26T00:00:00-05:00");
    let items = agenda(&input, at(NOW), days).items;
    let ids = items.iter().filter_map(|item| item.occurrence.as_ref().map(|o| o.id)).collect();
    (adherence(&items, &table, at(NOW)), ids)
}

#[test]
fn the_facts_name_each_dose_its_window_and_its_source() {
    let plan = vanco();
    let (_, ids) = three_days(&plan, &[]);
    assert_eq!(ids.len(), 6);
    let rosa = || author(AuthorRole::Patient, "Rosa");
    let ben = || author(AuthorRole::Caregiver, "Ben");
    let mut skip = statement(5, ids[4], rosa(), "2026-11-25T08:00:00-05:00", Status::Skipped, None);
    if let EntryBody::Administration(administration) = &mut skip.body {
        administration.skip_decision = Some(SkipDecision::CareTeam);
    }
    let said = [
        statement(1, ids[0], rosa(), "2026-11-23T09:30:00-05:00", Status::Completed, Some("2026-11-23T08:00:00-05:00")),
        statement(2, ids[1], ben(), "2026-11-23T23:40:00-05:00", Status::Completed, Some("2026-11-23T22:10:00-05:00")),
        // Two people about one dose: one dose.
        statement(3, ids[2], rosa(), "2026-11-24T09:30:00-05:00", Status::Partial, Some("2026-11-24T08:00:00-05:00")),
        statement(4, ids[2], ben(), "2026-11-24T09:40:00-05:00", Status::Partial, Some("2026-11-24T08:00:00-05:00")),
        skip,
    ];
    let (facts, _) = three_days(&plan, &said);
    let of_order = &facts.orders[0];
    let counts = of_order.counts;
    assert_eq!(
        (counts.planned, counts.completed, counts.partial, counts.skipped, counts.skipped_by_team, counts.not_recorded),
        (6, 2, 1, 1, 1, 2)
    );
    assert_eq!((counts.on_time, counts.late, counts.early, counts.recorded()), (2, 1, 0, 4));
    assert_eq!((of_order.days_planned, of_order.days_covered), (3, 1));
    assert_eq!(of_order.longest_gap_minutes, Some(14 * 60 + 10));
    assert_eq!(of_order.by_role, [(AuthorRole::Patient, 2), (AuthorRole::Caregiver, 2)]);
    assert_eq!(facts.doses.len(), 6);
    assert_eq!(facts.doses[0].recorded_by, Some((AuthorRole::Patient, Source::ByHand)));
    assert!(facts.doses[0].window.is_some_and(|w| !w.from_plan));
    assert_eq!(facts.doses[3].recorded_by, None);
}

#[test]
fn every_planned_dose_is_in_exactly_one_count() {
    let plan = vanco();
    let (_, ids) = three_days(&plan, &[]);
    let all =
        [Status::InProgress, Status::Completed, Status::Partial, Status::Stopped, Status::Skipped, Status::Unknown];
    let said: Vec<Entry> = (1..)
        .zip(ids.iter().zip(all))
        .map(|(n, (id, status))| statement(n, *id, author(AuthorRole::Patient, "Rosa"), NOW, status, None))
        .collect();
    for entries in [&said[..], &said[..3], &[]] {
        let (facts, _) = three_days(&plan, entries);
        let c = facts.orders[0].counts;
        let sum = c.completed + c.partial + c.stopped + c.in_progress + c.skipped + c.unknown + c.not_recorded + c.open;
        assert_eq!((c.planned, sum), (6, 6));
    }
}

#[test]
fn what_a_pump_says_is_recorded_by_nobody() {
    let plan = vanco();
    let (_, ids) = three_days(&plan, &[]);
    let pump = [statement(1, ids[0], author(AuthorRole::Device, "Pump"), NOW, Status::Completed, None)];
    let (facts, _) = three_days(&plan, &pump);
    assert_eq!((facts.orders[0].counts.not_recorded, facts.orders[0].counts.recorded()), (6, 0));
}
