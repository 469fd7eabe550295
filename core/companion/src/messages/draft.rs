//! Drafts of messages, and questions of the journal that become a message in one tap.

use super::{MessageDraft, MessageSent, NewMessage, Recipient, person_of};
use crate::error::{ErrorKind, HomelineError};
use crate::journal::LONGEST_TEXT;
use crate::moment::Moment;
use crate::screen::{Action, Emphasis, Row};
use crate::store::{Logged, Store, fresh_entry_id};
use crate::texts::Texts;
use homeline_model::{CarePlan, Entry, EntryBody, EntryId, Uuid};
use homeline_vault::Vault;

const PREFIX: &str = "message/";

pub(super) fn key(id: EntryId) -> String {
    format!("{PREFIX}{id}")
}

pub(super) fn keep(
    store: &Store,
    moment: &Moment,
    id: Option<EntryId>,
    message: NewMessage,
) -> Result<EntryId, HomelineError> {
    if message.text.len() > LONGEST_TEXT {
        return Err(HomelineError::input(
            "message",
            format!("it has {} kB, the most is {} kB", message.text.len() / 1024, LONGEST_TEXT / 1024),
            "Shorten it, or split it into several.",
        ));
    }
    let id = id.unwrap_or_else(|| fresh_entry_id(moment.now));
    let draft = MessageDraft { id, message, saved_at: moment.now };
    store.vault()?.write(move |tx| {
        // A draft that was sent stays sent: a late keystroke does not bring it back.
        if tx.has_entry(id)? { Ok(()) } else { tx.set_draft(&key(id), &draft) }
    })?;
    Ok(id)
}

pub(super) fn all(store: &Store) -> Result<Vec<MessageDraft>, HomelineError> {
    let mut drafts: Vec<MessageDraft> = store.vault()?.read(|tx| {
        let mut drafts = Vec::new();
        for key in tx.drafts()?.into_iter().filter(|key| key.starts_with(PREFIX)) {
            drafts.extend(tx.draft(&key)?);
        }
        Ok(drafts)
    })?;
    drafts.sort_by_key(|draft| std::cmp::Reverse((draft.saved_at, draft.id)));
    Ok(drafts)
}

pub(super) fn send(store: &mut Store, moment: &Moment, id: EntryId) -> Result<MessageSent, HomelineError> {
    let (draft, is_sent) = store.vault()?.read(|tx| Ok((tx.draft::<MessageDraft>(&key(id))?, tx.has_entry(id)?)))?;
    match draft {
        Some(draft) => super::send(store, moment, id, &draft.message),
        None if is_sent => {
            let logged = Logged { entry: id, advice: Vec::new() };
            Ok(MessageSent { logged, before_you_wait: Vec::new() })
        }
        None => Err(HomelineError::new(
            ErrorKind::NotFound,
            "message.draft",
            "there is no such draft",
            "Look at the list of messages again.",
        )),
    }
}

pub(super) fn discard(store: &Store, id: EntryId) -> Result<(), HomelineError> {
    Ok(store.vault()?.write(move |tx| tx.remove_draft(&key(id)))?)
}

/// The message that a question becomes: one for each person who sends it, however often it is tapped.
fn message_of(question: EntryId, author: &homeline_model::Author) -> EntryId {
    let person = author.person.as_ref().map(ToString::to_string).unwrap_or_default();
    let name = format!("message|{}|{person}", author.name);
    EntryId(Uuid::new_v5(&question.0, name.as_bytes()))
}

fn word(to: Recipient) -> &'static str {
    match to {
        Recipient::Pharmacist => "pharmacist",
        Recipient::Nurse => "nurse",
    }
}

/// Adds to the row of a question what can be done with it.
pub(crate) fn question_actions(
    store: &Store,
    texts: Texts,
    vault: &Vault,
    plan: &CarePlan,
    entry: &Entry,
    row: &mut Row,
) -> Result<(), HomelineError> {
    if !matches!(entry.body, EntryBody::Question(_)) || entry.private {
        return Ok(());
    }
    let sent = message_of(entry.id, &store.author(plan));
    if vault.read(|tx| tx.has_entry(sent))? {
        row.details.push(texts.say("messages.was-sent"));
        return Ok(());
    }
    let send = [(Recipient::Nurse, "messages.send-to-nurse"), (Recipient::Pharmacist, "messages.send-to-pharmacist")];
    for (to, label) in send {
        row.actions.extend(person_of(plan, to).map(|_| Action {
            id: format!("message.ask:{}:{}", entry.id, word(to)),
            label: texts.say(label),
            emphasis: Emphasis::Plain,
        }));
    }
    Ok(())
}

/// Carries out `message.ask:<question>:<recipient>`.
pub(super) fn send_question(
    store: &mut Store,
    moment: &Moment,
    id: EntryId,
    to: Option<&str>,
) -> Result<Logged, HomelineError> {
    let not_an_action =
        || HomelineError::input("action", "this is not an action of a row", "Take the id of a row's action.");
    let to = match to {
        Some("pharmacist") => Recipient::Pharmacist,
        Some("nurse") => Recipient::Nurse,
        Some(_) | None => return Err(not_an_action()),
    };
    let found = store.vault()?.read(|tx| tx.entry(id))?.filter(|entry| !entry.private);
    let Some(EntryBody::Question(asked)) = found.map(|entry| entry.body) else {
        return Err(HomelineError::new(
            ErrorKind::NotFound,
            "message.question",
            "there is no such question in the journal",
            "Take one that is listed.",
        ));
    };
    let plan = store.require_plan()?;
    let message = NewMessage { attach: vec![id], ..NewMessage::new(to, asked.text) };
    let id = message_of(id, &store.author(&plan));
    Ok(super::send(store, moment, id, &message)?.logged)
}
