//! Where in an infusion something was noticed: drug, lot, rate step, site, minute.
//!
//! It is derived from what is recorded about the dose, and never stored with the entry: when the start of a dose is
//! corrected, the minute of every reaction is right again.

use crate::id::EntryId;
use crate::quantity::Quantity;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The rung of a rate ladder, by the clock and the order; a pause of the pump is not counted out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateRung {
    /// Which, from 1.
    pub number: u32,
    /// Of how many.
    pub of: u32,
    /// Its rate as ordered.
    pub rate: Quantity,
}

/// One moment of one infusion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InfusionMoment {
    /// The statement about the dose that stands.
    pub administration: EntryId,
    /// Name of the order as shown.
    pub title: String,
    /// When the dose began.
    pub started_at: DateTime<Utc>,
    /// When it ended; `None` while it runs or when nobody said.
    pub ended_at: Option<DateTime<Utc>>,
    /// Whole minutes since the start.
    pub minute: u32,
    /// The rung then; `None` without a ladder, after the end, or when the order was changed since.
    pub rung: Option<RateRung>,
    /// Lot number from the label.
    pub lot: Option<String>,
    /// Where it goes in.
    pub sites: Vec<String>,
}
