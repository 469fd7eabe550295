//! What to do about an alarm of the pump: the steps that the care plan teaches, else our own for the kind of alarm.
//!
//! Ours are `data/alarms.json`, a row for each kind with its source. They say what to look at and whom to call. They name no
//! dose and no rate, they start and stop nothing that a person was not taught, and the plan's own steps take their place
//! whole: pump sheets of two services contradict each other.

use crate::language::Language;
use crate::texts::{as_written, interpreter, with_numbers, word};
use homeline_model::{AlarmKind, CarePlan};
use serde::Deserialize;
use std::sync::LazyLock;

#[derive(Deserialize)]
struct GuideFile {
    rows: Vec<GuideRow>,
}

/// The steps for one kind of alarm.
#[derive(Deserialize)]
struct GuideRow {
    alarm: String,
    #[cfg_attr(not(test), expect(dead_code, reason = "a row without a source does not load; the tests read it"))]
    source: String,
    en: Vec<String>,
    es: Vec<String>,
}

static ROWS: LazyLock<Vec<GuideRow>> = LazyLock::new(|| {
    let file: GuideFile =
        serde_json::from_str(include_str!("../data/alarms.json")).expect("embedded, and read by the tests");
    file.rows
});

/// The row of a kind.
fn key(alarm: &AlarmKind) -> &'static str {
    match alarm {
        AlarmKind::OcclusionDownstream => "occlusion-downstream",
        AlarmKind::OcclusionUpstream => "occlusion-upstream",
        AlarmKind::AirInLine => "air-in-line",
        AlarmKind::BatteryLow => "battery-low",
        AlarmKind::BatteryDepleted => "battery-depleted",
        AlarmKind::ReservoirLow => "reservoir-low",
        AlarmKind::ReservoirEmpty => "reservoir-empty",
        AlarmKind::InfusionComplete => "infusion-complete",
        AlarmKind::DoorOpen => "door-open",
        AlarmKind::PumpStopped => "pump-stopped",
        AlarmKind::SystemFault => "system-fault",
        AlarmKind::Unknown(_) => "unknown",
    }
}

/// What to do about an alarm, one action a line: the plan's own steps, else ours. The last line always sends the eye to the
/// pump, whose screen and sound come first.
pub fn alarm_steps(plan: &CarePlan, alarm: &AlarmKind, language: Language) -> Vec<String> {
    let taught = plan.alarm_advice.iter().find(|advice| &advice.alarm == alarm && !advice.steps.is_empty());
    let row = || ROWS.iter().find(|row| row.alarm == key(alarm));
    let mut steps: Vec<String> = match (taught, language) {
        (Some(advice), _) => advice.steps.iter().map(|step| as_written(step, language)).collect(),
        (None, Language::Spanish) => lines(row().map(|row| &row.es), plan, language),
        (None, Language::English | Language::Other(_)) => lines(row().map(|row| &row.en), plan, language),
    };
    steps.push(word("alarm.follow-pump", language));
    if taught.is_none() && matches!(language, Language::Other(_)) {
        steps.push(interpreter(language));
    }
    steps
}

fn lines(row: Option<&Vec<String>>, plan: &CarePlan, language: Language) -> Vec<String> {
    row.into_iter().flatten().map(|line| with_numbers(line, plan, language)).collect()
}

/// Every row: kind, English lines, Spanish lines, for the checks of wording.
#[cfg(test)]
pub(crate) fn guide_lines() -> impl Iterator<Item = (&'static str, &'static [String], &'static [String])> {
    ROWS.iter().map(|row| (row.alarm.as_str(), row.en.as_slice(), row.es.as_slice()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [AlarmKind; 12] = [
        AlarmKind::OcclusionDownstream,
        AlarmKind::OcclusionUpstream,
        AlarmKind::AirInLine,
        AlarmKind::BatteryLow,
        AlarmKind::BatteryDepleted,
        AlarmKind::ReservoirLow,
        AlarmKind::ReservoirEmpty,
        AlarmKind::InfusionComplete,
        AlarmKind::DoorOpen,
        AlarmKind::PumpStopped,
        AlarmKind::SystemFault,
        AlarmKind::Unknown(7),
    ];

    #[test]
    fn every_kind_of_alarm_has_a_row_of_its_own_with_a_source() {
        let keys: Vec<&str> = KINDS.iter().map(key).collect();
        let rows: Vec<&str> = ROWS.iter().map(|row| row.alarm.as_str()).collect();
        assert_eq!(rows, keys);
        for row in ROWS.iter() {
            assert!(row.source.len() > 20, "{}", row.alarm);
        }
        let texts: std::collections::HashSet<&Vec<String>> = ROWS.iter().map(|row| &row.en).collect();
        assert_eq!(texts.len(), KINDS.len(), "no two kinds have one text");
    }

    #[test]
    fn every_row_says_what_to_look_at_and_whom_to_call_and_names_no_number() {
        for row in ROWS.iter() {
            let english = row.en.join(" ");
            assert!(english.contains("Look ") || english.contains("Read "), "{}", row.alarm);
            for lines in [&row.en, &row.es] {
                let text = lines.join(" ");
                assert!(text.contains("{nurse}") || text.contains("{pharmacist}"), "{}", row.alarm);
                assert!(!text.chars().any(|c| c.is_ascii_digit()), "{}: {text}", row.alarm);
            }
        }
    }
}
