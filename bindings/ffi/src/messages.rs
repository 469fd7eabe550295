//! Messages to the pharmacist and the nurse, and theirs to home.

use crate::call::call;
use crate::error::HomelineError;
use crate::homeline::Homeline;
use crate::journal::Logged;
use crate::screen::{Row, Screen};
pub use homeline_companion::Recipient;
use homeline_model::EntryId;

/// To whom a message goes.
#[uniffi::remote(Enum)]
pub enum Recipient {
    /// The infusion pharmacist.
    Pharmacist,
    /// The infusion nurse.
    Nurse,
}

#[uniffi::export]
impl Homeline {
    /// Puts a message (at most 64 KiB of UTF-8) into the outbox, ahead of everything that can wait. Durable on return; sent
    /// at the next sync. Nobody sees it before: for danger a person calls.
    ///
    /// Errors: `NotFound` (the plan names nobody with this role), `BadInput` (empty or too long).
    pub async fn send_message(&self, to: Recipient, text: String) -> Result<Logged, HomelineError> {
        call(self.inner.messages().send(to, text)).await
    }

    /// All threads as a screen, the newest first: with whom, how far the last message came, drafts.
    pub async fn messages_screen(&self) -> Result<Screen, HomelineError> {
        call(self.inner.messages().threads()).await
    }

    /// One thread as a screen, oldest first, with what is known of each message. What it shows counts as seen here.
    ///
    /// Errors: `NotFound`.
    pub async fn message_thread(&self, thread: EntryId) -> Result<Screen, HomelineError> {
        call(self.inner.messages().thread(thread)).await
    }

    /// The newest messages of both sides, newest first; `size` 1 to 500.
    pub async fn messages(&self, size: u32) -> Result<Vec<Row>, HomelineError> {
        call(self.inner.messages().list(size)).await
    }
}
