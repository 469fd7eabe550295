//! What people at home do for one another: a request is a `Task`, <https://hl7.org/fhir/R4/task.html>, everything else an
//! `Observation`.
//!
//! A Task has one writer, the phone that asked: it sends it again when the answer has come, with the status that the
//! answer gives. So two phones never write one resource. Servers that give a patient's token no Task refuse it, and the
//! one who asked is told.

use super::head::{self, Head};
use super::observation::{component, component_named, components, texts};
use super::{key_of, observed, words};
use crate::datatype::{Annotation, Extension, Period, Reference, find, part};
use crate::date_time;
use crate::fault::{Fault, extension, inside};
use crate::read::code;
use crate::resource::{Observation, ObservationComponent, Task, TaskRestriction};
use crate::url;
use homeline_model::{CarePlan, Caregiving, Entry, EntryBody, EntryId, PersonId, Request, RequestOutcome};
use std::str::FromStr;

/// The component that holds which act it is.
const ACT: &str = "act";

/// Writes an act into an observation; a request is no observation.
pub(super) fn write(act: &Caregiving, mut observation: Observation, offset_seconds: i32) -> Option<Observation> {
    let coded = |key: &str, value: &str| ObservationComponent {
        value_codeable_concept: Some(observed(value)),
        ..component(key)
    };
    let entry = |key: &str, id: EntryId| ObservationComponent { value_string: Some(id.to_string()), ..component(key) };
    let at = |key: &str, at| ObservationComponent {
        value_date_time: Some(date_time::of_local(at, offset_seconds)),
        ..component(key)
    };
    let parts = match act {
        Caregiving::AlarmTaken => vec![coded(ACT, "alarm-taken")],
        Caregiving::Viewed { from, until, parts } => {
            let mut all = vec![coded(ACT, "viewed"), at("from", *from), at("until", *until)];
            let named = parts.iter().filter_map(|part| words(part));
            all.extend(named.map(|part| ObservationComponent { value_string: Some(part), ..component("part") }));
            all
        }
        Caregiving::Answered { request, outcome, note } => {
            let mut all = vec![coded(ACT, "answered"), entry("request", *request), coded("outcome", &key_of(outcome))];
            let note = note.as_deref().and_then(words);
            all.extend(note.map(|note| ObservationComponent { value_string: Some(note), ..component("note") }));
            all
        }
        Caregiving::Settled { outcome, of } => {
            let mut all = vec![coded(ACT, "settled"), coded("outcome", &key_of(outcome))];
            all.extend(of.iter().map(|id| entry("statement", *id)));
            all
        }
        Caregiving::Asked(_) => return None,
    };
    observation.component = parts;
    Some(observation)
}

/// Reads an act of another phone.
pub(super) fn read(observation: &Observation) -> Result<Caregiving, Fault> {
    let path = |key: &str| format!("component('{key}')");
    let coded = |key: &str| {
        component_named(observation, key)
            .and_then(|found| found.value_codeable_concept.as_ref()?.code_in(url::OBSERVED))
            .ok_or_else(|| Fault::missing(path(key), "what was done"))
    };
    let entry_of = |found: &ObservationComponent, key: &str| {
        let id = found.value_string.as_deref().and_then(|id| EntryId::from_str(id).ok());
        id.ok_or_else(|| Fault::at(path(key), "must be the UUID of a journal entry"))
    };
    let at = |key: &str| {
        let text = component_named(observation, key).and_then(|found| found.value_date_time.as_deref());
        date_time::instant(text.unwrap_or_default(), &path(key))
    };
    match coded(ACT)? {
        "alarm-taken" => Ok(Caregiving::AlarmTaken),
        "viewed" => {
            Ok(Caregiving::Viewed { from: at("from")?, until: at("until")?, parts: texts(observation, "part") })
        }
        "answered" => {
            let request = component_named(observation, "request")
                .ok_or_else(|| Fault::missing(path("request"), "the request"))?;
            Ok(Caregiving::Answered {
                request: entry_of(request, "request")?,
                outcome: code(coded("outcome")?, &path("outcome"), "outcome of a request")?,
                note: texts(observation, "note").into_iter().next(),
            })
        }
        "settled" => Ok(Caregiving::Settled {
            outcome: code(coded("outcome")?, &path("outcome"), "way to settle")?,
            of: components(observation, "statement")
                .map(|found| entry_of(found, "statement"))
                .collect::<Result<_, _>>()?,
        }),
        _ => Err(Fault::at(path(ACT), "is not a known act of caregiving")),
    }
}

const ASKED: &str = "request";

/// The Task of a request. `outcome` is what the one who was asked answered.
pub(super) fn write_task(
    entry: &Entry,
    request: &Request,
    outcome: Option<RequestOutcome>,
    plan: Option<&CarePlan>,
    in_error: bool,
) -> Task {
    let status = match (in_error, outcome) {
        (true, _) => "entered-in-error",
        (false, None) => "requested",
        (false, Some(RequestOutcome::Done)) => "completed",
        (false, Some(RequestOutcome::Refused)) => "rejected",
    };
    let owner = match &request.to {
        Some(person) => Reference::to("RelatedPerson", person),
        None => Reference::to("Patient", &entry.patient),
    };
    let offset = entry.times.happened.offset_seconds;
    let detail = Extension::of_parts(ASKED, head::text_part("name", Some(&request.name)).into_iter().collect());
    let based_on = entry.order.iter().map(|order| head::order_reference(order, plan)).collect();
    Task {
        identifier: vec![head::identifier(entry)],
        status: Some(status.to_owned()),
        intent: Some("order".to_owned()),
        description: words(&request.text),
        r#for: Some(Reference::to("Patient", &entry.patient)),
        authored_on: Some(date_time::of_happened(&entry.times.happened)),
        requester: head::performer(entry, plan),
        owner: Some(owner.named(&request.name)),
        based_on,
        restriction: Some(TaskRestriction {
            period: Some(Period { end: Some(date_time::of_local(request.due, offset)), ..Period::default() }),
            ..TaskRestriction::default()
        }),
        note: Vec::<Annotation>::new(),
        extension: vec![head::write(entry, plan), detail],
        ..Task::with_id(entry.id.to_string())
    }
}

/// Reads a request that another phone wrote.
pub(super) fn read_task(task: &Task, head: Head) -> Result<Entry, Fault> {
    let owner = task.owner.as_ref().and_then(Reference::target);
    let to = match owner {
        Some(("RelatedPerson", id)) => Some(PersonId::new(id).map_err(|_| Fault::at("owner", "has no usable id"))?),
        Some(("Patient", _)) => None,
        Some(_) | None => return Err(Fault::missing("owner", "who was asked")),
    };
    let due = task.restriction.as_ref().and_then(|limits| limits.period.as_ref()?.end.as_deref());
    let path = inside(&extension("", ASKED), "name");
    let named = find(&task.extension, ASKED).and_then(|found| part(found, "name")?.value_string.clone());
    let shown = || task.owner.as_ref().and_then(|owner| owner.display.clone());
    Ok(head.with_body(EntryBody::Caregiving(Caregiving::Asked(Request {
        to,
        name: named.or_else(shown).ok_or_else(|| Fault::missing(path, "the name of who was asked"))?,
        text: task.description.clone().unwrap_or_default(),
        due: date_time::instant(due.unwrap_or_default(), "restriction.period.end")?,
    }))))
}
