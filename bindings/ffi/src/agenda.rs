//! What is to be done, and doing it.

use crate::call::call;
use crate::crossing::{AgendaItem, Logged, Screen};
use crate::error::HomelineError;
use crate::homeline::Homeline;
use crate::values::Timestamp;
use homeline_companion as companion;
use homeline_model::Decimal;

/// What a person adds to an action.
#[derive(Debug, Clone, Default, PartialEq, uniffi::Record)]
pub struct ActionInput {
    /// When it was, if not now.
    #[uniffi(default = None)]
    pub at: Option<Timestamp>,
    /// Why stopped or left out, in own words.
    #[uniffi(default = None)]
    pub reason: Option<String>,
    /// How much went in, in mL, as typed with a decimal point.
    #[uniffi(default = None)]
    pub volume_ml: Option<String>,
    /// Lot number from the label.
    #[uniffi(default = None)]
    pub lot: Option<String>,
    /// The care team said to leave it out.
    #[uniffi(default = false)]
    pub care_team_said: bool,
}

impl TryFrom<ActionInput> for companion::ActionInput {
    type Error = HomelineError;

    fn try_from(input: ActionInput) -> Result<Self, HomelineError> {
        let ActionInput { at, reason, volume_ml, lot, care_team_said } = input;
        let volume_ml = volume_ml.map(|text| text.trim().parse::<Decimal>()).transpose().map_err(|_| {
            HomelineError::input("volume_ml", "it is not a number", "Write digits with a decimal point, e.g. 12.5.")
        })?;
        Ok(Self { at, reason, volume_ml, lot, care_team_said })
    }
}

#[uniffi::export]
impl Homeline {
    /// What is to be done today, and how far it is. It asks the phone whether reminders can ring.
    pub async fn today(&self) -> Result<Screen, HomelineError> {
        call(self.inner.agenda().today()).await
    }

    /// When today's screen is another without anybody doing anything: read it again then.
    pub async fn today_changes_at(&self) -> Result<Timestamp, HomelineError> {
        call(self.inner.agenda().changes_at()).await
    }

    /// Everything that should have been done since this journal was begun (400 days at most) and that nobody recorded;
    /// oldest first.
    pub async fn overdue_screen(&self) -> Result<Screen, HomelineError> {
        call(self.inner.agenda().overdue()).await
    }

    /// The agenda between two instants as data, at most 400 days: doses, duties, visits and deliveries, each with its window,
    /// steps and everything that was said about it.
    ///
    /// Errors: `BadInput` (the span), `NotFound` (no plan).
    pub async fn agenda_items(&self, from: Timestamp, to: Timestamp) -> Result<Vec<AgendaItem>, HomelineError> {
        call(self.inner.agenda().items(from, to)).await
    }

    /// Does what the button with this id stands for. Doing it twice does it once: the second answer names the first one's
    /// entry.
    ///
    /// Errors: `BadInput` (not an action, a time that is not acceptable, a reason that is missing), `NotFound` (the dose is
    /// not in the plan any more).
    pub async fn act(&self, action: String, input: ActionInput) -> Result<Logged, HomelineError> {
        let input = input.try_into()?;
        call(self.inner.agenda().act(action, input)).await
    }
}
