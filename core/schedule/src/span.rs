//! A half-open stretch of time: it holds `from` and does not hold `to`, so that two neighbours share no dose and lose none.

use chrono::{DateTime, Utc};

/// From `from` (in) to `to` (out). Empty when `to` is not after `from`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first instant inside.
    pub from: DateTime<Utc>,
    /// The first instant outside.
    pub to: DateTime<Utc>,
}

impl Span {
    /// The stretch from `from` to `to`.
    pub fn new(from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        Self { from, to }
    }

    /// Whether `at` lies inside.
    pub fn contains(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && at < self.to
    }
}
