//! What is prescribed.

use crate::datatype::{
    Annotation, CodeableConcept, Dosage, Extension, Identifier, Period, Quantity, Ratio, Reference, Timing,
};
use crate::element::{elements, resources};

resources! {
    /// <https://hl7.org/fhir/R4/medicationrequest.html>
    MedicationRequest {
        one: {
            status: String, status_reason: CodeableConcept, intent: String, priority: String, do_not_perform: bool,
            medication_codeable_concept: CodeableConcept, medication_reference: Reference, subject: Reference,
            authored_on: String, requester: Reference, prior_prescription: Reference,
            dispense_request: DispenseRequest,
        }
        many: { identifier: Identifier, category: CodeableConcept, based_on: Reference, note: Annotation, dosage_instruction: Dosage }
    }

    /// <https://hl7.org/fhir/R4/medication.html>
    Medication {
        one: { code: CodeableConcept, status: String, form: CodeableConcept, amount: Ratio, batch: MedicationBatch }
        many: { ingredient: Ingredient }
    }

    /// <https://hl7.org/fhir/R4/servicerequest.html>
    ServiceRequest {
        one: {
            status: String, intent: String, priority: String, do_not_perform: bool, code: CodeableConcept,
            subject: Reference, occurrence_date_time: String, occurrence_period: Period, occurrence_timing: Timing,
            as_needed_boolean: bool, as_needed_codeable_concept: CodeableConcept, authored_on: String,
            requester: Reference, patient_instruction: String,
        }
        many: {
            identifier: Identifier, based_on: Reference, replaces: Reference, category: CodeableConcept,
            performer: Reference, body_site: CodeableConcept, note: Annotation,
        }
    }
}

elements! {
    /// `MedicationRequest.dispenseRequest`
    DispenseRequest { one: { validity_period: Period, expected_supply_duration: Quantity } many: { extension: Extension } }

    /// `Medication.batch`
    MedicationBatch { one: { lot_number: String, expiration_date: String } many: {} }

    /// `Medication.ingredient`
    Ingredient {
        one: { item_codeable_concept: CodeableConcept, item_reference: Reference, is_active: bool, strength: Ratio }
        many: {}
    }
}

impl Ingredient {
    /// Volume of the whole mixture, where the strength is given per volume.
    pub fn strength_volume(&self) -> Option<&Quantity> {
        self.strength.as_ref()?.denominator.as_ref()
    }
}
