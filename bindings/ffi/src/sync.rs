//! Sending to and fetching from the care team's server, and one true sentence about how fresh it is.

use crate::call::call;
use crate::crossing::{Screen, SyncState, Synced};
use crate::error::HomelineError;
use crate::homeline::Homeline;
use crate::work::{self, Work};
use std::sync::Arc;

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

    /// Lets everything that the server refused wait again, for one that was mended. Answers how many records.
    pub async fn send_again(&self) -> Result<u64, HomelineError> {
        call(self.inner.sync().send_again()).await
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
