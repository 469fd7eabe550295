//! From an entry to the resources that carry it.

use super::photo::{self, Picture};
use super::{administration, caregiving, form, head, infusion, message, observation, provenance};
use homeline_model::{
    AttachmentId, CarePlan, Caregiving, Entry, EntryBody, EntryId, InfusionMoment, MessageDirection, RequestOutcome,
};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// A picture up to this size travels inside its DocumentReference: servers refuse large JSON, and many give no
/// `Binary` to a patient's token.
pub const INLINE_PHOTO_BYTES: usize = 200_000;

/// R4's limit for one string: 1 MB, <https://hl7.org/fhir/R4/datatypes.html#string>.
const LONGEST_STRING: usize = 1_048_576;

/// What the mapping needs besides the entry.
#[derive(Debug, Clone, Copy, Default)]
pub struct ExportContext<'a> {
    /// Names of drugs, and who and what the ids in the entry are.
    pub plan: Option<&'a CarePlan>,
    /// Id of the CareTeam: it receives the messages that name nobody.
    pub care_team: Option<&'a str>,
    /// The entry that this one amends: its resource goes out again, as entered in error.
    pub amended: Option<&'a Entry>,
    /// The opened pictures of this entry and of the amended one.
    pub photos: &'a [(AttachmentId, &'a [u8])],
    /// Where in an infusion this entry and the amended one were noticed, by entry.
    pub infusion: &'a [(EntryId, InfusionMoment)],
    /// What became of this request, once its answer has come.
    pub outcome: Option<RequestOutcome>,
}

/// One resource to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingResource {
    /// Its type.
    pub resource_type: String,
    /// Its id, the same at every replay.
    pub id: Uuid,
    /// The JSON to send.
    pub json: String,
}

/// Why an entry cannot be sent. It stays in the journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// FHIR's years have four digits.
    #[error("a time of entry {entry} lies outside the years 1 to 9998 and cannot be sent: correct it in a new entry")]
    TimeOutOfRange {
        /// Which entry.
        entry: EntryId,
    },
    /// FHIR's strings end at 1 MB.
    #[error(
        "the text of entry {entry} has {bytes} bytes, and FHIR takes {LONGEST_STRING}: split it into several notes"
    )]
    TextTooLong {
        /// Which entry.
        entry: EntryId,
        /// How long it is.
        bytes: usize,
    },
    /// The resource could not be written as JSON.
    #[error("entry {entry} could not be written as JSON")]
    NotWritable {
        /// Which entry.
        entry: EntryId,
    },
}

/// The resources of an entry, in the order to send. An amendment gives three: the new resource, the corrected one as
/// entered in error (when `context.amended` is given), and the Provenance that joins them.
///
/// A private entry gives nothing, and so does a message that came from the care team's server.
pub fn entry_to_resource(entry: &Entry, context: &ExportContext<'_>) -> Result<Vec<OutgoingResource>, ExportError> {
    if entry.private || is_theirs(entry) {
        return Ok(Vec::new());
    }
    let mut out = Vec::new();
    let written = push(entry, context, false, &mut out)?;
    if let Some(amends) = entry.amends {
        let old = context.amended.filter(|old| old.id == amends && !old.private && !is_theirs(old));
        let old_type = match old {
            Some(old) => Some(push(old, context, true, &mut out)?),
            None => None,
        };
        let (id, resource) = provenance::write(entry, amends, written, old_type, context.plan);
        out.push(outgoing("Provenance", id, &resource, entry)?);
    }
    Ok(out)
}

/// The type of the resource that carries an entry.
pub fn entry_resource_type(entry: &Entry, plan: Option<&CarePlan>) -> &'static str {
    match &entry.body {
        EntryBody::Administration(_) if !is_of_service(entry, plan) => "MedicationAdministration",
        EntryBody::Message(_) => "Communication",
        EntryBody::Photo { .. } => "DocumentReference",
        EntryBody::Form(_) => "QuestionnaireResponse",
        EntryBody::Caregiving(Caregiving::Asked(_)) => "Task",
        EntryBody::Administration(_)
        | EntryBody::StepDone { .. }
        | EntryBody::Symptom(_)
        | EntryBody::Vital(_)
        | EntryBody::SiteCheck { .. }
        | EntryBody::Note { .. }
        | EntryBody::Question(_)
        | EntryBody::PumpEvent(_)
        | EntryBody::DeviceCheck(_)
        | EntryBody::Advice(_)
        | EntryBody::ClockJump { .. }
        | EntryBody::PlanChanged { .. }
        | EntryBody::SymptomCourse(_)
        | EntryBody::SitesUsed { .. }
        | EntryBody::DailyCheck(_)
        | EntryBody::Fluid(_)
        | EntryBody::Mood { .. }
        | EntryBody::Caregiving(_) => "Observation",
    }
}

fn is_of_service(entry: &Entry, plan: Option<&CarePlan>) -> bool {
    entry.order.as_ref().is_some_and(|order| head::is_service(order, plan))
}

fn is_theirs(entry: &Entry) -> bool {
    matches!(&entry.body, EntryBody::Message(message)
        if message.direction == MessageDirection::FromTeam && message.communication.is_some())
}

/// Writes one entry and says of which type its resource is.
fn push(
    entry: &Entry,
    context: &ExportContext<'_>,
    in_error: bool,
    out: &mut Vec<OutgoingResource>,
) -> Result<&'static str, ExportError> {
    if !head::times_fit(entry) {
        return Err(ExportError::TimeOutOfRange { entry: entry.id });
    }
    let bytes = entry.search_text().len();
    if bytes > LONGEST_STRING {
        return Err(ExportError::TextTooLong { entry: entry.id, bytes });
    }
    let fit = without_control_characters(entry)?;
    let moment = context.infusion.iter().find(|(of, _)| *of == entry.id).map(|(_, moment)| moment);
    let (entry, plan, id) = (&fit, context.plan, entry.id.0);
    let kind = entry_resource_type(entry, plan);
    match &entry.body {
        EntryBody::Administration(given) if !is_of_service(entry, plan) => {
            let resource = administration::write(entry, given, plan, in_error);
            out.push(outgoing(kind, id, &resource, entry)?);
        }
        EntryBody::Message(message) => {
            let resource = message::write(entry, message, plan, context.care_team, in_error);
            out.push(outgoing(kind, id, &resource, entry)?);
        }
        EntryBody::Photo { attachment, content_type, caption } => {
            let bytes = context.photos.iter().find(|(found, _)| found == attachment).map(|(_, bytes)| *bytes);
            let picture = Picture { attachment: *attachment, content_type, caption: caption.as_deref(), bytes };
            let (binary, mut document) = photo::write(entry, &picture, plan, in_error, INLINE_PHOTO_BYTES);
            // A correction may show the same picture again; one id stands in a bundle once.
            let is_there = out.iter().any(|sent| sent.resource_type == "Binary" && sent.id == attachment.0);
            if let Some(binary) = binary.filter(|_| !is_there) {
                out.push(outgoing("Binary", attachment.0, &binary, entry)?);
            }
            document.extension.extend(moment.map(infusion::write));
            out.push(outgoing(kind, id, &document, entry)?);
        }
        EntryBody::Form(answers) => {
            let mut response = form::write(entry, answers, plan, in_error);
            response.extension.extend(moment.map(infusion::write));
            out.push(outgoing(kind, id, &response, entry)?);
        }
        EntryBody::Caregiving(Caregiving::Asked(request)) => {
            let resource = caregiving::write_task(entry, request, context.outcome, plan, in_error);
            out.push(outgoing(kind, id, &resource, entry)?);
        }
        // Every other body is named where its observation is written; one that has none is not writable.
        _ => {
            let resource = observation::write(entry, plan, in_error);
            let mut resource = resource.ok_or(ExportError::NotWritable { entry: entry.id })?;
            resource.part_of.extend(moment.map(infusion::dose));
            resource.extension.extend(moment.map(infusion::write));
            out.push(outgoing(kind, id, &resource, entry)?);
        }
    }
    Ok(kind)
}

fn outgoing<T: Serialize>(kind: &str, id: Uuid, resource: &T, entry: &Entry) -> Result<OutgoingResource, ExportError> {
    let json = serde_json::to_string(resource).map_err(|_| ExportError::NotWritable { entry: entry.id })?;
    Ok(OutgoingResource { resource_type: kind.to_owned(), id, json })
}

/// FHIR's strings hold no control characters but tab, line feed and carriage return; a pasted one becomes a space.
fn without_control_characters(entry: &Entry) -> Result<Entry, ExportError> {
    let not_writable = |_| ExportError::NotWritable { entry: entry.id };
    let mut value = serde_json::to_value(entry).map_err(not_writable)?;
    if clean(&mut value) > 0 { serde_json::from_value(value).map_err(not_writable) } else { Ok(entry.clone()) }
}

/// Replaces them and says how many texts held any.
fn clean(value: &mut Value) -> usize {
    match value {
        Value::String(text) => {
            let is_bad = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
            if !text.contains(is_bad) {
                return 0;
            }
            *text = text.replace(is_bad, " ");
            1
        }
        Value::Array(items) => items.iter_mut().map(clean).sum(),
        Value::Object(fields) => fields.values_mut().map(clean).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}
