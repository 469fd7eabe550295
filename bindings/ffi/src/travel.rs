//! Journeys: what another zone does to the doses, and whose clock they follow.

use crate::call::call;
use crate::crossing::{Journey, Logged, Screen, TravelState};
use crate::error::HomelineError;
use crate::homeline::Homeline;
use crate::values::Timestamp;
use homeline_model::ZoneId;

#[uniffi::export]
impl Homeline {
    /// Whose clock doses follow.
    ///
    /// Errors: `NotFound` (no plan).
    pub async fn travel(&self) -> Result<TravelState, HomelineError> {
        call(self.inner.travel().state()).await
    }

    /// The same as a screen; elsewhere than the doses also what a journey to there would change.
    pub async fn travel_screen(&self) -> Result<Screen, HomelineError> {
        call(self.inner.travel().screen()).await
    }

    /// Carries out an action of that screen: as `accept_journey`.
    ///
    /// Errors: `BadInput` (not an action), and those of `accept_journey`.
    pub async fn act_on_travel(&self, action: String) -> Result<Option<Logged>, HomelineError> {
        call(self.inner.travel().act(action)).await
    }

    /// What a journey to `zone` does to the next `doses` (1 to 50) of each order, from `at` on (now when left out; at most
    /// 300 days ahead). It changes nothing.
    ///
    /// Errors: `BadInput` (unknown zone, too many doses, too far), `NotFound` (no plan).
    pub async fn preview_journey(
        &self,
        zone: ZoneId,
        at: Option<Timestamp>,
        doses: u32,
    ) -> Result<Journey, HomelineError> {
        call(self.inner.travel().preview(zone, at, doses)).await
    }

    /// From now on doses follow the clock of `zone`; home stays what the plan says. Accepting the same zone again writes
    /// nothing and answers none. Reminders are to be handed over anew after it.
    ///
    /// Errors: `BadInput` (unknown zone), `NotFound` (no plan).
    pub async fn accept_journey(&self, zone: ZoneId) -> Result<Option<Logged>, HomelineError> {
        call(self.inner.travel().accept(zone)).await
    }
}
