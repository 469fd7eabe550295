//! The whole public API of the core crosses the border, and is in both languages: what does not is named here with its reason.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The calls of the core, as `rights.rs` of the same folder finds them in its source.
const CALLS: &str = include_str!("../../../tests/end_to_end/tests/rights.txt");

/// What does not cross, and why.
const AT_HOME: [(&str, &str); 15] = [
    ("Journal::entry", "the model's own tree: `entry_screen` shows it, `export_to` writes it as JSON"),
    ("Plan::current", "the model's own tree: screens show it, `export_to` writes it as FHIR"),
    ("Plan::import", "`import_watched` without a handle"),
    ("Pump::radio_event", "one door for every link: `Homeline::radio_events`"),
    ("Pump::radio_events", "one door for every link: `Homeline::radio_events`"),
    ("Report::visit", "the report's own tree: `preview` shows it, `write` writes it"),
    ("Report::visit_with", "the report's own tree: `preview` shows it, `write` writes it"),
    ("Security::verify", "`verify_watched` without a handle"),
    ("Sync::now", "`now_watched` without a handle"),
    ("VitalDevices::radio_event", "one door for every link: `Homeline::radio_events`"),
    ("is_when_needed", "for a terminal that folds the section away"),
    ("reminder_words", "a reminder crosses with its words"),
    ("step_words", "a step's words stand on today's screen"),
    ("trend_notices", "of a plan and entries in memory, for programs in Rust: `Insight::trends` crosses"),
    ("triage_of_fhir", "`triage_in_background` on the caller's own thread"),
];

fn bindings() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// All sources below a folder as one text without white space, so that no line break hides a call.
fn sources(folder: &Path, ending: &str) -> String {
    let mut text = String::new();
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            text.push_str(&sources(&path, ending));
        } else if path.extension().is_some_and(|found| found == ending) {
            text.extend(fs::read_to_string(path).unwrap().chars().filter(|c| !c.is_whitespace()));
        }
    }
    text
}

/// The parts of an open vault by the call that gives them, e.g. `Agenda` by `agenda`.
fn parts() -> BTreeMap<String, String> {
    let source = fs::read_to_string(bindings().join("../core/companion/src/homeline.rs")).unwrap();
    let heads = source.lines().filter_map(|line| line.trim().strip_prefix("pub fn ")?.split_once("(&self) -> "));
    heads.map(|(call, part)| (part.trim_end_matches(" {").to_owned(), call.to_owned())).collect()
}

/// The functions that the core offers beside its parts.
fn functions() -> BTreeSet<String> {
    let source = fs::read_to_string(bindings().join("../core/companion/src/lib.rs")).unwrap();
    let offered = source.split(';').filter_map(|item| item.trim().rsplit_once("pub use ")?.1.rsplit_once("::"));
    let names = offered.flat_map(|(_, names)| names.trim_matches(['{', '}']).split(','));
    let names = names.map(|name| name.rsplit(" as ").next().unwrap().trim().trim_matches(['{', '}']).trim().to_owned());
    names.filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase())).collect()
}

#[test]
fn every_call_of_the_core_crosses_or_is_named_with_its_reason() {
    let door = sources(&bindings().join("ffi/src"), "rs");
    let inbox: String = fs::read_to_string(bindings().join("ffi/src/inbox.rs")).unwrap();
    let inbox: String = inbox.chars().filter(|c| !c.is_whitespace()).collect();
    let parts = parts();
    assert!(parts.len() > 20, "{parts:?}");
    let crosses = |call: &str| match call.split_once("::") {
        None => door.contains(&format!("homeline_companion::{call}(")),
        Some(("LockedCard", name)) => door.contains(&format!("LockedCard::{name}(")),
        Some(("Homeline", name)) => {
            door.contains(&format!("self.inner.{name}(")) || door.contains(&format!("companion::Homeline::{name}("))
        }
        Some(("Inbox", name)) => {
            inbox.contains(&format!("self.inner.{name}(")) || inbox.contains(&format!("companion::Inbox::{name}("))
        }
        Some((part, name)) => {
            let part = parts.get(part).unwrap_or_else(|| panic!("an open vault has no {part}"));
            door.contains(&format!(".{part}().{name}("))
        }
    };
    let calls = CALLS.lines().map(|line| line.split(": ").next().unwrap().to_owned());
    let (calls, functions): (Vec<_>, Vec<_>) = (calls.collect(), functions().into_iter().collect());
    assert!(calls.len() > 120 && functions.len() > 5, "{} calls, {functions:?}", calls.len());
    let missing: Vec<_> = calls.iter().chain(&functions).filter(|call| !crosses(call)).map(String::as_str).collect();
    assert_eq!(missing, AT_HOME.map(|(call, _)| call), "left: what does not cross; right: what is named");
}

#[test]
fn every_call_that_crosses_is_in_both_languages() {
    let listed = fs::read_to_string(bindings().join("api/ffi.txt")).unwrap();
    let mut calls: BTreeSet<&str> = BTreeSet::new();
    // Ports are called by us.
    let mut is_called = false;
    for line in listed.lines() {
        if !line.starts_with(' ') {
            is_called = line.starts_with("object ") || line.starts_with("function ");
        }
        if let Some((head, _)) = line.split_once('(').filter(|_| is_called && !line.contains("constructor new(")) {
            calls.insert(head.rsplit(' ').next().unwrap());
        }
    }
    assert!(calls.len() > 120, "{calls:?}");
    for (language, folder, ending) in
        [("Kotlin", "kotlin/src/main/kotlin", "kt"), ("Swift", "swift/Sources/HomelineKit", "swift")]
    {
        let layer = sources(&bindings().join(folder), ending);
        let is_there = |call: &str| {
            let mut camel = String::new();
            for (place, word) in call.split('_').enumerate() {
                let mut letters = word.chars();
                match letters.next() {
                    Some(first) if place > 0 => camel.extend(first.to_uppercase().chain(letters)),
                    _ => camel.push_str(word),
                }
            }
            layer.contains(&format!("{camel}("))
        };
        let missing: Vec<_> = calls.iter().filter(|call| !is_there(call)).collect();
        // Both layers have one such call, over the synchronous one.
        assert_eq!(missing, [&"panic_on_purpose_later"], "{language} has no call for these");
    }
}
