use homeline_companion::{
    ActionInput, Emphasis, ErrorKind, Homeline, HomelineError, JournalFilter, NewCaregiver, NewMessage, Recipient, Row,
    Screen,
};
use homeline_end_to_end::fussy_server::FussyServer;
use homeline_end_to_end::home::{Home, TOMAS};
use homeline_end_to_end::phone::{Phone, at, plan, play};
use homeline_model::{AuthorRole, EntryBody, EntryId, EntryKind, PersonId, RequestOutcome, Right, Settlement};
use serde_json::{Value, json};

const VANCOMYCIN: &str = "vancomycin-elastomeric";

fn tomas() -> PersonId {
    PersonId::new(TOMAS).unwrap()
}

fn refused<T: std::fmt::Debug>(result: Result<T, HomelineError>) -> &'static str {
    let error = result.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotAllowed, "{error}");
    error.code
}

async fn morning_dose(homeline: &Homeline) -> Row {
    let today = homeline.agenda().today().await.unwrap();
    let is_it = |row: &&Row| row.title == "vancomycin 1.25 g" && row.time.as_deref() == Some("08:00");
    today.rows().find(is_it).unwrap().clone()
}

async fn record(homeline: &Homeline, verb: &str, row: &Row, time: Option<&str>) {
    let input = ActionInput {
        at: time.map(at),
        reason: matches!(verb, "skip" | "stop").then(|| "no time".to_owned()),
        ..ActionInput::default()
    };
    homeline.agenda().act(format!("dose.{verb}:{}", row.id), input).await.unwrap();
}

fn lines(screen: &Screen) -> String {
    let rows = screen.rows().flat_map(|row| {
        [row.time.clone().unwrap_or_default(), row.title.clone(), row.state.clone().unwrap_or_default()]
            .into_iter()
            .chain(row.details.clone())
    });
    rows.collect::<Vec<_>>().join("\n")
}

#[test]
fn each_right_opens_its_calls_and_no_others_on_the_phone_that_holds_it() {
    play(async {
        let home = Home::new(VANCOMYCIN).await;
        let give = async |rights: &[Right]| {
            home.rosa.caregivers().set_rights(tomas(), rights.to_vec(), None).await.unwrap();
            home.sync().await;
        };
        let t = &home.tomas;
        let row = morning_dose(t).await;
        let tries = async || {
            let see = t.agenda().today().await.map(|_| ());
            let log = t.journal().note("he slept".into(), false).await.map(|_| ());
            let acknowledge = t.reminders().seen(row.id.parse().unwrap()).await;
            let message = t.messages().send(Recipient::Nurse, "a question".into()).await.map(|_| ());
            let manage = t.caregivers().audit(7).await.map(|_| ());
            [see, log, acknowledge, message, manage].map(|result| match result {
                Ok(()) => true,
                Err(error) => {
                    assert_eq!((error.kind, error.code), (ErrorKind::NotAllowed, "rights.missing"), "{error}");
                    false
                }
            })
        };
        for (index, right) in Right::ALL.into_iter().enumerate() {
            give(&[right]).await;
            let mut expected = [false; 5];
            expected[index] = true;
            assert_eq!(tries().await, expected, "{right:?}");
        }
        give(&Right::ALL).await;
        assert_eq!(tries().await, [true; 5]);
        // What the phone shows as an action is refused as well, and so is what reads the past.
        give(&[Right::See]).await;
        assert_eq!(
            refused(t.agenda().act(format!("dose.finish:{}", row.id), ActionInput::default()).await),
            "rights.missing"
        );
        assert_eq!(refused(t.plan().import(plan(VANCOMYCIN)).await), "rights.missing");
        assert_eq!(refused(t.caregivers().revoke(tomas()).await), "rights.missing");
        assert_eq!(
            refused(t.messages().threads().await.map(|_| ()).and(t.messages().drafts().await)),
            "rights.missing"
        );
        give(&[Right::Log]).await;
        assert_eq!(refused(t.plan().current().await), "rights.missing");
        assert_eq!(refused(t.reminders().plan_as_of(at("2026-11-24T14:00:00Z"), 64).await), "rights.missing");
        assert_eq!(refused(t.journal().search("slept".into(), 5).await), "rights.missing");
    });
}

#[test]
fn rights_end_at_their_time_without_any_network_and_at_the_next_contact_the_phone_forgets() {
    play(async {
        let mut home = Home::new(VANCOMYCIN).await;
        let rights = vec![Right::See, Right::Log, Right::Acknowledge];
        home.rosa.journal().note("only for the house".into(), false).await.unwrap();
        home.rosa.caregivers().set_rights(tomas(), rights, Some(at("2026-11-24T02:00:00Z"))).await.unwrap();
        home.sync().await;
        let t = &home.tomas;
        assert_eq!(t.journal().search("house".into(), 5).await.unwrap().len(), 1);
        t.reminders().hand_over(64).await.unwrap();
        assert!(!home.tomas_phone.centre.held().is_empty());
        home.server.go_offline();
        home.pass(60);
        t.journal().note("written while it was allowed".into(), false).await.unwrap();
        home.pass(12 * 60);
        assert_eq!(refused(t.agenda().today().await), "rights.missing");
        assert_eq!(refused(t.journal().note("too late".into(), false).await), "rights.missing");
        // It rings no more, although nobody told this phone anything.
        t.reminders().hand_over(64).await.unwrap();
        assert_eq!(home.tomas_phone.centre.held(), []);

        home.server.go_online().unwrap();
        let synced = t.sync().now().await.unwrap();
        assert!(synced.access_ended, "{synced:?}");
        assert_eq!(refused(t.agenda().today().await), "rights.ended");
        assert_eq!(refused(t.sync().now().await), "rights.ended");
        // What he wrote while he might has arrived; what others wrote is gone from his disk, and his chain is whole.
        let notes: Vec<Value> = home.server.resources("Observation");
        assert!(notes.iter().any(|note| note["valueString"] == "written while it was allowed"));
        let verified = t.security().verify().await.unwrap();
        assert!(verified.findings.is_empty(), "{verified:?}");
        let again = {
            t.close().await.unwrap();
            home.tomas_phone.open().await
        };
        assert_eq!(refused(again.journal().count().await), "rights.ended");

        // A new invitation opens it anew.
        home.rosa.caregivers().set_rights(tomas(), vec![Right::See], None).await.unwrap();
        home.rosa.sync().now().await.unwrap();
        let invitation = home.rosa.caregivers().invitation(tomas()).await.unwrap();
        again.caregivers().join(invitation, None).await.unwrap();
        assert_eq!(again.journal().count().await.unwrap(), verified.entries, "nothing of others was left");
        again.sync().now().await.unwrap();
        assert_eq!(again.journal().search("house".into(), 5).await.unwrap().len(), 1);
    });
}

#[test]
fn revoking_works_from_the_patients_phone_says_when_it_takes_effect_and_removes_what_was_mirrored() {
    play(async {
        let home = Home::new(VANCOMYCIN).await;
        let (r, t) = (&home.rosa, &home.tomas);
        assert!(t.agenda().today().await.is_ok());
        r.caregivers().revoke(tomas()).await.unwrap();
        let screen = r.caregivers().screen().await.unwrap();
        let row = screen.rows().find(|row| row.title == "Tomas Ibarra").unwrap();
        assert_eq!((row.state.as_deref(), row.emphasis), (Some("no rights"), Emphasis::Attention));
        assert!(row.details.iter().any(|line| line.starts_with("Not sent yet")), "{row:?}");
        assert!(screen.footer[0].contains("at its next contact"), "{:?}", screen.footer);
        // His phone has not heard of it.
        assert!(t.agenda().today().await.is_ok());
        r.sync().now().await.unwrap();
        let consent = &home.server.resources("Consent")[0];
        assert_eq!((&consent["status"], &consent["provision"]["type"]), (&json!("inactive"), &json!("deny")));
        assert!(t.sync().now().await.unwrap().access_ended);
        assert_eq!(refused(t.plan().current().await), "rights.ended");
        let screen = r.caregivers().screen().await.unwrap();
        let row = screen.rows().find(|row| row.title == "Tomas Ibarra").unwrap();
        assert_eq!(row.emphasis, Emphasis::Plain, "the server has it: {row:?}");
    });
}

#[test]
fn a_server_that_shuts_the_record_hides_it_at_once_and_removes_it_when_it_stays_shut() {
    play(async {
        let home = Home::new(VANCOMYCIN).await;
        let front = FussyServer::before(&home.server.base_url(), "no such word").unwrap();
        let t = &home.tomas;
        t.sync().enrol(front.base_url(), "vanc-patient".into(), None).await.unwrap();
        t.sync().now().await.unwrap();
        t.journal().note("not sent yet".into(), false).await.unwrap();
        front.shut(true);
        assert!(!t.sync().now().await.unwrap().access_ended);
        assert_eq!(refused(t.journal().search("sent".into(), 5).await), "rights.shut");
        // A slip on the server: an hour later it is open again, and nothing was lost.
        home.pass(60);
        front.shut(false);
        t.sync().now().await.unwrap();
        assert_eq!(t.journal().search("sent".into(), 5).await.unwrap().len(), 1);
        front.shut(true);
        t.sync().now().await.unwrap();
        home.pass(23 * 60);
        assert!(!t.sync().now().await.unwrap().access_ended);
        home.pass(2 * 60);
        assert!(t.sync().now().await.unwrap().access_ended);
        assert_eq!(refused(t.agenda().today().await), "rights.ended");
        // The patient's own phone hides nothing from the patient.
        home.rosa.sync().enrol(front.base_url(), "vanc-patient".into(), None).await.unwrap();
        home.rosa.sync().now().await.unwrap();
        assert!(home.rosa.agenda().today().await.is_ok());
    });
}

#[test]
fn somebody_new_is_invited_from_home_and_an_end_that_the_team_gave_stands_as_well() {
    play(async {
        let home = Home::new(VANCOMYCIN).await;
        let new = |name: &str, rights: &[Right]| NewCaregiver {
            name: name.to_owned(),
            relationship: "daughter".to_owned(),
            rights: rights.to_vec(),
            until: None,
        };
        let r = home.rosa.caregivers();
        let field = async |new| r.invite(new).await.unwrap_err().field;
        assert_eq!(field(new("", &[Right::See])).await.as_deref(), Some("name"));
        assert_eq!(field(new("Tomas Ibarra", &[Right::See])).await.as_deref(), Some("name"));
        assert_eq!(field(new("Lucia Ibarra", &[])).await.as_deref(), Some("rights"));
        let past = NewCaregiver { until: Some(at("2026-11-20T00:00:00Z")), ..new("Lucia Ibarra", &[Right::See]) };
        assert_eq!(field(past).await.as_deref(), Some("until"));

        let invitation = r.invite(new("Lucia Ibarra", &[Right::See, Right::Log])).await.unwrap();
        home.rosa.sync().now().await.unwrap();
        assert!(home.server.resource("RelatedPerson", invitation.person.as_str()).is_some());
        let lucias = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
        let lucia = lucias.make("Lucia", AuthorRole::Caregiver).await;
        lucia.caregivers().join(invitation.clone(), None).await.unwrap();
        lucia.sync().now().await.unwrap();
        let entry = lucia.journal().note("he ate well".into(), false).await.unwrap().entry;
        let (entry, _) = lucia.journal().entry(entry).await.unwrap().unwrap();
        assert_eq!(entry.author.person, Some(invitation.person.clone()), "the profile says who holds the phone");
        assert_eq!(refused(lucia.messages().send(Recipient::Nurse, "x".into()).await), "rights.missing");
        let error = home.rosa.caregivers().join(invitation, None).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::BadInput, "the patient's own phone is nobody else's");
    });
}

#[test]
fn a_server_that_does_not_take_consents_is_told_of_and_nothing_is_claimed() {
    play(async {
        let home = Home::new(VANCOMYCIN).await;
        let front = FussyServer::before(&home.server.base_url(), "\"Consent\"").unwrap();
        home.rosa.sync().enrol(front.base_url(), "vanc-patient".into(), None).await.unwrap();
        home.rosa.caregivers().revoke(tomas()).await.unwrap();
        home.rosa.sync().now().await.unwrap();
        let screen = home.rosa.caregivers().screen().await.unwrap();
        let row = screen.rows().find(|row| row.title == "Tomas Ibarra").unwrap();
        assert_eq!(row.emphasis, Emphasis::Urgent, "{row:?}");
        assert!(row.details.iter().any(|line| line.contains("did not take this change")), "{row:?}");
        home.tomas.sync().now().await.unwrap();
        assert!(home.tomas.agenda().today().await.is_ok(), "on his phone the old rights hold, as the screen says");
    });
}

#[test]
fn two_people_at_one_dose_are_two_lines_and_one_dose() {
    play(async {
        let mut home = Home::new(VANCOMYCIN).await;
        home.server.go_offline();
        let (r, t) = (&home.rosa, &home.tomas);
        let row = morning_dose(r).await;
        home.pass(125);
        record(r, "finish", &row, Some("2026-11-23T15:30:00Z")).await;
        record(t, "finish", &row, Some("2026-11-23T15:34:00Z")).await;
        home.server.go_online().unwrap();
        home.sync().await;
        for homeline in [r, t] {
            let items = homeline.agenda().items(at("2026-11-23T06:00:00Z"), at("2026-11-24T06:00:00Z")).await.unwrap();
            let dose = items.iter().find(|item| item.id == row.id).unwrap();
            let mut names: Vec<&str> = dose.statements.iter().map(|said| said.author.name.as_str()).collect();
            names.sort_unstable();
            assert_eq!(names, ["Rosa Ibarra", "Tomas Ibarra"], "both attestations");
            assert!(!dose.disagreement && !dose.possible_double);
            assert_eq!(items.iter().filter(|item| item.title == dose.title && !item.statements.is_empty()).count(), 1);
            let report = homeline.report().visit(1).await.unwrap();
            assert_eq!(report.doses_recorded, 1, "counted once");
        }
        let given = home.server.resources("MedicationAdministration");
        assert_eq!(given.len(), 2);
        assert!(given.iter().all(|one| one["status"] == "completed"), "nobody's line was taken back: {given:?}");
    });
}

#[test]
fn what_one_person_wrote_is_never_taken_back_by_the_other_who_goes_on_with_it() {
    play(async {
        let home = Home::new(VANCOMYCIN).await;
        let (r, t) = (&home.rosa, &home.tomas);
        let row = morning_dose(r).await;
        record(r, "start", &row, None).await;
        home.sync().await;
        home.pass(90);
        record(t, "finish", &row, None).await;
        home.sync().await;
        for homeline in [r, t] {
            assert_eq!(morning_dose(homeline).await.state.as_deref(), Some("done 09:30"));
        }
        let statuses = || {
            let given = home.server.resources("MedicationAdministration");
            let mut statuses: Vec<String> =
                given.iter().map(|one| one["status"].as_str().unwrap().to_owned()).collect();
            statuses.sort();
            statuses
        };
        assert_eq!(statuses(), ["completed", "in-progress"], "her start is hers");
        // She corrects her own line, and only that.
        record(r, "finish", &row, None).await;
        record(r, "stop", &row, None).await;
        home.sync().await;
        assert!(statuses().contains(&"completed".to_owned()), "{:?}", statuses());
        assert!(morning_dose(t).await.details.iter().any(|line| line.contains("Two people wrote two things")));
    });
}

#[test]
fn morning_and_afternoon_for_one_dose_may_be_two_doses_and_is_settled_on_both_phones() {
    play(async {
        let mut home = Home::new(VANCOMYCIN).await;
        home.server.go_offline();
        let (r, t) = (&home.rosa, &home.tomas);
        let row = morning_dose(r).await;
        home.pass(6 * 60 + 10);
        record(r, "finish", &row, Some("2026-11-23T14:05:00Z")).await;
        record(t, "finish", &row, Some("2026-11-23T20:05:00Z")).await;
        home.server.go_online().unwrap();
        home.sync().await;
        for homeline in [r, t] {
            let dose = morning_dose(homeline).await;
            assert_eq!(dose.emphasis, Emphasis::Urgent, "{dose:?}");
            let told = dose.details.join("\n");
            assert!(told.contains("Rosa Ibarra: done 08:05") && told.contains("Tomas Ibarra: done 14:05"), "{told}");
            assert!(told.contains("two times") && told.contains("Call your nurse now."), "{told}");
            assert_eq!(dose.actions.len(), 3, "{dose:?}");
        }
        let tap = |outcome: &str| format!("dose.settle:{}:{outcome}", row.id);
        let logged = t.agenda().act(tap("two-doses"), ActionInput::default()).await.unwrap();
        assert!(logged.advice.iter().any(|advice| advice.rule == "N12"), "{logged:?}");
        home.sync().await;
        for homeline in [r, t] {
            let dose = morning_dose(homeline).await;
            assert!(dose.actions.is_empty() && !dose.details.join(" ").contains("two times"), "settled: {dose:?}");
            assert_eq!(homeline.journal().search("double".into(), 5).await.unwrap().len(), 1, "and told to triage");
        }
        let error = r.caregivers().settle(row.id.parse().unwrap(), Settlement::OneDose).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::BadInput, "once is enough");
        // Both lines stay as they were written.
        let said = JournalFilter { kinds: vec![EntryKind::Administration], ..JournalFilter::default() };
        assert_eq!(r.journal().timeline(said, None, 9).await.unwrap().rows.len(), 2);
    });
}

#[test]
fn given_and_left_out_is_settled_as_given_and_the_dose_counts_as_given() {
    play(async {
        let mut home = Home::new(VANCOMYCIN).await;
        home.server.go_offline();
        let (r, t) = (&home.rosa, &home.tomas);
        let row = morning_dose(r).await;
        home.pass(100);
        record(r, "finish", &row, Some("2026-11-23T15:30:00Z")).await;
        home.pass(1);
        record(t, "skip", &row, None).await;
        home.server.go_online().unwrap();
        home.sync().await;
        let clash = morning_dose(r).await;
        assert_eq!(clash.emphasis, Emphasis::Attention);
        assert!(clash.state.as_deref().unwrap().starts_with("left out"), "the latest: {clash:?}");
        r.agenda().act(format!("dose.settle:{}:one-dose", row.id), ActionInput::default()).await.unwrap();
        home.sync().await;
        for homeline in [r, t] {
            assert!(morning_dose(homeline).await.state.as_deref().unwrap().starts_with("done"));
        }
    });
}

/// The plan with a chain of alarms: the caregiver's phone after 20 minutes.
fn with_escalation() -> String {
    let mut bundle: Value = serde_json::from_slice(&plan(VANCOMYCIN)).unwrap();
    let entries = bundle["entry"].as_array_mut().unwrap();
    let care_plan =
        entries.iter_mut().map(|entry| &mut entry["resource"]).find(|r| r["resourceType"] == "CarePlan").unwrap();
    let minutes = |name: &str, value: u32| json!({"url": name, "valueDuration": {"value": value, "system": "http://unitsofmeasure.org", "code": "min"}});
    care_plan["extension"].as_array_mut().unwrap().push(json!({
        "url": "https://homeline.example/fhir/StructureDefinition/escalation",
        "extension": [minutes("repeatAfter", 10), minutes("caregiverAfter", 20), minutes("teamAfter", 60)]}));
    bundle.to_string()
}

#[test]
fn the_caregivers_phone_rings_at_night_with_the_app_closed_and_an_acknowledgement_that_came_takes_the_alarm_back() {
    play(async {
        let home = Home::with(&with_escalation()).await;
        let (r, t) = (&home.rosa, &home.tomas);
        // In the evening both phones plan the night, and the caregiver's app is closed.
        t.reminders().hand_over(64).await.unwrap();
        t.close().await.unwrap();
        let evening = |id: &str| id.contains("/escalation");
        let rings: Vec<_> = home.tomas_phone.centre.held().into_iter().filter(|(id, _)| evening(id)).collect();
        assert!(rings.iter().any(|(_, rings)| *rings == at("2026-11-24T02:20:00Z")), "{rings:?}");
        home.pass(12 * 60 + 21);
        let rang: Vec<String> = home.tomas_phone.centre.ring().into_iter().map(|alarm| alarm.id).collect();
        assert!(rang.iter().any(|id| evening(id)), "nobody answered at 20:00, so his phone rang: {rang:?}");

        // The next night she answers in time, and his phone hears of it in the background.
        let again = home.tomas_phone.open().await;
        again.reminders().hand_over(64).await.unwrap();
        home.pass(24 * 60 - 16);
        let today = r.agenda().today().await.unwrap();
        let dose = today.rows().find(|row| row.title == "vancomycin 1.25 g" && row.time.as_deref() == Some("20:00"));
        let dose = dose.unwrap().id.clone();
        r.reminders().answer(format!("dose.acknowledge:{dose}"), ActionInput::default()).await.unwrap();
        r.reminders().answer(format!("dose.acknowledge:{dose}"), ActionInput::default()).await.unwrap();
        r.sync().now().await.unwrap();
        let of_dose = |id: &String| id.starts_with(&dose) && evening(id);
        assert!(home.tomas_phone.centre.held().iter().any(|(id, _)| of_dose(id)));
        again.sync().now().await.unwrap();
        again.reminders().hand_over(64).await.unwrap();
        assert!(!home.tomas_phone.centre.held().iter().any(|(id, _)| of_dose(id)), "taken back");
        let seen = JournalFilter { kinds: vec![EntryKind::Caregiving], ..JournalFilter::default() };
        let rows = again.journal().timeline(seen, None, 10).await.unwrap().rows;
        let taken: Vec<&Row> =
            rows.iter().filter(|row| row.state.as_deref() == Some("alarm seen and taken over")).collect();
        assert_eq!(taken.len(), 1, "once: {rows:?}");
        // It says nothing of the dose: that is still open.
        let today = again.agenda().today().await.unwrap();
        assert_eq!(today.rows().find(|row| row.id == dose).unwrap().state.as_deref(), Some("due now"));
    });
}

#[test]
fn a_request_ends_in_done_refused_or_unknown_on_both_phones() {
    play(async {
        let home = Home::new(VANCOMYCIN).await;
        let (r, t) = (&home.rosa, &home.tomas);
        let ask = async |text: &str| {
            let due = at("2026-11-23T18:00:00Z");
            r.caregivers().ask(Some(tomas()), text.to_owned(), due).await.unwrap().entry
        };
        let (bag, box_, call) = (ask("Bring the bag").await, ask("Open the box").await, ask("Call the nurse").await);
        assert!(r.caregivers().ask(None, "me".into(), at("2026-11-23T18:00:00Z")).await.is_err(), "not oneself");
        assert!(r.caregivers().ask(Some(tomas()), "late".into(), at("2026-11-23T13:00:00Z")).await.is_err());
        home.sync().await;
        let of = async |homeline: &Homeline, id: EntryId| {
            let screen = homeline.caregivers().requests().await.unwrap();
            screen.rows().find(|row| row.id == format!("request/{id}")).unwrap().clone()
        };
        assert!(of(r, bag).await.actions.is_empty(), "only who was asked can answer");
        let error = r.caregivers().answer(bag, RequestOutcome::Done, None).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::BadInput);
        let tap = of(t, bag).await.actions[0].id.clone();
        let first = t.agenda().act(tap.clone(), ActionInput::default()).await.unwrap().entry;
        assert_eq!(t.agenda().act(tap, ActionInput::default()).await.unwrap().entry, first);
        let note = Some("I am at work".to_owned());
        t.caregivers().answer(box_, RequestOutcome::Refused, note).await.unwrap();
        assert!(t.caregivers().answer(box_, RequestOutcome::Done, None).await.is_err(), "the first answer stands");
        home.sync().await;
        home.sync().await;
        home.pass(5 * 60);
        for homeline in [r, t] {
            assert_eq!(of(homeline, bag).await.state.as_deref(), Some("done 08:00, says Tomas Ibarra"));
            let no = of(homeline, box_).await;
            assert_eq!(no.state.as_deref(), Some("refused 08:00 by Tomas Ibarra"));
            assert!(no.details.contains(&"I am at work".to_owned()), "{no:?}");
            let unknown = of(homeline, call).await;
            assert_eq!(unknown.state.as_deref(), Some("unknown: no answer came in time"));
            assert!(unknown.details.iter().any(|line| line.contains("+1-555-0102")), "{unknown:?}");
        }
        let task = |id: EntryId| home.server.resource("Task", &id.to_string()).unwrap()["status"].clone();
        assert_eq!([task(bag), task(box_), task(call)], [json!("completed"), json!("rejected"), json!("requested")]);
    });
}

#[test]
fn the_audit_on_the_patients_phone_tells_who_saw_and_did_what_and_who_gave_which_rights() {
    play(async {
        let home = Home::new(VANCOMYCIN).await;
        let (r, t) = (&home.rosa, &home.tomas);
        r.caregivers().set_rights(tomas(), vec![Right::See, Right::Log], None).await.unwrap();
        home.sync().await;
        home.pass(30);
        t.journal().timeline(JournalFilter::default(), None, 10).await.unwrap();
        t.report().visit(1).await.unwrap();
        t.journal().note("she slept".into(), false).await.unwrap();
        home.sync().await;
        let audit = r.caregivers().audit(7).await.unwrap();
        let told = lines(&audit);
        assert!(told.contains("Gave Tomas Ibarra the right to see and log"), "{told}");
        assert!(told.contains("Looked at: journal, report"), "{told}");
        assert!(told.contains("she slept"), "{told}");
        let looked = audit.rows().find(|row| row.details.iter().any(|line| line.contains("journal, report"))).unwrap();
        assert_eq!((looked.title.as_str(), looked.time.as_deref()), ("Tomas Ibarra", Some("08:30")));
        assert_eq!(refused(t.caregivers().audit(7).await), "rights.missing");
        assert!(r.caregivers().audit(0).await.is_err());
        // Looking at the own journal is nobody's business.
        assert!(!told.contains("Rosa Ibarra\n\nLooked at"), "{told}");
    });
}

#[test]
fn a_change_of_the_order_while_offline_is_told_before_the_next_dose_on_both_phones_and_the_past_keeps_its_version() {
    play(async {
        let mut home = Home::new(VANCOMYCIN).await;
        let (r, t) = (&home.rosa, &home.tomas);
        let row = morning_dose(r).await;
        record(r, "finish", &row, None).await;
        home.sync().await;
        home.server.go_offline();
        home.pass(3 * 60);
        let written = r.journal().note("offline".into(), false).await.unwrap().entry;
        // The team halves the dose while neither phone has a network.
        let mut order = home.server.resource("MedicationRequest", "vanc-order").unwrap();
        order["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"] = json!(1);
        home.server.put(order).unwrap();
        home.pass(2 * 60);
        home.server.go_online().unwrap();
        let synced = r.sync().now().await.unwrap();
        assert!(synced.plan_changes.iter().any(|line| line.contains("Before: 1.25 g. Now: 1 g.")), "{synced:?}");
        t.sync().now().await.unwrap();
        for homeline in [r, t] {
            let today = homeline.agenda().today().await.unwrap();
            let titles: Vec<(&str, Option<&str>)> =
                today.rows().map(|row| (row.title.as_str(), row.time.as_deref())).collect();
            assert!(titles.contains(&("vancomycin 1.25 g", Some("08:00"))), "the past as it was: {titles:?}");
            assert!(titles.contains(&("vancomycin 1 g", Some("20:00"))), "{titles:?}");
            let change = today.rows().find(|row| row.id.starts_with("plan-changed/")).unwrap();
            assert!(change.details.iter().any(|line| line.contains("Now: 1 g.")), "before the next dose: {change:?}");
        }
        let entries = JournalFilter { kinds: vec![EntryKind::Administration], ..JournalFilter::default() };
        let id = t.journal().timeline(entries, None, 5).await.unwrap().rows[0].id.parse().unwrap();
        let (given, _) = t.journal().entry(id).await.unwrap().unwrap();
        assert_eq!(given.order.unwrap().version.as_deref(), Some("1"), "the version that it ran under");
        let (note, _) = r.journal().entry(written).await.unwrap().unwrap();
        assert!(matches!(note.body, EntryBody::Note { .. }));
        // Seen once is enough.
        let change = r.agenda().today().await.unwrap();
        let change = change.rows().find(|row| row.id.starts_with("plan-changed/")).unwrap().clone();
        r.agenda().act(change.actions[0].id.clone(), ActionInput::default()).await.unwrap();
        assert!(r.agenda().today().await.unwrap().rows().all(|row| !row.id.starts_with("plan-changed/")));
        assert!(
            t.agenda().today().await.unwrap().rows().any(|row| row.id.starts_with("plan-changed/")),
            "each phone for itself"
        );
    });
}

#[test]
fn a_message_of_the_caregiver_stands_in_the_patients_threads_under_his_name() {
    play(async {
        let home = Home::new(VANCOMYCIN).await;
        home.tomas.messages().write(NewMessage::new(Recipient::Nurse, "Can you come at nine?")).await.unwrap();
        home.sync().await;
        let threads = home.rosa.messages().threads().await.unwrap();
        let row = threads.rows().find(|row| row.id.starts_with("thread/")).unwrap();
        assert_eq!(row.title, "Dana Okafor, infusion nurse");
        assert!(row.state.as_deref().unwrap().starts_with("sent"), "{row:?}");
        let page = home.rosa.journal().timeline(JournalFilter::default(), None, 5).await.unwrap();
        let row = page.rows.iter().find(|row| row.title == "Can you come at nine?").unwrap();
        assert!(row.details.contains(&"By Tomas Ibarra.".to_owned()), "{row:?}");
    });
}
