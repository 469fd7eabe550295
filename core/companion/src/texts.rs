//! The words of screens as data: one file for each language, `data/texts.en.json` and `data/texts.es.json`, key by key.
//!
//! A key says the same in each file, with the same places in braces; a test holds them against each other. The Spanish needs
//! a qualified translator before patients read it, as that of the advice does (45 CFR 92.201 asks for one where text is
//! critical). What the care team wrote is shown as it was written, in any language.

use homeline_clinical::Language;
use std::collections::HashMap;
use std::sync::LazyLock;

type Catalogue = HashMap<String, String>;

fn read(file: &str) -> Catalogue {
    serde_json::from_str(file).expect("embedded, and read by the tests")
}

static ENGLISH: LazyLock<Catalogue> = LazyLock::new(|| read(include_str!("../data/texts.en.json")));
static SPANISH: LazyLock<Catalogue> = LazyLock::new(|| read(include_str!("../data/texts.es.json")));

/// The languages that screens speak, as BCP 47 tags with their own names.
pub const LANGUAGES: [(&str, &str); 2] = [("en", "English"), ("es", "Español")];

/// The words of one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Texts {
    pub(crate) language: Language,
}

impl Default for Texts {
    fn default() -> Self {
        Self { language: Language::English }
    }
}

impl Texts {
    /// The words of a key. A key that no file has stands as it is, which a test finds.
    pub(crate) fn say(self, key: &'static str) -> String {
        let spanish = match self.language {
            Language::Spanish => SPANISH.get(key),
            // Other languages read English, as the advice does.
            Language::English | Language::Other(_) => None,
        };
        spanish.or_else(|| ENGLISH.get(key)).map_or_else(|| key.to_owned(), Clone::clone)
    }

    /// The same with values for its places, `{name}`.
    pub(crate) fn fill(self, key: &'static str, values: &[(&str, &dyn std::fmt::Display)]) -> String {
        values
            .iter()
            .fold(self.say(key), |text, (name, value)| text.replace(&format!("{{{name}}}"), &value.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    fn places(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
    }

    #[test]
    fn every_key_is_in_each_language_with_the_same_places_and_words() {
        let keys = |catalogue: &Catalogue| catalogue.keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(keys(&ENGLISH), keys(&SPANISH));
        for (key, english) in ENGLISH.iter() {
            let spanish = &SPANISH[key];
            assert_eq!(places(english), places(spanish), "{key}");
            assert!(!english.trim().is_empty() && !spanish.trim().is_empty(), "{key}");
        }
    }

    #[test]
    fn every_key_that_a_screen_names_is_there_and_every_key_is_named() {
        fn sources(folder: &Path, text: &mut String) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    sources(&path, text);
                } else if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("texts.rs") {
                    text.push_str(&std::fs::read_to_string(&path).unwrap());
                }
            }
        }
        let mut source = String::new();
        let core = Path::new(env!("CARGO_MANIFEST_DIR"));
        sources(&core.join("src"), &mut source);
        // The keys of what stands on the buttons of an alarm.
        sources(&core.join("../schedule/src"), &mut source);
        for key in ENGLISH.keys() {
            assert!(source.contains(&format!("\"{key}\"")), "{key} is named nowhere");
        }
        for part in source.split(".say(").chain(source.split(".fill(")).skip(1) {
            let argument = part.trim_start();
            if let Some(key) = argument.strip_prefix('"').and_then(|rest| rest.split('"').next()) {
                assert!(ENGLISH.contains_key(key), "{key} is in no file");
            }
        }
    }

    #[test]
    fn values_stand_in_their_places() {
        let texts = Texts { language: Language::Spanish };
        assert_eq!(texts.fill("overdue.some", &[("number", &3)]), "Sin registrar: 3");
        assert_eq!(Texts { language: Language::Other(None) }.say("messages.title"), "Messages");
    }
}
