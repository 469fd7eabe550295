//! Whether a condition is met, and by which facts: symptoms, the site, vital signs. What the plan says of line, device,
//! age and start is in `circumstances`; what the pump and the doses say is in `delivery`.

use super::condition::{
    Condition, FindingCondition, LateEndCondition, LineKind, MovedCondition, RiseCondition, SymptomCondition,
    VitalCondition,
};
use super::journal_view::{Answer, JournalView};
use super::plan_limits;
use super::rules::Rule;
use crate::language::Language;
use crate::symptoms::{site_findings, symptom_words};
use crate::texts::word;
use crate::therapies::plan_in_group;
use crate::vital_input::{unit_display, vital_name};
use chrono::{DateTime, TimeDelta, Utc};
use homeline_model::{AdviceLevel, CarePlan, Decimal, Entry, Quantity, Vital};

/// One fact that made a rule speak, in plain words with the local time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fact {
    pub at: DateTime<Utc>,
    pub text: String,
}

/// A condition that is met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Met {
    pub level: AdviceLevel,
    pub facts: Vec<Fact>,
}

/// Everything that a condition is held against.
pub(super) struct Scope<'a> {
    pub plan: &'a CarePlan,
    pub view: &'a JournalView<'a>,
    pub now: DateTime<Utc>,
    pub language: Language,
    pub rule: &'a Rule,
}

impl Scope<'_> {
    pub fn span(&self) -> TimeDelta {
        TimeDelta::hours(self.rule.hours)
    }

    pub fn facts(&self, facts: Vec<Fact>) -> Option<Met> {
        (!facts.is_empty()).then_some(Met { level: self.rule.level, facts })
    }

    /// `None`: not met.
    pub fn met(&self, condition: &Condition) -> Option<Met> {
        match condition {
            Condition::All(parts) => {
                let mut all = Met { level: self.rule.level, facts: Vec::new() };
                for part in parts {
                    let met = self.met(part)?;
                    all.level = all.level.max(met.level);
                    all.facts.extend(met.facts);
                }
                Some(all)
            }
            Condition::Any(parts) => {
                let met: Vec<Met> = parts.iter().filter_map(|part| self.met(part)).collect();
                let level = met.iter().map(|met| met.level).max()?;
                Some(Met { level, facts: met.into_iter().flat_map(|met| met.facts).collect() })
            }
            Condition::Therapy(groups) => groups
                .iter()
                .any(|group| plan_in_group(self.plan, group))
                .then(|| Met { level: self.rule.level, facts: Vec::new() }),
            Condition::Line(kind) => self.line(*kind),
            Condition::Device(methods) => self.device(methods),
            Condition::Age(age) => self.age(*age),
            Condition::Started(started) => self.started(started),
            Condition::Symptom(symptom) => self.symptom(symptom),
            Condition::Finding(finding) => self.finding(finding),
            Condition::Vital(vital) => self.vital(vital),
            Condition::Rise(rise) => self.rise(rise),
            Condition::Moved(moved) => self.moved(moved),
            Condition::Alarm(alarm) => self.alarm(alarm),
            Condition::Dose(dose) => self.dose(dose),
            Condition::EarlyEnd(early) => self.early_end(early),
            Condition::LateEnd(LateEndCondition {}) => self.late_end(),
            Condition::Level(raised) => {
                self.met(&raised.when).map(|met| Met { level: met.level.max(raised.at_least), ..met })
            }
        }
    }

    fn symptom(&self, condition: &SymptomCondition) -> Option<Met> {
        let facts: Vec<Fact> = self
            .view
            .symptoms(self.span())
            .filter(|(_, symptom)| condition.keys.contains(&symptom.symptom))
            .filter(|(_, symptom)| condition.severity.is_none_or(|least| symptom.severity >= Some(least)))
            .filter(|(entry, _)| condition.near_dose_minutes.is_none_or(|minutes| self.near_dose(entry, minutes)))
            .map(|(entry, symptom)| {
                let name = symptom_words().iter().find(|word| word.key == symptom.symptom);
                let name = name.map_or(symptom.symptom.as_str(), |word| word.name(self.language));
                fact(entry, name)
            })
            .collect();
        (facts.len() >= condition.times).then(|| self.facts(facts))?
    }

    fn near_dose(&self, entry: &Entry, minutes: i64) -> bool {
        let at = entry.times.happened.at;
        self.view.near_dose(at, minutes).unwrap_or_else(|| self.line(LineKind::Central).is_some())
    }

    fn finding(&self, condition: &FindingCondition) -> Option<Met> {
        let span = self.span();
        let all_no = |keys: &[String]| keys.iter().all(|key| self.view.finding(key, span) == Answer::No);
        if !all_no(&condition.others_all_no)
            || (!condition.unless_all_no.is_empty() && all_no(&condition.unless_all_no))
        {
            return None;
        }
        let site = word("fact.site", self.language);
        let facts = condition
            .keys
            .iter()
            .filter_map(|key| {
                let Answer::Yes(entry) = self.view.finding(key, span) else { return None };
                let name = site_findings().iter().find(|word| &word.key == key)?.name(self.language);
                Some(fact(entry, &format!("{site}: {name}")))
            })
            .collect();
        self.facts(facts)
    }

    fn vital(&self, condition: &VitalCondition) -> Option<Met> {
        let hits: Vec<(&Entry, &Vital)> = self
            .view
            .vitals(condition.kind, self.span())
            .filter(|(_, vital)| {
                let limit = condition.limits.get(&vital.value.unit.code);
                limit.is_some_and(|limit| condition.is.holds(vital.value.value, *limit))
                    && !plan_limits::replaces(self.plan, &self.rule.id, condition.kind, &vital.value)
            })
            .collect();
        let times = hits.iter().map(|(entry, _)| entry.times.happened.at);
        if !spaced_readings(times, condition.readings, condition.apart_minutes) {
            return None;
        }
        self.facts(hits.iter().map(|(entry, vital)| vital_fact(entry, vital, self.language)).collect())
    }

    fn moved(&self, condition: &MovedCondition) -> Option<Met> {
        let lengths: Vec<(&Entry, &Quantity)> = self.view.lengths(TimeDelta::hours(condition.hours)).collect();
        let (last_entry, last) = lengths.last()?;
        let earlier = lengths.iter().find(|(_, earlier)| differ(earlier, last, condition).unwrap_or(false))?;
        let name = word("fact.catheter-length", self.language);
        let told =
            |entry: &Entry, length: &Quantity| fact(entry, &format!("{name} {} {}", length.value, length.unit.display));
        self.facts(vec![told(earlier.0, earlier.1), told(last_entry, last)])
    }

    fn rise(&self, condition: &RiseCondition) -> Option<Met> {
        let span = TimeDelta::hours(condition.hours);
        let readings: Vec<(&Entry, &Vital)> = self.view.vitals(condition.kind, span).collect();
        let (last_entry, last) = readings.last()?;
        let risen = readings.iter().find(|(_, earlier)| rose(earlier, last, condition).unwrap_or(false))?;
        self.facts(vec![vital_fact(risen.0, risen.1, self.language), vital_fact(last_entry, last, self.language)])
    }
}

/// Whether two lengths differ by the condition's amount or more. Inches and centimeters meet in centimeters, by definition
/// and without rounding.
fn differ(a: &Quantity, b: &Quantity, condition: &MovedCondition) -> Option<bool> {
    if a.unit.code == b.unit.code {
        return Some(a.value.checked_sub(b.value)?.abs() >= *condition.by.get(&a.unit.code)?);
    }
    let centimeters = |length: &Quantity| match length.unit.code.as_str() {
        "cm" => Some(length.value),
        "[in_i]" => length.value.checked_mul(Decimal::new(254, 2)),
        _ => None,
    };
    Some(centimeters(a)?.checked_sub(centimeters(b)?)?.abs() >= *condition.by.get("cm")?)
}

/// Whether `later` lies above `earlier` by the condition's amount or more. Pounds and kilograms meet in kilograms, by
/// definition and without rounding.
fn rose(earlier: &Vital, later: &Vital, condition: &RiseCondition) -> Option<bool> {
    let (from, to) = (&earlier.value, &later.value);
    if from.unit.code == to.unit.code {
        return Some(to.value.checked_sub(from.value)? >= *condition.by.get(&to.unit.code)?);
    }
    let kilograms = |value: Decimal, code: &str| match code {
        "kg" => Some(value),
        "[lb_av]" => value.checked_mul(plan_limits::kilograms_per_pound()),
        _ => None,
    };
    let rise = kilograms(to.value, &to.unit.code)?.checked_sub(kilograms(from.value, &from.unit.code)?)?;
    Some(rise >= *condition.by.get("kg")?)
}

/// Whether `wanted` of the ascending instants are each at least `apart_minutes` after the one counted before.
pub(super) fn spaced_readings(
    instants: impl Iterator<Item = DateTime<Utc>>,
    wanted: usize,
    apart_minutes: i64,
) -> bool {
    let apart = TimeDelta::minutes(apart_minutes);
    let mut last: Option<DateTime<Utc>> = None;
    let mut counted = 0;
    for at in instants {
        if last.is_none_or(|last| at.signed_duration_since(last) >= apart) {
            counted += 1;
            last = Some(at);
        }
    }
    counted >= wanted
}

pub(super) fn vital_fact(entry: &Entry, vital: &Vital, language: Language) -> Fact {
    let unit = unit_display(vital.vital, &vital.value.unit.code);
    fact(entry, &format!("{} {} {unit}", vital_name(vital.vital, language), vital.value.value))
}

pub(super) fn fact(entry: &Entry, text: &str) -> Fact {
    let happened = &entry.times.happened;
    Fact { at: happened.at, text: format!("{text} ({})", happened.local().format("%Y-%m-%d %H:%M")) }
}
