//! The alarms of one agenda item: when it rings, what it says and which buttons it has.

use crate::agenda::{AgendaItem, AgendaKind, ItemState};
use crate::notification::{
    Answers, Audience, NotificationAction, NotificationKind, NotificationSettings, PlannedNotification, Urgency, later,
};
use crate::notification_text::Text;
use crate::routine::Routine;
use crate::slot::Precision;
use crate::zone::{Zones, local_date, to_instant, to_local};
use chrono::{DateTime, TimeDelta, Utc};
use homeline_model::{OccurrenceId, StepKey};
use std::collections::HashSet;

/// The alarms of one agenda item.
pub(crate) struct Rings<'a> {
    pub item: &'a AgendaItem,
    pub answers: &'a Answers<'a>,
    pub settings: &'a NotificationSettings,
    pub zones: Zones<'a>,
    pub routine: &'a Routine,
}

impl Rings<'_> {
    pub fn all(&self) -> Vec<PlannedNotification> {
        use NotificationKind as K;
        let item = self.item;
        let Some(occurrence) = item.occurrence.as_ref().map(|o| o.id) else {
            return match (item.kind, self.settings.audience, item.state) {
                (AgendaKind::Visit, Audience::Patient, ItemState::Planned) => {
                    let lead = TimeDelta::minutes(i64::from(self.settings.visit_lead_minutes));
                    vec![self.ring(K::Visit, later(item.start, -lead), None)]
                }
                (AgendaKind::Delivery, Audience::Patient, ItemState::Planned) => {
                    vec![self.ring(K::Delivery, item.start, None)]
                }
                _ => Vec::new(),
            };
        };
        if item.state == ItemState::InProgress && self.settings.audience == Audience::Patient {
            // The end moves with the real start: a 46-hour infusion that began late ends late.
            let length = item.end.map(|end| end - item.start);
            let end = item.started_at.zip(length).map(|(started, length)| later(started, length));
            return end.map(|end| self.ring(K::End, end, None)).into_iter().collect();
        }
        if !item.state.is_open() {
            return Vec::new();
        }
        let acknowledged = self.answers.acknowledged.contains(&occurrence);
        let due = self.due_at();
        let mut rings = Vec::new();
        if self.settings.audience == Audience::Caregiver {
            let after = self.settings.escalate_after_minutes.filter(|_| !acknowledged && self.is_a_dose());
            return after
                .map(|minutes| self.ring(K::Escalation, later(due, TimeDelta::minutes(i64::from(minutes))), None))
                .into_iter()
                .collect();
        }
        for step in item.steps.iter().filter(|s| s.key == StepKey::TakeOut && s.done_at.is_none()) {
            rings.extend(step.at.filter(|at| *at < due).map(|at| self.ring(K::TakeOut, at, None)));
        }
        let snoozed = self.answers.snoozes.iter().filter(|s| s.occurrence == occurrence).map(|s| s.until).max();
        let quiet_until = snoozed.filter(|until| *until >= due);
        match quiet_until {
            Some(until) => rings.push(self.ring(K::Snoozed, until, None)),
            None => rings.push(self.ring(K::Due, due, None)),
        }
        if !acknowledged && self.is_a_dose() {
            let repeats: HashSet<u32> = self.settings.repeat_minutes.iter().copied().filter(|m| *m > 0).collect();
            for minutes in repeats {
                let at = later(due, TimeDelta::minutes(i64::from(minutes)));
                if quiet_until.is_none_or(|until| at > until) {
                    rings.push(self.ring(K::Repeat, at, Some(minutes)));
                }
            }
        }
        let closes = item.window.map(|window| window.closes).filter(|closes| *closes > due);
        if item.precision == Precision::Time && self.is_a_dose() {
            rings.extend(closes.map(|closes| self.ring(K::Overdue, closes, None)));
        }
        rings
    }

    fn is_a_dose(&self) -> bool {
        matches!(self.item.kind, AgendaKind::Medication | AgendaKind::Premedication)
    }

    /// A duty with a day and no time rings at the patient's own time of that day.
    fn due_at(&self) -> DateTime<Utc> {
        let start = self.item.start;
        if self.item.precision == Precision::Time {
            return start;
        }
        let morning = local_date(self.zones.here, start).and_time(self.routine.day_duties_at);
        to_instant(self.zones.here, morning).instant().map_or(start, |at| at.max(start))
    }

    fn ring(&self, kind: NotificationKind, at: DateTime<Utc>, minutes: Option<u32>) -> PlannedNotification {
        let item = self.item;
        let occurrence = item.occurrence.as_ref().map(|o| o.id);
        use NotificationKind as K;
        let must_be_heard = item.must_not_stop && [K::Due, K::Snoozed, K::End, K::Overdue].contains(&kind);
        let urgency = if must_be_heard || kind == K::Escalation {
            Urgency::Safety
        } else if self.is_a_dose() {
            Urgency::Dose
        } else {
            Urgency::Duty
        };
        let time = to_local(self.zones.here, item.start).format("%H:%M").to_string();
        let keys = text_keys(kind, self.is_a_dose());
        PlannedNotification {
            id: match minutes {
                Some(minutes) => format!("{}/{}-{minutes}", item.id, kind.as_str()),
                None => format!("{}/{}", item.id, kind.as_str()),
            },
            fire_at: at,
            kind,
            urgency,
            item: item.id.clone(),
            occurrence,
            text: Text::new(keys.0, vec![("title", item.title.clone()), ("time", time.clone())], true),
            hidden_text: Text::new(keys.1, vec![("time", time)], false),
            actions: occurrence.map(|id| actions(kind, self.is_a_dose(), id)).unwrap_or_default(),
        }
    }
}

/// Key of the text, and of its twin without drug or therapy.
fn text_keys(kind: NotificationKind, dose: bool) -> (&'static str, &'static str) {
    match kind {
        NotificationKind::Due if dose => ("notification.dose-due", "notification.dose-due.hidden"),
        NotificationKind::Due => ("notification.duty-due", "notification.duty-due.hidden"),
        NotificationKind::Snoozed => ("notification.snoozed", "notification.snoozed.hidden"),
        NotificationKind::End => ("notification.end", "notification.end.hidden"),
        NotificationKind::Overdue => ("notification.overdue", "notification.overdue.hidden"),
        NotificationKind::Escalation => ("notification.escalation", "notification.escalation.hidden"),
        NotificationKind::TakeOut => ("notification.take-out", "notification.take-out.hidden"),
        NotificationKind::Repeat => ("notification.repeat", "notification.repeat.hidden"),
        NotificationKind::Visit => ("notification.visit", "notification.visit.hidden"),
        NotificationKind::Delivery => ("notification.delivery", "notification.delivery.hidden"),
        NotificationKind::OpenMe => ("notification.open-me", "notification.open-me"),
    }
}

fn actions(kind: NotificationKind, dose: bool, occurrence: OccurrenceId) -> Vec<NotificationAction> {
    const START: (&str, &str) = ("dose.start", "action.dose.start");
    const FINISH: (&str, &str) = ("dose.finish", "action.dose.finish");
    const SNOOZE: (&str, &str) = ("dose.snooze", "action.dose.snooze");
    const SKIP: (&str, &str) = ("dose.skip", "action.dose.skip");
    const ACKNOWLEDGE: (&str, &str) = ("dose.acknowledge", "action.dose.acknowledge");
    const TAKEN_OUT: (&str, &str) = ("step.take-out", "action.step.take-out");
    let offered: &[(&str, &'static str)] = match kind {
        NotificationKind::Due | NotificationKind::Snoozed | NotificationKind::Repeat if dose => &[START, SNOOZE, SKIP],
        NotificationKind::Due | NotificationKind::Snoozed | NotificationKind::Repeat => &[FINISH, SNOOZE, SKIP],
        NotificationKind::Overdue => &[START, SKIP],
        NotificationKind::End => &[FINISH],
        NotificationKind::Escalation => &[ACKNOWLEDGE],
        NotificationKind::TakeOut => &[TAKEN_OUT],
        NotificationKind::Visit | NotificationKind::Delivery | NotificationKind::OpenMe => &[],
    };
    let with_id = |(action, label_key): &(&str, &'static str)| NotificationAction {
        id: format!("{action}:{occurrence}"),
        label_key,
    };
    offered.iter().map(with_id).collect()
}
