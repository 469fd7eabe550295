//! One planned moment of a timing, and its name.
//!
//! The name is what the order says (a local date and time, a day, a meal of a day, or the number counted from the
//! anchor) and never what came out as an instant, so that new zone rules, a journey or another lunch time do not rename a
//! dose. An instant that the order itself names (`Timing.event`) is written in UTC: a server may send the same instant
//! back with another offset.

use crate::routine::event_name;
use crate::zone::{DAY, date_of, instant_of, local_of};
use chrono::{DateTime, Timelike, Utc};
use homeline_model::EventTiming;
use std::fmt;

/// How precisely the order says when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Precision {
    /// At a time.
    Time,
    /// On a day; `start` is the first instant of it.
    Day,
}

/// The nominal slot, as ordered. `Display` gives its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Nominal {
    /// A date and time by the clock: seconds since 1970-01-01T00:00 on that clock. `2026-11-23T08:00`.
    Local(i64),
    /// A day: days since 1970-01-01. `2026-11-23`.
    Day(i64),
    /// A meal, or another event of a day. `2026-11-23/ACM`.
    Event(i64, EventName),
    /// The number counted from the anchor, from 0. `#17`.
    Ordinal(i64),
    /// An instant that the order names: Unix seconds. `2026-11-23T13:00Z`.
    Instant(i64),
}

/// The code of an event of the day, as a slot names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventName(pub(crate) &'static str);

impl From<EventTiming> for EventName {
    fn from(event: EventTiming) -> Self {
        Self(event_name(event))
    }
}

impl fmt::Display for Nominal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Local(seconds) => write_local(f, seconds),
            Self::Day(day) => write_day(f, day),
            Self::Event(day, event) => {
                write_day(f, day)?;
                write!(f, "/{}", event.0)
            }
            Self::Ordinal(number) => write!(f, "#{number}"),
            Self::Instant(unix) => {
                write_local(f, unix)?;
                f.write_str("Z")
            }
        }
    }
}

fn write_day(f: &mut fmt::Formatter<'_>, day: i64) -> fmt::Result {
    match date_of(day) {
        Some(date) => write!(f, "{date}"),
        None => write!(f, "day{day}"),
    }
}

fn write_local(f: &mut fmt::Formatter<'_>, seconds: i64) -> fmt::Result {
    write_day(f, seconds.div_euclid(DAY))?;
    let Some(local) = local_of(seconds) else { return write!(f, "T{}", seconds.rem_euclid(DAY)) };
    write!(f, "T{:02}:{:02}", local.hour(), local.minute())?;
    if local.second() == 0 { Ok(()) } else { write!(f, ":{:02}", local.second()) }
}

/// One planned moment. Small and `Copy`: a schedule of ten years is walked without an allocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Its name.
    pub nominal: Nominal,
    /// Start in Unix seconds.
    pub start_unix: i64,
    /// Length in seconds, as ordered; `None` when the order gives none.
    pub duration_seconds: Option<i64>,
    /// Whether the order says a time or only a day.
    pub precision: Precision,
    /// Seconds by which it was moved forward out of a gap of the zone; 0 as a rule.
    pub moved_seconds: i64,
}

impl Slot {
    /// Its start.
    pub fn start(&self) -> DateTime<Utc> {
        instant_of(self.start_unix)
    }

    /// Its end by elapsed time: 12 hours are 12 hours, also in the night of a clock change.
    pub fn end(&self) -> Option<DateTime<Utc>> {
        self.duration_seconds.map(|seconds| instant_of(self.start_unix.saturating_add(seconds)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_named_as_ordered() {
        assert_eq!(Nominal::Local(1_795_420_800 + 8 * 3600).to_string(), "2026-11-23T16:00");
        assert_eq!(Nominal::Local(1_795_392_030).to_string(), "2026-11-23T00:00:30");
        assert_eq!(Nominal::Day(20_780).to_string(), "2026-11-23");
        assert_eq!(Nominal::Event(20_780, EventTiming::BeforeBreakfast.into()).to_string(), "2026-11-23/ACM");
        assert_eq!(Nominal::Ordinal(17).to_string(), "#17");
        assert_eq!(Nominal::Instant(0).to_string(), "1970-01-01T00:00Z");
    }
}
