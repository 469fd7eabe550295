//! A stay in a hospital (FHIR `Encounter` of class `IMP`): the hospital's orders hold there, and none of those at home.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One stay in a hospital.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HospitalStay {
    /// Id of the `Encounter` on the care team's server.
    pub id: String,
    /// Admission.
    pub start: DateTime<Utc>,
    /// Discharge; `None` while it lasts.
    pub end: Option<DateTime<Utc>>,
    /// Where, as shown.
    pub place: Option<String>,
}
