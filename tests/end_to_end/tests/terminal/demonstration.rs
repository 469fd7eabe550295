use homeline_end_to_end::terminal::{Answer, Terminal, content};
use serde_json::Value;
use std::fs;

const KEYS: [&str; 12] = [
    "administrations",
    "alarms",
    "entries",
    "messages_received",
    "messages_sent",
    "occurrences",
    "plan",
    "report",
    "synced",
    "transcript",
    "vault",
    "waiting",
];

fn demo(terminal: &Terminal, plan: &str, out: &str) -> Answer {
    terminal.run(&["demo", "--plan", plan, "--seed", "3", "--out", out, "--json"])
}

/// Groups of hexadecimal digits as a UUID has them.
fn holds_a_uuid(text: &str) -> bool {
    text.split(|c: char| !(c.is_ascii_hexdigit() || c == '-'))
        .any(|word| word.split('-').map(str::len).collect::<Vec<_>>() == [8, 4, 4, 4, 12])
}

/// A day is complete, and its transcript says nothing that differs from machine to machine.
fn is_whole(terminal: &Terminal, plan: &str, answer: &Answer, out: &str) {
    assert_eq!(answer.status, 0, "{plan}: {}", answer.error);
    let summary = answer.json();
    let keys: Vec<&str> = summary.as_object().unwrap().keys().map(String::as_str).collect();
    let mut sorted = keys.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, KEYS, "{plan}");
    assert_eq!(summary["plan"], plan);
    let number = |key: &str| summary[key].as_u64().unwrap_or_else(|| panic!("{plan}: {key} is no number"));
    assert_eq!(number("waiting"), 0, "{plan}");
    for at_least_one in ["messages_sent", "messages_received", "administrations", "occurrences", "synced", "entries"] {
        assert!(number(at_least_one) >= 1, "{plan}: {at_least_one}");
    }
    for file in ["report", "transcript", "vault"] {
        let path = summary[file].as_str().unwrap_or_default();
        assert!(terminal.path(path).exists(), "{plan}: {path}");
    }
    let transcript = fs::read_to_string(terminal.path(out).join("transcript.txt")).unwrap();
    assert!(!holds_a_uuid(&transcript), "{plan}: an id in the transcript");
    for never in ["/tmp", "127.0.0.1", "localhost", "://", terminal.path("").to_str().unwrap()] {
        assert!(!transcript.contains(never), "{plan}: `{never}` in the transcript");
    }
}

/// Each plan twice; two at a time, as a machine of two cores does it.
fn both_days(plan: &str) {
    let terminal = Terminal::new();
    let (first, second) = std::thread::scope(|scope| {
        let second = scope.spawn(|| demo(&terminal, plan, "second"));
        (demo(&terminal, plan, "first"), second.join().unwrap())
    });
    is_whole(&terminal, plan, &first, "first");
    is_whole(&terminal, plan, &second, "second");
    let transcript = |out: &str| fs::read_to_string(terminal.path(out).join("transcript.txt")).unwrap();
    assert_eq!(transcript("first"), transcript("second"), "{plan}");
    let counts = |answer: &Answer| {
        let mut summary = answer.json();
        for path in ["report", "transcript", "vault"] {
            summary[path] = Value::Null;
        }
        summary
    };
    assert_eq!(counts(&first), counts(&second), "{plan}");
}

#[test]
fn the_day_of_vancomycin_is_whole_and_repeatable() {
    both_days("vancomycin-elastomeric");
}

#[test]
fn the_day_of_ceftriaxone_is_whole_and_repeatable() {
    both_days("ceftriaxone-iv-push");
}

#[test]
fn the_day_of_parenteral_nutrition_is_whole_and_repeatable() {
    both_days("tpn-cycled");
}

#[test]
fn the_day_of_immune_globulin_is_whole_and_repeatable() {
    both_days("ivig-ladder");
}

#[test]
fn the_day_of_fluorouracil_is_whole_and_repeatable() {
    both_days("fluorouracil-46h");
}

#[test]
fn the_day_of_milrinone_is_whole_and_repeatable() {
    both_days("milrinone-two-pumps");
}

#[test]
fn the_day_of_subcutaneous_immune_globulin_is_whole_and_repeatable() {
    both_days("scig-weekly");
}

#[test]
fn the_day_of_hydromorphone_is_whole_and_repeatable() {
    both_days("hydromorphone-pca");
}

#[test]
fn a_folder_that_holds_a_vault_is_refused_and_left_as_it_is() {
    let terminal = Terminal::new();
    assert_eq!(demo(&terminal, "scig-weekly", "day").status, 0);
    let before = content(&terminal.path("day"));
    for out in ["day", "day/vault"] {
        let again = demo(&terminal, "scig-weekly", out);
        assert_eq!(again.status, 1, "{again:?}");
        assert!(again.out.is_empty() && again.error.lines().count() == 1, "{again:?}");
        assert!(again.error.contains("--out"), "{}", again.error);
    }
    assert!(content(&terminal.path("day")) == before, "the refused run changed the folder");
    // The vault of the day opens with the passcode that the program tells.
    terminal.set_passcode("homeline demo 2026");
    let vault = terminal.path("day/vault");
    let vault = vault.to_str().unwrap();
    let verified = terminal.done(&["security", "verify", "--vault", vault, "--json"]).json();
    assert_eq!(verified["findings"].as_array().map(Vec::len), Some(0), "{verified}");
}

#[test]
fn a_plan_that_nobody_wrote_is_wrong_use_and_makes_no_folder() {
    let terminal = Terminal::new();
    let answer = demo(&terminal, "aspirin", "day");
    assert_eq!(answer.status, 2);
    assert!(answer.error.contains("--plan aspirin") && answer.error.contains("ivig-ladder"), "{}", answer.error);
    assert!(!terminal.path("day").exists());
}
