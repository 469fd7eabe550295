//! Reminders: the plan of alarms, what people answer to them, and how far each came.

use crate::agenda::ActionInput;
use crate::call::call;
use crate::error::HomelineError;
use crate::homeline::Homeline;
use crate::journal::Logged;
use crate::screen::{Action, Screen};
use crate::values::{Code, TimeOfDay, Timestamp};
pub use homeline_companion::{Alarm, Overdue, Reminder, ReminderPlan};
pub use homeline_model::AlarmRecord;
use homeline_model::OccurrenceId;

/// A reminder as shown.
#[uniffi::remote(Record)]
pub struct Reminder {
    /// Its id in the phone's notification centre. The same for the same alarm in every plan.
    pub id: String,
    /// When it rings.
    pub fire_at: Timestamp,
    /// What it is about: `due`, `snoozed`, `end`, `overdue`, `call-team`, `escalation`, `take-out`, `check-in`, `repeat`,
    /// `visit`, `delivery`, `refill` or `open-me`.
    pub kind: Code,
    /// `safety`, `dose` or `duty`.
    pub urgency: Code,
    /// Whether it makes a sound: within quiet hours only safety does.
    pub sound: bool,
    /// The words.
    pub text: String,
    /// The words where others can look: no drug, no therapy.
    pub hidden_text: String,
    /// Only `hidden_text` may be shown on a locked screen.
    pub private: bool,
    /// Which dose; none for reminders of other kinds.
    pub occurrence: Option<OccurrenceId>,
    /// The buttons on it; a tap goes to `answer_reminder`.
    pub actions: Vec<Action>,
}

/// The plan of reminders.
#[uniffi::remote(Record)]
pub struct ReminderPlan {
    /// As of when.
    pub now: Timestamp,
    /// Soonest first, never more than the budget.
    pub notifications: Vec<Reminder>,
    /// Until then every reminder is in the plan; after it the app must be opened once.
    pub covered_until: Timestamp,
    /// How many did not fit into the budget.
    pub left_out: u64,
}

/// A duty whose time is past and about which nobody recorded anything.
#[uniffi::remote(Record)]
pub struct Overdue {
    /// Which.
    pub occurrence: OccurrenceId,
    /// As shown.
    pub title: String,
    /// When it was planned.
    pub start: Timestamp,
    /// `late` (it may still be done as the plan says) or `not-recorded`.
    pub state: Code,
}

/// How far an alarm came. Times are when Homeline learned of it, but for `fire_at` and `fired_at`.
#[uniffi::remote(Record)]
pub struct AlarmRecord {
    /// Its id in the phone's notification centre. With `fire_at` it names the alarm: one that moves is another.
    pub id: String,
    /// When it is to ring.
    pub fire_at: Timestamp,
    /// What it is about, as in `Reminder`.
    pub kind: String,
    /// The dose that it is about.
    pub occurrence: Option<OccurrenceId>,
    /// What was handed.
    pub content: String,
    /// It was planned.
    pub planned_at: Timestamp,
    /// The phone took it.
    pub handed_at: Option<Timestamp>,
    /// The phone listed it as pending, the last time.
    pub pending_at: Option<Timestamp>,
    /// It rang.
    pub fired_at: Option<Timestamp>,
    /// A person saw it, or opened the app after it rang.
    pub seen_at: Option<Timestamp>,
    /// A person did or said something about its dose.
    pub acted_at: Option<Timestamp>,
    /// It was taken back, because nothing is to be said any more.
    pub withdrawn_at: Option<Timestamp>,
}

/// One alarm of the ledger.
#[uniffi::remote(Record)]
pub struct Alarm {
    /// `planned`, `handed`, `pending`, `fired`, `seen`, `acted` or `withdrawn`.
    pub state: Code,
    /// `not-handed`, `not-pending`, `did-not-ring`, `no-proof` or `not-seen`; none when no link is missing.
    pub missing: Option<Code>,
    /// What is known of it.
    pub record: AlarmRecord,
}

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

    /// The reminders to come as a screen, with what is wrong with the phone's alarms. `budget` as in `reminders`.
    pub async fn reminders_screen(&self, budget: u32) -> Result<Screen, HomelineError> {
        call(self.inner.reminders().screen(budget)).await
    }

    /// Everything that should have been done since this journal was begun (400 days at most) and that nobody recorded, as of
    /// now; oldest first. Exact after any gap.
    pub async fn overdue(&self) -> Result<Vec<Overdue>, HomelineError> {
        call(self.inner.reminders().overdue()).await
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
