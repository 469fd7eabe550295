//! The R4 resources that we read or write, <https://hl7.org/fhir/R4/resourcelist.html>. Each keeps what it does not name.

mod clinical;
mod document;
mod exchange;
mod journal;
mod logistics;
mod order;
mod people;
mod questionnaire;

pub use clinical::{
    AllergyIntolerance, CarePlan, CarePlanActivity, CareTeam, CareTeamParticipant, Device, DeviceName, Encounter,
};
pub use document::{Composition, CompositionEvent, CompositionSection, Narrative};
pub use exchange::{
    Bundle, BundleEntry, BundleLink, BundleRequest, BundleResponse, Capability, CapabilityStatement, Interaction,
    OperationOutcome, OutcomeIssue, ResourceCapability,
};
pub use journal::{
    AdministrationDosage, AdministrationPerformer, Binary, Communication, CommunicationPayload, DocumentContent,
    DocumentContext, DocumentReference, Media, MedicationAdministration, Observation, ObservationComponent, Provenance,
    ProvenanceAgent, ProvenanceEntity, QuestionnaireAnswer, QuestionnaireResponse, QuestionnaireResponseItem, Task,
    TaskRestriction,
};
pub use logistics::{Appointment, AppointmentParticipant, Coverage, SuppliedItem, SupplyDelivery};
pub use order::{DispenseRequest, Ingredient, Medication, MedicationBatch, MedicationRequest, ServiceRequest};
pub use people::{
    Consent, ConsentActor, ConsentProvision, Organization, Patient, PatientCommunication, Practitioner,
    PractitionerRole, RelatedPerson,
};
pub use questionnaire::{AnswerOption, EnableWhen, Questionnaire, QuestionnaireInitial, QuestionnaireItem};

/// The head that every resource has, read when the rest cannot be.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourceHead {
    /// `resourceType`
    pub resource_type: Option<String>,
    /// `id`
    pub id: Option<String>,
    /// `meta`
    pub meta: Option<crate::datatype::Meta>,
}
