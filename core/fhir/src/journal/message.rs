//! Messages: `Communication`, <https://hl7.org/fhir/R4/communication.html>.

use super::head::{self, EntryShell, Head};
use super::words;
use crate::datatype::{CodeableConcept, Extension, Reference, find, part};
use crate::date_time;
use crate::fault::{Fault, extension, inside};
use crate::read::{code, code_of};
use crate::resource::{Communication, CommunicationPayload};
use crate::url;
use chrono::{DateTime, Offset};
use homeline_model::{
    AttachedEntry, Author, AuthorRole, CarePlan, Entry, EntryBody, EntryId, EntryTimes, Happened, Message,
    MessageDirection, MessageTopic, PatientId, PersonId, Source, TimeBasis, ZoneId,
};
use std::str::FromStr;
use uuid::Uuid;

const DETAIL: &str = "message";

/// The resource of a message.
pub(super) fn write(
    entry: &Entry,
    message: &Message,
    plan: Option<&CarePlan>,
    care_team: Option<&str>,
    in_error: bool,
) -> Communication {
    let other = match (&message.person, care_team) {
        (Some(person), _) => head::person_reference(person, plan),
        (None, Some(team)) => Reference::to("CareTeam", team),
        (None, None) => Reference::default(),
    };
    let other = Some(other.named(&message.with)).filter(|other| *other != Reference::default());
    let home = match message.direction {
        MessageDirection::ToTeam => head::author(entry, plan),
        MessageDirection::FromTeam => Some(Reference::to("Patient", &entry.patient)),
    };
    let (sender, recipient) = match message.direction {
        MessageDirection::ToTeam => (home, other),
        // R4 knows no care team as sender.
        MessageDirection::FromTeam => (other.filter(|_| message.person.is_some() || care_team.is_none()), home),
    };
    let answered = message.in_response_to.as_deref().filter(|id| PatientId::new(*id).is_ok());
    let detail = Extension::of_parts(
        DETAIL,
        [
            Some(Extension::code("direction", &super::key_of(&message.direction))),
            head::text_part("with", Some(&message.with)),
            head::text_part("communication", message.communication.as_deref()),
        ]
        .into_iter()
        .flatten()
        .collect(),
    );
    let attached = message.attached.iter().map(|attached| CommunicationPayload {
        content_reference: Some(Reference::to(&attached.resource_type, attached.entry).named(&attached.text)),
        ..CommunicationPayload::default()
    });
    let topic = message.topic.map(|topic| {
        let key = super::key_of(&topic);
        CodeableConcept::of_code(url::MESSAGE_TOPIC, &key, &key)
    });
    Communication {
        identifier: vec![head::identifier(entry)],
        status: Some(if in_error { "entered-in-error" } else { "completed" }.to_owned()),
        subject: Some(Reference::to("Patient", &entry.patient)),
        sent: Some(date_time::of_happened(&entry.times.happened)),
        sender,
        recipient: recipient.into_iter().collect(),
        based_on: entry.order.iter().map(|order| head::order_reference(order, plan)).collect(),
        in_response_to: answered.map(|id| Reference::to("Communication", id)).into_iter().collect(),
        payload: words(&message.text)
            .map(|text| CommunicationPayload { content_string: Some(text), ..CommunicationPayload::default() })
            .into_iter()
            .chain(attached)
            .collect(),
        priority: Some(if message.urgent { "urgent" } else { "routine" }.to_owned()),
        topic,
        extension: vec![head::write(entry, plan), detail],
        ..Communication::with_id(entry.id.to_string())
    }
}

/// Reads a message that a phone wrote.
pub(super) fn read(resource: &Communication, head: Head) -> Result<Entry, Fault> {
    let path = extension("", DETAIL);
    let found = find(&resource.extension, DETAIL).ok_or_else(|| Fault::missing(path.clone(), "which way it goes"))?;
    let direction =
        part(found, "direction").ok_or_else(|| Fault::missing(inside(&path, "direction"), "which way it goes"))?;
    let direction = code_of(direction, &inside(&path, "direction"), "direction")?;
    let other = match direction {
        MessageDirection::ToTeam => resource.recipient.first(),
        MessageDirection::FromTeam => resource.sender.as_ref(),
    };
    let text = |name: &str| part(found, name).and_then(|part| part.value_string.clone());
    Ok(head.with_body(EntryBody::Message(Message {
        direction,
        with: text("with").unwrap_or_default(),
        person: other.and_then(person),
        text: resource.payload.iter().filter_map(|part| part.content_string.as_deref()).collect::<Vec<_>>().join("\n"),
        in_response_to: answered(resource),
        communication: text("communication"),
        acknowledges: Vec::new(),
        topic: topic(resource),
        urgent: is_urgent(resource),
        attached: attached(resource),
    })))
}

fn person(reference: &Reference) -> Option<PersonId> {
    let (kind, id) = reference.target()?;
    matches!(kind, "Practitioner" | "PractitionerRole" | "Organization" | "RelatedPerson").then_some(())?;
    PersonId::new(id).ok()
}

fn answered(resource: &Communication) -> Option<String> {
    resource.in_response_to.iter().find_map(|reference| reference.id_of("Communication")).map(str::to_owned)
}

fn topic(resource: &Communication) -> Option<MessageTopic> {
    code(resource.topic.as_ref()?.code_in(url::MESSAGE_TOPIC)?, "topic", "topic of a message").ok()
}

fn is_urgent(resource: &Communication) -> bool {
    matches!(resource.priority.as_deref(), Some("urgent" | "asap" | "stat"))
}

/// The entries that go with a message from home.
fn attached(resource: &Communication) -> Vec<AttachedEntry> {
    let entry = |reference: &Reference| {
        let (resource_type, id) = reference.target()?;
        Some(AttachedEntry {
            entry: EntryId::from_str(id).ok()?,
            resource_type: resource_type.to_owned(),
            text: reference.display.clone().unwrap_or_default(),
        })
    };
    resource.payload.iter().filter_map(|part| entry(part.content_reference.as_ref()?)).collect()
}

/// The advice that a message closes: what an acknowledgement is `about`, by the entry's own id or identifier.
fn acknowledged(resource: &Communication) -> Vec<EntryId> {
    let closes = resource
        .category
        .iter()
        .any(|category| category.code_in(url::COMMUNICATION_CATEGORY) == Some("acknowledgement"));
    let by_identifier = |reference: &Reference| {
        let identifier = reference.identifier.as_ref()?;
        (identifier.system.as_deref() == Some(url::ENTRY_ID)).then(|| identifier.value.clone())?
    };
    let entry = |reference: &Reference| {
        let id = by_identifier(reference).or_else(|| reference.id_of("Observation").map(str::to_owned))?;
        EntryId::from_str(&id).ok()
    };
    if closes { resource.about.iter().filter_map(entry).collect() } else { Vec::new() }
}

/// The entry of a message of the care team is the same on every phone and at every pull.
fn team_entry_id(communication: &str) -> EntryId {
    EntryId::from_str(communication).unwrap_or_else(|_| {
        let namespace = Uuid::new_v5(&Uuid::NAMESPACE_URL, b"https://homeline.example/communication");
        EntryId(Uuid::new_v5(&namespace, communication.as_bytes()))
    })
}

/// Reads a message of the care team. `None` when it is not theirs, is a mistake, or is not sent yet.
pub(super) fn read_from_team(
    resource: &Communication,
    patient: &PatientId,
    zone: &ZoneId,
) -> Result<Option<Entry>, Fault> {
    let from_home =
        |sender: &Reference| sender.target().is_some_and(|(kind, _)| matches!(kind, "Patient" | "RelatedPerson"));
    let Some(sender) = resource.sender.as_ref().filter(|sender| !from_home(sender)) else { return Ok(None) };
    if !matches!(resource.status.as_deref(), Some("completed" | "in-progress")) {
        return Ok(None);
    }
    let id = resource.id.as_deref().ok_or_else(|| Fault::missing("id", "the id"))?;
    let meta = resource.meta.as_ref().and_then(|meta| meta.last_updated.as_deref());
    let sent = resource.sent.as_deref().or(resource.received.as_deref()).or(meta);
    let sent = DateTime::parse_from_rfc3339(sent.unwrap_or_default())
        .map_err(|_| Fault::at("sent", "must be an instant with its offset: ask the care team to correct it"))?;
    let recorded = meta.and_then(|text| date_time::instant(text, "meta.lastUpdated").ok());
    let text: Vec<&str> = resource
        .payload
        .iter()
        .filter_map(|part| {
            let title = || part.content_attachment.as_ref()?.title.as_deref();
            part.content_string.as_deref().or_else(title)
        })
        .collect();
    let acknowledges = acknowledged(resource);
    if text.is_empty() && acknowledges.is_empty() {
        return Err(Fault::missing("payload", "the text of the message"));
    }
    let with = sender.display.clone().unwrap_or_else(|| "Care team".to_owned());
    let head = Head {
        kind: homeline_model::EntryKind::Message,
        author: Author { role: AuthorRole::CareTeam, person: person(sender), name: with.clone() },
        entry: EntryShell {
            id: team_entry_id(id),
            patient: patient.clone(),
            source: Source::CareTeam,
            times: EntryTimes {
                happened: Happened {
                    at: sent.to_utc(),
                    zone: zone.clone(),
                    offset_seconds: sent.offset().fix().local_minus_utc(),
                    basis: TimeBasis::Typed,
                },
                recorded_at: recorded.unwrap_or(sent.to_utc()),
                device_clock: None,
            },
            order: head::order_of(&resource.based_on),
            occurrence: None,
            infusion: None,
            amends: None,
        },
    };
    Ok(Some(head.with_body(EntryBody::Message(Message {
        direction: MessageDirection::FromTeam,
        with,
        person: person(sender),
        text: text.join("\n"),
        in_response_to: answered(resource),
        communication: Some(id.to_owned()),
        acknowledges,
        topic: topic(resource),
        urgent: is_urgent(resource),
        attached: Vec::new(),
    }))))
}
