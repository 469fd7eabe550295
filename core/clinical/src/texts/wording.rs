//! Our own strings against our own rules: at or below 6th grade, short lines, no error-prone abbreviation, and none of the
//! words that promise or diagnose.

use super::{as_written, english_lines, spanish_texts};
use crate::language::Language;
use crate::readability::grade_in_hundredths;
use crate::symptoms::{site_findings, symptom_words};
use crate::wording_lint::lint_text;
use std::collections::BTreeMap;

fn by_key() -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut texts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (key, line) in english_lines() {
        texts.entry(key).or_default().push(line);
    }
    texts
}

fn spoken(line: &str) -> String {
    line.replace("{nurse}", "555")
        .replace("{pharmacist}", "555")
        .replace("{office}", "555")
        .replace("{emergency}", "911")
}

#[test]
fn every_advice_reads_at_sixth_grade_or_below() {
    for (key, lines) in by_key() {
        // Facts and names are put into other lines; alone they are no sentence.
        if key.starts_with("fact.") || key.starts_with("name.") || key.starts_with("call.") || key == "interpreter" {
            continue;
        }
        let text = lines.iter().map(|line| spoken(line)).collect::<Vec<_>>().join(" ");
        let grade = grade_in_hundredths(&text);
        assert!(grade <= 600, "{key} reads at grade {}.{:02}: {text}", grade / 100, grade % 100);
    }
}

#[test]
fn no_line_has_more_than_fifteen_words() {
    for (key, line) in english_lines() {
        assert!(spoken(line).split_whitespace().count() <= 15, "{key}: {line}");
    }
}

#[test]
fn none_of_our_strings_holds_an_error_prone_abbreviation() {
    let texts = english_lines().map(|(_, line)| line.to_owned());
    let spanish = spanish_texts().into_values().flatten().cloned();
    let symptoms = symptom_words().iter().flat_map(|word| [word.en.clone(), word.es.clone()]);
    let findings = site_findings().iter().flat_map(|word| [word.en.clone(), word.es.clone()]);
    for string in texts.chain(spanish).chain(symptoms).chain(findings) {
        assert_eq!(lint_text(&string), [], "{string}");
    }
}

#[test]
fn no_patient_text_promises_or_diagnoses() {
    let symptoms = symptom_words().iter().map(|word| word.en.as_str());
    let findings = site_findings().iter().map(|word| word.en.as_str());
    for string in english_lines().map(|(_, line)| line).chain(symptoms).chain(findings) {
        let lower = string.to_lowercase();
        for banned in ["safe", "normal", "diagnos", "infection", "you have a ", "you missed"] {
            assert!(!lower.contains(banned), "`{banned}` in: {string}");
        }
    }
    for string in spanish_texts().into_values().flatten() {
        let lower = string.to_lowercase();
        for banned in ["segur", "normal", "diagn", "infecci"] {
            assert!(!lower.contains(banned), "`{banned}` in: {string}");
        }
    }
}

#[test]
fn spanish_has_every_text_line_for_line_with_the_same_places_for_numbers() {
    let english = by_key();
    assert!(english.keys().eq(spanish_texts().keys()), "the same keys in both languages");
    let places = |line: &str| {
        let mut places: Vec<String> =
            line.split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or_default().to_owned()).collect();
        places.sort();
        places
    };
    for (key, lines) in english {
        let spanish = spanish_texts()[key];
        assert_eq!(lines.len(), spanish.len(), "{key}");
        for (english, spanish) in lines.iter().zip(spanish) {
            assert_eq!(places(english), places(spanish), "{key}");
            assert!(spanish.split_whitespace().count() <= 18, "{key}: {spanish}");
        }
    }
}

#[test]
fn order_text_that_offends_is_marked_as_written_and_never_reworded() {
    assert_eq!(as_written("Vancomycin 1.25 g daily", Language::English), "Vancomycin 1.25 g daily");
    assert_eq!(as_written("Heparin 10U QD", Language::English), "As written: “Heparin 10U QD”");
    assert_eq!(as_written("Heparin 10U QD", Language::Spanish), "Tal como está escrito: “Heparin 10U QD”");
}

#[test]
fn one_action_a_line() {
    let spanish = spanish_texts().into_iter().flat_map(|(key, lines)| lines.iter().map(move |l| (key, l.as_str())));
    for (key, line) in english_lines().chain(spanish) {
        let ends = line.matches(['.', '!', '?']).count();
        assert!(ends <= 1, "{key} has more than one sentence in a line: {line}");
    }
}

#[test]
fn every_place_for_a_number_is_one_that_is_filled() {
    let spanish = spanish_texts().into_iter().flat_map(|(key, lines)| lines.iter().map(move |l| (key, l.as_str())));
    for (key, line) in english_lines().chain(spanish) {
        let facts = [
            "took", "planned", "what", "count", "values", "usual", "value", "limit", "change", "least", "numbers",
            "text",
        ];
        let line = facts.iter().fold(spoken(line), |line, fact| line.replace(&format!("{{{fact}}}"), ""));
        assert!(!line.contains(['{', '}']), "{key}: {line}");
    }
}
