//! From the journal to series: one value for each day (or each infusion), in the unit typed.
//!
//! * An entry that a later one corrects does not count, and the order in which entries come does not matter.
//! * A day without a value is missing: it is in no series, and never a zero. Zero is a value only where somebody said so
//!   ("no" to every question, a pump that was heard and raised no alarm).
//! * Units are never mixed: 37.8 °C and 100.0 °F are values of two series.
//! * A value that cannot be right in its unit is left out, as at the moment of typing.
//! * A private entry stays out: a notice goes to the team.
//!
//! A day is one of the clock of the place where it happened, so that a trip does not move it.

use super::DoseSteps;
use crate::score::vip::{VipSigns, vip};
use crate::vital_input::check_vital;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use homeline_model::{
    Administration, AdministrationStatus, AlarmKind, Decimal, Entry, EntryBody, EntryId, OccurrenceId, OrderId,
    PumpEvent, PumpEventKind, Severity, SiteFinding, Symptom, TrendRule, TrendSeries, VitalKind,
};
use std::collections::{BTreeMap, HashSet};

/// The longest infusion whose time is looked at.
const LONGEST_INFUSION: TimeDelta = TimeDelta::days(14);

/// Which dose a statement is about: its occurrence, or the statement itself where it names none.
type DoseOf<'a> = (&'a OrderId, Option<OccurrenceId>, Option<EntryId>);

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Point {
    /// Its day.
    pub day: NaiveDate,
    /// When, for the order within a day.
    pub at: DateTime<Utc>,
    /// The value.
    pub value: Decimal,
    /// The entries that it comes from.
    pub entries: Vec<EntryId>,
}

/// Values of one kind in one unit, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Series {
    /// UCUM code.
    pub unit: String,
    /// The order, for the time of infusions.
    pub order: Option<OrderId>,
    pub points: Vec<Point>,
}

/// Everything that counts in the journal up to a day.
pub(super) struct Journal<'a> {
    entries: Vec<&'a Entry>,
    doses: &'a [DoseSteps],
    today: NaiveDate,
}

impl<'a> Journal<'a> {
    pub fn new(entries: &'a [Entry], doses: &'a [DoseSteps], today: NaiveDate) -> Self {
        let corrected: HashSet<EntryId> = entries.iter().filter_map(|entry| entry.amends).collect();
        let mut entries: Vec<&Entry> =
            entries.iter().filter(|entry| !entry.private && !corrected.contains(&entry.id)).collect();
        entries.sort_by_key(|entry| (entry.times.happened.at, entry.id));
        Self { entries, doses, today }
    }

    /// All series of a rule: one for each unit that was typed, or for each order.
    pub fn series(&self, rule: &TrendRule) -> Vec<Series> {
        match rule.series {
            TrendSeries::Temperature => self.vitals(VitalKind::Temperature, highest),
            TrendSeries::Pulse => self.vitals(VitalKind::Pulse, middle),
            TrendSeries::Weight => self.vitals(VitalKind::Weight, first),
            TrendSeries::Pain => self.vitals(VitalKind::Pain, highest),
            TrendSeries::SiteSigns => self.site("1", signs),
            TrendSeries::Vip => self.site("{score}", vip_grade),
            TrendSeries::InfusionTime => self.infusion_times(rule.order.as_ref()),
            TrendSeries::Occlusions => self.occlusions(),
            TrendSeries::SymptomBurden => self.symptom_burden(),
            TrendSeries::MissedSteps => self.missed_steps(),
        }
    }

    /// The day of an entry. One that seems to lie in the future (the phone's clock went back) is of today.
    fn day(&self, entry: &Entry) -> NaiveDate {
        entry.times.happened.local().date_naive().min(self.today)
    }

    fn vitals(&self, kind: VitalKind, of_day: fn(&[Point]) -> Option<&Point>) -> Vec<Series> {
        let mut readings: BTreeMap<&str, BTreeMap<NaiveDate, Vec<Point>>> = BTreeMap::new();
        for entry in &self.entries {
            let EntryBody::Vital(vital) = &entry.body else { continue };
            if vital.vital != kind || check_vital(vital).is_err() {
                continue;
            }
            let day = self.day(entry);
            let at = entry.times.happened.at;
            let point = Point { day, at, value: vital.value.value, entries: vec![entry.id] };
            readings.entry(&vital.value.unit.code).or_default().entry(day).or_default().push(point);
        }
        let series = readings.into_iter().map(|(unit, days)| Series {
            unit: unit.to_owned(),
            order: None,
            points: days.values().filter_map(|points| of_day(points).cloned()).collect(),
        });
        series.collect()
    }

    fn site(&self, unit: &str, score: fn(&[SiteFinding]) -> Option<u32>) -> Vec<Series> {
        let mut days: BTreeMap<NaiveDate, Vec<Point>> = BTreeMap::new();
        for entry in &self.entries {
            let EntryBody::SiteCheck { findings, .. } = &entry.body else { continue };
            if let Some(score) = score(findings) {
                let day = self.day(entry);
                let at = entry.times.happened.at;
                let point = Point { day, at, value: score.into(), entries: vec![entry.id] };
                days.entry(day).or_default().push(point);
            }
        }
        one_series(unit, days.values().filter_map(|points| highest(points).cloned()).collect())
    }

    fn infusion_times(&self, only: Option<&OrderId>) -> Vec<Series> {
        // Two statements about one dose are one infusion: the one that was written last.
        let mut doses: BTreeMap<DoseOf<'_>, (&Entry, i64)> = BTreeMap::new();
        for entry in &self.entries {
            let (EntryBody::Administration(administration), Some(order)) = (&entry.body, &entry.order) else {
                continue;
            };
            let Some(minutes) = minutes_taken(administration) else { continue };
            if only.is_some_and(|only| *only != order.id) {
                continue;
            }
            let alone = entry.occurrence.is_none().then_some(entry.id);
            let known = doses.entry((&order.id, entry.occurrence, alone)).or_insert((entry, minutes));
            if (entry.times.recorded_at, entry.id) > (known.0.times.recorded_at, known.0.id) {
                *known = (entry, minutes);
            }
        }
        let mut orders: BTreeMap<&OrderId, Vec<Point>> = BTreeMap::new();
        for ((order, ..), (entry, minutes)) in doses {
            let EntryBody::Administration(Administration { started_at: Some(started), .. }) = &entry.body else {
                continue;
            };
            let day = started.with_timezone(entry.times.happened.local().offset()).date_naive().min(self.today);
            let point = Point { day, at: *started, value: minutes.into(), entries: vec![entry.id] };
            orders.entry(order).or_default().push(point);
        }
        let series = orders.into_iter().map(|(order, mut points)| {
            points.sort_by_key(|point| (point.day, point.at, point.entries.first().copied()));
            Series { unit: "min".to_owned(), order: Some(order.clone()), points }
        });
        series.collect()
    }

    fn occlusions(&self) -> Vec<Series> {
        let mut days: BTreeMap<NaiveDate, Point> = BTreeMap::new();
        let mut counted: HashSet<(&str, u32, u32)> = HashSet::new();
        for entry in &self.entries {
            let EntryBody::PumpEvent(event) = &entry.body else { continue };
            let day = self.day(entry);
            let at = entry.times.happened.at;
            let point = days.entry(day).or_insert(Point { day, at, value: Decimal::ZERO, entries: Vec::new() });
            let again = event.record.is_some_and(|record| !counted.insert((&event.serial, event.epoch, record)));
            if is_occlusion(event) && !again {
                point.value += Decimal::ONE;
                point.entries.push(entry.id);
            }
        }
        one_series("1", days.into_values().collect())
    }

    fn symptom_burden(&self) -> Vec<Series> {
        let mut days: BTreeMap<NaiveDate, BTreeMap<&str, (u32, &Entry)>> = BTreeMap::new();
        for entry in &self.entries {
            let EntryBody::Symptom(symptom) = &entry.body else { continue };
            let points = burden(symptom);
            let worst =
                days.entry(self.day(entry)).or_default().entry(symptom.symptom.as_str()).or_insert((points, entry));
            if points > worst.0 {
                *worst = (points, entry);
            }
        }
        let points = days.into_iter().filter_map(|(day, symptoms)| {
            let at = symptoms.values().map(|(_, entry)| entry.times.happened.at).min()?;
            let value = symptoms.values().map(|(points, _)| Decimal::from(*points)).sum();
            let entries = symptoms.values().map(|(_, entry)| entry.id).collect();
            Some(Point { day, at, value, entries })
        });
        one_series("1", points.collect())
    }

    fn missed_steps(&self) -> Vec<Series> {
        let mut days: BTreeMap<NaiveDate, (DateTime<Utc>, u64, u64)> = BTreeMap::new();
        for dose in self.doses.iter().filter(|dose| dose.steps > 0 && dose.day <= self.today) {
            let (at, steps, done) = days.entry(dose.day).or_insert((dose.at, 0, 0));
            *at = dose.at.min(*at);
            *steps += u64::from(dose.steps);
            *done += u64::from(dose.done.min(dose.steps));
        }
        let points = days.into_iter().map(|(day, (at, steps, done))| {
            let percent = Decimal::from((steps - done) * 100) / Decimal::from(steps);
            Point { day, at, value: percent.round(), entries: Vec::new() }
        });
        one_series("%", points.collect())
    }
}

fn one_series(unit: &str, points: Vec<Point>) -> Vec<Series> {
    if points.is_empty() { Vec::new() } else { vec![Series { unit: unit.to_owned(), order: None, points }] }
}

/// The first of the highest readings.
fn highest(points: &[Point]) -> Option<&Point> {
    points.iter().rev().max_by_key(|point| point.value)
}

/// The middle reading, of two the lower: a value that was really read.
fn middle(points: &[Point]) -> Option<&Point> {
    let mut sorted: Vec<&Point> = points.iter().collect();
    sorted.sort_by_key(|point| point.value);
    sorted.get(points.len().saturating_sub(1) / 2).copied()
}

fn first(points: &[Point]) -> Option<&Point> {
    points.first()
}

/// How many different signs were answered with yes; `None` when nothing was answered.
fn signs(findings: &[SiteFinding]) -> Option<u32> {
    let present: HashSet<&str> =
        findings.iter().filter(|finding| finding.present).map(|finding| finding.finding.as_str()).collect();
    (!findings.is_empty()).then(|| u32::try_from(present.len()).unwrap_or(u32::MAX))
}

/// The least grade that the answers allow; `None` unless pain, redness and swelling were answered.
fn vip_grade(findings: &[SiteFinding]) -> Option<u32> {
    let signs = VipSigns::of_site_check(findings, None);
    let asked = signs.pain.is_some() && signs.redness.is_some() && signs.swelling.is_some();
    asked.then(|| u32::from(vip(&signs).grade))
}

/// Whole minutes from start to end of a dose that went in completely.
fn minutes_taken(administration: &Administration) -> Option<i64> {
    if administration.status != AdministrationStatus::Completed {
        return None;
    }
    let took = administration.ended_at?.signed_duration_since(administration.started_at?);
    (took > TimeDelta::zero() && took <= LONGEST_INFUSION).then(|| took.num_minutes())
}

fn is_occlusion(event: &PumpEvent) -> bool {
    matches!(
        &event.kind,
        PumpEventKind::AlarmRaised { alarm: AlarmKind::OcclusionDownstream | AlarmKind::OcclusionUpstream, .. }
    )
}

fn burden(symptom: &Symptom) -> u32 {
    match (symptom.present, symptom.severity) {
        (false, _) => 0,
        (true, None | Some(Severity::Mild)) => 1,
        (true, Some(Severity::Moderate)) => 2,
        (true, Some(Severity::Severe)) => 3,
    }
}
