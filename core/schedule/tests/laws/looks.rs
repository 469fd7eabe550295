//! Looks at what runs: when they are planned, when one counts, and which one it is.

use crate::support::{at, author, dosage, every, lasting, order, plan, span, statement, times, timing, zone};
use homeline_model::{
    AdministrationStatus as Status, AuthorRole, CarePlan, DeliveryMethod, Entry, EntryBody, OccurrenceId, Order,
    PeriodUnit, StepKey,
};
use homeline_schedule::{
    AgendaInput, AgendaItem, Answers, NotificationKind as Kind, NotificationSettings, Routine, StepNote, Zones, agenda,
    notification_plan,
};

fn with<T>(plan: &CarePlan, entries: &[Entry], work: impl FnOnce(&AgendaInput<'_>) -> T) -> T {
    let table = zone("America/New_York");
    let routine = Routine::default();
    work(&AgendaInput { plan, entries, zones: Zones::at_home(&table), routine: &routine, starts: &[] })
}

/// The dose of 23 November.
fn dose_at(plan: &CarePlan, entries: &[Entry], now: &str) -> AgendaItem {
    let day = span("2026-11-23T00:00:00-05:00", "2026-11-24T00:00:00-05:00");
    with(plan, entries, |input| agenda(input, at(now), day)).items.remove(0)
}

fn id(item: &AgendaItem) -> OccurrenceId {
    item.occurrence.as_ref().unwrap().id
}

fn said(plan: &CarePlan, number: u128, id: OccurrenceId, when: &str, status: Status) -> Entry {
    let mut entry = statement(number, id, author(AuthorRole::Patient, "Rosa"), when, status, Some(when));
    entry.order = Some(plan.orders[0].reference());
    entry
}

fn looked(plan: &CarePlan, number: u128, id: OccurrenceId, when: &str) -> Entry {
    let body = EntryBody::StepDone { step: StepKey::MidCheck, note: None };
    Entry { body, ..said(plan, number, id, when, Status::InProgress) }
}

fn fluorouracil(method: DeliveryMethod) -> Order {
    let mut order = order(
        "fu",
        vec![dosage(
            1,
            timing(|r| {
                every(r, 1, 14, PeriodUnit::Day);
                r.time_of_day = times(&["14:00"]);
                r.bounds = Some(crate::support::from_to("2026-11-23", None));
                lasting(r, 46, PeriodUnit::Hour);
            }),
        )],
    );
    order.delivery = method;
    order
}

#[test]
fn a_device_without_a_radio_is_looked_at_at_times_of_its_own_that_count_from_the_real_start() {
    let mut plan = plan(vec![fluorouracil(DeliveryMethod::Elastomeric)]);
    let dose = id(&dose_at(&plan, &[], "2026-11-23T00:00:00-05:00"));
    let started = [said(&plan, 1, dose, "2026-11-23T15:00:00-05:00", Status::InProgress)];
    let checks = |plan: &CarePlan| -> Vec<(String, StepNote)> {
        let item = dose_at(plan, &started, "2026-11-23T16:00:00-05:00");
        let table = zone("America/New_York");
        let local = |at| homeline_schedule::zone::to_local(&table, at).format("%d %H:%M").to_string();
        let steps = item.steps.iter().filter(|step| step.key == StepKey::MidCheck);
        steps.map(|step| (step.at.map(local).unwrap_or_default(), step.note)).collect()
    };
    // A quarter, half, near the end, and one between, so that no stretch is longer than half a day.
    let usual = ["24 02:30", "24 14:00", "25 01:00", "25 12:00"];
    assert_eq!(checks(&plan), usual.map(|time| (time.to_owned(), StepNote::UsualTime)));
    let rings = with(&plan, &started, |input| {
        notification_plan(input, &Answers::default(), &NotificationSettings::default(), at("2026-11-23T16:00:00-05:00"))
    });
    assert_eq!(rings.notifications.iter().filter(|n| n.kind == Kind::CheckIn).count(), 4);
    plan.orders[0].check_in_minutes = Some(20 * 60);
    assert_eq!(checks(&plan), ["24 11:00", "25 07:00"].map(|time| (time.to_owned(), StepNote::Plain)));
    plan.orders[0] = fluorouracil(DeliveryMethod::AmbulatoryPump);
    assert_eq!(checks(&plan), [(String::new(), StepNote::Plain)], "a pump with a radio calls by itself");
}

/// An hour from a balloon, at noon.
fn balloon() -> CarePlan {
    let mut order = order(
        "vanco",
        vec![dosage(
            1,
            timing(|r| {
                every(r, 1, 1, PeriodUnit::Day);
                r.time_of_day = times(&["12:00"]);
                lasting(r, 60, PeriodUnit::Minute);
            }),
        )],
    );
    order.delivery = DeliveryMethod::Elastomeric;
    plan(vec![order])
}

/// Each look of the balloon at 12:59: its time, when it counts, and whether it was done or passed.
fn balloon_looks(done: &[&str], now: &str) -> Vec<String> {
    let plan = balloon();
    let dose = id(&dose_at(&plan, &[], "2026-11-23T00:00:00-05:00"));
    let mut entries = vec![said(&plan, 1, dose, "2026-11-23T12:00:00-05:00", Status::InProgress)];
    entries.extend((2..).zip(done).map(|(number, at)| looked(&plan, number, dose, at)));
    let item = dose_at(&plan, &entries, now);
    let table = zone("America/New_York");
    let local = |at| homeline_schedule::zone::to_local(&table, at).format("%H:%M:%S").to_string();
    let steps = item.steps.iter().filter(|step| step.key == StepKey::MidCheck);
    let words = steps.map(|step| {
        let window = step.window.unwrap();
        let state = match (step.done_at, step.passed) {
            (Some(at), _) => format!("done {}", local(at)),
            (None, true) => "passed".to_owned(),
            (None, false) => "open".to_owned(),
        };
        format!("{} {}-{} {state}", local(step.at.unwrap()), local(window.from), local(window.to))
    });
    words.collect()
}

#[test]
fn a_look_counts_for_the_time_in_whose_window_it_falls_and_one_that_was_missed_does_not_take_the_next_ones_tick() {
    let windows = ["12:15:00 12:07:30-12:22:30", "12:30:00 12:22:30-12:42:00", "12:54:00 12:42:00-12:57:00"];
    let looks = |done: &[&str], now: &str, states: [&str; 3]| {
        let done: Vec<String> = done.iter().map(|time| format!("2026-11-23T{time}-05:00")).collect();
        let done: Vec<&str> = done.iter().map(String::as_str).collect();
        let expected: Vec<String> =
            windows.iter().zip(states).map(|(window, state)| format!("{window} {state}")).collect();
        assert_eq!(balloon_looks(&done, &format!("2026-11-23T{now}-05:00")), expected, "{done:?}");
    };
    looks(&[], "12:08:00", ["open", "open", "open"]);
    looks(&[], "12:30:00", ["passed", "open", "open"]);
    looks(&["12:31:00"], "12:31:00", ["passed", "done 12:31:00", "open"]);
    // Two people at one look, or one who looks twice.
    looks(&["12:31:00", "12:33:00"], "12:33:00", ["passed", "done 12:31:00", "open"]);
    looks(&["12:07:30", "12:22:30", "12:42:00"], "12:42:00", ["done 12:07:30", "done 12:22:30", "done 12:42:00"]);
    // After the end it is the last one, late.
    looks(&["13:20:00"], "13:20:00", ["passed", "passed", "done 13:20:00"]);
}

#[test]
fn usual_looks_are_at_a_quarter_at_half_and_near_the_end_of_any_length() {
    let looks = |minutes: u32| -> Vec<i64> {
        let mut plan = balloon();
        let repeat = plan.orders[0].dosages[0].timing.as_mut().unwrap().repeat.as_mut().unwrap();
        lasting(repeat, minutes, PeriodUnit::Minute);
        let item = dose_at(&plan, &[], "2026-11-23T00:00:00-05:00");
        let steps = item.steps.iter().filter(|step| step.key == StepKey::MidCheck);
        steps.map(|step| step.offset_minutes.unwrap_or(-1)).collect()
    };
    assert_eq!(looks(30), [7, 15, 27]);
    assert_eq!(looks(60), [15, 30, 54]);
    assert_eq!(looks(24 * 60), [6 * 60, 12 * 60, 23 * 60]);
    assert_eq!(looks(2), [1]);
    assert_eq!(looks(1), [-1], "nobody can look in time: it is in its place in the list");
    for hours in [36, 46, 96, 168] {
        let found = looks(hours * 60);
        let length = i64::from(hours) * 60;
        for part in [length / 4, length / 2, length - 60] {
            assert!(found.contains(&part), "{hours} h: {found:?}");
        }
        let gaps = found.windows(2).map(|pair| pair[1] - pair[0]).chain([found[0]]);
        assert!(gaps.clone().all(|gap| (1..=12 * 60).contains(&gap)), "{hours} h: {found:?}");
    }
}
