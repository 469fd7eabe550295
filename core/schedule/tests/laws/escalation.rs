//! Who is told when nobody answers: delays and shifts as the plan says, and quiet hours that never silence safety.

use crate::support::{at, dosage, every, lasting, order, plan, time, times, timing, twice_daily, zone};
use homeline_model::{
    CarePlan, Caregiver, Contact, ContactPurpose, DayOfWeek, Duty, Escalation, PeriodUnit, PersonId, Right,
};
use homeline_schedule::{
    AgendaInput, Answers, Audience, NotificationKind as Kind, NotificationPlan, NotificationSettings, PumpAlarm,
    QuietHours, Routine, Urgency, Zones, notification_plan, on_duty,
};

const MIDNIGHT: &str = "2026-11-23T00:00:00-05:00";

fn person(id: &str) -> PersonId {
    PersonId::new(id).unwrap()
}

fn caregiver(id: &str, rights: &[Right]) -> Caregiver {
    Caregiver {
        id: person(id),
        name: id.to_owned(),
        relationship: None,
        since: None,
        rights: rights.to_vec(),
        until: None,
        phone: None,
    }
}

/// Ben has the nights of the working days, Ana the rest of the month, Leo may only look.
fn family() -> CarePlan {
    let mut plan = plan(vec![order("vanco", vec![dosage(1, twice_daily())])]);
    plan.caregivers = vec![
        caregiver("ben", &[Right::See, Right::Acknowledge]),
        caregiver("ana", &[Right::See, Right::Acknowledge]),
        caregiver("leo", &[Right::See]),
    ];
    let nights = timing(|r| {
        r.day_of_week = vec![DayOfWeek::Mon, DayOfWeek::Tue, DayOfWeek::Wed, DayOfWeek::Thu, DayOfWeek::Fri];
        r.time_of_day = times(&["20:00"]);
        lasting(r, 12, PeriodUnit::Hour);
    });
    plan.duties = vec![
        Duty { person: person("ben"), from: None, until: None, shifts: Some(nights) },
        Duty {
            person: person("ana"),
            from: Some(at("2026-11-24T12:00:00-05:00")),
            until: Some(at("2026-11-30T12:00:00-05:00")),
            shifts: None,
        },
        Duty { person: person("leo"), from: None, until: None, shifts: None },
    ];
    plan.escalation = Some(Escalation { repeat_minutes: vec![5], caregiver_minutes: Some(20), team_minutes: Some(60) });
    plan.contacts = vec![Contact {
        purpose: ContactPurpose::OnCallNurse,
        label: "On-call nurse".into(),
        phone: "+1-555-0142".into(),
        hours: None,
    }];
    plan
}

fn planned(plan: &CarePlan, settings: &NotificationSettings) -> NotificationPlan {
    let table = zone("America/New_York");
    let routine = Routine::default();
    let input = AgendaInput { plan, entries: &[], zones: Zones::at_home(&table), routine: &routine, starts: &[] };
    notification_plan(&input, &Answers::default(), settings, at(MIDNIGHT))
}

fn duty_at(now: &str) -> Vec<String> {
    let (plan, table, routine) = (family(), zone("America/New_York"), Routine::default());
    on_duty(&plan, Zones::at_home(&table), &routine, at(now)).iter().map(|c| c.name.clone()).collect()
}

#[test]
fn who_is_on_duty_is_by_shift_and_period_and_never_nobody() {
    // Monday evening, and its end in the morning of Tuesday.
    assert_eq!(duty_at("2026-11-23T20:00:00-05:00"), ["ben"]);
    assert_eq!(duty_at("2026-11-24T07:59:00-05:00"), ["ben"]);
    // Nobody has Tuesday morning: both who may acknowledge are called, Leo is not.
    assert_eq!(duty_at("2026-11-24T08:00:00-05:00"), ["ben", "ana"]);
    assert_eq!(duty_at("2026-11-24T12:00:00-05:00"), ["ana"]);
    assert_eq!(duty_at("2026-11-24T21:00:00-05:00"), ["ben", "ana"]);
}

#[test]
fn the_plan_says_when_it_rings_again_for_whom_and_when_to_call_the_team() {
    let plan = family();
    let dose = |n: &&homeline_schedule::PlannedNotification| n.occurrence.is_some();
    let first = planned(&plan, &NotificationSettings::default());
    let first = first.notifications.iter().find(dose).unwrap().occurrence;
    let of_dose = |settings: &NotificationSettings| -> Vec<(Kind, i64)> {
        let found = planned(&plan, settings).notifications;
        let after =
            |n: &homeline_schedule::PlannedNotification| (n.fire_at - at("2026-11-23T08:00:00-05:00")).num_minutes();
        found.iter().filter(|n| n.occurrence == first).map(|n| (n.kind, after(n))).collect()
    };
    let patient = of_dose(&NotificationSettings::default());
    assert_eq!(patient, [(Kind::Due, 0), (Kind::Repeat, 5), (Kind::CallTeam, 60)]);
    let of = |who: &str| NotificationSettings {
        audience: Audience::Caregiver,
        caregiver: Some(person(who)),
        ..NotificationSettings::default()
    };
    // Monday morning is nobody's shift: both ring.
    assert_eq!(of_dose(&of("ben")), [(Kind::Escalation, 20), (Kind::CallTeam, 60)]);
    assert_eq!(of_dose(&of("ana")), [(Kind::Escalation, 20), (Kind::CallTeam, 60)]);
    assert_eq!(of_dose(&of("leo")), []);
    let evening = |who: &str| {
        let found = planned(&plan, &of(who)).notifications;
        found.iter().any(|n| n.fire_at == at("2026-11-23T20:20:00-05:00") && n.kind == Kind::Escalation)
    };
    assert!(evening("ben") && !evening("ana"), "the night of Monday is Ben's");
    let call = planned(&plan, &NotificationSettings::default()).notifications;
    let call = call.iter().find(|n| n.kind == Kind::CallTeam).unwrap();
    assert_eq!(call.text.english(), "Title of vanco (08:00) has no answer yet. Call On-call nurse +1-555-0142.");
    assert!(!call.hidden_text.english().contains("vanco") && call.private);
}

#[test]
fn quiet_hours_take_the_sound_of_everything_but_safety_and_take_no_alarm_away() {
    let mut plan = family();
    let mut milrinone = order(
        "milrinone",
        vec![dosage(
            1,
            timing(|r| {
                every(r, 1, 1, PeriodUnit::Day);
                r.time_of_day = times(&["03:00"]);
                lasting(r, 24, PeriodUnit::Hour);
            }),
        )],
    );
    milrinone.must_not_stop = true;
    plan.orders.push(milrinone);
    let quiet = QuietHours { from: time("22:00"), to: time("09:00") };
    let with = NotificationSettings { quiet_hours: Some(quiet), ..NotificationSettings::default() };
    let (loud, hushed) = (planned(&plan, &NotificationSettings::default()), planned(&plan, &with));
    let ids = |found: &NotificationPlan| found.notifications.iter().map(|n| n.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&loud), ids(&hushed), "nothing is dropped and nothing is moved");
    assert!(loud.notifications.iter().all(|n| n.sound));
    let mut hushed_some = false;
    for n in &hushed.notifications {
        let local = homeline_schedule::zone::to_local(&zone("America/New_York"), n.fire_at).time();
        assert_eq!(n.sound, n.urgency == Urgency::Safety || !quiet.hold(local), "{}", n.id);
        hushed_some |= !n.sound;
    }
    assert!(hushed_some && hushed.notifications.iter().any(|n| n.urgency == Urgency::Safety && n.sound));
    assert!(QuietHours { from: time("13:00"), to: time("14:00") }.hold(time("13:59")));
    assert!(!QuietHours { from: time("13:00"), to: time("14:00") }.hold(time("14:00")));
}

#[test]
fn drugs_are_named_on_a_locked_screen_only_where_the_owner_wishes_it() {
    let plan = family();
    assert!(
        planned(&plan, &NotificationSettings::default())
            .notifications
            .iter()
            .filter(|n| n.text.names_drug)
            .all(|n| n.private)
    );
    let open = NotificationSettings { names_on_lock_screen: true, ..NotificationSettings::default() };
    assert!(planned(&plan, &open).notifications.iter().all(|n| !n.private));
}

/// The alarms of an occlusion at 21:00 on a Monday, heard at once, on one phone at `now`.
fn pump_alarms(audience: Audience, caregiver: Option<&str>, heard_at: &str, now: &str) -> Vec<(Kind, String)> {
    let plan = family();
    let alarms = [PumpAlarm {
        id: "alarm-1".into(),
        raised_at: at("2026-11-23T21:00:00-05:00"),
        heard_at: at(heard_at),
        title: "Downstream occlusion".into(),
        step: "Open the clamp.".into(),
    }];
    let answers = Answers { pump_alarms: &alarms, ..Answers::default() };
    let settings = NotificationSettings {
        audience,
        caregiver: caregiver.map(person),
        quiet_hours: Some(QuietHours { from: time("20:00"), to: time("07:00") }),
        ..NotificationSettings::default()
    };
    let (zone, routine) = (zone("America/New_York"), Routine::default());
    let zones = Zones { here: &zone, home: &zone };
    let input = AgendaInput { plan: &plan, entries: &[], zones, routine: &routine, starts: &[] };
    let found = notification_plan(&input, &answers, &settings, at(now)).notifications;
    let of_alarm = found.iter().filter(|n| n.item == "alarm-1");
    of_alarm
        .map(|n| {
            assert!(n.sound && n.urgency == Urgency::Safety, "{n:?}");
            assert!(
                n.text.english().contains("Downstream occlusion") && !n.hidden_text.english().contains("occlusion")
            );
            assert_eq!(n.actions[0].id, "alarm.seen:alarm-1");
            (n.kind, homeline_schedule::zone::to_local(&zone, n.fire_at).format("%H:%M:%S").to_string())
        })
        .collect()
}

#[test]
fn an_alarm_of_the_pump_that_nobody_saw_goes_from_the_patient_to_who_is_on_duty_to_the_team() {
    let (heard, now) = ("2026-11-23T21:00:02-05:00", "2026-11-23T21:00:03-05:00");
    let rings = |kinds: &[(Kind, &str)]| kinds.iter().map(|(kind, at)| (*kind, (*at).to_owned())).collect::<Vec<_>>();
    assert_eq!(
        pump_alarms(Audience::Patient, None, heard, now),
        rings(&[(Kind::PumpAlarm, "21:00:07"), (Kind::PumpAlarm, "21:05:00"), (Kind::CallTeam, "22:00:00")])
    );
    let on_duty = rings(&[(Kind::Escalation, "21:20:00"), (Kind::CallTeam, "22:00:00")]);
    assert_eq!(pump_alarms(Audience::Caregiver, Some("ben"), heard, now), on_duty);
    assert_eq!(pump_alarms(Audience::Caregiver, Some("ana"), heard, now), [], "her days begin on Tuesday");
}

#[test]
fn an_alarm_that_was_heard_of_late_is_due_at_once_by_every_threshold_that_is_over() {
    let rings = pump_alarms(Audience::Caregiver, Some("ben"), "2026-11-23T21:40:00-05:00", "2026-11-23T21:40:01-05:00");
    assert_eq!(rings, [(Kind::Escalation, "21:40:05".to_owned()), (Kind::CallTeam, "22:00:00".to_owned())]);
}
