//! The plan, the team and the devices.

use crate::datatype::{CodeableConcept, Coding, ContactPoint, Extension, Identifier, Period, Reference};
use crate::element::{elements, resources};

resources! {
    /// <https://hl7.org/fhir/R4/careplan.html>
    CarePlan {
        one: { status: String, intent: String, title: String, description: String, subject: Reference, period: Period }
        many: { category: CodeableConcept, care_team: Reference, activity: CarePlanActivity }
    }

    /// <https://hl7.org/fhir/R4/careteam.html>
    CareTeam {
        one: { status: String, name: String, subject: Reference }
        many: { participant: CareTeamParticipant, telecom: ContactPoint }
    }

    /// <https://hl7.org/fhir/R4/device.html>
    Device {
        one: {
            status: String, r#type: CodeableConcept, manufacturer: String, serial_number: String, model_number: String,
            patient: Reference,
        }
        many: { identifier: Identifier, device_name: DeviceName, specialization: DeviceSpecialization }
    }

    /// <https://hl7.org/fhir/R4/encounter.html>
    Encounter {
        one: { status: String, class: Coding, subject: Reference, period: Period, service_provider: Reference }
        many: { r#type: CodeableConcept }
    }

    /// <https://hl7.org/fhir/R4/allergyintolerance.html>
    AllergyIntolerance {
        one: {
            clinical_status: CodeableConcept, verification_status: CodeableConcept, code: CodeableConcept,
            patient: Reference,
        }
        many: {}
    }
}

elements! {
    /// `CarePlan.activity`
    CarePlanActivity { one: { reference: Reference } many: {} }

    /// `CareTeam.participant`
    CareTeamParticipant {
        one: { member: Reference, period: Period }
        many: { role: CodeableConcept, extension: Extension }
    }

    /// `Device.deviceName`
    DeviceName { one: { name: String, r#type: String } many: {} }

    /// `Device.specialization`
    DeviceSpecialization { one: { system_type: CodeableConcept, version: String } many: {} }
}
