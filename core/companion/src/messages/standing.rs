//! How far a message of ours has come: told as far as it is known, and no further.

use crate::texts::Texts;
use chrono::{DateTime, Utc};
use homeline_fhir::{MessageHandling, MessageTask, message_received, message_task};
use homeline_model::Entry;
use homeline_vault::{OutboxState, ReadTx, VaultError};
use std::collections::HashMap;

const COMMUNICATION: &str = "Communication";

/// How far a message has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// It waits on this phone.
    Queued,
    /// It was sent, and no answer of the server came: it goes out again.
    Unknown,
    /// The server did not take it.
    Refused { reason: String },
    /// The server has it.
    Sent { at: Option<DateTime<Utc>> },
    /// The server says that it is in somebody's list.
    Received { at: Option<DateTime<Utc>>, who: Option<String> },
    /// The server says that somebody has it open.
    Read { at: Option<DateTime<Utc>>, who: Option<String> },
    /// The server says that somebody has dealt with it.
    Settled { at: Option<DateTime<Utc>>, who: Option<String> },
    /// The server says that nobody will answer it.
    Declined { at: Option<DateTime<Utc>>, who: Option<String> },
    /// Somebody wrote back.
    Answered { at: DateTime<Utc>, who: String },
}

impl Standing {
    /// The word for it, stable, in JSON.
    pub(super) fn as_str(&self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Unknown => "unknown",
            Self::Refused { .. } => "refused",
            Self::Sent { .. } => "sent",
            Self::Received { .. } => "received",
            Self::Read { .. } => "read",
            Self::Settled { .. } => "settled",
            Self::Declined { .. } => "declined",
            Self::Answered { .. } => "answered",
        }
    }

    /// The words for a screen.
    pub(super) fn words(&self, texts: Texts, clock: impl Fn(DateTime<Utc>) -> String) -> String {
        let at = |at: &Option<DateTime<Utc>>| at.map(|at| format!(" {}", clock(at))).unwrap_or_default();
        let by = |who: &Option<String>| {
            who.as_ref().map(|who| format!(" {}", texts.fill("messages.by", &[("who", who)]))).unwrap_or_default()
        };
        match self {
            Self::Queued => texts.say("messages.queued"),
            Self::Unknown => texts.say("messages.unknown"),
            Self::Refused { .. } => texts.say("messages.refused"),
            Self::Sent { at: when } => texts.fill("messages.sent", &[("at", &at(when))]),
            Self::Received { at: when, who } => texts.fill("messages.received", &[("by", &by(who)), ("at", &at(when))]),
            Self::Read { at: when, who } => texts.fill("messages.read", &[("by", &by(who)), ("at", &at(when))]),
            Self::Settled { at: when, who } => texts.fill("messages.settled", &[("by", &by(who)), ("at", &at(when))]),
            Self::Declined { at: when, who } => texts.fill("messages.declined", &[("by", &by(who)), ("at", &at(when))]),
            Self::Answered { at, who } => texts.fill("messages.answered", &[("who", who), ("at", &clock(*at))]),
        }
    }

    /// Whether somebody at home must do something about it.
    pub(super) fn asks_for_a_call(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Declined { .. })
    }
}

/// What the server's Tasks say of messages, by the id of the `Communication`; of several the one that says most.
pub(super) fn tasks(tx: &ReadTx<'_>) -> Result<HashMap<String, MessageTask>, VaultError> {
    let mut tasks: HashMap<String, MessageTask> = HashMap::new();
    for row in tx.mirror_of_type("Task")? {
        let Some(task) = message_task(&row.json) else { continue };
        match tasks.get(&task.communication) {
            Some(there) if there.handling >= task.handling => {}
            Some(_) | None => {
                tasks.insert(task.communication.clone(), task);
            }
        }
    }
    Ok(tasks)
}

/// The id under which the server has a message of ours.
pub(super) fn server_id(tx: &ReadTx<'_>, entry: &Entry) -> Result<String, VaultError> {
    let id = entry.id.to_string();
    Ok(tx.outbox_sent(COMMUNICATION, &id)?.map_or(id, |sent| sent.server_id))
}

/// How far a message of ours has come. `answer` is the first message of the team that names it.
pub(super) fn standing(
    tx: &ReadTx<'_>,
    entry: &Entry,
    answer: Option<&Entry>,
    tasks: &HashMap<String, MessageTask>,
) -> Result<Standing, VaultError> {
    if let Some(answer) = answer {
        return Ok(Standing::Answered { at: answer.times.happened.at, who: answer.author.name.clone() });
    }
    let id = server_id(tx, entry)?;
    if let Some(task) = tasks.get(&id) {
        let (at, who) = (task.at, task.who.clone());
        return Ok(match task.handling {
            MessageHandling::Received => Standing::Received { at, who },
            MessageHandling::Read => Standing::Read { at, who },
            MessageHandling::Settled => Standing::Settled { at, who },
            MessageHandling::Declined => Standing::Declined { at, who },
        });
    }
    let received = tx.mirror(COMMUNICATION, &id)?.filter(|row| !row.deleted);
    if let Some(at) = received.and_then(|row| message_received(&row.json)) {
        return Ok(Standing::Received { at: Some(at), who: None });
    }
    let rows = tx.outbox_of_entry(entry.id)?;
    let Some(last) = rows.iter().rev().find(|row| row.resource_type == COMMUNICATION) else {
        // Another phone of this home sent it, and it came back from the server.
        return Ok(Standing::Sent { at: None });
    };
    Ok(match last.state {
        OutboxState::Sent => Standing::Sent { at: last.settled_at },
        OutboxState::Parked => Standing::Refused { reason: last.reason.clone().unwrap_or_default() },
        OutboxState::Waiting if last.attempts > 0 => Standing::Unknown,
        OutboxState::Waiting => Standing::Queued,
    })
}
