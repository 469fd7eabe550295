//! The agenda: states come from what people said and from the clock, and from nothing else.

use crate::support::{
    at, author, dosage, entry, every, from_to, lasting, order, order_id, plan, span, statement, times, timing,
    twice_daily, zone,
};
use homeline_model::{
    AdministrationStatus as Status, AuthorRole, CarePlan, Caregiving, DayOfWeek, Entry, EntryBody, EntryId, Flush,
    FlushPlan, OccurrenceId, Order, OrderKind, PeriodUnit, Quantity, RateProfile, RateStep, RelativeAnchor,
    RelativeLink, Settlement, SkipDecision, Source, Step, StepKey, Storage, Unreadable, Uuid, Window,
};
use homeline_schedule::{
    Agenda, AgendaInput, AgendaItem, AgendaKind, ItemState, Punctuality, Routine, Span, StepNote, Zones, agenda,
};

fn look(plan: &CarePlan, entries: &[Entry], now: &str, span: Span) -> Agenda {
    let table = zone("America/New_York");
    let routine = Routine::default();
    let input = AgendaInput { plan, entries, zones: Zones::at_home(&table), routine: &routine, starts: &[] };
    agenda(&input, at(now), span)
}

fn day() -> Span {
    span("2026-11-23T00:00:00-05:00", "2026-11-24T00:00:00-05:00")
}

fn vanco() -> CarePlan {
    plan(vec![order("vanco", vec![dosage(1, twice_daily())])])
}

fn morning_dose(plan: &CarePlan) -> OccurrenceId {
    look(plan, &[], "2026-11-23T00:00:00-05:00", day()).items[0].occurrence.as_ref().unwrap().id
}

fn morning(plan: &CarePlan, entries: &[Entry], now: &str) -> AgendaItem {
    look(plan, entries, now, day()).items.remove(0)
}

#[test]
fn without_a_word_a_dose_is_planned_due_late_and_then_not_recorded() {
    let plan = vanco();
    // Twice a day: one hour to each side, then half the way to the next dose.
    for (now, state) in [
        ("2026-11-23T06:59:00-05:00", ItemState::Planned),
        ("2026-11-23T07:00:00-05:00", ItemState::Due),
        ("2026-11-23T09:00:00-05:00", ItemState::Due),
        ("2026-11-23T09:00:01-05:00", ItemState::Late),
        ("2026-11-23T14:00:00-05:00", ItemState::Late),
        ("2026-11-23T14:00:01-05:00", ItemState::NotRecorded),
        ("2027-11-23T00:00:00-05:00", ItemState::NotRecorded),
    ] {
        assert_eq!(morning(&plan, &[], now).state, state, "{now}");
    }
}

#[test]
fn a_window_is_the_plans_or_is_marked_as_a_default_with_its_source() {
    let mut plan = vanco();
    let of = |plan: &CarePlan| {
        let window = morning(plan, &[], "2026-11-23T00:00:00-05:00").window;
        window.map(|w| ((w.closes - w.opens).num_minutes(), w.from_plan, w.source))
    };
    assert_eq!(of(&plan), Some((120, false, "hospital-rule-more-than-daily")));
    plan.orders[0].therapy = Some("tpn_cyc".into());
    assert_eq!(of(&plan), Some((240, false, "therapy-parenteral-nutrition")));
    plan.orders[0].time_critical = true;
    assert_eq!(of(&plan), Some((60, false, "hospital-rule-time-critical")));
    plan.orders[0].must_not_stop = true;
    assert_eq!(of(&plan), Some((0, false, "must-not-stop")));
    plan.orders[0].window = Some(Window { before_minutes: 15, after_minutes: 45, from_plan: true });
    assert_eq!(of(&plan), Some((60, true, "plan")));
    let mut fluorouracil = vanco();
    fluorouracil.orders[0].therapy = Some("fu_46h".into());
    assert_eq!(of(&fluorouracil), None);
    let mut dressing = order("dressing", vec![dosage(1, timing(|r| r.day_of_week = vec![DayOfWeek::Mon]))]);
    dressing.kind = OrderKind::LineCare;
    assert_eq!(of(&homeline_plan(dressing)), Some((24 * 60 - 1, false, "hospital-rule-daily")));
}

fn homeline_plan(order: Order) -> CarePlan {
    plan(vec![order])
}

#[test]
fn a_start_is_early_on_time_or_late_by_its_window() {
    let plan = vanco();
    let dose = morning_dose(&plan);
    for (started, expected) in [
        ("2026-11-23T06:30:00-05:00", Punctuality::Early),
        ("2026-11-23T08:20:00-05:00", Punctuality::OnTime),
        ("2026-11-23T10:00:00-05:00", Punctuality::Late),
    ] {
        let rosa = author(AuthorRole::Patient, "Rosa");
        let said = [statement(1, dose, rosa, "2026-11-23T12:00:00-05:00", Status::Completed, Some(started))];
        let item = morning(&plan, &said, "2026-11-23T12:00:00-05:00");
        assert_eq!((item.state, item.punctuality), (ItemState::Completed, Some(expected)));
        assert_eq!(item.started_at, Some(at(started)));
    }
}

#[test]
fn each_recorded_status_is_the_state_and_a_skip_says_who_decided() {
    let plan = vanco();
    let dose = morning_dose(&plan);
    for (status, state) in [
        (Status::InProgress, ItemState::InProgress),
        (Status::Completed, ItemState::Completed),
        (Status::Partial, ItemState::Partial),
        (Status::Stopped, ItemState::Stopped),
        (Status::Unknown, ItemState::Unknown),
        (Status::Skipped, ItemState::Skipped(SkipDecision::NotStated)),
    ] {
        let rosa = author(AuthorRole::Patient, "Rosa");
        let said = [statement(1, dose, rosa, "2026-11-23T08:05:00-05:00", status, None)];
        assert_eq!(morning(&plan, &said, "2026-11-23T08:30:00-05:00").state, state);
    }
    let mut skipped =
        statement(1, dose, author(AuthorRole::Patient, "Rosa"), "2026-11-23T08:05:00-05:00", Status::Skipped, None);
    if let EntryBody::Administration(administration) = &mut skipped.body {
        administration.skip_decision = Some(SkipDecision::CareTeam);
    }
    let item = morning(&plan, &[skipped], "2026-11-23T08:30:00-05:00");
    assert_eq!(item.state, ItemState::Skipped(SkipDecision::CareTeam));
    assert_eq!(item.started_at, None);
}

#[test]
fn a_later_statement_of_one_person_amends_and_keeps_the_start() {
    let plan = vanco();
    let dose = morning_dose(&plan);
    let rosa = || author(AuthorRole::Patient, "Rosa");
    let mut said = vec![
        statement(2, dose, rosa(), "2026-11-23T09:40:00-05:00", Status::Completed, None),
        statement(1, dose, rosa(), "2026-11-23T08:10:00-05:00", Status::InProgress, None),
    ];
    for _ in 0..2 {
        let item = morning(&plan, &said, "2026-11-23T10:00:00-05:00");
        assert_eq!(item.state, ItemState::Completed);
        assert_eq!(item.started_at, Some(at("2026-11-23T08:10:00-05:00")));
        assert_eq!(item.statements.iter().map(|s| s.superseded).collect::<Vec<_>>(), [true, false]);
        assert!(!item.disagreement);
        // Replays and disorder change nothing.
        said.reverse();
        said.push(said[0].clone());
    }
}

#[test]
fn two_people_about_one_dose_are_both_shown_and_counted_once() {
    let plan = vanco();
    let dose = morning_dose(&plan);
    let said = [
        statement(1, dose, author(AuthorRole::Patient, "Rosa"), "2026-11-23T09:40:00-05:00", Status::Completed, None),
        statement(2, dose, author(AuthorRole::Caregiver, "Ben"), "2026-11-23T09:45:00-05:00", Status::Partial, None),
    ];
    let agenda = look(&plan, &said, "2026-11-23T10:00:00-05:00", day());
    assert_eq!(agenda.items.len(), 2);
    let item = &agenda.items[0];
    assert_eq!((item.state, item.disagreement), (ItemState::Partial, true));
    assert_eq!(item.statements.iter().filter(|s| !s.superseded).count(), 2);
}

#[test]
fn an_amended_entry_does_not_stand() {
    let plan = vanco();
    let dose = morning_dose(&plan);
    let wrong =
        statement(1, dose, author(AuthorRole::Patient, "Rosa"), "2026-11-23T09:40:00-05:00", Status::Completed, None);
    let mut right =
        statement(2, dose, author(AuthorRole::CareTeam, "Ann"), "2026-11-23T09:00:00-05:00", Status::Skipped, None);
    right.amends = Some(wrong.id);
    let item = morning(&plan, &[wrong, right], "2026-11-23T10:00:00-05:00");
    assert_eq!(item.state, ItemState::Skipped(SkipDecision::NotStated));
}

#[test]
fn a_pump_suggests_and_marks_nothing() {
    let plan = vanco();
    let dose = morning_dose(&plan);
    let pump =
        statement(1, dose, author(AuthorRole::Device, "Pump"), "2026-11-23T09:31:00-05:00", Status::Completed, None);
    let item = morning(&plan, std::slice::from_ref(&pump), "2026-11-23T10:00:00-05:00");
    assert_eq!((item.state, item.suggested), (ItemState::Late, Some(Status::Completed)));
    let rosa =
        statement(2, dose, author(AuthorRole::Patient, "Rosa"), "2026-11-23T09:40:00-05:00", Status::Partial, None);
    let item = morning(&plan, &[pump, rosa], "2026-11-23T10:00:00-05:00");
    assert_eq!((item.state, item.suggested), (ItemState::Partial, None));
}

fn saline(before: bool) -> Flush {
    let volume = Some(Quantity::new("10".parse().unwrap(), "mL"));
    Flush { solution: "0.9% sodium chloride".into(), volume, before, lock: false }
}

#[test]
fn the_composed_steps_take_their_amounts_from_the_order() {
    let mut plan = vanco();
    let order = &mut plan.orders[0];
    order.storage = Some(Storage { text: "refrigerate".into(), warm_up_minutes: Some(120) });
    let heparin = Flush { solution: "heparin 10 units/mL".into(), volume: None, before: false, lock: true };
    order.flush = FlushPlan::List(vec![saline(true), saline(false), heparin]);
    let mut premedication = crate::support::order("premed", vec![dosage(1, timing(|_| {}))]);
    premedication.kind = OrderKind::Premedication;
    premedication.relative_to =
        Some(RelativeLink { order: order_id("vanco"), anchor: RelativeAnchor::Start, offset_minutes: -30 });
    plan.orders.push(premedication);
    let agenda = look(&plan, &[], "2026-11-23T00:00:00-05:00", day());
    let kinds: Vec<AgendaKind> = agenda.items.iter().map(|i| i.kind).collect();
    use AgendaKind::{Medication, Premedication};
    assert_eq!(kinds, [Premedication, Medication, Premedication, Medication]);
    let item = &agenda.items[1];
    let keys: Vec<StepKey> = item.steps.iter().map(|s| s.key).collect();
    use StepKey as K;
    assert_eq!(
        keys,
        [
            K::TakeOut,
            K::Premedicate,
            K::WashHands,
            K::PrepareSurface,
            K::Gather,
            K::CheckLabel,
            K::CheckBag,
            K::WashHands,
            K::ScrubHub,
            K::Flush,
            K::Connect,
            K::Infuse,
            K::MidCheck,
            K::MidCheck,
            K::MidCheck,
            K::Disconnect,
            K::ScrubHub,
            K::Flush,
            K::Lock,
            K::Clamp,
            K::Dispose,
            K::Log
        ]
    );
    assert_eq!(item.steps[0].at, Some(at("2026-11-23T06:00:00-05:00")));
    assert_eq!(item.steps[1].at, Some(at("2026-11-23T07:30:00-05:00")));
    assert_eq!(item.steps[1].follows, agenda.items[0].occurrence.as_ref().map(|o| o.id));
    assert_eq!(item.steps[11].minutes, Some(90));
    assert_eq!((item.steps[18].note, item.steps[17].note), (StepNote::AskYourNurse, StepNote::Plain));
    assert_eq!(item.steps.iter().map(|s| s.index).collect::<Vec<_>>(), (0..22).collect::<Vec<_>>());
}

#[test]
fn what_the_order_does_not_say_is_ask_your_nurse_and_never_flush_is_said_where_one_would() {
    let mut plan = vanco();
    let flushes = |plan: &CarePlan| -> Vec<StepNote> {
        let item = morning(plan, &[], "2026-11-23T00:00:00-05:00");
        item.steps.iter().filter(|s| s.key == StepKey::Flush).map(|s| s.note).collect()
    };
    assert_eq!(flushes(&plan), [StepNote::AskYourNurse, StepNote::AskYourNurse]);
    plan.orders[0].flush = FlushPlan::Never;
    assert_eq!(flushes(&plan), [StepNote::NeverFlush, StepNote::NeverFlush]);
    plan.orders[0].flush = FlushPlan::List(vec![]);
    assert_eq!(flushes(&plan), []);
}

#[test]
fn a_rate_ladder_is_one_step_for_each_rung_with_its_minute() {
    let mut plan = vanco();
    let rung = |rate: &str, minutes| RateStep { rate: Quantity::new(rate.parse().unwrap(), "mL/h"), minutes };
    plan.orders[0].dosages[0].rate_profile = Some(RateProfile {
        steps: vec![rung("30", Some(30)), rung("60", Some(30)), rung("120", None)],
        total_volume: None,
    });
    let item = morning(&plan, &[], "2026-11-23T00:00:00-05:00");
    let rungs: Vec<(Option<i64>, Option<String>)> = item
        .steps
        .iter()
        .filter(|s| s.key == StepKey::Infuse)
        .map(|s| (s.offset_minutes, s.rate.as_ref().map(ToString::to_string)))
        .collect();
    let expected = [(0, "30 mL/h"), (30, "60 mL/h"), (60, "120 mL/h")];
    assert_eq!(rungs, expected.map(|(minute, rate)| (Some(minute), Some(rate.to_owned()))));
}

#[test]
fn the_plans_own_checklist_wins_word_for_word() {
    let mut plan = vanco();
    plan.orders[0].steps = vec![
        Step { key: StepKey::MeasureVitals, text: Some("Weigh yourself".into()), offset_minutes: Some(-15) },
        Step::new(StepKey::Flush),
        Step::new(StepKey::Infuse),
    ];
    plan.orders[0].flush = FlushPlan::List(vec![saline(true)]);
    let item = morning(&plan, &[], "2026-11-23T00:00:00-05:00");
    let keys: Vec<StepKey> = item.steps.iter().map(|s| s.key).collect();
    assert_eq!(keys, [StepKey::MeasureVitals, StepKey::Flush, StepKey::Infuse]);
    assert_eq!(item.steps[0].text.as_deref(), Some("Weigh yourself"));
    assert_eq!(item.steps[0].at, Some(at("2026-11-23T07:45:00-05:00")));
    assert_eq!(item.steps[1].flush, Some(saline(true)));
}

#[test]
fn a_step_that_was_ticked_off_is_done_and_the_next_of_its_kind_is_not() {
    let plan = vanco();
    let dose = morning_dose(&plan);
    let done = EntryBody::StepDone { step: StepKey::WashHands, note: None };
    let said = [entry(1, dose, author(AuthorRole::Patient, "Rosa"), Source::ByHand, "2026-11-23T07:50:00-05:00", done)];
    let item = morning(&plan, &said, "2026-11-23T07:55:00-05:00");
    let hands: Vec<bool> =
        item.steps.iter().filter(|s| s.key == StepKey::WashHands).map(|s| s.done_at.is_some()).collect();
    assert_eq!(hands, [true, false]);
    assert_eq!(item.state, ItemState::Due);
}

#[test]
fn doses_closer_than_the_plan_allows_are_flagged_and_kept() {
    let mut plan = vanco();
    plan.orders[0].minimum_interval_minutes = Some(11 * 60 + 30);
    let gap_day = span("2026-03-08T00:00:00-05:00", "2026-03-09T00:00:00-04:00");
    let flags: Vec<bool> =
        look(&plan, &[], "2026-03-08T00:00:00-05:00", gap_day).items.iter().map(|i| i.too_close).collect();
    // 20:00 to 08:00 are 11 hours in the night in which the clocks go forward, also when the span begins between them.
    assert_eq!(flags, [true, false]);
    let usual: Vec<bool> =
        look(&plan, &[], "2026-11-23T00:00:00-05:00", day()).items.iter().map(|i| i.too_close).collect();
    assert_eq!(usual, [false, false]);
}

#[test]
fn an_order_that_could_not_be_read_is_not_on_the_agenda() {
    let mut plan = vanco();
    plan.unreadable.push(Unreadable {
        resource: "MedicationRequest/vanco".into(),
        field: "dosageInstruction[0].timing.repeat".into(),
        reason: "timeOfDay and when exclude each other".into(),
        blocks_order: true,
    });
    assert_eq!(look(&plan, &[], "2026-11-23T00:00:00-05:00", day()), Agenda::default());
}

#[test]
fn the_agenda_of_two_halves_is_the_agenda_of_the_whole() {
    let mut plan = vanco();
    plan.orders.push(order(
        "scig",
        vec![dosage(
            1,
            timing(|r| {
                every(r, 1, 1, PeriodUnit::Week);
                lasting(r, 2, PeriodUnit::Hour);
                r.bounds = Some(from_to("2026-11-01T10:00:00-05:00", None));
            }),
        )],
    ));
    plan.orders.push(order("one", vec![dosage(1, timing(|r| r.time_of_day = times(&["12:00"])))]));
    let (from, to) = ("2026-11-20T00:00:00-05:00", "2026-12-10T00:00:00-05:00");
    let now = "2026-11-25T12:00:00-05:00";
    let whole = look(&plan, &[], now, span(from, to));
    assert!(whole.items.len() > 40);
    for middle in ["2026-11-29T10:00:00-05:00", "2026-11-29T10:00:01-05:00", "2026-11-25T08:00:00-05:00"] {
        let mut halves = look(&plan, &[], now, span(from, middle)).items;
        halves.extend(look(&plan, &[], now, span(middle, to)).items);
        assert_eq!(halves, whole.items, "{middle}");
    }
}

fn settled(id: u128, dose: OccurrenceId, at: &str, outcome: Settlement, of: &[u128]) -> Entry {
    let mut entry = statement(id, dose, author(AuthorRole::Patient, "Rosa"), at, Status::Completed, None);
    let of = of.iter().map(|id| EntryId(Uuid::from_u128(*id))).collect();
    entry.body = EntryBody::Caregiving(Caregiving::Settled { outcome, of });
    entry
}

#[test]
fn five_past_eight_and_five_past_two_may_be_two_doses_and_five_past_and_ten_past_eight_are_one() {
    let plan = vanco();
    let dose = morning_dose(&plan);
    let given = |id, who, time: &str| {
        let mut said = statement(id, dose, author(AuthorRole::Caregiver, who), time, Status::Completed, None);
        if let EntryBody::Administration(administration) = &mut said.body {
            administration.ended_at = Some(at(time));
        }
        said
    };
    let rosa = given(1, "Rosa", "2026-11-23T08:05:00-05:00");
    for (time, double) in [
        ("2026-11-23T08:10:00-05:00", false),
        ("2026-11-23T09:00:00-05:00", false),
        ("2026-11-23T14:05:00-05:00", true),
        ("2026-11-23T02:05:00-05:00", true),
    ] {
        let ben = given(2, "Ben", time);
        for said in [[rosa.clone(), ben.clone()], [ben.clone(), rosa.clone()]] {
            let item = morning(&plan, &said, "2026-11-23T15:00:00-05:00");
            assert_eq!((item.possible_double, item.disagreement), (double, false), "{time}");
            assert_eq!(item.statements.iter().filter(|statement| !statement.superseded).count(), 2);
        }
    }
    // One person who says it twice corrects herself.
    let again = given(2, "Rosa", "2026-11-23T14:05:00-05:00");
    assert!(!morning(&plan, &[rosa, again], "2026-11-23T15:00:00-05:00").possible_double);
}

#[test]
fn what_is_settled_stays_settled_until_somebody_writes_anew() {
    let plan = vanco();
    let dose = morning_dose(&plan);
    let said = |id, who, time, status| statement(id, dose, author(AuthorRole::Caregiver, who), time, status, None);
    let given = said(1, "Rosa", "2026-11-23T08:05:00-05:00", Status::Completed);
    let left_out = said(2, "Ben", "2026-11-23T08:30:00-05:00", Status::Skipped);
    let now = "2026-11-23T15:00:00-05:00";
    let clash = morning(&plan, &[given.clone(), left_out.clone()], now);
    assert_eq!((clash.state, clash.disagreement), (ItemState::Skipped(SkipDecision::NotStated), true));
    let once = settled(3, dose, "2026-11-23T09:00:00-05:00", Settlement::OneDose, &[1, 2]);
    let item = morning(&plan, &[once.clone(), given.clone(), left_out.clone()], now);
    assert_eq!((item.state, item.disagreement), (ItemState::Completed, false));
    assert_eq!(item.settled, Some(Settlement::OneDose));
    // The latest settlement counts, and one that did not see all lines settles nothing.
    let unknown = settled(4, dose, "2026-11-23T09:30:00-05:00", Settlement::Unknown, &[1, 2]);
    let item = morning(&plan, &[unknown, once.clone(), given.clone(), left_out.clone()], now);
    assert_eq!(item.settled, Some(Settlement::Unknown));
    let third = said(5, "Ana", "2026-11-23T10:00:00-05:00", Status::Partial);
    let item = morning(&plan, &[once, given, left_out, third], now);
    assert_eq!((item.settled, item.disagreement), (None, true));
}
