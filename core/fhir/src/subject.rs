//! Whom a resource is about.

use crate::datatype::Reference;
use homeline_model::PatientId;
use serde_json::Value;

/// The elements through which a resource of the plan says whom it is about.
const SUBJECTS: &[&str] = &["subject", "patient", "beneficiary", "for"];

/// The element in which a resource says that it is about somebody else.
pub(crate) fn other_patient(resource: &Value, kind: &str, patient: &PatientId) -> Option<String> {
    let points_away = |reference: Option<&Value>| {
        let reference = reference.and_then(|reference| reference.get("reference")?.as_str())?;
        let reference = Reference { reference: Some(reference.to_owned()), ..Reference::default() };
        let (kind, id) = reference.target()?;
        (kind == "Patient" && id != patient.as_str()).then_some(())
    };
    let subject = SUBJECTS.iter().find(|field| points_away(resource.get(**field)).is_some());
    if let Some(field) = subject {
        return Some((*field).to_owned());
    }
    let actors = resource.get("participant").and_then(Value::as_array).filter(|_| kind == "Appointment")?;
    let index = actors.iter().position(|part| points_away(part.get("actor")).is_some())?;
    Some(format!("participant[{index}].actor"))
}
