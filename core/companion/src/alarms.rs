//! From the plan of reminders to a phone that rings, and the proof of it.
//!
//! Handing over begins and ends with a look at the phone: what it lists as to come, what rang, and whether it may ring. The
//! difference is made against what the phone really holds and not against what it was once given, so that a restart, an
//! update or a force-stop costs nothing but the next call. Each link of the chain goes into the ledger; a missing one is
//! shown on today's screen, together with a permission that is gone.

use crate::access::Access;
use crate::agenda;
use crate::error::HomelineError;
use crate::homeline::Inner;
use crate::moment::{Moment, Platform};
use crate::ports::{FiredNotification, NotificationPermission, NotificationPort, PortError};
use crate::reminders::planned;
use crate::screen::{Emphasis, Row};
use crate::store::Store;
use crate::texts::Texts;
use crate::words;
use chrono::{DateTime, Duration, Utc};
use homeline_model::{AlarmRecord, EntryBody, OccurrenceId};
use homeline_schedule::{
    HeldAlarm, MissingLink, NotificationChange, NotificationPlan, PlannedNotification, diff, missing_links,
};
use homeline_vault::{ReadTx, VaultError};
use std::collections::{HashMap, HashSet};

const CHECKED: &str = "reminders.checked";
/// How far back an alarm is followed.
const FOLLOWED: Duration = Duration::hours(48);
/// How long the ledger is kept.
const KEPT: Duration = Duration::days(400);
/// An alarm may ring so much before its time by the phone's clock.
const AHEAD: Duration = Duration::minutes(2);

/// What the phone says about its alarms.
struct Look {
    pending: HashSet<String>,
    fired: Vec<FiredNotification>,
    permission: NotificationPermission,
}

impl Look {
    fn at(centre: &dyn NotificationPort) -> Result<Self, PortError> {
        Ok(Self {
            pending: centre.pending()?.into_iter().collect(),
            fired: centre.fired()?,
            permission: centre.permission()?,
        })
    }
}

/// The permission now; `None` on a machine without a notification centre.
pub(crate) fn permission(platform: &Platform) -> Option<Result<NotificationPermission, PortError>> {
    platform.ports.notifications.as_ref().map(|centre| centre.permission())
}

pub(crate) async fn hand_over(inner: &Inner, budget: u32) -> Result<(u64, u64), HomelineError> {
    let look = inner
        .platform
        .run(|platform| {
            // The phone's zone rules may have changed.
            platform.forget_zone_rules();
            Ok(platform.ports.notifications.as_ref().map(|centre| Look::at(&**centre)).transpose()?)
        })
        .await?;
    let Some(look) = look else { return Ok((0, 0)) };
    let (steps, plan) = inner.allowed(Access::Own, move |store, moment| prepare(store, moment, budget, &look)).await?;
    let counts =
        (steps.iter().map(|(add, _)| add.len() as u64).sum(), steps.iter().map(|(_, gone)| gone.len() as u64).sum());
    let after = inner
        .platform
        .run(move |platform| {
            let Some(centre) = &platform.ports.notifications else { return Ok(None) };
            for (add, remove) in steps {
                centre.apply(add, remove)?;
            }
            Ok(Some(Look::at(&**centre)?))
        })
        .await?;
    if let Some(after) = after {
        // Written down only after the phone took them: a failure in between hands them over again, which is harmless.
        inner.allowed(Access::Own, move |store, moment| settle(store, moment, &plan, &after)).await?;
    }
    Ok(counts)
}

/// Calls of the port: each adds before it removes, and none leaves the phone with more alarms than it holds.
type Steps = Vec<(Vec<PlannedNotification>, Vec<String>)>;

fn prepare(
    store: &mut Store,
    moment: &Moment,
    budget: u32,
    look: &Look,
) -> Result<(Steps, NotificationPlan), HomelineError> {
    let plan = planned(store, moment, budget)?;
    let vault = store.vault()?;
    let now = moment.now;
    let mut ledger = Ledger { records: vault.read(|tx| followed(tx, now))?, changed: HashSet::new() };
    ledger.take_in(look, now);
    let answered = answered(store, moment)?;
    ledger.note_answers(&answered, now);
    let held = ledger.held(look);
    let steps = in_calls(diff(&held, &plan.notifications).in_steps(&held, budget as usize));
    ledger.plan(&plan, now);
    let changed = ledger.into_changed();
    vault.write(move |tx| {
        tx.remove_alarms_before(now - KEPT)?;
        changed.iter().try_for_each(|record| tx.put_alarm(record))
    })?;
    Ok((steps, plan))
}

fn settle(store: &mut Store, moment: &Moment, plan: &NotificationPlan, look: &Look) -> Result<(), HomelineError> {
    let vault = store.vault()?;
    let now = moment.now;
    let mut ledger = Ledger { records: vault.read(|tx| followed(tx, now))?, changed: HashSet::new() };
    ledger.hand(plan, now);
    ledger.take_in(look, now);
    let changed = ledger.into_changed();
    let permission = look.permission.as_str();
    Ok(vault.write(move |tx| {
        changed.iter().try_for_each(|record| tx.put_alarm(record))?;
        tx.set_setting(CHECKED, &(now, permission))
    })?)
}

/// Steps as calls: what follows one another goes together, adds before removes.
fn in_calls(steps: Vec<NotificationChange>) -> Steps {
    let mut calls: Steps = Vec::new();
    for step in steps {
        match (step, calls.last_mut()) {
            (NotificationChange::Add(alarm), Some((add, remove))) if remove.is_empty() => add.push(*alarm),
            (NotificationChange::Add(alarm), _) => calls.push((vec![*alarm], Vec::new())),
            (NotificationChange::Remove(id), Some((_, remove))) => remove.push(id),
            (NotificationChange::Remove(id), None) => calls.push((Vec::new(), vec![id])),
        }
    }
    calls
}

fn followed(tx: &ReadTx<'_>, now: DateTime<Utc>) -> Result<Vec<AlarmRecord>, VaultError> {
    tx.alarms(now - FOLLOWED, DateTime::<Utc>::MAX_UTC)
}

/// The occurrences about which a person recorded something lately.
fn answered(store: &Store, moment: &Moment) -> Result<HashMap<OccurrenceId, DateTime<Utc>>, HomelineError> {
    let entries = agenda::dose_entries(store, moment.now - FOLLOWED)?;
    let said = entries.iter().filter(|entry| matches!(entry.body, EntryBody::Administration(_)));
    Ok(said.filter_map(|entry| Some((entry.occurrence?, entry.times.recorded_at))).collect())
}

/// The part of the ledger that is followed, and which rows of it changed.
struct Ledger {
    records: Vec<AlarmRecord>,
    changed: HashSet<usize>,
}

impl Ledger {
    fn change(&mut self, mut change: impl FnMut(&mut AlarmRecord)) {
        for (index, record) in self.records.iter_mut().enumerate() {
            let before = record.clone();
            change(record);
            if *record != before {
                self.changed.insert(index);
            }
        }
    }

    fn into_changed(self) -> Vec<AlarmRecord> {
        let changed = self.changed;
        self.records.into_iter().enumerate().filter(|(index, _)| changed.contains(index)).map(|(_, r)| r).collect()
    }

    /// What the phone says: it lists an alarm, or it rang.
    fn take_in(&mut self, look: &Look, now: DateTime<Utc>) {
        self.change(|record| {
            let is_held = record.withdrawn_at.is_none() && record.handed_at.is_some();
            if is_held && look.pending.contains(&record.id) {
                record.pending_at = Some(now);
            } else if is_held && record.fire_at > now {
                record.pending_at = None;
            }
            // An alarm that moved has one id and several times: what rang is the one whose time had come.
            let rang = look.fired.iter().filter(|fired| fired.id == record.id && fired.at >= record.fire_at - AHEAD);
            if record.fired_at.is_none() && record.handed_at.is_some() && record.fire_at <= now + AHEAD {
                record.fired_at = rang.map(|fired| fired.at).min();
            }
        });
    }

    fn note_answers(&mut self, answered: &HashMap<OccurrenceId, DateTime<Utc>>, now: DateTime<Utc>) {
        self.change(|record| {
            let said = record.occurrence.and_then(|id| answered.get(&id));
            if record.fire_at <= now && record.acted_at.is_none() {
                record.acted_at = said.copied();
                record.seen_at = record.seen_at.or(record.acted_at);
            }
        });
    }

    /// The alarms that the phone holds. One that the ledger does not know (it was restored, or lost) is held with nothing
    /// known of it, so that it is replaced or taken back.
    fn held(&self, look: &Look) -> Vec<HeldAlarm> {
        let mut held: Vec<HeldAlarm> = Vec::new();
        for id in &look.pending {
            let known =
                self.records.iter().filter(|r| r.id == *id && r.withdrawn_at.is_none() && r.handed_at.is_some());
            let latest = known.max_by_key(|record| record.handed_at);
            held.push(match latest {
                Some(r) => HeldAlarm { id: id.clone(), fire_at: r.fire_at, content: r.content.clone() },
                None => HeldAlarm { id: id.clone(), fire_at: DateTime::<Utc>::MIN_UTC, content: String::new() },
            });
        }
        held.sort_by(|a, b| (a.fire_at, &a.id).cmp(&(b.fire_at, &b.id)));
        held
    }

    /// Rows for what is planned; what is not planned any more, and has not rung, is withdrawn.
    fn plan(&mut self, plan: &NotificationPlan, now: DateTime<Utc>) {
        let planned: HashMap<(&str, DateTime<Utc>), &PlannedNotification> =
            plan.notifications.iter().map(|n| ((n.id.as_str(), n.fire_at), n)).collect();
        let mut known: HashSet<(String, DateTime<Utc>)> = HashSet::new();
        self.change(|record| {
            known.insert((record.id.clone(), record.fire_at));
            match planned.get(&(record.id.as_str(), record.fire_at)) {
                Some(again) => {
                    record.withdrawn_at = None;
                    let content = again.content();
                    if record.content != content {
                        record.content = content;
                        record.handed_at = None;
                    }
                }
                None if record.fire_at > now && record.withdrawn_at.is_none() => record.withdrawn_at = Some(now),
                None => {}
            }
        });
        for new in plan.notifications.iter().filter(|n| !known.contains(&(n.id.clone(), n.fire_at))) {
            self.changed.insert(self.records.len());
            self.records.push(AlarmRecord {
                id: new.id.clone(),
                fire_at: new.fire_at,
                kind: new.kind.as_str().to_owned(),
                occurrence: new.occurrence,
                content: new.content(),
                planned_at: now,
                handed_at: None,
                pending_at: None,
                fired_at: None,
                seen_at: None,
                acted_at: None,
                withdrawn_at: None,
            });
        }
    }

    /// The phone took everything that is planned.
    fn hand(&mut self, plan: &NotificationPlan, now: DateTime<Utc>) {
        let planned: HashSet<(&str, DateTime<Utc>)> =
            plan.notifications.iter().map(|n| (n.id.as_str(), n.fire_at)).collect();
        self.change(|record| {
            if record.handed_at.is_none() && planned.contains(&(record.id.as_str(), record.fire_at)) {
                record.handed_at = Some(now);
            }
        });
    }
}

/// A person opened the app.
pub(crate) fn opened(store: &mut Store, moment: &Moment) -> Result<(), HomelineError> {
    let now = moment.now;
    note(store, now, move |record| {
        if record.fired_at.is_some_and(|fired| fired <= now) && record.seen_at.is_none() {
            record.seen_at = Some(now);
        }
    })
}

/// A person answered an alarm of a dose.
pub(crate) fn acted(store: &mut Store, moment: &Moment, occurrence: OccurrenceId) -> Result<(), HomelineError> {
    let now = moment.now;
    note(store, now, move |record| {
        if record.occurrence == Some(occurrence) && record.fire_at <= now + AHEAD && record.acted_at.is_none() {
            record.seen_at = record.seen_at.or(Some(now));
            record.acted_at = Some(now);
        }
    })
}

fn note(store: &Store, now: DateTime<Utc>, change: impl FnMut(&mut AlarmRecord)) -> Result<(), HomelineError> {
    let vault = store.vault()?;
    let mut ledger = Ledger { records: vault.read(|tx| followed(tx, now))?, changed: HashSet::new() };
    ledger.change(change);
    let changed = ledger.into_changed();
    if changed.is_empty() {
        return Ok(());
    }
    Ok(vault.write(move |tx| changed.iter().try_for_each(|record| tx.put_alarm(record)))?)
}

/// The alarms with a missing link, as of the last look at the phone.
pub(crate) fn missing(store: &Store, moment: &Moment) -> Result<Vec<(MissingLink, AlarmRecord)>, HomelineError> {
    let (checked, records) = store.vault()?.read(|tx| {
        let checked: Option<(DateTime<Utc>, String)> = tx.setting(CHECKED)?;
        Ok((checked, followed(tx, moment.now)?))
    })?;
    Ok(missing_links(&records, checked.map(|(at, _)| at), moment.now))
}

/// What is wrong with the phone's alarms, for today's screen. Nothing where there is no notification centre.
pub(crate) fn rows(
    store: &Store,
    moment: &Moment,
    permission: Option<&Result<NotificationPermission, PortError>>,
) -> Result<Vec<Row>, HomelineError> {
    let Some(permission) = permission else { return Ok(Vec::new()) };
    let mut rows: Vec<Row> = permission_row(permission, moment.texts).into_iter().collect();
    let missing = missing(store, moment)?;
    let texts = moment.texts;
    for link in [
        MissingLink::NotHanded,
        MissingLink::NotPending,
        MissingLink::DidNotRing,
        MissingLink::NoProof,
        MissingLink::NotSeen,
    ] {
        let of_link: Vec<&AlarmRecord> = missing.iter().filter(|(of, _)| *of == link).map(|(_, r)| r).collect();
        if of_link.is_empty() {
            continue;
        }
        let mut row = Row::new(format!("alarms/{}", link.as_str()), link_words(texts, link, of_link.len()));
        row.emphasis = Emphasis::Attention;
        row.details.extend(of_link.iter().take(3).map(|record| {
            let text = words::as_written(texts, record.content.lines().next().unwrap_or_default());
            format!("{} {text}", moment.shown(record.fire_at))
        }));
        if of_link.len() > 3 {
            row.details.push(texts.fill("alarms.more", &[("number", &(of_link.len() - 3))]));
        }
        row.private_title = Some(texts.say("alarms.reminders"));
        rows.push(row.with_spoken_sentence());
    }
    Ok(rows)
}

fn permission_row(permission: &Result<NotificationPermission, PortError>, texts: Texts) -> Option<Row> {
    use NotificationPermission as P;
    let (title, detail, emphasis) = match permission {
        Ok(P::Granted) => return None,
        Ok(P::Inexact) => ("alarms.inexact", "alarms.inexact-do", Emphasis::Attention),
        Ok(P::Silent) => ("alarms.silent", "alarms.silent-do", Emphasis::Attention),
        Ok(P::Denied) => ("alarms.denied", "alarms.denied-do", Emphasis::Urgent),
        Ok(P::NotAsked) => ("alarms.not-asked", "alarms.not-asked-do", Emphasis::Urgent),
        Err(_) => ("alarms.no-answer", "alarms.no-answer-do", Emphasis::Urgent),
    };
    let mut row = Row::new("alarms/permission", texts.say(title));
    row.details.push(texts.say(detail));
    row.emphasis = emphasis;
    Some(row.with_spoken_sentence())
}

fn link_words(texts: Texts, link: MissingLink, number: usize) -> String {
    let (one, several) = match link {
        MissingLink::NotHanded => ("alarms.not-handed-one", "alarms.not-handed"),
        MissingLink::NotPending => ("alarms.not-pending-one", "alarms.not-pending"),
        MissingLink::DidNotRing => ("alarms.did-not-ring-one", "alarms.did-not-ring"),
        MissingLink::NoProof => ("alarms.no-proof-one", "alarms.no-proof"),
        MissingLink::NotSeen => ("alarms.not-seen-one", "alarms.not-seen"),
    };
    if number == 1 { texts.say(one) } else { texts.fill(several, &[("number", &number)]) }
}
