//! The resource types that this server keeps, and where each names its patient.
//!
//! The elements are those of the `patient` search parameter of each type
//! (<https://hl7.org/fhir/R4/searchparameter-registry.html>).

/// One resource type of the subset.
pub(super) struct Kind {
    pub(super) name: &'static str,
    /// Elements that may reference the patient; a dot steps into (repeating) children.
    pub(super) patient: &'static [&'static str],
}

const fn kind(name: &'static str, patient: &'static [&'static str]) -> Kind {
    Kind { name, patient }
}

/// Sorted by name.
pub(super) const KINDS: &[Kind] = &[
    kind("AdverseEvent", &["subject"]),
    kind("AllergyIntolerance", &["patient"]),
    kind("Appointment", &["participant.actor"]),
    kind("AppointmentResponse", &["actor"]),
    kind("Basic", &["subject"]),
    kind("Binary", &[]),
    kind("CarePlan", &["subject"]),
    kind("CareTeam", &["subject"]),
    kind("Communication", &["subject"]),
    kind("CommunicationRequest", &["subject"]),
    kind("Condition", &["subject"]),
    kind("Consent", &["patient"]),
    kind("Coverage", &["beneficiary"]),
    kind("Device", &["patient"]),
    kind("DeviceMetric", &[]),
    kind("DeviceRequest", &["subject"]),
    kind("DeviceUseStatement", &["subject"]),
    kind("DiagnosticReport", &["subject"]),
    kind("DocumentReference", &["subject"]),
    kind("Encounter", &["subject"]),
    kind("EpisodeOfCare", &["patient"]),
    kind("ExplanationOfBenefit", &["patient"]),
    kind("Flag", &["subject"]),
    kind("Goal", &["subject"]),
    kind("List", &["subject"]),
    kind("Location", &[]),
    kind("Media", &["subject"]),
    kind("Medication", &[]),
    kind("MedicationAdministration", &["subject"]),
    kind("MedicationDispense", &["subject"]),
    kind("MedicationRequest", &["subject"]),
    kind("MedicationStatement", &["subject"]),
    kind("NutritionOrder", &["patient"]),
    kind("Observation", &["subject"]),
    kind("Organization", &[]),
    kind("Patient", &[]),
    kind("Practitioner", &[]),
    kind("PractitionerRole", &[]),
    kind("Procedure", &["subject"]),
    kind("Provenance", &["target"]),
    kind("Questionnaire", &[]),
    kind("QuestionnaireResponse", &["subject"]),
    kind("RelatedPerson", &["patient"]),
    kind("ServiceRequest", &["subject"]),
    kind("SupplyDelivery", &["patient"]),
    kind("SupplyRequest", &["deliverTo"]),
    kind("Task", &["for"]),
];

/// The type of this name, if the subset has it.
pub(super) fn find(name: &str) -> Option<&'static Kind> {
    KINDS.binary_search_by(|kind| kind.name.cmp(name)).ok().and_then(|at| KINDS.get(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_found_by_its_name() {
        for kind in KINDS {
            assert_eq!(find(kind.name).map(|found| found.name), Some(kind.name));
        }
        assert!(find("Spaceship").is_none());
    }
}
