//! The FHIR R4 resources we speak (<https://hl7.org/fhir/R4/>), typed, and their mapping to and from the model. Pure.
//!
//! Three promises. Nothing is lost: received JSON is kept byte for byte, typed views keep what they do not name, and
//! decimals keep their text. Nothing is guessed: an order that cannot be read to the last element is listed with the
//! element and the reason and is never scheduled. Nothing odd is sent: what we emit passes HL7's own validator.
//!
//! Which element means what is written for care teams in `docs/care-plan.md`.
//!
//! In reading order:

#![forbid(unsafe_code)]

/// R4 datatypes.
pub mod datatype;
/// How an element becomes a struct.
mod element;
/// R4 resources.
pub mod resource;
/// The units that we understand.
pub mod unit;
/// Systems and extensions.
pub mod url;

/// FHIR's dates and times.
mod date_time;
/// What cannot be understood, and where.
mod fault;
/// FHIR's numbers.
mod number;

/// The visit report as a document.
pub mod document;
/// What anybody observed, as entries for the rules.
pub mod heard;
/// Bundles from outside.
pub mod import;
/// Journal entries, out and back.
pub mod journal;
/// `Timing` alone, for machines.
pub mod machine_door;
/// The whole plan from its resources.
mod plan;
/// Questionnaires of the care team.
pub mod questionnaire;
/// From resources to the model.
mod read;
/// Links between orders.
mod relative_link;
/// Rights of caregivers, as they are written.
pub mod rights;
/// Whom a resource is about.
mod subject;

pub use document::{DocumentSection, SectionCode, VisitDocument, visit_document};
pub use fault::Fault;
pub use heard::{Heard, Meaning, read_heard};
pub use import::{ImportError, ImportedPlan, ReceivedResource, import_plan, plan_from_resources};
pub use journal::{
    EntryContext, EntryError, ExportContext, ExportError, MessageHandling, MessageTask, OutgoingResource,
    entry_resource_type, entry_to_resource, message_received, message_task, resource_to_entry,
};
pub use machine_door::{ReadTiming, TimingError, read_timing};
pub use questionnaire::{Filling, Place, Questionnaire};
pub use rights::{NewConsent, RightsGiven, consent_json, consents_of, related_person_json, rights_given};
