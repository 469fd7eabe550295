//! The grammar of a rule's condition, as it stands in `data/rules.json`.
//!
//! There is no `not`: what nobody answered must never keep a rule silent. Where a rule speaks only because something was
//! denied, the denial itself is asked for (`others_all_no`).

use homeline_model::{AdministrationStatus, AdviceLevel, AlarmKind, Decimal, DeliveryMethod, Severity, VitalKind};
use serde::Deserialize;
use std::collections::BTreeMap;

/// When a rule speaks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// All of them.
    All(Vec<Condition>),
    /// One of them, or more.
    Any(Vec<Condition>),
    /// The plan holds an order of one of these therapy groups.
    Therapy(Vec<String>),
    /// The plan holds a line of this kind, or does not say what kind it is.
    Line(LineKind),
    /// An order in force is delivered in one of these ways, or the plan does not say how.
    Device(Vec<DeliveryMethod>),
    /// The patient's age, or the plan does not say it.
    Age(AgeCondition),
    /// The days since the therapy began, or the plan does not say when.
    Started(StartedCondition),
    /// A symptom was said to be present.
    Symptom(SymptomCondition),
    /// A site finding was answered with yes.
    Finding(FindingCondition),
    /// A vital sign passed a limit.
    Vital(VitalCondition),
    /// A vital sign rose between two readings.
    Rise(RiseCondition),
    /// The catheter is longer or shorter outside of the skin than it was.
    Moved(MovedCondition),
    /// The pump raised an alarm.
    Alarm(AlarmCondition),
    /// A dose has a status.
    Dose(DoseCondition),
    /// An infusion ended much sooner than ordered.
    EarlyEnd(EarlyEndCondition),
    /// An infusion ended much later than ordered, or its device is not empty then.
    LateEnd(LateEndCondition),
    /// Another condition, which is met at no less than this level.
    Level(LevelCondition),
}

impl Condition {
    /// The same without levels of its own: who sets the level of a rule, sets it for all of it.
    pub(super) fn at_one_level(self) -> Self {
        let all = |parts: Vec<Self>| parts.into_iter().map(Self::at_one_level).collect();
        match self {
            Self::All(parts) => Self::All(all(parts)),
            Self::Any(parts) => Self::Any(all(parts)),
            Self::Level(level) => level.when.at_one_level(),
            Self::Therapy(_)
            | Self::Line(_)
            | Self::Device(_)
            | Self::Age(_)
            | Self::Started(_)
            | Self::Symptom(_)
            | Self::Finding(_)
            | Self::Vital(_)
            | Self::Rise(_)
            | Self::Moved(_)
            | Self::Alarm(_)
            | Self::Dose(_)
            | Self::EarlyEnd(_)
            | Self::LateEnd(_) => self,
        }
    }
}

/// Which line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineKind {
    /// Its tip lies in a central vein.
    Central,
    /// Tunneled through the chest wall.
    Tunneled,
}

/// Completed years of life. An age that is not known meets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgeCondition {
    /// At least so many years.
    #[serde(default)]
    pub from: Option<u32>,
    /// Less than so many years.
    #[serde(default)]
    pub below: Option<u32>,
}

/// Days since the first start of an order; the first day is day 0. A start that is not known meets it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartedCondition {
    /// Of which therapy groups; empty is any order.
    #[serde(default)]
    pub therapy: Vec<String>,
    /// From this day on.
    #[serde(default)]
    pub from_day: Option<i64>,
    /// To the end of this day.
    #[serde(default)]
    pub to_day: Option<i64>,
}

/// Symptoms said to be present.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SymptomCondition {
    /// One of these keys.
    pub keys: Vec<String>,
    /// At least this severe. A severity that was not said does not meet it.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// At least this often.
    #[serde(default = "once")]
    pub times: usize,
    /// Only during a dose or flush, or up to this many minutes after it. No record of any dose in the day before counts
    /// as near when the patient has, or may have, a central line.
    #[serde(default)]
    pub near_dose_minutes: Option<i64>,
}

/// Site findings.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingCondition {
    /// One of these was answered with yes.
    pub keys: Vec<String>,
    /// And all of these were answered with no.
    #[serde(default)]
    pub others_all_no: Vec<String>,
    /// Unless all of these were answered with no.
    #[serde(default)]
    pub unless_all_no: Vec<String>,
}

/// How a value stands to its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// At the limit or above.
    AtLeast,
    /// Above the limit.
    Above,
    /// At the limit or below.
    AtMost,
    /// Below the limit.
    Below,
}

impl Side {
    /// Whether the value is on this side of the limit.
    pub fn holds(self, value: Decimal, limit: Decimal) -> bool {
        match self {
            Self::AtLeast => value >= limit,
            Self::Above => value > limit,
            Self::AtMost => value <= limit,
            Self::Below => value < limit,
        }
    }
}

/// A vital sign beyond a limit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VitalCondition {
    /// Which.
    pub kind: VitalKind,
    /// On which side of the limit.
    pub is: Side,
    /// The limit by UCUM code of the unit typed.
    pub limits: BTreeMap<String, Decimal>,
    /// At least this many readings.
    #[serde(default = "once")]
    pub readings: usize,
    /// Readings closer than this count once, in minutes.
    #[serde(default)]
    pub apart_minutes: i64,
}

/// A rise between two readings, the earlier first.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiseCondition {
    /// Which.
    pub kind: VitalKind,
    /// By at least this much, by UCUM code.
    pub by: BTreeMap<String, Decimal>,
    /// Within this many hours.
    pub hours: i64,
}

/// A change of the catheter's length outside of the skin between two site checks, either way.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MovedCondition {
    /// By at least this much, by UCUM code (`cm`, `[in_i]`).
    pub by: BTreeMap<String, Decimal>,
    /// Within this many hours.
    pub hours: i64,
}

/// Alarms raised on the pump.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlarmCondition {
    /// One of these.
    pub kinds: Vec<AlarmKind>,
    /// Also any alarm whose code is not known.
    #[serde(default)]
    pub unknown_code: bool,
    /// The same alarm at least this often.
    #[serde(default = "once")]
    pub times: usize,
    /// Within this many minutes; 0 is within the rule's hours.
    #[serde(default)]
    pub minutes: i64,
    /// Not cleared since.
    #[serde(default)]
    pub standing: bool,
    /// Only on a pump whose order must not stop. A pump that the plan does not name counts when any order must not stop.
    #[serde(default)]
    pub must_not_stop: bool,
}

/// Statements about a dose.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DoseCondition {
    /// One of these.
    pub status: Vec<AdministrationStatus>,
    /// Nobody said that the care team or the order decided it.
    #[serde(default)]
    pub not_decided_by_team: bool,
    /// Only of an order that is time critical or must not stop.
    #[serde(default)]
    pub critical: bool,
    /// Only of an order that must not stop.
    #[serde(default)]
    pub must_not_stop: bool,
    /// Only of an order of one of these therapy groups; empty is any.
    #[serde(default)]
    pub therapy: Vec<String>,
}

/// An infusion that ended early.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlyEndCondition {
    /// By more than this many percent of the ordered time, for orders whose plan states no limit of its own.
    pub percent: u32,
    /// To which therapy groups that default applies. An order with a limit of its own needs no group.
    pub therapy: Vec<String>,
    /// Only to orders of these groups, also where others have a limit of their own.
    #[serde(default)]
    pub only: bool,
}

/// An infusion that ended late by the limit of its own order, or whose device was seen not to be empty then. No limit is
/// built in: an order without one is never late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LateEndCondition {}

/// A condition that raises the level of its rule.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelCondition {
    /// No less than this.
    pub at_least: AdviceLevel,
    /// When.
    pub when: Box<Condition>,
}

fn once() -> usize {
    1
}
