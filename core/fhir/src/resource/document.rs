//! Documents: a Composition and what it speaks of.

use crate::datatype::{CodeableConcept, Identifier, Period, Reference};
use crate::element::{elements, resources};

resources! {
    /// <https://hl7.org/fhir/R4/composition.html>
    Composition {
        one: {
            identifier: Identifier, status: String, r#type: CodeableConcept, subject: Reference, date: String,
            title: String, confidentiality: String,
        }
        many: { author: Reference, event: CompositionEvent, section: CompositionSection }
    }
}

elements! {
    /// `Composition.event`
    CompositionEvent { one: { period: Period } many: {} }

    /// `Composition.section`
    CompositionSection {
        one: { title: String, code: CodeableConcept, text: Narrative }
        many: { entry: Reference }
    }

    /// <https://hl7.org/fhir/R4/narrative.html>
    Narrative { one: { status: String, div: String } many: {} }
}
