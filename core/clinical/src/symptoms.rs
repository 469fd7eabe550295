//! Our own plain words for what a patient may notice, with stable keys. Entries keep the key; words may be mended.
//!
//! The wording is ours on purpose: PRO-CTCAE's items may not be redistributed or used for triage (NCI terms of use).

use crate::error::ClinicalError;
use crate::language::Language;
use serde::Deserialize;
use std::sync::LazyLock;

/// Under which heading a symptom is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SymptomGroup {
    /// How the body feels.
    Feeling,
    /// The skin.
    Skin,
    /// Danger signs.
    Danger,
    /// Swelling away from the site.
    Swelling,
    /// Hearing and balance.
    Senses,
    /// Where the line or needle goes in.
    Site,
    /// The line itself.
    Line,
    /// The pump.
    Pump,
    /// The drug, its bag and its doses.
    Medicine,
    /// Deliveries, visits, plans.
    Supply,
}

/// One symptom or event.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SymptomWord {
    /// Stable key, e.g. `trouble-breathing`.
    pub key: String,
    /// Heading.
    pub group: SymptomGroup,
    /// Name in English.
    pub en: String,
    /// Name in Spanish; needs review by a qualified translator.
    pub es: String,
    /// Other words that people type.
    pub also: Vec<String>,
}

impl SymptomWord {
    /// The name to show.
    pub fn name(&self, language: Language) -> &str {
        match language {
            Language::English | Language::Other(_) => &self.en,
            Language::Spanish => &self.es,
        }
    }
}

/// One yes/no question about the site.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SiteFindingWord {
    /// Stable key, e.g. `redness`.
    pub key: String,
    /// Name in English.
    pub en: String,
    /// Name in Spanish; needs review by a qualified translator.
    pub es: String,
}

impl SiteFindingWord {
    /// The name to show.
    pub fn name(&self, language: Language) -> &str {
        match language {
            Language::English | Language::Other(_) => &self.en,
            Language::Spanish => &self.es,
        }
    }
}

#[derive(Deserialize)]
struct SymptomFile {
    symptoms: Vec<SymptomWord>,
    findings: Vec<SiteFindingWord>,
}

static WORDS: LazyLock<SymptomFile> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../data/symptoms.json")).expect("embedded, and read by the tests")
});

/// All symptoms, grouped by heading.
pub fn symptom_words() -> &'static [SymptomWord] {
    &WORDS.symptoms
}

/// All site findings.
pub fn site_findings() -> &'static [SiteFindingWord] {
    &WORDS.findings
}

/// What each symptom is called, in the order of the list.
static SYMPTOM_NAMES: LazyLock<Vec<Names>> = LazyLock::new(|| {
    let all = |word: &'static SymptomWord| [&word.key, &word.en, &word.es].into_iter().chain(&word.also);
    WORDS.symptoms.iter().map(|word| Names::new(&word.key, all(word))).collect()
});

/// What each site finding is called, in the order of the list.
static FINDING_NAMES: LazyLock<Vec<Names>> = LazyLock::new(|| {
    WORDS.findings.iter().map(|word| Names::new(&word.key, [&word.key, &word.en, &word.es].into_iter())).collect()
});

/// The symptom with this key, name or other word, in any case. Errors with the keys that look alike.
pub fn symptom_key(typed: &str) -> Result<&'static SymptomWord, ClinicalError> {
    let typed = plain(typed);
    let found = SYMPTOM_NAMES.iter().position(|names| names.plain.contains(&typed));
    found
        .and_then(|index| WORDS.symptoms.get(index))
        .ok_or_else(|| ClinicalError::UnknownSymptom { did_you_mean: alike(&typed, &SYMPTOM_NAMES) })
}

/// The site finding with this key or name, in any case. Errors with the keys that look alike.
pub fn site_finding_key(typed: &str) -> Result<&'static SiteFindingWord, ClinicalError> {
    let typed = plain(typed);
    let found = FINDING_NAMES.iter().position(|names| names.plain.contains(&typed));
    found
        .and_then(|index| WORDS.findings.get(index))
        .ok_or_else(|| ClinicalError::UnknownFinding { did_you_mean: alike(&typed, &FINDING_NAMES) })
}

/// The names of one row, ready to be compared.
struct Names {
    key: &'static str,
    plain: Vec<String>,
}

impl Names {
    fn new(key: &'static str, names: impl Iterator<Item = &'static String>) -> Self {
        Self { key, plain: names.map(|name| plain(name)).collect() }
    }
}

/// Lower case, with one space where there was a hyphen, an underscore or several spaces.
fn plain(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if matches!(c, '-' | '_') { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

const MOST_SUGGESTIONS: usize = 5;
/// Longer than any name; the comparison is quadratic.
const LONGEST_NAME: usize = 60;

fn alike(typed: &str, rows: &[Names]) -> Vec<String> {
    if typed.is_empty() || typed.chars().count() > LONGEST_NAME {
        return Vec::new();
    }
    let mut ranked: Vec<(usize, &str)> = rows
        .iter()
        .filter_map(|row| Some((row.plain.iter().filter_map(|name| distance(typed, name)).min()?, row.key)))
        .collect();
    ranked.sort_unstable();
    ranked.into_iter().take(MOST_SUGGESTIONS).map(|(_, key)| key.to_owned()).collect()
}

/// How far a name is from what was typed: 0 when one holds the other, else the edits between them. `None` when they
/// have too little in common to be meant.
fn distance(typed: &str, name: &str) -> Option<usize> {
    let (typed_length, name_length) = (typed.chars().count(), name.chars().count());
    if typed_length >= 3 && name_length >= 3 && (name.contains(typed) || typed.contains(name)) {
        return Some(0);
    }
    let most = typed_length.max(3) / 3;
    let edits = if typed_length.abs_diff(name_length) <= most { edits(typed, name) } else { return None };
    (edits <= most).then_some(edits)
}

/// Levenshtein distance.
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_symptom_is_found_by_key_by_name_and_by_other_words() {
        for typed in
            ["trouble-breathing", "Trouble breathing", "short of breath", "DYSPNEA", "Dificultad para respirar"]
        {
            assert_eq!(symptom_key(typed).unwrap().key, "trouble-breathing", "{typed}");
        }
    }

    #[test]
    fn a_slip_of_the_finger_gets_a_suggestion_and_nonsense_gets_none() {
        let ClinicalError::UnknownSymptom { did_you_mean } = symptom_key("nausae").unwrap_err() else { panic!() };
        assert_eq!(did_you_mean.first().map(String::as_str), Some("nausea"));
        let ClinicalError::UnknownSymptom { did_you_mean } = symptom_key("xqzzkw").unwrap_err() else { panic!() };
        assert!(did_you_mean.is_empty(), "{did_you_mean:?}");
        assert!(symptom_key("swollen").unwrap_err().to_string().contains("arm-swelling"));
    }

    #[test]
    fn the_error_does_not_repeat_what_was_typed() {
        assert!(!symptom_key("my secret").unwrap_err().to_string().contains("secret"));
    }

    #[test]
    fn no_two_symptoms_share_a_name() {
        let mut seen = BTreeSet::new();
        for word in symptom_words() {
            let names: BTreeSet<String> =
                [&word.key, &word.en, &word.es].into_iter().chain(&word.also).map(|n| plain(n)).collect();
            for name in names {
                assert!(seen.insert(name.clone()), "{name} is in two rows");
            }
        }
    }

    #[test]
    fn a_finding_is_found_and_a_slip_gets_a_suggestion() {
        assert_eq!(site_finding_key("Wet dressing").unwrap().key, "wet-dressing");
        assert!(site_finding_key("rednes").unwrap_err().to_string().contains("redness"));
    }
}
