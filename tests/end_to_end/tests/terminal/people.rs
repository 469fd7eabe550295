use homeline_end_to_end::phone::plan;
use homeline_end_to_end::terminal::Terminal;
use serde_json::{Value, json};

fn rows(screen: &Value) -> Vec<Value> {
    let sections = screen["sections"].as_array().unwrap();
    sections.iter().flat_map(|section| section["rows"].as_array().unwrap()).cloned().collect()
}

#[test]
fn messages_are_checked_drafted_sent_once_shown_and_found_from_the_keyboard() {
    let terminal = Terminal::with_plan(&plan("vancomycin-elastomeric"));
    let check = terminal.done(&["message", "check", "nurse", "chest", "pain", "--json"]).json();
    assert_eq!(rows(&check)[0]["title"], "911 (Emergency services): call now.");
    assert_eq!(terminal.done(&["message", "list", "--json"]).json(), json!({ "rows": [] }));

    let kept =
        terminal.done(&["message", "draft", "keep", "nurse", "The dressing", "--topic", "line", "--json"]).json();
    let id = kept["draft"].as_str().unwrap().to_owned();
    let again = ["message", "draft", "keep", "--id", &id, "nurse", "The dressing is loose.", "--json"];
    assert_eq!(terminal.done(&again).json(), kept);
    let drafts = terminal.done(&["message", "draft", "list", "--json"]).json();
    assert_eq!(
        (&drafts["drafts"][0]["text"], &drafts["drafts"][0]["to"]),
        (&json!("The dressing is loose."), &json!("nurse"))
    );
    for _ in 0..2 {
        let sent = terminal.done(&["message", "draft", "send", &id, "--json"]).json();
        assert_eq!(sent["entry"], id.as_str());
    }
    let sent =
        terminal.done(&["message", "send", "pharmacist", "--urgent", "--with-latest", "May I swim?", "--json"]).json();
    let before = sent["before_you_wait"].as_array().unwrap();
    assert!(before.iter().any(|line| line == "What can not wait: call +1-555-0142 (On-call nurse)."), "{sent:#}");

    let threads = rows(&terminal.done(&["message", "threads", "--json"]).json());
    assert_eq!(threads.len(), 2, "{threads:#?}");
    assert!(threads.iter().all(|row| row["state"] == "queued: nobody has it yet"), "{threads:#?}");
    let shown = rows(&terminal.done(&["message", "show", &id, "--json"]).json());
    assert_eq!((shown.len(), &shown[0]["id"]), (1, &json!(format!("{id}/queued"))));
    let found = terminal.done(&["message", "search", "dressing", "loo", "--json"]).json();
    assert_eq!(found["rows"].as_array().unwrap().len(), 1);
    assert_eq!(terminal.run(&["message", "show", "not-an-id"]).status, 2);
}

#[test]
fn caregivers_are_listed_asked_and_audited_from_the_keyboard_and_an_invitation_needs_a_server() {
    let terminal = Terminal::with_plan(&plan("vancomycin-elastomeric"));
    let list = rows(&terminal.done(&["caregiver", "list", "--json"]).json());
    assert_eq!(list[0]["id"], "caregiver/vanc-caregiver");
    assert_eq!(list[0]["state"], "may see, log, answer alarms and write to the team");
    terminal.done(&["caregiver", "rights", "vanc-caregiver", "--right", "see,log"]);
    let list = rows(&terminal.done(&["caregiver", "list", "--json"]).json());
    assert_eq!(list[0]["state"], "may see and log");
    assert_eq!(terminal.run(&["caregiver", "rights", "vanc-caregiver", "--right", "fly"]).status, 2);
    let invite = ["caregiver", "invite", "--name", "Lucia", "--relationship", "daughter", "--right", "see"];
    let refused = terminal.run(&invite);
    assert_eq!(refused.status, 1);
    assert!(refused.error.contains("Enrol with the address"), "{}", refused.error);

    let due = (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(2)).to_string();
    let ask = ["caregiver", "ask", "--to", "vanc-caregiver", "--due", &due, "Bring the bag", "--json"];
    let asked = terminal.done(&ask).json();
    let id = asked["request"].as_str().unwrap().to_owned();
    let requests = rows(&terminal.done(&["caregiver", "requests", "--json"]).json());
    assert_eq!(requests[0]["id"], format!("request/{id}"));
    assert!(terminal.run(&["caregiver", "done", &id]).error.contains("somebody else"));
    let audit = terminal.done(&["audit", "--json"]).json();
    let told = audit.to_string();
    assert!(told.contains("Gave Tomas Ibarra the right to see and log") && told.contains("Bring the bag"), "{audit:#}");
    assert_eq!(terminal.run(&["audit", "--days", "0"]).status, 1);
}
