//! The extension `journal-entry`: what every entry says and R4 has no element for.

use super::words;
use crate::datatype::{Extension, Identifier, Reference, find, part};
use crate::date_time;
use crate::fault::{Fault, extension, inside};
use crate::read::code_of;
use crate::url;
use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use homeline_model::{
    Author, AuthorRole, CarePlan, Caregiving, Decimal, DeviceClock, Entry, EntryBody, EntryId, EntryKind, EntryTimes,
    Happened, InfusionId, OccurrenceId, OrderId, OrderKind, OrderRef, PatientId, PersonId, Quantity, ZoneId,
};
use std::str::FromStr;
use uuid::Uuid;

/// The name of the extension.
pub(super) const JOURNAL_ENTRY: &str = "journal-entry";

/// How a device's reading is written: local to the device, with no zone, to the nanosecond if it has one.
const READING: &str = "%Y-%m-%dT%H:%M:%S%.f";

/// The extension of an entry.
pub(super) fn write(entry: &Entry, plan: Option<&CarePlan>) -> Extension {
    let times = &entry.times;
    let mut parts = vec![
        Extension::code("kind", entry.kind().as_str()),
        Extension::code("source", &super::key_of(&entry.source)),
        Extension::code("authorRole", &super::key_of(&entry.author.role)),
        Extension::date_time("happened", date_time::of_happened(&times.happened)),
        Extension::code("zone", times.happened.zone.as_str()),
        Extension::integer("offsetSeconds", times.happened.offset_seconds),
        Extension::code("basis", &super::key_of(&times.happened.basis)),
        Extension::date_time("recorded", date_time::of_instant(times.recorded_at)),
    ];
    parts.extend(author(entry, plan).map(|author| Extension::reference("author", author)));
    if let Some(clock) = &times.device_clock {
        parts.extend(Extension::text("deviceReading", &clock.reading.format(READING).to_string()));
        let offset = clock.offset_ms.map(|offset| super::of_amount(&Quantity::new(Decimal::from(offset), "ms")));
        parts.extend(offset.map(|offset| Extension::quantity("deviceOffset", offset)));
    }
    // Some servers take the version out of a reference.
    let version = entry.order.as_ref().and_then(|order| order.version.as_deref());
    parts.extend(version.and_then(|version| Extension::text("orderVersion", version)));
    parts.extend(entry.occurrence.map(|id| Extension::uuid("occurrence", id)));
    parts.extend(entry.infusion.map(|id| Extension::uuid("infusion", id)));
    parts.extend(entry.amends.map(|id| Extension::uuid("amends", id)));
    Extension::of_parts(JOURNAL_ENTRY, parts)
}

/// Who says it, as a reference; `None` for Homeline itself without a name.
pub(super) fn author(entry: &Entry, plan: Option<&CarePlan>) -> Option<Reference> {
    let Author { role, person, name } = &entry.author;
    let reference = match (role, person) {
        (AuthorRole::Patient, _) => Reference::to("Patient", &entry.patient),
        (AuthorRole::Caregiver, Some(person)) => Reference::to("RelatedPerson", person),
        (AuthorRole::CareTeam, Some(person)) => person_reference(person, plan),
        (AuthorRole::Device, Some(person)) => Reference::to("Device", person),
        (AuthorRole::Caregiver | AuthorRole::CareTeam | AuthorRole::Device, None) | (AuthorRole::App, _) => {
            Reference::default()
        }
    };
    let reference = reference.named(name);
    (reference != Reference::default()).then_some(reference)
}

/// The author where only people may stand.
pub(super) fn performer(entry: &Entry, plan: Option<&CarePlan>) -> Option<Reference> {
    match entry.author.role {
        AuthorRole::Patient | AuthorRole::Caregiver | AuthorRole::CareTeam => author(entry, plan),
        AuthorRole::Device | AuthorRole::App => None,
    }
}

/// Somebody whose id we know: a caregiver of the plan, else of the care team.
pub(super) fn person_reference(person: &PersonId, plan: Option<&CarePlan>) -> Reference {
    let at_home = plan.is_some_and(|plan| plan.caregivers.iter().any(|caregiver| &caregiver.id == person));
    Reference::to(if at_home { "RelatedPerson" } else { "Practitioner" }, person)
}

/// The order, in the version of then.
pub(super) fn order_reference(order: &OrderRef, plan: Option<&CarePlan>) -> Reference {
    let kind = if is_service(order, plan) { "ServiceRequest" } else { "MedicationRequest" };
    let version = order.version.as_deref().filter(|version| PatientId::new(*version).is_ok());
    match version {
        Some(version) => Reference::to(kind, format!("{}/_history/{version}", order.id)),
        None => Reference::to(kind, &order.id),
    }
}

/// Whether the order is a service; an order that the plan does not hold is taken for a drug.
pub(super) fn is_service(order: &OrderRef, plan: Option<&CarePlan>) -> bool {
    plan.and_then(|plan| plan.order(&order.id)).is_some_and(|order| match order.kind {
        OrderKind::LineCare | OrderKind::Lab | OrderKind::Service => true,
        OrderKind::Medication | OrderKind::Premedication => false,
    })
}

/// The order that references point to.
pub(super) fn order_of<'a>(references: impl IntoIterator<Item = &'a Reference>) -> Option<OrderRef> {
    references.into_iter().find_map(|reference| {
        let (kind, id) = reference.target()?;
        let id = OrderId::new(id).ok().filter(|_| matches!(kind, "MedicationRequest" | "ServiceRequest"))?;
        Some(OrderRef { id, version: reference.version().map(str::to_owned) })
    })
}

/// The identifier that every resource of ours carries.
pub(super) fn identifier(entry: &Entry) -> Identifier {
    entry_identifier(entry.id)
}

/// The identifier of an entry.
pub(super) fn entry_identifier(id: EntryId) -> Identifier {
    Identifier { system: Some(url::ENTRY_ID.to_owned()), value: Some(id.to_string()), ..Identifier::default() }
}

/// The entry's id: our identifier, because a server may have given the resource another id, else the id itself.
pub(super) fn entry_id(identifiers: &[Identifier], id: Option<&str>) -> Result<EntryId, Fault> {
    let ours = identifiers.iter().find(|identifier| identifier.system.as_deref() == Some(url::ENTRY_ID));
    let text = ours.and_then(|identifier| identifier.value.as_deref()).or(id);
    text.and_then(|text| EntryId::from_str(text).ok())
        .ok_or_else(|| Fault::at("identifier", "must hold the UUID of the journal entry"))
}

/// An entry without its body.
pub(super) struct Head {
    pub kind: EntryKind,
    pub author: Author,
    pub entry: EntryShell,
}

/// The fields of an entry that are the same for every kind.
pub(super) struct EntryShell {
    pub id: EntryId,
    pub patient: PatientId,
    pub source: homeline_model::Source,
    pub times: EntryTimes,
    pub order: Option<OrderRef>,
    pub occurrence: Option<OccurrenceId>,
    pub infusion: Option<InfusionId>,
    pub amends: Option<EntryId>,
}

impl Head {
    /// The whole entry.
    pub fn with_body(self, body: EntryBody) -> Entry {
        let EntryShell { id, patient, source, times, order, occurrence, infusion, amends } = self.entry;
        let author = self.author;
        Entry { id, patient, author, source, times, order, occurrence, infusion, amends, private: false, body }
    }
}

/// Reads the extension back. `None` when the resource has none: it is no journal entry.
pub(super) fn read(
    extensions: &[Extension],
    id: impl FnOnce() -> Result<EntryId, Fault>,
    patient: &PatientId,
    order: Option<OrderRef>,
) -> Result<Option<Head>, Fault> {
    let Some(found) = find(extensions, JOURNAL_ENTRY) else { return Ok(None) };
    let path = extension("", JOURNAL_ENTRY);
    let field = |name: &str| inside(&path, name);
    let needed = |name: &str| part(found, name).ok_or_else(|| Fault::missing(field(name), "this part of the entry"));
    let instant = |name: &str| -> Result<DateTime<Utc>, Fault> {
        let text = needed(name)?;
        let text = text.value_date_time.as_deref().or(text.value_instant.as_deref());
        date_time::instant(text.unwrap_or_default(), &field(name))
    };
    let uuid = |name: &str| -> Result<Option<Uuid>, Fault> {
        let Some(text) = part(found, name).and_then(|part| part.value_uuid.as_deref()) else { return Ok(None) };
        Uuid::parse_str(text).map(Some).map_err(|_| Fault::at(field(name), "must be a UUID"))
    };
    let offset_seconds = needed("offsetSeconds")?.value_integer.and_then(|seconds| i32::try_from(seconds).ok());
    let zone = needed("zone")?.value_code.as_deref().and_then(ZoneId::new);
    let happened = Happened {
        at: instant("happened")?,
        zone: zone.ok_or_else(|| Fault::at(field("zone"), "must be the name of an IANA zone"))?,
        offset_seconds: offset_seconds
            .filter(|seconds| seconds.abs() < 86_400)
            .ok_or_else(|| Fault::at(field("offsetSeconds"), "must be less than a day"))?,
        basis: code_of(needed("basis")?, &field("basis"), "basis of a time")?,
    };
    let role: AuthorRole = code_of(needed("authorRole")?, &field("authorRole"), "part of an author")?;
    let who = part(found, "author").and_then(|part| part.value_reference.as_ref());
    let person = match role {
        AuthorRole::Patient | AuthorRole::App => None,
        AuthorRole::Caregiver | AuthorRole::CareTeam | AuthorRole::Device => {
            who.and_then(|who| PersonId::new(who.target()?.1).ok())
        }
    };
    let name = who.and_then(|who| who.display.clone()).unwrap_or_default();
    let times = EntryTimes { happened, recorded_at: instant("recorded")?, device_clock: device_clock(found, &path)? };
    let version = part(found, "orderVersion").and_then(|part| part.value_string.clone());
    let kind = needed("kind")?.value_code.as_deref().and_then(EntryKind::parse);
    Ok(Some(Head {
        kind: kind.ok_or_else(|| Fault::at(field("kind"), "is not a known kind of entry"))?,
        author: Author { role, person, name },
        entry: EntryShell {
            id: id()?,
            patient: patient.clone(),
            source: code_of(needed("source")?, &field("source"), "source of an entry")?,
            times,
            order: order.map(|order| OrderRef { version: version.or(order.version), ..order }),
            occurrence: uuid("occurrence")?.map(OccurrenceId),
            infusion: uuid("infusion")?.map(InfusionId),
            amends: uuid("amends")?.map(EntryId),
        },
    }))
}

fn device_clock(found: &Extension, path: &str) -> Result<Option<DeviceClock>, Fault> {
    let Some(text) = part(found, "deviceReading").and_then(|part| part.value_string.as_deref()) else {
        return Ok(None);
    };
    let reading = NaiveDateTime::parse_from_str(text, READING)
        .map_err(|_| Fault::at(inside(path, "deviceReading"), "must be a time without a zone"))?;
    let offset = part(found, "deviceOffset").and_then(|part| part.value_quantity.as_ref());
    let path = inside(path, "deviceOffset");
    let offset_ms = offset.map(|offset| super::amount(offset, &path)).transpose()?.map(|offset| {
        i64::try_from(offset.value.normalize()).map_err(|_| Fault::at(path.clone(), "must be whole milliseconds"))
    });
    Ok(Some(DeviceClock { reading, offset_ms: offset_ms.transpose()? }))
}

/// Whether FHIR can hold all times of the entry.
pub(super) fn times_fit(entry: &Entry) -> bool {
    // A day of slack: an offset may carry the year over.
    let slack = Duration::days(1);
    let fits = |at: DateTime<Utc>| {
        date_time::is_writable(at)
            && at.checked_add_signed(slack).is_some_and(date_time::is_writable)
            && at.checked_sub_signed(slack).is_some_and(date_time::is_writable)
    };
    let body = match &entry.body {
        EntryBody::Administration(given) => [given.started_at, given.ended_at],
        EntryBody::SymptomCourse(course) => [course.ended_at, None],
        EntryBody::Caregiving(Caregiving::Viewed { from, until, .. }) => [Some(*from), Some(*until)],
        EntryBody::Caregiving(Caregiving::Asked(request)) => [Some(request.due), None],
        EntryBody::StepDone { .. }
        | EntryBody::Symptom(_)
        | EntryBody::Vital(_)
        | EntryBody::SiteCheck { .. }
        | EntryBody::Note { .. }
        | EntryBody::Photo { .. }
        | EntryBody::Question(_)
        | EntryBody::Message(_)
        | EntryBody::PumpEvent(_)
        | EntryBody::DeviceCheck(_)
        | EntryBody::Advice(_)
        | EntryBody::ClockJump { .. }
        | EntryBody::PlanChanged { .. }
        | EntryBody::SitesUsed { .. }
        | EntryBody::DailyCheck(_)
        | EntryBody::Fluid(_)
        | EntryBody::Mood { .. }
        | EntryBody::Form(_)
        | EntryBody::Caregiving(_) => [None, None],
    };
    let device = entry.times.device_clock.as_ref().map(|clock| clock.reading.and_utc());
    let all = [Some(entry.times.happened.at), Some(entry.times.recorded_at), device].into_iter().chain(body);
    all.flatten().all(fits)
}

/// Own words as a coded element cannot hold them.
pub(super) fn text_part(name: &str, text: Option<&str>) -> Option<Extension> {
    Extension::text(name, &text.and_then(words)?)
}
