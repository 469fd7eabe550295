//! What is pulled, in which order: what therapy needs first.
//!
//! The search parameters are those of R4 (<https://hl7.org/fhir/R4/searchparameter-registry.html>); whether a type
//! stands in the Patient compartment decides whether `$everything` can be trusted to bring it
//! (<https://hl7.org/fhir/R4/compartmentdefinition-patient.html>).

use crate::error::SyncError;
use crate::grant::GrantedScopes;

/// One search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PullQuery {
    pub(crate) resource_type: &'static str,
    /// The parameter that names the patient.
    pub(crate) parameter: &'static str,
    pub(crate) in_compartment: bool,
}

const fn of_patient(resource_type: &'static str) -> PullQuery {
    PullQuery { resource_type, parameter: "patient", in_compartment: true }
}

const QUERIES: &[PullQuery] = &[
    PullQuery { resource_type: "Patient", parameter: "_id", in_compartment: true },
    // The plan.
    of_patient("CarePlan"),
    of_patient("MedicationRequest"),
    of_patient("ServiceRequest"),
    of_patient("NutritionOrder"),
    PullQuery { resource_type: "Device", parameter: "patient", in_compartment: false },
    of_patient("AllergyIntolerance"),
    // Who may do what, and whom to call.
    of_patient("CareTeam"),
    of_patient("RelatedPerson"),
    of_patient("Consent"),
    // What comes up, and what stops it.
    of_patient("Encounter"),
    of_patient("Appointment"),
    of_patient("AppointmentResponse"),
    of_patient("SupplyDelivery"),
    PullQuery { resource_type: "SupplyRequest", parameter: "subject", in_compartment: true },
    of_patient("MedicationDispense"),
    // Messages and what the team asks for.
    of_patient("Communication"),
    of_patient("CommunicationRequest"),
    PullQuery { resource_type: "Task", parameter: "patient", in_compartment: false },
    // What other devices of the home have recorded.
    of_patient("MedicationAdministration"),
    of_patient("Observation"),
    of_patient("QuestionnaireResponse"),
    of_patient("DocumentReference"),
    // Background.
    of_patient("Condition"),
    of_patient("Goal"),
    of_patient("Coverage"),
];

/// Types outside of every patient's compartment that are fetched because a pulled resource refers to them: a Task of the
/// patient to the form that it asks for.
pub(crate) const FOLLOWED_TYPES: &[&str] =
    &["Practitioner", "PractitionerRole", "Organization", "Location", "Medication", "Questionnaire"];

/// What to pull for one patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullPlan {
    patient_id: String,
    full: bool,
    queries: Vec<PullQuery>,
}

impl PullPlan {
    /// Everything about a patient that Homeline reads.
    ///
    /// # Errors
    /// [`SyncError::BadPatientId`].
    pub fn for_patient(patient_id: &str) -> Result<Self, SyncError> {
        if !is_id(patient_id) {
            return Err(SyncError::BadPatientId);
        }
        Ok(Self { patient_id: patient_id.to_owned(), full: false, queries: QUERIES.to_vec() })
    }

    /// Reads everything again and finds what is no longer there. Once a week where the server offers no history.
    #[must_use]
    pub fn full(mut self) -> Self {
        self.full = true;
        self
    }

    /// Leaves out what the sign-in may not search: an empty answer would be no proof that nothing is there.
    #[must_use]
    pub fn within(mut self, scopes: &GrantedScopes) -> Self {
        self.queries.retain(|query| scopes.may_search(query.resource_type));
        self
    }

    pub(crate) fn patient_id(&self) -> &str {
        &self.patient_id
    }

    pub(crate) fn is_full(&self) -> bool {
        self.full
    }

    pub(crate) fn queries(&self) -> &[PullQuery] {
        &self.queries
    }

    /// The search without time bounds, relative to the base.
    pub(crate) fn address(&self, query: &PullQuery) -> String {
        format!("{}?{}={}", query.resource_type, query.parameter, self.patient_id)
    }
}

/// R4 §2.24.0.1: 1 to 64 letters, digits, '-' and '.'.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patient_id_cannot_smuggle_a_query() {
        assert!(PullPlan::for_patient("abc-1").is_ok());
        for bad in ["", "a&_count=1", "a/b", "a b", "ä"] {
            assert_eq!(PullPlan::for_patient(bad), Err(SyncError::BadPatientId), "{bad}");
        }
    }

    #[test]
    fn what_the_sign_in_may_not_search_is_not_searched() {
        let plan = PullPlan::for_patient("p-1").expect("an id");
        let scopes = GrantedScopes::parse("patient/MedicationRequest.rs patient/Observation.cu");
        let types: Vec<_> = plan.within(&scopes).queries().iter().map(|query| query.resource_type).collect();
        assert_eq!(types, ["MedicationRequest"]);
    }

    #[test]
    fn orders_come_before_records() {
        let place = |name| QUERIES.iter().position(|query| query.resource_type == name);
        assert!(place("MedicationRequest") < place("Observation"));
        assert_eq!(place("Patient"), Some(0));
    }
}
