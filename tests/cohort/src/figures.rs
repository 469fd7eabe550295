//! Sensitivity, lead time and false alerts.
//!
//! * **Found**: an alert from the onset until a day after the complication is overt. **Found before**: before it is overt.
//! * **Lead time**: from the first such alert to the hour at which it is overt, in hours; negative is too late.
//! * **False alert**: one in an uncomplicated course, or before the onset. By 100 patient-days at risk of one.

use crate::complication::Complication;
use crate::course::{Course, hours};
use crate::evaluate::{Asked, Heard};
use std::collections::BTreeMap;

/// What one group of courses gives for one way of asking.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Figures {
    /// Courses.
    pub courses: u32,
    /// Courses in which it was found.
    pub found: u32,
    /// Courses in which it was found before it was overt.
    pub found_before: u32,
    /// Lead times in hours, ascending; one for each course in which it was found.
    pub lead_hours: Vec<f64>,
    /// False alerts.
    pub false_alerts: u32,
    /// Days without a complication.
    pub days_at_risk: f64,
    /// False alerts by their rule.
    pub by_rule: BTreeMap<String, u32>,
}

impl Figures {
    /// Percent of courses in which it was found.
    pub fn sensitivity(&self) -> f64 {
        percent(self.found, self.courses)
    }

    /// Percent of courses in which it was found before it was overt.
    pub fn sensitivity_before(&self) -> f64 {
        percent(self.found_before, self.courses)
    }

    /// A quantile of the lead times, 0 to 1; `None` when nothing was found.
    pub fn lead(&self, quantile: f64) -> Option<f64> {
        let last = self.lead_hours.len().checked_sub(1)?;
        // Small counts, exact in a float.
        let place = quantile * last as f64;
        let at = |index: f64| {
            self.lead_hours.iter().zip(0_u32..).find(|(_, known)| f64::from(*known) >= index).map(|(lead, _)| *lead)
        };
        let (low, high) = (at(place.floor())?, at(place.ceil())?);
        Some(low + (high - low) * place.fract())
    }

    /// False alerts by 100 patient-days.
    pub fn false_by_100_days(&self) -> f64 {
        if self.days_at_risk > 0.0 { f64::from(self.false_alerts) * 100.0 / self.days_at_risk } else { 0.0 }
    }

    /// Adds one course, as heard by those who are `asked`.
    pub fn add(&mut self, course: &Course, heard: &Heard, asked: &[Asked]) {
        let onset = course.injected.map(|injected| (course.start + hours(injected.onset)).to_utc());
        let overt = course.injected.map(|injected| (course.start + hours(injected.overt)).to_utc());
        let mine = || heard.alerts.iter().filter(|alert| asked.contains(&alert.by));
        self.courses += 1;
        self.days_at_risk += course.injected.map_or(course.days, |injected| injected.onset / 24.0);
        for alert in mine().filter(|alert| onset.is_none_or(|onset| alert.at < onset)) {
            self.false_alerts += 1;
            *self.by_rule.entry(alert.rule.clone()).or_default() += 1;
        }
        let first = mine().find(|alert| onset.is_some_and(|onset| alert.at >= onset));
        if let (Some(first), Some(overt)) = (first, overt) {
            let minutes = i32::try_from((overt - first.at).num_minutes()).unwrap_or_default();
            self.found += 1;
            self.found_before += u32::from(first.at < overt);
            let place = self.lead_hours.partition_point(|lead| *lead <= f64::from(minutes) / 60.0);
            self.lead_hours.insert(place, f64::from(minutes) / 60.0);
        }
    }
}

fn percent(part: u32, whole: u32) -> f64 {
    if whole == 0 { 0.0 } else { f64::from(part) * 100.0 / f64::from(whole) }
}

/// One line of the table: a complication (or none) and who was asked.
pub type Line = (Option<Complication>, &'static str);

/// The three ways of asking.
pub const WAYS: [(&str, &[Asked]); 3] =
    [("limits", &[Asked::Limits]), ("trends", &[Asked::Trends]), ("both", &[Asked::Limits, Asked::Trends])];

/// All lines of a cohort with `each` courses of every complication, and `each` without one.
pub fn figures(plans: &crate::Plans, seed: u64, each: u64) -> Vec<(Line, Figures)> {
    let mut lines = Vec::new();
    for complication in Complication::ALL.into_iter().map(Some).chain([None]) {
        let mut of_ways = WAYS.map(|_| Figures::default());
        for number in 0..each {
            let course = crate::course(plans, seed, number, complication);
            let heard = crate::listen(plans, &course);
            for (figures, (_, asked)) in of_ways.iter_mut().zip(WAYS) {
                figures.add(&course, &heard, asked);
            }
        }
        lines.extend(WAYS.iter().zip(of_ways).map(|((name, _), figures)| ((complication, *name), figures)));
    }
    lines
}
