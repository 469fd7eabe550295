//! Infusions as they went, and looks at devices that cannot tell.

use crate::call::call;
use crate::crossing::{CheckIn, CheckedIn, InfusionRecord, Screen};
use crate::error::HomelineError;
use crate::homeline::Homeline;
use homeline_model::OccurrenceId;

#[uniffi::export]
impl Homeline {
    /// The infusions of the last `days` days with today, 1 to 400, newest first: planned and given, rates, pauses with their
    /// causes, the end against the plan, and what is not known.
    ///
    /// Errors: `BadInput` (days), `NotFound` (no plan).
    pub async fn infusions(&self, days: u32) -> Result<Vec<InfusionRecord>, HomelineError> {
        call(self.inner.infusions().list(days)).await
    }

    /// One infusion of the last 400 days, by its id or the beginning of it (4 characters or more).
    ///
    /// Errors: `NotFound`.
    pub async fn infusion(&self, id: String) -> Result<InfusionRecord, HomelineError> {
        call(self.inner.infusions().show(id)).await
    }

    /// The list as a screen; a row's id is that of its infusion. `days` as in `infusions`.
    pub async fn infusions_screen(&self, days: u32) -> Result<Screen, HomelineError> {
        call(self.inner.infusions().screen(days)).await
    }

    /// One infusion as a screen.
    ///
    /// Errors: `NotFound`.
    pub async fn infusion_screen(&self, id: String) -> Result<Screen, HomelineError> {
        call(self.inner.infusions().screen_of(id)).await
    }

    /// Somebody looked at the device of a running dose, and wrote down what was seen. Without `dose` it is the one that runs.
    /// `photo` (JPEG or PNG, at most 20 MB) is kept beside it. The answer holds the look against the order, and says whom to
    /// call where the plan's tolerance is passed.
    ///
    /// Errors: `BadInput` (nothing was seen, a number that cannot be), `NotFound` (no dose runs, or several do).
    pub async fn check_in(
        &self,
        dose: Option<OccurrenceId>,
        seen: CheckIn,
        photo: Option<Vec<u8>>,
    ) -> Result<CheckedIn, HomelineError> {
        call(self.inner.infusions().check_in(dose, seen, photo)).await
    }
}
