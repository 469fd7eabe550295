//! `enableWhen`: when a question is asked. <https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen>
//!
//! Where the other question has several answers, one that fits is enough. Without an answer no comparison holds, `!=`
//! neither: "not answered" is not "something else". Amounts in two units do not compare, so the condition does not hold.

use super::same;
use chrono::{DateTime, Utc};
use homeline_model::FormValue;
use std::cmp::Ordering;

/// How the conditions of an item join.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Enabling {
    pub conditions: Vec<Condition>,
    /// `any` is enough; else all must hold.
    pub any: bool,
}

/// One condition.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Condition {
    /// Index of the other question.
    pub question: usize,
    pub test: Test,
}

/// What must hold of the other question's answers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Test {
    /// There is an answer, or there is none.
    Exists(bool),
    Equal(FormValue),
    NotEqual(FormValue),
    Greater(FormValue),
    Less(FormValue),
    AtLeast(FormValue),
    AtMost(FormValue),
}

impl Test {
    /// Whether it holds of these answers.
    pub fn holds(&self, answers: &[&FormValue]) -> bool {
        let any = |fits: &dyn Fn(&FormValue) -> bool| answers.iter().any(|answer| fits(answer));
        let ordered = |limit: &FormValue, fits: &dyn Fn(Ordering) -> bool| {
            any(&|answer| compare(answer, limit).is_some_and(fits))
        };
        match self {
            Self::Exists(wanted) => answers.is_empty() != *wanted,
            Self::Equal(value) => any(&|answer| same_answer(answer, value)),
            Self::NotEqual(value) => any(&|answer| !same_answer(answer, value)),
            Self::Greater(limit) => ordered(limit, &Ordering::is_gt),
            Self::Less(limit) => ordered(limit, &Ordering::is_lt),
            Self::AtLeast(limit) => ordered(limit, &Ordering::is_ge),
            Self::AtMost(limit) => ordered(limit, &Ordering::is_le),
        }
    }
}

/// An instant may be written in two offsets.
fn same_answer(a: &FormValue, b: &FormValue) -> bool {
    same(a, b) || (matches!(a, FormValue::DateTime(_)) && compare(a, b) == Some(Ordering::Equal))
}

/// How two values stand to each other; `None` where they cannot be compared.
pub(crate) fn compare(a: &FormValue, b: &FormValue) -> Option<Ordering> {
    match (a, b) {
        (FormValue::Decimal(a), FormValue::Decimal(b)) => Some(a.cmp(b)),
        (FormValue::Integer(a), FormValue::Integer(b)) => Some(a.cmp(b)),
        (FormValue::Decimal(a), FormValue::Integer(b)) => Some(a.cmp(&(*b).into())),
        (FormValue::Integer(a), FormValue::Decimal(b)) => Some(homeline_model::Decimal::from(*a).cmp(b)),
        (FormValue::Quantity(a), FormValue::Quantity(b)) => a.compare(b).ok(),
        (FormValue::DateTime(a), FormValue::DateTime(b)) => match (instant(a), instant(b)) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => same_length(a, b),
        },
        (FormValue::Date(a), FormValue::Date(b)) | (FormValue::Time(a), FormValue::Time(b)) => same_length(a, b),
        (FormValue::Text(a), FormValue::Text(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

/// Dates of one precision compare as their text; a year and a day do not.
fn same_length(a: &str, b: &str) -> Option<Ordering> {
    (a.len() == b.len()).then(|| a.cmp(b))
}

fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeline_model::Quantity;

    fn integer(value: i32) -> FormValue {
        FormValue::Integer(value)
    }

    #[test]
    fn without_an_answer_nothing_holds_but_that_there_is_none() {
        assert!(Test::Exists(false).holds(&[]));
        for test in [Test::Exists(true), Test::Equal(integer(1)), Test::NotEqual(integer(1)), Test::Less(integer(9))] {
            assert!(!test.holds(&[]), "{test:?}");
        }
    }

    #[test]
    fn one_of_several_answers_is_enough() {
        let (one, five) = (integer(1), integer(5));
        let answers = [&one, &five];
        assert!(Test::Equal(integer(5)).holds(&answers));
        assert!(Test::NotEqual(integer(5)).holds(&answers));
        assert!(Test::AtLeast(integer(5)).holds(&answers));
        assert!(!Test::Greater(integer(5)).holds(&answers));
        assert!(Test::AtMost(integer(1)).holds(&answers));
        assert!(!Test::Less(integer(1)).holds(&answers));
    }

    #[test]
    fn two_units_do_not_compare() {
        let quantity = |value: i64, unit: &str| FormValue::Quantity(Quantity::new(value.into(), unit));
        assert_eq!(compare(&quantity(38, "Cel"), &quantity(100, "[degF]")), None);
        assert!(!Test::AtLeast(quantity(38, "Cel")).holds(&[&quantity(101, "[degF]")]));
        assert!(Test::AtLeast(quantity(38, "Cel")).holds(&[&quantity(38, "Cel")]));
    }

    #[test]
    fn instants_compare_across_offsets_and_a_year_not_with_a_day() {
        let at = |text: &str| FormValue::DateTime(text.into());
        let (here, utc) = (at("2026-11-23T08:00:00-06:00"), at("2026-11-23T14:00:00Z"));
        assert!(Test::Equal(utc.clone()).holds(&[&here]));
        assert_eq!(compare(&FormValue::Date("2026".into()), &FormValue::Date("2026-11-23".into())), None);
    }
}
