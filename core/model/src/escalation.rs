//! Who is told when nobody answers an alarm, and when: as the care plan says.

use crate::id::PersonId;
use crate::timing::Timing;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// After which times a dose that nobody answered rings again, and for whom. All in minutes after its first ring.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Escalation {
    /// When the patient's phone rings again.
    pub repeat_minutes: Vec<u32>,
    /// When the phone of the caregiver on duty rings; `None` is never.
    pub caregiver_minutes: Option<u32>,
    /// When both phones say to call the care team; `None` is never.
    pub team_minutes: Option<u32>,
}

/// When a caregiver is the one whom alarms go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duty {
    /// The caregiver.
    pub person: PersonId,
    /// From then on; `None` is from ever.
    pub from: Option<DateTime<Utc>>,
    /// Up to and with then; `None` is without end.
    pub until: Option<DateTime<Utc>>,
    /// The shifts inside of that: each slot with its duration is one. `None` is all of it.
    pub shifts: Option<Timing>,
}
