//! Insurance (FHIR `Coverage`).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// One coverage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Id on the care team's server.
    pub id: String,
    /// Who pays, as shown.
    pub payor: String,
    /// `Coverage.status`.
    pub active: bool,
    /// From.
    pub start: Option<NaiveDate>,
    /// To, inclusive: what ends soon is a matter for the office.
    pub end: Option<NaiveDate>,
}
