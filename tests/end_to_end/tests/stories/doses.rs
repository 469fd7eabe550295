use homeline_companion::{ActionInput, Homeline, JournalFilter, Row};
use homeline_end_to_end::phone::{Phone, plan, play};
use homeline_model::{AdministrationStatus, Entry, EntryBody, EntryId, EntryKind, OccurrenceId};

/// The first row of today with an open dose of this name.
async fn row(homeline: &Homeline, name: &str) -> Row {
    let today = homeline.agenda().today().await.unwrap();
    let row = today.rows().find(|row| row.title.contains(name) && !row.actions.is_empty()).cloned();
    row.unwrap_or_else(|| panic!("no open dose of {name} in {:#?}", today.sections))
}

fn action(row: &Row, verb: &str) -> String {
    let found = row.actions.iter().find(|action| action.id.starts_with(verb));
    found.unwrap_or_else(|| panic!("no {verb} in {:?}", row.actions)).id.clone()
}

async fn act(homeline: &Homeline, action: &str) -> EntryId {
    homeline.agenda().act(action.to_owned(), ActionInput::default()).await.unwrap().entry
}

/// Every statement about doses, oldest first, as written.
async fn statements(homeline: &Homeline) -> Vec<Entry> {
    let filter = JournalFilter { kinds: vec![EntryKind::Administration], ..JournalFilter::default() };
    let mut rows = homeline.journal().timeline(filter, None, 500).await.unwrap().rows;
    rows.reverse();
    let mut entries = Vec::new();
    for row in rows {
        entries.push(homeline.journal().entry(row.id.parse().unwrap()).await.unwrap().unwrap().0);
    }
    entries
}

fn status(entry: &Entry) -> AdministrationStatus {
    match &entry.body {
        EntryBody::Administration(administration) => administration.status,
        other => panic!("not a statement about a dose: {other:?}"),
    }
}

#[test]
fn a_double_tap_on_start_starts_the_dose_once() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:02:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        let start = action(&row(&homeline, "vancomycin").await, "dose.start");
        let agenda = homeline.agenda();
        let (first, second) = tokio::join!(
            agenda.act(start.clone(), ActionInput::default()),
            agenda.act(start.clone(), ActionInput::default())
        );
        assert_eq!(first.unwrap().entry, second.unwrap().entry, "the second answer names the first one's entry");
        assert_eq!(statements(&homeline).await.len(), 1);
    });
}

#[test]
fn a_dose_that_was_started_still_runs_after_the_power_was_lost() {
    let mut phone = Phone::new("America/Chicago", "2026-11-23T14:02:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        act(&homeline, &action(&row(&homeline, "vancomycin").await, "dose.start")).await;
        phone.lose_power();
        let again = phone.open().await;
        let running = row(&again, "vancomycin").await;
        let state = running.state.clone().unwrap_or_default();
        assert!(state.starts_with("running since 08:02"), "{state}");
        assert!(again.security().verify().await.unwrap().findings.is_empty());
        act(&again, &action(&running, "dose.finish")).await;
        assert_eq!(statements(&again).await.len(), 2, "the start and the end, each once");
    });
}

#[test]
fn what_corrects_an_entry_leaves_it_as_it_was_written() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:02:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        let open = row(&homeline, "vancomycin").await;
        let start = act(&homeline, &action(&open, "dose.start")).await;
        let (written, _) = homeline.journal().entry(start).await.unwrap().unwrap();
        phone.clock.advance(chrono::Duration::minutes(89));
        let finish = act(&homeline, &action(&row(&homeline, "vancomycin").await, "dose.finish")).await;
        phone.clock.advance(chrono::Duration::minutes(1));
        let stopped = ActionInput {
            reason: Some("leaked at the connector".to_owned()),
            volume_ml: Some("180".parse().unwrap()),
            ..ActionInput::default()
        };
        let occurrence = open.id.clone();
        let stop = homeline.agenda().act(format!("dose.stop:{occurrence}"), stopped).await.unwrap().entry;

        let (still, amendments) = homeline.journal().entry(start).await.unwrap().unwrap();
        assert_eq!(still, written, "not a letter of it changed");
        assert_eq!(amendments.iter().map(|entry| entry.id).collect::<Vec<_>>(), [finish]);
        let (_, amendments) = homeline.journal().entry(finish).await.unwrap().unwrap();
        assert_eq!(
            amendments.iter().map(|entry| entry.id).collect::<Vec<_>>(),
            [stop],
            "{:#?}",
            statements(&homeline).await
        );
        let said: Vec<_> = statements(&homeline).await.iter().map(status).collect();
        use AdministrationStatus as Status;
        assert_eq!(said, [Status::InProgress, Status::Completed, Status::Partial]);
        // Three statements are one dose.
        let report = homeline.report().visit(1).await.unwrap();
        assert_eq!(report.doses_recorded, 1);
    });
}

#[test]
fn a_dose_that_is_finished_after_the_clock_was_set_back_is_finished() {
    for set_back in [0, 60] {
        let phone = Phone::new("America/Chicago", "2026-11-23T15:20:00Z");
        play(async {
            let homeline = phone.begin("vancomycin-elastomeric").await;
            let open = row(&homeline, "vancomycin").await;
            let started =
                ActionInput { at: Some(phone.clock.now() - chrono::Duration::minutes(80)), ..ActionInput::default() };
            homeline.agenda().act(action(&open, "dose.start"), started).await.unwrap();
            phone.clock.set_wall(phone.clock.now() - chrono::Duration::minutes(set_back));
            act(&homeline, &action(&row(&homeline, "vancomycin").await, "dose.finish")).await;
            let today = homeline.agenda().today().await.unwrap();
            let state = today.rows().find(|row| row.id == open.id).unwrap().state.clone().unwrap();
            assert!(state.starts_with("done"), "{set_back} min: {state}");
        });
    }
}

#[test]
fn a_dose_needs_a_reason_to_be_left_out_and_nothing_is_written_without_one() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:02:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        let before = homeline.journal().count().await.unwrap();
        let skip = action(&row(&homeline, "vancomycin").await, "dose.skip");
        let error = homeline.agenda().act(skip, ActionInput::default()).await.unwrap_err();
        assert_eq!(error.field.as_deref(), Some("reason"));
        assert_eq!(homeline.journal().count().await.unwrap(), before);
    });
}

#[test]
fn a_changed_plan_is_told_in_words_and_past_doses_keep_the_version_that_they_were_given_under() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:02:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        act(&homeline, &action(&row(&homeline, "vancomycin").await, "dose.finish")).await;
        let old = statements(&homeline).await.remove(0);
        let given_under = old.order.clone().unwrap();

        let mut bundle: serde_json::Value = serde_json::from_slice(&plan("vancomycin-elastomeric")).unwrap();
        let order = bundle["entry"].as_array_mut().unwrap().iter_mut().map(|entry| &mut entry["resource"]);
        let order = order.into_iter().find(|resource| resource["resourceType"] == "MedicationRequest").unwrap();
        order["meta"]["versionId"] = "2".into();
        order["dosageInstruction"][0]["timing"]["repeat"]["timeOfDay"] = serde_json::json!(["09:00:00", "21:00:00"]);
        let imported = homeline.plan().import(bundle.to_string().into_bytes()).await.unwrap();
        let times = "Changed times: vancomycin 1.25 g. Before: 2 times every 1 days at 08:00 and 20:00 for 90 minutes. \
                     Now: 2 times every 1 days at 09:00 and 21:00 for 90 minutes.";
        assert_eq!(imported.changes, [times]);
        let again = homeline.plan().import(bundle.to_string().into_bytes()).await.unwrap();
        assert!(again.changes.is_empty(), "the same plan twice changes nothing: {:?}", again.changes);

        assert_eq!(statements(&homeline).await, [old], "the past is not rewritten");
        phone.clock.advance(chrono::Duration::minutes(58));
        let changed = row(&homeline, "vancomycin").await;
        assert_eq!(changed.time.as_deref(), Some("09:00"), "{changed:?}");
        act(&homeline, &action(&changed, "dose.start")).await;
        let new = statements(&homeline).await.pop().unwrap().order.unwrap();
        assert_eq!((given_under.id, given_under.version.as_deref()), (new.id, Some("1")));
        assert_eq!(new.version.as_deref(), Some("2"));
    });
}

#[test]
fn a_tap_on_a_dose_that_no_plan_knows_says_so() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:02:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        let stranger: OccurrenceId = "6ba7b810-9dad-51d1-80b4-00c04fd430c8".parse().unwrap();
        let error = homeline.agenda().act(format!("dose.start:{stranger}"), ActionInput::default()).await.unwrap_err();
        assert_eq!(error.code, "agenda.occurrence");
        for garbage in
            ["", "dose.start", "dose.start:", "dose.start:x", "dose.explode:6ba7b810-9dad-51d1-80b4-00c04fd430c8"]
        {
            homeline.agenda().act(garbage.to_owned(), ActionInput::default()).await.unwrap_err();
        }
        assert!(statements(&homeline).await.is_empty());
    });
}
