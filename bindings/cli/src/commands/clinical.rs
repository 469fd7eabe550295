//! The doors of scores, triage and the wording lint: JSON or text on standard input to one JSON document.

use super::plan::read_at_most;
use crate::arguments::Instrument;
use crate::failure::Failure;
use crate::output::Output;
use chrono::{DateTime, Utc};
use homeline_clinical::{FeverGrade, News2Input, ProCtcae, VipSigns, ctcae_fever_grade, news2, pro_ctcae_grade, vip};
use homeline_companion::{LARGEST_BUNDLE, triage_of_fhir};
use homeline_model::{Decimal, Quantity};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::path::Path;

/// The most that a door reads from standard input, in bytes: ten years of observations fit.
const LARGEST_INPUT: usize = 256 << 20;

/// `homeline score`
pub fn score(instrument: Instrument) -> Result<(), Failure> {
    let bytes = read_at_most(Path::new("-"), LARGEST_INPUT)?;
    let answer = match instrument {
        Instrument::News2 => json!(news2(&read::<News2Input>(&bytes)?)),
        Instrument::ProCtcae => {
            let grade = pro_ctcae_grade(&read::<ProCtcae>(&bytes)?).map_err(failed)?;
            json!({ "grade": grade })
        }
        Instrument::Vip => json!(vip(&read::<VipSigns>(&bytes)?)),
        Instrument::CtcaeFever => fever(&read(&bytes)?)?,
    };
    one_document(&answer)
}

/// `homeline triage`
pub fn triage(plan: &Path, now: Option<&str>) -> Result<(), Failure> {
    let now = now
        .map(|text| DateTime::parse_from_rfc3339(text).map(|at| at.with_timezone(&Utc)))
        .transpose()
        .map_err(|_| Failure::usage("--now: it must be an instant with its offset, e.g. 2026-11-23T08:00:00-06:00"))?;
    let bundle = read_at_most(plan, LARGEST_BUNDLE)?;
    let entries = text_of(read_at_most(Path::new("-"), LARGEST_INPUT)?)?;
    one_document(&json!(triage_of_fhir(&bundle, &entries, now)?))
}

/// `homeline lint-text`
pub fn lint_text() -> Result<(), Failure> {
    let text = text_of(read_at_most(Path::new("-"), LARGEST_INPUT)?)?;
    let findings: Vec<Value> = homeline_clinical::lint_text(&text)
        .into_iter()
        .map(|finding| {
            // Characters, as people and most languages count them.
            let start = text.get(..finding.span.start).unwrap_or_default().chars().count();
            let length = finding.found.chars().count();
            json!({ "found": finding.found, "instead": finding.instead, "start": start, "end": start + length })
        })
        .collect();
    one_document(&json!({ "findings": findings }))
}

/// A temperature in one of its two units, and for how long it was above 40.0 °C (104.0 °F).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fever {
    #[serde(default)]
    temperature_c: Option<serde_json::Number>,
    #[serde(default)]
    temperature_f: Option<serde_json::Number>,
    #[serde(default)]
    longer_than_24_h: Option<bool>,
}

fn fever(input: &Fever) -> Result<Value, Failure> {
    let (field, number, unit) = match (&input.temperature_c, &input.temperature_f) {
        (Some(number), None) => ("temperature_c", number, "Cel"),
        (None, Some(number)) => ("temperature_f", number, "[degF]"),
        (None, None) => return Err(Failure::input("temperature_c", "it is missing: give it, or temperature_f")),
        (Some(_), Some(_)) => {
            return Err(Failure::input("temperature_f", "give one of temperature_c and temperature_f"));
        }
    };
    let value = Decimal::from_str_exact(&number.to_string()).map_err(|_| Failure::input(field, "must be a number"))?;
    let grade = ctcae_fever_grade(&Quantity::new(value, unit), input.longer_than_24_h).map_err(failed)?;
    Ok(match grade {
        FeverGrade::NoGrade => json!({ "grade": 0, "missing": [] }),
        FeverGrade::Grade(grade) => json!({ "grade": grade, "missing": [] }),
        FeverGrade::ThreeOrFour => json!({ "grade": null, "missing": ["longer_than_24_h"] }),
    })
}

fn failed(error: homeline_clinical::ClinicalError) -> Failure {
    Failure::Failed(error.to_string())
}

fn text_of(bytes: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::input("standard input", format!("it is not UTF-8 from byte {at} on: save it as UTF-8"))
    })
}

/// Reads one JSON document; the error names the field.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        // A field that is not known is named in the reason; the path points at its surroundings.
        let field = if matches!(path.as_str(), "." | "?") { "standard input" } else { path.as_str() };
        Failure::input(field, error.inner())
    })?;
    reader.end().map_err(|error| Failure::input("standard input", error))?;
    Ok(value)
}

/// A door prints JSON with and without `--json`.
fn one_document(answer: &Value) -> Result<(), Failure> {
    Output { json: true }.answer(answer, |_| Ok(()))
}
