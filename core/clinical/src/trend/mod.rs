//! Early warning: trends against the patient's own baseline, transparent and only where the care plan asks for them.
//!
//! Promises, each with a test:
//! * where the plan is silent there is no notice, and no notice is more urgent than the plan says;
//! * the answer is a pure function of plan, entries and now: the order of entries does not matter, an entry that a later one
//!   corrects does not count, and there is no state beside the journal;
//! * a day without a value is missing and never zero; units are never mixed;
//! * a notice shows its data and its rule, and says which numbers are not the plan's;
//! * it names no disease and gives no all-clear, and it takes no part in triage: every rule there speaks as before.
//!
//! Methods: run rule, EWMA and CUSUM (`chart.rs`, with sources). What they catch and how often they cry wolf, on simulated
//! courses: `docs/early-warning.md`.

mod chart;
mod defaults;
mod notice;
mod series;

pub use notice::{Notice, RULE_PREFIX, is_trend};

use crate::language::Language;
use crate::triage::RuleFault;
use chart::{Chart, Signal, Silent, days_before};
use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use defaults::{UnitRow, units, windows};
use homeline_model::{CarePlan, Decimal, Entry, EntryKind, OrderId, TrendMethod, TrendRule, TrendSeries};
use notice::status;
use series::{Journal, Series};
use std::collections::{BTreeMap, BTreeSet};

/// Longest windows that a plan can ask for, in days; see [`TrendRule`].
const LONGEST_WATCH: u32 = 28;
const LONGEST_BASELINE: u32 = 90;
const LONGEST_RUN: u32 = 14;

/// The steps of one dose that was recorded as given, for [`TrendSeries::MissedSteps`]. They come from the schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DoseSteps {
    /// Day of the dose, by the clock of the place.
    pub day: NaiveDate,
    /// Its planned start.
    pub at: DateTime<Utc>,
    /// How many steps its checklist has.
    pub steps: u32,
    /// How many of them were ticked.
    pub done: u32,
}

/// What trends are made from.
#[derive(Debug, Clone, Copy)]
pub struct TrendInput<'a> {
    /// The care plan; its `trends` say what is watched.
    pub plan: &'a CarePlan,
    /// The journal, at least as far back as [`trend_needs`] says, in any order.
    pub entries: &'a [Entry],
    /// The steps of recorded doses, where [`trend_needs`] asks for them; in any order.
    pub doses: &'a [DoseSteps],
    /// Now, on the clock of the place.
    pub now: DateTime<FixedOffset>,
}

/// What the plan's trends need to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrendNeeds {
    /// Entries of so many days up to now.
    pub days: u32,
    /// Of these kinds.
    pub kinds: Vec<EntryKind>,
    /// And the steps of the doses.
    pub steps: bool,
}

/// One trend of the plan, as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// The plan's id of it.
    pub rule: String,
    /// What is watched.
    pub series: TrendSeries,
    /// "Your team asked to be told when …".
    pub asked: String,
    /// What it says; empty when it says nothing. Several for infusion times of several orders.
    pub notices: Vec<Notice>,
    /// Why it says nothing, in plain words; never that all is well. Empty when it speaks.
    pub silent: Vec<String>,
}

/// What the plan's trends need to see; `None` when it asks for none that can be used.
pub fn trend_needs(plan: &CarePlan) -> Option<TrendNeeds> {
    let usable: Vec<&TrendRule> = plan.trends.iter().filter(|rule| fault(rule).is_none()).collect();
    let days = usable.iter().map(|rule| reach(rule)).max()?;
    let mut kinds = BTreeSet::new();
    for rule in &usable {
        match rule.series {
            TrendSeries::Temperature | TrendSeries::Pulse | TrendSeries::Weight | TrendSeries::Pain => {
                kinds.insert(EntryKind::Vital)
            }
            TrendSeries::SiteSigns | TrendSeries::Vip => kinds.insert(EntryKind::SiteCheck),
            TrendSeries::InfusionTime => kinds.insert(EntryKind::Administration),
            TrendSeries::Occlusions => kinds.insert(EntryKind::PumpEvent),
            TrendSeries::SymptomBurden => kinds.insert(EntryKind::Symptom),
            TrendSeries::MissedSteps => continue,
        };
    }
    let steps = usable.iter().any(|rule| rule.series == TrendSeries::MissedSteps);
    Some(TrendNeeds { days, kinds: kinds.into_iter().collect(), steps })
}

/// Days that a rule looks back on, with today.
fn reach(rule: &TrendRule) -> u32 {
    let windows = windows(rule);
    let run = match rule.method {
        TrendMethod::Run { days } => days + 2,
        TrendMethod::Ewma { .. } | TrendMethod::Cusum { .. } => 0,
    };
    (windows.watch_days + windows.baseline_days).max(run)
}

/// Every trend of the plan that can be used, in the plan's order, with what it says now.
pub fn trends(input: &TrendInput<'_>, language: Language) -> Vec<Watched> {
    let today = input.now.date_naive();
    let journal = Journal::new(input.entries, input.doses, today);
    let usable = input.plan.trends.iter().filter(|rule| fault(rule).is_none());
    usable.map(|rule| watch(input.plan, rule, &journal, today, language)).collect()
}

/// Trends of the plan that cannot be used, for a banner. Nothing takes their place.
pub fn trend_faults(plan: &CarePlan) -> Vec<RuleFault> {
    let reason = |rule| fault(rule).map(|reason| format!("{reason}; it is not watched: ask your team"));
    plan.trends
        .iter()
        .filter_map(|rule| reason(rule).map(|reason| RuleFault { rule: rule.rule.clone(), reason }))
        .collect()
}

/// Why a trend cannot be used at all.
fn fault(rule: &TrendRule) -> Option<&'static str> {
    let within = |number: Option<Decimal>, most: u32| {
        number.is_none_or(|number| number > Decimal::ZERO && number <= Decimal::from(most))
    };
    let method = match rule.method {
        TrendMethod::Run { days } => (1..=LONGEST_RUN).contains(&days),
        TrendMethod::Ewma { weight, limit } => within(weight, 1) && within(limit, 10),
        TrendMethod::Cusum { slack, limit } => within(slack, 10) && within(limit, 20),
    };
    let days = |days: Option<u32>, most: u32| days.is_none_or(|days| (1..=most).contains(&days));
    if rule.rule.is_empty() {
        Some("the trend has no id")
    } else if !method {
        Some("a number of the trend's method is out of its range")
    } else if !days(rule.watch_days, LONGEST_WATCH)
        || !days(rule.baseline_days, LONGEST_BASELINE)
        || !days(rule.again_days, LONGEST_BASELINE)
        || rule.least_values.is_some_and(|least| !(3..=60).contains(&least))
    {
        Some("the trend's days or values are out of their range")
    } else if rule.change.iter().any(|least| !takes_change_in(rule.series, &least.unit.code)) {
        Some("the least change has a unit that this is not measured in")
    } else if rule.change.iter().any(|least| least.value <= Decimal::ZERO) {
        Some("the least change is not more than zero")
    } else {
        None
    }
}

/// The time of an infusion may be said to change by minutes or by percent of the usual.
fn takes_change_in(series: TrendSeries, code: &str) -> bool {
    units(series).iter().any(|unit| unit.code == code) || (series == TrendSeries::InfusionTime && code == "%")
}

/// One series of a rule, and what the chart says.
struct Answer<'p> {
    unit: &'static UnitRow,
    newest: Option<NaiveDate>,
    says: Result<Signal<'p>, Quiet>,
}

enum Quiet {
    Chart(Silent),
    /// The plan states its least change in other units only.
    UnitWithoutChange,
    /// The change is less than the plan wants to hear of.
    TooSmall,
}

fn watch(plan: &CarePlan, rule: &TrendRule, journal: &Journal<'_>, today: NaiveDate, language: Language) -> Watched {
    let all = journal.series(rule);
    let mut by_order: BTreeMap<Option<&OrderId>, Vec<Answer<'_>>> = BTreeMap::new();
    for series in &all {
        if let Some(answer) = answer(rule, series, today) {
            by_order.entry(series.order.as_ref()).or_default().push(answer);
        }
    }
    let (mut notices, mut silent) = (Vec::new(), Vec::new());
    for (order, answers) in &by_order {
        // Of several units the one that was typed last; whichever speaks goes first.
        let Some(newest) = answers.iter().max_by_key(|answer| (answer.says.is_ok(), answer.newest)) else { continue };
        match &newest.says {
            Ok(signal) => notices.extend(notice::notice(plan, rule, *order, newest.unit, signal, language)),
            Err(quiet) => silent.push(why_quiet(quiet, newest.unit, language)),
        }
    }
    if by_order.is_empty() {
        silent.push(status("trend.silent.nothing", &[], language));
    }
    if !notices.is_empty() {
        silent.clear();
    }
    silent.dedup();
    Watched { rule: rule.rule.clone(), series: rule.series, asked: notice::asked(rule, language), notices, silent }
}

fn answer<'p>(rule: &TrendRule, series: &'p Series, today: NaiveDate) -> Option<Answer<'p>> {
    let unit = units(rule.series).iter().find(|unit| unit.code == series.unit)?;
    let chart = Chart {
        method: rule.method,
        direction: rule.direction,
        windows: windows(rule),
        unit,
        daily: rule.series != TrendSeries::InfusionTime,
    };
    let says = chart.read(&series.points, today).map_err(Quiet::Chart).and_then(|signal| {
        match enough_change(rule, &series.unit, &signal) {
            Some(true) => Ok(signal),
            Some(false) => Err(Quiet::TooSmall),
            None => Err(Quiet::UnitWithoutChange),
        }
    });
    Some(Answer { unit, newest: series.points.last().map(|point| point.day), says })
}

/// Whether the change is one that the plan wants to hear of; `None` when the plan does not say it in this unit.
fn enough_change(rule: &TrendRule, unit: &str, signal: &Signal<'_>) -> Option<bool> {
    if rule.change.is_empty() {
        return Some(true);
    }
    let least = |code: &str| rule.change.iter().find(|least| least.unit.code == code).map(|least| least.value);
    if let Some(least) = least(unit) {
        return Some(signal.change() >= least);
    }
    let percent = least("%")?;
    Some(signal.change().checked_mul(Decimal::ONE_HUNDRED)? >= signal.from.checked_mul(percent)?)
}

fn why_quiet(quiet: &Quiet, unit: &UnitRow, language: Language) -> String {
    match quiet {
        Quiet::Chart(Silent::TooFew { have, need }) => {
            let fill = [("{count}", have.to_string()), ("{limit}", need.to_string())];
            status("trend.silent.too-few", &fill, language)
        }
        Quiet::Chart(Silent::NothingNew) => status("trend.silent.nothing-new", &[], language),
        Quiet::Chart(Silent::NotMet(Some(baseline))) => {
            let usual = format!("{} {}", baseline.middle.normalize(), unit.display);
            status("trend.silent.against", &[("{usual}", usual)], language)
        }
        Quiet::Chart(Silent::NotMet(None)) | Quiet::TooSmall => status("trend.silent.not-met", &[], language),
        Quiet::UnitWithoutChange => status("trend.silent.unit", &[("{value}", unit.display.clone())], language),
    }
}

/// The first day whose entries trends look at.
pub fn trend_from(needs: &TrendNeeds, today: NaiveDate) -> NaiveDate {
    days_before(today, needs.days)
}
