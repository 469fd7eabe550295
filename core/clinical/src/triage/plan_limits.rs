//! The care plan's own limits. Those of one rule id replace the vital-sign limits of the built-in rule of that id, or are
//! a rule of their own.
//!
//! A reading is compared in the unit typed. Where the plan states its limit only in the other unit of the same vital
//! sign, the limit is moved by the exact definition (°F = °C × 9/5 + 32; 1 lb = 0.45359237 kg) in decimal arithmetic and
//! never rounded, so 38.0 °C is 100.40 °F and 100.4 °F meets it. Where there is no exact definition, as between mg/dL and
//! mmol/L, the built-in limit holds and the advice says so.

use super::condition::Side;
use super::evaluate::{Fact, Met, spaced_readings, vital_fact};
use super::journal_view::JournalView;
use super::rules::{LONGEST_HOURS, RuleFault, RuleSet};
use crate::language::Language;
use crate::texts::word;
use crate::vital_input::{takes_unit, unit_display};
use chrono::TimeDelta;
use homeline_model::{AdviceLevel, CarePlan, Comparison, Decimal, Quantity, Threshold, VitalKind};

/// For how long one reading beyond a plan limit counts.
const PLAIN_LIMIT_HOURS: i64 = 24;

/// What the limits of one rule id say.
pub(super) struct LimitAnswer {
    pub rule: String,
    /// A limit was passed, with the team's own words if it has any.
    pub met: Option<(Met, Option<String>)>,
    /// Readings whose unit no limit can be compared with.
    pub without_limit: Vec<Fact>,
}

fn side(comparison: Comparison) -> Side {
    match comparison {
        Comparison::AtLeast => Side::AtLeast,
        Comparison::AtMost => Side::AtMost,
    }
}

/// Whether the limit can be used at all; the reason when not.
fn fault(threshold: &Threshold) -> Option<&'static str> {
    if threshold.rule.is_empty() {
        Some("the limit has no rule id")
    } else if threshold.limits.is_empty() {
        Some("the limit has no value")
    } else if threshold.limits.iter().any(|limit| !takes_unit(threshold.vital, &limit.unit.code)) {
        Some("the limit has a unit that this vital sign is not measured in")
    } else if threshold.repeated.is_some_and(|repeated| repeated.readings == 0) {
        Some("the limit asks for 0 readings")
    } else if threshold.repeated.is_some_and(|repeated| i64::from(repeated.within_minutes) > LONGEST_HOURS * 60) {
        Some("the limit looks back more than 8 days")
    } else {
        None
    }
}

/// Limits of the plan that cannot be used, for a banner. What holds in their place is said.
pub(super) fn faults(rules: &RuleSet, plan: &CarePlan) -> Vec<RuleFault> {
    plan.thresholds
        .iter()
        .filter_map(|threshold| {
            let built_in = rules.rules().iter().any(|rule| rule.id == threshold.rule);
            let instead = if built_in { "the built-in rule is used" } else { "ask your team for this limit" };
            fault(threshold)
                .map(|reason| RuleFault { rule: threshold.rule.clone(), reason: format!("{reason}; {instead}") })
        })
        .collect()
}

/// Whether a limit of the plan takes the place of the built-in one for this rule, vital sign and unit.
pub(super) fn replaces(plan: &CarePlan, rule: &str, kind: VitalKind, value: &Quantity) -> bool {
    plan.thresholds.iter().any(|threshold| {
        threshold.rule == rule
            && threshold.vital == kind
            && fault(threshold).is_none()
            && holds(threshold, value).is_some()
    })
}

/// Whether the reading is at or beyond the limit. `None` when no limit can be compared in its unit without rounding.
fn holds(threshold: &Threshold, reading: &Quantity) -> Option<bool> {
    let side = side(threshold.comparison);
    let limit_in = |code: &str| threshold.limits.iter().find(|limit| limit.unit.code == code).map(|limit| limit.value);
    if let Some(limit) = limit_in(&reading.unit.code) {
        return Some(side.holds(reading.value, limit));
    }
    let nine_fifths = Decimal::new(18, 1);
    let freezing = Decimal::from(32);
    let fahrenheit = |celsius: Decimal| celsius.checked_mul(nine_fifths)?.checked_add(freezing);
    let kilograms = |pounds: Decimal| pounds.checked_mul(kilograms_per_pound());
    match reading.unit.code.as_str() {
        "[degF]" => Some(side.holds(reading.value, fahrenheit(limit_in("Cel")?)?)),
        "Cel" => Some(side.holds(fahrenheit(reading.value)?, limit_in("[degF]")?)),
        "[lb_av]" => Some(side.holds(kilograms(reading.value)?, limit_in("kg")?)),
        "kg" => Some(side.holds(reading.value, kilograms(limit_in("[lb_av]")?)?)),
        _ => None,
    }
}

/// One pound in kilograms, exact by definition (international yard and pound agreement, 1959).
pub(super) fn kilograms_per_pound() -> Decimal {
    Decimal::new(45_359_237, 8)
}

/// What the plan's limits say, one answer for each rule id in the order of the plan.
pub(super) fn evaluate(plan: &CarePlan, view: &JournalView<'_>, language: Language) -> Vec<LimitAnswer> {
    let mut answers: Vec<LimitAnswer> = Vec::new();
    for threshold in &plan.thresholds {
        let index = match answers.iter().position(|answer| answer.rule == threshold.rule) {
            Some(index) => index,
            None => {
                answers.push(LimitAnswer { rule: threshold.rule.clone(), met: None, without_limit: Vec::new() });
                answers.len() - 1
            }
        };
        let answer = &mut answers[index];
        let span = match threshold.repeated {
            Some(repeated) => TimeDelta::minutes(i64::from(repeated.within_minutes).min(LONGEST_HOURS * 60)),
            None => TimeDelta::hours(PLAIN_LIMIT_HOURS),
        };
        let unusable = fault(threshold).is_some();
        let mut hits = Vec::new();
        for (entry, vital) in view.vitals(threshold.vital, span) {
            match if unusable { None } else { holds(threshold, &vital.value) } {
                Some(true) => hits.push((entry, vital)),
                Some(false) => {}
                None => {
                    let unit = unit_display(threshold.vital, &vital.value.unit.code);
                    let text = format!("{} {unit}", word("fact.unit-without-limit", language));
                    answer.without_limit.push(Fact { at: entry.times.happened.at, text });
                    answer.without_limit.push(vital_fact(entry, vital, language));
                }
            }
        }
        let (readings, apart) = match threshold.repeated {
            Some(repeated) => {
                (usize::try_from(repeated.readings).unwrap_or(usize::MAX), i64::from(repeated.apart_minutes))
            }
            None => (1, 0),
        };
        if !spaced_readings(hits.iter().map(|(entry, _)| entry.times.happened.at), readings, apart) {
            continue;
        }
        let facts: Vec<Fact> = hits.iter().map(|(entry, vital)| vital_fact(entry, vital, language)).collect();
        let (met, text) = answer.met.get_or_insert_with(|| (Met { level: AdviceLevel::Note, facts: Vec::new() }, None));
        // Several limits of one rule: the most urgent one that was passed speaks.
        if threshold.level > met.level || (threshold.level == met.level && text.is_none()) {
            text.clone_from(&threshold.text);
        }
        met.level = met.level.max(threshold.level);
        met.facts.extend(facts);
    }
    answers
}
