//! From what a person types ("100.8 F", "118/76") to vital signs in the unit typed.
//!
//! Nothing is converted: a threshold compares in the unit typed, so 38.0 °C and 100.4 °F each meet their own limit and no
//! rounding lies between. A value that cannot be right is refused with the range and, where it would fit another unit of
//! the same vital sign, with that unit. Units: UCUM; names, spellings and ranges: `data/vitals.json`.

use crate::error::ClinicalError;
use crate::language::Language;
use homeline_model::{Decimal, Quantity, Unit, Vital, VitalKind};
use serde::Deserialize;
use std::sync::LazyLock;

#[derive(Deserialize)]
struct VitalFile {
    vitals: Vec<VitalRow>,
}

#[derive(Deserialize)]
struct VitalRow {
    vital: VitalKind,
    en: String,
    es: String,
    names: Vec<String>,
    #[serde(default)]
    whole: bool,
    units: Vec<UnitRow>,
}

#[derive(Deserialize)]
struct UnitRow {
    code: String,
    display: String,
    spellings: Vec<String>,
    low: Decimal,
    high: Decimal,
}

static VITALS: LazyLock<VitalFile> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../data/vitals.json")).expect("embedded, and read by the tests")
});

const EXAMPLES: &str = "type a value and its unit, e.g. 38.2 C, 100.8 F, 72 kg, 160 lb, 118/76, 97 %, pulse 88, \
                        breaths 16, glucose 110 mg/dL, pain 4";
/// More digits than any instrument shows.
const MOST_CHARACTERS: usize = 64;

fn row(kind: VitalKind) -> &'static VitalRow {
    VITALS.vitals.iter().find(|row| row.vital == kind).expect("every kind has a row, says the test")
}

/// The name of a vital sign as shown.
pub fn vital_name(kind: VitalKind, language: Language) -> &'static str {
    match language {
        Language::English | Language::Other(_) => &row(kind).en,
        Language::Spanish => &row(kind).es,
    }
}

/// The vital sign of this name, in any case; `None` for any other word.
pub fn vital_kind(name: &str) -> Option<VitalKind> {
    let name = name.trim().to_lowercase().replace(['-', '_'], " ");
    let key =
        |row: &VitalRow| serde_json::to_value(row.vital).ok().and_then(|key| Some(key.as_str()?.replace('-', " ")));
    let found = VITALS.vitals.iter().find(|row| row.names.contains(&name) || key(row).is_some_and(|key| key == name));
    found.map(|row| row.vital)
}

/// Whether a vital sign may be typed in this UCUM unit.
pub(crate) fn takes_unit(kind: VitalKind, code: &str) -> bool {
    row(kind).units.iter().any(|unit| unit.code == code)
}

/// How a unit of a vital sign is shown; the code itself when the unit is not one of ours.
pub(crate) fn unit_display(kind: VitalKind, code: &str) -> &str {
    row(kind).units.iter().find(|unit| unit.code == code).map_or(code, |unit| unit.display.as_str())
}

/// Reads one vital sign, or the two of a blood pressure (`118/76`, systolic first).
///
/// A name may stand before the value (`pulse 88`) and must where the unit alone does not say which vital sign it is. The
/// decimal sign is a point or a comma. Errors: `VitalNotRead` with examples, `VitalOutOfRange` with the range.
pub fn parse_vital(typed: &str) -> Result<Vec<Vital>, ClinicalError> {
    let typed = typed.trim().to_lowercase();
    if typed.is_empty() || typed.chars().count() > MOST_CHARACTERS {
        return Err(ClinicalError::VitalNotRead { remedy: EXAMPLES });
    }
    let start = typed.find(|c: char| c.is_ascii_digit() || matches!(c, '-' | '.')).unwrap_or(typed.len());
    let (name, rest) = typed.split_at(start);
    let end = rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '-'))).unwrap_or(rest.len());
    let (number, unit) = rest.split_at(end);
    let name = name.trim().trim_end_matches(':').trim();
    let unit = unit.trim();

    if let Some(second) = unit.strip_prefix('/')
        && second.trim_start().starts_with(|c: char| c.is_ascii_digit())
        && !(name.is_empty() || is_blood_pressure(name))
    {
        return named_score(name, number, unit);
    }
    if let Some(second) = unit.strip_prefix('/')
        && second.trim_start().starts_with(|c: char| c.is_ascii_digit())
    {
        return blood_pressure(number, second.trim_start());
    }
    let value = decimal(number)?;
    let (row, unit) = if name.is_empty() { row_of_unit(unit)? } else { row_of_name(name, unit)? };
    let vital =
        Vital { vital: row.vital, value: Quantity { value, unit: Unit::with_display(&unit.code, &unit.display) } };
    check_vital(&vital)?;
    Ok(vec![vital])
}

/// Whether the value can be right: within the plausible range of its unit, whole where the vital sign is counted. For
/// values from devices and forms.
pub fn check_vital(vital: &Vital) -> Result<(), ClinicalError> {
    let row = row(vital.vital);
    let Some(unit) = row.units.iter().find(|unit| unit.code == vital.value.unit.code) else {
        return Err(ClinicalError::VitalNotRead { remedy: EXAMPLES });
    };
    let value = vital.value.value;
    let fits = |unit: &UnitRow| value >= unit.low && value <= unit.high;
    let fraction = row.whole && !value.fract().is_zero();
    if fits(unit) && !fraction {
        return Ok(());
    }
    let remedy = match row.units.iter().find(|other| other.code != unit.code && fits(other)) {
        Some(other) => format!("is it {}? If the number is right, call your nurse", other.display),
        None if fraction => "use a whole number".to_owned(),
        None => "check the number; if it is right, call your nurse".to_owned(),
    };
    Err(ClinicalError::VitalOutOfRange {
        vital: key(row.vital),
        unit: unit.display.clone(),
        low: unit.low.to_string(),
        high: unit.high.to_string(),
        remedy,
    })
}

fn key(kind: VitalKind) -> String {
    serde_json::to_value(kind).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn decimal(text: &str) -> Result<Decimal, ClinicalError> {
    let unreadable = ClinicalError::VitalNotRead { remedy: EXAMPLES };
    if text.matches(',').count() + text.matches('.').count() > 1 {
        return Err(unreadable);
    }
    // ".5" is read as 5 too easily (ISMP): the zero must be typed.
    let starts_and_ends_with_digit = text.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit())
        && text.ends_with(|c: char| c.is_ascii_digit());
    if !starts_and_ends_with_digit {
        return Err(unreadable);
    }
    Decimal::from_str_exact(&text.replace(',', ".")).map_err(|_| unreadable)
}

fn row_of_unit(unit: &str) -> Result<(&'static VitalRow, &'static UnitRow), ClinicalError> {
    if unit.is_empty() {
        return Err(ClinicalError::VitalNotRead { remedy: EXAMPLES });
    }
    let mut fitting = VITALS.vitals.iter().filter_map(|row| {
        row.units.iter().find(|candidate| candidate.spellings.iter().any(|spelling| spelling == unit)).map(|u| (row, u))
    });
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => Ok(only),
        (Some(_), Some(_)) => {
            Err(ClinicalError::VitalNotRead { remedy: "say which vital sign it is, e.g. pulse 88 or breaths 16" })
        }
        (None, _) => Err(ClinicalError::VitalNotRead { remedy: EXAMPLES }),
    }
}

fn row_of_name(name: &str, unit: &str) -> Result<(&'static VitalRow, &'static UnitRow), ClinicalError> {
    let row = VITALS
        .vitals
        .iter()
        .find(|row| row.names.iter().any(|known| known == name))
        .ok_or(ClinicalError::VitalNotRead { remedy: EXAMPLES })?;
    let found = if unit.is_empty() {
        // Two units: which one was meant is not guessed.
        match row.units.as_slice() {
            [only] => Some(only),
            _ => {
                return Err(ClinicalError::VitalNotRead {
                    remedy: "say the unit, e.g. 38.2 C or 100.8 F, 72 kg or 160 lb",
                });
            }
        }
    } else {
        row.units.iter().find(|candidate| candidate.spellings.iter().any(|spelling| spelling == unit))
    };
    found.map(|unit| (row, unit)).ok_or(ClinicalError::VitalNotRead { remedy: EXAMPLES })
}

fn is_blood_pressure(name: &str) -> bool {
    matches!(name, "bp" | "blood pressure" | "pressure" | "presión" | "presion")
}

fn named_score(name: &str, number: &str, unit: &str) -> Result<Vec<Vital>, ClinicalError> {
    let (row, unit) = row_of_name(name, unit)?;
    let vital = Vital {
        vital: row.vital,
        value: Quantity { value: decimal(number)?, unit: Unit::with_display(&unit.code, &unit.display) },
    };
    check_vital(&vital)?;
    Ok(vec![vital])
}

fn blood_pressure(systolic: &str, rest: &str) -> Result<Vec<Vital>, ClinicalError> {
    let end = rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ','))).unwrap_or(rest.len());
    let (diastolic, unit) = rest.split_at(end);
    let pressure = &row(VitalKind::SystolicBloodPressure).units[0];
    let unit = unit.trim();
    if !unit.is_empty() && !pressure.spellings.iter().any(|spelling| spelling == unit) {
        return Err(ClinicalError::VitalNotRead { remedy: EXAMPLES });
    }
    let unit = Unit::with_display(&pressure.code, &pressure.display);
    let (systolic, diastolic) = (decimal(systolic)?, decimal(diastolic)?);
    if systolic <= diastolic {
        return Err(ClinicalError::VitalNotRead { remedy: "type the upper blood pressure first, e.g. 118/76" });
    }
    let vitals = vec![
        Vital { vital: VitalKind::SystolicBloodPressure, value: Quantity { value: systolic, unit: unit.clone() } },
        Vital { vital: VitalKind::DiastolicBloodPressure, value: Quantity { value: diastolic, unit } },
    ];
    vitals.iter().try_for_each(check_vital)?;
    Ok(vitals)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(typed: &str) -> (VitalKind, String, String) {
        let vitals = parse_vital(typed).unwrap_or_else(|error| panic!("{typed}: {error}"));
        assert_eq!(vitals.len(), 1, "{typed}");
        let vital = &vitals[0];
        (vital.vital, vital.value.value.to_string(), vital.value.unit.code.clone())
    }

    #[test]
    fn every_kind_has_a_row_with_a_range_in_every_unit() {
        for kind in [
            VitalKind::Temperature,
            VitalKind::Pulse,
            VitalKind::SystolicBloodPressure,
            VitalKind::DiastolicBloodPressure,
            VitalKind::OxygenSaturation,
            VitalKind::RespiratoryRate,
            VitalKind::Weight,
            VitalKind::Glucose,
            VitalKind::Pain,
        ] {
            let row = row(kind);
            assert!(!row.units.is_empty());
            assert!(row.units.iter().all(|unit| unit.low < unit.high));
        }
    }

    #[test]
    fn a_value_keeps_the_unit_and_the_digits_that_were_typed() {
        for (typed, kind, value, unit) in [
            ("38.2 C", VitalKind::Temperature, "38.2", "Cel"),
            ("38.20C", VitalKind::Temperature, "38.20", "Cel"),
            ("38,2 °C", VitalKind::Temperature, "38.2", "Cel"),
            ("100.8 F", VitalKind::Temperature, "100.8", "[degF]"),
            ("temp: 100.4ºF", VitalKind::Temperature, "100.4", "[degF]"),
            ("72 kg", VitalKind::Weight, "72", "kg"),
            ("160.5 lbs", VitalKind::Weight, "160.5", "[lb_av]"),
            ("97%", VitalKind::OxygenSaturation, "97", "%"),
            ("88 bpm", VitalKind::Pulse, "88", "/min"),
            ("pulse 88", VitalKind::Pulse, "88", "/min"),
            ("pulse 88 /min", VitalKind::Pulse, "88", "/min"),
            ("breaths 16", VitalKind::RespiratoryRate, "16", "/min"),
            ("glucose 110 mg/dL", VitalKind::Glucose, "110", "mg/dL"),
            ("6.1 mmol/L", VitalKind::Glucose, "6.1", "mmol/L"),
            ("pain 4", VitalKind::Pain, "4", "{score}"),
            ("pain 4/10", VitalKind::Pain, "4", "{score}"),
        ] {
            assert_eq!(one(typed), (kind, value.to_owned(), unit.to_owned()), "{typed}");
        }
    }

    #[test]
    fn a_blood_pressure_is_two_vital_signs() {
        for typed in ["118/76", "118 / 76 mmHg", "bp 118/76"] {
            let vitals = parse_vital(typed).unwrap_or_else(|error| panic!("{typed}: {error}"));
            let values: Vec<String> = vitals.iter().map(|vital| vital.value.value.to_string()).collect();
            assert_eq!(values, ["118", "76"], "{typed}");
        }
        assert!(parse_vital("76/118").unwrap_err().to_string().contains("upper blood pressure first"));
    }

    #[test]
    fn what_cannot_be_right_is_refused_with_the_range() {
        assert_eq!(
            parse_vital("100.8 C").unwrap_err().to_string(),
            "`temperature` must be from 25 to 45 °C: is it °F? If the number is right, call your nurse"
        );
        for typed in ["24.9 C", "45.1 C", "113.1 F", "pulse 19", "pulse 301", "101 %", "pain 11", "500 kg", "-38 C"] {
            assert!(matches!(parse_vital(typed), Err(ClinicalError::VitalOutOfRange { .. })), "{typed}");
        }
        for typed in ["25 C", "45.0 C", "77 F", "113 F", "pulse 20", "pulse 300", "100 %", "pain 0", "pain 10"] {
            assert!(parse_vital(typed).is_ok(), "{typed}");
        }
        assert!(parse_vital("pulse 88.5").unwrap_err().to_string().contains("whole number"));
    }

    #[test]
    fn what_is_not_clear_is_asked_for_and_never_guessed() {
        for (typed, hint) in [
            ("38.2", "e.g."),
            ("temp 38.2", "say the unit"),
            ("weight 72", "say the unit"),
            ("88 /min", "which vital sign"),
            (".5 kg", "e.g."),
            ("1,234.5 kg", "e.g."),
            ("hot", "e.g."),
            ("", "e.g."),
            ("38.2 K", "e.g."),
            ("118/", "e.g."),
            ("/", "e.g."),
        ] {
            let error = parse_vital(typed).expect_err(typed);
            assert!(matches!(error, ClinicalError::VitalNotRead { .. }), "{typed}: {error}");
            assert!(error.to_string().contains(hint), "{typed}: {error}");
        }
    }
}
