//! The URLs that say what a code, an identifier or an extension means. Ours are explained in `docs/care-plan.md`.

/// Where our own definitions live: a reserved name until there is a real one.
pub const HOME: &str = "https://homeline.example/fhir";

/// The URL of our extension of that name.
pub fn extension(name: &str) -> String {
    format!("{HOME}/StructureDefinition/{name}")
}

/// UCUM, <https://ucum.org/ucum>.
pub const UCUM: &str = "http://unitsofmeasure.org";
/// LOINC, <https://loinc.org>.
pub const LOINC: &str = "http://loinc.org";
/// RxNorm, <https://www.nlm.nih.gov/research/umls/rxnorm>.
pub const RXNORM: &str = "http://www.nlm.nih.gov/research/umls/rxnorm";
/// SNOMED CT, <https://snomed.info>.
pub const SNOMED: &str = "http://snomed.info/sct";
/// The codes of IEEE 11073-10101, in decimal.
pub const MDC: &str = "urn:iso:std:iso:11073:10101";
/// HL7's categories of observations.
pub const OBSERVATION_CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";
/// HL7's categories of medication administrations.
pub const ADMINISTRATION_CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/medication-admin-category";
/// HL7's parts in which somebody takes part in a Provenance.
pub const PROVENANCE_PART: &str = "http://terminology.hl7.org/CodeSystem/provenance-participant-type";
/// HL7's reasons why a value is missing.
pub const ABSENT_REASON: &str = "http://terminology.hl7.org/CodeSystem/data-absent-reason";
/// HL7's extension for an absent primitive or element.
pub const ABSENT: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
/// HL7's extensions of R4's core: `minValue`, `ordinalValue`, `questionnaire-unit` and others.
pub const HL7_EXTENSION: &str = "http://hl7.org/fhir/StructureDefinition/";
/// HL7's extensions of Structured Data Capture.
pub const SDC_EXTENSION: &str = "http://hl7.org/fhir/uv/sdc/StructureDefinition/";
/// HL7's extension: only on these days of the cycle.
pub const DAYS_OF_CYCLE: &str = "http://hl7.org/fhir/StructureDefinition/timing-daysOfCycle";
/// HL7's extension for the IANA zone of a person or place (from R5's extension pack).
pub const TIME_ZONE: &str = "http://hl7.org/fhir/StructureDefinition/timezone";
/// HL7's extension for the IANA zone (R4).
pub const TZ_CODE: &str = "http://hl7.org/fhir/StructureDefinition/tz-code";
/// R5's `Appointment.virtualService`, as an extension for R4.
pub const VIRTUAL_SERVICE: &str = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.virtualService";

/// The identifier of a journal entry: its UUID.
pub const ENTRY_ID: &str = "https://homeline.example/fhir/sid/journal-entry";
/// The identifier of a visit report: its UUID.
pub const REPORT_ID: &str = "https://homeline.example/fhir/sid/visit-report";
/// The identifier of a sealed picture: its UUID.
pub const ATTACHMENT_ID: &str = "https://homeline.example/fhir/sid/attachment";
/// The identifier of a pump by its serial number.
pub const PUMP_SERIAL: &str = "https://homeline.example/fhir/sid/pump-serial";

/// Kinds of access device.
pub const ACCESS_DEVICE_KIND: &str = "https://homeline.example/fhir/CodeSystem/access-device-kind";
/// Ways of delivery.
pub const DELIVERY_METHOD: &str = "https://homeline.example/fhir/CodeSystem/delivery-method";
/// Kinds of order that a `ServiceRequest` can be.
pub const ORDER_KIND: &str = "https://homeline.example/fhir/CodeSystem/order-kind";
/// What an order of line care does.
pub const LINE_CARE: &str = "https://homeline.example/fhir/CodeSystem/line-care";
/// HL7's classes of encounters.
pub const ENCOUNTER_CLASS: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
/// Kinds of journal entry.
pub const ENTRY_KIND: &str = "https://homeline.example/fhir/CodeSystem/entry-kind";
/// What a message of the care team does besides speaking.
pub const COMMUNICATION_CATEGORY: &str = "https://homeline.example/fhir/CodeSystem/communication-category";
/// What a message from home is about.
pub const MESSAGE_TOPIC: &str = "https://homeline.example/fhir/CodeSystem/message-topic";
/// What a caregiver may do.
pub const RIGHT: &str = "https://homeline.example/fhir/CodeSystem/right";
/// Everything else that we code: symptoms, findings, steps, pump events, levels.
pub const OBSERVED: &str = "https://homeline.example/fhir/CodeSystem/observed";
