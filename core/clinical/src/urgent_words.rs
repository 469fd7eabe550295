//! Words in a message that cannot wait for an answer: whoever writes them is told to call, before the message is sent and
//! after it.
//!
//! The list is `data/urgent_words.json`. Its rows reuse the symptom words and the rules of triage, so that a message and a
//! logged symptom ask for the same call. A word found is no diagnosis, and a message without one is no promise.

use crate::language::Language;
use crate::symptoms::symptom_words;
use crate::triage::RuleSet;
use crate::triage::advice_text;
use homeline_model::{Advice, AdviceLevel, CarePlan};
use serde::Deserialize;
use std::sync::LazyLock;

#[derive(Deserialize)]
struct WordFile {
    rows: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    symptom: Option<String>,
    rule: Option<String>,
    key: Option<String>,
    level: Option<AdviceLevel>,
    source: Option<String>,
    en: Vec<String>,
    es: Vec<String>,
    #[serde(default)]
    never: Vec<String>,
}

/// One row, ready to be looked for.
struct Urgent {
    rule: String,
    level: AdviceLevel,
    source: String,
    phrases: Vec<String>,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let file: WordFile =
        serde_json::from_str(include_str!("../data/urgent_words.json")).expect("embedded, and read by the tests");
    file.rows
});

static WORDS: LazyLock<Vec<Urgent>> = LazyLock::new(|| ROWS.iter().filter_map(urgent).collect());

fn urgent(row: &Row) -> Option<Urgent> {
    let symptom = row.symptom.as_ref().and_then(|key| symptom_words().iter().find(|word| &word.key == key));
    let names = symptom.into_iter().flat_map(|word| [&word.key, &word.en, &word.es].into_iter().chain(&word.also));
    let never: Vec<String> = row.never.iter().map(|word| plain(word)).collect();
    let mut phrases: Vec<String> = names.chain(&row.en).chain(&row.es).map(|phrase| plain(phrase)).collect();
    phrases.retain(|phrase| !never.contains(phrase));
    phrases.sort();
    phrases.dedup();
    let rule = row.rule.as_ref().and_then(|id| RuleSet::built_in().rules().iter().find(|rule| &rule.id == id));
    match rule {
        Some(rule) => Some(Urgent { rule: rule.id.clone(), level: rule.level, source: rule.source.clone(), phrases }),
        None => Some(Urgent { rule: row.key.clone()?, level: row.level?, source: row.source.clone()?, phrases }),
    }
}

/// Lower case, without accents, every run of other characters one space, with a space at both ends: so that a phrase is
/// found at the borders of words only. An apostrophe is left out, because people leave it out.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len() + 2);
    plain.push(' ');
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            '\'' | '’' | '\u{300}'..='\u{36f}' => {}
            'á' | 'à' | 'â' | 'ä' => plain.push('a'),
            'é' | 'è' | 'ê' | 'ë' => plain.push('e'),
            'í' | 'ì' | 'î' | 'ï' => plain.push('i'),
            'ó' | 'ò' | 'ô' | 'ö' => plain.push('o'),
            'ú' | 'ù' | 'û' | 'ü' => plain.push('u'),
            'ñ' => plain.push('n'),
            c if c.is_alphanumeric() => plain.push(c),
            _ if plain.ends_with(' ') => {}
            _ => plain.push(' '),
        }
    }
    if !plain.ends_with(' ') {
        plain.push(' ');
    }
    plain
}

/// What to do instead of waiting for an answer: at most one piece of advice, the most urgent, with every word that asked for
/// it in `because`. `None` when no word of the list stands in the text.
pub fn do_not_wait(text: &str, plan: &CarePlan, language: Language) -> Option<Advice> {
    let text = plain(text);
    let found = |urgent: &&Urgent| urgent.phrases.iter().any(|phrase| text.contains(phrase.as_str()));
    let found: Vec<&Urgent> = WORDS.iter().filter(found).collect();
    let first = found.iter().max_by_key(|urgent| urgent.level)?;
    let of_level = found.iter().filter(|urgent| urgent.level == first.level);
    let mut because: Vec<String> = of_level
        .flat_map(|urgent| urgent.phrases.iter().filter(|phrase| text.contains(phrase.as_str())))
        .map(|phrase| format!("“{}”", phrase.trim()))
        .collect();
    because.sort();
    because.dedup();
    Some(Advice {
        rule: first.rule.clone(),
        level: first.level,
        text: advice_text::lines("message.do-not-wait", None, first.level, plan, language),
        because,
        source: first.source.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn level(text: &str) -> Option<AdviceLevel> {
        let text = plain(text);
        let spoken = WORDS.iter().filter(|urgent| urgent.phrases.iter().any(|phrase| text.contains(phrase.as_str())));
        spoken.map(|urgent| urgent.level).max()
    }

    #[test]
    fn every_row_has_a_source_and_stands_on_a_rule_and_a_symptom_of_triage() {
        let rules = RuleSet::built_in().rules();
        let mut seen = BTreeSet::new();
        for row in ROWS.iter() {
            match (&row.symptom, &row.rule) {
                (Some(symptom), Some(rule)) => {
                    assert!(symptom_words().iter().any(|word| &word.key == symptom), "{symptom}");
                    let rule = rules.iter().find(|known| &known.id == rule).unwrap();
                    assert!(format!("{:?}", rule.when).contains(&format!("\"{symptom}\"")), "{symptom}: {}", rule.id);
                    assert!(rule.level >= AdviceLevel::CallNow && !rule.source.is_empty(), "{}", rule.id);
                    assert!(seen.insert(symptom.clone()), "{symptom} stands twice");
                }
                (None, None) => {
                    let named = row.key.is_some() && row.level.is_some();
                    assert!(named && row.source.as_ref().is_some_and(|source| !source.is_empty()));
                    assert!(!row.en.is_empty() && !row.es.is_empty());
                }
                (symptom, rule) => panic!("half a row: {symptom:?} {rule:?}"),
            }
        }
        assert_eq!(WORDS.len(), ROWS.len());
    }

    #[test]
    fn words_that_cannot_wait_are_found_in_both_languages_whatever_is_typed_around_them() {
        for text in [
            "I CAN’T BREATHE since the new bag",
            "he cant breathe",
            "chest pain, left side",
            "Me falta el aire!!",
            "No despierta",
            "she collapsed in the kitchen",
            "vómito con sangre",
        ] {
            assert_eq!(level(text), Some(AdviceLevel::Emergency), "{text}");
        }
        for text in [
            "I have a fever of 101 since noon",
            "Tengo calentura",
            "the line wont flush",
            "the PICC is leaking",
            "gave it twice by mistake",
            "Es urgente",
            "La alarma no para",
        ] {
            assert_eq!(level(text), Some(AdviceLevel::CallNow), "{text}");
        }
    }

    #[test]
    fn ordinary_questions_call_nobody() {
        for text in [
            "May I take my usual allergy pill today?",
            "When does the next delivery come?",
            "¿Puedo bañarme con el catéter?",
            "I feel fit and slept well",
            "It is hot today, may the bag lie in the car?",
            "Thank you for the surgery date", // no "urge" inside of a word
            "",
        ] {
            assert_eq!(level(text), None, "{text}");
        }
    }
}
