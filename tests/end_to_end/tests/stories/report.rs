use homeline_companion::{
    ActionInput, Config, Consent, Homeline, KeyProtection, NewProfile, Passcode, PasscodeCost, VisitReport,
};
use homeline_end_to_end::phone::{Phone, at, plan, play};
use homeline_home::care_team_server::{CareTeamServer, ServerConfig};
use homeline_home::plans;
use homeline_model::AuthorRole;
use serde_json::Value;
use std::sync::Arc;

const MORNING: &str = "2026-11-23T14:02:00Z";

/// Everything that the report says, format by format, except the PDF: its text is compressed, and `tests/run report` reads it.
fn formats(report: &VisitReport) -> Vec<(&'static str, String)> {
    let csv = report.csv().unwrap().into_iter().map(|file| String::from_utf8(file.bytes).unwrap()).collect();
    vec![("html", report.html()), ("csv", csv), ("fhir", report.fhir().unwrap())]
}

async fn act(homeline: &Homeline, verb: &str, input: ActionInput) {
    let today = homeline.agenda().today().await.unwrap();
    let action = today.rows().flat_map(|row| &row.actions).find(|action| action.id.starts_with(verb));
    let action = action.unwrap_or_else(|| panic!("no {verb} in {:#?}", today.sections)).id.clone();
    homeline.agenda().act(action, input).await.unwrap();
}

/// The cells of the first row of a table, by its caption, as they stand between tags.
fn row_of(markup: &str, caption: &str) -> Vec<String> {
    let table = markup.split_once(caption).unwrap_or_else(|| panic!("no table {caption}")).1;
    let row = table.split_once("<tbody><tr>").unwrap().1.split_once("</tr>").unwrap().0;
    row.split("</t")
        .filter_map(|cell| Some(cell.rsplit_once('>')?.1.to_owned()))
        .filter(|cell| !cell.is_empty())
        .collect()
}

#[test]
fn every_format_has_the_same_numbers() {
    let phone = Phone::new("America/Chicago", MORNING);
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        act(&homeline, "dose.start", ActionInput::default()).await;
        phone.clock.advance(chrono::Duration::minutes(80));
        homeline.journal().symptom("nausea".to_owned(), true, None, Some("came slowly".to_owned())).await.unwrap();
        let leaked = ActionInput {
            reason: Some("it leaked".to_owned()),
            volume_ml: Some("180".parse().unwrap()),
            ..ActionInput::default()
        };
        act(&homeline, "dose.stop", leaked).await;
        homeline.journal().vital("37.80 C".to_owned()).await.unwrap();
        phone.clock.advance(chrono::Duration::hours(12));
        let report = homeline.report().visit(1).await.unwrap();
        assert_eq!((report.doses_planned, report.doses_recorded), (2, 1));

        let counts = ["2", "1", "1", "0", "0", "1", "0", "1"];
        let page = row_of(&report.html(), "Doses planned and recorded, for each order");
        assert_eq!(page[1..], counts, "the page");
        let document: Value = serde_json::from_str(&report.fhir().unwrap()).unwrap();
        let composition = &document["entry"][0]["resource"];
        assert_eq!(composition["resourceType"], "Composition");
        let narrative = composition["section"][0]["text"]["div"].as_str().unwrap();
        assert_eq!(row_of(narrative, "Doses planned and recorded, for each order")[1..], counts, "the document");
        let files = report.csv().unwrap();
        let orders = files.iter().find(|file| file.name == "orders.csv").unwrap();
        let orders = String::from_utf8(orders.bytes.clone()).unwrap();
        let row = orders.lines().nth(1).unwrap();
        assert!(row.starts_with("vancomycin 1.25 g,2,1,1,0,0,1,0,1,"), "{orders}");
        for (format, text) in formats(&report) {
            for fact in ["it leaked", "180 mL", "1 h 20 min after the start of vancomycin 1.25 g", "37.80"] {
                assert!(text.contains(fact), "{format} lacks {fact}");
            }
        }
        // The entries behind the sections are in the document, each once.
        let entries = document["entry"].as_array().unwrap();
        let of_type = |kind: &str| entries.iter().filter(|entry| entry["resource"]["resourceType"] == kind).count();
        assert_eq!((of_type("MedicationAdministration"), of_type("Patient"), of_type("Composition")), (1, 1, 1));
        assert!(of_type("Observation") >= 2, "{entries:#?}");
        assert!(report.pdf().unwrap().starts_with(b"%PDF-"));
    });
}

#[test]
fn private_entries_are_in_a_report_only_when_it_is_asked_for_and_then_it_says_so() {
    let phone = Phone::new("America/Chicago", MORNING);
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        homeline.journal().note("quarrelled about the will".to_owned(), true).await.unwrap();
        for (format, text) in formats(&homeline.report().visit(1).await.unwrap()) {
            assert!(!text.contains("quarrelled"), "{format}");
            assert!(text.contains("1 private entry is left out"), "{format}");
        }
        let consent = Consent { private_entries: true, ..Consent::default() };
        for (format, text) in formats(&homeline.report().visit_with(1, consent).await.unwrap()) {
            assert!(text.contains("quarrelled"), "{format}");
            assert!(text.contains("Private entries are in this report"), "{format}");
        }
        // Once is once.
        assert!(!homeline.report().visit(1).await.unwrap().html().contains("quarrelled"));
    });
}

/// A helper's phone with a journal of its own.
async fn helpers_journal(phone: &Phone, name: &str) -> Homeline {
    let mut config = Config::new(phone.folder().join("vault"), KeyProtection::PasscodeAlone);
    config.passcode_cost = PasscodeCost::MINIMUM;
    let profile = NewProfile { name: name.to_owned(), role: AuthorRole::Caregiver };
    let passcode = Some(Passcode::new("four words on paper"));
    let homeline = Homeline::create(config, phone.ports(), profile, passcode).await.unwrap().homeline;
    homeline.plan().import(plan("vancomycin-elastomeric")).await.unwrap();
    homeline
}

#[test]
fn another_helpers_words_are_in_a_report_only_when_it_is_asked_for_and_the_facts_are_always() {
    let (rosas, luis) = (Phone::new("America/Chicago", MORNING), Phone::new("America/Chicago", MORNING));
    play(async {
        let mut config = ServerConfig::new(rosas.folder().join("team.ndjson"));
        config.clock = Arc::new(|| at(MORNING));
        let server = CareTeamServer::start(config).unwrap();
        server.load_bundle(plans::named("vancomycin-elastomeric").unwrap()).unwrap();
        let helper = helpers_journal(&luis, "Tomas Ibarra").await;
        helper.sync().enrol(server.base_url(), "vanc-patient".to_owned(), None).await.unwrap();
        helper.journal().note("she skips breakfast".to_owned(), false).await.unwrap();
        helper.journal().symptom("nausea".to_owned(), true, None, Some("she hides it".to_owned())).await.unwrap();
        let sent = helper.sync().now().await.unwrap();
        assert!(sent.sent >= 2 && sent.stopped.is_none(), "{sent:?}");
        for (format, text) in formats(&helper.report().visit(1).await.unwrap()) {
            assert!(text.contains("she skips breakfast"), "{format}: one's own words are no other helper's");
        }

        let homeline = rosas.begin("vancomycin-elastomeric").await;
        homeline.sync().enrol(server.base_url(), "vanc-patient".to_owned(), None).await.unwrap();
        let received = homeline.sync().now().await.unwrap();
        assert!(received.received >= 2 && received.stopped.is_none(), "{received:?}");
        for (format, text) in formats(&homeline.report().visit(1).await.unwrap()) {
            assert!(text.contains("Sick to the stomach") && text.contains("caregiver"), "{format} lacks the fact");
            assert!(!text.contains("skips breakfast") && !text.contains("hides it"), "{format}");
            assert!(text.contains("2 notes of other helpers are left out"), "{format}");
        }
        let consent = Consent { helpers_notes: true, ..Consent::default() };
        for (format, text) in formats(&homeline.report().visit_with(1, consent).await.unwrap()) {
            assert!(text.contains("skips breakfast") && text.contains("hides it"), "{format}");
            assert!(text.contains("Notes of other helpers are in this report"), "{format}");
        }
    });
}
