//! Messages to the pharmacist and the nurse, and theirs to home.

use crate::call::call;
use crate::crossing::{Logged, MessageDraft, MessageSent, NewMessage, Recipient, Row, Screen};
use crate::error::HomelineError;
use crate::homeline::Homeline;
use homeline_model::EntryId;

#[uniffi::export]
impl Homeline {
    /// Puts a message (at most 64 KiB of UTF-8) into the outbox, ahead of everything that can wait. Durable on return; sent
    /// at the next sync. Nobody sees it before: for danger a person calls.
    ///
    /// Errors: `NotFound` (the plan names nobody with this role), `BadInput` (empty or too long).
    pub async fn send_message(&self, to: Recipient, text: String) -> Result<Logged, HomelineError> {
        call(self.inner.messages().send(to, text)).await
    }

    /// The same with all that a message can carry: topic, urgency, the thread that it goes on, entries of the journal.
    ///
    /// Errors: `BadInput` (no words, too many, an entry that stays at home), `NotFound` (nobody has that part in the plan; no
    /// such thread or entry).
    pub async fn write_message(&self, message: NewMessage) -> Result<MessageSent, HomelineError> {
        call(self.inner.messages().write(message)).await
    }

    /// What stands beside the text field before a message is sent: whom to call instead of waiting, when an answer can be
    /// expected, what goes with it. Nothing is written.
    ///
    /// Errors: `NotFound` (nobody has that part in the plan).
    pub async fn compose_message(&self, message: NewMessage) -> Result<Screen, HomelineError> {
        call(self.inner.messages().compose(message)).await
    }

    /// Keeps what is being written, so that a killed app loses no words. Without an id it is a new draft. Answers its id.
    ///
    /// Errors: `BadInput` (longer than 64 KiB).
    pub async fn keep_draft(&self, id: Option<EntryId>, message: NewMessage) -> Result<EntryId, HomelineError> {
        call(self.inner.messages().keep_draft(id, message)).await
    }

    /// What was begun and not sent, the newest first.
    pub async fn message_drafts(&self) -> Result<Vec<MessageDraft>, HomelineError> {
        call(self.inner.messages().drafts()).await
    }

    /// Sends a draft. A second time, also after a kill in between, it is the same message, once.
    ///
    /// Errors: as `write_message`; `NotFound` when there was no such draft.
    pub async fn send_draft(&self, id: EntryId) -> Result<MessageSent, HomelineError> {
        call(self.inner.messages().send_draft(id)).await
    }

    /// Throws a draft away. One that is not there is fine.
    pub async fn discard_draft(&self, id: EntryId) -> Result<(), HomelineError> {
        call(self.inner.messages().discard_draft(id)).await
    }

    /// Messages in which all words occur, newest first; the last word may be only begun. `limit` is taken as 1 to 500.
    ///
    /// Errors: `BadInput` (no word).
    pub async fn search_messages(&self, words: String, limit: u32) -> Result<Vec<Row>, HomelineError> {
        call(self.inner.messages().search(words, limit)).await
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
