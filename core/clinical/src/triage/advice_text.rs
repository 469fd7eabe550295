//! The words of advice: first whom to call with the number, then what to do, one action a line.

use crate::language::Language;
use crate::texts::{as_written, contact, interpreter, text, with_numbers, word};
use homeline_model::{AdviceLevel, AlarmKind, CarePlan, ContactPurpose};

/// The lines of advice. `own_words` are the care plan's and take the place of the rule's.
pub(crate) fn lines(
    key: &str,
    own_words: Option<&str>,
    level: AdviceLevel,
    plan: &CarePlan,
    language: Language,
) -> Vec<String> {
    let (call, purpose) = match level {
        AdviceLevel::Emergency => ("call.emergency", Some(ContactPurpose::Emergency)),
        AdviceLevel::CallNow => ("call.nurse", Some(ContactPurpose::OnCallNurse)),
        AdviceLevel::MessageToday => ("call.office", Some(ContactPurpose::Office)),
        AdviceLevel::Note => ("call.note", None),
    };
    let call = match purpose {
        Some(purpose) if contact(plan, purpose).is_none() => format!("{call}.unknown"),
        Some(_) | None => call.to_owned(),
    };
    let mut lines: Vec<String> = Vec::new();
    let mut in_language = true;
    let mut add = |key: &str| {
        if let Some(text) = text(key, language) {
            in_language &= text.in_language;
            lines.extend(text.lines.iter().map(|line| with_numbers(line, plan, language)));
        }
    };
    add(&call);
    match own_words.filter(|words| !words.trim().is_empty()) {
        Some(words) => {
            let words = words.lines().map(str::trim).filter(|line| !line.is_empty());
            lines.extend(words.map(|line| as_written(line, language)));
        }
        None => add(key),
    }
    if !in_language {
        lines.push(interpreter(language));
    }
    lines
}

/// What the patient was taught to do about an alarm: the plan's own steps, else to follow the pump and to call. The last
/// line always sends the eye to the pump, whose screen and sound come first.
pub fn alarm_steps(plan: &CarePlan, alarm: &AlarmKind, language: Language) -> Vec<String> {
    let taught = plan.alarm_advice.iter().find(|advice| &advice.alarm == alarm && !advice.steps.is_empty());
    let mut in_language = true;
    let mut steps = match taught {
        Some(advice) => advice.steps.iter().map(|step| as_written(step, language)).collect(),
        None => text("alarm.no-steps", language).map_or_else(Vec::new, |text| {
            in_language = text.in_language;
            text.lines.iter().map(|line| with_numbers(line, plan, language)).collect()
        }),
    };
    steps.push(word("alarm.follow-pump", language));
    if !in_language {
        steps.push(interpreter(language));
    }
    steps
}
