//! What the session gives: commands for the radio, facts for the journal, and what to remember.

use super::memory::SessionMemory;
use crate::radio::RadioCommand;
use chrono::{DateTime, Utc};
use homeline_model::{DeviceClock, PumpEvent, TimeBasis};
use serde::{Deserialize, Serialize};

/// The time of a call. Durations are measured on the monotonic clock, which is never set; facts are dated on the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// The phone's wall clock.
    pub wall: DateTime<Utc>,
    /// Milliseconds of a clock that is never set and counts through sleep.
    pub monotonic_ms: u64,
}

/// One fact for the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PumpFact {
    /// The same for the same fact, however often and in whatever order it is fetched: an entry id made of it (UUIDv5)
    /// makes a repeat harmless.
    pub identity: String,
    /// What.
    pub event: PumpEvent,
    /// When, on the phone's clock.
    pub happened: DateTime<Utc>,
    /// How that is known.
    pub basis: TimeBasis,
    /// What the pump's own clock said; `None` for facts of our own (link up, link lost, alarm seen).
    pub device_clock: Option<DeviceClock>,
}

/// What one call gave. Do it in this order: commit `facts` and `memory` in one transaction, then carry out `commands`.
/// When the commit fails, drop the session and build a new one from the memory that is stored.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Output {
    /// For the radio, in this order.
    pub commands: Vec<RadioCommand>,
    /// For the journal.
    pub facts: Vec<PumpFact>,
    /// The memory that belongs to these facts, when it changed.
    pub memory: Option<SessionMemory>,
    /// The status reads differently now.
    pub status_changed: bool,
}
