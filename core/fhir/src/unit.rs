//! The units that we understand: UCUM codes with the words that a person reads.
//!
//! A unit outside this list is a question for the team, never a guess: an order in a unit that nobody checked must not
//! be scheduled. The words avoid ISMP's error-prone abbreviations (`units`, never `IU` or `U`; `mcg`, never `µg`).

use homeline_model::Unit;

/// UCUM code and what a person reads.
const UNITS: &[(&str, &str)] = &[
    // Amounts.
    ("kg", "kg"),
    ("g", "g"),
    ("mg", "mg"),
    ("ug", "mcg"),
    ("ng", "ng"),
    ("L", "L"),
    ("mL", "mL"),
    ("mol", "mol"),
    ("mmol", "mmol"),
    ("meq", "mEq"),
    ("kcal", "kcal"),
    ("[iU]", "units"),
    ("[USP'U]", "units"),
    ("10*6.[iU]", "million units"),
    ("[drp]", "drops"),
    // Amounts by weight, area or volume.
    ("g/kg", "g/kg"),
    ("mg/kg", "mg/kg"),
    ("ug/kg", "mcg/kg"),
    ("[iU]/kg", "units/kg"),
    ("mL/kg", "mL/kg"),
    ("mg/m2", "mg/m2"),
    ("g/L", "g/L"),
    ("mg/mL", "mg/mL"),
    ("ug/mL", "mcg/mL"),
    ("[iU]/mL", "units/mL"),
    // Rates.
    ("mL/h", "mL/h"),
    ("mL/min", "mL/min"),
    ("L/h", "L/h"),
    ("L/min", "L/min"),
    ("mL/kg/h", "mL/kg/h"),
    ("mL/kg/min", "mL/kg/min"),
    ("g/h", "g/h"),
    ("mg/h", "mg/h"),
    ("mg/min", "mg/min"),
    ("mg/kg/h", "mg/kg/h"),
    ("mg/kg/min", "mg/kg/min"),
    ("ug/h", "mcg/h"),
    ("ug/min", "mcg/min"),
    ("ug/kg/h", "mcg/kg/h"),
    ("ug/kg/min", "mcg/kg/min"),
    ("ng/kg/min", "ng/kg/min"),
    ("[iU]/h", "units/h"),
    ("[iU]/kg/h", "units/kg/h"),
    // Times.
    ("ms", "ms"),
    ("s", "seconds"),
    ("min", "minutes"),
    ("h", "hours"),
    ("d", "days"),
    ("wk", "weeks"),
    ("mo", "months"),
    ("a", "years"),
    // Measurements.
    ("Cel", "°C"),
    ("[degF]", "°F"),
    ("/min", "/min"),
    ("mm[Hg]", "mmHg"),
    ("%", "%"),
    ("[lb_av]", "lb"),
    ("mg/dL", "mg/dL"),
    ("mmol/L", "mmol/L"),
    ("{score}", "out of 10"),
    ("cm", "cm"),
    ("[in_i]", "inches"),
    ("[foz_us]", "fl oz"),
    ("[cup_us]", "cups"),
    // Counts.
    ("1", ""),
];

/// What senders write instead of a UCUM code, and what they mean by it. R4's own examples hold several of these.
const WRITTEN: &[(&str, &str)] = &[
    ("ml", "mL"),
    ("ml/hr", "mL/h"),
    ("mL/hr", "mL/h"),
    ("ml/h", "mL/h"),
    ("mcg", "ug"),
    ("mcg/h", "ug/h"),
    ("mcg/hr", "ug/h"),
    ("mcg/kg/min", "ug/kg/min"),
    ("mg/hr", "mg/h"),
    ("mEq", "meq"),
    ("units", "[iU]"),
    ("unit", "[iU]"),
    ("gram", "g"),
    ("grams", "g"),
    ("hr", "h"),
    ("hour", "h"),
    ("hours", "h"),
    ("minute", "min"),
    ("minutes", "min"),
    ("day", "d"),
    ("days", "d"),
    ("week", "wk"),
    ("weeks", "wk"),
    ("°C", "Cel"),
    ("°F", "[degF]"),
];

/// The unit with this UCUM code; an annotation such as `{bag}` stands for the word in it.
pub fn by_code(code: &str) -> Option<Unit> {
    if let Some((code, display)) = UNITS.iter().find(|(known, _)| *known == code) {
        return Some(Unit::with_display(code, display));
    }
    let word = code.strip_prefix('{')?.strip_suffix('}')?;
    let plain = !word.is_empty() && word.len() <= 40 && word.bytes().all(|b| b.is_ascii_alphabetic() || b == b' ');
    plain.then(|| Unit::with_display(code, word))
}

/// The unit that is meant by a text without a code.
pub(crate) fn by_words(words: &str) -> Option<Unit> {
    let words = words.trim();
    by_code(words).or_else(|| by_code(WRITTEN.iter().find(|(written, _)| *written == words)?.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_unit_is_shown_with_an_error_prone_abbreviation() {
        for (code, display) in UNITS {
            for bad in ["IU", "U/", "µ", "cc", "ug", "[", "*"] {
                assert!(!display.contains(bad), "{code} is shown as {display}");
            }
        }
    }

    #[test]
    fn a_unit_that_nobody_checked_is_not_guessed() {
        for code in ["mcL", "furlong", "ML", "MG", "{}", "", "U", "IU", "{a[b]}"] {
            assert_eq!(by_code(code), None, "{code}");
        }
        assert_eq!(by_code("ug").unwrap().display, "mcg");
        assert_eq!(by_code("{bag}").unwrap().display, "bag");
        assert_eq!(by_words("ml/hr").unwrap().code, "mL/h");
    }

    #[test]
    fn every_written_unit_stands_for_a_known_one() {
        for (written, code) in WRITTEN {
            assert!(by_code(code).is_some(), "{written}");
        }
    }
}
