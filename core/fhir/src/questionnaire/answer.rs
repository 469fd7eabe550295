//! From what a person types or taps to a value, and whether the form takes it.

use super::condition::compare;
use super::{Item, ItemKind, LONGEST_ANSWER, Questionnaire, same};
use crate::{date_time, unit};
use chrono::{DateTime, NaiveDate};
use homeline_model::{Decimal, FormValue, Quantity, Unit};
use std::cmp::Ordering;

/// Why an answer is not taken. No word of the answer is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{question}: {what}. {remedy}")]
pub struct AnswerError {
    /// `linkId` of the question.
    pub link_id: String,
    /// The question's words.
    pub question: String,
    /// What is wrong, without a full stop.
    pub what: String,
    /// What to do, one plain sentence.
    pub remedy: String,
}

impl AnswerError {
    pub(crate) fn at(item: &Item, what: &str, remedy: &str) -> Self {
        Self {
            link_id: item.link_id.clone(),
            question: item.words().to_owned(),
            what: what.to_owned(),
            remedy: remedy.to_owned(),
        }
    }

    pub(crate) fn unknown(link_id: &str) -> Self {
        Self {
            link_id: link_id.to_owned(),
            question: "question".to_owned(),
            what: "this form has no such question".to_owned(),
            remedy: "Take the questions that the form shows.".to_owned(),
        }
    }
}

/// UCUM codes that people spell otherwise; all of them in lower case.
const SPELLINGS: &[(&str, &str)] = &[
    ("c", "Cel"),
    ("f", "[degF]"),
    ("lb", "[lb_av]"),
    ("lbs", "[lb_av]"),
    ("pounds", "[lb_av]"),
    ("oz", "[foz_us]"),
    ("fl oz", "[foz_us]"),
    ("ounces", "[foz_us]"),
    ("cup", "[cup_us]"),
    ("cups", "[cup_us]"),
    ("in", "[in_i]"),
    ("inch", "[in_i]"),
    ("inches", "[in_i]"),
];

impl Questionnaire {
    /// The values of what was typed; blank text is no answer.
    pub(super) fn read_answers(&self, item: &Item, typed: &[String]) -> Result<Vec<FormValue>, AnswerError> {
        let mut values: Vec<FormValue> = Vec::new();
        for text in typed.iter().filter(|text| !text.trim().is_empty()) {
            let value = read(item, text)?;
            self.check(item, &value)?;
            // The same choice twice is one choice.
            let is_choice = matches!(item.kind, ItemKind::Choice | ItemKind::OpenChoice);
            if !(is_choice && values.iter().any(|there| same(there, &value))) {
                values.push(value);
            }
        }
        if values.len() > 1 && !item.repeats {
            return Err(AnswerError::at(item, "it takes one answer", "Give one."));
        }
        Ok(values)
    }

    /// Whether the form takes this value.
    pub(crate) fn check(&self, item: &Item, value: &FormValue) -> Result<(), AnswerError> {
        let refuse = |what: &str, remedy: &str| Err(AnswerError::at(item, what, remedy));
        if !fits_kind(item.kind, value) {
            return refuse("it asks for another kind of answer", "Answer it again.");
        }
        if let FormValue::Text(text) | FormValue::Url(text) = value {
            let longest = item.longest.unwrap_or(LONGEST_ANSWER);
            if text.chars().count() > longest {
                return refuse(&format!("it takes at most {longest} characters"), "Shorten it.");
            }
        }
        if let (Some(most), FormValue::Decimal(number)) = (item.decimal_places, value)
            && number.normalize().scale() > most
        {
            return refuse(&format!("it takes at most {most} digits after the point"), "Round it as you were taught.");
        }
        if item.kind == ItemKind::Choice && !item.choices.iter().any(|choice| same(&choice.value, value)) {
            return refuse("this is not one of the choices", "Choose one of those that are shown.");
        }
        if let FormValue::Quantity(quantity) = value
            && !item.units.is_empty()
            && !item.units.iter().any(|unit| unit.code == quantity.unit.code)
        {
            return refuse(&format!("it is asked for in {}", names(&item.units)), "Give the number in this unit.");
        }
        for (limit, wrong, word) in
            [(&item.lowest, Ordering::Less, "at least"), (&item.highest, Ordering::Greater, "at most")]
        {
            if let Some(limit) = limit
                && compare(value, limit) == Some(wrong)
            {
                return refuse(
                    &format!("it must be {word} {limit}"),
                    "Check it. If it is right, call your nurse and say so.",
                );
            }
        }
        Ok(())
    }
}

fn fits_kind(kind: ItemKind, value: &FormValue) -> bool {
    match kind {
        ItemKind::Boolean => matches!(value, FormValue::Boolean(_)),
        ItemKind::Decimal => matches!(value, FormValue::Decimal(_)),
        ItemKind::Integer => matches!(value, FormValue::Integer(_)),
        ItemKind::Date => matches!(value, FormValue::Date(_)),
        ItemKind::DateTime => matches!(value, FormValue::DateTime(_)),
        ItemKind::Time => matches!(value, FormValue::Time(_)),
        ItemKind::String | ItemKind::Text => matches!(value, FormValue::Text(_)),
        ItemKind::Url => matches!(value, FormValue::Url(_)),
        ItemKind::Choice | ItemKind::OpenChoice => matches!(
            value,
            FormValue::Choice(_) | FormValue::Text(_) | FormValue::Integer(_) | FormValue::Date(_) | FormValue::Time(_)
        ),
        ItemKind::Quantity => matches!(value, FormValue::Quantity(_)),
        ItemKind::Group | ItemKind::Display | ItemKind::NotHere => false,
    }
}

fn read(item: &Item, typed: &str) -> Result<FormValue, AnswerError> {
    let text = typed.trim();
    let refuse = |what: &str, remedy: &str| Err(AnswerError::at(item, what, remedy));
    match item.kind {
        ItemKind::Boolean => match text.to_lowercase().as_str() {
            "yes" | "y" | "true" => Ok(FormValue::Boolean(true)),
            "no" | "n" | "false" => Ok(FormValue::Boolean(false)),
            _ => refuse("it asks for yes or no", "Answer yes or no, or leave it out."),
        },
        ItemKind::Decimal => match decimal(text) {
            Some(number) => Ok(FormValue::Decimal(number)),
            None => refuse("it asks for a number", "Give digits, e.g. 2.5."),
        },
        ItemKind::Integer => match text.parse() {
            Ok(number) => Ok(FormValue::Integer(number)),
            Err(_) => refuse("it asks for a whole number", "Give digits, e.g. 3."),
        },
        ItemKind::Date => match is_date(text) {
            true => Ok(FormValue::Date(text.to_owned())),
            false => refuse("it asks for a date", "Give it like 2026-11-23; a month (2026-11) or a year is enough."),
        },
        ItemKind::DateTime => match is_date(text) || DateTime::parse_from_rfc3339(text).is_ok() {
            true => Ok(FormValue::DateTime(text.to_owned())),
            false => refuse("it asks for a date and time", "Give it like 2026-11-23 14:05."),
        },
        ItemKind::Time => match time(text) {
            Some(time) => Ok(FormValue::Time(time)),
            None => refuse("it asks for a time", "Give it like 14:05."),
        },
        ItemKind::String | ItemKind::Text => Ok(FormValue::Text(typed.to_owned())),
        ItemKind::Url => match is_url(text) {
            true => Ok(FormValue::Url(text.to_owned())),
            false => refuse("it asks for a web address", "Give it whole, e.g. https://example.org."),
        },
        ItemKind::Choice | ItemKind::OpenChoice => match choice(item, text) {
            Some(value) => Ok(value),
            None if item.kind == ItemKind::OpenChoice => Ok(FormValue::Text(text.to_owned())),
            None => refuse("this is not one of the choices", "Choose one of those that are shown."),
        },
        ItemKind::Quantity => quantity(item, text).map(FormValue::Quantity),
        ItemKind::Group | ItemKind::Display | ItemKind::NotHere => {
            refuse("it takes no answer", "Go on to the next question.")
        }
    }
}

/// Digits with one point or comma. A point at either end is a slip (ISMP).
fn decimal(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b',');
    let ends = digits.starts_with(|c: char| c.is_ascii_digit()) && digits.ends_with(|c: char| c.is_ascii_digit());
    (plain && ends).then(|| Decimal::from_str_exact(&text.replace(',', ".")).ok()).flatten()
}

/// FHIR's `date`: a day, a month or a year that the calendar has.
pub(super) fn is_date(text: &str) -> bool {
    let whole = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    whole.bytes().all(|b| b.is_ascii_digit() || b == b'-')
        && whole.len() == 10
        && NaiveDate::parse_from_str(&whole, "%Y-%m-%d").is_ok()
}

fn time(text: &str) -> Option<String> {
    let whole = if text.len() == 5 { format!("{text}:00") } else { text.to_owned() };
    date_time::time(&whole, "").is_ok().then_some(whole)
}

fn is_url(text: &str) -> bool {
    let scheme = text.split_once(':').map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    }) && !text.contains(char::is_whitespace)
        && text.len() > scheme.map_or(0, str::len) + 1
}

/// The choice that is meant: by code, by its words, or as its value is written.
fn choice(item: &Item, text: &str) -> Option<FormValue> {
    let code_is =
        |value: &FormValue| matches!(value, FormValue::Choice(choice) if choice.code.as_deref() == Some(text));
    let lower = text.to_lowercase();
    let by_code = item.choices.iter().find(|choice| code_is(&choice.value));
    let found = by_code.or_else(|| item.choices.iter().find(|choice| choice.value.to_string().to_lowercase() == lower));
    found.map(|choice| choice.value.clone())
}

fn quantity(item: &Item, text: &str) -> Result<Quantity, AnswerError> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '-'))).unwrap_or(text.len());
    let (number, words) = text.split_at(end);
    let asked = || {
        if item.units.is_empty() {
            "Give a number and its unit, e.g. 250 mL.".to_owned()
        } else {
            format!("Give a number and its unit: {}.", names(&item.units))
        }
    };
    let value =
        decimal(number.trim()).ok_or_else(|| AnswerError::at(item, "it asks for a number with its unit", &asked()))?;
    let unit = match (words.trim(), item.units.as_slice()) {
        ("", [only]) => Some(only.clone()),
        ("", _) => None,
        (words, units) => unit_named(words, units),
    };
    match unit {
        Some(unit) => Ok(Quantity { value, unit }),
        None => Err(AnswerError::at(item, "the unit is missing or is not one that is asked for", &asked())),
    }
}

fn unit_named(words: &str, units: &[Unit]) -> Option<Unit> {
    let lower = words.to_lowercase();
    let listed = units.iter().find(|unit| unit.code == words || unit.display.to_lowercase() == lower);
    let spelled = || {
        let code = SPELLINGS.iter().find(|(spelling, _)| *spelling == lower)?.1;
        units.iter().find(|unit| unit.code == code).cloned()
    };
    listed.cloned().or_else(spelled).or_else(|| {
        // What the order's language knows, as far as the form asks for it.
        let known = unit::by_words(words)?;
        (units.is_empty() || units.iter().any(|unit| unit.code == known.code)).then_some(known)
    })
}

fn names(units: &[Unit]) -> String {
    units.iter().map(|unit| unit.display.as_str()).collect::<Vec<_>>().join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_one_that_the_calendar_has() {
        for good in ["2026", "2026-11", "2026-11-23", "2024-02-29"] {
            assert!(is_date(good), "{good}");
        }
        for bad in ["2026-02-29", "2026-13", "26", "23.11.2026", "2026-11-23T00:00:00Z", "2026-1-1", "+999-01-01", ""] {
            assert!(!is_date(bad), "{bad}");
        }
    }

    #[test]
    fn a_time_needs_no_seconds_and_a_url_needs_a_scheme() {
        assert_eq!(time("14:05").as_deref(), Some("14:05:00"));
        assert_eq!(time("24:00"), None);
        assert!(is_url("https://example.org/x") && is_url("urn:uuid:1"));
        for bad in ["example.org", "https://a b", ":x", "1a:b", "https:"] {
            assert!(!is_url(bad), "{bad}");
        }
    }

    #[test]
    fn a_point_at_the_end_of_a_number_is_a_slip() {
        assert_eq!(decimal("2,50").unwrap().to_string(), "2.50");
        for bad in [".5", "5.", "", "-", "1.2.3", "1e3", "½"] {
            assert_eq!(decimal(bad), None, "{bad}");
        }
    }
}
