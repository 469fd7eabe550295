//! The words of screens as data: one file for each language, `data/texts.en.json` and `data/texts.es.json`, key by key.
//!
//! A key says the same in each file, with the same places in braces; a test holds them against each other. The Spanish needs
//! a qualified translator before patients read it, as that of the advice does (45 CFR 92.201 asks for one where text is
//! critical). What the care team wrote is shown as it was written, in any language.

use crate::words::capitalised;
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Weekday};
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

    /// A day as a heading: `Monday, 23 November 2026`.
    pub(crate) fn weekday(self, day: NaiveDate) -> String {
        let weekday = self.weekday_name(day.weekday());
        let month = self.one_of("date.months", day.month0());
        let words: [(&str, &dyn std::fmt::Display); 4] =
            [("weekday", &weekday), ("day", &day.day()), ("month", &month), ("year", &day.year())];
        capitalised(&self.fill("date.long", &words))
    }

    /// `Monday`.
    pub(crate) fn weekday_name(self, day: Weekday) -> String {
        self.one_of("date.weekdays", day.num_days_from_monday())
    }

    /// A day in a line: `23 November 2026`.
    pub(crate) fn day(self, day: NaiveDate) -> String {
        let month = self.one_of("date.months", day.month0());
        self.fill("date.day", &[("day", &day.day()), ("month", &month), ("year", &day.year())])
    }

    /// A time of another day: `Mon 23 Nov 14:05`.
    pub(crate) fn day_and_time(self, at: DateTime<FixedOffset>) -> String {
        let weekday = self.one_of("date.weekdays-short", at.weekday().num_days_from_monday());
        let month = self.one_of("date.months-short", at.month0());
        format!("{weekday} {} {month} {}", at.day(), at.format("%H:%M"))
    }

    /// `14:05` today, `Mon 23 Nov 14:05` on any other day.
    pub(crate) fn time(self, at: DateTime<FixedOffset>, today: NaiveDate) -> String {
        if at.date_naive() == today { at.format("%H:%M").to_string() } else { self.day_and_time(at) }
    }

    /// The word at a place of a list of words.
    fn one_of(self, key: &'static str, place: u32) -> String {
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        self.say(key).split_whitespace().nth(place).map(str::to_owned).unwrap_or_default()
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
                } else if path.extension().is_some_and(|ending| ending == "rs") {
                    // What only a test names, nobody reads.
                    let source = std::fs::read_to_string(&path).unwrap();
                    text.push_str(source.split("#[cfg(test)]").next().unwrap());
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
    fn days_and_months_have_their_names() {
        let at = DateTime::parse_from_rfc3339("2026-11-23T08:05:00-06:00").unwrap();
        let (english, spanish) = (Texts::default(), Texts { language: Language::Spanish });
        assert_eq!(english.weekday(at.date_naive()), "Monday, 23 November 2026");
        assert_eq!(spanish.weekday(at.date_naive()), "Lunes, 23 de noviembre de 2026");
        assert_eq!(english.day(at.date_naive()), "23 November 2026");
        assert_eq!(spanish.day(at.date_naive()), "23 de noviembre de 2026");
        assert_eq!(english.time(at, at.date_naive()), "08:05");
        let tomorrow = at.date_naive().succ_opt().unwrap();
        assert_eq!(english.time(at, tomorrow), "Mon 23 Nov 08:05");
        assert_eq!(spanish.time(at, tomorrow), "lun 23 nov 08:05");
        for (key, number) in
            [("date.months", 12), ("date.months-short", 12), ("date.weekdays", 7), ("date.weekdays-short", 7)]
        {
            for texts in [english, spanish] {
                assert_eq!(texts.say(key).split_whitespace().count(), number, "{key}");
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
