//! A trend that the care team asked to be told of: what is watched, by which rule, and at which level it is told.

use crate::advice::AdviceLevel;
use crate::entry::VitalKind;
use crate::id::OrderId;
use crate::quantity::Quantity;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrendSeries {
    /// Body temperature: the highest reading of each day.
    Temperature,
    /// Heart rate: the middle reading of each day.
    Pulse,
    /// Body weight: the first reading of each day.
    Weight,
    /// Pain from 0 to 10: the highest of each day.
    Pain,
    /// How many signs at the site were answered with yes: the most of each day.
    SiteSigns,
    /// Visual infusion phlebitis score, 0 to 5: the highest of each day.
    Vip,
    /// How long each infusion of one order took, in minutes.
    InfusionTime,
    /// Occlusion alarms of the pump on each day on which the pump was heard.
    Occlusions,
    /// Symptoms of each day on which they were asked about: mild counts 1, moderate 2, severe 3.
    SymptomBurden,
    /// Percent of the steps of each day's recorded doses that nobody ticked.
    MissedSteps,
}

impl TrendSeries {
    /// The vital sign that is watched, where it is one.
    pub fn vital(self) -> Option<VitalKind> {
        match self {
            Self::Temperature => Some(VitalKind::Temperature),
            Self::Pulse => Some(VitalKind::Pulse),
            Self::Weight => Some(VitalKind::Weight),
            Self::Pain => Some(VitalKind::Pain),
            Self::SiteSigns
            | Self::Vip
            | Self::InfusionTime
            | Self::Occlusions
            | Self::SymptomBurden
            | Self::MissedSteps => None,
        }
    }
}

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrendDirection {
    /// Up: higher, longer, more.
    Up,
    /// Down: lower, shorter, fewer.
    Down,
}

/// By which rule. A number that the plan leaves out is a cited default, and the notice says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "method")]
pub enum TrendMethod {
    /// Run rule: so many days (or infusions) in a row, each beyond the one before.
    Run {
        /// How many, 1 to 14.
        days: u32,
    },
    /// Exponentially weighted moving average against the patient's own baseline (Roberts 1959).
    Ewma {
        /// Weight of the newest value, above 0 and at most 1.
        weight: Option<Decimal>,
        /// Control limit in standard deviations of the average.
        limit: Option<Decimal>,
    },
    /// One-sided tabular cumulative sum against the patient's own baseline (Page 1954).
    Cusum {
        /// What each value may deviate without adding, in standard deviations.
        slack: Option<Decimal>,
        /// Decision limit of the sum, in standard deviations.
        limit: Option<Decimal>,
    },
}

/// How a trend is told. A trend is never a matter for calling now: that is triage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrendLevel {
    /// Note it for the next contact.
    Note,
    /// Write to the team today, or call in office hours.
    MessageToday,
}

impl From<TrendLevel> for AdviceLevel {
    fn from(level: TrendLevel) -> Self {
        match level {
            TrendLevel::Note => Self::Note,
            TrendLevel::MessageToday => Self::MessageToday,
        }
    }
}

/// One trend of the plan. Values are compared in the unit typed: each unit is a series of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrendRule {
    /// The plan's id of it; no two trends of a plan share one.
    pub rule: String,
    /// What is watched.
    pub series: TrendSeries,
    /// By which rule.
    #[serde(flatten)]
    pub method: TrendMethod,
    /// Which way.
    pub direction: TrendDirection,
    /// The least change that is worth telling, once for each unit that may be typed; empty is any.
    #[serde(default)]
    pub change: Vec<Quantity>,
    /// Only this order; for [`TrendSeries::InfusionTime`].
    #[serde(default)]
    pub order: Option<OrderId>,
    /// How many days the newest part is, that is held against the baseline; 1 to 28.
    #[serde(default)]
    pub watch_days: Option<u32>,
    /// How many days before them the baseline reaches back; 1 to 90.
    #[serde(default)]
    pub baseline_days: Option<u32>,
    /// How many values the baseline needs; 3 to 60.
    #[serde(default)]
    pub least_values: Option<u32>,
    /// For how many days the same trend is not written down again; 1 to 90.
    #[serde(default)]
    pub again_days: Option<u32>,
    /// How it is told.
    pub level: TrendLevel,
    /// The team's own words; `None` takes ours.
    #[serde(default)]
    pub text: Option<String>,
}
