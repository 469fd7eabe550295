//! Doses as needed: when the order allows the next, from the order alone, and never a reminder.

use crate::support::{at, author, dosage, every, order, plan, span, statement, timing, zone};
use homeline_model::{
    AdministrationStatus as Status, AsNeeded as When, AuthorRole, CarePlan, DeliveryMethod, Entry, EntryBody,
    HospitalStay, MaxDose, OccurrenceId, OrderStatus, PeriodUnit, Quantity,
};
use homeline_schedule::{
    AgendaInput, Answers, AsNeeded, AsNeededLimit, ItemState, NextAllowed, NotificationSettings, Routine, Zones,
    adherence, agenda, as_needed, notification_plan,
};

fn ondansetron() -> CarePlan {
    let mut order = order("ondansetron", vec![dosage(1, timing(|r| every(r, 1, 6, PeriodUnit::Hour)))]);
    order.delivery = DeliveryMethod::Oral;
    order.dosages[0].as_needed = Some(When { reason: Some("nausea".into()) });
    order.dosages[0].dose = Some(Quantity::new("8".parse().unwrap(), "mg"));
    plan(vec![order])
}

fn most(amount: &str, unit: &str) -> Option<MaxDose> {
    let quantity = |value: &str, unit: &str| Quantity::new(value.parse().unwrap(), unit);
    Some(MaxDose { amount: quantity(amount, unit), period: quantity("1", "d") })
}

fn taken(plan: &CarePlan, number: u128, when: &str) -> Entry {
    let id = OccurrenceId::new(&plan.patient.id, &plan.orders[0].id, 1, &format!("taken-{number}"));
    let mut entry = statement(number, id, author(AuthorRole::Patient, "Rosa"), when, Status::Completed, Some(when));
    entry.order = Some(plan.orders[0].reference());
    if let EntryBody::Administration(administration) = &mut entry.body {
        administration.dose_ordered = plan.orders[0].dosages[0].dose.clone();
    }
    entry
}

fn look(plan: &CarePlan, entries: &[Entry], now: &str) -> AsNeeded {
    as_needed(plan, entries, at(now)).remove(0)
}

const MORNING: &str = "2026-11-23T08:00:00-05:00";

#[test]
fn the_first_dose_is_allowed_and_the_next_one_an_interval_later() {
    let plan = ondansetron();
    assert_eq!(look(&plan, &[], MORNING).next, NextAllowed::Now);
    let said = [taken(&plan, 1, MORNING)];
    let next = NextAllowed::At(at("2026-11-23T14:00:00-05:00"), AsNeededLimit::Interval);
    assert_eq!(look(&plan, &said, "2026-11-23T13:59:59-05:00").next, next);
    assert_eq!(look(&plan, &said, "2026-11-23T14:00:00-05:00").next, NextAllowed::Now);
}

#[test]
fn the_most_in_a_period_counts_over_any_stretch_of_it_and_not_from_midnight() {
    for (amount, unit) in [("2", "1"), ("2", "{dose}"), ("16", "mg"), ("20", "mg")] {
        let mut plan = ondansetron();
        plan.orders[0].dosages[0].max_dose = most(amount, unit);
        let said = [taken(&plan, 1, "2026-11-22T20:00:00-05:00"), taken(&plan, 2, "2026-11-23T04:00:00-05:00")];
        let found = look(&plan, &said, "2026-11-23T12:00:00-05:00");
        let next = NextAllowed::At(at("2026-11-23T20:00:00-05:00"), AsNeededLimit::MostInPeriod);
        assert_eq!((found.next, found.taken_in_period), (next, Some(2)), "{amount} {unit}");
        assert_eq!(look(&plan, &said, "2026-11-23T20:00:00-05:00").next, NextAllowed::Now, "{amount} {unit}");
    }
}

#[test]
fn a_limit_that_cannot_be_counted_is_asked_and_not_guessed() {
    let mut plan = ondansetron();
    plan.orders[0].dosages[0].max_dose = most("1", "g");
    assert_eq!(look(&plan, &[taken(&plan, 1, MORNING)], "2026-11-24T08:00:00-05:00").next, NextAllowed::NotStated);
    let mut plan = ondansetron();
    plan.orders[0].dosages[0].timing = None;
    assert_eq!(look(&plan, &[], MORNING).next, NextAllowed::Now);
    assert_eq!(look(&plan, &[taken(&plan, 1, MORNING)], "2026-11-24T08:00:00-05:00").next, NextAllowed::NotStated);
}

#[test]
fn two_phones_that_may_have_recorded_two_doses_count_as_two() {
    let mut plan = ondansetron();
    plan.orders[0].dosages[0].max_dose = most("2", "1");
    let rosa = taken(&plan, 1, MORNING);
    // The same row on Ben's phone, which had not heard of Rosa's dose: an hour later it may be another one.
    let mut ben = taken(&plan, 1, "2026-11-23T09:00:00-05:00");
    ben.id = homeline_model::EntryId(homeline_model::Uuid::from_u128(9));
    ben.author = author(AuthorRole::Caregiver, "Ben");
    let found = look(&plan, &[rosa.clone(), ben.clone()], "2026-11-23T10:00:00-05:00");
    assert_eq!(found.taken_in_period, Some(2));
    // Five minutes apart they speak of one.
    ben.times.happened.at = at("2026-11-23T08:05:00-05:00");
    if let EntryBody::Administration(administration) = &mut ben.body {
        administration.started_at = Some(at("2026-11-23T08:05:00-05:00"));
    }
    assert_eq!(look(&plan, &[rosa, ben], "2026-11-23T10:00:00-05:00").taken_in_period, Some(1));
}

#[test]
fn the_row_keeps_its_id_until_its_dose_is_recorded_and_gets_another_then() {
    let plan = ondansetron();
    let id = |entries: &[Entry], now: &str| look(&plan, entries, now).item.id;
    assert_eq!(id(&[], MORNING), id(&[], "2026-11-23T09:00:00-05:00"));
    assert_ne!(id(&[], MORNING), id(&[taken(&plan, 1, MORNING)], "2026-11-23T09:00:00-05:00"));
}

#[test]
fn a_paused_order_says_so_and_an_ended_one_is_gone() {
    let mut plan = ondansetron();
    plan.orders[0].status = OrderStatus::OnHold;
    assert_eq!(look(&plan, &[], MORNING).next, NextAllowed::Paused);
    plan.orders[0].status = OrderStatus::Active;
    plan.stays = vec![HospitalStay {
        id: "s1".into(),
        start: at("2026-11-20T08:00:00-05:00"),
        end: Some(at("2026-11-22T08:00:00-05:00")),
        place: None,
    }];
    assert_eq!(look(&plan, &[], MORNING).next, NextAllowed::Paused, "home again, and not ordered anew");
    plan.orders[0].authored_on = Some(at("2026-11-22T07:00:00-05:00"));
    assert_eq!(look(&plan, &[], MORNING).next, NextAllowed::Now);
    plan.orders[0].status = OrderStatus::Stopped;
    assert_eq!(as_needed(&plan, &[], at(MORNING)), []);
}

#[test]
fn a_dose_as_needed_is_on_the_agenda_when_it_was_taken_rings_never_and_is_planned_by_nobody() {
    let plan = ondansetron();
    let said = [taken(&plan, 1, MORNING)];
    let table = zone("America/New_York");
    let routine = Routine::default();
    for entries in [&said[..], &[]] {
        let input = AgendaInput { plan: &plan, entries, zones: Zones::at_home(&table), routine: &routine, starts: &[] };
        let day = span("2026-11-23T00:00:00-05:00", "2026-11-24T00:00:00-05:00");
        let items = agenda(&input, at("2026-11-23T09:00:00-05:00"), day).items;
        let states: Vec<(bool, ItemState)> = items.iter().map(|i| (i.as_needed, i.state)).collect();
        assert_eq!(states, vec![(true, ItemState::Completed); entries.len()]);
        assert!(adherence(&items, &table, at("2026-11-23T09:00:00-05:00")).orders.is_empty());
        let settings = NotificationSettings::default();
        let rings = notification_plan(&input, &Answers::default(), &settings, at("2026-11-22T00:00:00-05:00"));
        assert!(rings.notifications.iter().all(|n| n.occurrence.is_none()));
    }
}
