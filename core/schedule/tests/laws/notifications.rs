//! The notification plan: within the budget, one ring for each dose, covered without a hole.

use crate::support::{
    at, author, dosage, every, from_to, lasting, order, plan, statement, times, timing, twice_daily, zone,
};
use homeline_model::{
    AdministrationStatus as Status, AuthorRole, CarePlan, DayOfWeek, Entry, OccurrenceId, OrderKind, PeriodUnit,
    Storage, Visit, VisitId, VisitMode, VisitStatus,
};
use homeline_schedule::zone::to_local;
use homeline_schedule::{
    AgendaInput, Answers, Audience, HeldAlarm, NotificationChange, NotificationKind as Kind, NotificationPlan,
    NotificationSettings, PlannedNotification, Routine, Snooze, Urgency, Zones, diff, notification_plan,
};
use std::collections::HashSet;

const MIDNIGHT: &str = "2026-11-23T00:00:00-05:00";

fn planned(
    plan: &CarePlan,
    entries: &[Entry],
    answers: &Answers<'_>,
    settings: &NotificationSettings,
    now: &str,
) -> NotificationPlan {
    let table = zone("America/New_York");
    let routine = Routine::default();
    let input = AgendaInput { plan, entries, zones: Zones::at_home(&table), routine: &routine, starts: &[] };
    notification_plan(&input, answers, settings, at(now))
}

fn simple(plan: &CarePlan, now: &str) -> NotificationPlan {
    planned(plan, &[], &Answers::default(), &NotificationSettings::default(), now)
}

fn vanco() -> CarePlan {
    let mut vanco = order("vanco", vec![dosage(1, twice_daily())]);
    vanco.storage = Some(Storage { text: "refrigerate".into(), warm_up_minutes: Some(90) });
    plan(vec![vanco])
}

fn occurrence(plan: &CarePlan) -> OccurrenceId {
    simple(plan, MIDNIGHT).notifications[0].occurrence.unwrap()
}

fn of_dose(found: &NotificationPlan, occurrence: OccurrenceId) -> Vec<(Kind, String)> {
    let table = zone("America/New_York");
    let alarms = found.notifications.iter().filter(|n| n.occurrence == Some(occurrence));
    alarms.map(|n| (n.kind, to_local(&table, n.fire_at).format("%H:%M").to_string())).collect()
}

#[test]
fn a_dose_asks_to_be_taken_out_rings_once_repeats_and_says_when_its_window_closes() {
    let plan = vanco();
    let found = simple(&plan, MIDNIGHT);
    let dose = occurrence(&plan);
    let expected = [
        (Kind::TakeOut, "06:30"),
        (Kind::Due, "08:00"),
        (Kind::Repeat, "08:10"),
        (Kind::Repeat, "08:30"),
        (Kind::Overdue, "09:00"),
    ];
    assert_eq!(of_dose(&found, dose), expected.map(|(kind, time)| (kind, time.to_owned())));
    let due = found.notifications.iter().find(|n| n.kind == Kind::Due).unwrap();
    assert_eq!(due.id, format!("{dose}/due"));
    assert_eq!(due.actions[0].id, format!("dose.start:{dose}"));
    assert_eq!(due.text.english(), "It is time for Title of vanco (08:00).");
    assert_eq!(due.hidden_text.english(), "It is time for your 08:00 treatment.");
    assert!(due.text.names_drug && !due.hidden_text.names_drug);
}

#[test]
fn no_text_for_a_locked_screen_names_the_drug_or_misses_its_words() {
    let mut plan = vanco();
    plan.visits.push(visit("2026-11-23T10:00:00-05:00"));
    for audience in [Audience::Patient, Audience::Caregiver] {
        let settings = NotificationSettings { audience, ..NotificationSettings::default() };
        for n in planned(&plan, &[], &Answers::default(), &settings, MIDNIGHT).notifications {
            let (text, hidden) = (n.text.english(), n.hidden_text.english());
            assert!(!hidden.contains("vanco") && !hidden.contains('{'), "{hidden}");
            assert!(!text.contains('{') && !text.starts_with("notification."), "{text}");
            assert!(!hidden.starts_with("notification."), "{hidden}");
            assert!(n.hidden_text.arguments.iter().all(|(name, _)| *name != "title"));
        }
    }
}

fn visit(start: &str) -> Visit {
    Visit {
        id: VisitId::new("v1").unwrap(),
        title: "Nurse visit".into(),
        start: at(start),
        end: None,
        mode: VisitMode::InPerson,
        status: VisitStatus::Booked,
        with: Vec::new(),
        instructions: None,
        join_url: None,
    }
}

#[test]
fn what_was_recorded_rings_no_more_and_a_running_dose_rings_at_its_real_end() {
    let plan = vanco();
    let dose = occurrence(&plan);
    let rosa = || author(AuthorRole::Patient, "Rosa");
    let settings = NotificationSettings::default();
    let now = "2026-11-23T08:21:00-05:00";
    let running = [statement(
        1,
        dose,
        rosa(),
        "2026-11-23T08:20:00-05:00",
        Status::InProgress,
        Some("2026-11-23T08:20:00-05:00"),
    )];
    let found = planned(&plan, &running, &Answers::default(), &settings, now);
    // The balloon cannot call: after a quarter, half way and near the end somebody looks at it.
    let looks = ["08:42", "09:05", "09:41"].map(|time| (Kind::CheckIn, time));
    let expected = [looks[0], looks[1], looks[2], (Kind::End, "09:50")];
    assert_eq!(of_dose(&found, dose), expected.map(|(kind, time)| (kind, time.to_owned())));
    let done = [statement(1, dose, rosa(), "2026-11-23T08:20:00-05:00", Status::Completed, None)];
    assert_eq!(of_dose(&planned(&plan, &done, &Answers::default(), &settings, now), dose), []);
}

#[test]
fn a_snooze_moves_the_ring_and_never_silences_the_closing_window() {
    let plan = vanco();
    let dose = occurrence(&plan);
    let snoozes = [Snooze { occurrence: dose, until: at("2026-11-23T08:20:00-05:00") }];
    let answers = Answers { snoozes: &snoozes, acknowledged: &[], ..Answers::default() };
    let found = planned(&plan, &[], &answers, &NotificationSettings::default(), "2026-11-23T08:05:00-05:00");
    let expected = [(Kind::Snoozed, "08:20"), (Kind::Repeat, "08:30"), (Kind::Overdue, "09:00")];
    assert_eq!(of_dose(&found, dose), expected.map(|(kind, time)| (kind, time.to_owned())));
    let long = [Snooze { occurrence: dose, until: at("2026-11-23T11:00:00-05:00") }];
    let answers = Answers { snoozes: &long, acknowledged: &[], ..Answers::default() };
    let found = planned(&plan, &[], &answers, &NotificationSettings::default(), "2026-11-23T08:05:00-05:00");
    assert!(of_dose(&found, dose).contains(&(Kind::Overdue, "09:00".to_owned())));
}

#[test]
fn a_caregivers_phone_rings_for_what_nobody_answered_and_only_for_that() {
    let plan = vanco();
    let dose = occurrence(&plan);
    let settings = NotificationSettings { audience: Audience::Caregiver, ..NotificationSettings::default() };
    let found = planned(&plan, &[], &Answers::default(), &settings, MIDNIGHT);
    assert_eq!(of_dose(&found, dose), [(Kind::Escalation, "08:45".to_owned())]);
    assert_eq!(found.notifications[0].urgency, Urgency::Safety);
    let acknowledged = [dose];
    let answers = Answers { snoozes: &[], acknowledged: &acknowledged, ..Answers::default() };
    assert_eq!(of_dose(&planned(&plan, &[], &answers, &settings, MIDNIGHT), dose), []);
}

#[test]
fn a_duty_with_a_day_rings_at_the_patients_own_time_of_that_day() {
    let mut dressing = order("dressing", vec![dosage(1, timing(|r| r.day_of_week = vec![DayOfWeek::Tue]))]);
    dressing.kind = OrderKind::LineCare;
    let plan = plan(vec![dressing]);
    let found = simple(&plan, MIDNIGHT);
    assert_eq!(
        (found.notifications[0].kind, found.notifications[0].fire_at),
        (Kind::Due, at("2026-11-24T09:00:00-05:00"))
    );
    assert_eq!(found.notifications[0].urgency, Urgency::Duty);
}

/// Many orders: far more alarms than a phone holds.
fn busy() -> CarePlan {
    let mut orders: Vec<_> = (0..25)
        .map(|n| {
            let times = times(&["06:00", "14:00", "22:00"]);
            order(&format!("order-{n}"), vec![dosage(1, timing(|r| r.time_of_day = times))])
        })
        .collect();
    let mut milrinone = order(
        "milrinone",
        vec![dosage(
            1,
            timing(|r| {
                every(r, 1, 48, PeriodUnit::Hour);
                lasting(r, 48, PeriodUnit::Hour);
                r.bounds = Some(from_to("2026-11-20T10:00:00-05:00", None));
            }),
        )],
    );
    milrinone.must_not_stop = true;
    orders.push(milrinone);
    plan(orders)
}

fn rings_of_all(plan: &CarePlan, settings: &NotificationSettings) -> Vec<PlannedNotification> {
    let settings = NotificationSettings { budget: 100_000, ..settings.clone() };
    planned(plan, &[], &Answers::default(), &settings, MIDNIGHT).notifications
}

#[test]
fn the_budget_is_never_exceeded_and_nothing_before_the_covered_instant_is_left_out() {
    let plan = busy();
    for budget in [0, 1, 2, 3, 10, 64, 300] {
        let settings = NotificationSettings { budget, horizon_days: 10, ..NotificationSettings::default() };
        let found = planned(&plan, &[], &Answers::default(), &settings, MIDNIGHT);
        assert!(found.notifications.len() <= budget, "{budget}: {}", found.notifications.len());
        let held: HashSet<&str> = found.notifications.iter().map(|n| n.id.as_str()).collect();
        for n in rings_of_all(&plan, &settings).iter().filter(|n| n.kind != Kind::OpenMe) {
            assert!(n.fire_at >= found.covered_until || held.contains(n.id.as_str()), "{budget}: {} is left out", n.id);
        }
        let open_me: Vec<&PlannedNotification> =
            found.notifications.iter().filter(|n| n.kind == Kind::OpenMe).collect();
        if budget >= 2 {
            assert_eq!(open_me.len(), 1);
            assert_eq!(open_me[0].fire_at, found.covered_until);
        }
        assert!(found.notifications.is_sorted_by_key(|n| n.fire_at));
    }
}

#[test]
fn safety_alarms_are_in_although_they_are_further_out_than_the_rest() {
    let plan = busy();
    let found = simple(&plan, MIDNIGHT);
    let safety: Vec<&PlannedNotification> =
        found.notifications.iter().filter(|n| n.urgency == Urgency::Safety).collect();
    assert!(safety.len() >= 8, "{}", safety.len());
    assert!(safety.iter().any(|n| n.fire_at > found.covered_until));
    assert!(found.left_out > 0);
}

#[test]
fn the_same_facts_give_the_same_plan_and_each_id_once() {
    let plan = busy();
    let found = simple(&plan, MIDNIGHT);
    assert_eq!(found, simple(&plan, MIDNIGHT));
    let ids: HashSet<&str> = found.notifications.iter().map(|n| n.id.as_str()).collect();
    assert_eq!(ids.len(), found.notifications.len());
}

#[test]
fn each_dose_is_due_once_and_two_alarms_of_it_never_share_an_instant() {
    let plan = vanco();
    let found = rings_of_all(&plan, &NotificationSettings { horizon_days: 30, ..NotificationSettings::default() });
    let mut due = HashSet::new();
    let mut instants = HashSet::new();
    for n in found.iter().filter(|n| n.kind != Kind::OpenMe) {
        assert!(instants.insert((n.occurrence, n.fire_at)), "{}", n.id);
        assert!(n.kind != Kind::Due || due.insert(n.occurrence), "{}", n.id);
    }
    assert_eq!(due.len(), 60);
}

#[test]
fn a_plan_that_fits_is_covered_to_the_horizon() {
    let plan = plan(vec![order(
        "weekly",
        vec![dosage(
            1,
            timing(|r| {
                every(r, 1, 8, PeriodUnit::Week);
                r.bounds = Some(from_to("2026-12-21T10:00:00-05:00", None));
            }),
        )],
    )]);
    let found = simple(&plan, MIDNIGHT);
    // Eight weeks between doses is further than many apps look; the ring four weeks away is in.
    assert_eq!(found.notifications[0].fire_at, at("2026-12-21T10:00:00-05:00"));
    assert_eq!((found.left_out, found.covered_until), (0, at("2027-01-22T00:00:00-05:00")));
}

#[test]
fn what_is_prepared_before_the_horizon_for_a_dose_after_it_is_in_the_plan() {
    let plan = vanco();
    let settings = NotificationSettings { horizon_days: 1, ..NotificationSettings::default() };
    let found = planned(&plan, &[], &Answers::default(), &settings, "2026-11-22T19:00:00-05:00");
    assert_eq!(found.covered_until, at("2026-11-23T19:00:00-05:00"));
    let evening = at("2026-11-23T18:30:00-05:00");
    assert!(found.notifications.iter().any(|n| n.kind == Kind::TakeOut && n.fire_at == evening));
}

#[test]
fn a_change_adds_before_it_removes_and_never_exceeds_the_budget() {
    let (old_plan, new_plan) = (vanco(), busy());
    for budget in [2, 10, 64] {
        let settings = NotificationSettings { budget, ..NotificationSettings::default() };
        let old = planned(&old_plan, &[], &Answers::default(), &settings, MIDNIGHT).notifications;
        let new = planned(&new_plan, &[], &Answers::default(), &settings, MIDNIGHT).notifications;
        let mut held: HashSet<String> = old.iter().map(|n| n.id.clone()).collect();
        let on_phone: Vec<HeldAlarm> = old.iter().map(HeldAlarm::from).collect();
        for step in diff(&on_phone, &new).in_steps(&on_phone, budget) {
            match step {
                NotificationChange::Add(n) => {
                    held.insert(n.id);
                }
                NotificationChange::Remove(id) => assert!(held.remove(&id), "{id} was not held"),
            }
            assert!(held.len() <= budget, "{budget}");
        }
        assert_eq!(held, new.iter().map(|n| n.id.clone()).collect::<HashSet<_>>());
        let on_phone: Vec<HeldAlarm> = new.iter().map(HeldAlarm::from).collect();
        let nothing = diff(&on_phone, &new);
        assert!(nothing.add.is_empty() && nothing.remove.is_empty());
    }
}
