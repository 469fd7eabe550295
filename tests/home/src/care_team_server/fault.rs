//! What the server answers when it refuses: an HTTP status and an OperationOutcome that names the field
//! (R4 §3.1.0.4, <https://hl7.org/fhir/R4/operationoutcome.html>).

use serde_json::{Value, json};

/// One refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// HTTP status.
    pub(super) status: u16,
    /// Code of <https://hl7.org/fhir/R4/valueset-issue-type.html>.
    pub(super) code: &'static str,
    /// Sentence for the reader of the outcome.
    pub(super) text: String,
    /// FHIRPath of the element at fault, where there is one.
    pub(super) expression: Option<String>,
}

impl Fault {
    pub(super) fn new(status: u16, code: &'static str, text: impl Into<String>) -> Self {
        Self { status, code, text: text.into(), expression: None }
    }

    /// The element at fault, as FHIRPath (`Observation.status`).
    pub(super) fn at(mut self, expression: impl Into<String>) -> Self {
        self.expression = Some(expression.into());
        self
    }

    /// Not JSON, not a resource, or a request that cannot be understood.
    pub(super) fn invalid(text: impl Into<String>) -> Self {
        Self::new(400, "invalid", text)
    }

    /// Well-formed, and against the rules of the resource.
    pub(super) fn unprocessable(text: impl Into<String>, expression: impl Into<String>) -> Self {
        Self::new(422, "value", text).at(expression)
    }

    pub(super) fn not_found(text: impl Into<String>) -> Self {
        Self::new(404, "not-found", text)
    }

    pub(super) fn outcome(&self) -> Value {
        let mut issue = json!({"severity": "error", "code": self.code, "diagnostics": self.text});
        if let (Some(expression), Some(object)) = (&self.expression, issue.as_object_mut()) {
            object.insert("expression".into(), json!([expression]));
        }
        json!({"resourceType": "OperationOutcome", "issue": [issue]})
    }
}
