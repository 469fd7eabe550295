//! A closed loop: somebody asks somebody at home for something, and both phones know how it ended. Done and refused are said
//! by the one who was asked; without an answer at its time it is unknown. Nobody is ever taken to have done it.

use crate::error::{ErrorKind, HomelineError};
use crate::journal::checked_text;
use crate::moment::Moment;
use crate::screen::{Action, Emphasis, Privacy, Row, Screen, Section};
use crate::store::{Logged, Statement, Store};
use chrono::{DateTime, Duration, Utc};
use homeline_fhir::{ExportContext, entry_to_resource};
use homeline_model::{
    Author, AuthorRole, CarePlan, Caregiving, Entry, EntryBody, EntryId, EntryKind, PersonId, Request, RequestOutcome,
};
use homeline_vault::{Direction, Lane, NewOutboxItem, OutboxState, ReadTx, TimelineQuery, VaultError};

/// How far back requests are shown.
const SHOWN: Duration = Duration::days(14);
/// The furthest time for an answer.
const LONGEST: Duration = Duration::days(60);

pub(super) fn ask(
    store: &mut Store,
    moment: &Moment,
    to: Option<&PersonId>,
    text: String,
    due: DateTime<Utc>,
) -> Result<Logged, HomelineError> {
    let text = checked_text("text", text)?;
    let plan = store.require_plan()?;
    if due <= moment.now || due - moment.now > LONGEST {
        return Err(HomelineError::input("due", "the time must be within the next 60 days", "Give another time."));
    }
    let name = match to {
        None => plan.patient.name.clone(),
        Some(person) => {
            let known = plan.caregivers.iter().find(|caregiver| caregiver.id == *person);
            known.map(|caregiver| caregiver.name.clone()).ok_or_else(|| {
                HomelineError::new(
                    ErrorKind::NotFound,
                    "caregiver.missing",
                    "no one with that id is in the plan",
                    "Look at the list of caregivers.",
                )
            })?
        }
    };
    if is_put_to(to, &store.author(&plan)) {
        return Err(HomelineError::input("to", "this phone is theirs", "Ask somebody else."));
    }
    let request = Request { to: to.cloned(), name, text, due };
    store.record(moment, Statement::by_hand(EntryBody::Caregiving(Caregiving::Asked(request))))
}

fn is_put_to(to: Option<&PersonId>, holder: &Author) -> bool {
    match to {
        None => holder.role == AuthorRole::Patient,
        Some(person) => holder.role == AuthorRole::Caregiver && holder.person.as_ref() == Some(person),
    }
}

/// A request with what became of it.
struct Asked {
    entry: Entry,
    request: Request,
    answer: Option<(Entry, RequestOutcome, Option<String>)>,
}

fn read(tx: &ReadTx<'_>, from: Option<DateTime<Utc>>) -> Result<Vec<Asked>, VaultError> {
    let entries = tx.timeline_whole(TimelineQuery {
        kinds: vec![EntryKind::Caregiving],
        from,
        direction: Direction::OldestFirst,
        ..TimelineQuery::default()
    })?;
    let mut all: Vec<Asked> = Vec::new();
    for entry in &entries {
        if let EntryBody::Caregiving(Caregiving::Asked(request)) = &entry.body {
            all.push(Asked { entry: entry.clone(), request: request.clone(), answer: None });
        }
    }
    for entry in entries {
        let EntryBody::Caregiving(Caregiving::Answered { request, outcome, note }) = &entry.body else { continue };
        let Some(asked) = all.iter_mut().find(|asked| asked.entry.id == *request) else { continue };
        // Only who was asked can say how it ended, and the first answer stands on every phone.
        let first = asked
            .answer
            .as_ref()
            .is_none_or(|(there, ..)| (entry.times.recorded_at, entry.id) < (there.times.recorded_at, there.id));
        if first && is_put_to(asked.request.to.as_ref(), &entry.author) {
            asked.answer = Some((entry.clone(), *outcome, note.clone()));
        }
    }
    Ok(all)
}

pub(super) fn answer(
    store: &mut Store,
    moment: &Moment,
    request: EntryId,
    outcome: RequestOutcome,
    note: Option<String>,
) -> Result<Logged, HomelineError> {
    let note = note.map(|note| checked_text("note", note)).transpose()?;
    let plan = store.require_plan()?;
    let all = store.vault()?.read(|tx| read(tx, None))?;
    let asked = all.into_iter().find(|asked| asked.entry.id == request).ok_or_else(|| {
        HomelineError::new(
            ErrorKind::NotFound,
            "request.missing",
            "there is no such request",
            "Look at the list of requests again.",
        )
    })?;
    if !is_put_to(asked.request.to.as_ref(), &store.author(&plan)) {
        return Err(HomelineError::input("request", "it was put to somebody else", "Only they can answer it."));
    }
    match asked.answer {
        Some((there, said, _)) if said == outcome => Ok(Logged { entry: there.id, advice: Vec::new() }),
        Some(_) => Err(HomelineError::input("outcome", "it was answered before", "Ask anew, or talk to one another.")),
        None => {
            let mut statement =
                Statement::by_hand(EntryBody::Caregiving(Caregiving::Answered { request, outcome, note }));
            statement.order = asked.entry.order;
            statement.occurrence = asked.entry.occurrence;
            store.record(moment, statement)
        }
    }
}

/// Carries out `request.done:<entry>` and `request.refuse:<entry>`.
pub(crate) fn answer_action(
    store: &mut Store,
    moment: &Moment,
    verb: &str,
    request: &str,
    note: Option<String>,
) -> Result<Logged, HomelineError> {
    let outcome = match verb {
        "request.done" => RequestOutcome::Done,
        _ => RequestOutcome::Refused,
    };
    let request = request.parse().map_err(|_| {
        HomelineError::input("action", "this is not an action of a row", "Take the id of a row's action.")
    })?;
    answer(store, moment, request, outcome, note)
}

/// The Tasks of our requests whose answer has come go out once more, with the status that the answer gives.
pub(crate) fn close_answered(store: &Store, moment: &Moment, arrived: &[EntryId]) -> Result<(), HomelineError> {
    if arrived.is_empty() {
        return Ok(());
    }
    let plan = store.require_plan()?;
    let holder = store.author(&plan);
    let vault = store.vault()?;
    let all = vault.read(|tx| read(tx, None))?;
    let mut items: Vec<NewOutboxItem> = Vec::new();
    for asked in &all {
        let Some((answer, outcome, _)) = &asked.answer else { continue };
        let ours = asked.entry.author.role == holder.role && asked.entry.author.name == holder.name;
        if !ours || !arrived.contains(&answer.id) {
            continue;
        }
        let context = ExportContext { plan: Some(&plan), outcome: Some(*outcome), ..ExportContext::default() };
        let resources = entry_to_resource(&asked.entry, &context).map_err(|error| {
            HomelineError::new(ErrorKind::Internal, "fhir.export", error.to_string(), "Nothing half-done was kept.")
        })?;
        items.extend(resources.into_iter().map(|resource| NewOutboxItem {
            lane: Lane::Ordinary,
            entry: Some(asked.entry.id),
            resource_type: resource.resource_type,
            resource_id: resource.id.to_string(),
            payload: resource.json,
            queued_at: moment.now,
        }));
    }
    if items.is_empty() {
        return Ok(());
    }
    Ok(vault.write(move |tx| items.iter().try_for_each(|item| tx.enqueue(item).map(|_| ())))?)
}

/// How a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Open,
    Done,
    Refused,
    Unknown,
}

pub(super) fn screen(store: &Store, moment: &Moment) -> Result<Screen, HomelineError> {
    let (plan, texts) = (store.require_plan()?, moment.texts);
    let holder = store.author(&plan);
    let vault = store.vault()?;
    let all = vault.read(|tx| read(tx, Some(moment.now - SHOWN)))?;
    let (mut open, mut ended) = (Vec::new(), Vec::new());
    for asked in all.iter().rev() {
        let is_open = asked.answer.is_none() && moment.now <= asked.request.due;
        let refused = vault.read(|tx| {
            let rows = tx.outbox_of_entry(asked.entry.id)?;
            Ok(rows.iter().any(|row| row.state == OutboxState::Parked))
        })?;
        let row = row(&plan, moment, asked, &holder, refused);
        if is_open { open.push(row) } else { ended.push(row) }
    }
    let mut sections = Vec::new();
    for (title, rows) in [("requests.open", open), ("requests.ended", ended)] {
        if !rows.is_empty() {
            sections.push(Section { title: Some(texts.say(title)), rows });
        }
    }
    if sections.is_empty() {
        sections.push(Section { title: None, rows: vec![Row::new("nothing", texts.say("requests.nothing"))] });
    }
    Ok(Screen {
        privacy: Privacy::default(),
        id: "requests".to_owned(),
        title: texts.say("requests.title"),
        subtitle: Some(plan.patient.name.clone()),
        sections,
        footer: vec![texts.say("not-watched")],
    })
}

fn row(plan: &CarePlan, moment: &Moment, asked: &Asked, holder: &Author, refused: bool) -> Row {
    let texts = moment.texts;
    let shown = |at: DateTime<Utc>| moment.shown(at);
    let request = &asked.request;
    let standing = match &asked.answer {
        Some((_, RequestOutcome::Done, _)) => Standing::Done,
        Some((_, RequestOutcome::Refused, _)) => Standing::Refused,
        None if moment.now > request.due => Standing::Unknown,
        None => Standing::Open,
    };
    let mut row = Row::new(format!("request/{}", asked.entry.id), request.text.clone());
    row.time = Some(shown(asked.entry.times.happened.at));
    let at = asked.answer.as_ref().map(|(entry, ..)| shown(entry.times.happened.at)).unwrap_or_default();
    row.state = Some(match standing {
        Standing::Open => texts.fill("requests.no-answer", &[("time", &shown(request.due))]),
        Standing::Done => texts.fill("requests.done-by", &[("time", &at), ("name", &request.name)]),
        Standing::Refused => texts.fill("requests.refused-by", &[("time", &at), ("name", &request.name)]),
        Standing::Unknown => texts.say("requests.unknown"),
    });
    row.details.push(texts.fill("requests.asked", &[("who", &asked.entry.author.name), ("name", &request.name)]));
    row.details.extend(asked.answer.as_ref().and_then(|(_, _, note)| note.clone()));
    row.emphasis = match standing {
        Standing::Open => Emphasis::Plain,
        Standing::Done => Emphasis::Quiet,
        Standing::Refused | Standing::Unknown => Emphasis::Attention,
    };
    if standing == Standing::Unknown {
        let phone = match &request.to {
            Some(person) => plan.caregivers.iter().find(|one| one.id == *person).and_then(|one| one.phone.as_deref()),
            None => None,
        };
        row.details.push(match phone {
            Some(phone) => texts.fill("requests.call", &[("name", &request.name), ("phone", &phone)]),
            None => texts.fill("requests.ask-yourself", &[("name", &request.name)]),
        });
    }
    if refused {
        row.details.push(texts.say("requests.server-refused"));
        row.emphasis = Emphasis::Urgent;
    }
    if asked.answer.is_none() && is_put_to(request.to.as_ref(), holder) {
        let action = |verb: &str, label: &'static str, emphasis| Action {
            id: format!("request.{verb}:{}", asked.entry.id),
            label: texts.say(label),
            emphasis,
        };
        row.actions.push(action("done", "requests.it-is-done", Emphasis::Attention));
        row.actions.push(action("refuse", "requests.cannot", Emphasis::Plain));
    }
    row.private_title = Some(texts.say("private.request"));
    row.with_spoken_sentence()
}
