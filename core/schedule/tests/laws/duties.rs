//! Line care, labs before a dose, refill checks, distance after a late start, gaps.

use crate::support::{
    at, author, date, dosage, every, order, order_id, plan, span, statement, times, timing, twice_daily, zone,
};
use homeline_model::{
    AccessDevice, AccessDeviceId, AccessDeviceKind, AdministrationStatus as Status, AuthorRole, CarePlan, Delivery,
    DeliveryId, DeliveryStatus, Dispensed, Entry, FhirDateTime, Flush, FlushPlan, LineCareKind, OccurrenceId,
    OrderKind, PeriodUnit, Quantity, SkipDecision, StepKey,
};
use homeline_schedule::{
    Agenda, AgendaInput, AgendaItem, AgendaKind, Answers, ItemState, LeftOut, NotificationKind as Kind,
    NotificationSettings, Routine, Span, Zones, agenda, notification_plan, overdue,
};

fn with<T>(plan: &CarePlan, entries: &[Entry], work: impl FnOnce(&AgendaInput<'_>) -> T) -> T {
    let table = zone("America/New_York");
    let routine = Routine::default();
    work(&AgendaInput { plan, entries, zones: Zones::at_home(&table), routine: &routine, starts: &[] })
}

fn look(plan: &CarePlan, entries: &[Entry], now: &str, span: Span) -> Agenda {
    with(plan, entries, |input| agenda(input, at(now), span))
}

fn day() -> Span {
    span("2026-11-23T00:00:00-05:00", "2026-11-24T00:00:00-05:00")
}

fn id(item: &AgendaItem) -> OccurrenceId {
    item.occurrence.as_ref().unwrap().id
}

fn saline() -> FlushPlan {
    let volume = Some(Quantity::new("10".parse().unwrap(), "mL"));
    FlushPlan::List(vec![Flush { solution: "0.9% sodium chloride".into(), volume, before: true, lock: false }])
}

/// Vancomycin at 08:00 and 20:00 through a PICC of one lumen, and its flush "when not in use" at 18:00.
fn with_idle_flush() -> CarePlan {
    let picc = AccessDeviceId::new("picc").unwrap();
    let mut vanco = order("vanco", vec![dosage(1, twice_daily())]);
    vanco.access_device = Some(picc.clone());
    vanco.flush = saline();
    let mut flush = order(
        "flush",
        vec![dosage(
            1,
            timing(|r| {
                every(r, 1, 1, PeriodUnit::Day);
                r.time_of_day = times(&["18:00"]);
            }),
        )],
    );
    flush.kind = OrderKind::LineCare;
    flush.line_care = Some(LineCareKind::IdleFlush);
    flush.access_device = Some(picc.clone());
    flush.flush = saline();
    let mut plan = plan(vec![vanco, flush]);
    plan.access_devices = vec![AccessDevice {
        id: picc,
        kind: AccessDeviceKind::Picc,
        name: "PICC".into(),
        inserted: None,
        removed: None,
        lumens: Some(1),
        lumen_uses: Vec::new(),
    }];
    plan
}

fn said(plan: &CarePlan, number: u128, id: OccurrenceId, when: &str, status: Status) -> Entry {
    let mut entry = statement(number, id, author(AuthorRole::Patient, "Rosa"), when, status, Some(when));
    entry.order = Some(plan.orders[0].reference());
    entry
}

#[test]
fn an_idle_flush_is_satisfied_by_a_dose_through_the_same_line_and_by_nothing_else() {
    let plan = with_idle_flush();
    let items = look(&plan, &[], "2026-11-23T00:00:00-05:00", day()).items;
    assert_eq!((items[1].kind, items[1].state), (AgendaKind::LineCare, ItemState::Planned));
    let morning = id(&items[0]);
    let flush_with = |plan: &CarePlan, status: Status| {
        let entries = [said(plan, 1, morning, "2026-11-23T08:05:00-05:00", status)];
        let item = look(plan, &entries, "2026-11-23T18:30:00-05:00", day()).items.remove(1);
        (item.state, item.left_out)
    };
    let satisfied = (ItemState::Skipped(SkipDecision::Order), Some(LeftOut::LineUsed));
    assert_eq!(flush_with(&plan, Status::Completed), satisfied);
    assert_eq!(flush_with(&plan, Status::Skipped), (ItemState::Due, None));
    let mut two_lumens = plan.clone();
    two_lumens.access_devices[0].lumens = Some(2);
    assert_eq!(flush_with(&two_lumens, Status::Completed), (ItemState::Due, None));
    let mut never = plan.clone();
    never.orders[0].flush = FlushPlan::Never;
    assert_eq!(flush_with(&never, Status::Completed), (ItemState::Due, None));
    let mut plain = plan;
    plain.orders[1].line_care = Some(LineCareKind::Flush);
    assert_eq!(flush_with(&plain, Status::Completed), (ItemState::Due, None));
}

#[test]
fn line_care_has_the_steps_of_its_kind() {
    let mut plan = with_idle_flush();
    let mut keys = |kind: Option<LineCareKind>| -> Vec<StepKey> {
        plan.orders[1].line_care = kind;
        let item = look(&plan, &[], "2026-11-23T00:00:00-05:00", day()).items.remove(1);
        item.steps.iter().map(|step| step.key).skip(3).collect()
    };
    use StepKey as K;
    assert_eq!(keys(Some(LineCareKind::Dressing)), [K::ChangeDressing, K::Flush, K::Dispose, K::Log]);
    assert_eq!(keys(Some(LineCareKind::Connector)), [K::ChangeConnector, K::ScrubHub, K::Flush, K::Dispose, K::Log]);
    assert_eq!(
        keys(Some(LineCareKind::PortNeedle)),
        [K::RemoveNeedle, K::WashHands, K::InsertNeedle, K::Flush, K::Dispose, K::Log]
    );
    assert_eq!(keys(Some(LineCareKind::IdleFlush)), [K::ScrubHub, K::Flush, K::Clamp, K::Dispose, K::Log]);
    assert_eq!(keys(None), [K::Other, K::Flush, K::Dispose, K::Log]);
}

fn with_lab() -> CarePlan {
    let mut vanco = order("vanco", vec![dosage(1, twice_daily())]);
    vanco.hold_until_drawn = Some(order_id("trough"));
    let mut lab = order("trough", vec![dosage(1, timing(|r| r.time_of_day = times(&["07:30"])))]);
    lab.kind = OrderKind::Lab;
    plan(vec![vanco, lab])
}

#[test]
fn a_dose_waits_for_the_blood_that_is_drawn_before_it_and_only_the_first_dose_after_it() {
    let plan = with_lab();
    let items = look(&plan, &[], "2026-11-23T07:40:00-05:00", day()).items;
    let lab = id(&items[0]);
    let waits: Vec<Option<OccurrenceId>> =
        items.iter().map(|item| item.lab_first.as_ref().map(|lab| lab.occurrence)).collect();
    assert_eq!(waits, [None, Some(lab), None]);
    let alarms = with(&plan, &[], |input| {
        notification_plan(input, &Answers::default(), &NotificationSettings::default(), at("2026-11-23T07:40:00-05:00"))
    });
    let due = alarms.notifications.iter().find(|n| n.occurrence == Some(id(&items[1])) && n.kind == Kind::Due).unwrap();
    assert_eq!(due.text.english(), "08:00: Title of vanco. Do not start yet. First: Title of trough.");
    assert!(due.actions.iter().all(|action| !action.id.starts_with("dose.start")), "{:?}", due.actions);
    // Drawn, or said to be left out: the dose is free.
    for status in [Status::Completed, Status::Skipped] {
        let drawn =
            [statement(1, lab, author(AuthorRole::Caregiver, "Ben"), "2026-11-23T07:45:00-05:00", status, None)];
        let items = look(&plan, &drawn, "2026-11-23T07:50:00-05:00", day()).items;
        assert!(items.iter().all(|item| item.lab_first.is_none()), "{status:?}");
    }
}

#[test]
fn a_refill_check_falls_before_what_was_dispensed_ends_and_a_delivery_answers_it() {
    let mut plan = plan(vec![order("vanco", vec![dosage(1, twice_daily())])]);
    let from = FhirDateTime::Date(date("2026-11-16"));
    plan.orders[0].dispensed = Some(Dispensed { from, days: 14, lead_days: None });
    let week = span("2026-11-23T00:00:00-05:00", "2026-12-01T00:00:00-05:00");
    let check = |plan: &CarePlan, now: &str| {
        let found = look(plan, &[], now, week).items.into_iter().find(|i| i.kind == AgendaKind::RefillCheck).unwrap();
        (found.start, found.state, found.window.unwrap().from_plan)
    };
    let asked = at("2026-11-25T00:00:00-05:00");
    assert_eq!(check(&plan, "2026-11-23T00:00:00-05:00"), (asked, ItemState::Planned, false));
    assert_eq!(check(&plan, "2026-11-26T00:00:00-05:00"), (asked, ItemState::Due, false));
    let rings = with(&plan, &[], |input| {
        notification_plan(input, &Answers::default(), &NotificationSettings::default(), at("2026-11-23T00:00:00-05:00"))
    });
    let refill = rings.notifications.iter().find(|n| n.kind == Kind::Refill).unwrap();
    assert_eq!(refill.fire_at, at("2026-11-25T09:00:00-05:00"));
    plan.deliveries = vec![Delivery {
        id: DeliveryId::new("d1").unwrap(),
        item: "Vancomycin".into(),
        quantity: None,
        expected: Some(at("2026-11-27T12:00:00-05:00")),
        status: DeliveryStatus::InProgress,
        cold_chain: true,
    }];
    assert_eq!(check(&plan, "2026-11-26T00:00:00-05:00").1, ItemState::Completed);
    plan.orders[0].dispensed = Some(Dispensed { from, days: 14, lead_days: Some(3) });
    assert_eq!(
        check(&plan, "2026-11-23T00:00:00-05:00"),
        (at("2026-11-27T00:00:00-05:00"), ItemState::Completed, true)
    );
}

#[test]
fn a_dose_that_began_late_moves_the_earliest_time_of_the_next() {
    let mut plan = plan(vec![order("vanco", vec![dosage(1, twice_daily())])]);
    plan.orders[0].minimum_interval_minutes = Some(10 * 60);
    let morning = id(&look(&plan, &[], "2026-11-23T00:00:00-05:00", day()).items[0]);
    for (started, expected) in
        [("2026-11-23T09:00:00-05:00", None), ("2026-11-23T12:00:00-05:00", Some("2026-11-23T22:00:00-05:00"))]
    {
        let entries = [said(&plan, 1, morning, started, Status::Completed)];
        let evening = look(&plan, &entries, "2026-11-23T13:00:00-05:00", day()).items.remove(1);
        assert_eq!(evening.not_before, expected.map(at), "{started}");
    }
}

/// Anchor classes 3 and 12: whatever the phone slept through, and whatever its clock did.
#[test]
fn the_overdue_list_is_exact_after_any_gap() {
    let plan = plan(vec![order("vanco", vec![dosage(1, twice_daily())])]);
    let since = at("2026-11-01T00:00:00-04:00");
    for days in [0, 1, 3, 40, 400] {
        let now = at("2026-11-01T06:00:00-05:00") + chrono::TimeDelta::days(days);
        let list = with(&plan, &[], |input| overdue(input, since, now));
        assert_eq!(i64::try_from(list.len()).unwrap(), days * 2, "{days} days");
        assert!(list.is_sorted_by_key(|item| item.start));
    }
    // More than one call of the schedule holds: page after page, none twice.
    let hours: Vec<String> = (0..24).map(|hour| format!("{hour:02}:30")).collect();
    let hours: Vec<&str> = hours.iter().map(String::as_str).collect();
    let hourly =
        crate::support::plan(vec![order("hourly", vec![dosage(1, timing(|r| r.time_of_day = times(&hours)))])]);
    let now = at("2026-11-01T00:00:00-04:00") + chrono::TimeDelta::days(480);
    let list = with(&hourly, &[], |input| overdue(input, since, now));
    let ids: std::collections::HashSet<OccurrenceId> = list.iter().map(id).collect();
    // 480 days of 24 hours end at 23:00 in winter: the dose of 23:30 is to come, and that of 22:30 is on time.
    assert_eq!((list.len(), ids.len()), (480 * 24 - 2, 480 * 24 - 2));
    let now = "2026-11-26T06:00:00-05:00";
    let all = with(&plan, &[], |input| overdue(input, since, at(now)));
    let entries =
        [said(&plan, 1, id(&all[7]), now, Status::Completed), said(&plan, 2, id(&all[9]), now, Status::Skipped)];
    let left = with(&plan, &entries, |input| overdue(input, since, at(now)));
    assert_eq!(left.len(), all.len() - 2);
    assert!(left.iter().all(|item| id(item) != id(&all[7]) && id(item) != id(&all[9])));
}
