//! Every built-in rule, at the edge where it speaks and where it just does not (`cases.txt`).

use crate::journal;
use homeline_clinical::{Language, RuleSet, triage};
use std::collections::BTreeMap;

#[test]
fn every_rule_speaks_at_its_edge_and_is_silent_just_before_it() {
    let mut seen: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for line in include_str!("cases.txt").lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('|').map(str::trim).collect();
        let [rule, speaks, plan, entries] = fields[..] else { panic!("four fields: {line}") };
        let advice = triage(&journal::plan(plan), &journal::journal(entries), &[], journal::now(), Language::English);
        let spoke = advice.iter().any(|advice| advice.rule == rule);
        if spoke != (speaks == "yes") {
            wrong.push(format!("{line}\n    {:?}", advice.iter().map(|a| a.rule.as_str()).collect::<Vec<_>>()));
        }
        let counts = seen.entry(rule).or_default();
        if speaks == "yes" { counts.0 += 1 } else { counts.1 += 1 }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for rule in RuleSet::built_in().rules() {
        let counts = seen.get(rule.id.as_str()).copied().unwrap_or_default();
        assert!(counts.0 > 0 && counts.1 > 0, "{} has {counts:?} cases", rule.id);
    }
}
