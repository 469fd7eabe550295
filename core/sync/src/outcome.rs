//! What a server says when it refuses: OperationOutcome (<https://hl7.org/fhir/R4/operationoutcome.html>).

use std::fmt;

use serde::Deserialize;
use serde_json::Value;

/// The issues of an OperationOutcome.
///
/// A server may quote the record in its words, so `Debug` and `Display` print codes and counts only;
/// [`Outcome::text`] is for the screen of the person whose record it is.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    issues: Vec<Issue>,
}

#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Issue {
    code: String,
    diagnostics: Option<String>,
    details: Option<Details>,
    expression: Vec<String>,
}

#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Details {
    text: Option<String>,
}

impl Outcome {
    /// Reads an OperationOutcome; anything else is an outcome without issues.
    pub fn parse(body: &[u8]) -> Self {
        serde_json::from_slice::<Value>(body).map(|value| Self::from_value(&value)).unwrap_or_default()
    }

    /// An outcome of ours about these elements.
    pub(crate) fn of_fields(code: &str, fields: &[String]) -> Self {
        let issue = Issue { code: code.to_owned(), expression: fields.to_vec(), ..Issue::default() };
        Self { issues: vec![issue] }
    }

    /// Reads an OperationOutcome that stands inside of a bundle.
    pub fn from_value(value: &Value) -> Self {
        if value.get("resourceType").and_then(Value::as_str) != Some("OperationOutcome") {
            return Self::default();
        }
        let issues = value.get("issue").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        Self { issues: issues.iter().filter_map(|issue| Issue::deserialize(issue).ok()).collect() }
    }

    /// The server's own words, with the elements they are about. May hold personal data: for the screen, never for
    /// a log.
    pub fn text(&self) -> String {
        let lines: Vec<String> = self
            .issues
            .iter()
            .map(|issue| {
                let words = issue
                    .details
                    .as_ref()
                    .and_then(|details| details.text.as_deref())
                    .or(issue.diagnostics.as_deref())
                    .unwrap_or(&issue.code);
                if issue.expression.is_empty() {
                    words.to_owned()
                } else {
                    format!("{}: {words}", issue.expression.join(", "))
                }
            })
            .collect();
        lines.join("\n")
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.issues.is_empty() {
            return f.write_str("no reason given");
        }
        let codes: Vec<&str> = self.issues.iter().map(|issue| printable_code(&issue.code)).collect();
        write!(f, "{}", codes.join(" "))
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outcome({self})")
    }
}

/// Codes of the value set are lower-case words; a server that writes prose there is not repeated in logs.
fn printable_code(code: &str) -> &str {
    let is_code = (1..=20).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    if is_code { code } else { "other" }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{"resourceType":"OperationOutcome","issue":[
        {"severity":"error","code":"value","diagnostics":"Jane's drug is unknown","expression":["Observation.status"]}]}"#;

    #[test]
    fn the_words_are_for_the_screen_and_the_codes_for_the_log() {
        let outcome = Outcome::parse(BODY.as_bytes());
        assert_eq!(outcome.text(), "Observation.status: Jane's drug is unknown");
        assert_eq!(outcome.to_string(), "value");
        assert!(!format!("{outcome:?}").contains("Jane"));
    }

    #[test]
    fn an_answer_that_is_no_outcome_gives_no_reason() {
        for body in ["", "<html>", "{}", r#"{"resourceType":"Bundle"}"#] {
            assert_eq!(Outcome::parse(body.as_bytes()).to_string(), "no reason given");
        }
    }

    #[test]
    fn prose_in_place_of_a_code_is_not_repeated() {
        let outcome =
            Outcome::parse(br#"{"resourceType":"OperationOutcome","issue":[{"code":"Jane has no allergy"}]}"#);
        assert_eq!(outcome.to_string(), "other");
    }
}
