//! The line in the body.

use crate::id::AccessDeviceId;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What kind of vascular or other access it is (INS Standards' terms).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccessDeviceKind {
    /// Short peripheral catheter.
    Peripheral,
    /// Midline catheter.
    Midline,
    /// Peripherally inserted central catheter, open-ended.
    Picc,
    /// Peripherally inserted central catheter with a valve.
    PiccValved,
    /// Tunneled, cuffed central catheter.
    Tunneled,
    /// Implanted port.
    Port,
    /// Subcutaneous needle set.
    Subcutaneous,
    /// Epidural or intrathecal catheter.
    Intraspinal,
    /// Not stated, or a kind that is not in this list.
    Unknown,
}

impl AccessDeviceKind {
    /// Whether its tip lies in a central vein; `None` when the kind is not known.
    pub fn is_central(self) -> Option<bool> {
        match self {
            Self::Picc | Self::PiccValved | Self::Tunneled | Self::Port => Some(true),
            Self::Peripheral | Self::Midline | Self::Subcutaneous | Self::Intraspinal => Some(false),
            Self::Unknown => None,
        }
    }
}

/// What one lumen is kept for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LumenUse {
    /// The lumen as the team names it, e.g. `red`.
    pub lumen: String,
    /// What it is for, in the team's words.
    pub purpose: String,
}

/// One access device of the patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessDevice {
    /// Id on the care team's server.
    pub id: AccessDeviceId,
    /// Its kind.
    pub kind: AccessDeviceKind,
    /// Name as shown, e.g. `PICC, right arm`.
    pub name: String,
    /// Day of insertion.
    pub inserted: Option<NaiveDate>,
    /// Day of removal; `None` while it is in.
    pub removed: Option<NaiveDate>,
    /// How many lumens.
    pub lumens: Option<u32>,
    /// Lumens kept for one purpose.
    pub lumen_uses: Vec<LumenUse>,
}
