use chrono::Duration;
use homeline_companion::{ActionInput, Screen};
use homeline_end_to_end::phone::{Phone, play};
use homeline_home::care_team_server::{CareTeamServer, ServerConfig};
use homeline_model::{AdviceLevel, StepKey};
use serde_json::{Value, json};
use std::sync::Arc;

const EXTENSIONS: &str = "https://homeline.example/fhir/StructureDefinition";

fn team(phone: &Phone) -> CareTeamServer {
    let mut config = ServerConfig::new(phone.folder().join("team.ndjson"));
    let clock = phone.clock.clone();
    config.clock = Arc::new(move || clock.now());
    let server = CareTeamServer::start(config).unwrap();
    server.load_bundle(homeline_home::plans::named("vancomycin-elastomeric").unwrap()).unwrap();
    server
}

/// The rows under a heading.
fn titles(screen: &Screen, heading: &str) -> Vec<String> {
    let section = screen.sections.iter().filter(|section| section.title.as_deref() == Some(heading));
    section.flat_map(|section| &section.rows).map(|row| row.title.clone()).collect()
}

fn acknowledgement(id: &str, advice: &str, sender: &str) -> Value {
    json!({"resourceType": "Communication", "id": id, "status": "completed", "sent": "2026-11-24T15:00:00Z",
        "category": [{"coding": [{"system": "https://homeline.example/fhir/CodeSystem/communication-category",
            "code": "acknowledgement"}]}],
        "subject": {"reference": "Patient/vanc-patient"}, "sender": {"reference": sender},
        "about": [{"reference": format!("Observation/{advice}")}]})
}

#[test]
fn an_open_alert_stays_first_on_todays_screen_until_a_clinician_closes_it() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let server = team(&phone);
        let homeline = phone.begin("vancomycin-elastomeric").await;
        homeline.sync().enrol(server.base_url(), "vanc-patient".to_owned(), None).await.unwrap();
        let logged = homeline.journal().vital("38.6 C".to_owned()).await.unwrap();
        assert_eq!(logged[0].advice[0].rule, "N01");

        let today = homeline.agenda().today().await.unwrap();
        assert_eq!(today.sections[0].title.as_deref(), Some("Call"), "before everything else");
        assert!(today.sections[0].rows[0].title.starts_with("+1-555-0142"), "the number: {:?}", today.sections[0]);
        let advice = today.sections[0].rows[0].id.strip_prefix("advice/").unwrap().to_owned();

        let for_the_clinician = homeline.clinician().screen().await.unwrap();
        let fever = for_the_clinician.rows().find(|row| row.id == "ctcae-fever").unwrap();
        assert_eq!(fever.state.as_deref(), Some("CTCAE fever: grade 1"));

        // Neither a lower temperature, nor two weeks, nor another start of the app closes it.
        phone.clock.advance(Duration::hours(3));
        homeline.journal().vital("36.8 C".to_owned()).await.unwrap();
        phone.clock.advance(Duration::days(14));
        homeline.close().await.unwrap();
        let homeline = phone.open().await;
        assert_eq!(titles(&homeline.agenda().today().await.unwrap(), "Call").len(), 1);

        // Nor does somebody at home.
        server.put(acknowledgement("ack-home", &advice, "Patient/vanc-patient")).unwrap();
        assert_eq!(homeline.sync().now().await.unwrap().stopped, None);
        assert_eq!(titles(&homeline.agenda().today().await.unwrap(), "Call").len(), 1);

        server.put(acknowledgement("ack-nurse", &advice, "Practitioner/vanc-nurse")).unwrap();
        assert_eq!(homeline.sync().now().await.unwrap().messages, 1);
        assert_eq!(titles(&homeline.agenda().today().await.unwrap(), "Call"), [""; 0]);

        // The next fever opens it anew, also after another start.
        let again = homeline.journal().vital("38.2 C".to_owned()).await.unwrap();
        assert_eq!(again[0].advice[0].level, AdviceLevel::CallNow);
        homeline.close().await.unwrap();
        let homeline = phone.open().await;
        assert_eq!(titles(&homeline.agenda().today().await.unwrap(), "Call").len(), 1);
    });
}

#[test]
fn chills_are_told_after_a_flush_and_not_hours_after_a_dose() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        let now = phone.clock.now();
        let items = homeline.agenda().items(now - Duration::hours(1), now + Duration::days(1)).await.unwrap();
        let doses: Vec<_> =
            items.iter().filter(|item| item.steps.iter().any(|step| step.key == StepKey::Flush)).collect();
        let [dose, next, ..] = doses.as_slice() else { panic!("two doses a day: {items:?}") };
        let [dose_id, next_id] = [dose, next].map(|item| item.occurrence.as_ref().unwrap().id);
        for verb in ["dose.start", "dose.finish"] {
            homeline.agenda().act(format!("{verb}:{dose_id}"), ActionInput::default()).await.unwrap();
            phone.clock.advance(Duration::hours(1));
        }
        phone.clock.advance(Duration::hours(2));
        let chills = async || homeline.journal().symptom("chills".to_owned(), true, None, None).await.unwrap().advice;
        assert_eq!(chills().await, []);
        let flush = next.steps.iter().find(|step| step.key == StepKey::Flush).unwrap();
        let flushed = format!("step.done:{next_id}:{}:flush", flush.index);
        homeline.agenda().act(flushed, ActionInput::default()).await.unwrap();
        phone.clock.advance(Duration::minutes(20));
        assert_eq!(chills().await[0].rule, "N02");
    });
}

#[test]
fn what_the_team_set_and_the_app_cannot_follow_is_on_todays_screen() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        assert_eq!(titles(&homeline.agenda().today().await.unwrap(), "Not as your team set it"), [""; 0]);
        let mut bundle: Value =
            serde_json::from_str(homeline_home::plans::named("vancomycin-elastomeric").unwrap()).unwrap();
        for entry in bundle["entry"].as_array_mut().unwrap() {
            let resource = &mut entry["resource"];
            if resource["resourceType"] == "CarePlan" {
                let rule = |parts: Value| json!({"url": format!("{EXTENSIONS}/triage-rule"), "extension": parts});
                let extensions = resource["extension"].as_array_mut().unwrap();
                extensions.push(rule(json!([{"url": "id", "valueCode": "N07"}, {"url": "when", "valueString": "{"}])));
                extensions.push(rule(json!([{"url": "id", "valueCode": "N08"}, {"url": "level", "valueCode": "x"}])));
            }
            if resource["resourceType"] == "MedicationRequest" && resource["id"] == "vanc-order" {
                resource["medicationCodeableConcept"] = json!({"text": "Vancomycin 1.0 g QD"});
                resource.as_object_mut().unwrap().remove("medicationReference");
            }
        }
        homeline.plan().import(serde_json::to_vec(&bundle).unwrap()).await.unwrap();
        let today = homeline.agenda().today().await.unwrap();
        let not_followed = titles(&today, "Not as your team set it");
        assert_eq!(not_followed.len(), 2, "{not_followed:?}");
        assert!(not_followed[0].contains("N07"), "{not_followed:?}");
        let as_written = today.rows().filter(|row| row.title.contains("QD")).map(|row| row.title.as_str());
        let as_written: Vec<&str> = as_written.collect();
        assert!(!as_written.is_empty() && as_written.iter().all(|title| title.starts_with("As written: “")));
    });
}
