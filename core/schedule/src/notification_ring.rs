//! The alarms of one agenda item: when it rings, what it says and which buttons it has.

use crate::agenda::AgendaInput;
use crate::agenda_item::{AgendaItem, AgendaKind, ItemState};
use crate::duty::on_duty;
use crate::notification::{
    Answers, Audience, NotificationAction, NotificationKind, NotificationSettings, PlannedNotification, Urgency, later,
    sounds,
};
use crate::notification_text::Text;
use crate::slot::Precision;
use crate::zone::{local_date, to_instant, to_local};
use chrono::{DateTime, TimeDelta, Utc};
use homeline_model::{CarePlan, Contact, ContactPurpose, OccurrenceId, StepKey};
use std::collections::HashSet;

/// The alarms of one agenda item.
pub(crate) struct Rings<'a> {
    pub item: &'a AgendaItem,
    pub answers: &'a Answers<'a>,
    pub settings: &'a NotificationSettings,
    pub input: &'a AgendaInput<'a>,
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
                (AgendaKind::RefillCheck, Audience::Patient, ItemState::Planned | ItemState::Due) => {
                    vec![self.ring(K::Refill, self.due_at(), None)]
                }
                _ => Vec::new(),
            };
        };
        if item.as_needed && item.state != ItemState::InProgress {
            return Vec::new();
        }
        if item.state == ItemState::InProgress && self.settings.audience == Audience::Patient {
            // The end moves with the real start: a 46-hour infusion that began late ends late.
            let length = item.end.map(|end| end - item.start);
            let end = item.started_at.zip(length).map(|(started, length)| later(started, length));
            let mut rings: Vec<PlannedNotification> = end.map(|end| self.ring(K::End, end, None)).into_iter().collect();
            for step in item.steps.iter().filter(|s| s.key == StepKey::MidCheck && s.is_open()) {
                let minutes = step.offset_minutes.and_then(|minutes| u32::try_from(minutes).ok());
                rings.extend(step.at.map(|at| self.ring(K::CheckIn, at, minutes)));
            }
            return rings;
        }
        if !item.state.is_open() {
            return Vec::new();
        }
        let acknowledged = self.answers.acknowledged.contains(&occurrence);
        let due = self.due_at();
        let mut rings = Vec::new();
        if self.settings.audience == Audience::Caregiver {
            let after = |minutes: u32| later(due, TimeDelta::minutes(i64::from(minutes)));
            let escalation = self.settings.escalate_after_minutes.map(after).filter(|at| self.is_on_duty(*at));
            rings.extend(escalation.map(|at| self.ring(K::Escalation, at, None)));
            let team = self.settings.team_after_minutes.map(after).filter(|at| self.is_on_duty(*at));
            rings.extend(team.map(|at| self.ring(K::CallTeam, at, None)));
            rings.retain(|_| !acknowledged && self.item.is_a_dose());
            return rings;
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
        if !acknowledged && item.is_a_dose() {
            let team = self.settings.team_after_minutes.map(|m| later(due, TimeDelta::minutes(i64::from(m))));
            rings.extend(team.map(|at| self.ring(K::CallTeam, at, None)));
            let repeats: HashSet<u32> = self.settings.repeat_minutes.iter().copied().filter(|m| *m > 0).collect();
            for minutes in repeats {
                let at = later(due, TimeDelta::minutes(i64::from(minutes)));
                if quiet_until.is_none_or(|until| at > until) {
                    rings.push(self.ring(K::Repeat, at, Some(minutes)));
                }
            }
        }
        let closes = item.window.map(|window| window.closes).filter(|closes| *closes > due);
        if item.precision == Precision::Time && item.is_a_dose() {
            rings.extend(closes.map(|closes| self.ring(K::Overdue, closes, None)));
        }
        rings
    }

    /// Whether this caregiver's phone is one of those that ring then.
    fn is_on_duty(&self, at: DateTime<Utc>) -> bool {
        caregiver_is_on_duty(self.settings, self.input, at)
    }

    /// Whom to call when nobody answers.
    fn team(&self) -> String {
        team(self.input.plan)
    }

    /// A duty with a day and no time rings at the patient's own time of that day.
    fn due_at(&self) -> DateTime<Utc> {
        let start = self.item.start;
        if self.item.precision == Precision::Time {
            return start;
        }
        let here = self.input.zones.here;
        let morning = local_date(here, start).and_time(self.input.routine.day_duties_at);
        to_instant(here, morning).instant().map_or(start, |at| at.max(start))
    }

    fn ring(&self, kind: NotificationKind, at: DateTime<Utc>, minutes: Option<u32>) -> PlannedNotification {
        let item = self.item;
        let occurrence = item.occurrence.as_ref().map(|o| o.id);
        use NotificationKind as K;
        // Late is a matter for a call: what says so first, and what says that it is late, are never silenced.
        let must_be_heard = (item.must_not_stop || item.time_critical && item.is_a_dose())
            && [K::Due, K::Snoozed, K::End, K::Overdue].contains(&kind);
        let urgency = if must_be_heard || matches!(kind, K::Escalation | K::CallTeam) {
            Urgency::Safety
        } else if item.is_a_dose() && kind != K::Refill {
            Urgency::Dose
        } else {
            Urgency::Duty
        };
        let time = to_local(self.input.zones.here, item.start).format("%H:%M").to_string();
        let lab = item.lab_first.as_ref().filter(|_| matches!(kind, K::Due | K::Snoozed | K::Repeat));
        let (key, hidden_key) = match lab {
            Some(_) => ("notification.lab-first", "notification.lab-first.hidden"),
            None => text_keys(kind, item.is_a_dose()),
        };
        let mut arguments = vec![("title", item.title.clone()), ("time", time.clone())];
        let mut hidden_arguments = vec![("time", time)];
        arguments.extend(lab.map(|lab| ("lab", lab.title.clone())));
        if kind == K::CallTeam {
            arguments.push(("team", self.team()));
            hidden_arguments.push(("team", self.team()));
        }
        PlannedNotification {
            id: match minutes {
                Some(minutes) => format!("{}/{}-{minutes}", item.id, kind.as_str()),
                None => format!("{}/{}", item.id, kind.as_str()),
            },
            fire_at: at,
            kind,
            urgency,
            sound: sounds(self.settings, self.input, urgency, at),
            item: item.id.clone(),
            occurrence,
            text: Text::new(key, arguments, true),
            hidden_text: Text::new(hidden_key, hidden_arguments, false),
            private: !self.settings.names_on_lock_screen,
            actions: occurrence.map(|id| actions(kind, item.is_a_dose(), lab.is_some(), id)).unwrap_or_default(),
        }
    }
}

/// Whether the caregiver's phone is one of those that ring then.
pub(crate) fn caregiver_is_on_duty(
    settings: &NotificationSettings,
    input: &AgendaInput<'_>,
    at: DateTime<Utc>,
) -> bool {
    let Some(person) = &settings.caregiver else { return true };
    let AgendaInput { plan, zones, routine, .. } = input;
    on_duty(plan, *zones, routine, at).iter().any(|caregiver| caregiver.id == *person)
}

/// Whom to call when nobody answers.
pub(crate) fn team(plan: &CarePlan) -> String {
    let nurse = plan.contacts.iter().find(|contact| contact.purpose == ContactPurpose::OnCallNurse);
    let words = |contact: &Contact| format!("{} {}", contact.label, contact.phone);
    nurse.or(plan.contacts.first()).map_or_else(|| "your care team".to_owned(), words)
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
        NotificationKind::CallTeam => ("notification.call-team", "notification.call-team.hidden"),
        NotificationKind::CheckIn => ("notification.check-in", "notification.check-in.hidden"),
        NotificationKind::PumpAlarm => ("notification.pump-alarm", "notification.pump-alarm.hidden"),
        NotificationKind::Refill => ("notification.refill", "notification.refill.hidden"),
        NotificationKind::TakeOut => ("notification.take-out", "notification.take-out.hidden"),
        NotificationKind::Repeat => ("notification.repeat", "notification.repeat.hidden"),
        NotificationKind::Visit => ("notification.visit", "notification.visit.hidden"),
        NotificationKind::Delivery => ("notification.delivery", "notification.delivery.hidden"),
        NotificationKind::OpenMe => ("notification.open-me", "notification.open-me"),
    }
}

fn actions(kind: NotificationKind, dose: bool, lab_first: bool, occurrence: OccurrenceId) -> Vec<NotificationAction> {
    const START: (&str, &str) = ("dose.start", "action.dose.start");
    const FINISH: (&str, &str) = ("dose.finish", "action.dose.finish");
    const SNOOZE: (&str, &str) = ("dose.snooze", "action.dose.snooze");
    const SKIP: (&str, &str) = ("dose.skip", "action.dose.skip");
    const ACKNOWLEDGE: (&str, &str) = ("dose.acknowledge", "action.dose.acknowledge");
    const TAKEN_OUT: (&str, &str) = ("step.take-out", "action.step.take-out");
    let offered: &[(&str, &'static str)] = match kind {
        // Nothing to start before the blood is drawn.
        NotificationKind::Due | NotificationKind::Snoozed | NotificationKind::Repeat if lab_first => &[SNOOZE],
        NotificationKind::Due | NotificationKind::Snoozed | NotificationKind::Repeat if dose => &[START, SNOOZE, SKIP],
        NotificationKind::Due | NotificationKind::Snoozed | NotificationKind::Repeat => &[FINISH, SNOOZE, SKIP],
        NotificationKind::Overdue => &[START, SKIP],
        NotificationKind::End => &[FINISH],
        NotificationKind::Escalation | NotificationKind::CallTeam => &[ACKNOWLEDGE],
        NotificationKind::TakeOut => &[TAKEN_OUT],
        NotificationKind::Visit
        | NotificationKind::Delivery
        | NotificationKind::CheckIn
        | NotificationKind::PumpAlarm
        | NotificationKind::Refill
        | NotificationKind::OpenMe => &[],
    };
    let with_id = |(action, label_key): &(&str, &'static str)| {
        NotificationAction::new(format!("{action}:{occurrence}"), label_key)
    };
    offered.iter().map(with_id).collect()
}
