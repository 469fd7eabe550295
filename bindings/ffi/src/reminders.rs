//! Reminders: the plan of alarms, what people answer to them, and how far each came.

use crate::agenda::ActionInput;
use crate::call::call;
use crate::crossing::{Alarm, Logged, Overdue, ReminderPlan, Screen};
use crate::error::HomelineError;
use crate::homeline::Homeline;
use crate::values::{TimeOfDay, Timestamp};
use homeline_model::OccurrenceId;

/// What handing over did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct HandedOver {
    /// Alarms that the phone got.
    pub added: u64,
    /// Alarms that were taken back.
    pub removed: u64,
}

/// The hours in which the phone makes no sound, by the clock of where it is. They may go over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct QuietHours {
    /// From (in).
    pub from: TimeOfDay,
    /// To (out). The same as `from` is the whole day.
    pub to: TimeOfDay,
}

#[uniffi::export]
impl Homeline {
    /// The plan of reminders as of now. `budget` is how many the platform can hold, at least 1 (64 on iOS).
    ///
    /// Errors: `BadInput` (no budget), `NotFound` (no plan).
    pub async fn reminders(&self, budget: u32) -> Result<ReminderPlan, HomelineError> {
        call(self.inner.reminders().plan(budget)).await
    }

    /// The plan of reminders as it would be at another instant, from what is recorded now. Writes nothing.
    ///
    /// Errors: as `reminders`.
    pub async fn reminders_as_of(&self, now: Timestamp, budget: u32) -> Result<ReminderPlan, HomelineError> {
        call(self.inner.reminders().plan_as_of(now, budget)).await
    }

    /// The reminders to come as a screen, with what is wrong with the phone's alarms. `budget` as in `reminders`.
    pub async fn reminders_screen(&self, budget: u32) -> Result<Screen, HomelineError> {
        call(self.inner.reminders().screen(budget)).await
    }

    /// Everything that should have been done since this journal was begun (400 days at most) and that nobody recorded, as of
    /// now; oldest first. Exact after any gap.
    pub async fn overdue(&self) -> Result<Vec<Overdue>, HomelineError> {
        call(self.inner.reminders().overdue()).await
    }

    /// The same as it would be at another instant.
    pub async fn overdue_as_of(&self, now: Timestamp) -> Result<Vec<Overdue>, HomelineError> {
        call(self.inner.reminders().overdue_as_of(now)).await
    }

    /// The ledger of the alarms that are to ring in `from..until`: how far each came, and which link is missing.
    pub async fn alarm_ledger(&self, from: Timestamp, until: Timestamp) -> Result<Vec<Alarm>, HomelineError> {
        call(self.inner.reminders().ledger(from, until)).await
    }

    /// Hands the difference between what the phone holds and what the plan says to the `NotificationPort`: adds first. To be
    /// called at every start, after every change, and when the zone or its rules changed.
    ///
    /// Errors: `Platform` (no port, or it failed), `NotFound` (no plan).
    pub async fn hand_over_reminders(&self, budget: u32) -> Result<HandedOver, HomelineError> {
        let (added, removed) = call(self.inner.reminders().hand_over(budget)).await?;
        Ok(HandedOver { added, removed })
    }

    /// A person opened the app: what rang until now was seen.
    pub async fn opened(&self) -> Result<(), HomelineError> {
        call(self.inner.reminders().opened()).await
    }

    /// Carries out the action of a reminder. What is written into the journal is in the answer; putting off and "seen" write
    /// nothing there.
    ///
    /// Errors: as `act`.
    pub async fn answer_reminder(&self, action: String, input: ActionInput) -> Result<Option<Logged>, HomelineError> {
        let input = input.try_into()?;
        call(self.inner.reminders().answer(action, input)).await
    }

    /// Rings again in `minutes`, 1 to 240.
    pub async fn snooze(&self, occurrence: OccurrenceId, minutes: u32) -> Result<(), HomelineError> {
        call(self.inner.reminders().snooze(occurrence, minutes)).await
    }

    /// Somebody has seen it: no repeat and no escalation for this dose, but it stays open on today's screen.
    pub async fn reminder_seen(&self, occurrence: OccurrenceId) -> Result<(), HomelineError> {
        call(self.inner.reminders().seen(occurrence)).await
    }

    /// Between these times of the clock only safety alarms sound; none ends that. The others are shown without a sound.
    pub async fn set_quiet_hours(&self, hours: Option<QuietHours>) -> Result<(), HomelineError> {
        let hours = hours.map(|QuietHours { from, to }| (from, to));
        call(self.inner.reminders().quiet_hours(hours)).await
    }

    /// Whether drugs may be named on the locked screen. They are not, unless the phone's owner wishes it.
    pub async fn set_names_on_lock_screen(&self, allowed: bool) -> Result<(), HomelineError> {
        call(self.inner.reminders().names_on_lock_screen(allowed)).await
    }
}
