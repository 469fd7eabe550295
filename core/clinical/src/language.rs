//! Languages. English is complete and ours; Spanish is complete and marked as needing review by a qualified translator
//! (45 CFR 92.201 asks for one where text is critical); any other language reads English with "ask for an interpreter" in
//! that language, where `data/interpreter.json` has the line, else in English.

use serde::Deserialize;
use std::sync::LazyLock;

/// The language of patient texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    English,
    /// Spanish.
    Spanish,
    /// A language that we have no texts for, with its own words for "ask for an interpreter" where we have them.
    Other(Option<&'static str>),
}

#[derive(Deserialize)]
struct InterpreterFile {
    languages: Vec<Interpreter>,
}

#[derive(Deserialize)]
struct Interpreter {
    tags: Vec<String>,
    line: String,
}

static INTERPRETER: LazyLock<InterpreterFile> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../data/interpreter.json")).expect("embedded, and read by the tests")
});

impl Language {
    /// The language of a BCP 47 tag, e.g. `es-MX`. Only the first subtag counts.
    pub fn from_tag(tag: &str) -> Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        let is = |tags: &[&str]| tags.iter().any(|tag| primary.eq_ignore_ascii_case(tag));
        if is(&["en", "eng"]) {
            return Self::English;
        }
        if is(&["es", "spa"]) {
            return Self::Spanish;
        }
        let known = INTERPRETER
            .languages
            .iter()
            .find(|language| language.tags.iter().any(|tag| primary.eq_ignore_ascii_case(tag)));
        Self::Other(known.map(|language| language.line.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_subtag_counts() {
        assert_eq!(Language::from_tag("es-MX"), Language::Spanish);
        assert_eq!(Language::from_tag("EN_us"), Language::English);
        assert_eq!(Language::from_tag("vi-VN"), Language::Other(Some("Xin yêu cầu thông dịch viên.")));
        assert_eq!(Language::from_tag("xx"), Language::Other(None));
        assert_eq!(Language::from_tag(""), Language::Other(None));
    }
}
