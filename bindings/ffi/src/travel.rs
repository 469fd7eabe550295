//! Journeys: what another zone does to the doses, and whose clock they follow.

use crate::call::call;
use crate::error::HomelineError;
use crate::homeline::Homeline;
use crate::journal::Logged;
use crate::screen::Screen;
use crate::values::{LocalTime, Timestamp};
pub use homeline_companion::{Journey, JourneyDose, JourneyOrder, TravelState};
pub use homeline_model::TimePolicy;
use homeline_model::{OccurrenceId, OrderId, ZoneId};

/// How an order's times travel.
#[uniffi::remote(Enum)]
pub enum TimePolicy {
    /// 08:00 wherever the patient is.
    WallClock,
    /// Every 8 hours; the sun does not matter. Counted from the planned first dose.
    Elapsed,
    /// Every 8 hours from when the dose before really started: a late dose moves the later ones.
    ElapsedFromLastStart,
    /// 08:00 in the home zone.
    HomeZone,
}

/// Whose clock doses follow.
#[uniffi::remote(Record)]
pub struct TravelState {
    /// Where the patient lives, as the plan says.
    pub home: ZoneId,
    /// Whose clock doses by the clock on the wall follow.
    pub followed: ZoneId,
    /// Where the phone is.
    pub here: ZoneId,
    /// The phone is somewhere else than the doses: a journey is to be looked at.
    pub to_accept: bool,
}

/// One dose by both clocks.
#[uniffi::remote(Record)]
pub struct JourneyDose {
    /// The same dose under the same name, here and there.
    pub occurrence: OccurrenceId,
    /// As it is planned now; none when there would be none.
    pub now: Option<LocalTime>,
    /// As it would be planned there.
    pub there: Option<LocalTime>,
    /// The order says a day and no time.
    pub day_only: bool,
    /// From the dose before to this one there, in minutes.
    pub minutes_after_previous: Option<i64>,
    /// Closer to the dose before than the plan allows: ask the nurse before the journey.
    pub too_close: bool,
    /// By the other clock its time is over already: ask the nurse what becomes of it.
    pub already_past: bool,
}

/// What a journey would do to one order.
#[uniffi::remote(Record)]
pub struct JourneyOrder {
    /// Which order.
    pub order: OrderId,
    /// Title as shown.
    pub title: String,
    /// How its times travel.
    pub policy: TimePolicy,
    /// Whether any of these doses would be at another instant.
    pub moves: bool,
    /// Two doses are never closer than this, in minutes, as the plan says.
    pub minimum_interval_minutes: Option<u32>,
    /// The next doses.
    pub doses: Vec<JourneyDose>,
}

/// What a journey would do.
#[uniffi::remote(Record)]
pub struct Journey {
    /// Whose clock doses follow now.
    pub from: ZoneId,
    /// Whose clock they would follow.
    pub to: ZoneId,
    /// From when on.
    pub at: Timestamp,
    /// One for each order with doses to come.
    pub orders: Vec<JourneyOrder>,
}

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
