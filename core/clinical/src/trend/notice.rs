//! What a trend says, in plain words: who asked, the data, the rule with its numbers, and which of them are not the plan's.

use super::chart::Signal;
use super::defaults::{UnitRow, defaults, spread_source, windows};
use crate::language::Language;
use crate::texts::{text, word};
use crate::triage::advice_lines;
use chrono::NaiveDate;
use homeline_model::{Advice, CarePlan, EntryId, OrderId, TrendLevel, TrendMethod, TrendRule, TrendSeries, Uuid};

/// Stands before the plan's id in the rule of the advice, so that no trend can be taken for a rule of triage.
pub const RULE_PREFIX: &str = "trend/";

/// One trend that speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The same facts give the same id, on every phone.
    pub id: EntryId,
    /// The plan's id of the trend.
    pub rule: String,
    /// What is watched.
    pub series: TrendSeries,
    /// The order, for the time of infusions.
    pub order: Option<OrderId>,
    /// How it is told: as the plan says, never more urgent.
    pub level: TrendLevel,
    /// Whom to tell, and what the team asked for; one action a line.
    pub text: Vec<String>,
    /// The data, and what it was held against.
    pub data: Vec<String>,
    /// The rule with its numbers.
    pub how: Vec<String>,
    /// The method, by its source.
    pub source: String,
    /// Day of the newest value.
    pub last: NaiveDate,
    /// For so many days the same trend is not written down again.
    pub again_days: u32,
}

impl Notice {
    /// The rule as the journal names it: `trend/<id>`, and the order where each has a trend of its own.
    pub fn key(&self) -> String {
        match &self.order {
            Some(order) => format!("{RULE_PREFIX}{}/{order}", self.rule),
            None => format!("{RULE_PREFIX}{}", self.rule),
        }
    }

    /// The notice as the journal keeps it.
    pub fn advice(&self) -> Advice {
        Advice {
            rule: self.key(),
            level: self.level.into(),
            text: self.text.clone(),
            because: self.data.iter().chain(&self.how).cloned().collect(),
            source: self.source.clone(),
        }
    }
}

/// Whether advice in the journal came from a trend, and not from triage.
pub fn is_trend(advice: &Advice) -> bool {
    advice.rule.starts_with(RULE_PREFIX)
}

/// "Your team asked to be told when your temperature rises 2 days in a row."
pub(super) fn asked(rule: &TrendRule, language: Language) -> String {
    let key = match (rule.method, rule.series) {
        (TrendMethod::Run { days: 1 }, TrendSeries::InfusionTime) => "trend.asked.next-infusion",
        (TrendMethod::Run { days: 1 }, _) => "trend.asked.next-day",
        (TrendMethod::Run { .. }, TrendSeries::InfusionTime) => "trend.asked.infusions",
        (TrendMethod::Run { .. }, _) => "trend.asked.days",
        (TrendMethod::Ewma { .. } | TrendMethod::Cusum { .. }, _) => "trend.asked.usual",
    };
    let days = match rule.method {
        TrendMethod::Run { days } => days.to_string(),
        TrendMethod::Ewma { .. } | TrendMethod::Cusum { .. } => String::new(),
    };
    let what = word(&format!("name.trend.{}.{}", code(rule.series), code(rule.direction)), language);
    word(key, language).replace("{what}", &what).replace("{count}", &days)
}

pub(super) fn notice(
    plan: &CarePlan,
    rule: &TrendRule,
    order: Option<&OrderId>,
    unit: &UnitRow,
    signal: &Signal<'_>,
    language: Language,
) -> Option<Notice> {
    let last = signal.points.last()?.day;
    let words = Words { plan, rule, order, unit, signal, language };
    Some(Notice {
        id: words.id(),
        rule: rule.rule.clone(),
        series: rule.series,
        order: order.cloned(),
        level: rule.level,
        text: words.text(),
        data: words.data(),
        how: words.how(),
        source: source(rule).to_owned(),
        last,
        again_days: rule.again_days.unwrap_or(defaults().windows.again_days),
    })
}

struct Words<'a> {
    plan: &'a CarePlan,
    rule: &'a TrendRule,
    order: Option<&'a OrderId>,
    unit: &'a UnitRow,
    signal: &'a Signal<'a>,
    language: Language,
}

impl Words<'_> {
    /// The lines of a key with numbers put in.
    fn lines(&self, key: &str, fill: &[(&str, String)]) -> Vec<String> {
        let lines = text(key, self.language).map(|text| text.lines).unwrap_or_default();
        lines.into_iter().map(|line| filled(line, fill)).collect()
    }

    fn text(&self) -> Vec<String> {
        let own_words = self.rule.text.as_deref();
        let level = self.rule.level.into();
        let mut lines = advice_lines("trend.own-rules", own_words, level, self.plan, self.language);
        lines.insert(lines.len().min(1), asked(self.rule, self.language));
        lines
    }

    /// "It did: 36.9, 37.2, 37.8 °C (2026-11-21 to 2026-11-23)."
    fn data(&self) -> Vec<String> {
        let points = self.signal.points;
        let values: Vec<String> = points.iter().map(|point| point.value.to_string()).collect();
        let days = match (points.first(), points.last()) {
            (Some(first), Some(last)) if first.day != last.day => {
                let to = word("name.trend.to", self.language);
                let span = (last.day - first.day).num_days() + 1;
                let without = span - i64::try_from(points.len()).unwrap_or(i64::MAX);
                let missing = if self.rule.series == TrendSeries::InfusionTime || without <= 0 {
                    String::new()
                } else {
                    format!("; {} {without}", word("name.trend.missing", self.language))
                };
                format!("{} {to} {}{missing}", first.day, last.day)
            }
            (_, Some(last)) => last.day.to_string(),
            (_, None) => String::new(),
        };
        let what = format!("{} {} ({days})", values.join(", "), self.unit.display);
        let mut lines = Vec::new();
        lines.extend(
            self.order.map(|id| self.plan.order(id).map_or_else(|| id.to_string(), |order| order.title.clone())),
        );
        lines.extend(self.lines("trend.did", &[("{values}", what)]));
        if let Some(baseline) = self.signal.baseline {
            let usual = format!("{} {}", baseline.middle.normalize(), self.unit.display);
            let fill = [("{usual}", usual), ("{count}", baseline.values.to_string())];
            lines.extend(self.lines("trend.usual", &fill));
        }
        lines
    }

    fn how(&self) -> Vec<String> {
        let unit = &self.unit.display;
        let mut lines = Vec::new();
        match (self.rule.method, self.signal.statistic) {
            (TrendMethod::Run { .. }, _) | (_, None) => lines.extend(self.lines("trend.how.run", &[])),
            (TrendMethod::Ewma { .. }, Some((mean, limit))) => {
                let fill = [("{value}", format!("{mean:.2} {unit}")), ("{limit}", format!("{limit:.2} {unit}"))];
                lines.extend(self.lines("trend.how.ewma", &[]));
                lines.extend(self.lines("trend.how.limit", &fill));
            }
            (TrendMethod::Cusum { .. }, Some((sum, limit))) => {
                let fill = [("{value}", format!("{sum:.2}")), ("{limit}", format!("{limit:.2}"))];
                lines.extend(self.lines("trend.how.cusum", &[]));
                lines.extend(self.lines("trend.how.limit", &fill));
            }
        }
        let least: Vec<String> =
            self.rule.change.iter().map(|least| format!("{} {}", least.value, least.unit.display)).collect();
        if !least.is_empty() {
            let change = format!("{} {unit}", self.signal.change());
            let fill = [("{change}", change), ("{least}", least.join(" / "))];
            lines.extend(self.lines("trend.change", &fill));
        }
        let assumed = assumed(self.rule);
        if !assumed.is_empty() {
            lines.extend(self.lines("trend.assumed", &[("{numbers}", assumed.join(", "))]));
        }
        lines
    }

    /// A version 5 UUID of patient, trend and the values that are shown.
    fn id(&self) -> EntryId {
        let namespace = Uuid::new_v5(&Uuid::NAMESPACE_URL, b"https://homeline.example/trend-notice");
        let mut name = format!("{}|{}|{}", self.plan.patient.id, self.rule.rule, self.unit.code);
        name.extend(self.order.map(|order| format!("|{order}")));
        for point in self.signal.points {
            name.push_str(&format!("|{}={}", point.day, point.value));
            name.extend(point.entries.iter().map(|entry| format!(",{entry}")));
        }
        EntryId(Uuid::new_v5(&namespace, name.as_bytes()))
    }
}

/// The numbers that are not the plan's, each by its name in `docs/care-plan.md`.
fn assumed(rule: &TrendRule) -> Vec<String> {
    let usual = defaults();
    let mut numbers = Vec::new();
    match rule.method {
        TrendMethod::Run { .. } => return numbers,
        TrendMethod::Ewma { weight, limit } => {
            numbers.extend(weight.is_none().then(|| format!("weight {}", usual.ewma.weight)));
            numbers.extend(limit.is_none().then(|| format!("limit {}", usual.ewma.limit)));
        }
        TrendMethod::Cusum { slack, limit } => {
            numbers.extend(slack.is_none().then(|| format!("slack {}", usual.cusum.slack)));
            numbers.extend(limit.is_none().then(|| format!("limit {}", usual.cusum.limit)));
        }
    }
    let windows = windows(rule);
    numbers.extend(rule.watch_days.is_none().then(|| format!("watch {} d", windows.watch_days)));
    numbers.extend(rule.baseline_days.is_none().then(|| format!("baseline {} d", windows.baseline_days)));
    numbers.extend(rule.least_values.is_none().then(|| format!("least {}", windows.least_values)));
    if rule.watch_days.is_none() || rule.baseline_days.is_none() || rule.least_values.is_none() {
        numbers.push(usual.windows.source.clone());
    }
    numbers.push(format!("spread: {}", spread_source(rule.series)));
    numbers
}

fn source(rule: &TrendRule) -> &'static str {
    match rule.method {
        TrendMethod::Run { .. } => &defaults().run.source,
        TrendMethod::Ewma { .. } => &defaults().ewma.source,
        TrendMethod::Cusum { .. } => &defaults().cusum.source,
    }
}

/// The name of a variant as in JSON.
fn code<T: serde::Serialize>(variant: T) -> String {
    serde_json::to_value(variant).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The words of a key with numbers put in; for the list of what is watched.
pub(super) fn status(key: &str, fill: &[(&str, String)], language: Language) -> String {
    filled(text(key, language).map(|text| text.lines.join(" ")).unwrap_or_default(), fill)
}

fn filled(line: String, fill: &[(&str, String)]) -> String {
    fill.iter().fold(line, |line, (place, words)| line.replace(place, words))
}
