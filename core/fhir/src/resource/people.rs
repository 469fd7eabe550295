//! People and organisations.

use crate::datatype::{Address, CodeableConcept, ContactPoint, HumanName, Identifier, Period, Reference};
use crate::element::{elements, resources};

resources! {
    /// <https://hl7.org/fhir/R4/patient.html>
    Patient {
        one: { active: bool, gender: String, birth_date: String }
        many: {
            identifier: Identifier, name: HumanName, telecom: ContactPoint, address: Address,
            communication: PatientCommunication,
        }
    }

    /// <https://hl7.org/fhir/R4/practitioner.html>
    Practitioner {
        one: { active: bool }
        many: { identifier: Identifier, name: HumanName, telecom: ContactPoint }
    }

    /// <https://hl7.org/fhir/R4/practitionerrole.html>
    PractitionerRole {
        one: { active: bool, practitioner: Reference, organization: Reference }
        many: { code: CodeableConcept, specialty: CodeableConcept, telecom: ContactPoint }
    }

    /// <https://hl7.org/fhir/R4/organization.html>
    Organization { one: { active: bool, name: String } many: { r#type: CodeableConcept, telecom: ContactPoint } }

    /// <https://hl7.org/fhir/R4/relatedperson.html>
    RelatedPerson {
        one: { active: bool, patient: Reference, period: Period }
        many: { relationship: CodeableConcept, name: HumanName, telecom: ContactPoint }
    }

    /// <https://hl7.org/fhir/R4/consent.html>
    Consent {
        one: {
            status: String, scope: CodeableConcept, patient: Reference, date_time: String, source_reference: Reference,
            policy_rule: CodeableConcept, provision: ConsentProvision,
        }
        many: { category: CodeableConcept, performer: Reference }
    }
}

elements! {
    /// `Consent.provision`
    ConsentProvision {
        one: { r#type: String, period: Period }
        many: { actor: ConsentActor, action: CodeableConcept }
    }

    /// `Consent.provision.actor`
    ConsentActor { one: { role: CodeableConcept, reference: Reference } many: {} }

    /// `Patient.communication`
    PatientCommunication { one: { language: CodeableConcept, preferred: bool } many: {} }
}
