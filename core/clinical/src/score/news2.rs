//! NEWS2 (Royal College of Physicians, 2017), exactly as its chart: seven parameters, 0 to 20 points.
//!
//! Reproduced from: Royal College of Physicians. National Early Warning Score (NEWS) 2: Standardising the assessment of
//! acute-illness severity in the NHS. Updated report of a working party. London: RCP, 2017.
//!
//! No total with a missing input, under 16 years, or in pregnancy: the chart does not hold there. Temperature is rounded
//! to 0.1 °C first, for the chart's steps are tenths.

use homeline_model::Decimal;
use rust_decimal::RoundingStrategy;
use serde::{Deserialize, Deserializer, Serialize};

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
            _ => Err("`spo2_scale` must be 1 or 2"),
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
    /// Age in completed years; `None` is not known.
    pub age_years: Option<u32>,
    /// Pregnancy; `None` is not known.
    pub pregnant: Option<bool>,
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

/// Scores the inputs.
pub fn news2(input: &News2Input) -> News2 {
    let parts = Parts {
        respiratory_rate: input.respiratory_rate.map(|rate| match rate {
            0..=8 => 3,
            9..=11 => 1,
            12..=20 => 0,
            21..=24 => 2,
            25.. => 3,
        }),
        // Above 92 % scale 2 depends on the air that is breathed: without that answer there are no points to give.
        spo2: input.spo2.and_then(|spo2| spo2_points(spo2, input.spo2_scale, input.on_oxygen)),
        on_oxygen: input.on_oxygen.map(|oxygen| if oxygen { 2 } else { 0 }),
        systolic: input.systolic.map(|systolic| match systolic {
            0..=90 => 3,
            91..=100 => 2,
            101..=110 => 1,
            111..=219 => 0,
            220.. => 3,
        }),
        pulse: input.pulse.map(|pulse| match pulse {
            0..=40 => 3,
            41..=50 => 1,
            51..=90 => 0,
            91..=110 => 1,
            111..=130 => 2,
            131.. => 3,
        }),
        consciousness: input.consciousness.map(|level| match level {
            Consciousness::Alert => 0,
            Consciousness::Confusion | Consciousness::Voice | Consciousness::Pain | Consciousness::Unresponsive => 3,
        }),
        temperature_c: input.temperature_c.map(temperature_points),
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
        (Some(0..=15), _) => Some(NoTotal::UnderSixteen),
        (None, _) => Some(NoTotal::AgeUnknown),
        (_, Some(true)) => Some(NoTotal::Pregnant),
        (_, None) => Some(NoTotal::PregnancyUnknown),
        (Some(_), Some(false)) => (!missing.is_empty()).then_some(NoTotal::InputMissing),
    };
    let sum = given.iter().map(|(.., points)| *points).sum::<Option<u32>>();
    News2 { total: if reason.is_none() { sum } else { None }, parts, missing, reason }
}

fn spo2_points(spo2: u32, scale: SpO2Scale, on_oxygen: Option<bool>) -> Option<u32> {
    Some(match (scale, spo2) {
        (SpO2Scale::One, 0..=91) => 3,
        (SpO2Scale::One, 92..=93) => 2,
        (SpO2Scale::One, 94..=95) => 1,
        (SpO2Scale::One, 96..) => 0,
        (SpO2Scale::Two, 0..=83) => 3,
        (SpO2Scale::Two, 84..=85) => 2,
        (SpO2Scale::Two, 86..=87) => 1,
        (SpO2Scale::Two, 88..=92) => 0,
        (SpO2Scale::Two, 93..) => match (on_oxygen?, spo2) {
            (false, _) => 0,
            (true, 0..=94) => 1,
            (true, 95..=96) => 2,
            (true, 97..) => 3,
        },
    })
}

fn temperature_points(celsius: Decimal) -> u32 {
    let tenths = celsius.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero);
    let at_most = |limit: i64| tenths <= Decimal::new(limit, 1);
    if at_most(350) {
        3
    } else if at_most(360) {
        1
    } else if at_most(380) {
        0
    } else if at_most(390) {
        1
    } else {
        2
    }
}

/// A JSON number or text as a decimal, digit for digit: never through a binary float.
fn decimal_as_written<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
    let text = match Option::<serde_json::Value>::deserialize(deserializer)? {
        None | Some(serde_json::Value::Null) => return Ok(None),
        Some(serde_json::Value::Number(number)) => number.to_string(),
        Some(serde_json::Value::String(text)) => text,
        Some(serde_json::Value::Bool(_) | serde_json::Value::Array(_) | serde_json::Value::Object(_)) => String::new(),
    };
    Decimal::from_str_exact(&text).map(Some).map_err(|_| serde::de::Error::custom("`temperature_c` must be a number"))
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
            age_years: Some(40),
            pregnant: Some(false),
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

    /// Each line of the chart as (first value of the band, points), from the RCP chart.
    #[test]
    fn every_edge_of_the_chart_is_where_the_chart_has_it() {
        let bands = |edges: &[(u32, u32)], points: &dyn Fn(u32) -> Option<u32>| {
            for (index, (first, expected)) in edges.iter().enumerate() {
                assert_eq!(points(*first), Some(*expected), "{first}");
                if let Some((next, _)) = edges.get(index + 1) {
                    assert_eq!(points(next - 1), Some(*expected), "{}", next - 1);
                }
            }
        };
        let with = |change: &dyn Fn(&mut News2Input)| {
            let mut input = News2Input::default();
            change(&mut input);
            news2(&input).parts
        };
        bands(&[(0, 3), (9, 1), (12, 0), (21, 2), (25, 3)], &|v| {
            with(&|i| i.respiratory_rate = Some(v)).respiratory_rate
        });
        bands(&[(0, 3), (91, 2), (101, 1), (111, 0), (220, 3)], &|v| with(&|i| i.systolic = Some(v)).systolic);
        bands(&[(0, 3), (41, 1), (51, 0), (91, 1), (111, 2), (131, 3)], &|v| with(&|i| i.pulse = Some(v)).pulse);
        bands(&[(0, 3), (92, 2), (94, 1), (96, 0)], &|v| with(&|i| i.spo2 = Some(v)).spo2);
        for (oxygen, edges) in [
            (false, &[(0_u32, 3_u32), (84, 2), (86, 1), (88, 0)] as &[(u32, u32)]),
            (true, &[(0, 3), (84, 2), (86, 1), (88, 0), (93, 1), (95, 2), (97, 3)]),
        ] {
            bands(edges, &|v| {
                with(&|i| {
                    i.spo2 = Some(v);
                    i.spo2_scale = SpO2Scale::Two;
                    i.on_oxygen = Some(oxygen);
                })
                .spo2
            });
        }
        bands(&[(300, 3), (351, 1), (361, 0), (381, 1), (391, 2)], &|tenths| {
            with(&|i| i.temperature_c = Some(Decimal::new(i64::from(tenths), 1))).temperature_c
        });
    }

    #[test]
    fn temperature_is_rounded_to_a_tenth_before_it_is_scored() {
        for (celsius, points) in [("38.04", 0), ("38.05", 1), ("35.04", 3), ("35.05", 1), ("39.04", 1), ("39.05", 2)] {
            assert_eq!(temperature_points(celsius.parse().unwrap()), points, "{celsius}");
        }
    }

    #[test]
    fn there_is_no_total_under_sixteen_in_pregnancy_or_with_something_unknown() {
        let whole = input((16, 98, false, 122, 72, Consciousness::Alert, "36.8", SpO2Scale::One));
        for (age, pregnant, reason) in [
            (Some(15), Some(false), NoTotal::UnderSixteen),
            (None, Some(false), NoTotal::AgeUnknown),
            (Some(30), Some(true), NoTotal::Pregnant),
            (Some(30), None, NoTotal::PregnancyUnknown),
        ] {
            let score = news2(&News2Input { age_years: age, pregnant, ..whole.clone() });
            assert_eq!((score.total, score.reason), (None, Some(reason)));
        }
        assert_eq!(news2(&News2Input { age_years: Some(16), ..whole }).total, Some(0));
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
    }
}
