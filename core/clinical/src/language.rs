//! Languages. English is complete and ours; Spanish is marked as needing review by a qualified translator (45 CFR
//! 92.201 asks for one where text is critical); any other language reads English with "ask for an interpreter".

/// The language of patient texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    English,
    /// Spanish.
    Spanish,
    /// A language that we have no texts for.
    Other,
}

impl Language {
    /// The language of a BCP 47 tag, e.g. `es-MX`. Only the first subtag counts.
    pub fn from_tag(tag: &str) -> Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("en") || primary.eq_ignore_ascii_case("eng") {
            Self::English
        } else if primary.eq_ignore_ascii_case("es") || primary.eq_ignore_ascii_case("spa") {
            Self::Spanish
        } else {
            Self::Other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_subtag_counts() {
        assert_eq!(Language::from_tag("es-MX"), Language::Spanish);
        assert_eq!(Language::from_tag("EN_us"), Language::English);
        assert_eq!(Language::from_tag("vi"), Language::Other);
        assert_eq!(Language::from_tag(""), Language::Other);
    }
}
