//! Alarms on the pump that nobody has seen: whose phone rings, and when.
//!
//! The pump has a sound of its own, and this is a second copy of it. It goes the way of a dose that nobody answers, by the
//! same thresholds of the plan: the patient's phone at once and again, then the phone of the caregiver on duty, then both
//! say to call the team. Seeing the alarm, or its end on the pump, ends all of it.

use crate::agenda::AgendaInput;
use crate::notification::{
    Audience, NotificationAction, NotificationKind, NotificationSettings, PlannedNotification, Urgency, later, sounds,
};
use crate::notification_ring::{caregiver_is_on_duty, team};
use crate::notification_text::Text;
use crate::zone::to_local;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;

/// What the phone needs to hold an alarm of which it has just been told.
const AT_ONCE: TimeDelta = TimeDelta::seconds(5);

/// An alarm that stands on a pump and that nobody has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PumpAlarm {
    /// The same for the same alarm: that of its journal entry.
    pub id: String,
    /// When the pump raised it.
    pub raised_at: DateTime<Utc>,
    /// When this phone heard of it: nothing rings before.
    pub heard_at: DateTime<Utc>,
    /// In words.
    pub title: String,
    /// What to do first, as the plan or our own text says.
    pub step: String,
}

/// When the phone rings for the alarm.
pub(crate) fn pump_alarm_rings(
    alarm: &PumpAlarm,
    settings: &NotificationSettings,
    input: &AgendaInput<'_>,
) -> Vec<PlannedNotification> {
    use NotificationKind as K;
    let first = later(alarm.heard_at.max(alarm.raised_at), AT_ONCE);
    // Of an alarm that was heard of late the thresholds are over: then all that they say is due at once.
    let after = |minutes: u32| later(alarm.raised_at, TimeDelta::minutes(i64::from(minutes))).max(first);
    let mut rings = Vec::new();
    match settings.audience {
        Audience::Patient => {
            rings.push(ring(alarm, settings, input, K::PumpAlarm, first, None));
            let repeats: BTreeSet<u32> =
                settings.repeat_minutes.iter().copied().filter(|minutes| *minutes > 0).collect();
            for minutes in repeats {
                rings.push(ring(alarm, settings, input, K::PumpAlarm, after(minutes), Some(minutes)));
            }
        }
        Audience::Caregiver => {
            let escalation = settings.escalate_after_minutes.map(after);
            let on_duty = escalation.filter(|at| caregiver_is_on_duty(settings, input, *at));
            rings.extend(on_duty.map(|at| ring(alarm, settings, input, K::Escalation, at, None)));
        }
    }
    let called = settings.team_after_minutes.map(after);
    let mine = called.filter(|at| settings.audience == Audience::Patient || caregiver_is_on_duty(settings, input, *at));
    rings.extend(mine.map(|at| ring(alarm, settings, input, K::CallTeam, at, None)));
    rings
}

fn ring(
    alarm: &PumpAlarm,
    settings: &NotificationSettings,
    input: &AgendaInput<'_>,
    kind: NotificationKind,
    at: DateTime<Utc>,
    minutes: Option<u32>,
) -> PlannedNotification {
    let (key, hidden_key) = match kind {
        NotificationKind::Escalation => {
            ("notification.pump-alarm.escalation", "notification.pump-alarm.escalation.hidden")
        }
        NotificationKind::CallTeam => ("notification.pump-alarm.call-team", "notification.pump-alarm.call-team.hidden"),
        _ => ("notification.pump-alarm", "notification.pump-alarm.hidden"),
    };
    let time = to_local(input.zones.here, alarm.raised_at).format("%H:%M").to_string();
    let hidden = vec![("time", time), ("team", team(input.plan))];
    let mut arguments = hidden.clone();
    arguments.extend([("title", alarm.title.clone()), ("step", alarm.step.clone())]);
    PlannedNotification {
        id: match minutes {
            Some(minutes) => format!("{}/{}-{minutes}", alarm.id, kind.as_str()),
            None => format!("{}/{}", alarm.id, kind.as_str()),
        },
        fire_at: at,
        kind,
        urgency: Urgency::Safety,
        sound: sounds(settings, input, Urgency::Safety, at),
        item: alarm.id.clone(),
        occurrence: None,
        text: Text::new(key, arguments, true),
        hidden_text: Text::new(hidden_key, hidden, false),
        private: !settings.names_on_lock_screen,
        actions: vec![NotificationAction::new(format!("alarm.seen:{}", alarm.id), "action.alarm.seen")],
    }
}
