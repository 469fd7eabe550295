//! Messages as threads: what answers what, by `Communication.inResponseTo`.

use super::standing::{self, Standing};
use super::{draft, wait};
use crate::error::{ErrorKind, HomelineError};
use crate::journal::LARGEST_PAGE;
use crate::moment::Moment;
use crate::screen::{Action, Emphasis, Privacy, Row, Screen, Section};
use crate::store::Store;
use crate::words;
use homeline_fhir::MessageTask;
use homeline_model::{CarePlan, Entry, EntryBody, EntryId, EntryKind, Message, MessageDirection, Recipient};
use homeline_vault::{Direction, ReadTx, TimelineQuery, VaultError};
use std::collections::{BTreeMap, HashMap};

/// Up to which message each thread was seen on this phone.
const SEEN: &str = "messages.seen";
/// How far a chain of answers is followed; longer ones are a ring.
const LONGEST_CHAIN: usize = 10_000;
/// How many characters of a message stand in the list.
const SHOWN: usize = 80;

type Seen = BTreeMap<EntryId, EntryId>;

/// Messages that answer one another, oldest first.
struct Thread {
    /// The first of them.
    root: EntryId,
    entries: Vec<Entry>,
}

/// All messages, by threads.
struct Correspondence {
    /// The newest activity first.
    threads: Vec<Thread>,
    /// The first answer to each message.
    answers: HashMap<EntryId, Entry>,
    tasks: HashMap<String, MessageTask>,
}

fn message(entry: &Entry) -> Option<&Message> {
    match &entry.body {
        EntryBody::Message(message) => Some(message),
        _ => None,
    }
}

fn is_from_team(entry: &Entry) -> bool {
    message(entry).is_some_and(|message| message.direction == MessageDirection::FromTeam)
}

impl Correspondence {
    fn read(tx: &ReadTx<'_>) -> Result<Self, VaultError> {
        let entries = tx.timeline_whole(TimelineQuery {
            kinds: vec![EntryKind::Message],
            direction: Direction::OldestFirst,
            ..TimelineQuery::default()
        })?;
        let mut by_communication: HashMap<String, EntryId> = HashMap::new();
        for entry in &entries {
            let id = match message(entry).and_then(|message| message.communication.clone()) {
                Some(id) => id,
                None => standing::server_id(tx, entry)?,
            };
            by_communication.insert(entry.id.to_string(), entry.id);
            by_communication.insert(id, entry.id);
        }
        let parent = |entry: &Entry| {
            let answered = message(entry)?.in_response_to.as_ref()?;
            by_communication.get(answered).copied().filter(|parent| *parent != entry.id)
        };
        let parents: HashMap<EntryId, EntryId> =
            entries.iter().filter_map(|entry| Some((entry.id, parent(entry)?))).collect();
        let root = |id: EntryId| {
            let up = std::iter::successors(Some(id), |id| parents.get(id).copied());
            up.take(LONGEST_CHAIN).last().unwrap_or(id)
        };
        let mut answers: HashMap<EntryId, Entry> = HashMap::new();
        let mut threads: HashMap<EntryId, Thread> = HashMap::new();
        for entry in entries {
            if let Some(answered) = parents.get(&entry.id).filter(|_| is_from_team(&entry)) {
                answers.entry(*answered).or_insert_with(|| entry.clone());
            }
            let root = root(entry.id);
            threads.entry(root).or_insert_with(|| Thread { root, entries: Vec::new() }).entries.push(entry);
        }
        let mut threads: Vec<Thread> = threads.into_values().collect();
        let newest = |thread: &Thread| thread.entries.last().map(|entry| (entry.times.happened.at, entry.id));
        threads.sort_by_key(|thread| std::cmp::Reverse(newest(thread)));
        Ok(Self { threads, answers, tasks: standing::tasks(tx)? })
    }

    fn standing(&self, tx: &ReadTx<'_>, entry: &Entry) -> Result<Option<Standing>, VaultError> {
        if is_from_team(entry) {
            return Ok(None);
        }
        standing::standing(tx, entry, self.answers.get(&entry.id), &self.tasks).map(Some)
    }
}

fn missing() -> HomelineError {
    HomelineError::new(
        ErrorKind::NotFound,
        "message.thread",
        "there is no such thread",
        "Look at the list of messages again.",
    )
}

/// What the next message of a thread answers: the team's last, else the first one.
pub(super) fn answers(store: &Store, thread: EntryId) -> Result<String, HomelineError> {
    let found = store.vault()?.read(|tx| {
        let all = Correspondence::read(tx)?;
        let holds = |one: &&Thread| one.root == thread || one.entries.iter().any(|entry| entry.id == thread);
        let Some(found) = all.threads.iter().find(holds) else { return Ok(None) };
        let of_team = found.entries.iter().rev().find_map(|entry| message(entry)?.communication.clone());
        match (of_team, found.entries.first()) {
            (Some(id), _) => Ok(Some(id)),
            (None, Some(first)) => standing::server_id(tx, first).map(Some),
            (None, None) => Ok(None),
        }
    })?;
    found.ok_or_else(missing)
}

pub(super) fn threads_screen(store: &Store, moment: &Moment) -> Result<Screen, HomelineError> {
    let (plan, texts) = (store.require_plan()?, moment.texts);
    let rows = store.vault()?.read(|tx| {
        let all = Correspondence::read(tx)?;
        let seen: Seen = tx.setting(SEEN)?.unwrap_or_default();
        let mut rows = Vec::new();
        for thread in &all.threads {
            let Some(last) = thread.entries.last() else { continue };
            let mut row = Row::new(format!("thread/{}", thread.root), with_whom(&plan, last));
            row.time = Some(moment.shown(last.times.happened.at));
            let words = message(last).map(|message| message.text.trim()).unwrap_or_default();
            row.details.push(shortened(words));
            let unseen = thread.entries.iter().rev().take_while(|entry| seen.get(&thread.root) != Some(&entry.id));
            let new = unseen.filter(|entry| is_from_team(entry)).count();
            match all.standing(tx, last)? {
                Some(standing) => {
                    row.state = Some(standing.words(texts, |at| moment.shown(at)));
                    if standing.asks_for_a_call() {
                        row.emphasis = Emphasis::Attention;
                    }
                }
                None if new > 0 => {
                    row.state = Some(if new == 1 {
                        texts.say("messages.new-one")
                    } else {
                        texts.fill("messages.new", &[("number", &new)])
                    });
                    row.emphasis = Emphasis::Attention;
                }
                None => row.state = Some(texts.say("messages.seen-here")),
            }
            row.private_title = Some(texts.say("private.message"));
            rows.push(row.with_spoken_sentence());
        }
        Ok(rows)
    })?;
    let drafts: Vec<Row> = draft::all(store)?
        .into_iter()
        .map(|draft| {
            let mut row = Row::new(format!("draft/{}", draft.id), shortened(draft.message.text.trim()));
            row.time = Some(moment.shown(draft.saved_at));
            row.state = Some(texts.say("messages.not-sent"));
            let action = |verb: &str, label: &'static str, emphasis| Action {
                id: format!("message.{verb}:{}", draft.id),
                label: texts.say(label),
                emphasis,
            };
            row.actions.push(action("send-draft", "messages.send", Emphasis::Attention));
            row.actions.push(action("discard-draft", "messages.throw-away", Emphasis::Quiet));
            row.private_title = Some(texts.say("private.draft"));
            row.with_spoken_sentence()
        })
        .collect();
    let mut sections = Vec::new();
    for (title, rows) in [("messages.drafts", drafts), ("messages.title", rows)] {
        if !rows.is_empty() {
            sections.push(Section { title: Some(texts.say(title)), rows });
        }
    }
    if sections.is_empty() {
        sections.push(Section { title: None, rows: vec![Row::new("nothing", texts.say("messages.none"))] });
    }
    Ok(Screen {
        privacy: Privacy::default(),
        id: "messages".to_owned(),
        title: texts.say("messages.title"),
        subtitle: Some(plan.patient.name.clone()),
        sections,
        footer: footer(store, moment, &plan, &[Recipient::Pharmacist, Recipient::Nurse]),
    })
}

pub(super) fn thread_screen(store: &Store, moment: &Moment, thread: EntryId) -> Result<Screen, HomelineError> {
    let (plan, texts) = (store.require_plan()?, moment.texts);
    let vault = store.vault()?;
    let found = vault.read(|tx| {
        let all = Correspondence::read(tx)?;
        let holds = |one: &&Thread| one.root == thread || one.entries.iter().any(|entry| entry.id == thread);
        let Some(found) = all.threads.iter().find(holds) else { return Ok(None) };
        let mut rows = Vec::new();
        for entry in &found.entries {
            let mut row = crate::journal::row(moment, Some(&plan), entry, None);
            if let Some(standing) = all.standing(tx, entry)? {
                row.id = format!("{}/{}", entry.id, standing.as_str());
                row.state = Some(standing.words(texts, |at| moment.shown(at)));
                if standing.asks_for_a_call() {
                    row.emphasis = Emphasis::Attention;
                    row.details.push(texts.say("messages.call-team"));
                }
                if let Standing::Refused { reason } = standing {
                    row.details.push(reason);
                }
            }
            rows.push(row.with_spoken_sentence());
        }
        let last = found.entries.last().map(|entry| entry.id);
        let title = found.entries.last().map(|entry| with_whom(&plan, entry)).unwrap_or_default();
        Ok(Some((found.root, last, title, recipients(&plan, &found.entries), rows)))
    })?;
    let (root, last, title, to, rows) = found.ok_or_else(missing)?;
    if let Some(last) = last {
        let mut seen: Seen = vault.read(|tx| tx.setting(SEEN))?.unwrap_or_default();
        if seen.insert(root, last) != Some(last) {
            vault.write(move |tx| tx.set_setting(SEEN, &seen))?;
        }
    }
    Ok(Screen {
        privacy: Privacy::default(),
        id: format!("thread/{root}"),
        title,
        subtitle: Some(plan.patient.name.clone()),
        sections: vec![Section { title: None, rows }],
        footer: footer(store, moment, &plan, &to),
    })
}

pub(super) fn search(store: &Store, moment: &Moment, words: &str, limit: u32) -> Result<Vec<Row>, HomelineError> {
    let found = store.vault()?.search(words, LARGEST_PAGE)?;
    let messages = found.iter().filter(|entry| entry.kind() == EntryKind::Message);
    let limit = usize::try_from(limit.clamp(1, LARGEST_PAGE)).unwrap_or(usize::MAX);
    let plan = store.plan().cloned();
    Ok(messages.take(limit).map(|entry| crate::journal::row(moment, plan.as_deref(), entry, None)).collect())
}

/// When answers can be expected, whom to call, and that nobody watches.
fn footer(store: &Store, moment: &Moment, plan: &CarePlan, to: &[Recipient]) -> Vec<String> {
    let mut footer: Vec<String> = Vec::new();
    for to in to {
        footer.extend(wait::reply_lines(store, moment, plan, *to));
    }
    footer.extend(words::numbers_to_call(plan));
    footer.push(moment.texts.say("not-watched"));
    footer
}

/// The parts of the team that a thread is with.
fn recipients(plan: &CarePlan, entries: &[Entry]) -> Vec<Recipient> {
    let is_with = |to: &Recipient| {
        let person = super::person_of(plan, *to).map(|person| &person.id);
        person.is_some() && entries.iter().any(|entry| message(entry).and_then(|m| m.person.as_ref()) == person)
    };
    [Recipient::Pharmacist, Recipient::Nurse].into_iter().filter(is_with).collect()
}

/// The name of the other side and their part in the team.
fn with_whom(plan: &CarePlan, entry: &Entry) -> String {
    let Some(message) = message(entry) else { return String::new() };
    let known = message.person.as_ref().and_then(|id| plan.care_team.iter().find(|person| person.id == *id));
    match known {
        Some(person) => format!("{}, {}", person.name, person.role.to_lowercase()),
        None => message.with.clone(),
    }
}

fn shortened(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let short: String = line.chars().take(SHOWN).collect();
    if short.len() < text.len() { format!("{short} …") } else { short }
}
