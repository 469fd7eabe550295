//! NEWS2 (Royal College of Physicians, 2017), exactly as its chart: seven parameters, 0 to 20 points.
//!
//! Reproduced from: Royal College of Physicians. National Early Warning Score (NEWS) 2: Standardising the assessment of
//! acute-illness severity in the NHS. Updated report of a working party. London: RCP, 2017.
//!
//! The chart is `data/news2.json`. No total with a missing input, under 16 years, or in pregnancy: the chart does not hold
//! there. Temperature is rounded to 0.1 °C first, for the chart's steps are tenths.

use homeline_model::Decimal;
use rust_decimal::RoundingStrategy;
use serde::{Deserialize, Deserializer, Serialize};
use std::sync::LazyLock;

/// Which SpO2 scale. Scale 2 (target 88 to 92 %) only when a clinician set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum SpO2Scale {
    /// For everybody else.
    #[default]
    One,
    /// For hypercapnic respiratory failure.
    Two,
}

impl TryFrom<u8> for SpO2Scale {
    type Error = &'static str;
    fn try_from(scale: u8) -> Result<Self, &'static str> {
        match scale {
            1 => Ok(Self::One),
            2 => Ok(Self::Two),
            _ => Err("must be 1 or 2"),
        }
    }
}

impl From<SpO2Scale> for u8 {
    fn from(scale: SpO2Scale) -> Self {
        match scale {
            SpO2Scale::One => 1,
            SpO2Scale::Two => 2,
        }
    }
}

/// Level of consciousness (ACVPU).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Consciousness {
    /// Alert.
    #[serde(rename = "A", alias = "alert")]
    Alert,
    /// New confusion.
    #[serde(rename = "C", alias = "confusion")]
    Confusion,
    /// Responds to voice.
    #[serde(rename = "V", alias = "voice")]
    Voice,
    /// Responds to pain.
    #[serde(rename = "P", alias = "pain")]
    Pain,
    /// Unresponsive.
    #[serde(rename = "U", alias = "unresponsive")]
    Unresponsive,
}

/// What was said about something that decides whether the chart holds at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stated<T> {
    /// Nothing: whoever scores has seen to it.
    #[default]
    NotAsked,
    /// That it is not known; `null` in JSON.
    Unknown,
    /// This.
    Is(T),
}

impl<T> From<Option<T>> for Stated<T> {
    fn from(known: Option<T>) -> Self {
        known.map_or(Self::Unknown, Self::Is)
    }
}

/// The inputs; `None` is not measured.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct News2Input {
    /// Breaths per minute.
    pub respiratory_rate: Option<u32>,
    /// Oxygen saturation, %.
    pub spo2: Option<u32>,
    /// Which scale that saturation is read on.
    pub spo2_scale: SpO2Scale,
    /// Breathing oxygen rather than air.
    pub on_oxygen: Option<bool>,
    /// Systolic blood pressure, mmHg.
    pub systolic: Option<u32>,
    /// Pulse per minute.
    pub pulse: Option<u32>,
    /// Level of consciousness.
    pub consciousness: Option<Consciousness>,
    /// Temperature in °C.
    #[serde(deserialize_with = "decimal_as_written")]
    pub temperature_c: Option<Decimal>,
    /// Age in years. Below 16 there is no total, and none when it is not known.
    #[serde(deserialize_with = "stated_decimal")]
    pub age_years: Stated<Decimal>,
    /// Pregnancy. With it there is no total, and none when it is not known.
    #[serde(deserialize_with = "stated_yes_or_no")]
    pub pregnant: Stated<bool>,
}

/// Why there is no total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoTotal {
    /// Under 16 years.
    UnderSixteen,
    /// The age is not known.
    AgeUnknown,
    /// In pregnancy.
    Pregnant,
    /// Pregnancy is not known; say `false` where it cannot be.
    PregnancyUnknown,
    /// An input is missing.
    InputMissing,
}

/// Points for each parameter; `None` where the input is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Parts {
    /// Breaths.
    pub respiratory_rate: Option<u32>,
    /// Oxygen saturation.
    pub spo2: Option<u32>,
    /// Air or oxygen.
    pub on_oxygen: Option<u32>,
    /// Systolic blood pressure.
    pub systolic: Option<u32>,
    /// Pulse.
    pub pulse: Option<u32>,
    /// Consciousness.
    pub consciousness: Option<u32>,
    /// Temperature.
    pub temperature_c: Option<u32>,
}

/// The score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct News2 {
    /// 0 to 20; `None` with the reason beside it.
    pub total: Option<u32>,
    /// Points for each parameter, also when there is no total.
    pub parts: Parts,
    /// Inputs that are missing.
    pub missing: Vec<&'static str>,
    /// Why there is no total.
    pub reason: Option<NoTotal>,
}

/// The chart, `data/news2.json`: bands by their first value, in ascending order.
#[derive(Deserialize)]
struct Chart {
    respiratory_rate: Vec<(u32, u32)>,
    spo2_scale_1: Vec<(u32, u32)>,
    spo2_scale_2_air: Vec<(u32, u32)>,
    spo2_scale_2_oxygen: Vec<(u32, u32)>,
    air_or_oxygen: AirOrOxygen,
    systolic: Vec<(u32, u32)>,
    pulse: Vec<(u32, u32)>,
    consciousness: Alertness,
    temperature_tenths_c: Vec<(u32, u32)>,
}

#[derive(Deserialize)]
struct AirOrOxygen {
    air: u32,
    oxygen: u32,
}

#[derive(Deserialize)]
struct Alertness {
    alert: u32,
    not_alert: u32,
}

static CHART: LazyLock<Chart> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/news2.json")).expect("embedded, and read by the tests")
});

/// The points of the last band that begins at the value or below.
fn points(bands: &[(u32, u32)], value: u32) -> Option<u32> {
    bands.iter().rev().find(|(first, _)| *first <= value).map(|(_, points)| *points)
}

/// Scores the inputs.
pub fn news2(input: &News2Input) -> News2 {
    let chart = &*CHART;
    let parts = Parts {
        respiratory_rate: input.respiratory_rate.and_then(|rate| points(&chart.respiratory_rate, rate)),
        spo2: input.spo2.and_then(|spo2| spo2_points(spo2, input.spo2_scale, input.on_oxygen)),
        on_oxygen: input.on_oxygen.map(|on| if on { chart.air_or_oxygen.oxygen } else { chart.air_or_oxygen.air }),
        systolic: input.systolic.and_then(|systolic| points(&chart.systolic, systolic)),
        pulse: input.pulse.and_then(|pulse| points(&chart.pulse, pulse)),
        consciousness: input.consciousness.map(|level| match level {
            Consciousness::Alert => chart.consciousness.alert,
            Consciousness::Confusion | Consciousness::Voice | Consciousness::Pain | Consciousness::Unresponsive => {
                chart.consciousness.not_alert
            }
        }),
        temperature_c: input.temperature_c.and_then(temperature_points),
    };
    let given = [
        ("respiratory_rate", input.respiratory_rate.is_some(), parts.respiratory_rate),
        ("spo2", input.spo2.is_some(), parts.spo2),
        ("on_oxygen", input.on_oxygen.is_some(), parts.on_oxygen),
        ("systolic", input.systolic.is_some(), parts.systolic),
        ("pulse", input.pulse.is_some(), parts.pulse),
        ("consciousness", input.consciousness.is_some(), parts.consciousness),
        ("temperature_c", input.temperature_c.is_some(), parts.temperature_c),
    ];
    let missing: Vec<&'static str> = given.iter().filter(|(_, given, _)| !given).map(|(name, ..)| *name).collect();
    let reason = match (input.age_years, input.pregnant) {
        (Stated::Is(age), _) if age < Decimal::from(16) => Some(NoTotal::UnderSixteen),
        (Stated::Unknown, _) => Some(NoTotal::AgeUnknown),
        (_, Stated::Is(true)) => Some(NoTotal::Pregnant),
        (_, Stated::Unknown) => Some(NoTotal::PregnancyUnknown),
        (Stated::Is(_) | Stated::NotAsked, Stated::Is(false) | Stated::NotAsked) => {
            (!missing.is_empty()).then_some(NoTotal::InputMissing)
        }
    };
    let sum = given.iter().map(|(.., points)| *points).sum::<Option<u32>>();
    News2 { total: if reason.is_none() { sum } else { None }, parts, missing, reason }
}

/// Above 92 % scale 2 depends on the air that is breathed: without that answer there are no points to give.
fn spo2_points(spo2: u32, scale: SpO2Scale, on_oxygen: Option<bool>) -> Option<u32> {
    let chart = &*CHART;
    let (air, oxygen) = match scale {
        SpO2Scale::One => (&chart.spo2_scale_1, &chart.spo2_scale_1),
        SpO2Scale::Two => (&chart.spo2_scale_2_air, &chart.spo2_scale_2_oxygen),
    };
    let (on_air, on_oxygen_points) = (points(air, spo2), points(oxygen, spo2));
    match on_oxygen {
        Some(false) => on_air,
        Some(true) => on_oxygen_points,
        None => on_air.filter(|_| on_air == on_oxygen_points),
    }
}

fn temperature_points(celsius: Decimal) -> Option<u32> {
    let tenths = celsius.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero);
    let tenths = tenths.checked_mul(Decimal::TEN)?.max(Decimal::ZERO);
    points(&CHART.temperature_tenths_c, u32::try_from(tenths).ok()?)
}

/// A JSON number or text as a decimal, digit for digit: never through a binary float.
fn decimal_as_written<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
    let text = match Option::<serde_json::Value>::deserialize(deserializer)? {
        None | Some(serde_json::Value::Null) => return Ok(None),
        Some(serde_json::Value::Number(number)) => number.to_string(),
        Some(serde_json::Value::String(text)) => text,
        Some(serde_json::Value::Bool(_) | serde_json::Value::Array(_) | serde_json::Value::Object(_)) => String::new(),
    };
    Decimal::from_str_exact(&text).map(Some).map_err(|_| serde::de::Error::custom("must be a number"))
}

fn stated_decimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Stated<Decimal>, D::Error> {
    decimal_as_written(deserializer).map(Stated::from)
}

fn stated_yes_or_no<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Stated<bool>, D::Error> {
    Option::<bool>::deserialize(deserializer).map(Stated::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Take<'a> = &'a dyn Fn(&mut News2Input);
    type Row = (u32, u32, bool, u32, u32, Consciousness, &'static str, SpO2Scale);

    fn input((rate, spo2, oxygen, systolic, pulse, consciousness, celsius, scale): Row) -> News2Input {
        News2Input {
            respiratory_rate: Some(rate),
            spo2: Some(spo2),
            spo2_scale: scale,
            on_oxygen: Some(oxygen),
            systolic: Some(systolic),
            pulse: Some(pulse),
            consciousness: Some(consciousness),
            temperature_c: Some(celsius.parse().unwrap()),
            age_years: Stated::Is(Decimal::from(40)),
            pregnant: Stated::Is(false),
        }
    }

    #[test]
    fn worked_examples_give_their_totals() {
        use Consciousness::{Alert, Confusion, Unresponsive};
        use SpO2Scale::{One, Two};
        let rows: [(Row, u32); 12] = [
            ((16, 98, false, 122, 72, Alert, "36.8", One), 0),
            ((12, 96, false, 111, 51, Alert, "36.1", One), 0),
            ((11, 94, false, 110, 50, Alert, "36.0", One), 5),
            ((21, 95, false, 108, 104, Alert, "38.0", One), 5),
            ((21, 95, false, 108, 104, Alert, "38.1", One), 6),
            ((24, 92, false, 100, 110, Alert, "38.5", One), 8),
            ((25, 91, true, 90, 131, Confusion, "39.1", One), 19),
            ((8, 83, true, 220, 40, Unresponsive, "35.0", Two), 20),
            ((20, 93, false, 140, 90, Alert, "37.5", Two), 0),
            ((20, 93, true, 140, 90, Alert, "37.5", Two), 3),
            ((20, 97, true, 140, 90, Alert, "37.5", Two), 5),
            ((9, 88, false, 219, 91, Alert, "39.0", Two), 3),
        ];
        for (row, total) in rows {
            assert_eq!(news2(&input(row)).total, Some(total), "{row:?}");
        }
    }

    /// Both edges of every band, typed from the publication as ranges: the table in use is held against it.
    const CHART_EDGES: &str = include_str!("../../tests/news2_chart.csv");

    #[test]
    fn every_edge_of_the_chart_is_where_the_chart_has_it() {
        let mut rows = 0;
        for line in CHART_EDGES.lines().skip(1) {
            let fields: Vec<&str> = line.split(',').collect();
            let [parameter, value, expected] = fields[..] else { panic!("{line}") };
            let number = || value.parse::<u32>().unwrap();
            let mut input = News2Input::default();
            let part: fn(&Parts) -> Option<u32> = match parameter {
                "respiratory_rate" => {
                    input.respiratory_rate = Some(number());
                    |parts| parts.respiratory_rate
                }
                "systolic" => {
                    input.systolic = Some(number());
                    |parts| parts.systolic
                }
                "pulse" => {
                    input.pulse = Some(number());
                    |parts| parts.pulse
                }
                "temperature_c" => {
                    input.temperature_c = Some(value.parse().unwrap());
                    |parts| parts.temperature_c
                }
                "on_oxygen" => {
                    input.on_oxygen = Some(value == "true");
                    |parts| parts.on_oxygen
                }
                "consciousness" => {
                    input.consciousness = Some(serde_json::from_value(value.into()).unwrap());
                    |parts| parts.consciousness
                }
                spo2 => {
                    input.spo2 = Some(number());
                    input.spo2_scale = if spo2.starts_with("spo2_scale_2") { SpO2Scale::Two } else { SpO2Scale::One };
                    input.on_oxygen = Some(spo2.ends_with("oxygen"));
                    |parts| parts.spo2
                }
            };
            assert_eq!(part(&news2(&input).parts), expected.parse().ok(), "{line}");
            rows += 1;
        }
        assert_eq!(rows, 81, "every row of the chart was read");
    }

    #[test]
    fn scale_2_above_92_percent_needs_to_know_the_air() {
        let at = |spo2| News2Input { spo2: Some(spo2), spo2_scale: SpO2Scale::Two, ..News2Input::default() };
        assert_eq!(news2(&at(92)).parts.spo2, Some(0));
        assert_eq!(news2(&at(93)).parts.spo2, None);
    }

    #[test]
    fn temperature_is_rounded_to_a_tenth_before_it_is_scored() {
        for (celsius, points) in [("38.04", 0), ("38.05", 1), ("35.04", 3), ("35.05", 1), ("39.04", 1), ("39.05", 2)] {
            assert_eq!(temperature_points(celsius.parse().unwrap()), Some(points), "{celsius}");
        }
    }

    #[test]
    fn there_is_no_total_under_sixteen_in_pregnancy_or_with_something_unknown() {
        let whole = input((16, 98, false, 122, 72, Consciousness::Alert, "36.8", SpO2Scale::One));
        let years = |years: &str| Stated::Is(years.parse().unwrap());
        for (age_years, pregnant, reason) in [
            (years("15"), Stated::Is(false), NoTotal::UnderSixteen),
            (years("15.99"), Stated::NotAsked, NoTotal::UnderSixteen),
            (Stated::Unknown, Stated::Is(false), NoTotal::AgeUnknown),
            (years("30"), Stated::Is(true), NoTotal::Pregnant),
            (years("30"), Stated::Unknown, NoTotal::PregnancyUnknown),
        ] {
            let score = news2(&News2Input { age_years, pregnant, ..whole.clone() });
            assert_eq!((score.total, score.reason), (None, Some(reason)));
        }
        assert_eq!(news2(&News2Input { age_years: years("16"), ..whole.clone() }).total, Some(0));
        let not_asked = News2Input { age_years: Stated::NotAsked, pregnant: Stated::NotAsked, ..whole };
        assert_eq!(news2(&not_asked).total, Some(0), "who leaves both out has seen to them");
    }

    #[test]
    fn each_missing_input_is_named_and_takes_the_total() {
        let whole = input((16, 98, false, 122, 72, Consciousness::Alert, "36.8", SpO2Scale::One));
        let without: [(&str, Take<'_>); 7] = [
            ("respiratory_rate", &|i| i.respiratory_rate = None),
            ("spo2", &|i| i.spo2 = None),
            ("on_oxygen", &|i| i.on_oxygen = None),
            ("systolic", &|i| i.systolic = None),
            ("pulse", &|i| i.pulse = None),
            ("consciousness", &|i| i.consciousness = None),
            ("temperature_c", &|i| i.temperature_c = None),
        ];
        for (name, take) in without {
            let mut input = whole.clone();
            take(&mut input);
            let score = news2(&input);
            assert_eq!((score.total, score.missing, score.reason), (None, vec![name], Some(NoTotal::InputMissing)));
        }
    }

    #[test]
    fn it_reads_and_writes_the_json_of_the_machine_door() {
        let json = r#"{"respiratory_rate":21,"spo2":95,"spo2_scale":1,"on_oxygen":false,"systolic":108,"pulse":104,
                       "consciousness":"A","temperature_c":38.0,"age_years":40,"pregnant":false}"#;
        let score = news2(&serde_json::from_str(json).unwrap());
        let value = serde_json::to_value(&score).unwrap();
        assert_eq!(value["total"], 5);
        assert_eq!(value["parts"]["temperature_c"], 0);
        assert_eq!(value["missing"], serde_json::json!([]));
        assert!(serde_json::from_str::<News2Input>(r#"{"temperature_c":true}"#).is_err());
        assert!(serde_json::from_str::<News2Input>(r#"{"spo2_scale":3}"#).is_err());
        let unknown: News2Input = serde_json::from_str(r#"{"age_years":null,"pregnant":null}"#).unwrap();
        assert_eq!((unknown.age_years, unknown.pregnant), (Stated::Unknown, Stated::Unknown));
    }
}
