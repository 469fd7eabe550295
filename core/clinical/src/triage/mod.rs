//! Triage: which facts in the journal ask for which call. Rules are data (`data/rules.json`), the care plan overrides and
//! adds, and the answer is whom to call and what to do first; never what the patient has.
//!
//! Promises, each with a test:
//! * every rule that matches is listed, the most urgent first, and the number to call is the first line;
//! * a limit compares in the unit typed;
//! * what nobody answered is not a "no";
//! * a rule or limit that cannot be read gives way to the built-in one, and says so;
//! * open advice is never lowered or dropped by a later entry.
//!
//! Open advice is closed by a clinician's acknowledgement alone (`docs/care-plan.md`); which advice is open is kept by the
//! caller.
//!
//! Source of the rules: see each row. Levels as in home-infusion practice: emergency services, on-call nurse now, message
//! today, note for the next contact.

pub(crate) mod advice_text;
mod circumstances;
mod condition;
mod delivery;
mod evaluate;
mod journal_view;
mod plan_limits;
mod rules;

pub(crate) use advice_text::lines as advice_lines;
pub use condition::{
    AgeCondition, AlarmCondition, Condition, DoseCondition, EarlyEndCondition, FindingCondition, LateEndCondition,
    LevelCondition, LineKind, MovedCondition, RiseCondition, Side, StartedCondition, SymptomCondition, VitalCondition,
};
pub use rules::{LONGEST_HOURS, Rule, RuleFault, RuleSet};

use crate::language::Language;
use chrono::{DateTime, Utc};
use evaluate::{Fact, Met, Scope};
use homeline_model::{Advice, AdviceLevel, CarePlan, Entry};
use journal_view::JournalView;
use rules::CARE_PLAN;

/// What the built-in rules and the plan's limits say about the journal at `now`: all matches, the most urgent first.
///
/// `entries` need reach back no more than [`LONGEST_HOURS`]; older ones are passed over. `open` is the advice that no
/// clinician has acknowledged yet: each comes back at its level or a higher one.
pub fn triage(
    plan: &CarePlan,
    entries: &[Entry],
    open: &[Advice],
    now: DateTime<Utc>,
    language: Language,
) -> Vec<Advice> {
    RuleSet::built_in().triage(plan, entries, open, now, language)
}

/// Rules and limits of the plan that cannot be used, with what holds in their place; for a banner.
pub fn rule_faults(plan: &CarePlan) -> Vec<RuleFault> {
    RuleSet::built_in().plan_faults(plan)
}

impl RuleSet {
    /// As [`triage()`], with these rules.
    pub fn triage(
        &self,
        plan: &CarePlan,
        entries: &[Entry],
        open: &[Advice],
        now: DateTime<Utc>,
        language: Language,
    ) -> Vec<Advice> {
        let view = JournalView::new(entries, now);
        let limits = plan_limits::evaluate(plan, &view, language);
        let mut advice: Vec<Advice> = Vec::new();

        let (rules, _) = self.with_plan(plan);
        for rule in rules.iter() {
            let scope = Scope { plan, view: &view, now, language, rule };
            let by_rule = scope.met(&rule.when);
            let limit = limits.iter().find(|limit| limit.rule == rule.id);
            let by_limit = limit.and_then(|limit| limit.met.as_ref());
            let met = match (by_rule, by_limit) {
                (Some(rule), Some((limit, _))) => Met {
                    level: rule.level.max(limit.level),
                    facts: limit.facts.iter().cloned().chain(rule.facts).collect(),
                },
                (Some(rule), None) => rule,
                (None, Some((limit, _))) => limit.clone(),
                (None, None) => continue,
            };
            let own_words = by_limit.and_then(|(_, words)| words.as_deref()).or(rule.own_words.as_deref());
            let key = rule.id.to_lowercase();
            advice.push(Advice {
                rule: rule.id.clone(),
                level: met.level,
                text: advice_text::lines(&key, own_words, met.level, plan, language),
                because: in_order(met.facts),
                source: rule.source.clone(),
            });
        }
        for limit in &limits {
            let built_in = rules.iter().any(|rule| rule.id == limit.rule);
            if let Some((met, words)) = &limit.met
                && !built_in
            {
                advice.push(Advice {
                    rule: limit.rule.clone(),
                    level: met.level,
                    text: advice_text::lines("plan-limit", words.as_deref(), met.level, plan, language),
                    because: in_order(met.facts.clone()),
                    source: CARE_PLAN.to_owned(),
                });
            }
            if !limit.without_limit.is_empty() {
                let level = AdviceLevel::MessageToday;
                let says_so = Advice {
                    rule: limit.rule.clone(),
                    level,
                    text: advice_text::lines("plan-limit-unreadable", None, level, plan, language),
                    because: in_order(limit.without_limit.clone()),
                    source: CARE_PLAN.to_owned(),
                };
                merge(&mut advice, says_so);
            }
        }
        for earlier in open {
            merge(&mut advice, earlier.clone());
        }
        // Within a level the order of the rule file, also for what was open before.
        let place = |advice: &Advice| rules.iter().position(|rule| rule.id == advice.rule).unwrap_or(rules.len());
        advice.sort_by_cached_key(|advice| (std::cmp::Reverse(advice.level), place(advice)));
        advice
    }

    /// As [`rule_faults`], with these rules.
    pub fn plan_faults(&self, plan: &CarePlan) -> Vec<RuleFault> {
        let (_, mut faults) = self.with_plan(plan);
        faults.extend(plan_limits::faults(self, plan));
        faults
    }
}

/// Adds advice. Where its rule already speaks, the more urgent one keeps its words and both keep their facts.
fn merge(advice: &mut Vec<Advice>, other: Advice) {
    match advice.iter_mut().find(|known| known.rule == other.rule) {
        Some(known) => {
            if other.level > known.level {
                known.level = other.level;
                known.text = other.text;
                known.source = other.source;
            }
            let news: Vec<String> = other.because.into_iter().filter(|fact| !known.because.contains(fact)).collect();
            known.because.extend(news);
        }
        None => advice.push(other),
    }
}

fn in_order(mut facts: Vec<Fact>) -> Vec<String> {
    facts.sort();
    facts.dedup();
    facts.into_iter().map(|fact| fact.text).collect()
}
