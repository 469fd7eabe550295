//! Messages to the pharmacist and the nurse, and theirs to home.

use crate::error::{ErrorKind, HomelineError};
use crate::homeline::Inner;
use crate::journal::{JournalFilter, checked_text};
use crate::ports::Change;
use crate::screen::Row;
use crate::store::{Logged, Statement};
use homeline_model::{CarePlan, EntryBody, EntryKind, Message, MessageDirection, Practitioner};
use std::sync::Arc;

/// To whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipient {
    /// The infusion pharmacist.
    Pharmacist,
    /// The infusion nurse.
    Nurse,
}

impl Recipient {
    fn of(self, plan: &CarePlan) -> Option<&Practitioner> {
        let word = match self {
            Self::Pharmacist => "pharmac",
            Self::Nurse => "nurs",
        };
        plan.care_team.iter().find(|person| person.role.to_lowercase().contains(word))
    }
}

/// Messages.
#[derive(Clone)]
pub struct Messages {
    pub(crate) inner: Arc<Inner>,
}

impl Messages {
    /// Puts a message into the outbox, ahead of everything that can wait. Durable on return; sent at the next sync.
    pub async fn send(&self, to: Recipient, text: String) -> Result<Logged, HomelineError> {
        let text = checked_text("message", text)?;
        let logged = self
            .inner
            .with_store(move |store, moment| {
                let plan = store.require_plan()?;
                let person = to.of(&plan).ok_or_else(|| {
                    HomelineError::new(
                        ErrorKind::NotFound,
                        "message.recipient",
                        "the plan names nobody with this role",
                        "Call the number of your team instead.",
                    )
                })?;
                let message = Message {
                    direction: MessageDirection::ToTeam,
                    with: person.name.clone(),
                    person: Some(person.id.clone()),
                    text,
                    in_response_to: None,
                    communication: None,
                    acknowledges: Vec::new(),
                };
                store.record(moment, Statement::by_hand(EntryBody::Message(message)))
            })
            .await?;
        self.inner.announce(Change::Messages);
        Ok(logged)
    }

    /// The newest messages, newest first.
    pub async fn list(&self, size: u32) -> Result<Vec<Row>, HomelineError> {
        let filter = JournalFilter { kinds: vec![EntryKind::Message], ..JournalFilter::default() };
        let journal = crate::journal::Journal { inner: self.inner.clone() };
        Ok(journal.timeline(filter, None, size).await?.rows)
    }
}
