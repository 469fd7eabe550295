//! What is pulled, in which order: what therapy needs first.
//!
//! The search parameters are those of R4 (<https://hl7.org/fhir/R4/searchparameter-registry.html>); whether a type
//! stands in the Patient compartment decides whether `$everything` can be trusted to bring it
//! (<https://hl7.org/fhir/R4/compartmentdefinition-patient.html>).

use chrono::TimeDelta;

use crate::error::SyncError;
use crate::grant::GrantedScopes;

/// One search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PullQuery {
    pub(crate) resource_type: &'static str,
    /// The parameter that names the patient.
    pub(crate) parameter: &'static str,
    pub(crate) in_compartment: bool,
    /// How often its ids are compared where the server offers no history: the plan daily, what grows with the journal
    /// weekly.
    pub(crate) sweep_every: TimeDelta,
}

const fn of_patient(resource_type: &'static str) -> PullQuery {
    PullQuery { resource_type, parameter: "patient", in_compartment: true, sweep_every: TimeDelta::days(1) }
}

const fn of_journal(resource_type: &'static str) -> PullQuery {
    PullQuery { sweep_every: TimeDelta::days(7), ..of_patient(resource_type) }
}

const QUERIES: &[PullQuery] = &[
    PullQuery { parameter: "_id", ..of_patient("Patient") },
    // The plan.
    of_patient("CarePlan"),
    of_patient("MedicationRequest"),
    of_patient("ServiceRequest"),
    of_patient("NutritionOrder"),
    PullQuery { in_compartment: false, ..of_patient("Device") },
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
    PullQuery { parameter: "subject", ..of_patient("SupplyRequest") },
    of_patient("MedicationDispense"),
    // Messages and what the team asks for.
    of_journal("Communication"),
    of_patient("CommunicationRequest"),
    PullQuery { in_compartment: false, ..of_patient("Task") },
    // What other devices of the home have recorded.
    of_journal("MedicationAdministration"),
    of_journal("Observation"),
    of_journal("QuestionnaireResponse"),
    of_journal("DocumentReference"),
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

    /// Reads everything again, finds what is no longer there, and asks the server anew what it offers.
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
