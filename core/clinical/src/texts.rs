//! Patient texts by key. A text is a list of lines, one action each (AHRQ: at or below 6th grade). Numbers to call are
//! arguments and come from the care plan; there is no default number.

use crate::language::Language;
use crate::wording_lint::lint_text;
use homeline_model::{CarePlan, Contact, ContactPurpose};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

#[derive(Deserialize)]
struct TextFile {
    texts: BTreeMap<String, Vec<String>>,
}

static ENGLISH: LazyLock<TextFile> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../data/texts.en.json")).expect("embedded, and read by the tests")
});
static SPANISH: LazyLock<TextFile> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../data/texts.es.json")).expect("embedded, and read by the tests")
});

/// A text and whether it is in the language asked for.
pub(crate) struct Text {
    pub lines: Vec<String>,
    pub in_language: bool,
}

/// The lines of a key; English when the language has none. `None` for a key that does not exist.
pub(crate) fn text(key: &str, language: Language) -> Option<Text> {
    let translated = match language {
        Language::English => None,
        Language::Spanish => SPANISH.texts.get(key),
        Language::Other(_) => None,
    };
    match translated {
        Some(lines) => Some(Text { lines: lines.clone(), in_language: true }),
        None => {
            let lines = ENGLISH.texts.get(key)?;
            Some(Text { lines: lines.clone(), in_language: language == Language::English })
        }
    }
}

/// The one line of a key, for words that are put into other lines. Empty for a key that does not exist.
pub(crate) fn word(key: &str, language: Language) -> String {
    text(key, language).and_then(|text| text.lines.into_iter().next()).unwrap_or_default()
}

/// "Ask for an interpreter", in the reader's language where we have it.
pub(crate) fn interpreter(language: Language) -> String {
    match language {
        Language::Other(Some(line)) => line.to_owned(),
        Language::English | Language::Spanish | Language::Other(None) => word("interpreter", language),
    }
}

/// Text of an order or of the care team as it may be shown: as it is, or marked as written when it holds something that
/// [`lint_text`] finds. Nobody's order is reworded here.
pub fn as_written(text: &str, language: Language) -> String {
    if lint_text(text).is_empty() { text.to_owned() } else { word("as-written", language).replace("{text}", text) }
}

/// Every English line with its key, of these texts and of the guide to alarms, for the checks of wording.
#[cfg(test)]
pub(crate) fn english_lines() -> impl Iterator<Item = (&'static str, &'static str)> {
    let texts = ENGLISH.texts.iter().map(|(key, lines)| (key.as_str(), lines.as_slice()));
    let guide = crate::alarm_guide::guide_lines().map(|(kind, english, _)| (kind, english));
    texts.chain(guide).flat_map(|(key, lines)| lines.iter().map(move |line| (key, line.as_str())))
}

/// Every Spanish key with its lines, of the same, for the checks of completeness.
#[cfg(test)]
pub(crate) fn spanish_texts() -> BTreeMap<&'static str, &'static [String]> {
    let texts = SPANISH.texts.iter().map(|(key, lines)| (key.as_str(), lines.as_slice()));
    texts.chain(crate::alarm_guide::guide_lines().map(|(kind, _, spanish)| (kind, spanish))).collect()
}

/// The first contact for a purpose.
pub(crate) fn contact(plan: &CarePlan, purpose: ContactPurpose) -> Option<&Contact> {
    plan.contacts.iter().find(|contact| contact.purpose == purpose && !contact.phone.trim().is_empty())
}

/// Puts the care plan's numbers into `{nurse}`, `{pharmacist}`, `{office}` and `{emergency}`: the number first, then who
/// answers. Without a number it is said in words.
pub(crate) fn with_numbers(line: &str, plan: &CarePlan, language: Language) -> String {
    let places = [
        ("{nurse}", ContactPurpose::OnCallNurse, "name.nurse"),
        ("{pharmacist}", ContactPurpose::Pharmacist, "name.pharmacist"),
        ("{office}", ContactPurpose::Office, "name.office"),
        ("{emergency}", ContactPurpose::Emergency, "name.emergency"),
    ];
    let mut line = line.to_owned();
    for (place, purpose, name) in places {
        if line.contains(place) {
            let words = match contact(plan, purpose) {
                Some(contact) => format!("{} ({})", contact.phone.trim(), contact.label),
                None => word(name, language),
            };
            line = line.replace(place, &words);
        }
    }
    line
}

#[cfg(test)]
mod wording;
