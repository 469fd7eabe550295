use homeline_companion::{ActionInput, Emphasis, Homeline, Row};
use homeline_end_to_end::phone::{Phone, plan, play};
use homeline_model::{AdministrationStatus, EntryBody};
use serde_json::{Value, json};

async fn today(homeline: &Homeline) -> Vec<Row> {
    homeline.agenda().today().await.unwrap().rows().cloned().collect()
}

fn bundle(name: &str, change: impl FnOnce(&mut Vec<Value>)) -> Vec<u8> {
    let mut bundle: Value = serde_json::from_slice(&plan(name)).unwrap();
    change(bundle["entry"].as_array_mut().unwrap());
    bundle.to_string().into_bytes()
}

fn resource<'a>(entries: &'a mut [Value], id: &str) -> &'a mut Value {
    entries.iter_mut().map(|entry| &mut entry["resource"]).find(|resource| resource["id"] == id).unwrap()
}

async fn held(phone: &Phone, homeline: &Homeline) -> Vec<String> {
    homeline.reminders().hand_over(64).await.unwrap();
    phone.centre.held().into_iter().map(|(id, _)| id).filter(|id| id != "open-me").collect()
}

#[test]
fn a_dose_change_says_which_bags_to_put_aside_and_takes_only_the_future_along() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:02:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        let row = today(&homeline).await.into_iter().find(|row| row.title.contains("vancomycin 1.25 g")).unwrap();
        homeline.agenda().act(format!("dose.finish:{}", row.id), ActionInput::default()).await.unwrap();

        phone.clock.advance(chrono::Duration::hours(3));
        let less = bundle("vancomycin-elastomeric", |entries| {
            let order = resource(entries, "vanc-order");
            order["meta"]["versionId"] = "2".into();
            order["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"] = json!(1);
        });
        let changes = homeline.plan().import(less).await.unwrap().changes.join("\n");
        assert!(changes.contains("Changed dose: vancomycin 1 g. Before: 1.25 g. Now: 1 g."), "{changes}");
        assert!(changes.contains("Put aside what is left of vancomycin 1.25 g, 250 mL. Do not use it."), "{changes}");

        let rows = today(&homeline).await;
        let titles: Vec<(&str, Option<&str>)> = rows
            .iter()
            .filter(|r| r.title.starts_with("vanc"))
            .map(|r| (r.title.as_str(), r.time.as_deref()))
            .collect();
        assert!(titles.contains(&("vancomycin 1.25 g", Some("08:00"))), "the past as it was: {titles:?}");
        assert!(titles.contains(&("vancomycin 1 g", Some("20:00"))), "{titles:?}");
        // The same after the app was closed: it is kept, and not only remembered.
        homeline.close().await.unwrap();
        let again = phone.open().await;
        let after: Vec<String> = today(&again).await.into_iter().map(|row| row.title).collect();
        assert_eq!(after, rows.iter().map(|row| row.title.clone()).collect::<Vec<_>>());
    });
}

#[test]
fn a_hold_pauses_a_stop_ends_and_both_keep_the_past_and_a_running_dose_is_told() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:02:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        let row = today(&homeline).await.into_iter().find(|row| row.title.contains("vancomycin 1.25 g")).unwrap();
        homeline.agenda().act(format!("dose.start:{}", row.id), ActionInput::default()).await.unwrap();
        assert!(held(&phone, &homeline).await.iter().any(|id| id.ends_with("/due")));
        phone.clock.advance(chrono::Duration::minutes(20));
        for status in ["on-hold", "stopped"] {
            let with_status = bundle("vancomycin-elastomeric", |entries| {
                let order = resource(entries, "vanc-order");
                order["meta"]["versionId"] = status.into();
                order["status"] = status.into();
            });
            let changes = homeline.plan().import(with_status).await.unwrap().changes.join("\n");
            assert!(changes.contains(if status == "stopped" { "Put aside" } else { "On hold" }), "{changes}");
            let running = today(&homeline).await.into_iter().find(|r| r.id == row.id).unwrap();
            assert_eq!(running.emphasis, Emphasis::Urgent, "{running:?}");
            assert!(running.details.iter().any(|line| line.contains("Call your nurse now")), "{running:?}");
            let rings = held(&phone, &homeline).await;
            assert!(rings.iter().all(|id| !id.ends_with("/due") || !id.starts_with(&row.id)), "{rings:?}");
            phone.clock.advance(chrono::Duration::minutes(1));
        }
        let report = homeline.report().visit(1).await.unwrap();
        assert_eq!((report.doses_planned, report.doses_recorded), (1, 1));
    });
}

#[test]
fn a_stay_in_a_hospital_silences_the_plan_until_the_team_sends_it_anew() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:02:00Z");
    let stay = |entries: &mut Vec<Value>, status: &str, end: Option<&str>| {
        entries.push(json!({"resource": {
            "resourceType": "Encounter", "id": "stay", "status": status,
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
            "subject": {"reference": "Patient/vanc-patient"},
            "period": {"start": "2026-11-23T12:00:00-06:00", "end": end}}}));
        if end.is_none() {
            entries.last_mut().unwrap()["resource"]["period"].as_object_mut().unwrap().remove("end");
        }
    };
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        phone.clock.advance(chrono::Duration::hours(5));
        let inside = bundle("vancomycin-elastomeric", |entries| stay(entries, "in-progress", None));
        let changes = homeline.plan().import(inside).await.unwrap().changes;
        assert!(changes.iter().any(|change| change.starts_with("In the hospital")), "{changes:?}");
        let orders: Vec<String> = held(&phone, &homeline)
            .await
            .into_iter()
            .filter(|id| !id.contains("visit/") && !id.contains("delivery/"))
            .collect();
        assert_eq!(orders, Vec::<String>::new());
        let row = today(&homeline).await.into_iter().find(|row| row.id == "stay/stay").unwrap();
        assert!(row.title.starts_with("In the hospital since 12:00"), "{}", row.title);

        phone.clock.advance(chrono::Duration::days(2));
        let home = bundle("vancomycin-elastomeric", |entries| {
            stay(entries, "finished", Some("2026-11-25T10:00:00-06:00"));
        });
        homeline.plan().import(home).await.unwrap();
        let row = today(&homeline).await.into_iter().find(|row| row.id == "stay/stay").unwrap();
        assert_eq!((row.emphasis, row.title.as_str()), (Emphasis::Urgent, "Home from the hospital: some orders wait"));
        assert!(held(&phone, &homeline).await.iter().all(|id| !id.ends_with("/due")));

        let fresh = bundle("vancomycin-elastomeric", |entries| {
            stay(entries, "finished", Some("2026-11-25T10:00:00-06:00"));
            for id in ["vanc-order", "vanc-flush", "vanc-labs", "vanc-dressing"] {
                resource(entries, id)["authoredOn"] = "2026-11-25T12:00:00-06:00".into();
            }
        });
        homeline.plan().import(fresh).await.unwrap();
        assert!(today(&homeline).await.iter().all(|row| row.id != "stay/stay"));
        assert!(held(&phone, &homeline).await.iter().any(|id| id.ends_with("/due")));
    });
}

#[test]
fn a_dose_as_needed_that_comes_too_early_is_told_so_with_the_number_and_recorded_for_whoever_insists() {
    let phone = Phone::new("America/Denver", "2026-11-23T15:05:00Z");
    play(async {
        let homeline = phone.begin("fluorouracil-46h").await;
        // The patient of this plan reads Spanish.
        homeline.settings().set_language(Some("en".to_owned())).await.unwrap();
        let needed = async |homeline: &Homeline| {
            today(homeline).await.into_iter().find(|row| row.title.starts_with("ondansetron")).unwrap()
        };
        let row = needed(&homeline).await;
        assert_eq!(row.state.as_deref(), Some("the order allows it now"));
        let first = homeline.agenda().act(row.actions[0].id.clone(), ActionInput::default()).await.unwrap();
        let again = homeline.agenda().act(row.actions[0].id.clone(), ActionInput::default()).await.unwrap();
        assert_eq!(first.entry, again.entry, "a second tap is the same dose");

        phone.clock.advance(chrono::Duration::hours(2));
        let row = needed(&homeline).await;
        assert_eq!(row.state.as_deref(), Some("by the order not before 16:05"));
        let before = homeline.journal().count().await.unwrap();
        let error = homeline.agenda().act(format!("dose.start:{}", row.id), ActionInput::default()).await.unwrap_err();
        assert_eq!(error.code, "dose.wait");
        assert!(error.what.contains("not before 16:05"), "{}", error.what);
        assert!(error.remedy.contains("+1-555"), "{}", error.remedy);
        assert_eq!(homeline.journal().count().await.unwrap(), before);

        let insists = row.actions[0].id.clone();
        assert!(insists.starts_with("dose.insist:"), "{insists}");
        let entry = homeline.agenda().act(insists, ActionInput::default()).await.unwrap().entry;
        let (entry, _) = homeline.journal().entry(entry).await.unwrap().unwrap();
        let EntryBody::Administration(said) = entry.body else { panic!("{entry:?}") };
        assert_eq!(said.status, AdministrationStatus::Completed);
        assert!(said.reason.unwrap().contains("not before 16:05"));
        // Nothing of it ever rings.
        homeline.reminders().hand_over(64).await.unwrap();
        let held = phone.centre.held();
        assert!(held.iter().all(|(id, _)| !id.starts_with(&row.id)));
    });
}

#[test]
fn a_lab_before_a_dose_holds_it_until_it_is_drawn_or_somebody_insists() {
    let held_until_drawn = bundle("vancomycin-elastomeric", |entries| {
        let extension = json!({
            "url": "https://homeline.example/fhir/StructureDefinition/hold-until-drawn",
            "valueReference": {"reference": "ServiceRequest/vanc-labs"}});
        resource(entries, "vanc-order")["extension"].as_array_mut().unwrap().push(extension);
    });
    let phone = Phone::new("America/Chicago", "2026-11-23T13:20:00Z");
    play(async {
        let homeline = phone.begin_as("Rosa Ibarra", homeline_model::AuthorRole::Patient, held_until_drawn).await;
        phone.clock.advance(chrono::Duration::minutes(50));
        let rows = today(&homeline).await;
        let dose = rows.iter().find(|r| r.title == "vancomycin 1.25 g" && r.time.as_deref() == Some("08:00")).unwrap();
        assert!(dose.details.iter().any(|line| line.starts_with("Do not start yet")), "{dose:?}");
        let start = format!("dose.start:{}", dose.id);
        let error = homeline.agenda().act(start.clone(), ActionInput::default()).await.unwrap_err();
        assert_eq!(error.code, "dose.wait");
        let lab = rows.iter().find(|row| row.title.contains("level before")).unwrap();
        homeline.agenda().act(format!("dose.finish:{}", lab.id), ActionInput::default()).await.unwrap();
        homeline.agenda().act(start, ActionInput::default()).await.unwrap();
    });
}
