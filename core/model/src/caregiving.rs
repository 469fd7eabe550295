//! What people at home do for one another beside the doses: who saw an alarm, who asked whom for what and what became of
//! it, who looked into the record, and how two statements about one dose were settled.

use crate::id::{EntryId, PersonId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "act")]
pub enum Caregiving {
    /// Somebody saw the alarm of the entry's dose and takes care of it: it rings no more on any phone. It says nothing of
    /// the dose itself, and nothing of the pump.
    AlarmTaken,
    /// A caregiver's phone showed parts of the record.
    Viewed {
        /// The first look.
        from: DateTime<Utc>,
        /// The last look.
        until: DateTime<Utc>,
        /// Which parts, e.g. `journal`, sorted.
        parts: Vec<String>,
    },
    /// Somebody asked somebody at home for something (FHIR `Task`).
    Asked(Request),
    /// What became of a request, as the one who was asked says.
    Answered {
        /// The request.
        request: EntryId,
        /// What became of it.
        outcome: RequestOutcome,
        /// In own words.
        note: Option<String>,
    },
    /// Statements of two people about the entry's dose were settled. The statements themselves stay as they are.
    Settled {
        /// What was so.
        outcome: Settlement,
        /// The statements that were looked at.
        of: Vec<EntryId>,
    },
}

/// A request to somebody at home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Which caregiver; `None` is the patient.
    pub to: Option<PersonId>,
    /// Their name as shown.
    pub name: String,
    /// What is asked for.
    pub text: String,
    /// Until when. Without an answer by then it is unknown whether it was done.
    pub due: DateTime<Utc>,
}

/// What became of a request. A request without an answer at its time is unknown, and never taken to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestOutcome {
    /// It is done.
    Done,
    /// It will not be done by the one who was asked.
    Refused,
}

/// How two statements about one dose were settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Settlement {
    /// Both spoke of one dose.
    OneDose,
    /// It was given two times.
    TwoDoses,
    /// Nobody can tell any more.
    Unknown,
}
