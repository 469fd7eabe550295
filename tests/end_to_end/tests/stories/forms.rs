use homeline_companion::{ActionInput, Form, Homeline, JournalFilter};
use homeline_end_to_end::phone::{Phone, plan, play};
use homeline_home::care_team_server::{CareTeamServer, ServerConfig};
use homeline_model::{DailyCheck, Entry, EntryBody, EntryKind, Feeling, FormValue, SiteLook};
use serde_json::{Value, json};

const WEEKLY: &str = include_str!("../../../home/questionnaires/weekly.json");

fn given(answers: &[(&str, &str)]) -> Vec<(String, Vec<String>)> {
    answers.iter().map(|(question, answer)| ((*question).to_owned(), vec![(*answer).to_owned()])).collect()
}

async fn answer(homeline: &Homeline, form: &str, answers: &[(&str, &str)]) -> Form {
    homeline.forms().answer(form.to_owned(), given(answers)).await.unwrap()
}

fn answers_to(form: &Form, question: &str) -> Vec<String> {
    let found = form.questions.iter().find(|one| one.id == question);
    found.unwrap_or_else(|| panic!("no {question} in {form:#?}")).answers.clone()
}

async fn entries(homeline: &Homeline, kinds: &[EntryKind]) -> Vec<Entry> {
    let filter = JournalFilter { kinds: kinds.to_vec(), ..JournalFilter::default() };
    let rows = homeline.journal().timeline(filter, None, 500).await.unwrap().rows;
    let mut entries = Vec::new();
    for row in rows.iter().rev() {
        entries.push(homeline.journal().entry(row.id.parse().unwrap()).await.unwrap().unwrap().0);
    }
    entries
}

/// The plan with the weekly questions in it.
fn plan_with_form() -> Vec<u8> {
    let mut bundle: Value = serde_json::from_slice(&plan("scig-weekly")).unwrap();
    let form: Value = serde_json::from_str(WEEKLY).unwrap();
    bundle["entry"].as_array_mut().unwrap().push(json!({ "resource": form }));
    bundle.to_string().into_bytes()
}

#[test]
fn a_daily_check_becomes_the_entries_that_it_is_and_what_was_left_out_is_no_answer() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:02:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        let form = answer(
            &homeline,
            "check",
            &[("temperature", "100.6 F"), ("site-look", "change"), ("feeling", "worse"), ("nurse", "May I shower?")],
        )
        .await;
        assert!(form.missing.is_empty() && !form.call.is_empty(), "the number to call comes before the questions");
        answer(&homeline, "check", &[("redness", "yes"), ("pus", "no")]).await;
        let logged = homeline.forms().finish("check".to_owned(), None).await.unwrap();
        assert_eq!(logged.advice.first().map(|advice| advice.rule.as_str()), Some("N01"), "fever with a central line");

        let written =
            entries(&homeline, &[EntryKind::Vital, EntryKind::SiteCheck, EntryKind::DailyCheck, EntryKind::Question])
                .await;
        assert_eq!(written.len(), 4, "{written:#?}");
        let of = |kind| &written.iter().find(|entry| entry.kind() == kind).unwrap().body;
        let EntryBody::Vital(vital) = of(EntryKind::Vital) else { panic!() };
        assert_eq!((vital.value.value.to_string().as_str(), vital.value.unit.code.as_str()), ("100.6", "[degF]"));
        let EntryBody::SiteCheck { findings, .. } = of(EntryKind::SiteCheck) else { panic!() };
        let answered: Vec<(&str, bool)> = findings.iter().map(|one| (one.finding.as_str(), one.present)).collect();
        assert_eq!(answered, [("redness", true), ("pus", false)], "ten questions were not answered: not one is a no");
        let check = DailyCheck { feeling: Some(Feeling::Worse), site: Some(SiteLook::Change), doses: None };
        assert_eq!(of(EntryKind::DailyCheck), &EntryBody::DailyCheck(check));
        // The draft left with the entries.
        assert_eq!(homeline.forms().open("check".to_owned()).await.unwrap().begun, None);
    });
}

#[test]
fn a_half_filled_form_survives_that_the_app_is_killed_and_is_not_written_twice() {
    let mut phone = Phone::new("America/Chicago", "2026-11-23T14:02:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        let before = homeline.journal().count().await.unwrap();
        answer(&homeline, "check", &[("temperature", "37.2 C"), ("site-look", "change")]).await;
        answer(&homeline, "check", &[("swelling", "yes")]).await;
        phone.lose_power();

        let again = phone.open().await;
        let listed = again.forms().list().await.unwrap();
        assert_eq!(
            listed.iter().filter(|form| form.draft.is_some()).map(|form| form.id.as_str()).collect::<Vec<_>>(),
            ["check"]
        );
        let form = again.forms().open("check".to_owned()).await.unwrap();
        assert!(form.begun.is_some());
        assert_eq!(answers_to(&form, "temperature"), ["37.2 °C"]);
        assert_eq!(answers_to(&form, "swelling"), ["yes"]);
        assert!(answers_to(&form, "redness").is_empty() && answers_to(&form, "feeling").is_empty());
        assert_eq!(again.journal().count().await.unwrap(), before, "a draft is no entry");
        again.forms().finish("check".to_owned(), None).await.unwrap();
        phone.lose_power();

        let third = phone.open().await;
        assert_eq!(third.journal().count().await.unwrap(), before + 4, "vital, site check, advice on it, daily check");
        assert_eq!(
            third.forms().open("check".to_owned()).await.unwrap().begun,
            None,
            "draft and entries are one commit"
        );
        let error = third.forms().finish("check".to_owned(), None).await.unwrap_err();
        assert!(error.to_string().contains("nothing is answered"), "{error}");
        assert!(third.security().verify().await.unwrap().findings.is_empty());
    });
}

#[test]
fn an_answer_that_cannot_be_taken_changes_nothing_and_names_the_question() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:02:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        answer(&homeline, "check", &[("temperature", "37.2 C")]).await;
        for (question, text) in
            [("temperature", "98.6 C"), ("temperature", "37.2"), ("feeling", "fine"), ("nowhere", "x")]
        {
            // The good answer beside it is not taken either.
            let both = given(&[("nurse", "x"), (question, text)]);
            let error = homeline.forms().answer("check".to_owned(), both).await.unwrap_err();
            assert_eq!(error.field.as_deref(), Some(question), "{error}");
        }
        let form = homeline.forms().open("check".to_owned()).await.unwrap();
        assert_eq!(answers_to(&form, "temperature"), ["37.2 °C"]);
        assert!(answers_to(&form, "nurse").is_empty());
        homeline.forms().discard("check".to_owned()).await.unwrap();
        assert_eq!(homeline.forms().open("check".to_owned()).await.unwrap().begun, None);
        assert_eq!(homeline.forms().open("dreams".to_owned()).await.unwrap_err().code, "form.missing");
    });
}

#[test]
fn a_reaction_names_drug_lot_rate_step_site_and_minute_and_a_corrected_start_corrects_the_minute() {
    let phone = Phone::new("America/Chicago", "2026-11-23T16:04:00Z");
    play(async {
        let homeline = phone.begin("ivig-ladder").await;
        let today = homeline.agenda().today().await.unwrap();
        let start = |row: &homeline_companion::Row| {
            row.actions.iter().find(|action| action.id.starts_with("dose.start")).map(|action| action.id.clone())
        };
        let action = today.rows().filter(|row| row.title.contains("immune globulin")).find_map(start).unwrap();
        let lot = ActionInput { lot: Some("LOT-77".to_owned()), ..ActionInput::default() };
        homeline.agenda().act(action.clone(), lot).await.unwrap();
        phone.clock.advance(chrono::Duration::minutes(42));
        answer(&homeline, "symptom", &[("symptom", "headache"), ("severity", "moderate")]).await;
        let logged = homeline.forms().finish("symptom".to_owned(), None).await.unwrap();

        let (entry, _) = homeline.journal().entry(logged.entry).await.unwrap().unwrap();
        assert!(entry.order.is_some() && entry.occurrence.is_some() && entry.infusion.is_some());
        let filter = JournalFilter { kinds: vec![EntryKind::Symptom], ..JournalFilter::default() };
        let row = homeline.journal().timeline(filter, None, 1).await.unwrap().rows.remove(0);
        let told = row.details.join(" ");
        for word in ["42 min into immune globulin", "rate step 2 of", "as ordered", "lot LOT-77"] {
            assert!(told.contains(word), "{word} is not in {told}");
        }
        // The link is made once; the minute follows what is known of the dose.
        let finish = action.replace("dose.start", "dose.finish");
        phone.clock.advance(chrono::Duration::hours(5));
        homeline.agenda().act(finish, ActionInput::default()).await.unwrap();
        phone.clock.advance(chrono::Duration::hours(26));
        let later = homeline.journal().note("Stiff neck this evening".to_owned(), false).await.unwrap();
        let (note, _) = homeline.journal().entry(later.entry).await.unwrap().unwrap();
        assert_eq!(note.occurrence, entry.occurrence, "within three days it is after the last dose");
        let filter = JournalFilter { kinds: vec![EntryKind::Note], ..JournalFilter::default() };
        let row = homeline.journal().timeline(filter, None, 1).await.unwrap().rows.remove(0);
        assert!(row.details.join(" ").contains("26 h 0 min after the end of immune globulin"), "{:?}", row.details);
    });
}

#[test]
fn a_symptom_that_is_gone_is_a_new_fact_and_the_first_stays_as_it_was_written() {
    let phone = Phone::new("America/Chicago", "2026-11-23T20:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        answer(&homeline, "symptom", &[("symptom", "nausea"), ("began", "13:10"), ("action", "ginger tea")]).await;
        let symptom = homeline.forms().finish("symptom".to_owned(), None).await.unwrap().entry;
        let (written, _) = homeline.journal().entry(symptom).await.unwrap().unwrap();
        assert_eq!(written.times.happened.local().to_rfc3339(), "2026-11-23T13:10:00-06:00");
        assert_eq!(homeline.journal().open_symptoms().await.unwrap().len(), 1, "what was done is not that it is gone");
        let ended = homeline.journal().time("13:55".to_owned()).await.unwrap();
        homeline.journal().symptom_course(symptom, Some(ended), None).await.unwrap();
        assert_eq!(homeline.journal().entry(symptom).await.unwrap().unwrap(), (written, Vec::new()));
        assert!(homeline.journal().open_symptoms().await.unwrap().is_empty());

        let before = homeline.journal().time("12:00".to_owned()).await.unwrap();
        for (ended, action) in [(Some(before), None), (None, None)] {
            homeline.journal().symptom_course(symptom, ended, action).await.unwrap_err();
        }
        answer(&homeline, "symptom", &[("symptom", "itch"), ("began", "13:10"), ("ended", "13:00")]).await;
        let error = homeline.forms().finish("symptom".to_owned(), None).await.unwrap_err();
        assert_eq!(error.field.as_deref(), Some("ended"));
        assert!(homeline.forms().open("symptom".to_owned()).await.unwrap().begun.is_some(), "the draft stays");
    });
}

#[test]
fn the_site_map_says_what_was_used_when_and_what_it_did() {
    let phone = Phone::new("America/Chicago", "2026-11-23T16:04:00Z");
    play(async {
        let homeline = phone.begin("scig-weekly").await;
        let use_sites = async |sites: &[&str]| {
            let sites = sites.iter().map(|site| (*site).to_owned()).collect();
            homeline.forms().answer("sites".to_owned(), vec![("sites".to_owned(), sites)]).await.unwrap();
            homeline.forms().finish("sites".to_owned(), None).await.unwrap();
        };
        use_sites(&["left-thigh", "Right thigh"]).await;
        phone.clock.advance(chrono::Duration::hours(3));
        answer(&homeline, "site", &[("site", "left-thigh"), ("redness", "yes"), ("numbness", "no")]).await;
        homeline.forms().finish("site".to_owned(), None).await.unwrap();
        phone.clock.advance(chrono::Duration::days(7));
        use_sites(&["right-thigh", "beside the old scar"]).await;
        phone.clock.advance(chrono::Duration::days(1));

        let map = homeline.sites().screen().await.unwrap();
        let used: Vec<(&str, &str)> = map.sections[0]
            .rows
            .iter()
            .map(|row| (row.title.as_str(), row.state.as_deref().unwrap_or_default()))
            .collect();
        assert_eq!(used[0], ("Left thigh", "last used 8 days ago"), "the longest ago first");
        assert!(used.contains(&("beside the old scar", "last used yesterday")), "{used:?}");
        let left = map.rows().find(|row| row.title == "Left thigh").unwrap().details.join(" ");
        assert!(
            left.contains("Redness: yes") && left.contains("Numb skin: no") && !left.contains("Swelling"),
            "{left}"
        );
        assert!(map.rows().find(|row| row.title == "Right thigh").unwrap().details[0].contains("2 times"));
        assert!(map.sections[1].rows.iter().any(|row| row.title == "Left hip" && row.state.is_none()));
    });
}

#[test]
fn a_form_in_the_plan_is_answered_without_a_network_and_returned_to_the_team() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:02:00Z");
    play(async {
        let homeline = phone.begin("scig-weekly").await;
        let imported = homeline.plan().import(plan_with_form()).await.unwrap();
        assert!(imported.kept.iter().all(|kept| kept.resource_type != "Questionnaire"), "it is read, not only kept");
        assert!(imported.unreadable.iter().any(|one| one.resource == "Questionnaire/weekly"), "the attachment is told");
        let listed = homeline.forms().list().await.unwrap();
        let weekly = listed.iter().find(|form| form.from_team).unwrap();
        assert_eq!((weekly.id.as_str(), weekly.title.as_str()), ("Questionnaire/weekly", "Weekly questions"));
        // Under its bare name too, where no form of ours is called so.
        let form = answer(&homeline, "weekly", &[("1.1", "daily"), ("1.2", "On some days"), ("2", "yes")]).await;
        assert_eq!(answers_to(&form, "1.3"), ["4"], "reckoned");
        assert!(form.questions.iter().any(|question| question.id == "1.4"), "asked from 4 on");
        assert_eq!(form.missing.len(), 1, "{:?}", form.missing);
        let error = homeline.forms().finish("weekly".to_owned(), None).await.unwrap_err();
        assert_eq!(error.field.as_deref(), Some("3.1"));
        answer(&homeline, "weekly", &[("3.1#0", "aspirin"), ("3.1#1", "iron"), ("3.2#1", "2026-11"), ("4", "154 lb")])
            .await;
        let logged = homeline.forms().finish("weekly".to_owned(), None).await.unwrap();
        let (entry, _) = homeline.journal().entry(logged.entry).await.unwrap().unwrap();
        let EntryBody::Form(answers) = &entry.body else { panic!("{entry:?}") };
        assert_eq!(answers.questionnaire, "https://careteam.example/fhir/Questionnaire/weekly|2");
        let score = answers.answered().into_iter().find(|item| item.link_id == "1.3").unwrap();
        assert_eq!(score.answers[0].value, FormValue::Integer(4));
        assert_eq!(homeline.journal().search("aspirin".to_owned(), 5).await.unwrap().len(), 1);

        let server = CareTeamServer::start(ServerConfig::new(phone.folder().join("team.ndjson"))).unwrap();
        server.load_bundle(&String::from_utf8(plan("scig-weekly")).unwrap()).unwrap();
        homeline.sync().enrol(server.base_url(), entry.patient.to_string(), None).await.unwrap();
        homeline.sync().now().await.unwrap();
        let responses = server.resources("QuestionnaireResponse");
        assert_eq!(responses.len(), 1, "{:?}", homeline.sync().status().await.unwrap());
        let listed = homeline.forms().list().await.unwrap();
        assert!(listed.iter().any(|form| form.from_team && form.answered.is_some()));
    });
}

#[test]
fn a_form_that_a_task_asks_for_is_fetched_with_the_plan() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:02:00Z");
    play(async {
        let server = CareTeamServer::start(ServerConfig::new(phone.folder().join("team.ndjson"))).unwrap();
        let mut bundle: Value = serde_json::from_slice(&plan_with_form()).unwrap();
        let patient =
            bundle["entry"].as_array().unwrap().iter().find(|one| one["resource"]["resourceType"] == "Patient");
        let patient = patient.unwrap()["resource"]["id"].as_str().unwrap().to_owned();
        bundle["entry"].as_array_mut().unwrap().push(json!({ "resource": { "resourceType": "Task", "id": "ask-weekly",
            "status": "requested", "intent": "order", "for": { "reference": format!("Patient/{patient}") },
            "focus": { "reference": "Questionnaire/weekly" } } }));
        server.load_bundle(&bundle.to_string()).unwrap();
        let homeline = phone.begin("scig-weekly").await;
        homeline.sync().enrol(server.base_url(), patient, None).await.unwrap();
        homeline.sync().now().await.unwrap();
        let listed = homeline.forms().list().await.unwrap();
        assert!(listed.iter().any(|form| form.id == "Questionnaire/weekly" && form.refused.is_none()), "{listed:?}");
    });
}
