//! FHIR R4 `Timing` (<https://hl7.org/fhir/R4/datatypes.html#Timing>), typed and complete. What it means is
//! `homeline-schedule`'s business.

use crate::time::FhirDateTime;
use chrono::NaiveTime;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// When an order's doses fall.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Timing {
    /// Named instants or days.
    #[serde(default)]
    pub event: Vec<FhirDateTime>,
    /// The rule of repetition.
    #[serde(default)]
    pub repeat: Option<Repeat>,
    /// A code such as `BID`, as sent. Never shown: several of FHIR's codes are error-prone abbreviations.
    #[serde(default)]
    pub code: Option<String>,
}

/// `Timing.repeat`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Repeat {
    /// From when to when, or for how long.
    pub bounds: Option<Bounds>,
    /// How many times in all; counts from the anchor.
    pub count: Option<u32>,
    /// The most times in all.
    pub count_max: Option<u32>,
    /// How long one dose takes, in `duration_unit`.
    pub duration: Option<Decimal>,
    /// The longest that one dose takes, in `duration_unit`.
    pub duration_max: Option<Decimal>,
    /// Unit of the durations.
    pub duration_unit: Option<PeriodUnit>,
    /// Times per period.
    pub frequency: Option<u32>,
    /// Most times per period.
    pub frequency_max: Option<u32>,
    /// Length of the period, in `period_unit`.
    pub period: Option<Decimal>,
    /// Longest period, in `period_unit`.
    pub period_max: Option<Decimal>,
    /// Unit of the period.
    pub period_unit: Option<PeriodUnit>,
    /// Only on these days.
    pub day_of_week: Vec<DayOfWeek>,
    /// At these times by the clock.
    pub time_of_day: Vec<NaiveTime>,
    /// Around these events of the day.
    pub when: Vec<EventTiming>,
    /// Minutes before or after the event in `when`.
    pub offset_minutes: Option<u32>,
    /// Only on these days of the period, the first being 1 (HL7 extension `timing-daysOfCycle`).
    pub days_of_cycle: Vec<u32>,
}

/// `Timing.repeat.bounds[x]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bounds {
    /// For this long, counted from the anchor.
    Duration {
        /// How many units.
        value: Decimal,
        /// Of what.
        unit: PeriodUnit,
    },
    /// For at least `low` and at most `high`.
    Range {
        /// At least.
        low: Option<Decimal>,
        /// At most.
        high: Option<Decimal>,
        /// Of what.
        unit: PeriodUnit,
    },
    /// From `start` (also the anchor) to `end`.
    Period {
        /// From; also the anchor of `period` and `count`.
        start: Option<FhirDateTime>,
        /// Until, inclusive as FHIR has it.
        end: Option<FhirDateTime>,
    },
}

/// `UnitsOfTime`, the UCUM codes that R4 allows in `Timing`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PeriodUnit {
    /// Second.
    #[serde(rename = "s")]
    Second,
    /// Minute.
    #[serde(rename = "min")]
    Minute,
    /// Hour.
    #[serde(rename = "h")]
    Hour,
    /// Day.
    #[serde(rename = "d")]
    Day,
    /// Week.
    #[serde(rename = "wk")]
    Week,
    /// Calendar month.
    #[serde(rename = "mo")]
    Month,
    /// Calendar year.
    #[serde(rename = "a")]
    Year,
}

/// Days of the week, as FHIR codes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DayOfWeek {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

/// `EventTiming`: an event of the day that a dose hangs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the variants are FHIR's own codes and explained by their value set")]
pub enum EventTiming {
    #[serde(rename = "MORN")]
    Morning,
    #[serde(rename = "MORN.early")]
    EarlyMorning,
    #[serde(rename = "MORN.late")]
    LateMorning,
    #[serde(rename = "NOON")]
    Noon,
    #[serde(rename = "AFT")]
    Afternoon,
    #[serde(rename = "AFT.early")]
    EarlyAfternoon,
    #[serde(rename = "AFT.late")]
    LateAfternoon,
    #[serde(rename = "EVE")]
    Evening,
    #[serde(rename = "EVE.early")]
    EarlyEvening,
    #[serde(rename = "EVE.late")]
    LateEvening,
    #[serde(rename = "NIGHT")]
    Night,
    #[serde(rename = "PHS")]
    AfterSleep,
    #[serde(rename = "HS")]
    BeforeSleep,
    #[serde(rename = "WAKE")]
    Waking,
    #[serde(rename = "C")]
    Meal,
    #[serde(rename = "CM")]
    Breakfast,
    #[serde(rename = "CD")]
    Lunch,
    #[serde(rename = "CV")]
    Dinner,
    #[serde(rename = "AC")]
    BeforeMeal,
    #[serde(rename = "ACM")]
    BeforeBreakfast,
    #[serde(rename = "ACD")]
    BeforeLunch,
    #[serde(rename = "ACV")]
    BeforeDinner,
    #[serde(rename = "PC")]
    AfterMeal,
    #[serde(rename = "PCM")]
    AfterBreakfast,
    #[serde(rename = "PCD")]
    AfterLunch,
    #[serde(rename = "PCV")]
    AfterDinner,
}
