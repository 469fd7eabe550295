//! Reminders: the plan of notifications, and the answers that people give to them. How the plan comes to the phone, and how
//! far each alarm came, is in `alarms`.

use crate::access::Access;
use crate::agenda::{self, ActionInput};
use crate::alarms;
use crate::error::HomelineError;
use crate::homeline::Inner;
use crate::moment::Moment;
use crate::ports::{Change, NotificationPermission, PortError};
use crate::pump_alarms;
use crate::screen::{Action, Row, Screen};
use crate::store::{Logged, Statement, Store};
use crate::texts::Texts;
use crate::words;
use chrono::{DateTime, Duration, NaiveTime, Utc};
use homeline_model::{AlarmRecord, AuthorRole, Caregiving, Entry, EntryBody, OccurrenceId, Right};
use homeline_schedule::{
    Answers, Audience, NotificationAction, NotificationPlan, NotificationSettings, PlannedNotification, QuietHours,
    Snooze, Text, alarm_state, notification_plan,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How long "later" on a reminder is.
const SNOOZE_MINUTES: u32 = 10;
/// Doses of so long ago may still be open or running.
const LOOK_BACK: Duration = Duration::days(8);

const SNOOZED: &str = "reminders.snoozed";
/// Where "seen" was kept before it became an entry.
const SEEN: &str = "reminders.seen";
const WISHES: &str = "reminders.wishes";

/// Doses, each with an instant.
type DoseTimes = Vec<(OccurrenceId, DateTime<Utc>)>;

/// A reminder as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reminder {
    /// Its id in the phone's notification centre.
    pub id: String,
    /// When it rings.
    pub fire_at: DateTime<Utc>,
    /// What it is about, e.g. `due`, `take-out`, `escalation`.
    pub kind: &'static str,
    /// `safety`, `dose` or `duty`.
    pub urgency: &'static str,
    /// Whether it makes a sound: within quiet hours only safety does.
    pub sound: bool,
    /// The words.
    pub text: String,
    /// The words where others can look: no drug, no therapy.
    pub hidden_text: String,
    /// Only `hidden_text` may be shown on a locked screen.
    pub private: bool,
    /// Which dose; `None` for reminders of other kinds.
    pub occurrence: Option<OccurrenceId>,
    /// The actions on it, as buttons; their ids alone in JSON.
    #[serde(serialize_with = "ids")]
    pub actions: Vec<Action>,
}

fn ids<S: serde::Serializer>(actions: &[Action], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(actions.iter().map(|action| &action.id))
}

/// The plan of reminders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReminderPlan {
    /// As of when.
    pub now: DateTime<Utc>,
    /// Soonest first, never more than the budget.
    pub notifications: Vec<Reminder>,
    /// Until then every reminder is in the plan; after it the app must be opened once.
    pub covered_until: DateTime<Utc>,
    /// How many did not fit into the budget.
    pub left_out: u64,
}

/// A duty whose time is past and about which nobody recorded anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Overdue {
    /// Which.
    pub occurrence: OccurrenceId,
    /// As shown.
    pub title: String,
    /// When it was planned.
    pub start: DateTime<Utc>,
    /// `late` (it may still be done as the plan says) or `not-recorded`.
    pub state: &'static str,
}

/// One alarm of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alarm {
    /// `planned`, `handed`, `pending`, `fired`, `seen`, `acted` or `withdrawn`.
    pub state: &'static str,
    /// `not-handed`, `not-pending`, `did-not-ring`, `no-proof` or `not-seen`; `None` when no link is missing.
    pub missing: Option<&'static str>,
    /// What is known of it.
    #[serde(flatten)]
    pub record: AlarmRecord,
}

/// What the phone's owner wishes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Wishes {
    pub(crate) quiet: Option<(NaiveTime, NaiveTime)>,
    #[serde(default)]
    pub(crate) names_on_lock_screen: bool,
}

impl Wishes {
    pub(crate) fn of(store: &Store) -> Result<Self, HomelineError> {
        Ok(store.vault()?.read(|tx| tx.setting(WISHES))?.unwrap_or_default())
    }
}

/// Reminders.
#[derive(Clone)]
pub struct Reminders {
    pub(crate) inner: Arc<Inner>,
}

impl Reminders {
    /// The plan of reminders as of now. `budget` is how many the platform can hold (64 on iOS).
    pub async fn plan(&self, budget: u32) -> Result<ReminderPlan, HomelineError> {
        self.inner.allowed(Access::See("reminders"), move |store, moment| shown(store, moment, budget)).await
    }

    /// The reminders to come as a screen, with what is wrong with the phone's alarms. `budget` as in [`Reminders::plan`].
    pub async fn screen(&self, budget: u32) -> Result<Screen, HomelineError> {
        let permission = self.inner.platform.run(|platform| Ok(alarms::permission(platform))).await?;
        self.inner
            .allowed(Access::See("reminders"), move |store, moment| screen(store, moment, budget, permission.as_ref()))
            .await
    }

    /// The plan of reminders as it would be at another instant, from what is recorded now. Writes nothing.
    pub async fn plan_as_of(&self, now: DateTime<Utc>, budget: u32) -> Result<ReminderPlan, HomelineError> {
        self.inner.allowed_as_of(Access::See("reminders"), now, move |store, moment| shown(store, moment, budget)).await
    }

    /// Everything that should have been done since this journal was begun (400 days at most) and that nobody recorded, as
    /// of now; oldest first. Exact after any gap.
    pub async fn overdue(&self) -> Result<Vec<Overdue>, HomelineError> {
        self.inner.allowed(Access::See("reminders"), |store, moment| overdue(store, moment)).await
    }

    /// The same as it would be at another instant.
    pub async fn overdue_as_of(&self, now: DateTime<Utc>) -> Result<Vec<Overdue>, HomelineError> {
        self.inner.allowed_as_of(Access::See("reminders"), now, overdue).await
    }

    /// The ledger of the alarms that are to ring in `from..until`: how far each came, and which link is missing.
    pub async fn ledger(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Vec<Alarm>, HomelineError> {
        self.inner
            .allowed(Access::See("reminders"), move |store, moment| {
                let missing = alarms::missing(store, moment)?;
                let records = store.vault()?.read(|tx| tx.alarms(from, until))?;
                let link = |record: &AlarmRecord| {
                    let same = |other: &AlarmRecord| other.id == record.id && other.fire_at == record.fire_at;
                    missing.iter().find(|(_, other)| same(other)).map(|(link, _)| link.as_str())
                };
                let shown = |record: AlarmRecord| Alarm {
                    state: alarm_state(&record).as_str(),
                    missing: link(&record),
                    record,
                };
                Ok(records.into_iter().map(shown).collect())
            })
            .await
    }

    /// Hands the difference between what the phone really holds and what the plan says to the notification centre: adds
    /// first. To be called at every start, after every change, and when the zone or its rules changed. What the phone lost
    /// in a restart, an update or a force-stop is handed again, from the store alone. Answers how many were added and
    /// removed.
    pub async fn hand_over(&self, budget: u32) -> Result<(u64, u64), HomelineError> {
        alarms::hand_over(&self.inner, budget).await
    }

    /// A person opened the app: what rang until now was seen.
    pub async fn opened(&self) -> Result<(), HomelineError> {
        self.inner.allowed(Access::Own, alarms::opened).await
    }

    /// Between these times of the clock only safety alarms sound; `None` ends that. The others are shown without a sound.
    pub async fn quiet_hours(&self, hours: Option<(NaiveTime, NaiveTime)>) -> Result<(), HomelineError> {
        self.wish(move |wishes| wishes.quiet = hours).await
    }

    /// Whether drugs may be named on the locked screen. They are not, unless the phone's owner wishes it.
    pub async fn names_on_lock_screen(&self, allowed: bool) -> Result<(), HomelineError> {
        self.wish(move |wishes| wishes.names_on_lock_screen = allowed).await
    }

    async fn wish(&self, change: impl FnOnce(&mut Wishes) + Send + 'static) -> Result<(), HomelineError> {
        self.inner
            .allowed(Access::Own, move |store, _| {
                let vault = store.vault()?;
                let mut wishes: Wishes = vault.read(|tx| tx.setting(WISHES))?.unwrap_or_default();
                change(&mut wishes);
                Ok(vault.write(move |tx| tx.set_setting(WISHES, &wishes))?)
            })
            .await
    }

    /// Carries out an action of a reminder. What is written into the journal is in the answer; putting off writes
    /// nothing there.
    pub async fn answer(&self, action: String, input: ActionInput) -> Result<Option<Logged>, HomelineError> {
        let occurrence: Result<OccurrenceId, HomelineError> =
            action.split(':').nth(1).and_then(|id| id.parse().ok()).ok_or_else(|| {
                HomelineError::input(
                    "action",
                    "this is not an action of a reminder",
                    "Take the id of a reminder's action.",
                )
            });
        let logged = match action.split(':').next() {
            Some("dose.snooze") => self.snooze(occurrence.clone()?, SNOOZE_MINUTES).await.map(|()| None)?,
            Some("dose.acknowledge") => self.seen(occurrence.clone()?).await.map(|()| None)?,
            // An alarm of the pump belongs to no reminder of a dose.
            Some(pump_alarms::SEEN) => {
                let agenda = agenda::Agenda { inner: self.inner.clone() };
                return agenda.act(action.clone(), input).await.map(Some);
            }
            Some("app.open") => {
                self.opened().await?;
                return Ok(None);
            }
            Some(_) | None => {
                let agenda = agenda::Agenda { inner: self.inner.clone() };
                Some(agenda.act(action.clone(), input).await?)
            }
        };
        let occurrence = occurrence?;
        self.inner.allowed(Access::Own, move |store, moment| alarms::acted(store, moment, occurrence)).await?;
        Ok(logged)
    }

    /// Rings again later.
    pub async fn snooze(&self, occurrence: OccurrenceId, minutes: u32) -> Result<(), HomelineError> {
        if !(1..=240).contains(&minutes) {
            return Err(HomelineError::input("minutes", "it must be 1 to 240", "Give another number of minutes."));
        }
        self.inner
            .allowed(Access::Acknowledge, move |store, moment| {
                let until = moment.now + Duration::minutes(i64::from(minutes));
                let mut snoozed: DoseTimes = store.vault()?.read(|tx| tx.setting(SNOOZED))?.unwrap_or_default();
                snoozed.retain(|(id, at)| *id != occurrence && *at > moment.now - Duration::days(1));
                snoozed.push((occurrence, until));
                Ok(store.vault()?.write(move |tx| tx.set_setting(SNOOZED, &snoozed))?)
            })
            .await
    }

    /// Somebody has seen it: no repeat and no escalation for this dose on any phone that has heard of it, but it stays open on
    /// today's screen. A second time it is the same.
    pub async fn seen(&self, occurrence: OccurrenceId) -> Result<(), HomelineError> {
        self.inner
            .allowed(Access::Acknowledge, move |store, moment| {
                let plan = store.require_plan()?;
                let item = agenda::find(store, moment, &plan, occurrence)?;
                if taken_over(&store.vault()?.read(|tx| tx.entries_of_occurrence(occurrence))?).next().is_some() {
                    return Ok(());
                }
                let mut statement = Statement::by_hand(EntryBody::Caregiving(Caregiving::AlarmTaken));
                statement.occurrence = Some(occurrence);
                statement.order = item.occurrence.map(|occurrence| occurrence.order);
                store.record(moment, statement).map(|_| ())
            })
            .await?;
        self.inner.announce(Change::Journal);
        Ok(())
    }
}

/// The doses whose alarm somebody took over.
fn taken_over(entries: &[Entry]) -> impl Iterator<Item = OccurrenceId> {
    let is_taken = |entry: &&Entry| matches!(entry.body, EntryBody::Caregiving(Caregiving::AlarmTaken));
    entries.iter().filter(is_taken).filter_map(|entry| entry.occurrence)
}

fn shown(store: &Store, moment: &Moment, budget: u32) -> Result<ReminderPlan, HomelineError> {
    let plan = planned(store, moment, budget)?;
    Ok(ReminderPlan {
        now: moment.now,
        notifications: plan.notifications.iter().map(Reminder::of).collect(),
        covered_until: plan.covered_until,
        left_out: plan.left_out as u64,
    })
}

fn screen(
    store: &Store,
    moment: &Moment,
    budget: u32,
    permission: Option<&Result<NotificationPermission, PortError>>,
) -> Result<Screen, HomelineError> {
    let (texts, plan) = (moment.texts, shown(store, moment, budget)?);
    let coming = plan.notifications.iter().map(|reminder| {
        let mut row = Row::new(reminder.id.clone(), reminder.text.clone());
        row.time = Some(moment.shown(reminder.fire_at));
        row.state = (!reminder.sound).then(|| texts.say("reminders.silent"));
        row.private_title = reminder.private.then(|| reminder.hidden_text.clone());
        row.with_spoken_sentence()
    });
    let mut screen = Screen::new("reminders", texts.say("reminders.title"));
    screen.add(None, alarms::rows(store, moment, permission)?);
    let coming: Vec<Row> = coming.collect();
    if coming.is_empty() {
        screen.add(None, vec![Row::new("none", texts.say("reminders.none"))]);
    } else {
        let until = moment.shown(plan.covered_until);
        screen.footer.push(texts.fill("reminders.until", &[("time", &until)]));
    }
    screen.add(Some(texts.say("reminders.coming")), coming);
    screen.footer.push(texts.say("reminders.may-fail"));
    Ok(screen)
}

fn overdue(store: &Store, moment: &Moment) -> Result<Vec<Overdue>, HomelineError> {
    let items = agenda::overdue(store, moment)?;
    let overdue = |item: &homeline_schedule::AgendaItem| {
        Some(Overdue {
            occurrence: item.occurrence.as_ref()?.id,
            title: item.title.clone(),
            start: item.start,
            state: item.state.as_str(),
        })
    };
    Ok(items.iter().filter_map(overdue).collect())
}

/// The alarms that this phone should hold, from the store alone.
pub(crate) fn planned(store: &Store, moment: &Moment, budget: u32) -> Result<NotificationPlan, HomelineError> {
    if budget == 0 {
        return Err(HomelineError::input(
            "budget",
            "it must be at least 1",
            "Give what the platform can hold, e.g. 64.",
        ));
    }
    if !store.may(Right::Acknowledge, moment.now) {
        // A phone that may not answer alarms rings none, also when its rights have just ended.
        return Ok(NotificationPlan { notifications: Vec::new(), covered_until: moment.now, left_out: 0 });
    }
    let plan = store.require_plan()?;
    let entries = agenda::dose_entries(store, moment.now - LOOK_BACK)?;
    let (snoozed, seen, wishes): (DoseTimes, DoseTimes, Wishes) = store.vault()?.read(|tx| {
        Ok((
            tx.setting(SNOOZED)?.unwrap_or_default(),
            tx.setting(SEEN)?.unwrap_or_default(),
            tx.setting(WISHES)?.unwrap_or_default(),
        ))
    })?;
    let author = store.author(&plan);
    let settings = NotificationSettings {
        budget: budget as usize,
        audience: if author.role == AuthorRole::Caregiver { Audience::Caregiver } else { Audience::Patient },
        caregiver: author.person,
        quiet_hours: wishes.quiet.map(|(from, to)| QuietHours { from, to }),
        names_on_lock_screen: wishes.names_on_lock_screen,
        ..NotificationSettings::default()
    };
    let snoozes: Vec<Snooze> = snoozed.into_iter().map(|(occurrence, until)| Snooze { occurrence, until }).collect();
    let mut acknowledged: Vec<OccurrenceId> = seen.into_iter().map(|(occurrence, _)| occurrence).collect();
    acknowledged.extend(taken_over(&entries));
    let alarms = pump_alarms::unseen(store, moment, &plan)?;
    let answers = Answers { snoozes: &snoozes, acknowledged: &acknowledged, pump_alarms: &alarms };
    let input = agenda::input(&plan, &entries, moment);
    let mut planned = notification_plan(&input, &answers, &settings, moment.now);
    planned.notifications.iter_mut().for_each(|alarm| say(alarm, moment.texts));
    Ok(planned)
}

/// The words of a notification that was handed over.
pub fn reminder_words(planned: &PlannedNotification) -> String {
    planned.text.words.clone()
}

/// Says an alarm in the language that is read here: what it says, what it says on a locked screen, and its buttons.
fn say(planned: &mut PlannedNotification, texts: Texts) {
    for text in [&mut planned.text, &mut planned.hidden_text] {
        text.words = words(text, texts);
    }
    for action in &mut planned.actions {
        action.label = texts.say(action.label_key);
    }
}

/// The words, with the order's own text as it may be shown.
fn words(text: &Text, texts: Texts) -> String {
    let shown =
        |name: &str, value: &String| if name == "title" { words::as_written(texts, value) } else { value.clone() };
    let values: Vec<(&str, String)> = text.arguments.iter().map(|(name, value)| (*name, shown(name, value))).collect();
    let values: Vec<(&str, &dyn std::fmt::Display)> = values.iter().map(|(name, value)| (*name, value as _)).collect();
    texts.fill(text.key, &values)
}

impl Reminder {
    /// A planned alarm in the words that it was said in, as it is handed to the phone.
    pub fn of(planned: &PlannedNotification) -> Self {
        let button = |action: &NotificationAction| Action::new(action.id.clone(), action.label.clone());
        Self {
            id: planned.id.clone(),
            fire_at: planned.fire_at,
            kind: planned.kind.as_str(),
            urgency: planned.urgency.as_str(),
            sound: planned.sound,
            text: planned.text.words.clone(),
            hidden_text: planned.hidden_text.words.clone(),
            private: planned.private,
            occurrence: planned.occurrence,
            actions: planned.actions.iter().map(button).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alarm_says_in_english_what_the_schedule_says_and_has_its_words_in_spanish() {
        let spanish = Texts { language: homeline_clinical::Language::Spanish };
        for (key, english) in Text::all_english() {
            assert_eq!(Texts::default().say(key), english);
            assert_ne!(spanish.say(key), english);
        }
    }
}
