//! Changed, held, ended, replaced orders and stays in a hospital: the past stays, the future goes.

use crate::support::{at, author, dosage, from_to, order, plan, span, statement, times, timing, twice_daily, zone};
use homeline_model::{
    AdministrationStatus as Status, AuthorRole, CarePlan, Entry, HospitalStay, OccurrenceId, Order, OrderStatus,
    OrderVersion, Quantity, SkipDecision,
};
use homeline_schedule::{
    AgendaInput, AgendaItem, Answers, ItemState, LeftOut, NotificationSettings, Routine, Span, Zones, adherence,
    agenda, notification_plan, pausing_stay,
};

const CHANGED_AT: &str = "2026-11-23T15:00:00-05:00";

fn look(plan: &CarePlan, entries: &[Entry], now: &str, span: Span) -> Vec<AgendaItem> {
    let table = zone("America/New_York");
    let routine = Routine::default();
    let input = AgendaInput { plan, entries, zones: Zones::at_home(&table), routine: &routine, starts: &[] };
    agenda(&input, at(now), span).items
}

fn two_days() -> Span {
    span("2026-11-23T00:00:00-05:00", "2026-11-25T00:00:00-05:00")
}

fn vanco() -> Order {
    order("vanco", vec![dosage(1, twice_daily())])
}

/// The plan after `before` became `after` at three in the afternoon.
fn changed(before: Order, after: Option<Order>) -> CarePlan {
    let mut plan = plan(after.iter().cloned().collect());
    plan.versions = vec![OrderVersion { order: before, from: None, until: Some(at(CHANGED_AT)) }];
    plan.versions.extend(after.map(|order| OrderVersion { order, from: Some(at(CHANGED_AT)), until: None }));
    plan
}

fn version(mut order: Order, version: &str) -> Order {
    order.version = Some(version.into());
    order
}

fn shown(items: &[AgendaItem]) -> Vec<(String, Option<String>, ItemState)> {
    let table = zone("America/New_York");
    let time = |item: &AgendaItem| homeline_schedule::zone::to_local(&table, item.start).format("%d %H:%M").to_string();
    let version = |item: &AgendaItem| item.occurrence.as_ref().and_then(|o| o.order.version.clone());
    items.iter().map(|item| (time(item), version(item), item.state)).collect()
}

fn ids(items: &[AgendaItem]) -> Vec<OccurrenceId> {
    items.iter().filter_map(|item| item.occurrence.as_ref().map(|o| o.id)).collect()
}

fn at_other_times() -> Order {
    let mut after = version(vanco(), "2");
    after.dosages[0].timing = Some(timing(|r| r.time_of_day = times(&["09:00", "21:00"])));
    after
}

#[test]
fn a_changed_order_keeps_the_past_under_its_version_and_only_the_future_is_new() {
    let plan = changed(vanco(), Some(at_other_times()));
    let items = look(&plan, &[], "2026-11-24T00:00:00-05:00", two_days());
    use ItemState::{Late, NotRecorded, Planned};
    let expected = [
        ("23 08:00", "1", NotRecorded),
        ("23 21:00", "2", Late),
        ("24 09:00", "2", Planned),
        ("24 21:00", "2", Planned),
    ];
    assert_eq!(shown(&items), expected.map(|(time, version, state)| (time.into(), Some(version.into()), state)));
}

#[test]
fn a_dose_recorded_under_the_old_version_stays_as_it_was_also_when_it_was_given_ahead_of_its_time() {
    let before = plan(vec![vanco()]);
    let ids = ids(&look(&before, &[], "2026-11-23T00:00:00-05:00", two_days()));
    let rosa = || author(AuthorRole::Patient, "Rosa");
    let mut said = vec![
        statement(1, ids[0], rosa(), "2026-11-23T08:10:00-05:00", Status::Completed, Some("2026-11-23T08:05:00-05:00")),
        // The dose of 20:00, given an hour before the change of 15:00.
        statement(2, ids[1], rosa(), "2026-11-23T14:10:00-05:00", Status::Completed, Some("2026-11-23T14:00:00-05:00")),
    ];
    for entry in &mut said {
        entry.order = Some(vanco().reference());
    }
    let plan = changed(vanco(), Some(at_other_times()));
    let items = look(&plan, &said, "2026-11-23T16:00:00-05:00", two_days());
    let recorded: Vec<_> = shown(&items).into_iter().filter(|(_, _, state)| *state == ItemState::Completed).collect();
    let expected = [("23 08:00", "1"), ("23 20:00", "1")];
    assert_eq!(recorded, expected.map(|(time, v)| (time.into(), Some(v.into()), ItemState::Completed)));
}

#[test]
fn a_dose_that_was_open_when_its_order_changed_follows_the_new_version_or_is_left_out_by_the_order() {
    // At 15:00 the dose of 14:30 is open. The new version has it too, with another amount.
    let mut before = vanco();
    before.dosages[0].timing = Some(timing(|r| r.time_of_day = times(&["14:30"])));
    let mut after = version(before.clone(), "2");
    after.dosages[0].dose = Some(Quantity::new("1".parse().unwrap(), "g"));
    let day = span("2026-11-23T00:00:00-05:00", "2026-11-24T00:00:00-05:00");
    let items = look(&changed(before.clone(), Some(after)), &[], "2026-11-23T15:01:00-05:00", day);
    assert_eq!(shown(&items), [("23 14:30".into(), Some("2".into()), ItemState::Due)]);
    // The new version has another time: the dose of 14:30 is cancelled, and does not ring.
    let mut moved = version(before.clone(), "2");
    moved.dosages[0].timing = Some(timing(|r| r.time_of_day = times(&["18:00"])));
    let plan = changed(before, Some(moved));
    let items = look(&plan, &[], "2026-11-23T15:01:00-05:00", day);
    assert_eq!(items[0].state, ItemState::Skipped(SkipDecision::Order));
    assert_eq!(items[0].left_out, Some(LeftOut::OrderChanged));
    assert_eq!(items[1].state, ItemState::Planned);
}

#[test]
fn an_order_that_ended_or_is_gone_rings_no_more_and_keeps_its_past() {
    for status in [Some(OrderStatus::Stopped), Some(OrderStatus::Completed), None] {
        let after = status.map(|status| Order { status, ..version(vanco(), "2") });
        let plan = changed(vanco(), after);
        let items = look(&plan, &[], "2026-11-23T16:00:00-05:00", two_days());
        assert_eq!(shown(&items), [("23 08:00".into(), Some("1".into()), ItemState::NotRecorded)], "{status:?}");
        assert!(rings(&plan, "2026-11-23T16:00:00-05:00").is_empty(), "{status:?}");
    }
}

fn rings(plan: &CarePlan, now: &str) -> Vec<String> {
    let table = zone("America/New_York");
    let routine = Routine::default();
    let input = AgendaInput { plan, entries: &[], zones: Zones::at_home(&table), routine: &routine, starts: &[] };
    let found = notification_plan(&input, &Answers::default(), &NotificationSettings::default(), at(now));
    found.notifications.into_iter().filter(|n| n.occurrence.is_some()).map(|n| n.id).collect()
}

#[test]
fn a_held_order_is_left_out_by_the_order_and_a_resumed_one_goes_on() {
    let held = Order { status: OrderStatus::OnHold, ..version(vanco(), "2") };
    let mut plan = changed(vanco(), Some(held.clone()));
    let now = "2026-11-23T16:00:00-05:00";
    let items = look(&plan, &[], now, two_days());
    assert_eq!(
        items.iter().map(|i| i.left_out).collect::<Vec<_>>(),
        [None, Some(LeftOut::OnHold), Some(LeftOut::OnHold), Some(LeftOut::OnHold)]
    );
    assert!(rings(&plan, now).is_empty());
    // Resumed at noon of the next day.
    let resumed_at = at("2026-11-24T12:00:00-05:00");
    plan.orders = vec![version(vanco(), "3")];
    plan.versions = vec![
        OrderVersion { order: vanco(), from: None, until: Some(at(CHANGED_AT)) },
        OrderVersion { order: held, from: Some(at(CHANGED_AT)), until: Some(resumed_at) },
        OrderVersion { order: version(vanco(), "3"), from: Some(resumed_at), until: None },
    ];
    let items = look(&plan, &[], "2026-11-24T12:01:00-05:00", two_days());
    let left_out: Vec<bool> = items.iter().map(|i| i.left_out.is_some()).collect();
    assert_eq!(left_out, [false, true, true, false]);
    let table = zone("America/New_York");
    let counts = adherence(&items, &table, at("2026-11-24T23:00:00-05:00")).orders[0].counts;
    assert_eq!((counts.planned, counts.skipped_by_order), (4, 2));
}

#[test]
fn an_order_that_another_one_replaces_has_no_dose_from_that_ones_first_day_on_although_it_is_called_active() {
    let mut new = order("vanco-new", vec![dosage(1, twice_daily())]);
    new.replaces = Some(vanco().id);
    new.dosages[0].timing.as_mut().unwrap().repeat.as_mut().unwrap().bounds =
        Some(from_to("2026-11-24T00:00:00-05:00", None));
    let items = look(&plan(vec![vanco(), new]), &[], "2026-11-23T00:00:00-05:00", two_days());
    let of: Vec<&str> = items.iter().map(|i| i.occurrence.as_ref().unwrap().order.id.as_str()).collect();
    assert_eq!(of, ["vanco", "vanco", "vanco-new", "vanco-new"]);
}

#[test]
fn an_order_that_arrives_at_noon_asks_for_nothing_of_the_morning() {
    let mut plan = plan(vec![vanco()]);
    plan.versions = vec![OrderVersion { order: vanco(), from: Some(at("2026-11-23T12:00:00-05:00")), until: None }];
    let items = look(&plan, &[], "2026-11-23T13:00:00-05:00", two_days());
    assert_eq!(items.len(), 3, "{:?}", shown(&items));
}

fn stay(end: Option<&str>) -> HospitalStay {
    HospitalStay {
        id: "s1".into(),
        start: at("2026-11-23T10:00:00-05:00"),
        end: end.map(at),
        place: Some("General Hospital".into()),
    }
}

#[test]
fn a_stay_in_a_hospital_pauses_everything_until_each_order_is_fresh() {
    let table = zone("America/New_York");
    let mut plan = plan(vec![vanco()]);
    plan.orders[0].authored_on = Some(at("2026-11-01T10:00:00-05:00"));
    plan.stays = vec![stay(None)];
    let now = "2026-11-23T16:00:00-05:00";
    let left_out = |plan: &CarePlan, now: &str| -> Vec<Option<LeftOut>> {
        look(plan, &[], now, two_days()).iter().map(|i| i.left_out).collect()
    };
    use LeftOut::{HospitalStay as Inside, NoFreshOrder};
    assert_eq!(left_out(&plan, now), [None, Some(Inside), Some(Inside), Some(Inside)]);
    assert!(rings(&plan, now).is_empty());
    assert!(pausing_stay(&plan, Zones::at_home(&table), at(now)).is_some());
    // Home in the morning, with the old order: nothing rings yet, and that is said.
    plan.stays = vec![stay(Some("2026-11-24T07:00:00-05:00"))];
    let home = "2026-11-24T07:30:00-05:00";
    assert_eq!(left_out(&plan, home), [None, Some(Inside), Some(NoFreshOrder), Some(NoFreshOrder)]);
    assert!(rings(&plan, home).is_empty());
    assert!(pausing_stay(&plan, Zones::at_home(&table), at(home)).is_some());
    // The fresh order arrives.
    plan.orders[0].authored_on = Some(at("2026-11-24T06:00:00-05:00"));
    assert_eq!(left_out(&plan, home), [None, Some(Inside), None, None]);
    assert!(!rings(&plan, home).is_empty());
    assert_eq!(pausing_stay(&plan, Zones::at_home(&table), at(home)), None);
}
