//! The pump's own clock: wrong from the start, a little too fast, and set by hand now and then.

use chrono::{DateTime, Duration, NaiveDateTime, Utc};

#[derive(Debug, Clone)]
pub(super) struct PumpClock {
    /// Reading, in microseconds since 1970, so that a drift of parts per million adds up.
    microseconds: i64,
    drift_ppm: i64,
    /// How often it was set: readings of different timelines cannot be compared.
    timeline: u32,
}

impl PumpClock {
    pub(super) fn new(at: DateTime<Utc>, offset: Duration, drift_ppm: i64) -> Self {
        let microseconds = (at.naive_utc() + offset).and_utc().timestamp_micros();
        Self { microseconds, drift_ppm, timeline: 0 }
    }

    pub(super) fn advance(&mut self, milliseconds: u64) {
        let milliseconds = i64::try_from(milliseconds).unwrap_or(0);
        self.microseconds += milliseconds * 1_000 + milliseconds * self.drift_ppm / 1_000;
    }

    pub(super) fn set(&mut self, reading: NaiveDateTime) {
        self.microseconds = reading.and_utc().timestamp_micros();
        self.timeline += 1;
    }

    pub(super) fn reading(&self) -> NaiveDateTime {
        DateTime::from_timestamp_micros(self.microseconds).unwrap_or_default().naive_utc()
    }

    pub(super) fn timeline(&self) -> u32 {
        self.timeline
    }
}
