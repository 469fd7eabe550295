use homeline_companion::{ActionInput, Homeline, Recipient};
use homeline_end_to_end::fussy_server::FussyServer;
use homeline_end_to_end::phone::{Phone, play};
use homeline_home::care_team_server::{CareTeamServer, ServerConfig};
use homeline_model::{EntryId, Severity};
use serde_json::Value;
use std::sync::Arc;

const TYPES: [&str; 6] = [
    "MedicationAdministration",
    "Observation",
    "Communication",
    "DocumentReference",
    "QuestionnaireResponse",
    "Procedure",
];

fn team(phone: &Phone) -> CareTeamServer {
    let mut config = ServerConfig::new(phone.folder().join("team.ndjson"));
    let clock = phone.clock.clone();
    config.clock = Arc::new(move || clock.now());
    let server = CareTeamServer::start(config).unwrap();
    server.load_bundle(homeline_home::plans::named("vancomycin-elastomeric").unwrap()).unwrap();
    server
}

/// How many resources of the server carry this entry, by id or by identifier.
fn copies(server: &CareTeamServer, entry: EntryId) -> usize {
    let name = entry.to_string();
    let carries = |resource: &Value| {
        resource["id"] == name.as_str()
            || resource["identifier"].as_array().into_iter().flatten().chain([&resource["identifier"]]).any(
                |identifier| {
                    identifier["value"].as_str().is_some_and(|value| value.trim_start_matches("urn:uuid:") == name)
                },
            )
    };
    TYPES.iter().flat_map(|kind| server.resources(kind)).filter(carries).count()
}

/// An hour of writing things down: a dose, how it felt, a temperature, words, a question, a message.
async fn an_hour(homeline: &Homeline) -> Vec<EntryId> {
    let journal = homeline.journal();
    let mut written = Vec::new();
    let today = homeline.agenda().today().await.unwrap();
    if let Some(start) = today.rows().flat_map(|row| &row.actions).find(|action| action.id.starts_with("dose.")) {
        let input = ActionInput { reason: Some("as agreed".to_owned()), ..ActionInput::default() };
        written.push(homeline.agenda().act(start.id.clone(), input).await.unwrap().entry);
    }
    written.push(journal.symptom("nausea".to_owned(), true, Some(Severity::Mild), None).await.unwrap().entry);
    written.extend(journal.vital("37.1 C".to_owned()).await.unwrap().iter().map(|logged| logged.entry));
    written.extend(journal.vital("118/76 mmHg".to_owned()).await.unwrap().iter().map(|logged| logged.entry));
    written.push(journal.note("the village without signal".to_owned(), false).await.unwrap().entry);
    written.push(journal.question("may I swim?".to_owned()).await.unwrap().entry);
    let message = homeline.messages().send(Recipient::Pharmacist, "the bag is cold".to_owned()).await;
    written.push(message.unwrap().entry);
    written
}

#[test]
fn hours_without_network_arrive_whole_and_once() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let mut server = team(&phone);
        let homeline = phone.begin("vancomycin-elastomeric").await;
        homeline.sync().enrol(server.base_url(), "vanc-patient".to_owned(), None).await.unwrap();
        assert_eq!(homeline.sync().now().await.unwrap().stopped, None);

        server.go_offline();
        let mut written = Vec::new();
        for _ in 0..4 {
            phone.clock.advance(chrono::Duration::hours(1));
            written.extend(an_hour(&homeline).await);
            let synced = homeline.sync().now().await.unwrap();
            assert!(synced.stopped.is_some() && synced.sent == 0);
            assert!(synced.state.sentence.contains("08:00"), "{}", synced.state.sentence);
        }
        assert!(homeline.sync().status().await.unwrap().waiting >= written.len() as u64);

        server.go_online().unwrap();
        let synced = homeline.sync().now().await.unwrap();
        assert_eq!((synced.stopped, synced.state.waiting), (None, 0));
        assert_eq!(synced.state.sentence, "The care team has everything up to 12:00.");
        for entry in &written {
            assert_eq!(copies(&server, *entry), 1, "{entry}");
        }
        // Once more, and from a phone that was restarted: nothing is sent again, nothing comes back as new.
        let count = homeline.journal().count().await.unwrap();
        homeline.close().await.unwrap();
        let again = phone.open().await;
        let synced = again.sync().now().await.unwrap();
        assert_eq!((synced.sent, synced.messages), (0, 0));
        assert_eq!(again.journal().count().await.unwrap(), count);
        for entry in &written {
            assert_eq!(copies(&server, *entry), 1, "{entry}");
        }
    });
}

#[test]
fn a_power_loss_right_after_the_push_sends_nothing_twice() {
    let mut phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let server = team(&phone);
        let homeline = phone.begin("vancomycin-elastomeric").await;
        homeline.sync().enrol(server.base_url(), "vanc-patient".to_owned(), None).await.unwrap();
        let written = an_hour(&homeline).await;
        // The server has it all; this phone wakes up with the state of before and sends it all again.
        phone.lose_power();
        homeline.sync().now().await.unwrap();
        let again = phone.open().await;
        let synced = again.sync().now().await.unwrap();
        assert_eq!((synced.stopped, synced.state.waiting, synced.messages), (None, 0, 0));
        for entry in &written {
            assert_eq!(copies(&server, *entry), 1, "{entry}");
        }
        assert!(again.security().verify().await.unwrap().findings.is_empty());
    });
}

#[test]
fn one_record_that_the_server_refuses_is_set_aside_and_the_rest_goes_on() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let server = team(&phone);
        let front = FussyServer::before(&server.base_url(), "a word that it cannot take").unwrap();
        let homeline = phone.begin("vancomycin-elastomeric").await;
        homeline.sync().enrol(front.base_url(), "vanc-patient".to_owned(), None).await.unwrap();
        let mut written = an_hour(&homeline).await;
        let poison = homeline.journal().note("a word that it cannot take".to_owned(), false).await.unwrap().entry;
        written.extend(an_hour(&homeline).await);

        let synced = homeline.sync().now().await.unwrap();
        assert_eq!((synced.stopped, synced.set_aside, synced.state.waiting), (None, 1, 0));
        assert!(front.refused() >= 2, "in a bundle, then alone");
        for entry in &written {
            assert_eq!(copies(&server, *entry), 1, "{entry}");
        }
        assert_eq!(copies(&server, poison), 0);
        let aside = &synced.state.set_aside[0];
        assert!(aside.reason.contains("422"), "{}", aside.reason);
        assert!(homeline.journal().entry(poison).await.unwrap().is_some(), "it is still in the journal");

        // It holds up nothing later either.
        let later = homeline.journal().note("and a good one".to_owned(), false).await.unwrap().entry;
        assert_eq!(homeline.sync().now().await.unwrap().state.waiting, 0);
        assert_eq!(copies(&server, later), 1);
    });
}

#[test]
fn an_answer_of_the_team_arrives_once_and_says_who_wrote() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let server = team(&phone);
        let homeline = phone.begin("vancomycin-elastomeric").await;
        homeline.sync().enrol(server.base_url(), "vanc-patient".to_owned(), None).await.unwrap();
        homeline.messages().send(Recipient::Pharmacist, "the bag is cold".to_owned()).await.unwrap();
        homeline.sync().now().await.unwrap();
        let plan = homeline.plan().current().await.unwrap().unwrap();
        let pharmacist = plan.care_team.iter().find(|person| person.role.contains("harmac")).unwrap();
        phone.clock.advance(chrono::Duration::minutes(9));
        let sender = format!("Practitioner/{}", pharmacist.id);
        server.answer_newest_message(&sender, "Let it stand for an hour.").unwrap().unwrap();
        let messages = homeline.sync().now().await.unwrap().messages + homeline.sync().now().await.unwrap().messages;
        assert_eq!(messages, 1);
        let rows = homeline.messages().list(10).await.unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].title, "Let it stand for an hour.");
        assert_eq!(rows[0].state, Some(format!("from {}", pharmacist.name)));
    });
}
