//! The record of one alarm of the phone: how far it came on its way from the plan to a person.

use crate::id::OccurrenceId;
use chrono::{DateTime, Utc};
use serde::Serialize;

/// How far an alarm came. Times are when Homeline learned of it, but for `fire_at` and `fired_at`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AlarmRecord {
    /// Its id in the phone's notification centre. With `fire_at` it names the alarm: one that moves is another.
    pub id: String,
    /// When it is to ring.
    pub fire_at: DateTime<Utc>,
    /// What it is about, e.g. `due`, `take-out`, `escalation`.
    pub kind: String,
    /// The dose that it is about.
    pub occurrence: Option<OccurrenceId>,
    /// What was handed: another content is handed again.
    pub content: String,
    /// It was planned.
    pub planned_at: DateTime<Utc>,
    /// The phone took it.
    pub handed_at: Option<DateTime<Utc>>,
    /// The phone listed it as pending, the last time.
    pub pending_at: Option<DateTime<Utc>>,
    /// It rang.
    pub fired_at: Option<DateTime<Utc>>,
    /// A person saw it, or opened the app after it rang.
    pub seen_at: Option<DateTime<Utc>>,
    /// A person did or said something about its dose.
    pub acted_at: Option<DateTime<Utc>>,
    /// It was taken back, because nothing is to be said any more.
    pub withdrawn_at: Option<DateTime<Utc>>,
}
