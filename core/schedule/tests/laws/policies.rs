//! How times travel: by the clock on the wall, by elapsed time, by home; from the plan or from what really happened.

use crate::support::{
    at, author, dosage, every, expander, from_to, order, order_id, patient, plan, shown, span, statement, times,
    timing, zone,
};
use homeline_model::{
    AdministrationStatus as Status, AuthorRole, DayOfWeek, Entry, OccurrenceId, Order, PeriodUnit, RateProfile, Repeat,
    TimePolicy,
};
use homeline_schedule::{
    AgendaInput, Answers, NotificationKind, NotificationSettings, QuestionCode, Routine, Zones, actual_starts, agenda,
    notification_plan,
};

fn with_policy(policy: TimePolicy, fill: impl FnOnce(&mut Repeat)) -> Order {
    Order { time_policy: policy, ..order("q8h", vec![dosage(1, timing(fill))]) }
}

/// Every 8 hours from 06:00 on 23 November.
fn every_8_hours(policy: TimePolicy) -> Order {
    with_policy(policy, |r| {
        every(r, 1, 8, PeriodUnit::Hour);
        r.bounds = Some(from_to("2026-11-23T06:00:00-05:00", None));
    })
}

fn id(number: u32) -> OccurrenceId {
    OccurrenceId::new(&patient(), &order_id("q8h"), 1, &format!("#{number}"))
}

/// Rosa writes down that a dose started.
fn started(number: u128, dose: u32, at: &str) -> Entry {
    let rosa = author(AuthorRole::Patient, "Rosa");
    let mut entry = statement(number, id(dose), rosa, at, Status::InProgress, Some(at));
    entry.order = Some(every_8_hours(TimePolicy::Elapsed).reference());
    entry
}

fn agenda_starts(order: Order, entries: &[Entry]) -> Vec<(OccurrenceId, String)> {
    let (plan, table, routine) = (plan(vec![order]), zone("America/New_York"), Routine::default());
    let input = AgendaInput { plan: &plan, entries, zones: Zones::at_home(&table), routine: &routine, starts: &[] };
    let day = span("2026-11-23T00:00:00-05:00", "2026-11-24T12:00:00-05:00");
    let agenda = agenda(&input, at("2026-11-23T12:00:00-05:00"), day);
    agenda.items.iter().map(|item| (item.occurrence.as_ref().unwrap().id, shown(&table, item.start))).collect()
}

#[test]
fn a_late_dose_moves_the_later_ones_only_where_the_order_counts_from_the_last_start() {
    let entries = [started(1, 1, "2026-11-23T15:30:00-05:00")];
    let planned = agenda_starts(every_8_hours(TimePolicy::Elapsed), &entries);
    let expected =
        ["2026-11-23T06:00-05:00", "2026-11-23T14:00-05:00", "2026-11-23T22:00-05:00", "2026-11-24T06:00-05:00"];
    assert_eq!(planned.iter().map(|(_, start)| start.as_str()).collect::<Vec<_>>(), expected);
    let counted = agenda_starts(every_8_hours(TimePolicy::ElapsedFromLastStart), &entries);
    let expected =
        ["2026-11-23T06:00-05:00", "2026-11-23T14:00-05:00", "2026-11-23T23:30-05:00", "2026-11-24T07:30-05:00"];
    assert_eq!(counted.iter().map(|(_, start)| start.as_str()).collect::<Vec<_>>(), expected);
    // The doses have the same names, whatever moved.
    let names = |doses: &[(OccurrenceId, String)]| doses.iter().map(|(id, _)| *id).collect::<Vec<_>>();
    assert_eq!(names(&planned), names(&counted));
}

#[test]
fn a_corrected_start_counts_as_corrected_and_a_dose_left_out_counts_for_nothing() {
    let mut corrected = started(2, 1, "2026-11-23T16:00:00-05:00");
    corrected.amends = Some(started(1, 1, "2026-11-23T15:30:00-05:00").id);
    let entries = [started(1, 1, "2026-11-23T15:30:00-05:00"), corrected];
    let order = || every_8_hours(TimePolicy::ElapsedFromLastStart);
    assert_eq!(agenda_starts(order(), &entries)[2].1, "2026-11-24T00:00-05:00");
    let mut skipped = started(3, 1, "2026-11-23T15:30:00-05:00");
    skipped.body =
        statement(3, id(1), author(AuthorRole::Patient, "Rosa"), "2026-11-23T15:30:00-05:00", Status::Skipped, None)
            .body;
    assert_eq!(agenda_starts(order(), &[skipped])[2].1, "2026-11-23T22:00-05:00");
    // What a pump says is a suggestion: it moves no dose.
    let mut by_pump = started(4, 1, "2026-11-23T15:30:00-05:00");
    by_pump.author = author(AuthorRole::Device, "Pump");
    assert_eq!(agenda_starts(order(), &[by_pump])[2].1, "2026-11-23T22:00-05:00");
}

#[test]
fn actual_starts_are_looked_up_only_for_orders_that_count_from_them() {
    let entries = [started(1, 1, "2026-11-23T15:30:00-05:00")];
    assert_eq!(actual_starts(&[every_8_hours(TimePolicy::Elapsed)], &entries), []);
    let starts = actual_starts(&[every_8_hours(TimePolicy::ElapsedFromLastStart)], &entries);
    assert_eq!((starts.len(), starts[0].occurrence, starts[0].at), (1, id(1), at("2026-11-23T15:30:00-05:00")));
}

#[test]
fn every_14_days_from_the_last_start_counts_days_of_24_hours() {
    let order = with_policy(TimePolicy::ElapsedFromLastStart, |r| {
        every(r, 1, 14, PeriodUnit::Day);
        r.bounds = Some(from_to("2026-10-19T13:30:00-04:00", None));
    });
    let (patient, routine, table) = (patient(), Routine::default(), zone("America/New_York"));
    let entries = [started(1, 0, "2026-10-20T09:00:00-04:00")];
    let orders = [order];
    let starts = actual_starts(&orders, &entries);
    let mut expander = expander(&patient, &orders, &table, &routine);
    expander.actual_starts = &starts;
    let span = span("2026-10-19T00:00:00-04:00", "2026-11-20T00:00:00-05:00");
    let found = expander.order(&orders[0], span, 10);
    let shown: Vec<String> = found.occurrences.iter().map(|o| shown(&table, o.start)).collect();
    assert_eq!(shown, ["2026-10-19T13:30-04:00", "2026-11-03T08:00-05:00", "2026-11-17T08:00-05:00"]);
    assert_eq!(expander.next_start(&orders[0], at("2026-11-03T13:00:00Z")), Some(at("2026-11-17T13:00:00Z")));
}

#[test]
fn times_of_the_day_and_counting_from_the_last_start_exclude_each_other() {
    let table = zone("America/New_York");
    let (patient, routine) = (patient(), Routine::default());
    let asked = |order: Order| {
        let orders = [order];
        let day = span("2026-11-23T00:00:00-05:00", "2026-11-24T00:00:00-05:00");
        let found = expander(&patient, &orders, &table, &routine).order(&orders[0], day, 10);
        assert!(found.occurrences.is_empty());
        found.questions.iter().map(|q| q.code).collect::<Vec<_>>()
    };
    let policy = TimePolicy::ElapsedFromLastStart;
    let at_times = with_policy(policy, |r| {
        every(r, 2, 1, PeriodUnit::Day);
        r.time_of_day = times(&["08:00", "20:00"]);
        r.bounds = Some(from_to("2026-11-20", None));
    });
    assert_eq!(asked(at_times), [QuestionCode::Contradiction]);
    let on_days = with_policy(policy, |r| {
        every(r, 1, 1, PeriodUnit::Week);
        r.day_of_week = vec![DayOfWeek::Tue];
        r.bounds = Some(from_to("2026-11-23T09:00:00-05:00", None));
    });
    assert_eq!(asked(on_days), [QuestionCode::Contradiction]);
    let from_a_day = with_policy(policy, |r| {
        every(r, 1, 14, PeriodUnit::Day);
        r.bounds = Some(from_to("2026-11-20", None));
    });
    assert_eq!(asked(from_a_day), [QuestionCode::AnchorTimeMissing]);
}

#[test]
fn reminders_are_planned_anew_under_new_zone_rules_and_keep_their_doses() {
    let daily = order(
        "daily",
        vec![dosage(
            1,
            timing(|r| {
                every(r, 1, 1, PeriodUnit::Day);
                r.time_of_day = times(&["08:00"]);
            }),
        )],
    );
    let (plan, routine) = (plan(vec![daily]), Routine::default());
    let now = at("2026-11-23T12:00:00-05:00");
    let due = |table| {
        let input =
            AgendaInput { plan: &plan, entries: &[], zones: Zones::at_home(table), routine: &routine, starts: &[] };
        let settings = NotificationSettings { horizon_days: 3, ..NotificationSettings::default() };
        let planned = notification_plan(&input, &Answers::default(), &settings, now);
        let due = planned.notifications.into_iter().filter(|n| n.kind == NotificationKind::Due);
        due.map(|n| (n.occurrence, n.fire_at)).collect::<Vec<_>>()
    };
    let old = zone("America/New_York");
    // The country abolishes winter time: its clocks stay where they were in summer.
    let mut new = old.clone();
    new.transitions.retain(|transition| transition.at < 1_790_000_000);
    let (before, after) = (due(&old), due(&new));
    assert!(!before.is_empty() && before.len() == after.len());
    for ((occurrence, fire_at), (same, earlier)) in before.iter().zip(&after) {
        assert_eq!((occurrence, (*fire_at - *earlier).num_minutes()), (same, 60));
    }
}

#[test]
fn a_rate_profile_in_full_is_the_length_of_a_dose_that_states_none() {
    let mut profile = dosage(1, timing(|r| r.time_of_day = times(&["20:00"])));
    profile.rate_profile = Some(RateProfile { steps: Vec::new(), total_volume: None });
    let orders = [order("order", vec![profile])];
    let (patient, routine, table) = (patient(), Routine::default(), zone("America/New_York"));
    let day = span("2026-11-23T00:00:00-05:00", "2026-11-24T00:00:00-05:00");
    let found = expander(&patient, &orders, &table, &routine).order(&orders[0], day, 10);
    // No rungs are no length.
    assert_eq!(found.occurrences[0].end, None);
}
