//! A therapy without a break: how long it ran, how long it did not, and what nobody knows.

use crate::support::{
    at, author, dosage, every, from_to, lasting, order, order_id, plan, span, statement, timing, zone,
};
use homeline_model::{AdministrationStatus as Status, AuthorRole, CarePlan, Entry, EntryBody, PeriodUnit};
use homeline_schedule::{AgendaInput, Continuity, Routine, Standstill, Zones, agenda, continuity};

fn milrinone() -> CarePlan {
    plan(vec![order(
        "milrinone",
        vec![dosage(
            1,
            timing(|r| {
                every(r, 1, 24, PeriodUnit::Hour);
                lasting(r, 24, PeriodUnit::Hour);
                r.bounds = Some(from_to("2026-11-20T10:00:00-05:00", None));
            }),
        )],
    )])
}

/// Three bags, of which `said` gives start and end by the hour after ten in the morning of the 20th.
fn facts(bags: &[(i64, i64)], still: &[(i64, i64)]) -> Continuity {
    let plan = milrinone();
    let table = zone("America/New_York");
    let routine = Routine::default();
    let hour = |hours: i64| at("2026-11-20T10:00:00-05:00") + chrono::TimeDelta::hours(hours);
    let now = hour(72);
    let days = span("2026-11-20T00:00:00-05:00", "2026-11-23T10:00:00-05:00");
    let look = |entries: &[Entry]| {
        let input = AgendaInput { plan: &plan, entries, zones: Zones::at_home(&table), routine: &routine, starts: &[] };
        agenda(&input, now, days).items
    };
    let ids: Vec<_> = look(&[]).iter().map(|item| item.occurrence.as_ref().unwrap().id).collect();
    let entries: Vec<Entry> = (1..)
        .zip(bags.iter().zip(&ids))
        .map(|(number, ((from, to), id))| {
            let rosa = author(AuthorRole::Patient, "Rosa");
            let mut entry = statement(number, *id, rosa, "2026-11-23T10:00:00-05:00", Status::Completed, None);
            if let EntryBody::Administration(administration) = &mut entry.body {
                (administration.started_at, administration.ended_at) = (Some(hour(*from)), Some(hour(*to)));
            }
            entry
        })
        .collect();
    let still: Vec<_> = still
        .iter()
        .map(|(from, to)| (order_id("milrinone"), Standstill { from: hour(*from), to: Some(hour(*to)) }))
        .collect();
    continuity(&look(&entries), &still, now).remove(0)
}

fn hours(found: &Continuity) -> (i64, i64, i64, i64) {
    (found.planned_minutes / 60, found.running_minutes / 60, found.interrupted_minutes / 60, found.unknown_minutes / 60)
}

#[test]
fn bags_without_a_break_are_no_minute_of_interruption() {
    assert_eq!(hours(&facts(&[(0, 24), (24, 48), (48, 72)], &[])), (72, 72, 0, 0));
}

#[test]
fn the_time_between_two_bags_and_the_pumps_standstills_are_interruptions_counted_once() {
    let found = facts(&[(0, 20), (24, 48), (48, 72)], &[(19, 22), (50, 51)]);
    assert_eq!(hours(&found), (72, 66, 6, 0));
    assert_eq!(found.longest_minutes, 5 * 60);
}

#[test]
fn a_bag_that_nobody_recorded_is_neither_running_nor_interrupted() {
    let found = facts(&[(0, 24), (24, 48)], &[(60, 61)]);
    assert_eq!(hours(&found), (72, 48, 1, 23));
}
