//! One planned instance of an order, as everybody else sees it.

use crate::slot::Precision;
use chrono::{DateTime, NaiveDate, Utc};
use homeline_model::{OccurrenceId, OrderId, OrderRef};

/// One planned instance of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// The same on every phone, in every zone and under every version of the zone rules.
    pub id: OccurrenceId,
    /// The order in the version that planned it.
    pub order: OrderRef,
    /// `Dosage.sequence`.
    pub dosage_sequence: u32,
    /// Place of the dosage in `Order.dosages`.
    pub dosage_index: usize,
    /// The nominal slot, as the id has it: `2026-11-23T08:00`, `2026-11-23`, `2026-11-23/ACM`, `#17`, or the slot of the
    /// dose that it hangs on.
    pub slot: String,
    /// Planned start. With [`Precision::Day`] the first instant of the day.
    pub start: DateTime<Utc>,
    /// Planned end by elapsed time; `None` when the order gives no length.
    pub end: Option<DateTime<Utc>>,
    /// Whether the order says a time or only a day.
    pub precision: Precision,
    /// Seconds by which the start was moved forward, because the clocks skip the ordered time; 0 as a rule.
    pub moved_seconds: i64,
    /// The dose that it hangs on ("30 minutes before").
    pub follows: Option<OccurrenceId>,
}

/// Why something ordered was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SkipReason {
    /// The zone has no such day, e.g. 2011-12-30 in Apia.
    NoSuchDay,
}

impl SkipReason {
    /// Kebab-case key, stable.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoSuchDay => "no-such-day",
        }
    }
}

/// Something ordered that falls on no instant. It is said, never swallowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Which order; `None` when a bare `Timing` was expanded.
    pub order: Option<OrderId>,
    /// `Dosage.sequence`.
    pub dosage_sequence: u32,
    /// The local day.
    pub date: NaiveDate,
    /// Why.
    pub reason: SkipReason,
    /// The instant at which the day was left out.
    pub at: DateTime<Utc>,
}
