//! CTCAE v5.0 (NCI, public domain): the terms of home infusion with their grades, for the clinician's view. A clinician
//! grades; nothing here does, but for a fever (`ctcae_fever`). The table with its source is `data/ctcae.json`.

use serde::Deserialize;
use std::sync::LazyLock;

/// One term.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CtcaeTerm {
    /// The term's name.
    pub term: String,
    /// Our symptom keys that may point to it.
    pub symptoms: Vec<String>,
    /// What grades 1 to 4 mean; `None` where CTCAE defines none.
    pub grades: [Option<String>; 4],
    /// What CTCAE says beside the grades.
    #[serde(default)]
    pub note: Option<String>,
}

#[derive(Deserialize)]
struct CtcaeFile {
    terms: Vec<CtcaeTerm>,
}

static CTCAE: LazyLock<CtcaeFile> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/ctcae.json")).expect("embedded, and read by the tests")
});

/// Every term, in the order of the table.
pub fn ctcae_terms() -> &'static [CtcaeTerm] {
    &CTCAE.terms
}

/// The terms that a symptom may point to, for a clinician to choose from.
pub fn ctcae_terms_of(symptom: &str) -> impl Iterator<Item = &'static CtcaeTerm> {
    ctcae_terms().iter().filter(move |term| term.symptoms.iter().any(|key| key == symptom))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symptoms::symptom_key;
    use crate::wording_lint::lint_text;
    use std::collections::BTreeSet;

    #[test]
    fn every_term_is_there_once_with_a_grade_and_known_symptoms() {
        let names: BTreeSet<&str> = ctcae_terms().iter().map(|term| term.term.as_str()).collect();
        assert_eq!((names.len(), ctcae_terms().len()), (34, 34));
        for term in ctcae_terms() {
            assert!(term.grades.iter().any(Option::is_some), "{}", term.term);
            for key in &term.symptoms {
                assert_eq!(&symptom_key(key).unwrap().key, key, "{}", term.term);
            }
        }
        assert_eq!(ctcae_terms_of("nausea").map(|term| term.term.as_str()).collect::<Vec<_>>(), ["Nausea"]);
    }

    #[test]
    fn no_grade_holds_an_error_prone_abbreviation_or_a_meddra_number() {
        for text in ctcae_terms().iter().flat_map(|term| term.grades.iter().flatten().chain(&term.note)) {
            assert_eq!(lint_text(text), [], "{text}");
            let longest = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
            assert!(longest < Some(8), "MedDRA's numbers have 8 digits: {text}");
        }
    }
}
