//! A clock that is stepped by hand: a wall clock that can be set, and a monotonic one that cannot.
//!
//! Clones share one clock, so that the phone, the pump and the story all see the same time.

use chrono::{DateTime, Duration, Utc};
use homeline_model::ZoneId;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The clock.
#[derive(Debug, Clone)]
pub struct StepClock {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    wall: DateTime<Utc>,
    monotonic_ms: u64,
    zone: ZoneId,
}

impl StepClock {
    /// A clock that shows `wall`, in UTC. The monotonic one begins at an hour, so that a difference to "before the start"
    /// can be told from zero.
    pub fn at(wall: DateTime<Utc>) -> Self {
        Self { state: Arc::new(Mutex::new(State { wall, monotonic_ms: 3_600_000, zone: ZoneId::utc() })) }
    }

    /// What the wall clock shows, UTC.
    pub fn now(&self) -> DateTime<Utc> {
        self.lock().wall
    }

    /// Milliseconds of the clock that is never set.
    pub fn monotonic_ms(&self) -> u64 {
        self.lock().monotonic_ms
    }

    /// Time passes. A negative duration is no time.
    pub fn advance(&self, by: Duration) {
        let milliseconds = u64::try_from(by.num_milliseconds()).unwrap_or(0);
        let mut state = self.lock();
        state.wall += by.max(Duration::zero());
        state.monotonic_ms = state.monotonic_ms.saturating_add(milliseconds);
    }

    /// A person or the network sets the wall clock, forward or back. No time passes.
    pub fn set_wall(&self, wall: DateTime<Utc>) {
        self.lock().wall = wall;
    }

    /// Where the phone is.
    pub fn zone(&self) -> ZoneId {
        self.lock().zone.clone()
    }

    /// The phone travels.
    pub fn set_zone(&self, zone: ZoneId) {
        self.lock().zone = zone;
    }

    /// A thread that panicked while it held the clock left it whole: every change is one assignment.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_the_wall_clock_back_leaves_the_monotonic_one_alone() {
        let clock = StepClock::at("2026-11-23T08:00:00Z".parse().unwrap());
        let shared = clock.clone();
        clock.advance(Duration::minutes(90));
        assert_eq!(shared.now().to_rfc3339(), "2026-11-23T09:30:00+00:00");
        let before = clock.monotonic_ms();
        shared.set_wall("2026-11-23T07:00:00Z".parse().unwrap());
        assert_eq!(clock.now().to_rfc3339(), "2026-11-23T07:00:00+00:00");
        assert_eq!(clock.monotonic_ms(), before);
    }

    #[test]
    fn time_never_runs_backwards() {
        let clock = StepClock::at("2026-11-23T08:00:00Z".parse().unwrap());
        let (wall, monotonic) = (clock.now(), clock.monotonic_ms());
        clock.advance(Duration::minutes(-5));
        assert_eq!((clock.now(), clock.monotonic_ms()), (wall, monotonic));
    }
}
