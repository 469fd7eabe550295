//! From a resource to the entry that it carries.

use super::head::{self, Head};
use super::{administration, caregiving, form, message, observation, photo};
use crate::datatype::find;
use crate::datatype::{Extension, Identifier, Reference};
use crate::fault::{Fault, read_resource};
use crate::resource::{
    Communication, DocumentReference, MedicationAdministration, Observation, QuestionnaireResponse, ResourceHead, Task,
};
use homeline_model::{Entry, EntryKind, OrderRef, PatientId, ZoneId};

/// What the mapping needs besides the resource.
#[derive(Debug, Clone, Copy)]
pub struct EntryContext<'a> {
    /// Whose journal.
    pub patient: &'a PatientId,
    /// The zone of messages from the team, which carry none: the home zone.
    pub zone: &'a ZoneId,
}

/// Why a resource gives no entry although it should. It stays in the mirror.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// The text is not JSON.
    #[error("the resource is not valid JSON at line {line}, column {column}")]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// It is about somebody else.
    #[error("`subject` points to another patient")]
    OtherPatient,
    /// An element cannot be understood.
    #[error(transparent)]
    Unreadable(#[from] Fault),
}

/// The entry that a resource carries: one that another phone of the same journal wrote, or a message of the care team.
/// `Ok(None)` for everything else. The same resource always gives the same entry with the same id.
pub fn resource_to_entry(json: &str, context: &EntryContext<'_>) -> Result<Option<Entry>, EntryError> {
    let resource: ResourceHead = serde_json::from_str(json).map_err(|error| {
        if error.is_data() {
            EntryError::Unreadable(Fault::at("resourceType", "has a form that R4 does not allow"))
        } else {
            EntryError::NotJson { line: error.line(), column: error.column() }
        }
    })?;
    match resource.resource_type.as_deref() {
        Some("MedicationAdministration") => {
            let found: MedicationAdministration = read_resource(json)?;
            let order = head::order_of(&found.request);
            let parts = Parts::new(&found.extension, &found.identifier, &found.id, &found.subject, order);
            match parts.head(context)? {
                Some(head) => Ok(Some(administration::read(&found, head)?)),
                None => Ok(None),
            }
        }
        Some("Observation") => {
            let found: Observation = read_resource(json)?;
            let order = head::order_of(&found.based_on);
            let parts = Parts::new(&found.extension, &found.identifier, &found.id, &found.subject, order);
            match parts.head(context)? {
                Some(head) => {
                    let body = observation::read(&found, head.kind)?;
                    Ok(Some(head.with_body(body)))
                }
                None => Ok(None),
            }
        }
        Some("Communication") => {
            let found: Communication = read_resource(json)?;
            let order = head::order_of(&found.based_on);
            let parts = Parts::new(&found.extension, &found.identifier, &found.id, &found.subject, order);
            match parts.head(context)? {
                Some(head) => Ok(Some(message::read(&found, head)?)),
                None => {
                    // R4 lets a message go without a subject: then it must be addressed to the patient.
                    let addressed = found.recipient.iter().find(|who| who.id_of("Patient").is_some());
                    check_subject(found.subject.as_ref().or(addressed), context.patient)?;
                    Ok(message::read_from_team(&found, context.patient, context.zone)?)
                }
            }
        }
        Some("DocumentReference") => {
            let found: DocumentReference = read_resource(json)?;
            let order = found.context.as_ref().and_then(|context| head::order_of(&context.related));
            let parts = Parts::new(&found.extension, &found.identifier, &found.id, &found.subject, order);
            match parts.head(context)? {
                Some(head) if head.kind == EntryKind::Photo => Ok(Some(photo::read(&found, head)?)),
                Some(_) | None => Ok(None),
            }
        }
        Some("Task") => {
            let found: Task = read_resource(json)?;
            let order = head::order_of(&found.based_on);
            let parts = Parts::new(&found.extension, &found.identifier, &found.id, &found.r#for, order);
            match parts.head(context)? {
                Some(head) if head.kind == EntryKind::Caregiving => Ok(Some(caregiving::read_task(&found, head)?)),
                Some(_) | None => Ok(None),
            }
        }
        Some("QuestionnaireResponse") => {
            let found: QuestionnaireResponse = read_resource(json)?;
            let order = find(&found.extension, form::ORDER).and_then(|part| part.value_reference.as_ref());
            let order = head::order_of(order);
            let identifiers: Vec<Identifier> = found.identifier.iter().cloned().collect();
            let parts = Parts::new(&found.extension, &identifiers, &found.id, &found.subject, order);
            match parts.head(context)? {
                Some(head) if head.kind == EntryKind::Form => Ok(Some(form::read(&found, head)?)),
                Some(_) | None => Ok(None),
            }
        }
        Some(_) | None => Ok(None),
    }
}

/// The elements of a resource from which an entry's head is read.
struct Parts<'a> {
    extensions: &'a [Extension],
    identifiers: &'a [Identifier],
    id: Option<&'a str>,
    subject: Option<&'a Reference>,
    order: Option<OrderRef>,
}

impl<'a> Parts<'a> {
    fn new(
        extensions: &'a [Extension],
        identifiers: &'a [Identifier],
        id: &'a Option<String>,
        subject: &'a Option<Reference>,
        order: Option<OrderRef>,
    ) -> Self {
        Self { extensions, identifiers, id: id.as_deref(), subject: subject.as_ref(), order }
    }

    fn head(self, context: &EntryContext<'_>) -> Result<Option<Head>, EntryError> {
        let id = || head::entry_id(self.identifiers, self.id);
        let found = head::read(self.extensions, id, context.patient, self.order)?;
        if found.is_some() {
            check_subject(self.subject, context.patient)?;
        }
        Ok(found)
    }
}

fn check_subject(subject: Option<&Reference>, patient: &PatientId) -> Result<(), EntryError> {
    match subject.and_then(|subject| subject.target()) {
        Some(("Patient", id)) if id == patient.as_str() => Ok(()),
        Some(_) => Err(EntryError::OtherPatient),
        None => Err(Fault::missing("subject", "whom it is about").into()),
    }
}
