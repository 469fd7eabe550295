//! The rule file: a version, and one row for each rule with its source. Built in from `data/rules.json`.
//!
//! A file from outside is laid over the built-in one. A row that cannot be read falls back to the built-in row of its id,
//! and says so; a built-in rule that the file does not name stays in force.

use super::condition::{Condition, LateEndCondition};
use crate::error::ClinicalError;
use crate::symptoms::{site_findings, symptom_words};
use crate::therapies::is_group;
use crate::vital_input::takes_unit;
use homeline_model::{AdviceLevel, CarePlan, PlanRule};
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;
use std::sync::LazyLock;

/// The longest look back of any rule, in hours: eight days, so that "in a week" has both of its ends.
pub const LONGEST_HOURS: i64 = 192;

/// The source of what the care plan changed or added.
pub(super) const CARE_PLAN: &str = "care plan";
/// How far back a rule of the plan looks that does not say it, in hours: a day, as most built-in rules do.
const PLAN_RULE_HOURS: i64 = 24;

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its id, e.g. `N01`. Also, in lower case, the key of its text.
    pub id: String,
    /// How soon somebody must know.
    pub level: AdviceLevel,
    /// How far back it looks, in hours; at most 192.
    pub hours: i64,
    /// Where it comes from.
    pub source: String,
    /// When it speaks.
    pub when: Condition,
    /// The care plan's words for it; `None` takes the text of its id.
    #[serde(skip)]
    pub own_words: Option<String>,
}

/// A rule or limit that cannot be used, and what is used in its place. For a banner: it is never silent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFault {
    /// The rule's id; empty when it has none.
    pub rule: String,
    /// Why, and what holds now. No personal data.
    pub reason: String,
}

/// All rules in force before the care plan's own limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSet {
    version: String,
    rules: Vec<Rule>,
    faults: Vec<RuleFault>,
}

#[derive(Deserialize)]
struct RuleFile {
    version: String,
    rules: Vec<Value>,
}

static BUILT_IN: LazyLock<RuleSet> = LazyLock::new(|| {
    let file: RuleFile =
        serde_json::from_str(include_str!("../../data/rules.json")).expect("embedded, and read by the tests");
    let (rules, faults) = read_rows(file.rules);
    RuleSet { version: file.version, rules, faults }
});

impl RuleSet {
    /// The built-in rules.
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// Lays a rule file over the built-in rules. Errors only when it is no rule file at all; a row that cannot be read is
    /// listed in [`RuleSet::faults`].
    pub fn read(json: &str) -> Result<Self, ClinicalError> {
        let file: RuleFile = serde_json::from_str(json)
            .map_err(|error| ClinicalError::RulesNotRead { line: error.line(), column: error.column() })?;
        let (read, mut faults) = read_rows(file.rules);
        let mut rules = BUILT_IN.rules.clone();
        for rule in read {
            match rules.iter_mut().find(|known| known.id == rule.id) {
                Some(known) => *known = rule,
                None => rules.push(rule),
            }
        }
        for fault in &mut faults {
            let known = BUILT_IN.rules.iter().any(|rule| rule.id == fault.rule);
            fault.reason.push_str(if known { "; the built-in rule is used" } else { "; no rule takes its place" });
        }
        Ok(Self { version: file.version, rules, faults })
    }

    /// These rules with what the care plan changes and adds, and what of it cannot be used.
    ///
    /// A rule of the plan that cannot be read leaves the one of its id in force, at the more urgent of the two levels.
    pub(super) fn with_plan(&self, plan: &CarePlan) -> (Cow<'_, [Rule]>, Vec<RuleFault>) {
        if plan.rules.is_empty() {
            return (Cow::Borrowed(&self.rules), Vec::new());
        }
        let (mut rules, mut faults) = (self.rules.clone(), Vec::new());
        for of_plan in &plan.rules {
            let known = rules.iter_mut().find(|rule| rule.id == of_plan.id);
            match (changed(known.as_deref(), of_plan), known) {
                (Ok(rule), Some(known)) => *known = rule,
                (Ok(rule), None) => rules.push(rule),
                (Err(reason), Some(known)) => {
                    known.level = known.level.max(of_plan.level.unwrap_or(known.level));
                    faults.push(RuleFault {
                        rule: of_plan.id.clone(),
                        reason: format!("{reason}; the built-in rule is used"),
                    });
                }
                (Err(reason), None) => faults.push(RuleFault {
                    rule: of_plan.id.clone(),
                    reason: format!("{reason}; ask your team for this rule"),
                }),
            }
        }
        (Cow::Owned(rules), faults)
    }

    /// The version of the rule file.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The rules in the order of the file.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Rows that could not be read.
    pub fn faults(&self) -> &[RuleFault] {
        &self.faults
    }
}

/// A rule of the care plan laid over the one of its id.
fn changed(known: Option<&Rule>, of_plan: &PlanRule) -> Result<Rule, String> {
    let when = match (&of_plan.when, known) {
        (Some(json), _) => serde_json::from_str(json).map_err(|error| format!("`when` cannot be read ({error})"))?,
        (None, Some(known)) => known.when.clone(),
        (None, None) => return Err("`when` is missing".to_owned()),
    };
    let when: Condition = when;
    let when = if of_plan.level.is_some() { when.at_one_level() } else { when };
    let level = of_plan.level.or(known.map(|known| known.level)).ok_or("`level` is missing")?;
    let own_words = of_plan.text.clone().filter(|words| !words.trim().is_empty());
    if known.is_none() && own_words.is_none() {
        return Err("`text` is missing".to_owned());
    }
    let rule = Rule {
        id: of_plan.id.clone(),
        level,
        hours: of_plan.hours.map(i64::from).or(known.map(|known| known.hours)).unwrap_or(PLAN_RULE_HOURS),
        source: CARE_PLAN.to_owned(),
        when,
        own_words,
    };
    fault_in(&rule).map_or(Ok(rule), Err)
}

fn read_rows(rows: Vec<Value>) -> (Vec<Rule>, Vec<RuleFault>) {
    let (mut rules, mut faults) = (Vec::new(), Vec::new());
    for row in rows {
        let id = row.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let rule = serde_json::from_value::<Rule>(row).map_err(|error| error.to_string());
        match rule.and_then(|rule| fault_in(&rule).map_or(Ok(rule), Err)) {
            Ok(rule) => rules.push(rule),
            Err(reason) => faults.push(RuleFault { rule: id, reason }),
        }
    }
    (rules, faults)
}

/// What a well-formed row can still get wrong: a name that nothing carries would make a rule that never speaks.
fn fault_in(rule: &Rule) -> Option<String> {
    if rule.id.is_empty() {
        return Some("`id` is empty".to_owned());
    }
    if !(1..=LONGEST_HOURS).contains(&rule.hours) {
        return Some(format!("`hours` must be from 1 to {LONGEST_HOURS}"));
    }
    condition_fault(&rule.when)
}

fn condition_fault(condition: &Condition) -> Option<String> {
    let unknown = |what: &str, name: &str| Some(format!("no {what} `{name}`"));
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            if parts.is_empty() {
                return Some("`all` and `any` need a condition".to_owned());
            }
            parts.iter().find_map(condition_fault)
        }
        Condition::Therapy(groups) => group_fault(groups),
        Condition::Line(_) => None,
        Condition::Device(methods) => methods.is_empty().then(|| "`device` is empty".to_owned()),
        Condition::Age(age) => {
            (age.from.is_none() && age.below.is_none()).then(|| "`age` needs `from` or `below`".to_owned())
        }
        Condition::Started(started) => {
            if started.from_day.is_none() && started.to_day.is_none() {
                return Some("`started` needs `from_day` or `to_day`".to_owned());
            }
            group_fault(&started.therapy)
        }
        Condition::Symptom(symptom) => {
            if symptom.times == 0 || symptom.near_dose_minutes.is_some_and(|m| !(0..=LONGEST_HOURS * 60).contains(&m)) {
                return Some("`times` must be 1 or more and `near_dose_minutes` 0 or more".to_owned());
            }
            let known = |key: &&String| symptom_words().iter().any(|word| &word.key == *key);
            symptom.keys.iter().find(|key| !known(key)).and_then(|key| unknown("symptom", key))
        }
        Condition::Finding(finding) => {
            let known = |key: &&String| site_findings().iter().any(|word| &word.key == *key);
            let keys = finding.keys.iter().chain(&finding.others_all_no).chain(&finding.unless_all_no);
            keys.into_iter().find(|key| !known(key)).and_then(|key| unknown("finding", key))
        }
        Condition::Vital(vital) => {
            if vital.readings == 0
                || vital.limits.is_empty()
                || !(0..=LONGEST_HOURS * 60).contains(&vital.apart_minutes)
            {
                return Some("`vital` needs limits, 1 reading or more and 0 minutes or more between them".to_owned());
            }
            vital.limits.keys().find(|code| !takes_unit(vital.kind, code)).and_then(|code| unknown("unit", code))
        }
        Condition::Rise(rise) => {
            if !(1..=LONGEST_HOURS).contains(&rise.hours) || rise.by.is_empty() {
                return Some(format!("`rise` needs a limit and `hours` from 1 to {LONGEST_HOURS}"));
            }
            rise.by.keys().find(|code| !takes_unit(rise.kind, code)).and_then(|code| unknown("unit", code))
        }
        Condition::Moved(moved) => {
            if !(1..=LONGEST_HOURS).contains(&moved.hours) || moved.by.is_empty() {
                return Some(format!("`moved` needs a limit and `hours` from 1 to {LONGEST_HOURS}"));
            }
            moved
                .by
                .keys()
                .find(|code| !["cm", "[in_i]"].contains(&code.as_str()))
                .and_then(|code| unknown("unit", code))
        }
        Condition::Alarm(alarm) => (alarm.times == 0 || !(0..=LONGEST_HOURS * 60).contains(&alarm.minutes))
            .then(|| "`times` must be 1 or more and `minutes` 0 or more".to_owned()),
        Condition::Dose(dose) => {
            if dose.status.is_empty() {
                return Some("`status` is empty".to_owned());
            }
            group_fault(&dose.therapy)
        }
        Condition::EarlyEnd(early) => {
            if early.percent >= 100 {
                return Some("`percent` must be below 100".to_owned());
            }
            group_fault(&early.therapy)
        }
        Condition::LateEnd(LateEndCondition {}) => None,
        Condition::Level(raised) => condition_fault(&raised.when),
    }
}

fn group_fault(groups: &[String]) -> Option<String> {
    groups.iter().find(|group| !is_group(group)).map(|group| format!("no therapy group `{group}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_built_in_row_is_read_and_has_a_source_and_a_text() {
        let rules = RuleSet::built_in();
        assert_eq!(rules.faults(), []);
        let ids: BTreeSet<&str> = rules.rules().iter().map(|rule| rule.id.as_str()).collect();
        assert_eq!(ids.len(), rules.rules().len(), "ids are unique");
        for rule in rules.rules() {
            assert!(rule.source.len() > 10, "{}", rule.id);
            assert!(crate::texts::text(&rule.id.to_lowercase(), crate::Language::English).is_some(), "{}", rule.id);
        }
    }

    #[test]
    fn a_row_that_cannot_be_read_falls_back_to_the_built_in_one_and_says_so() {
        let broken = r#"{"version":"x","rules":[
            {"id":"N01","level":"note","hours":24,"source":"s","when":{"vital":{"kind":"temperature","is":"at-least","limits":{"K":"312"}}}},
            {"id":"N02","level":"sometimes","hours":24,"source":"s","when":{"line":"central"}},
            {"id":"X1","level":"note","hours":24,"source":"s","when":{"symptom":{"keys":["no-such"]}}},
            {"id":"X2","level":"note","hours":24,"source":"s","when":{"symptom":{"keys":["nausea"]}}}]}"#;
        let rules = RuleSet::read(broken).unwrap();
        let built_in = |id: &str| RuleSet::built_in().rules().iter().find(|rule| rule.id == id).cloned();
        let mine = |id: &str| rules.rules().iter().find(|rule| rule.id == id).cloned();
        assert_eq!(mine("N01"), built_in("N01"));
        assert_eq!(mine("N02"), built_in("N02"));
        assert_eq!(mine("X1"), None);
        assert!(mine("X2").is_some());
        let faults: Vec<(&str, bool)> =
            rules.faults().iter().map(|fault| (fault.rule.as_str(), fault.reason.contains("built-in"))).collect();
        assert_eq!(faults, [("N01", true), ("N02", true), ("X1", false)]);
    }

    #[test]
    fn what_is_no_rule_file_is_refused_with_its_place() {
        assert!(matches!(RuleSet::read("{\n nope"), Err(ClinicalError::RulesNotRead { line: 2, .. })));
    }
}
