//! Visits, deliveries and insurance.

use crate::datatype::{CodeableConcept, Identifier, Period, Quantity, Reference, Timing};
use crate::element::{elements, resources};

resources! {
    /// <https://hl7.org/fhir/R4/appointment.html>
    Appointment {
        one: {
            status: String, appointment_type: CodeableConcept, description: String, start: String, end: String,
            comment: String, patient_instruction: String,
        }
        many: { identifier: Identifier, service_type: CodeableConcept, participant: AppointmentParticipant }
    }

    /// <https://hl7.org/fhir/R4/supplydelivery.html>
    SupplyDelivery {
        one: {
            status: String, patient: Reference, supplied_item: SuppliedItem, occurrence_date_time: String,
            occurrence_period: Period, occurrence_timing: Timing,
        }
        many: { identifier: Identifier }
    }

    /// <https://hl7.org/fhir/R4/coverage.html>
    Coverage {
        one: { status: String, r#type: CodeableConcept, beneficiary: Reference, period: Period }
        many: { identifier: Identifier, payor: Reference }
    }
}

elements! {
    /// `Appointment.participant`
    AppointmentParticipant { one: { actor: Reference, status: String } many: { r#type: CodeableConcept } }

    /// `SupplyDelivery.suppliedItem`
    SuppliedItem {
        one: { quantity: Quantity, item_codeable_concept: CodeableConcept, item_reference: Reference }
        many: {}
    }
}
