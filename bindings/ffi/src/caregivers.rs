//! Who helps at home, what they may do, and what was asked of them.

use crate::call::call;
use crate::error::HomelineError;
use crate::homeline::Homeline;
use crate::journal::Logged;
use crate::screen::Screen;
use crate::values::Timestamp;
use homeline_model::PersonId;

#[uniffi::export]
impl Homeline {
    /// Who helps, and what each may do.
    pub async fn caregivers_screen(&self) -> Result<Screen, HomelineError> {
        call(self.inner.caregivers().screen()).await
    }

    /// What was asked of whom, with actions for `act`.
    pub async fn requests_screen(&self) -> Result<Screen, HomelineError> {
        call(self.inner.caregivers().requests()).await
    }

    /// Who looked at what and wrote what in the last `days` days.
    ///
    /// Errors: `NotAllowed`, `BadInput` (days).
    pub async fn audit_screen(&self, days: u32) -> Result<Screen, HomelineError> {
        call(self.inner.caregivers().audit(days)).await
    }

    /// Takes all rights from a caregiver.
    ///
    /// Errors: `NotAllowed`, `NotFound` (nobody of that id helps).
    pub async fn revoke_caregiver(&self, person: PersonId) -> Result<(), HomelineError> {
        call(self.inner.caregivers().revoke(person)).await
    }

    /// Asks somebody who helps, or all of them, to do something until `due`.
    ///
    /// Errors: `NotAllowed`, `NotFound` (nobody of that id helps), `BadInput` (no words; a time that is past).
    pub async fn ask(&self, to: Option<PersonId>, text: String, due: Timestamp) -> Result<Logged, HomelineError> {
        call(self.inner.caregivers().ask(to, text, due)).await
    }
}
