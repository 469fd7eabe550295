//! Light validation: enough that a wrong record is really refused, far less than a FHIR validator.
//!
//! Checked: the body is a JSON object of the type in the address, the type is one of the subset, the id has the
//! form of R4 §2.24.0.1 (`[A-Za-z0-9\-\.]{1,64}`), and, for the records that a home writes, the required elements
//! and the `status` code (<https://hl7.org/fhir/R4/valueset-medication-admin-status.html>,
//! <https://hl7.org/fhir/R4/valueset-observation-status.html>,
//! <https://hl7.org/fhir/R4/valueset-event-status.html>).

use serde_json::{Map, Value};

use super::fault::Fault;
use super::kinds;

struct Rule {
    resource_type: &'static str,
    status: &'static [&'static str],
    /// Each item is one required element; alternatives of a choice type are separated by `|`.
    required: &'static [&'static str],
}

const RULES: &[Rule] = &[
    Rule {
        resource_type: "MedicationAdministration",
        status: &["in-progress", "not-done", "on-hold", "completed", "entered-in-error", "stopped", "unknown"],
        required: &["medicationCodeableConcept|medicationReference", "subject", "effectiveDateTime|effectivePeriod"],
    },
    Rule {
        resource_type: "Observation",
        status: &[
            "registered",
            "preliminary",
            "final",
            "amended",
            "corrected",
            "cancelled",
            "entered-in-error",
            "unknown",
        ],
        required: &["code"],
    },
    Rule {
        resource_type: "Communication",
        status: &[
            "preparation",
            "in-progress",
            "not-done",
            "on-hold",
            "stopped",
            "completed",
            "entered-in-error",
            "unknown",
        ],
        required: &[],
    },
];

/// An id in the form that R4 allows.
pub(super) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
}

/// Checks a resource that is to be stored under `resource_type`.
pub(super) fn check(resource_type: &str, resource: &Value) -> Result<(), Fault> {
    let object = resource.as_object().ok_or_else(|| Fault::invalid("A resource is a JSON object."))?;
    let named = object
        .get("resourceType")
        .and_then(Value::as_str)
        .ok_or_else(|| Fault::invalid("The resource has no resourceType.").at("resourceType"))?;
    if named != resource_type {
        return Err(
            Fault::invalid(format!("The address says {resource_type}, the resource says {named}.")).at("resourceType")
        );
    }
    if kinds::find(named).is_none() {
        return Err(unknown_type(named));
    }
    if let Some(id) = object.get("id") {
        let fits = id.as_str().is_some_and(is_id);
        if !fits {
            return Err(Fault::unprocessable("An id has 1 to 64 letters, digits, '-' and '.'.", format!("{named}.id")));
        }
    }
    RULES.iter().filter(|rule| rule.resource_type == named).try_for_each(|rule| rule.check(object))
}

/// The answer to a type that this server does not keep.
pub(super) fn unknown_type(name: &str) -> Fault {
    Fault::new(404, "not-supported", format!("This demonstration server keeps no resource type {name}."))
}

impl Rule {
    fn check(&self, object: &Map<String, Value>) -> Result<(), Fault> {
        let at = format!("{}.status", self.resource_type);
        match object.get("status").and_then(Value::as_str) {
            None => return Err(Fault::unprocessable("status is required.", at)),
            Some(status) if !self.status.contains(&status) => {
                return Err(Fault::unprocessable(format!("'{status}' is none of: {}.", self.status.join(", ")), at));
            }
            Some(_) => {}
        }
        for choice in self.required {
            if !choice.split('|').any(|element| object.contains_key(element)) {
                return Err(Fault::unprocessable(
                    format!("{} is required.", choice.replace('|', " or ")),
                    format!("{}.{}", self.resource_type, choice.split('|').next().unwrap_or(choice)),
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_wrong_status_is_refused_with_its_path() {
        let fault = check("Observation", &json!({"resourceType": "Observation", "status": "done", "code": {}}))
            .expect_err("'done' is no status");
        assert_eq!((fault.status, fault.expression.as_deref()), (422, Some("Observation.status")));
    }

    #[test]
    fn a_missing_required_element_is_named() {
        let fault = check(
            "MedicationAdministration",
            &json!({"resourceType": "MedicationAdministration", "status": "completed", "subject": {},
                    "medicationCodeableConcept": {}}),
        )
        .expect_err("no effective time");
        assert_eq!(fault.expression.as_deref(), Some("MedicationAdministration.effectiveDateTime"));
    }

    #[test]
    fn ids_follow_the_specification() {
        assert!(is_id("a.B-9"));
        for bad in ["", "a b", "ä", "a_b", &"x".repeat(65)] {
            assert!(!is_id(bad), "{bad}");
        }
    }

    #[test]
    fn a_type_outside_of_the_subset_is_not_kept() {
        let fault = check("Spaceship", &json!({"resourceType": "Spaceship"})).expect_err("unknown type");
        assert_eq!(fault.status, 404);
    }
}
