//! The words of advice: first whom to call with the number, then what to do, one action a line.

use crate::language::Language;
use crate::texts::{as_written, contact, interpreter, text, with_numbers};
use homeline_model::{AdviceLevel, CarePlan, ContactPurpose};

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
