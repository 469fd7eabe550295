//! A form that was answered: the care team's questionnaire or one of Homeline's own (FHIR `QuestionnaireResponse`).

use crate::quantity::Quantity;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What was answered. A question that nobody answered is not in it: "not answered" is never "no".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormAnswers {
    /// Which form: its canonical URL with `|version` where it has one, else `Questionnaire/id`.
    pub questionnaire: String,
    /// Its title then.
    pub title: String,
    /// Groups and questions in the form's order.
    pub items: Vec<FormItem>,
}

/// One group, or one question with its answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormItem {
    /// The question's `linkId` in the form.
    pub link_id: String,
    /// The question's words then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The answers; empty for a group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<FormAnswer>,
    /// What stands inside a group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<FormItem>,
}

/// One answer, with the questions that hang on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormAnswer {
    /// The value.
    pub value: FormValue,
    /// Questions below this answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<FormItem>,
}

/// A value, in the types that an R4 questionnaire can ask for. Dates and times keep FHIR's text: a date may be a year or a
/// month alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "type", content = "value")]
pub enum FormValue {
    /// Yes or no.
    Boolean(bool),
    /// A number with the digits typed.
    Decimal(#[serde(with = "rust_decimal::serde::str")] Decimal),
    /// A whole number.
    Integer(i32),
    /// A day, a month or a year.
    Date(String),
    /// A date, or an instant with its offset.
    DateTime(String),
    /// A time of the day, `08:00:00`.
    Time(String),
    /// Own words.
    Text(String),
    /// A web address.
    Url(String),
    /// One of the choices.
    Choice(FormChoice),
    /// An amount in the unit typed.
    Quantity(Quantity),
}

/// One choice (FHIR `Coding`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormChoice {
    /// Code system.
    pub system: Option<String>,
    /// Code.
    pub code: Option<String>,
    /// Words as shown.
    pub display: Option<String>,
}

impl FormChoice {
    /// The words to show: the display, else the code.
    pub fn words(&self) -> &str {
        self.display.as_deref().or(self.code.as_deref()).unwrap_or_default()
    }
}

impl std::fmt::Display for FormValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Boolean(true) => f.write_str("yes"),
            Self::Boolean(false) => f.write_str("no"),
            Self::Decimal(value) => value.fmt(f),
            Self::Integer(value) => value.fmt(f),
            Self::Date(text) | Self::DateTime(text) | Self::Time(text) | Self::Text(text) | Self::Url(text) => {
                f.write_str(text)
            }
            Self::Choice(choice) => f.write_str(choice.words()),
            Self::Quantity(quantity) => quantity.fmt(f),
        }
    }
}

impl FormAnswers {
    /// Every answered question, in the form's order, however deep.
    pub fn answered(&self) -> Vec<&FormItem> {
        let mut found = Vec::new();
        let mut waiting: Vec<&FormItem> = self.items.iter().rev().collect();
        while let Some(item) = waiting.pop() {
            if !item.answers.is_empty() {
                found.push(item);
            }
            let below = item.items.iter().chain(item.answers.iter().flat_map(|answer| &answer.items));
            let first = waiting.len();
            waiting.extend(below);
            if let Some(added) = waiting.get_mut(first..) {
                added.reverse();
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(link_id: &str, value: FormValue, items: Vec<FormItem>) -> FormItem {
        let answers = vec![FormAnswer { value, items }];
        FormItem { link_id: link_id.into(), text: None, answers, items: Vec::new() }
    }

    #[test]
    fn answered_questions_come_in_the_order_of_the_form() {
        let below = question("1.1.1", FormValue::Integer(2), Vec::new());
        let group = FormItem {
            link_id: "1".into(),
            text: None,
            answers: Vec::new(),
            items: vec![
                question("1.1", FormValue::Boolean(true), vec![below]),
                question("1.2", FormValue::Text("x".into()), Vec::new()),
            ],
        };
        let answers = FormAnswers {
            questionnaire: "q".into(),
            title: "Q".into(),
            items: vec![group, question("2", FormValue::Date("2026".into()), Vec::new())],
        };
        let order: Vec<&str> = answers.answered().iter().map(|item| item.link_id.as_str()).collect();
        assert_eq!(order, ["1.1", "1.1.1", "1.2", "2"]);
        let json = serde_json::to_string(&answers).unwrap();
        assert_eq!(serde_json::from_str::<FormAnswers>(&json).unwrap(), answers, "{json}");
    }

    #[test]
    fn a_decimal_answer_keeps_its_digits_through_json() {
        let value = FormValue::Decimal("1.50".parse().unwrap());
        let json = serde_json::to_string(&value).unwrap();
        assert_eq!(json, r#"{"type":"decimal","value":"1.50"}"#);
        assert_eq!(serde_json::from_str::<FormValue>(&json).unwrap(), value);
    }
}
