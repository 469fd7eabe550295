//! From the alarms that the phone holds to those that it should hold: adding before removing, so that an interruption
//! leaves an alarm too many and never one too few.

use crate::notification::PlannedNotification;
use chrono::{DateTime, Utc};
use std::collections::{HashMap, HashSet};

/// An alarm that the phone holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldAlarm {
    /// Its id.
    pub id: String,
    /// When it is to ring.
    pub fire_at: DateTime<Utc>,
    /// What it says and how: [`PlannedNotification::content`].
    pub content: String,
}

impl From<&PlannedNotification> for HeldAlarm {
    fn from(planned: &PlannedNotification) -> Self {
        Self { id: planned.id.clone(), fire_at: planned.fire_at, content: planned.content() }
    }
}

/// What changes between two plans.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NotificationDiff {
    /// New or changed alarms, soonest first. One with an id that the phone knows replaces the alarm of that id.
    pub add: Vec<PlannedNotification>,
    /// Ids that are no longer planned, the latest first.
    pub remove: Vec<String>,
}

/// One step of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotificationChange {
    /// Hand this alarm to the phone.
    Add(Box<PlannedNotification>),
    /// Take the alarm with this id back.
    Remove(String),
}

/// What has to change so that a phone which holds `old` holds `new`.
pub fn diff(old: &[HeldAlarm], new: &[PlannedNotification]) -> NotificationDiff {
    let before: HashMap<&str, &HeldAlarm> = old.iter().map(|n| (n.id.as_str(), n)).collect();
    let after: HashMap<&str, &PlannedNotification> = new.iter().map(|n| (n.id.as_str(), n)).collect();
    let add = new
        .iter()
        .filter(|n| before.get(n.id.as_str()).is_none_or(|known| **known != HeldAlarm::from(*n)))
        .cloned()
        .collect();
    let mut gone: Vec<&HeldAlarm> = old.iter().filter(|n| !after.contains_key(n.id.as_str())).collect();
    gone.sort_by(|a, b| (b.fire_at, &b.id).cmp(&(a.fire_at, &a.id)));
    NotificationDiff { add, remove: gone.into_iter().map(|n| n.id.clone()).collect() }
}

impl NotificationDiff {
    /// The change as single steps for a phone that holds `old` alarms: adding first, and taking back one alarm (the
    /// latest) only where the budget leaves no room for the next.
    pub fn in_steps(self, old: &[HeldAlarm], budget: usize) -> Vec<NotificationChange> {
        let mut held = old.len();
        let known: HashSet<&str> = old.iter().map(|alarm| alarm.id.as_str()).collect();
        let mut remove = self.remove.into_iter();
        let mut steps = Vec::new();
        for notification in self.add {
            if !known.contains(notification.id.as_str()) {
                if held >= budget
                    && let Some(id) = remove.next()
                {
                    steps.push(NotificationChange::Remove(id));
                    held -= 1;
                }
                held += 1;
            }
            steps.push(NotificationChange::Add(Box::new(notification)));
        }
        steps.extend(remove.map(NotificationChange::Remove));
        steps
    }
}
