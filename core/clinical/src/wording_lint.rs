//! Error-prone abbreviations, symbols and dose designations (ISMP list; The Joint Commission's Do Not Use list), found in
//! any text: our own strings, where none may stand, and order text, which is shown "as written" when it offends.
//!
//! The list is `data/ismp.json`. A zero is missing before any decimal point; the rest of a number is looked at only where a
//! dose unit follows: "38.0 °C" is a measured value and keeps its zero, "1.0 mg" does not. A slash offends where it can be
//! read as the digit 1, between two amounts of one unit ("25 units/10 units").

use serde::Deserialize;
use std::ops::Range;
use std::sync::LazyLock;

/// One offence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What stands there.
    pub found: String,
    /// Where, in bytes of the text.
    pub span: Range<usize>,
    /// What to write instead.
    pub instead: String,
}

#[derive(Deserialize)]
struct IsmpFile {
    words: Vec<Word>,
    symbols: Vec<Symbol>,
    dose_units: Vec<String>,
    /// Units of measured values, which keep their zero.
    lab_units: Vec<String>,
    designations: Designations,
}

#[derive(Deserialize)]
struct Word {
    found: String,
    instead: String,
    #[serde(default)]
    any_case: bool,
    #[serde(default)]
    after_number: bool,
    /// Words that make it clear when they stand anywhere in the text.
    #[serde(default)]
    unless: Option<String>,
}

#[derive(Deserialize)]
struct Symbol {
    found: char,
    instead: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Designations {
    leading_point: String,
    trailing_zero: String,
    no_space: String,
    no_comma: String,
    slash: String,
}

static LIST: LazyLock<IsmpFile> =
    LazyLock::new(|| serde_json::from_str(include_str!("../data/ismp.json")).expect("embedded, and read by the tests"));

/// Every offence in the order of the text; empty when there is none.
pub fn lint_text(text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut before: Option<char> = None;
    // Where the last whole word or number that was reported ends: nothing is reported twice.
    let mut done = 0;
    for (at, character) in text.char_indices() {
        let rest = text.get(at..).unwrap_or_default();
        if at >= done {
            let found = symbol(character)
                .or_else(|| slash(character, text.get(..at).unwrap_or_default(), rest))
                .or_else(|| word(rest, before, text.get(..at).unwrap_or_default(), text));
            if let Some((length, instead)) = found {
                push(&mut findings, text, at..at + length, instead);
                done = at + length;
            } else if (character.is_ascii_digit() || character == '.') && starts_number(before) {
                let length = number_length(rest);
                designation(&mut findings, text, at, length);
                done = at + length;
            }
        }
        before = Some(character);
    }
    findings
}

fn push(findings: &mut Vec<Finding>, text: &str, span: Range<usize>, instead: &str) {
    let found = text.get(span.clone()).unwrap_or_default().to_owned();
    findings.push(Finding { found, span, instead: instead.to_owned() });
}

fn symbol(character: char) -> Option<(usize, &'static str)> {
    LIST.symbols
        .iter()
        .find(|symbol| symbol.found == character)
        .map(|symbol| (character.len_utf8(), symbol.instead.as_str()))
}

/// A slash between two amounts of one unit.
fn slash(character: char, before: &str, rest: &str) -> Option<(usize, &'static str)> {
    if character != '/' {
        return None;
    }
    let after = rest.get(1..)?.trim_start();
    let number = after.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ','))).filter(|length| *length > 0)?;
    let unit_after = after.get(number..)?.trim_start();
    let unit_after = unit_after.get(..dose_unit_length(unit_after)?)?;
    before.trim_end().ends_with(unit_after).then_some((1, LIST.designations.slash.as_str()))
}

fn word(rest: &str, before: Option<char>, text_before: &str, text: &str) -> Option<(usize, &'static str)> {
    LIST.words
        .iter()
        .filter(|word| word.unless.as_ref().is_none_or(|clear| !text.to_lowercase().contains(clear.as_str())))
        .filter_map(|word| {
            let length = matched_length(rest, &word.found, word.any_case)?;
            let ends = rest.get(length..)?.chars().next().is_none_or(|next| !next.is_alphanumeric());
            let starts = if word.after_number {
                text_before.trim_end().ends_with(|c: char| c.is_ascii_digit())
            } else {
                before.is_none_or(|before| !before.is_alphanumeric())
            };
            (starts && ends).then_some((length, word.instead.as_str()))
        })
        .max_by_key(|(length, _)| *length)
}

fn matched_length(rest: &str, pattern: &str, any_case: bool) -> Option<usize> {
    let mut length = 0;
    let mut characters = rest.chars();
    for wanted in pattern.chars() {
        let character = characters.next()?;
        let same = character == wanted || (any_case && character.eq_ignore_ascii_case(&wanted));
        if !same {
            return None;
        }
        length += character.len_utf8();
    }
    Some(length)
}

fn starts_number(before: Option<char>) -> bool {
    before.is_none_or(|before| !before.is_alphanumeric() && !matches!(before, '.' | ','))
}

/// Digits with points and commas between them; a point at the end belongs to the sentence.
fn number_length(rest: &str) -> usize {
    let run = rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ','))).unwrap_or(rest.len());
    rest.get(..run).unwrap_or_default().trim_end_matches(['.', ',']).len().max(1)
}

fn designation(findings: &mut Vec<Finding>, text: &str, at: usize, length: usize) {
    let number = text.get(at..at + length).unwrap_or_default();
    let after = text.get(at + length..).unwrap_or_default();
    let unit = after.trim_start_matches([' ', '\u{a0}']);
    let spaced = unit.len() < after.len();
    let whole = at..at + length;
    let texts = &LIST.designations;
    let (digits, fraction) = number.split_once('.').map_or((number, None), |(digits, rest)| (digits, Some(rest)));
    if digits.is_empty() && fraction.is_some_and(|fraction| !fraction.is_empty()) {
        push(findings, text, whole.clone(), &texts.leading_point);
    }
    let Some(unit_length) = dose_unit_length(unit) else { return };
    let with_unit = at..text.len() - unit.len() + unit_length;
    if fraction.is_some_and(|fraction| fraction.ends_with('0')) {
        push(findings, text, whole.clone(), &texts.trailing_zero);
    }
    if digits.len() > 3 && !digits.contains(',') {
        push(findings, text, whole, &texts.no_comma);
    }
    if !spaced {
        push(findings, text, with_unit, &texts.no_space);
    }
}

fn dose_unit_length(text: &str) -> Option<usize> {
    let longest = |units: &[String]| {
        let begins = |unit: &&String| {
            text.strip_prefix(unit.as_str())
                .is_some_and(|rest| rest.chars().next().is_none_or(|next| !next.is_alphanumeric()))
        };
        units.iter().filter(begins).map(String::len).max()
    };
    longest(&LIST.dose_units).filter(|_| longest(&LIST.lab_units).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, String)> {
        lint_text(text).into_iter().map(|finding| (finding.found, finding.instead)).collect()
    }

    #[test]
    fn every_row_of_the_list_is_found_in_a_sentence_and_not_inside_a_word() {
        for row in &LIST.words {
            let number = if row.after_number { "10 " } else { "" };
            let text = format!("give {number}{} now", row.found);
            assert_eq!(found(&text), [(row.found.clone(), row.instead.clone())], "{text}");
            let inside = format!("xx{}xx", row.found);
            assert_eq!(found(&inside), [], "{inside}");
        }
        for row in &LIST.symbols {
            assert_eq!(found(&format!("dose {} 5", row.found)), [(row.found.to_string(), row.instead.clone())]);
        }
    }

    #[test]
    fn dose_designations_are_found_where_a_dose_unit_follows() {
        for (text, offence, instead) in [
            ("give .5 mg", ".5", "a zero before the decimal point"),
            ("give 1.0 mg", "1.0", "no zero after the decimal point"),
            ("give 2.50 mL", "2.50", "no zero after the decimal point"),
            ("give 10mg", "10mg", "a space between number and unit"),
            ("heparin 10000 units", "10000", "a comma for each thousand"),
            ("heparin 10U", "U", "units"),
            ("insulin 10 u", "u", "units"),
            ("take .5 of it", ".5", "a zero before the decimal point"),
            ("take 2.0 tablets", "2.0", "no zero after the decimal point"),
            ("insulin 25 units/10 units", "/", "and, or per"),
            ("start TPN tonight", "TPN", "parenteral nutrition"),
        ] {
            assert_eq!(found(text), [(offence.to_owned(), instead.to_owned())], "{text}");
        }
    }

    #[test]
    fn plain_words_and_measured_values_are_left_alone() {
        for text in [
            "Temperature 38.0 °C",
            "Potassium 4.0 mmol/L, glucose 1100 mg/dL",
            "give 0.5 mg daily",
            "heparin 10,000 units",
            "1 g in 250 mL over 90 minutes",
            "60 mL/h",
            "100 mg/5 mL, blood pressure 118/76",
            "Parenteral nutrition (TPN) runs at night. The TPN bag is cold.",
            "As needed. Ad lib. It is 100.4 °F or more.",
            "Call 555-0100 now.",
            "U.S. zone, cc: nobody's accent",
            "2026-11-23 08:00",
        ] {
            let findings = found(text);
            // "cc" is on the list wherever it stands alone.
            let others: Vec<_> = findings.iter().filter(|(found, _)| found != "cc").collect();
            assert!(others.is_empty(), "{text}: {others:?}");
        }
    }

    #[test]
    fn the_span_points_at_the_offence_in_bytes() {
        let text = "Gib 5 µg QD";
        for finding in lint_text(text) {
            assert_eq!(text.get(finding.span.clone()), Some(finding.found.as_str()));
        }
        assert_eq!(found(text).len(), 2);
    }
}
