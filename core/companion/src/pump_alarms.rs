//! Alarms of pumps by their three facts: raised on the pump, seen by a person here, over on the pump. Seeing one silences
//! nothing on the pump; it ends the ringing here, and the journal says who saw it.

use crate::error::{ErrorKind, HomelineError};
use crate::moment::Moment;
use crate::pump;
use crate::screen::{Action, Emphasis, Row};
use crate::store::{Logged, Statement, Store};
use crate::triage::language_of;
use crate::words;
use chrono::{DateTime, Duration, Utc};
use homeline_clinical::alarm_steps;
use homeline_model::{
    AlarmKind, CarePlan, Entry, EntryBody, EntryId, InfusionId, OccurrenceId, OrderRef, PumpEvent, PumpEventKind, Uuid,
};
use homeline_schedule::PumpAlarm;

/// The verb of the action that says that somebody saw it.
pub(crate) const SEEN: &str = "alarm.seen";
/// How long an alarm stands whose end was never told.
const STANDS: Duration = Duration::hours(24);

/// An alarm that is not over as far as the record goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StandingAlarm {
    pub(crate) entry: EntryId,
    pub(crate) serial: String,
    epoch: u32,
    pub(crate) alarm: AlarmKind,
    pub(crate) raised_at: DateTime<Utc>,
    heard_at: DateTime<Utc>,
    pub(crate) seen_at: Option<DateTime<Utc>>,
    order: Option<OrderRef>,
    occurrence: Option<OccurrenceId>,
}

/// The alarms that stand at `now`, oldest first.
pub(crate) fn standing(entries: &[Entry], now: DateTime<Utc>) -> Vec<StandingAlarm> {
    let mut told: Vec<(&Entry, &PumpEvent)> = entries
        .iter()
        .filter(|entry| entry.times.happened.at > now - STANDS)
        .filter_map(|entry| match &entry.body {
            EntryBody::PumpEvent(event) => Some((entry, event)),
            _ => None,
        })
        .collect();
    // The pump's own numbers tell the order where two things fall on one instant.
    told.sort_by_key(|(entry, event)| (entry.times.happened.at, event.epoch, event.record.unwrap_or(u32::MAX)));
    let mut standing: Vec<StandingAlarm> = Vec::new();
    for (entry, event) in told {
        let at = entry.times.happened.at;
        let same =
            |standing: &StandingAlarm, alarm: &AlarmKind| standing.serial == event.serial && standing.alarm == *alarm;
        match &event.kind {
            PumpEventKind::AlarmRaised { alarm, .. } => {
                // Raised again: what was seen before was another one.
                standing.retain(|other| !same(other, alarm));
                standing.push(StandingAlarm {
                    entry: entry.id,
                    serial: event.serial.clone(),
                    epoch: event.epoch,
                    alarm: alarm.clone(),
                    raised_at: at,
                    heard_at: entry.times.recorded_at,
                    seen_at: None,
                    order: entry.order.clone(),
                    occurrence: entry.occurrence,
                });
            }
            PumpEventKind::AlarmSeen { alarm } => {
                for seen in standing.iter_mut().filter(|other| same(other, alarm)) {
                    seen.seen_at.get_or_insert(at);
                }
            }
            PumpEventKind::AlarmCleared { alarm } => standing.retain(|other| !same(other, alarm)),
            PumpEventKind::Started
            | PumpEventKind::Stopped
            | PumpEventKind::Completed
            | PumpEventKind::LinkUp
            | PumpEventKind::LinkLost
            | PumpEventKind::RecordGap { .. }
            | PumpEventKind::Progress => {}
        }
    }
    standing
}

/// What rings: those that nobody has seen.
pub(crate) fn unseen(store: &Store, moment: &Moment, plan: &CarePlan) -> Result<Vec<PumpAlarm>, HomelineError> {
    let recent = store.recent(moment)?;
    let unseen = standing(&recent, moment.now).into_iter().filter(|alarm| alarm.seen_at.is_none());
    Ok(unseen
        .map(|alarm| PumpAlarm {
            id: alarm.entry.to_string(),
            raised_at: alarm.raised_at,
            heard_at: alarm.heard_at,
            title: words::alarm_words(moment.texts, &alarm.alarm),
            step: alarm_steps(plan, &alarm.alarm, language_of(plan)).into_iter().next().unwrap_or_default(),
        })
        .collect())
}

/// Rows of the alarms that stand, for today's screen: what to do first, and "I see it".
pub(crate) fn rows(store: &Store, moment: &Moment, plan: &CarePlan) -> Result<Vec<Row>, HomelineError> {
    let texts = moment.texts;
    let recent = store.recent(moment)?;
    let shown = |alarm: &StandingAlarm| {
        let title = texts.fill("pump-event.alarm", &[("alarm", &words::alarm_words(texts, &alarm.alarm))]);
        let mut row = Row::new(format!("pump-alarm/{}", alarm.entry), title);
        row.time = Some(moment.shown(alarm.raised_at));
        row.state = Some(match alarm.seen_at {
            Some(at) => texts.fill("pump-alarm.seen", &[("time", &moment.shown(at))]),
            None => texts.say("pump-alarm.not-seen"),
        });
        row.details = alarm_steps(plan, &alarm.alarm, language_of(plan));
        row.emphasis = Emphasis::Urgent;
        if alarm.seen_at.is_none() {
            row.actions.push(Action {
                id: format!("{SEEN}:{}", alarm.entry),
                label: texts.say("action.alarm.seen"),
                emphasis: Emphasis::Attention,
            });
        }
        row.private_title = Some(texts.say("private.look"));
        row.with_spoken_sentence()
    };
    Ok(standing(&recent, moment.now).iter().map(shown).collect())
}

/// A person saw the alarm of this entry. Twice is once; one that is over needs no seeing any more, and is answered as seen.
pub(crate) fn seen(store: &mut Store, moment: &Moment, raised: EntryId) -> Result<Logged, HomelineError> {
    let id = EntryId(Uuid::new_v5(&raised.0, b"alarm-seen"));
    let nothing = |entry| Ok(Logged { entry, advice: Vec::new() });
    if store.vault()?.read(|tx| tx.has_entry(id))? {
        return nothing(id);
    }
    let found = standing(&store.recent(moment)?, moment.now).into_iter().find(|alarm| alarm.entry == raised);
    let Some(alarm) = found else {
        if store.vault()?.read(|tx| tx.has_entry(raised))? {
            return nothing(raised);
        }
        return Err(HomelineError::new(
            ErrorKind::NotFound,
            "pump.alarm",
            "there is no such alarm",
            "Look at today's screen again.",
        ));
    };
    if alarm.seen_at.is_some() {
        return nothing(raised);
    }
    // A session that listens has to know it too, and writes it.
    if pump::see(store, moment, &alarm.serial, &alarm.alarm)? {
        return nothing(raised);
    }
    let event = PumpEvent {
        serial: alarm.serial,
        record: None,
        epoch: alarm.epoch,
        kind: PumpEventKind::AlarmSeen { alarm: alarm.alarm },
        volume_infused: None,
        rate: None,
        samples: None,
    };
    let mut statement = Statement::by_hand(EntryBody::PumpEvent(event));
    statement.id = Some(id);
    statement.infusion = alarm.occurrence.map(InfusionId::of);
    statement.order = alarm.order;
    statement.occurrence = alarm.occurrence;
    store.record(moment, statement)
}
