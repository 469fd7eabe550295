//! Visits (FHIR `Appointment`).

use crate::id::VisitId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// How the visit is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VisitMode {
    /// The nurse comes home, or the patient goes there.
    InPerson,
    /// By video.
    Video,
    /// By phone.
    Phone,
    /// Not stated.
    Unknown,
}

/// `Appointment.status`, as far as the home needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VisitStatus {
    /// Proposed; not yet agreed.
    Proposed,
    /// Agreed.
    Booked,
    /// It took place.
    Fulfilled,
    /// It will not or did not take place.
    Cancelled,
}

/// One visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// Id on the care team's server.
    pub id: VisitId,
    /// What for, as shown.
    pub title: String,
    /// From.
    pub start: DateTime<Utc>,
    /// To.
    pub end: Option<DateTime<Utc>>,
    /// How.
    pub mode: VisitMode,
    /// Whether it is agreed.
    pub status: VisitStatus,
    /// Who comes, as shown.
    pub with: Vec<String>,
    /// What the patient should do before, as written.
    pub instructions: Option<String>,
    /// Where to join a video visit.
    pub join_url: Option<String>,
}
