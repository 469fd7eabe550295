//! People: the patient, the care team, the caregivers, and how to reach whom for what.

use crate::id::{PatientId, PersonId};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// The person who is treated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patient {
    /// Id on the care team's server.
    pub id: PatientId,
    /// Name as shown.
    pub name: String,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// FHIR administrative gender code.
    pub gender: Option<String>,
    /// BCP 47 language that the patient prefers.
    pub language: Option<String>,
    /// Allergies as the team wrote them, for the emergency card.
    pub allergies: Vec<String>,
}

/// Somebody of the care team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Practitioner {
    /// Id on the care team's server.
    pub id: PersonId,
    /// Name as shown.
    pub name: String,
    /// Role as shown, e.g. `Infusion pharmacist`.
    pub role: String,
    /// Ways to reach them.
    pub contacts: Vec<Contact>,
}

/// What a contact is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContactPurpose {
    /// The on-call nurse, day and night.
    OnCallNurse,
    /// The infusion pharmacist.
    Pharmacist,
    /// The emergency services of the place, e.g. 911.
    Emergency,
    /// The office, in office hours.
    Office,
    /// Anything else.
    Other,
}

/// A number to call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// What it is for.
    pub purpose: ContactPurpose,
    /// Who answers, as shown.
    pub label: String,
    /// The number as it is dialled.
    pub phone: String,
    /// When somebody answers, in words, e.g. `24 hours`.
    pub hours: Option<String>,
}

/// What a caregiver may do (FHIR `Consent.provision.action`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Right {
    /// Read the journal and the plan.
    See,
    /// Log doses, symptoms, vitals.
    Log,
    /// Acknowledge alarms.
    Acknowledge,
    /// Write to the care team.
    Message,
    /// Change settings and rights.
    Manage,
}

/// Somebody who helps at home (FHIR `RelatedPerson`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caregiver {
    /// Id on the care team's server.
    pub id: PersonId,
    /// Name as shown.
    pub name: String,
    /// Relationship as shown, e.g. `husband`.
    pub relationship: Option<String>,
    /// What they may do.
    pub rights: Vec<Right>,
    /// From when on; `None` is from ever.
    #[serde(default)]
    pub since: Option<DateTime<Utc>>,
    /// Until when; `None` is until revoked.
    pub until: Option<DateTime<Utc>>,
    /// Phone as dialled.
    pub phone: Option<String>,
}

impl Caregiver {
    /// Whether they have a right at an instant.
    pub fn holds(&self, right: Right, at: DateTime<Utc>) -> bool {
        self.rights.contains(&right)
            && self.since.is_none_or(|since| since <= at)
            && self.until.is_none_or(|until| at <= until)
    }
}

impl Right {
    /// All rights.
    pub const ALL: [Self; 5] = [Self::See, Self::Log, Self::Acknowledge, Self::Message, Self::Manage];

    /// The right as in FHIR and JSON, e.g. `see`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::See => "see",
            Self::Log => "log",
            Self::Acknowledge => "acknowledge",
            Self::Message => "message",
            Self::Manage => "manage",
        }
    }
}
