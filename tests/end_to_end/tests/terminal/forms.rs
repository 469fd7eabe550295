use homeline_end_to_end::phone::plan;
use homeline_end_to_end::terminal::{Terminal, content};
use serde_json::{Value, json};
use std::fs;

const WEEKLY: &str = include_str!("../../../home/questionnaires/weekly.json");

fn with_weekly() -> Terminal {
    let mut bundle: Value = serde_json::from_slice(&plan("scig-weekly")).unwrap();
    let form: Value = serde_json::from_str(WEEKLY).unwrap();
    bundle["entry"].as_array_mut().unwrap().push(json!({ "resource": form }));
    Terminal::with_plan(bundle.to_string().as_bytes())
}

fn kinds(terminal: &Terminal) -> Vec<String> {
    terminal.done(&["export", "--out", "all"]);
    let journal = fs::read_to_string(terminal.path("all/journal.ndjson")).unwrap();
    fs::remove_dir_all(terminal.path("all")).unwrap();
    let entries = journal.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    entries.map(|entry| entry["body"]["kind"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_daily_check_is_one_line_and_answers_with_advice() {
    let terminal = Terminal::with_plan(&plan("vancomycin-elastomeric"));
    let picture = concat!(env!("CARGO_MANIFEST_DIR"), "/../home/pictures/site.png");
    let said = terminal.done(&[
        "log",
        "check",
        "--set",
        "temperature=38.4 C",
        "--set",
        "site-look=change",
        "--set",
        "redness=yes",
        "--set",
        "feeling=worse",
        "--photo",
        picture,
        "--json",
    ]);
    let said = said.json();
    assert_eq!(said["advice"][0]["level"], "call-now", "{said:#}");
    let kinds = kinds(&terminal);
    for kind in ["photo", "vital", "site-check", "daily-check"] {
        assert!(kinds.iter().any(|one| one == kind), "{kind}: {kinds:?}");
    }
    assert!(terminal.done(&["journal"]).out.contains("worse than yesterday"));
}

#[test]
fn a_form_is_kept_between_commands_and_is_finished_when_nothing_is_missing() {
    let terminal = with_weekly();
    let list = terminal.done(&["form", "list"]).out;
    assert!(list.contains("Questionnaire/weekly") && list.contains("new from your team"), "{list}");
    fs::write(
        terminal.path("answers.json"),
        r#"{"1.1": "daily", "1.2": "On most days", "2": false, "5": ["Morning", "after 8 pm"]}"#,
    )
    .unwrap();
    let kept = terminal.done(&["form", "answer", "weekly", "--answers", "answers.json", "--draft", "--json"]).json();
    assert_eq!(kept["missing"], json!([]), "{kept:#}");
    assert!(terminal.done(&["form", "list"]).out.contains("half filled"));
    let shown = terminal.done(&["form", "show", "weekly"]).out;
    assert!(
        shown.contains("Burden  5") && shown.contains("What made it hard?") && shown.contains("[not answered]"),
        "{shown}"
    );
    let entries = terminal.entries();
    let refused = terminal.run(&["form", "answer", "weekly", "--set", "2=yes"]);
    assert_eq!(refused.status, 1);
    assert!(refused.error.contains("3.1#0") || refused.error.contains("3.1"), "{}", refused.error);
    assert_eq!(terminal.entries(), entries, "nothing is written while something is missing");
    terminal.done(&["form", "answer", "weekly", "--set", "3.1#0=aspirin"]);
    assert_eq!(terminal.entries(), entries + 1);
    assert!(terminal.done(&["form", "list"]).out.contains("answered"));
    assert!(terminal.done(&["journal", "--kind", "form"]).out.contains("Burden: 5"));
    terminal.done(&["export", "--out", "all"]);
    let bundle = fs::read_to_string(terminal.path("all/bundle.json")).unwrap();
    assert!(bundle.contains("\"QuestionnaireResponse\"") && bundle.contains("Questionnaire/weekly|2"));
}

#[test]
fn fluid_pain_mood_sites_and_symptoms_take_a_line_each() {
    let terminal = Terminal::with_plan(&plan("scig-weekly"));
    for command in [
        &["log", "fluid", "in", "8", "oz", "--what", "drink"][..],
        &["log", "fluid", "out", "300 mL", "--what", "urine"],
        &["log", "pain", "4", "--where", "left arm"],
        &["log", "mood", "bored, but fine"],
        &["log", "sites", "left-thigh", "Right thigh"],
        &["log", "site", "--set", "site=left-thigh", "--set", "redness=yes", "--set", "length=12.5 cm"],
        &["log", "symptom", "headache", "--severity", "mild", "--began", "2026-01-01 08:00", "--did", "lay down"],
        &["log", "symptom", "nausea", "--absent"],
    ] {
        let answer = terminal.run(command);
        assert_eq!(answer.status, 0, "{command:?}: {answer:?}");
    }
    let journal = terminal.done(&["journal", "--limit", "100"]).out;
    for words in [
        "Fluid in: drink",
        "8 fl oz",
        "Fluid out: urine",
        "4 of 10",
        "bored, but fine",
        "Needle sites",
        "Catheter outside: 12.5 cm",
    ] {
        assert!(journal.contains(words), "{words}: {journal}");
    }
    assert!(terminal.done(&["sites"]).out.contains("last used today"));
    let open = terminal.done(&["log", "course", "--json"]).json();
    let open: Vec<&str> = open["rows"].as_array().unwrap().iter().map(|row| row["title"].as_str().unwrap()).collect();
    assert!(open.contains(&"Pain"), "{open:?}");
    terminal.done(&["log", "course", "1", "--ended", "now", "--did", "it went by itself"]);
    for wrong in [
        &["log", "fluid", "sideways", "8 oz"][..],
        &["log", "course", "99", "--ended", "now"],
        &["log", "course", "--ended", "now"],
        &["log", "check"],
        &["log", "check", "--set", "temperature"],
        &["log", "symptom", "nausea", "--absent", "--began", "08:00"],
    ] {
        assert_eq!(terminal.run(wrong).status, 2, "{wrong:?}");
    }
    for refused in [
        &["log", "pain", "11"][..],
        &["log", "fluid", "in", "8"],
        &["log", "check", "--set", "temperature=98.6 C"],
        &["log", "check", "--set", "dream=x"],
        &["log", "pain", "3", "--photo", "nowhere.png"],
        &["form", "show", "dreams"],
    ] {
        let answer = terminal.run(refused);
        assert_eq!((answer.status, answer.error.lines().count()), (1, 1), "{refused:?}: {answer:?}");
    }
}

#[test]
fn the_card_is_behind_the_passcode_until_the_patient_says_otherwise() {
    let terminal = Terminal::with_plan(&plan("milrinone-two-pumps"));
    let before = content(&terminal.path("vault")).len();
    assert!(terminal.done(&["card", "--er"]).out.contains("MUST NOT BE STOPPED"));
    terminal.done(&["card", "--er", "--out", "card.html"]);
    assert!(fs::read_to_string(terminal.path("card.html")).unwrap().contains("Dosing weight: 80 kg"));
    let locked = terminal.run(&["card", "--locked"]);
    assert_eq!(locked.status, 1);
    assert!(locked.error.contains("allow-locked"), "{}", locked.error);
    assert_eq!(content(&terminal.path("vault")).len(), before, "nothing lies outside");

    let said = terminal.done(&["card", "allow-locked"]).out;
    for words in ["not encrypted", "allergies", "forbid-locked", "emergency-card.html"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    // Whoever finds the machine does not know the passcode.
    terminal.set_passcode("a stranger's guess");
    assert!(terminal.done(&["card", "--locked", "--er"]).out.contains("Dosing weight: 80 kg"));
    assert_eq!(terminal.run(&["card"]).status, 1);
    terminal.set_passcode("a long one for this test");
    terminal.done(&["card", "forbid-locked"]);
    assert_eq!(terminal.run(&["card", "--locked"]).status, 1);
    assert!(!content(&terminal.path("vault")).iter().any(|(path, _)| path.to_string_lossy().contains("card")));
}
