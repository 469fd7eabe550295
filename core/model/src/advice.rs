//! What triage answers, and what the care plan sets for it.

use crate::entry::VitalKind;
use crate::quantity::Quantity;
use serde::{Deserialize, Serialize};

/// How soon somebody must know. Ordered: a higher level is never lowered by a later entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdviceLevel {
    /// Note it for the next contact.
    Note,
    /// Write to the team today, or call in office hours.
    MessageToday,
    /// Call the on-call nurse now, day or night.
    CallNow,
    /// Call the emergency services.
    Emergency,
}

/// One answer of triage. Never a diagnosis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advice {
    /// The rule's id, e.g. `N01`, or the care plan's own id.
    pub rule: String,
    /// How soon.
    pub level: AdviceLevel,
    /// What to do, one action a line.
    pub text: Vec<String>,
    /// The facts that made the rule speak, in plain words.
    pub because: Vec<String>,
    /// Where the rule comes from.
    pub source: String,
}

/// How a threshold compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Comparison {
    /// At or above the value.
    AtLeast,
    /// At or below the value.
    AtMost,
}

/// A threshold of the care plan for one vital sign. Compared in the unit typed: the plan states one value per unit.
/// Several thresholds of one rule id are one rule, and any of them makes it speak.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Threshold {
    /// The plan's id of it; overrides the built-in rule of the same id.
    pub rule: String,
    /// Which vital sign.
    pub vital: VitalKind,
    /// From which side.
    pub comparison: Comparison,
    /// The limit, once for each unit that may be typed.
    pub limits: Vec<Quantity>,
    /// How soon somebody must know.
    pub level: AdviceLevel,
    /// Speaks only when it was reached several times; `None` is at the first time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeated: Option<Repeated>,
    /// The team's own words; `None` takes the rule's.
    pub text: Option<String>,
}

/// A triage rule of the care plan: it changes the built-in rule of the same id in the parts that it states, or is a rule
/// of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRule {
    /// The built-in rule's id, e.g. `E12`, or one of the team's own.
    pub id: String,
    /// How soon somebody must know; `None` keeps the built-in rule's.
    pub level: Option<AdviceLevel>,
    /// How far back it looks, in hours; `None` keeps the built-in rule's, or is 24.
    pub hours: Option<u32>,
    /// When it speaks, as the JSON of a condition (`docs/care-plan.md`); `None` keeps the built-in rule's.
    pub when: Option<String>,
    /// The team's own words, one action a line; `None` keeps the built-in rule's.
    pub text: Option<String>,
}

/// "3 readings within 24 hours, at least 2 hours apart".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Repeated {
    /// How many readings, at least 1.
    pub readings: u32,
    /// From the first to the last that count, in minutes.
    pub within_minutes: u32,
    /// Readings closer than this count once, in minutes.
    pub apart_minutes: u32,
}

/// Kinds of pump alarm, as alarm advice names them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlarmKind {
    /// The pump cannot push the drug into the line.
    OcclusionDownstream,
    /// The pump cannot draw from the bag.
    OcclusionUpstream,
    /// Air in the line.
    AirInLine,
    /// Battery low.
    BatteryLow,
    /// Battery empty: nothing is delivered.
    BatteryDepleted,
    /// Little left in the bag.
    ReservoirLow,
    /// Nothing left in the bag.
    ReservoirEmpty,
    /// The infusion is complete.
    InfusionComplete,
    /// Door open, or cassette not attached.
    DoorOpen,
    /// Stopped and left stopped.
    PumpStopped,
    /// A fault of the pump.
    SystemFault,
    /// A code that we do not know: shown with its number and the pump's own text.
    Unknown(u32),
}

/// What the patient was taught to do about an alarm, from the provider's own pump sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmAdvice {
    /// Which alarm.
    pub alarm: AlarmKind,
    /// The taught steps, one action each.
    pub steps: Vec<String>,
    /// How soon somebody must know if the steps do not help, or when it comes again.
    pub if_repeated: AdviceLevel,
}
