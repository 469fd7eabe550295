//! Messages to the pharmacist and the nurse, and theirs to home.
//!
//! A message is an entry of the journal: written once, queued in the lane that goes first, sent under an id of our own, so
//! that it arrives once however often it is tried. How far it came is told as far as it is known and no further. Nobody
//! waits for messages around the clock: beside the text field stands when an answer can be expected, and whom to call.

mod draft;
mod latest;
mod standing;
mod thread;
mod wait;

use crate::access::Access;
use crate::error::{ErrorKind, HomelineError};
use crate::homeline::Inner;
use crate::journal::{JournalFilter, LARGEST_PAGE, checked_text};
use crate::moment::Moment;
use crate::ports::Change;
use crate::screen::{Row, Screen};
use crate::store::{Logged, Statement, Store, fresh_entry_id};
use chrono::{DateTime, Utc};
use homeline_model::{
    AttachedEntry, CarePlan, EntryBody, EntryId, EntryKind, Message, MessageDirection, MessageTopic, Practitioner,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub(crate) use draft::question_actions;
pub use homeline_model::Recipient;

/// A message as it is being written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewMessage {
    /// To whom.
    pub to: Recipient,
    /// The words; at most [`crate::LONGEST_TEXT`] bytes.
    pub text: String,
    /// What it is about, where the sender says it.
    #[serde(default)]
    pub topic: Option<MessageTopic>,
    /// Marked as urgent. That makes nobody read it sooner.
    #[serde(default)]
    pub urgent: bool,
    /// The thread that it goes on: an id of [`Messages::threads`]; `None` begins one.
    #[serde(default)]
    pub thread: Option<EntryId>,
    /// The last alarm, the last infusion and how it felt go with it.
    #[serde(default)]
    pub with_latest: bool,
    /// Entries that go with it, e.g. a photo. What stays at home cannot.
    #[serde(default)]
    pub attach: Vec<EntryId>,
}

impl NewMessage {
    /// Words to somebody.
    pub fn new(to: Recipient, text: impl Into<String>) -> Self {
        Self { to, text: text.into(), topic: None, urgent: false, thread: None, with_latest: false, attach: Vec::new() }
    }
}

/// A message that was begun and not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageDraft {
    /// Its id: the message will have the same.
    pub id: EntryId,
    /// As far as it is written.
    #[serde(flatten)]
    pub message: NewMessage,
    /// When it was last kept.
    pub saved_at: DateTime<Utc>,
}

/// A message that was queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageSent {
    /// The entry, durable. It is sent at the next sync.
    pub logged: Logged,
    /// What to know before one waits for an answer, one a line; what asks for a call comes first.
    pub before_you_wait: Vec<String>,
}

/// Messages.
#[derive(Clone)]
pub struct Messages {
    pub(crate) inner: Arc<Inner>,
}

impl Messages {
    /// Puts a message into the outbox, ahead of everything that can wait. Durable on return; sent at the next sync.
    pub async fn send(&self, to: Recipient, text: String) -> Result<Logged, HomelineError> {
        Ok(self.write(NewMessage::new(to, text)).await?.logged)
    }

    /// The same with all that a message can carry.
    ///
    /// Errors: `BadInput` (no words, too many, an entry that stays at home), `NotFound` (nobody has that part in the plan; no
    /// such thread or entry).
    pub async fn write(&self, message: NewMessage) -> Result<MessageSent, HomelineError> {
        let sent = self
            .inner
            .allowed(Access::Message, move |store, moment| {
                let id = fresh_entry_id(moment.now);
                send(store, moment, id, &message)
            })
            .await?;
        self.inner.announce(Change::Messages);
        Ok(sent)
    }

    /// What stands beside the text field before a message is sent: whom to call instead, when an answer can be expected,
    /// what goes with it. Nothing is written.
    pub async fn compose(&self, message: NewMessage) -> Result<Screen, HomelineError> {
        self.inner.allowed(Access::Message, move |store, moment| wait::compose(store, moment, &message)).await
    }

    /// Keeps what is being written, so that a killed app loses no words. Without an id it is a new draft. Answers its id.
    pub async fn keep_draft(&self, id: Option<EntryId>, message: NewMessage) -> Result<EntryId, HomelineError> {
        self.inner.allowed(Access::Message, move |store, moment| draft::keep(store, moment, id, message)).await
    }

    /// What was begun and not sent, the newest first.
    pub async fn drafts(&self) -> Result<Vec<MessageDraft>, HomelineError> {
        self.inner.allowed(Access::Message, |store, _| draft::all(store)).await
    }

    /// Sends a draft. A second time, also after a kill in between, it is the same message, once.
    ///
    /// Errors: as [`Messages::write`]; `NotFound` when there was no such draft.
    pub async fn send_draft(&self, id: EntryId) -> Result<MessageSent, HomelineError> {
        let sent = self.inner.allowed(Access::Message, move |store, moment| draft::send(store, moment, id)).await?;
        self.inner.announce(Change::Messages);
        Ok(sent)
    }

    /// Throws a draft away. One that is not there is fine.
    pub async fn discard_draft(&self, id: EntryId) -> Result<(), HomelineError> {
        self.inner.allowed(Access::Message, move |store, _| draft::discard(store, id)).await
    }

    /// All threads as a screen, the newest first: with whom, how far the last message came, drafts.
    pub async fn threads(&self) -> Result<Screen, HomelineError> {
        self.inner.allowed(Access::See("messages"), |store, moment| thread::threads_screen(store, moment)).await
    }

    /// One thread as a screen, oldest first, with what is known of each message. What it shows counts as seen here.
    ///
    /// Errors: `NotFound`.
    pub async fn thread(&self, thread: EntryId) -> Result<Screen, HomelineError> {
        self.inner
            .allowed(Access::See("messages"), move |store, moment| thread::thread_screen(store, moment, thread))
            .await
    }

    /// Messages in which all words occur, newest first; the last word may be only begun.
    pub async fn search(&self, words: String, limit: u32) -> Result<Vec<Row>, HomelineError> {
        if words.trim().is_empty() {
            return Err(HomelineError::input("words", "there is no word to search for", "Give at least one."));
        }
        self.inner
            .allowed(Access::See("messages"), move |store, moment| thread::search(store, moment, &words, limit))
            .await
    }

    /// The newest messages, newest first.
    pub async fn list(&self, size: u32) -> Result<Vec<Row>, HomelineError> {
        let filter = JournalFilter { kinds: vec![EntryKind::Message], ..JournalFilter::default() };
        let journal = crate::journal::Journal { inner: self.inner.clone() };
        Ok(journal.timeline(filter, None, size.min(LARGEST_PAGE)).await?.rows)
    }
}

/// Carries out an action of a row: `message.ask:<question>:<recipient>`, `message.send-draft:<draft>`,
/// `message.discard-draft:<draft>`.
pub(crate) fn act<'a>(
    store: &mut Store,
    moment: &Moment,
    verb: &str,
    parts: &mut impl Iterator<Item = &'a str>,
) -> Result<Logged, HomelineError> {
    let not_an_action =
        || HomelineError::input("action", "this is not an action of a row", "Take the id of a row's action.");
    let id: EntryId = parts.next().and_then(|id| id.parse().ok()).ok_or_else(not_an_action)?;
    match verb {
        "message.ask" => draft::send_question(store, moment, id, parts.next()),
        "message.send-draft" => Ok(draft::send(store, moment, id)?.logged),
        "message.discard-draft" => {
            draft::discard(store, id)?;
            Ok(Logged { entry: id, advice: Vec::new() })
        }
        _ => Err(not_an_action()),
    }
}

/// Who of the team has that part.
fn person_of(plan: &CarePlan, to: Recipient) -> Option<&Practitioner> {
    let word = match to {
        Recipient::Pharmacist => "pharmac",
        Recipient::Nurse => "nurs",
    };
    plan.care_team.iter().find(|person| person.role.to_lowercase().contains(word))
}

fn require_person(plan: &CarePlan, to: Recipient) -> Result<&Practitioner, HomelineError> {
    person_of(plan, to).ok_or_else(|| {
        HomelineError::new(
            ErrorKind::NotFound,
            "message.recipient",
            "the plan names nobody with this role",
            "Call the number of your team instead.",
        )
    })
}

/// Queues a message under an id. When it was queued before, that one is the answer.
fn send(store: &mut Store, moment: &Moment, id: EntryId, message: &NewMessage) -> Result<MessageSent, HomelineError> {
    let plan = store.require_plan()?;
    let before_you_wait = wait::before_waiting(store, moment, &plan, message)?.lines();
    if store.vault()?.read(|tx| tx.has_entry(id))? {
        let logged = Logged { entry: id, advice: Vec::new() };
        return Ok(MessageSent { logged, before_you_wait });
    }
    let text = checked_text("message", message.text.clone())?;
    let person = require_person(&plan, message.to)?;
    let in_response_to = match message.thread {
        Some(thread) => Some(thread::answers(store, thread)?),
        None => None,
    };
    let mut statement = Statement::by_hand(EntryBody::Message(Message {
        person: Some(person.id.clone()),
        in_response_to,
        topic: message.topic,
        urgent: message.urgent,
        attached: attached(store, moment, &plan, message)?,
        ..Message::new(MessageDirection::ToTeam, person.name.clone(), text)
    }));
    statement.id = Some(id);
    let key = draft::key(id);
    let logged = store.record_all(moment, vec![statement], None, move |tx| tx.remove_draft(&key))?;
    Ok(MessageSent { logged, before_you_wait })
}

/// What goes with a message.
fn attached(
    store: &Store,
    moment: &Moment,
    plan: &CarePlan,
    message: &NewMessage,
) -> Result<Vec<AttachedEntry>, HomelineError> {
    let mut attached = latest::chosen(store, moment, plan, &message.attach)?;
    if message.with_latest {
        let there: Vec<EntryId> = attached.iter().map(|one| one.entry).collect();
        attached.extend(latest::latest(store, moment, plan)?.into_iter().filter(|one| !there.contains(&one.entry)));
    }
    Ok(attached)
}
