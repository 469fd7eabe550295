use homeline_end_to_end::phone::plan;
use homeline_end_to_end::terminal::Terminal;
use serde_json::{Value, json};
use std::fs;

/// Vancomycin every hour, so that a dose is open whenever this test runs.
fn every_hour() -> Vec<u8> {
    let mut bundle: Value = serde_json::from_slice(&plan("vancomycin-elastomeric")).unwrap();
    for entry in bundle["entry"].as_array_mut().unwrap() {
        let resource = &mut entry["resource"];
        if resource["resourceType"] == "MedicationRequest" {
            let repeat = &mut resource["dosageInstruction"][0]["timing"]["repeat"];
            repeat["boundsPeriod"] = json!({ "start": "2020-01-01" });
            repeat["frequency"] = 24.into();
            repeat["timeOfDay"] = (0..24).map(|hour| format!("{hour:02}:00:00")).collect();
        }
    }
    bundle.to_string().into_bytes()
}

/// The open dose of now, by its id.
fn dose(terminal: &Terminal) -> String {
    let today = terminal.done(&["today", "--json"]).json();
    let rows = today["sections"].as_array().unwrap().iter().flat_map(|section| section["rows"].as_array().unwrap());
    let starts = |row: &&Value| row["actions"].to_string().contains("dose.start:");
    rows.into_iter().find(starts).unwrap_or_else(|| panic!("{today:#}"))["id"].as_str().unwrap().to_owned()
}

fn state(terminal: &Terminal, id: &str) -> String {
    let today = terminal.done(&["today", "--json"]).json();
    let rows = today["sections"].as_array().unwrap().iter().flat_map(|section| section["rows"].as_array().unwrap());
    rows.into_iter().find(|row| row["id"] == id).unwrap()["state"].as_str().unwrap().to_owned()
}

#[test]
fn a_dose_is_stepped_through_started_finished_and_corrected() {
    let terminal = Terminal::with_plan(&every_hour());
    let id = dose(&terminal);
    let said = terminal.done(&["dose", "step", "next", &id]).out;
    assert!(said.contains("Done: Take the medicine out of the refrigerator"), "{said}");
    let first = terminal.done(&["dose", "start", &id, "--lot", "A1", "--json"]).json();
    let second = terminal.done(&["dose", "start", &id, "--json"]).json();
    assert_eq!(first["entry"], second["entry"], "a second tap is the same entry");
    assert!(state(&terminal, &id).starts_with("running since"));
    terminal.done(&["dose", "finish", &id]);
    assert!(state(&terminal, &id).starts_with("done"));
    let corrected = terminal.done(&["dose", "stop", &id, "--reason", "it leaked", "--volume", "180", "--json"]).json();
    assert_ne!(corrected["entry"], first["entry"]);
    assert_eq!(state(&terminal, &id), "a part went in");

    let journal = terminal.done(&["journal", "--kind", "administration", "--json"]).json();
    assert_eq!(journal["rows"].as_array().unwrap().len(), 3, "nothing is overwritten: {journal:#}");
    let verified = terminal.done(&["security", "verify", "--json"]).json();
    assert_eq!(verified["findings"], json!([]));
}

#[test]
fn what_is_written_down_can_be_read_again_in_every_way() {
    let terminal = Terminal::with_plan(&plan("vancomycin-elastomeric"));
    let advice = terminal.done(&["log", "symptom", "chills", "--severity", "severe", "--json"]).json();
    assert_eq!(advice["advice"][0]["level"], "call-now", "{advice:#}");
    terminal.done(&["log", "vital", "118/76"]);
    terminal.done(&["log", "note", "itching at the", "dressing"]);
    terminal.run_with(&["log", "note", "-"], "Übelkeit\nam Abend".as_bytes());
    terminal.done(&["log", "question", "May I swim?"]);
    let picture = concat!(env!("CARGO_MANIFEST_DIR"), "/../home/pictures/site.png");
    terminal.done(&["log", "photo", picture, "--caption", "the line"]);
    terminal.done(&["message", "send", "pharmacist", "The bag", "is cold"]);

    // Page by page: all, once, newest first.
    let mut ids = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let mut command = vec!["journal", "--limit", "3", "--json"];
        if let Some(place) = &after {
            command.extend(["--after", place]);
        }
        let page = terminal.done(&command).json();
        ids.extend(page["rows"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => after = Some(next.to_owned()),
            None => break,
        }
    }
    let entries = usize::try_from(terminal.entries()).unwrap();
    assert_eq!(ids.len(), entries);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), entries);

    let found = terminal.done(&["search", "ubelkeit", "--json"]).json();
    assert_eq!(found["rows"].as_array().unwrap().len(), 1);
    assert!(terminal.done(&["message", "list"]).out.contains("The bag is cold"));
    let status = terminal.done(&["sync", "--status", "--json"]).json();
    assert!(status["waiting"].as_u64().unwrap() >= 7, "{status}");
    assert!(terminal.done(&["pump"]).out.contains("cannot be heard"));
    let report = terminal.done(&["report", "--json"]).json();
    let page = fs::read_to_string(terminal.path(report["report"].as_str().unwrap())).unwrap();
    assert!(page.contains("itching at the dressing") && page.contains("data:image/png;base64,"));
    for command in [&["today"][..], &["plan", "show"], &["reminders"], &["pump"], &["log", "symptom", "list"]] {
        let answer = terminal.done(&[command, &["--json"]].concat());
        assert!(answer.json().is_object() || answer.json().is_array(), "{command:?}");
    }
}

#[test]
fn a_table_fits_the_width_and_holds_no_colour_where_nobody_looks() {
    let terminal = Terminal::with_plan(&plan("ivig-ladder"));
    for command in [&["plan", "show"][..], &["today"], &["journal"]] {
        let out = terminal.done(command).out;
        assert!(!out.contains('\u{1b}'), "{command:?}");
        for line in out.lines().take_while(|line| !line.starts_with("Nobody")) {
            assert!(line.chars().count() <= 110, "{command:?}: {line}");
        }
        let longest = out.lines().map(|line| line.chars().count()).max();
        assert!(longest > Some(40), "{command:?}: one letter a line");
    }
}

#[test]
fn every_command_says_in_its_help_what_it_does() {
    let terminal = Terminal::new();
    let commands = [
        "init",
        "plan",
        "today",
        "dose",
        "log",
        "form",
        "sites",
        "card",
        "journal",
        "search",
        "pump",
        "notifications",
        "overdue",
        "travel",
        "routine",
        "clinician",
        "insight",
        "message",
        "sync",
        "report",
        "export",
        "security",
        "demo",
    ];
    let help = terminal.done(&["--help"]).out;
    for command in commands {
        assert!(help.contains(&format!("  {command}")), "{command}");
        let own = terminal.done(&[command, "--help"]).out;
        let first = own.lines().next().unwrap_or_default();
        assert!(first.chars().count() > 8 && !first.starts_with("Usage"), "{command}: {own}");
        assert!(own.contains("--json"), "{command}");
    }
}

#[test]
fn the_alarms_are_planned_as_of_any_time_within_the_budget_and_nothing_is_written() {
    let terminal = Terminal::with_plan(&plan("vancomycin-elastomeric"));
    let before = terminal.entries();
    let ask = |budget: &str| {
        let now = "2026-11-30T07:15:00-06:00";
        terminal.done(&["notifications", "--now", now, "--budget", budget, "--json"]).json()
    };
    let planned = ask("64");
    assert_eq!(planned, ask("64"));
    assert_eq!(planned["now"], "2026-11-30T13:15:00Z");
    let first = &planned["notifications"][0];
    for key in ["id", "fire_at", "kind", "urgency", "sound", "text", "hidden_text", "private", "occurrence", "actions"]
    {
        assert!(first.get(key).is_some(), "{key} in {first:#}");
    }
    let times = |planned: &Value| -> Vec<String> {
        let all = planned["notifications"].as_array().unwrap();
        all.iter().map(|alarm| alarm["fire_at"].as_str().unwrap().to_owned()).collect()
    };
    assert!(times(&planned).is_sorted() && times(&planned)[0].as_str() > "2026-11-30T13:15:00Z");
    for budget in ["1", "2", "5", "64"] {
        assert!(times(&ask(budget)).len() <= budget.parse().unwrap(), "{budget}");
    }
    let all = terminal.done(&["reminders", "--json"]).json();
    assert_eq!(
        all.as_object().unwrap().keys().collect::<Vec<_>>(),
        planned.as_object().unwrap().keys().collect::<Vec<_>>()
    );
    for wrong in [&["notifications", "--now", "tomorrow"][..], &["notifications", "--budget", "many"]] {
        assert_eq!(terminal.run(wrong).status, 2, "{wrong:?}");
    }
    assert_eq!(terminal.run(&["notifications", "--budget", "0"]).status, 1);
    assert_eq!(terminal.entries(), before);
}

#[test]
fn a_dose_as_needed_is_named_by_its_id_and_a_second_one_needs_anyway() {
    let terminal = Terminal::with_plan(&plan("fluorouracil-46h"));
    let needed = || {
        let today = terminal.done(&["today", "--json"]).json();
        let sections = today["sections"].as_array().unwrap().iter();
        let rows = sections.clone().filter(|section| section["title"] == "Cuando haga falta");
        let rows: Vec<Value> = rows.flat_map(|section| section["rows"].as_array().unwrap().clone()).collect();
        rows.into_iter().find(|row| row["title"].as_str().unwrap().starts_with("ondansetron")).unwrap()
    };
    let row = needed();
    assert_eq!(row["state"], "la orden lo permite ahora");
    terminal.done(&["dose", "start", row["id"].as_str().unwrap()]);
    let next = needed();
    assert_ne!(next["id"], row["id"]);
    assert!(next["state"].as_str().unwrap().starts_with("según la orden, no antes de"), "{next:#}");
    let id = next["id"].as_str().unwrap();
    let refused = terminal.run(&["dose", "start", id]);
    assert_eq!(refused.status, 1);
    assert!(refused.error.contains("no antes de") && refused.error.contains("+1-555"), "{}", refused.error);
    terminal.done(&["dose", "start", id, "--anyway"]);
    let journal = terminal.done(&["journal", "--kind", "administration", "--json"]).json();
    assert_eq!(journal["rows"].as_array().unwrap().len(), 2, "{journal:#}");
    assert_eq!(terminal.done(&["overdue", "--json"]).json()["id"], "overdue");
}
