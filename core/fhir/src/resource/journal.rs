//! What the home writes.

use crate::datatype::{
    Annotation, Attachment, CodeableConcept, Coding, Extension, Identifier, Period, Quantity, Reference,
};
use crate::element::{elements, resources};
use serde_json::Number;

resources! {
    /// <https://hl7.org/fhir/R4/medicationadministration.html>
    MedicationAdministration {
        one: {
            status: String, category: CodeableConcept, medication_codeable_concept: CodeableConcept,
            medication_reference: Reference, subject: Reference, effective_date_time: String, effective_period: Period,
            request: Reference, dosage: AdministrationDosage,
        }
        many: {
            identifier: Identifier, part_of: Reference, status_reason: CodeableConcept,
            performer: AdministrationPerformer, device: Reference, note: Annotation,
        }
    }

    /// <https://hl7.org/fhir/R4/observation.html>
    Observation {
        one: {
            status: String, code: CodeableConcept, subject: Reference, effective_date_time: String,
            effective_period: Period, issued: String, value_quantity: Quantity, value_string: String,
            value_boolean: bool, value_integer: i64, value_codeable_concept: CodeableConcept,
            data_absent_reason: CodeableConcept, body_site: CodeableConcept, device: Reference,
        }
        many: {
            identifier: Identifier, based_on: Reference, part_of: Reference, category: CodeableConcept,
            performer: Reference, note: Annotation, derived_from: Reference, component: ObservationComponent,
        }
    }

    /// <https://hl7.org/fhir/R4/communication.html>
    Communication {
        one: {
            status: String, subject: Reference, sent: String, received: String, sender: Reference, priority: String,
            topic: CodeableConcept,
        }
        many: {
            identifier: Identifier, based_on: Reference, in_response_to: Reference, category: CodeableConcept,
            about: Reference, recipient: Reference, payload: CommunicationPayload, note: Annotation,
        }
    }

    /// <https://hl7.org/fhir/R4/task.html>
    Task {
        one: {
            status: String, status_reason: CodeableConcept, intent: String, priority: String, code: CodeableConcept,
            description: String, focus: Reference, r#for: Reference, authored_on: String, last_modified: String,
            requester: Reference, owner: Reference, restriction: TaskRestriction,
        }
        many: { identifier: Identifier, based_on: Reference, note: Annotation }
    }

    /// <https://hl7.org/fhir/R4/documentreference.html>
    DocumentReference {
        one: {
            status: String, r#type: CodeableConcept, subject: Reference, date: String, description: String,
            context: DocumentContext,
        }
        many: { identifier: Identifier, category: CodeableConcept, author: Reference, content: DocumentContent }
    }

    /// <https://hl7.org/fhir/R4/media.html>
    Media {
        one: { status: String, subject: Reference, created_date_time: String, operator: Reference, content: Attachment }
        many: { identifier: Identifier, note: Annotation }
    }

    /// <https://hl7.org/fhir/R4/binary.html>
    Binary { one: { content_type: String, security_context: Reference, data: String } many: {} }

    /// <https://hl7.org/fhir/R4/provenance.html>
    Provenance {
        one: { recorded: String, occurred_date_time: String, activity: CodeableConcept }
        many: { target: Reference, reason: CodeableConcept, agent: ProvenanceAgent, entity: ProvenanceEntity }
    }

    /// <https://hl7.org/fhir/R4/questionnaireresponse.html>
    QuestionnaireResponse {
        one: {
            identifier: Identifier, questionnaire: String, status: String, subject: Reference, authored: String,
            author: Reference, source: Reference,
        }
        many: { based_on: Reference, part_of: Reference, item: QuestionnaireResponseItem }
    }
}

elements! {
    /// `MedicationAdministration.dosage`
    AdministrationDosage {
        one: { text: String, site: CodeableConcept, route: CodeableConcept, dose: Quantity, rate_quantity: Quantity }
        many: {}
    }

    /// `MedicationAdministration.performer`
    AdministrationPerformer { one: { function: CodeableConcept, actor: Reference } many: {} }

    /// `Observation.component`
    ObservationComponent {
        one: {
            code: CodeableConcept, value_quantity: Quantity, value_string: String, value_boolean: bool,
            value_codeable_concept: CodeableConcept, value_date_time: String, data_absent_reason: CodeableConcept,
        }
        many: { extension: Extension }
    }

    /// `Communication.payload`
    CommunicationPayload {
        one: { content_string: String, content_attachment: Attachment, content_reference: Reference }
        many: {}
    }

    /// `Task.restriction`
    TaskRestriction { one: { period: Period } many: { recipient: Reference } }

    /// `DocumentReference.content`
    DocumentContent { one: { attachment: Attachment, format: Coding } many: {} }

    /// `DocumentReference.context`
    DocumentContext { one: { period: Period } many: { related: Reference } }

    /// `Provenance.agent`
    ProvenanceAgent { one: { r#type: CodeableConcept, who: Reference, on_behalf_of: Reference } many: {} }

    /// `Provenance.entity`
    ProvenanceEntity { one: { role: String, what: Reference } many: {} }

    /// `QuestionnaireResponse.item`
    QuestionnaireResponseItem {
        one: { link_id: String, text: String }
        many: { answer: QuestionnaireAnswer, item: QuestionnaireResponseItem }
    }

    /// `QuestionnaireResponse.item.answer`
    QuestionnaireAnswer {
        one: {
            value_boolean: bool, value_decimal: Number, value_integer: i64, value_date: String, value_date_time: String,
            value_time: String, value_string: String, value_uri: String, value_coding: Coding, value_quantity: Quantity,
        }
        many: { item: QuestionnaireResponseItem }
    }
}
