//! Sending to and fetching from the care team's server, and one true sentence about how fresh it is.

use crate::call::call;
use crate::error::HomelineError;
use crate::homeline::Homeline;
use crate::screen::Screen;
use crate::values::Timestamp;
use crate::work::{self, Work};
pub use homeline_companion::{SetAside, SyncState, Synced};
use std::sync::Arc;

/// A record that the server refused.
#[uniffi::remote(Record)]
pub struct SetAside {
    /// Resource type.
    pub resource_type: String,
    /// The server's reason and what to do.
    pub reason: String,
}

/// How fresh it is.
#[uniffi::remote(Record)]
pub struct SyncState {
    /// One true sentence.
    pub sentence: String,
    /// Records that wait to be sent.
    pub waiting: u64,
    /// Of these, those whose last try ended without an answer.
    pub unknown: u64,
    /// Records that the server refused.
    pub set_aside: Vec<SetAside>,
    /// When to try again by itself after a failure, never before the server's own word; none when nothing is left to be tried,
    /// or a person has to do something first.
    pub next_try: Option<Timestamp>,
}

/// What one exchange did.
#[uniffi::remote(Record)]
pub struct Synced {
    /// Records that the care team's server took.
    pub sent: u64,
    /// Records that it refused for good: set aside, with the reason.
    pub set_aside: u64,
    /// Resources that came or changed.
    pub received: u64,
    /// Messages from the care team among them.
    pub messages: u64,
    /// Of what is kept from the server, records of home and team that cannot be read: kept as they came.
    pub unreadable: u64,
    /// What changed in the plan, in words.
    pub plan_changes: Vec<String>,
    /// Why it stopped before its end; none when it did not.
    pub stopped: Option<String>,
    /// The access of this phone has ended: what it held of others was removed.
    pub access_ended: bool,
    /// How fresh it is now.
    pub state: SyncState,
}

#[uniffi::export]
impl Homeline {
    /// Uses this FHIR R4 server from now on, for this patient. `https`, or `http` on this machine only. The bearer token,
    /// where the server wants one, is kept in the vault.
    ///
    /// Errors: `BadInput` (address or id), `PlanRefused` (the vault belongs to another patient).
    pub async fn enrol_server(
        &self,
        server: String,
        patient: String,
        token: Option<String>,
    ) -> Result<(), HomelineError> {
        call(self.inner.sync().enrol(server, patient, token)).await
    }

    /// Sends what waits, then fetches what is new. What could not be done stays for the next time; nothing is lost.
    ///
    /// Errors: `NotFound` (no server is known), `Cancelled`: what was sent and fetched until then is kept. A network that is
    /// away is an answer (`stopped`), not an error. `work` counts nothing.
    #[uniffi::method(default(work = None))]
    pub async fn sync_now(&self, work: Option<Arc<Work>>) -> Result<Synced, HomelineError> {
        call(self.inner.sync().now_watched(work::of(work))).await
    }

    /// How fresh it is as a screen; an action `sync.now` stands for `sync_now`.
    pub async fn sync_screen(&self) -> Result<Screen, HomelineError> {
        call(self.inner.sync().screen()).await
    }

    /// How fresh it is, without any network.
    pub async fn sync_state(&self) -> Result<SyncState, HomelineError> {
        call(self.inner.sync().status()).await
    }
}
