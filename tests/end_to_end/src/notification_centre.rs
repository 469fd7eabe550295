//! A phone's notification centre, with the faults that phones have: a list that is cut, a force-stop that empties it, a
//! system that throttles, a permission that goes.

use chrono::{DateTime, Utc};
use homeline_companion::{FiredNotification, NotificationPermission, NotificationPort, PlannedNotification, PortError};
use homeline_home::StepClock;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// It holds what it was handed and rings when its time comes.
pub struct NotificationCentre {
    clock: StepClock,
    state: Mutex<State>,
}

struct State {
    pending: Vec<PlannedNotification>,
    fired: Vec<FiredNotification>,
    permission: NotificationPermission,
    throttled: bool,
    /// Alarms beyond so many are dropped without a word, as iOS does.
    room: usize,
    most: usize,
}

impl NotificationCentre {
    /// Empty, and allowed to ring.
    pub fn new(clock: StepClock) -> Self {
        let state = State {
            pending: Vec::new(),
            fired: Vec::new(),
            permission: NotificationPermission::Granted,
            throttled: false,
            room: usize::MAX,
            most: 0,
        };
        Self { clock, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rings what is due by the phone's clock, unless the system throttles; answers what rang.
    pub fn ring(&self) -> Vec<PlannedNotification> {
        let now = self.clock.now();
        let mut state = self.state();
        if state.throttled || state.permission == NotificationPermission::Denied {
            return Vec::new();
        }
        let (rang, pending) = std::mem::take(&mut state.pending).into_iter().partition(|n| n.fire_at <= now);
        state.pending = pending;
        let rang: Vec<PlannedNotification> = rang;
        state.fired.extend(rang.iter().map(|n| FiredNotification { id: n.id.clone(), at: n.fire_at }));
        rang
    }

    /// What it holds: id and time, soonest first.
    pub fn held(&self) -> Vec<(String, DateTime<Utc>)> {
        let mut held: Vec<_> = self.state().pending.iter().map(|n| (n.id.clone(), n.fire_at)).collect();
        held.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
        held
    }

    /// The most that it ever held.
    pub fn most_held(&self) -> usize {
        self.state().most
    }

    /// The app is force-stopped, updated, or the phone restarts: nothing is pending any more.
    pub fn lose_everything(&self) {
        self.state().pending.clear();
    }

    /// The owner takes the permission, or gives it.
    pub fn set_permission(&self, permission: NotificationPermission) {
        self.state().permission = permission;
    }

    /// The system holds alarms back, or lets them through.
    pub fn throttle(&self, throttled: bool) {
        self.state().throttled = throttled;
    }

    /// It holds no more than so many.
    pub fn set_room(&self, room: usize) {
        self.state().room = room;
    }
}

impl NotificationPort for NotificationCentre {
    fn apply(&self, add: Vec<PlannedNotification>, remove: Vec<String>) -> Result<(), PortError> {
        let mut state = self.state();
        let room = state.room;
        for new in add {
            state.pending.retain(|held| held.id != new.id);
            if state.pending.len() < room {
                state.pending.push(new);
            }
            state.most = state.most.max(state.pending.len());
        }
        state.pending.retain(|held| !remove.contains(&held.id));
        Ok(())
    }

    fn pending(&self) -> Result<Vec<String>, PortError> {
        Ok(self.state().pending.iter().map(|n| n.id.clone()).collect())
    }

    fn fired(&self) -> Result<Vec<FiredNotification>, PortError> {
        Ok(self.state().fired.clone())
    }

    fn permission(&self) -> Result<NotificationPermission, PortError> {
        Ok(self.state().permission)
    }
}
