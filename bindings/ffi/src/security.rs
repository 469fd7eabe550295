//! Passcode, recovery code, and the proof that nothing was changed.

use crate::call::call;
use crate::crossing::{Screen, VerificationReport};
use crate::error::HomelineError;
use crate::homeline::Homeline;
use crate::work::{self, Work};
use homeline_companion as companion;
use std::sync::Arc;

#[uniffi::export]
impl Homeline {
    /// Language, wishes, and what protects the journal. Actions that switch something go to `act_on_settings`;
    /// `quiet-hours.set`, `passcode.set`, `recovery-code.new`, `journal.verify` and `backup.make` stand for the calls of those
    /// names.
    pub async fn settings_screen(&self) -> Result<Screen, HomelineError> {
        call(self.inner.settings().screen()).await
    }

    /// Carries out a switch of that screen.
    ///
    /// Errors: `BadInput` (not a switch).
    pub async fn act_on_settings(&self, action: String) -> Result<(), HomelineError> {
        call(self.inner.settings().act(action)).await
    }

    /// Chooses the language of screens and advice, `en` or `es`; none is that of the plan. What was written before stays as it
    /// was written.
    ///
    /// Errors: `BadInput` (a language that there is not).
    pub async fn set_language(&self, tag: Option<String>) -> Result<(), HomelineError> {
        call(self.inner.settings().set_language(tag)).await
    }

    /// The language of screens and advice as chosen, `en` or `es`; none is that of the plan.
    pub async fn language(&self) -> Result<Option<String>, HomelineError> {
        call(self.inner.settings().language()).await
    }

    /// Sets another passcode, or none where the hardware key protects alone. At least 4 characters with a hardware key, 8
    /// without. Only the wrapped key is written anew.
    ///
    /// Errors: `BadInput` (too short), `WrongCredential` (nothing would protect the vault any more).
    pub async fn set_passcode(&self, passcode: Option<String>) -> Result<(), HomelineError> {
        call(self.inner.security().set_passcode(passcode.map(companion::Passcode::new))).await
    }

    /// A new recovery code; the old one is void from now on. It is shown once and kept nowhere. A backup that was made before
    /// still opens with the old one.
    pub async fn new_recovery_code(&self) -> Result<String, HomelineError> {
        call(self.inner.security().new_recovery_code()).await
    }

    /// Checks every entry's hash and its place in the chain, and the file page by page. Takes seconds on a large journal.
    /// `work` counts three parts: structure, pages, chain. What is wrong is an answer, not an error.
    ///
    /// Errors: `Cancelled`.
    #[uniffi::method(default(work = None))]
    pub async fn verify(&self, work: Option<Arc<Work>>) -> Result<VerificationReport, HomelineError> {
        call(self.inner.security().verify_watched(work::of(work))).await
    }

    /// Seals the head of the journal's chain now: to be called when the app goes to the background or is locked.
    ///
    /// Errors: `KeyUnavailable`.
    pub async fn seal(&self) -> Result<(), HomelineError> {
        call(self.inner.security().seal()).await
    }
}
