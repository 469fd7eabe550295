//! What really happened with an occurrence (FHIR `MedicationAdministration`).

use crate::quantity::Quantity;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// How far the administration is. There is no "taken" that nobody recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdministrationStatus {
    /// It runs.
    InProgress,
    /// All of it went in.
    Completed,
    /// A part of it went in.
    Partial,
    /// It was stopped before its end.
    Stopped,
    /// It was left out.
    Skipped,
    /// Nobody knows.
    Unknown,
}

/// Who decided that a dose is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SkipDecision {
    /// The patient or a caregiver.
    Home,
    /// The care team, by word.
    CareTeam,
    /// The order itself (hold, hospital).
    Order,
    /// Not said.
    NotStated,
}

/// One statement about an occurrence. A later statement amends the earlier one; both stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Administration {
    /// How far it is.
    pub status: AdministrationStatus,
    /// When it started.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// How much went in, as recorded; `None` is not known.
    pub volume_given: Option<Quantity>,
    /// The dose as ordered then, for the record.
    pub dose_ordered: Option<Quantity>,
    /// Why stopped, partial or skipped, in own words.
    pub reason: Option<String>,
    /// Who decided a skip.
    pub skip_decision: Option<SkipDecision>,
    /// Lot number from the label.
    pub lot: Option<String>,
    /// Body site.
    pub site: Option<String>,
}

impl Administration {
    /// A statement of `status` with nothing else known.
    pub fn new(status: AdministrationStatus) -> Self {
        Self {
            status,
            started_at: None,
            ended_at: None,
            volume_given: None,
            dose_ordered: None,
            reason: None,
            skip_decision: None,
            lot: None,
            site: None,
        }
    }
}
