//! The symptoms that can be logged, in plain words.

use homeline_clinical::{Language, symptom_words};
use serde::Serialize;

/// One symptom to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SymptomChoice {
    /// Its key, as stored and as in JSON.
    pub key: String,
    /// Its words.
    pub name: String,
}

/// All symptoms, in the order in which they are shown.
pub fn symptoms() -> Vec<SymptomChoice> {
    symptom_words()
        .iter()
        .map(|word| SymptomChoice { key: word.key.clone(), name: word.name(Language::English).to_owned() })
        .collect()
}
