//! What a message carries besides its words, and when the care team answers.

use crate::id::EntryId;
use crate::timing::Timing;
use serde::{Deserialize, Serialize};

/// What a message is about, in the sender's choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageTopic {
    /// The drug, its bag and its doses.
    Medicine,
    /// How it feels.
    Symptom,
    /// The line, the needle, the dressing.
    Line,
    /// The pump.
    Pump,
    /// Deliveries and supplies.
    Supplies,
    /// Visits and blood tests.
    Visit,
    /// Anything else.
    Other,
}

impl MessageTopic {
    /// All topics, in the order in which they are offered.
    pub const ALL: [Self; 7] =
        [Self::Medicine, Self::Symptom, Self::Line, Self::Pump, Self::Supplies, Self::Visit, Self::Other];
}

/// A journal entry that goes with a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachedEntry {
    /// Which.
    pub entry: EntryId,
    /// The FHIR type of the resource that carries it, e.g. `Observation`.
    pub resource_type: String,
    /// What it says, in words, for whoever reads the message without the record.
    pub text: String,
}

/// To whom of the team one can write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recipient {
    /// The infusion pharmacist.
    Pharmacist,
    /// The infusion nurse.
    Nurse,
}

/// When the team answers messages, as it says itself. There is no default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyTime {
    /// Who answers.
    pub recipient: Recipient,
    /// Within how many minutes of the hours in which messages are read; `None` is not said.
    pub within_minutes: Option<u32>,
    /// The hours in which messages are read, by the clock of the home: each slot with its duration. `None` is not said.
    pub hours: Option<Timing>,
}
