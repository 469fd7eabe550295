//! Reminders: the plan of notifications, handed to the phone as a difference, and the ledger of what was handed.

use crate::agenda::{self, ActionInput};
use crate::error::HomelineError;
use crate::homeline::Inner;
use crate::moment::Moment;
use crate::store::{Logged, Store};
use crate::words;
use chrono::{DateTime, Duration, Utc};
use homeline_model::OccurrenceId;
use homeline_schedule::{
    Answers, NotificationPlan, NotificationSettings, PlannedNotification, Snooze, Text, notification_plan,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How long "later" on a reminder is.
const SNOOZE_MINUTES: u32 = 10;

const HANDED: &str = "reminders.handed";
const SNOOZED: &str = "reminders.snoozed";
const SEEN: &str = "reminders.seen";

/// Doses, each with an instant.
type DoseTimes = Vec<(OccurrenceId, DateTime<Utc>)>;

/// A reminder as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reminder {
    /// Its id in the phone's notification centre.
    pub id: String,
    /// When it rings.
    pub fire_at: DateTime<Utc>,
    /// The words.
    pub text: String,
    /// The words where others can look: no drug, no therapy.
    pub hidden_text: String,
    /// Which dose; `None` for reminders of other kinds.
    pub occurrence: Option<OccurrenceId>,
    /// The actions on it.
    pub actions: Vec<String>,
}

/// The plan of reminders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReminderPlan {
    /// Soonest first, never more than the budget.
    pub reminders: Vec<Reminder>,
    /// Until then every reminder is in the plan; after it the app must be opened once.
    pub covered_until: DateTime<Utc>,
    /// How many did not fit into the budget.
    pub left_out: u64,
}

/// What is kept of a reminder that was handed to the phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Handed {
    id: String,
    fire_at: DateTime<Utc>,
}

/// Reminders.
#[derive(Clone)]
pub struct Reminders {
    pub(crate) inner: Arc<Inner>,
}

impl Reminders {
    /// The plan of reminders as of now. `budget` is how many the platform can hold (64 on iOS).
    pub async fn plan(&self, budget: u32) -> Result<ReminderPlan, HomelineError> {
        self.inner
            .with_store(move |store, moment| {
                let plan = planned(store, moment, budget)?;
                Ok(ReminderPlan {
                    reminders: plan.notifications.iter().map(reminder).collect(),
                    covered_until: plan.covered_until,
                    left_out: plan.left_out as u64,
                })
            })
            .await
    }

    /// Hands the difference between what the phone holds and what the plan says to the notification centre: adds first.
    /// To be called after every change, after a restart, and when the zone or its rules changed. Answers how many were
    /// added and removed.
    pub async fn hand_over(&self, budget: u32) -> Result<(u64, u64), HomelineError> {
        self.inner
            .platform
            .run(|platform| {
                platform.forget_zone_rules();
                Ok(())
            })
            .await?;
        let (add, remove, handed) = self
            .inner
            .with_store(move |store, moment| {
                let plan = planned(store, moment, budget)?;
                let old: Vec<Handed> = store.vault()?.read(|tx| tx.setting(HANDED))?.unwrap_or_default();
                let new: Vec<Handed> =
                    plan.notifications.iter().map(|n| Handed { id: n.id.clone(), fire_at: n.fire_at }).collect();
                let add: Vec<PlannedNotification> = plan
                    .notifications
                    .into_iter()
                    .filter(|n| !old.iter().any(|o| o.id == n.id && o.fire_at == n.fire_at))
                    .collect();
                let remove: Vec<String> =
                    old.into_iter().filter(|o| !new.iter().any(|n| n.id == o.id)).map(|o| o.id).collect();
                Ok((add, remove, new))
            })
            .await?;
        let counts = (add.len() as u64, remove.len() as u64);
        if counts == (0, 0) {
            return Ok(counts);
        }
        self.inner
            .platform
            .run(move |platform| match &platform.ports.notifications {
                Some(centre) => Ok(centre.apply(add, remove)?),
                None => Ok(()),
            })
            .await?;
        // Written down only after the phone took them: a failure in between hands them over again, which is harmless.
        self.inner
            .with_store(move |store, _| Ok(store.vault()?.write(move |tx| tx.set_setting(HANDED, &handed))?))
            .await?;
        Ok(counts)
    }

    /// Carries out an action of a reminder. What is written into the journal is in the answer; putting off and "seen" write
    /// nothing there.
    pub async fn answer(&self, action: String, input: ActionInput) -> Result<Option<Logged>, HomelineError> {
        let occurrence = || {
            action.split(':').nth(1).and_then(|id| id.parse().ok()).ok_or_else(|| {
                HomelineError::input(
                    "action",
                    "this is not an action of a reminder",
                    "Take the id of a reminder's action.",
                )
            })
        };
        match action.split(':').next() {
            Some("dose.snooze") => self.snooze(occurrence()?, SNOOZE_MINUTES).await.map(|()| None),
            Some("dose.acknowledge") => self.seen(occurrence()?).await.map(|()| None),
            Some("app.open") => Ok(None),
            Some(_) | None => {
                let agenda = agenda::Agenda { inner: self.inner.clone() };
                agenda.act(action.clone(), input).await.map(Some)
            }
        }
    }

    /// Rings again later.
    pub async fn snooze(&self, occurrence: OccurrenceId, minutes: u32) -> Result<(), HomelineError> {
        if !(1..=240).contains(&minutes) {
            return Err(HomelineError::input("minutes", "it must be 1 to 240", "Give another number of minutes."));
        }
        self.inner
            .with_store(move |store, moment| {
                let until = moment.now + Duration::minutes(i64::from(minutes));
                let mut snoozed: DoseTimes = store.vault()?.read(|tx| tx.setting(SNOOZED))?.unwrap_or_default();
                snoozed.retain(|(id, at)| *id != occurrence && *at > moment.now - Duration::days(1));
                snoozed.push((occurrence, until));
                Ok(store.vault()?.write(move |tx| tx.set_setting(SNOOZED, &snoozed))?)
            })
            .await
    }

    /// Somebody has seen it: no repeat and no escalation for this dose, but it stays open on today's screen.
    pub async fn seen(&self, occurrence: OccurrenceId) -> Result<(), HomelineError> {
        self.inner
            .with_store(move |store, moment| {
                let mut seen: DoseTimes = store.vault()?.read(|tx| tx.setting(SEEN))?.unwrap_or_default();
                seen.retain(|(id, at)| *id != occurrence && *at > moment.now - Duration::days(14));
                seen.push((occurrence, moment.now));
                Ok(store.vault()?.write(move |tx| tx.set_setting(SEEN, &seen))?)
            })
            .await
    }
}

fn planned(store: &Store, moment: &Moment, budget: u32) -> Result<NotificationPlan, HomelineError> {
    if budget == 0 {
        return Err(HomelineError::input(
            "budget",
            "it must be at least 1",
            "Give what the platform can hold, e.g. 64.",
        ));
    }
    let settings = NotificationSettings { budget: budget as usize, ..NotificationSettings::default() };
    let plan = store.require_plan()?;
    let entries = agenda::dose_entries(store, moment.now - Duration::days(8))?;
    let (snoozed, seen): (DoseTimes, DoseTimes) = store
        .vault()?
        .read(|tx| Ok((tx.setting(SNOOZED)?.unwrap_or_default(), tx.setting(SEEN)?.unwrap_or_default())))?;
    let snoozes: Vec<Snooze> = snoozed.into_iter().map(|(occurrence, until)| Snooze { occurrence, until }).collect();
    let acknowledged: Vec<OccurrenceId> = seen.into_iter().map(|(occurrence, _)| occurrence).collect();
    let answers = Answers { snoozes: &snoozes, acknowledged: &acknowledged };
    let input = agenda::input(&plan, &entries, moment);
    Ok(notification_plan(&input, &answers, &settings, moment.now))
}

/// The words of a notification that was handed over.
pub fn reminder_words(planned: &PlannedNotification) -> String {
    english(&planned.text)
}

/// The words, with the order's own text as it may be shown.
fn english(text: &Text) -> String {
    let mut text = text.clone();
    for (name, value) in &mut text.arguments {
        if *name == "title" {
            *value = words::as_written(value);
        }
    }
    text.english()
}

fn reminder(planned: &PlannedNotification) -> Reminder {
    Reminder {
        id: planned.id.clone(),
        fire_at: planned.fire_at,
        text: english(&planned.text),
        hidden_text: english(&planned.hidden_text),
        occurrence: planned.occurrence,
        actions: planned.actions.iter().map(|action| action.id.clone()).collect(),
    }
}
