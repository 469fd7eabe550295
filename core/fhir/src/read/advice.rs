//! The team's own limits and alarm advice: our extensions on `CarePlan`, because R4 has no place for them.

use super::flush_and_steps::minutes_of;
use super::quantity::quantity;
use super::{Findings, code_of};
use crate::datatype::{Extension, find_all, part, parts};
use crate::fault::{Fault, at, inside};
use homeline_model::{AdviceLevel, AlarmAdvice, AlarmKind, PlanRule, Repeated, Threshold};

/// All `threshold` extensions. One that cannot be read is left out and listed: the built-in rule stays in force.
pub(crate) fn thresholds(extensions: &[Extension], findings: &mut Findings) -> Vec<Threshold> {
    let mut thresholds = Vec::new();
    for (index, written) in find_all(extensions, "threshold") {
        let path = at("", "extension", index);
        let read = threshold(written, &path, findings);
        thresholds.extend(findings.may(read));
    }
    thresholds
}

fn threshold(written: &Extension, path: &str, findings: &mut Findings) -> Result<Threshold, Fault> {
    let needed =
        |name: &str| part(written, name).ok_or_else(|| Fault::missing(inside(path, name), "this part of the limit"));
    let rule = needed("rule")?.value_code.clone().filter(|rule| !rule.trim().is_empty());
    let mut limits = Vec::new();
    for (index, limit) in parts(written, "limit") {
        let path = at(path, "limit", index);
        match &limit.value_quantity {
            Some(value) => limits.push(quantity(value, &path)?),
            None => return Err(Fault::missing(inside(&path, "valueQuantity"), "the limit")),
        }
    }
    if limits.is_empty() {
        return Err(Fault::missing(inside(path, "limit"), "the limit"));
    }
    let text = part(written, "text").and_then(|part| part.value_string.as_deref());
    Ok(Threshold {
        rule: rule.ok_or_else(|| Fault::missing(inside(path, "rule"), "the id of the limit"))?,
        vital: code_of(needed("vital")?, &inside(path, "vital"), "vital sign")?,
        comparison: code_of(needed("comparison")?, &inside(path, "comparison"), "comparison")?,
        limits,
        level: code_of(needed("level")?, &inside(path, "level"), "level of advice")?,
        repeated: repeated(written, path)?,
        text: text.map(|text| findings.text(text, &inside(path, "text"))),
    })
}

/// `readings`, `within` and `apart` belong together; without them a limit speaks at the first reading.
fn repeated(written: &Extension, path: &str) -> Result<Option<Repeated>, Fault> {
    let Some(readings) = part(written, "readings") else { return Ok(None) };
    let readings = readings.value_positive_int.filter(|readings| *readings >= 1);
    let time = |name: &str| match part(written, name) {
        Some(found) => minutes_of(found, &inside(path, name)),
        None => Err(Fault::missing(inside(path, name), "a length of time for repeated readings")),
    };
    Ok(Some(Repeated {
        readings: readings.ok_or_else(|| Fault::missing(inside(path, "readings"), "how many readings"))?,
        within_minutes: time("within")?,
        apart_minutes: time("apart")?,
    }))
}

/// All `triage-rule` extensions. One that cannot be read is left out and listed: the built-in rule stays in force.
/// Whether a condition can be followed is for the rules to say; here it is only text.
pub(crate) fn rules(extensions: &[Extension], findings: &mut Findings) -> Vec<PlanRule> {
    let mut rules = Vec::new();
    for (index, written) in find_all(extensions, "triage-rule") {
        let path = at("", "extension", index);
        let read = rule(written, &path, findings);
        rules.extend(findings.may(read));
    }
    rules
}

fn rule(written: &Extension, path: &str, findings: &mut Findings) -> Result<PlanRule, Fault> {
    let id = part(written, "id").and_then(|part| part.value_code.clone()).filter(|id| !id.trim().is_empty());
    let level = part(written, "level");
    let level = level.map(|level| code_of(level, &inside(path, "level"), "level of advice")).transpose()?;
    let hours = part(written, "hours").map(|hours| {
        let hours = hours.value_positive_int.filter(|hours| *hours >= 1);
        hours.ok_or_else(|| Fault::missing(inside(path, "hours.valuePositiveInt"), "how many hours it looks back"))
    });
    let string = |name: &str| part(written, name).and_then(|part| part.value_string.as_deref());
    Ok(PlanRule {
        id: id.ok_or_else(|| Fault::missing(inside(path, "id"), "the id of the rule"))?,
        level,
        hours: hours.transpose()?,
        when: string("when").map(str::to_owned),
        text: string("text").map(|text| findings.text(text, &inside(path, "text"))),
    })
}

/// All `alarm-advice` extensions.
pub(crate) fn alarm_advice(extensions: &[Extension], findings: &mut Findings) -> Vec<AlarmAdvice> {
    let mut advice = Vec::new();
    for (index, written) in find_all(extensions, "alarm-advice") {
        let path = at("", "extension", index);
        let read = one_alarm(written, &path, findings);
        advice.extend(findings.may(read));
    }
    advice
}

fn one_alarm(written: &Extension, path: &str, findings: &mut Findings) -> Result<AlarmAdvice, Fault> {
    let needed = |name: &str| {
        part(written, name).ok_or_else(|| Fault::missing(inside(path, name), "this part of the alarm advice"))
    };
    let alarm: AlarmKind = code_of(needed("alarm")?, &inside(path, "alarm"), "alarm")?;
    let if_repeated: AdviceLevel = code_of(needed("ifRepeated")?, &inside(path, "ifRepeated"), "level of advice")?;
    let mut steps = Vec::new();
    for (index, step) in parts(written, "step") {
        let text = findings.text(step.value_string.as_deref().unwrap_or_default(), &at(path, "step", index));
        steps.extend((!text.is_empty()).then_some(text));
    }
    if steps.is_empty() {
        return Err(Fault::missing(inside(path, "step"), "what to do"));
    }
    Ok(AlarmAdvice { alarm, steps, if_repeated })
}
