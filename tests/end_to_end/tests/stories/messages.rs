use homeline_companion::{ActionInput, Emphasis, ErrorKind, Homeline, NewMessage, Recipient, Screen};
use homeline_end_to_end::home::Home;
use homeline_end_to_end::phone::{Phone, plan, play};
use homeline_model::{EntryId, MessageTopic, Severity};
use serde_json::{Value, json};

/// The vancomycin plan with what the team says of its answers: the pharmacist within 4 hours, Monday to Friday, 8 to 17.
fn with_reply_times() -> String {
    let mut bundle: Value = serde_json::from_slice(&plan("vancomycin-elastomeric")).unwrap();
    let entries = bundle["entry"].as_array_mut().unwrap();
    let team =
        entries.iter_mut().map(|entry| &mut entry["resource"]).find(|r| r["resourceType"] == "CareTeam").unwrap();
    team["extension"] = json!([{
        "url": "https://homeline.example/fhir/StructureDefinition/reply-time",
        "extension": [
            {"url": "recipient", "valueCode": "pharmacist"},
            {"url": "within", "valueDuration": {"value": 4, "system": "http://unitsofmeasure.org", "code": "h"}},
            {"url": "hours", "valueTiming": {"repeat": {
                "frequency": 1, "period": 1, "periodUnit": "d", "dayOfWeek": ["mon", "tue", "wed", "thu", "fri"],
                "timeOfDay": ["08:00:00"], "duration": 9, "durationUnit": "h"}}}]}]);
    bundle.to_string()
}

fn states(screen: &Screen) -> Vec<String> {
    screen.rows().filter_map(|row| row.state.clone()).collect()
}

fn text(screen: &Screen) -> String {
    let rows = screen.rows().flat_map(|row| std::iter::once(&row.title).chain(&row.details));
    rows.chain(&screen.footer).cloned().collect::<Vec<_>>().join("\n")
}

async fn only_thread(homeline: &Homeline) -> EntryId {
    let threads = homeline.messages().threads().await.unwrap();
    let mut rows = threads.rows().filter(|row| row.id.starts_with("thread/"));
    let id = rows.next().unwrap().id.clone();
    assert_eq!(rows.next(), None, "one thread");
    id.strip_prefix("thread/").unwrap().parse().unwrap()
}

#[test]
fn a_message_is_queued_then_sent_then_received_then_read_then_answered_and_never_more_than_is_known() {
    play(async {
        let home = Home::new("vancomycin-elastomeric").await;
        let (homeline, server) = (&home.rosa, &home.server);
        let sent = homeline.messages().write(NewMessage::new(Recipient::Pharmacist, "May I swim?")).await.unwrap();
        let id = sent.logged.entry;
        let thread = only_thread(homeline).await;
        let state = async || states(&homeline.messages().thread(thread).await.unwrap()).remove(0);
        assert_eq!(state().await, "queued: nobody has it yet");

        homeline.sync().now().await.unwrap();
        assert_eq!(state().await, "sent 08:00; not known if anybody has seen it");

        // The team's system says no more than that it came in.
        let mut received = server.resource("Communication", &id.to_string()).unwrap();
        received["received"] = "2026-11-23T14:05:00Z".into();
        home.pass(6);
        server.put(received).unwrap();
        homeline.sync().now().await.unwrap();
        assert_eq!(state().await, "received 08:05; not known if it was read");

        let task = |status: &str| {
            json!({"resourceType": "Task", "id": "inbox-1", "status": status, "intent": "order",
                "for": {"reference": "Patient/vanc-patient"}, "focus": {"reference": format!("Communication/{id}")},
                "owner": {"reference": "Practitioner/vanc-pharmacist", "display": "Milan Petrov"}})
        };
        server.put(task("in-progress")).unwrap();
        homeline.sync().now().await.unwrap();
        assert_eq!(state().await, "read by Milan Petrov; no answer yet");

        home.pass(4);
        server.answer_newest_message("Practitioner/vanc-pharmacist", "Not with the PICC.").unwrap().unwrap();
        assert_eq!(homeline.sync().now().await.unwrap().messages, 1);
        assert_eq!(state().await, "answered by Milan Petrov 08:10");
        let threads = homeline.messages().threads().await.unwrap();
        assert!(threads.rows().any(|row| row.title == "Milan Petrov, infusion pharmacist"), "{threads:?}");

        // A reply goes on in the same thread, on the server too.
        let reply = NewMessage { thread: Some(thread), ..NewMessage::new(Recipient::Pharmacist, "Thank you.") };
        let reply = homeline.messages().write(reply).await.unwrap().logged.entry;
        homeline.sync().now().await.unwrap();
        assert_eq!(only_thread(homeline).await, thread);
        let sent = server.resource("Communication", &reply.to_string()).unwrap();
        let answered = sent["inResponseTo"][0]["reference"].as_str().unwrap().to_owned();
        assert_ne!(answered, format!("Communication/{id}"), "it answers the pharmacist's words");
        assert_eq!(homeline.messages().thread(thread).await.unwrap().rows().count(), 3);
    });
}

#[test]
fn what_the_server_refuses_or_declines_asks_for_a_call() {
    play(async {
        let home = Home::new("vancomycin-elastomeric").await;
        let id = home.rosa.messages().send(Recipient::Nurse, "Can you come earlier?".into()).await.unwrap().entry;
        home.rosa.sync().now().await.unwrap();
        home.server
            .put(json!({"resourceType": "Task", "id": "t", "status": "rejected", "intent": "order",
                "for": {"reference": "Patient/vanc-patient"}, "focus": {"reference": format!("Communication/{id}")}}))
            .unwrap();
        home.rosa.sync().now().await.unwrap();
        let thread = home.rosa.messages().thread(id).await.unwrap();
        let row = thread.rows().next().unwrap();
        assert_eq!((row.state.as_deref(), row.emphasis), (Some("not answered"), Emphasis::Attention));
        assert!(row.details.iter().any(|line| line == "Call your team."), "{row:?}");
    });
}

#[test]
fn a_week_without_signal_sends_every_message_once_and_in_order_over_power_losses() {
    let mut phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let mut server = homeline_end_to_end::home::team(&phone, &plan_text());
        let mut homeline = phone.begin("vancomycin-elastomeric").await;
        homeline.sync().enrol(server.base_url(), "vanc-patient".to_owned(), None).await.unwrap();
        server.go_offline();
        for number in 0..6 {
            phone.clock.advance(chrono::Duration::hours(20));
            let draft = NewMessage::new(Recipient::Nurse, format!("Day {number}"));
            let id = homeline.messages().keep_draft(None, draft).await.unwrap();
            let first = homeline.messages().send_draft(id).await.unwrap().logged.entry;
            let again = homeline.messages().send_draft(id).await.unwrap().logged.entry;
            assert_eq!((first, again), (id, id), "a second tap is the same message");
            assert!(homeline.sync().now().await.unwrap().stopped.is_some());
            phone.lose_power();
            homeline = phone.open().await;
            assert_eq!(homeline.messages().send_draft(id).await.unwrap().logged.entry, id);
        }
        server.go_online().unwrap();
        homeline.sync().now().await.unwrap();
        homeline.sync().now().await.unwrap();
        let mut arrived: Vec<(String, String)> = server
            .resources("Communication")
            .iter()
            .map(|message| {
                let text = message["payload"][0]["contentString"].as_str().unwrap().to_owned();
                (message["sent"].as_str().unwrap().to_owned(), text)
            })
            .collect();
        let texts: Vec<String> = arrived.iter().map(|(_, text)| text.clone()).collect();
        arrived.sort();
        assert_eq!(texts, (0..6).map(|number| format!("Day {number}")).collect::<Vec<_>>());
        assert_eq!(texts, arrived.into_iter().map(|(_, text)| text).collect::<Vec<_>>());
    });
}

fn plan_text() -> String {
    String::from_utf8(plan("vancomycin-elastomeric")).unwrap()
}

#[test]
fn a_draft_outlives_a_killed_app_and_is_gone_once_sent() {
    let mut phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        let half =
            NewMessage { topic: Some(MessageTopic::Line), ..NewMessage::new(Recipient::Nurse, "The dressing is") };
        let id = homeline.messages().keep_draft(None, half.clone()).await.unwrap();
        phone.lose_power();
        let again = phone.open().await;
        let drafts = again.messages().drafts().await.unwrap();
        assert_eq!((drafts.len(), drafts[0].id, &drafts[0].message), (1, id, &half));
        let whole = NewMessage::new(Recipient::Nurse, "The dressing is loose at one corner.");
        assert_eq!(again.messages().keep_draft(Some(id), whole.clone()).await.unwrap(), id);
        let threads = again.messages().threads().await.unwrap();
        let row = threads.rows().find(|row| row.id == format!("draft/{id}")).unwrap().clone();
        let send = row.actions.iter().find(|action| action.id.starts_with("message.send-draft")).unwrap();
        assert_eq!(again.agenda().act(send.id.clone(), ActionInput::default()).await.unwrap().entry, id);
        assert_eq!(again.messages().drafts().await.unwrap(), []);
        // A keystroke that arrives late does not bring it back.
        again.messages().keep_draft(Some(id), whole).await.unwrap();
        assert_eq!(again.messages().drafts().await.unwrap(), []);
        let found = again.messages().search("dressing loo".into(), 5).await.unwrap();
        assert_eq!(found.len(), 1);
        again.journal().note("the dressing looks loose".into(), false).await.unwrap();
        assert_eq!(again.messages().search("dressing loo".into(), 5).await.unwrap().len(), 1, "messages only");
        let other = again.messages().keep_draft(None, NewMessage::new(Recipient::Nurse, "x")).await.unwrap();
        again.messages().discard_draft(other).await.unwrap();
        let error = again.messages().send_draft(other).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotFound);
    });
}

#[test]
fn words_and_times_that_cannot_wait_say_do_not_wait_and_whom_to_call() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:30:00Z");
    play(async {
        let homeline = phone.begin_with(with_reply_times().into_bytes()).await;
        let compose = async |text: &str, to| homeline.messages().compose(NewMessage::new(to, text)).await.unwrap();
        let calm = compose("May I swim?", Recipient::Pharmacist).await;
        assert_eq!(calm.sections.first().unwrap().title.as_deref(), Some("Before you wait"));
        let said = text(&calm);
        assert!(said.contains("writes back within 4 hours, by Mon 23 Nov 12:30"), "{said}");
        assert!(said.contains("What can not wait: call +1-555-0142 (On-call nurse)."), "{said}");
        assert!(said.contains("No one watches this app"), "{said}");
        assert!(text(&compose("x", Recipient::Nurse).await).contains("The nurse has not said how soon"));

        let urgent = compose("Chest pain since the bag was started", Recipient::Pharmacist).await;
        let row = urgent.rows().next().unwrap();
        assert_eq!((row.title.as_str(), row.emphasis), ("911 (Emergency services): call now.", Emphasis::Urgent));
        assert!(row.details.contains(&"Do not wait for an answer.".to_owned()), "{row:?}");
        assert!(row.details.iter().any(|line| line.contains("“chest pain”")), "{row:?}");
        let fever = compose("tengo fiebre", Recipient::Nurse).await;
        assert_eq!(fever.rows().next().unwrap().title, "+1-555-0142 (On-call nurse): call now.");

        // It can be sent all the same, and says it again.
        let sent = homeline.messages().write(NewMessage::new(Recipient::Nurse, "I have a fever")).await.unwrap();
        assert_eq!(sent.before_you_wait[0], "+1-555-0142 (On-call nurse): call now.");

        // Friday night: nobody reads before Monday, and a dose comes first.
        phone.clock.advance(chrono::Duration::hours(4 * 24 + 12));
        let night = text(&compose("May I swim?", Recipient::Pharmacist).await);
        assert!(night.contains("Nobody reads messages now. They are read again Mon 30 Nov 08:00."), "{night}");
        assert!(night.contains("Your next dose is at") && night.contains("do not wait, call."), "{night}");
    });
}

#[test]
fn the_last_alarm_the_last_infusion_and_how_it_felt_go_with_a_message_and_what_stays_at_home_does_not() {
    play(async {
        let home = Home::new("vancomycin-elastomeric").await;
        let homeline = &home.rosa;
        let today = homeline.agenda().today().await.unwrap();
        let row = today.rows().find(|row| row.title.contains("vancomycin")).unwrap().clone();
        homeline.agenda().act(format!("dose.start:{}", row.id), ActionInput::default()).await.unwrap();
        homeline.journal().symptom("nausea".into(), true, Some(Severity::Mild), None).await.unwrap();
        homeline.journal().symptom("headache".into(), false, None, None).await.unwrap();
        let private = homeline.journal().note("my own".into(), true).await.unwrap().entry;
        let with_latest = NewMessage { with_latest: true, ..NewMessage::new(Recipient::Nurse, "It feels odd.") };
        let shown = homeline.messages().compose(with_latest.clone()).await.unwrap();
        let goes_with: Vec<String> = shown.sections.last().unwrap().rows.iter().map(|row| row.title.clone()).collect();
        assert_eq!(goes_with.len(), 2, "{goes_with:?}");
        assert!(goes_with[0].contains("vancomycin 1.25 g (started)"), "{goes_with:?}");
        assert!(goes_with[1].contains("Sick to the stomach (mild)"), "{goes_with:?}");

        let entry = homeline.messages().write(with_latest).await.unwrap().logged.entry;
        let mine = NewMessage { attach: vec![private], ..NewMessage::new(Recipient::Nurse, "and this") };
        let error = homeline.messages().write(mine).await.unwrap_err();
        assert_eq!((error.kind, error.field.as_deref()), (ErrorKind::BadInput, Some("attach")));
        homeline.sync().now().await.unwrap();
        let sent = home.server.resource("Communication", &entry.to_string()).unwrap();
        let payload = sent["payload"].as_array().unwrap();
        assert_eq!(payload[0]["contentString"], "It feels odd.");
        for part in &payload[1..] {
            let reference = part["contentReference"]["reference"].as_str().unwrap();
            let (kind, id) = reference.split_once('/').unwrap();
            assert!(home.server.resource(kind, id).is_some(), "{reference} is on the server");
        }
        assert_eq!(payload.len(), 3);
    });
}

#[test]
fn a_question_of_the_journal_becomes_a_message_in_one_tap_and_once() {
    play(async {
        let home = Home::new("vancomycin-elastomeric").await;
        let homeline = &home.rosa;
        let question = homeline.journal().question("May I fly?".into()).await.unwrap().entry;
        let row = async || {
            let page = homeline.journal().timeline(Default::default(), None, 20).await.unwrap();
            page.rows.into_iter().find(|row| row.id == question.to_string()).unwrap()
        };
        let asked = row().await;
        let labels: Vec<&str> = asked.actions.iter().map(|action| action.label.as_str()).collect();
        assert_eq!(labels, ["Send to the nurse", "Send to the pharmacist"]);
        let tap = asked.actions[1].id.clone();
        let first = homeline.agenda().act(tap.clone(), ActionInput::default()).await.unwrap().entry;
        home.pass(2);
        assert_eq!(homeline.agenda().act(tap, ActionInput::default()).await.unwrap().entry, first);
        let after = row().await;
        assert!(after.actions.is_empty() && after.details.contains(&"Sent as a message.".to_owned()), "{after:?}");
        homeline.sync().now().await.unwrap();
        let sent = home.server.resources("Communication");
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0]["payload"][0]["contentString"], "May I fly?");
        assert_eq!(sent[0]["recipient"][0]["reference"], "Practitioner/vanc-pharmacist");
    });
}
