//! Rates as ordered: one rate, a ladder, a taper. To show and to tick off; never computed.

use crate::quantity::Quantity;
use serde::{Deserialize, Serialize};

/// One rung: this rate for this long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateStep {
    /// The rate, e.g. 60 mL/h.
    pub rate: Quantity,
    /// For how many minutes; `None` is to the end.
    pub minutes: Option<u32>,
}

/// The rungs in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateProfile {
    /// At least one.
    pub steps: Vec<RateStep>,
    /// The volume that the rungs deliver in all, as ordered; the checksum Σ rate × time is held against it.
    pub total_volume: Option<Quantity>,
}
