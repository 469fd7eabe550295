use homeline_companion::{ActionInput, Change, Homeline, NotificationPermission, Row};
use homeline_end_to_end::phone::{Phone, at, plan, play};
use homeline_home::care_team_server::{CareTeamServer, ServerConfig};
use homeline_model::AuthorRole;
use serde_json::{Value, json};
use std::sync::Arc;

const BUDGET: u32 = 64;

async fn today(homeline: &Homeline) -> Vec<Row> {
    homeline.agenda().today().await.unwrap().rows().cloned().collect()
}

async fn warning(homeline: &Homeline, id: &str) -> Option<String> {
    today(homeline).await.into_iter().find(|row| row.id == format!("alarms/{id}")).map(|row| row.title)
}

/// The vancomycin plan, changed.
fn changed(change: impl FnOnce(&mut Vec<Value>)) -> Vec<u8> {
    let mut bundle: Value = serde_json::from_slice(&plan("vancomycin-elastomeric")).unwrap();
    change(bundle["entry"].as_array_mut().unwrap());
    bundle.to_string().into_bytes()
}

fn resource<'a>(entries: &'a mut [Value], id: &str) -> &'a mut Value {
    entries.iter_mut().map(|entry| &mut entry["resource"]).find(|resource| resource["id"] == id).unwrap()
}

/// Anchor class 3: after power-off, update or force-stop everything rings as before, from the store alone.
#[test]
fn after_a_restart_that_lost_every_alarm_the_phone_rings_as_before() {
    let mut phone = Phone::new("America/Chicago", "2026-11-23T14:02:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        let (added, removed) = homeline.reminders().hand_over(BUDGET).await.unwrap();
        let before = phone.centre.held();
        assert_eq!((added, removed), (before.len() as u64, 0));
        assert!(!before.is_empty() && before.len() <= 64);
        assert_eq!(homeline.reminders().hand_over(BUDGET).await.unwrap(), (0, 0), "nothing changed");

        phone.centre.lose_everything();
        phone.lose_power();
        let again = phone.open().await;
        assert_eq!(again.reminders().hand_over(BUDGET).await.unwrap(), (before.len() as u64, 0));
        assert_eq!(phone.centre.held(), before);
        assert!(again.security().verify().await.unwrap().findings.is_empty());
    });
}

/// Anchor class 3: a phone that was off for days owes the exact list of what nobody recorded, and each can still be recorded.
#[test]
fn after_days_without_power_what_was_not_recorded_is_listed_and_can_be_recorded() {
    let phone = Phone::new("America/Chicago", "2026-11-23T13:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        phone.clock.advance(chrono::Duration::days(20));
        let overdue = homeline.reminders().overdue().await.unwrap();
        let doses = overdue.iter().filter(|one| one.title.starts_with("vancomycin")).count();
        assert_eq!(doses, 40, "two a day from 08:00 of the 23rd on");
        let oldest = overdue.iter().find(|one| one.title.starts_with("vancomycin")).unwrap().clone();
        assert_eq!(oldest.start, at("2026-11-23T14:00:00Z"));
        let row = today(&homeline).await.into_iter().find(|row| row.id == "overdue").unwrap();
        assert!(row.title.contains("not recorded"), "{}", row.title);

        let input = ActionInput { at: Some(at("2026-11-23T15:40:00Z")), ..ActionInput::default() };
        homeline.agenda().act(format!("dose.finish:{}", oldest.occurrence), input).await.unwrap();
        let left = homeline.reminders().overdue().await.unwrap();
        assert_eq!(left.len(), overdue.len() - 1);
        assert!(left.iter().all(|one| one.occurrence != oldest.occurrence));
        let screen = homeline.agenda().overdue().await.unwrap();
        assert_eq!(screen.rows().count(), left.len());
    });
}

/// Anchor class 4: a permission that is gone is a visible state at once, and each missing link has a warning of its own.
#[test]
fn a_lost_permission_and_a_lost_alarm_are_seen_at_once() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:02:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        homeline.reminders().hand_over(BUDGET).await.unwrap();
        assert!(today(&homeline).await.iter().all(|row| !row.id.starts_with("alarms/")));
        for (permission, words) in [
            (NotificationPermission::Denied, "off"),
            (NotificationPermission::NotAsked, "not on yet"),
            (NotificationPermission::Inexact, "late"),
            (NotificationPermission::Silent, "no sound"),
        ] {
            phone.centre.set_permission(permission);
            let title = warning(&homeline, "permission").await.unwrap();
            assert!(title.contains(words), "{title}");
        }
        phone.centre.set_permission(NotificationPermission::Granted);
        assert_eq!(warning(&homeline, "permission").await, None);

        // The phone drops what is over its own limit, and says nothing.
        phone.centre.lose_everything();
        phone.centre.set_room(10);
        homeline.reminders().hand_over(BUDGET).await.unwrap();
        assert!(warning(&homeline, "not-pending").await.unwrap().contains("lost"));
        phone.centre.set_room(usize::MAX);
        homeline.reminders().hand_over(BUDGET).await.unwrap();
        assert_eq!(warning(&homeline, "not-pending").await, None, "the next hand-over mends it");
    });
}

#[test]
fn an_alarm_is_followed_from_the_plan_to_the_hand_that_answers_it() {
    let phone = Phone::new("America/Chicago", "2026-11-24T01:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        let reminders = homeline.reminders();
        reminders.hand_over(BUDGET).await.unwrap();
        let state = async |homeline: &Homeline| {
            let eight = at("2026-11-24T02:00:00Z");
            let ledger = homeline.reminders().ledger(eight, eight + chrono::Duration::seconds(1)).await.unwrap();
            ledger.iter().find(|alarm| alarm.record.kind == "due").map(|a| (a.state, a.missing)).unwrap()
        };
        assert_eq!(state(&homeline).await, ("pending", None));
        phone.clock.advance(chrono::Duration::minutes(61));
        let rang = phone.centre.ring();
        let due = rang.iter().find(|n| n.id.ends_with("/due")).unwrap();
        reminders.hand_over(BUDGET).await.unwrap();
        assert_eq!(state(&homeline).await, ("fired", None));
        phone.clock.advance(chrono::Duration::minutes(61));
        assert_eq!(state(&homeline).await, ("fired", Some("not-seen")));
        reminders.opened().await.unwrap();
        assert_eq!(state(&homeline).await, ("seen", None));
        reminders.answer(due.actions[0].id.clone(), ActionInput::default()).await.unwrap();
        assert_eq!(state(&homeline).await, ("acted", None));
        // The alarms of the started dose that were still to come are taken back.
        reminders.hand_over(BUDGET).await.unwrap();
        let dose = due.occurrence.unwrap().to_string();
        let held = phone.centre.held();
        let of_dose: Vec<&str> = held.iter().filter_map(|(id, _)| id.strip_prefix(&dose)).collect();
        assert_eq!(of_dose, ["/check-in-22", "/check-in-45", "/check-in-81", "/end"]);
    });
}

#[test]
fn an_alarm_that_the_system_held_back_is_told_and_one_without_a_trace_has_no_proof() {
    let phone = Phone::new("America/Chicago", "2026-11-24T01:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        homeline.reminders().hand_over(BUDGET).await.unwrap();
        phone.centre.throttle(true);
        phone.clock.advance(chrono::Duration::minutes(65));
        phone.centre.ring();
        homeline.reminders().hand_over(BUDGET).await.unwrap();
        assert!(warning(&homeline, "did-not-ring").await.unwrap().contains("did not ring in time"));
        phone.centre.lose_everything();
        homeline.reminders().hand_over(BUDGET).await.unwrap();
    });
    let phone = Phone::new("America/Chicago", "2026-11-24T01:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        homeline.reminders().hand_over(BUDGET).await.unwrap();
        phone.centre.lose_everything();
        phone.clock.advance(chrono::Duration::minutes(65));
        homeline.reminders().hand_over(BUDGET).await.unwrap();
        assert!(warning(&homeline, "no-proof").await.unwrap().contains("no proof"));
    });
}

/// Anchor class 5: never more than the phone holds, not even in the middle of a change.
#[test]
fn the_phone_never_holds_more_than_its_budget() {
    let phone = Phone::new("America/Chicago", "2026-11-23T13:02:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        for (hours, budget) in [(0, 5), (5, 12), (7, 12), (30, 3), (60, 64), (61, 5)] {
            phone.clock.advance(chrono::Duration::hours(hours));
            phone.centre.ring();
            homeline.reminders().hand_over(budget).await.unwrap();
            assert!(phone.centre.held().len() <= budget as usize, "{hours} {budget}");
        }
        assert!(phone.centre.most_held() <= 64);
    });
}

fn with_escalation() -> Vec<u8> {
    changed(|entries| {
        let duration = |minutes: u32| json!({"value": minutes, "unit": "minutes", "system": "http://unitsofmeasure.org", "code": "min"});
        let url = |name: &str| format!("https://homeline.example/fhir/StructureDefinition/{name}");
        let care_plan =
            entries.iter_mut().map(|entry| &mut entry["resource"]).find(|r| r["resourceType"] == "CarePlan").unwrap();
        let escalation = json!({"url": url("escalation"), "extension": [
            {"url": "repeatAfter", "valueDuration": duration(15)},
            {"url": "caregiverAfter", "valueDuration": duration(30)},
            {"url": "teamAfter", "valueDuration": duration(90)}]});
        match care_plan["extension"].as_array_mut() {
            Some(extensions) => extensions.push(escalation),
            None => care_plan["extension"] = json!([escalation]),
        }
        resource(entries, "vanc-team")["participant"].as_array_mut().unwrap().push(json!({
            "member": {"reference": "RelatedPerson/vanc-caregiver"},
            "extension": [{"url": url("duty"), "valueTiming": {"repeat": {
                "timeOfDay": ["18:00:00"], "frequency": 1, "period": 1, "periodUnit": "d",
                "duration": 12, "durationUnit": "h"}}}]}));
    })
}

/// Each phone plans its own alarms; what is recorded on one takes the alarm off the other at the next sync.
#[test]
fn what_nobody_answers_rings_on_the_phone_of_the_caregiver_on_duty_until_somebody_records_it() {
    let rosa = Phone::new("America/Chicago", "2026-11-24T01:30:00Z");
    let tomas = Phone::new("America/Chicago", "2026-11-24T01:30:00Z");
    play(async {
        let mut config = ServerConfig::new(rosa.folder().join("team.ndjson"));
        let clock = rosa.clock.clone();
        config.clock = Arc::new(move || clock.now());
        let server = CareTeamServer::start(config).unwrap();
        server.load_bundle(&String::from_utf8(with_escalation()).unwrap()).unwrap();
        let patient = rosa.begin_as("Rosa Ibarra", AuthorRole::Patient, with_escalation()).await;
        let caregiver = tomas.begin_as("Tomas Ibarra", AuthorRole::Caregiver, with_escalation()).await;
        for homeline in [&patient, &caregiver] {
            homeline.sync().enrol(server.base_url(), "vanc-patient".to_owned(), None).await.unwrap();
            assert_eq!(homeline.sync().now().await.unwrap().stopped, None);
            homeline.reminders().hand_over(BUDGET).await.unwrap();
        }
        let evening = at("2026-11-24T02:00:00Z");
        let of_evening = |phone: &Phone| -> Vec<(String, i64)> {
            let held = phone.centre.held().into_iter();
            let soon = held.filter(|(id, fire_at)| *fire_at < evening + chrono::Duration::hours(3) && id != "open-me");
            soon.map(|(id, fire_at)| (id.split('/').nth(1).unwrap().to_owned(), (fire_at - evening).num_minutes()))
                .collect()
        };
        let named = |list: &[(&str, i64)]| list.iter().map(|(n, m)| ((*n).to_owned(), *m)).collect::<Vec<_>>();
        assert_eq!(of_evening(&rosa), named(&[("due", 0), ("repeat-15", 15), ("overdue", 60), ("call-team", 90)]));
        assert_eq!(of_evening(&tomas), named(&[("escalation", 30), ("call-team", 90)]));

        // Rosa starts it; both phones sync.
        for phone in [&rosa, &tomas] {
            phone.clock.advance(chrono::Duration::minutes(40));
        }
        let rows = today(&patient).await;
        let start = rows.iter().flat_map(|row| &row.actions).find(|a| a.id.starts_with("dose.start:")).unwrap();
        patient.agenda().act(start.id.clone(), ActionInput::default()).await.unwrap();
        for homeline in [&patient, &caregiver] {
            assert_eq!(homeline.sync().now().await.unwrap().stopped, None);
            homeline.reminders().hand_over(BUDGET).await.unwrap();
        }
        assert_eq!(of_evening(&tomas), [], "answered");
    });
}

/// Anchor class 23: yesterday is not shown as today.
#[test]
fn another_day_is_announced_and_the_screen_says_when_it_changes() {
    let phone = Phone::new("America/Chicago", "2026-11-24T05:30:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        let title = async |homeline: &Homeline| homeline.agenda().today().await.unwrap().title;
        assert!(title(&homeline).await.starts_with("Monday, 23"));
        phone.ear.take();
        assert_eq!(homeline.agenda().changes_at().await.unwrap(), at("2026-11-24T06:00:00Z"), "midnight in Chicago");
        phone.clock.advance(chrono::Duration::minutes(31));
        assert!(title(&homeline).await.starts_with("Tuesday, 24"));
        homeline.journal().count().await.unwrap();
        assert_eq!(phone.ear.take(), [Change::Day]);
        homeline.agenda().today().await.unwrap();
        homeline.journal().count().await.unwrap();
        assert_eq!(phone.ear.take(), [], "once");
        // The window of the morning's dose opens before it.
        phone.clock.advance(chrono::Duration::hours(6));
        assert!(homeline.agenda().changes_at().await.unwrap() < at("2026-11-24T14:00:00Z"));
        phone.clock.set_zone(homeline_model::ZoneId::new("Asia/Tokyo").unwrap());
        homeline.agenda().today().await.unwrap();
        homeline.journal().count().await.unwrap();
        assert_eq!(phone.ear.take(), [Change::Day], "another zone");
    });
}
