//! Walking through a course as the phone would: after every sitting the trends and the limits are asked, and what is new is
//! written down. An alert that stands is not given again: triage's for eight days, a trend's for as long as the plan says.

use crate::course::Course;
use crate::plans::Plans;
use chrono::{DateTime, TimeDelta, Utc};
use homeline_clinical::{Language, TrendInput, trends, triage};
use homeline_model::{Advice, Entry};
use std::collections::BTreeMap;

/// Entries closer than this are one sitting.
const SITTING: TimeDelta = TimeDelta::minutes(30);
/// How far back triage looks and an open alert stands.
const TRIAGE_REACH: TimeDelta = TimeDelta::days(8);

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// The trends that the plan turns on.
    Trends,
    /// The limits: built-in triage with the plan's thresholds.
    Limits,
}

/// One alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// By whom.
    pub by: Asked,
    /// Its rule.
    pub rule: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// All alerts of a course, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Heard {
    /// Oldest first.
    pub alerts: Vec<Alert>,
}

/// Lives through a course.
pub fn listen(plans: &Plans, course: &Course) -> Heard {
    let plan = plans.plan(course.lived);
    let mut heard = Heard::default();
    // Until when an alert stands.
    let mut stands: BTreeMap<String, DateTime<Utc>> = BTreeMap::new();
    let mut give = |heard: &mut Heard, by: Asked, rule: String, at: DateTime<Utc>, span: TimeDelta| {
        if stands.get(&rule).is_none_or(|until| *until <= at) {
            stands.insert(rule.clone(), at + span);
            heard.alerts.push(Alert { by, rule, at });
        }
    };
    for (index, entry) in course.entries.iter().enumerate() {
        let at = entry.times.recorded_at;
        let more_follow = course.entries.get(index + 1).is_some_and(|next| next.times.recorded_at - at < SITTING);
        if more_follow {
            continue;
        }
        let written: &[Entry] = course.entries.get(..=index).unwrap_or_default();
        let recent = written.partition_point(|entry| entry.times.recorded_at < at - TRIAGE_REACH);
        for Advice { rule, .. } in triage(plan, written.get(recent..).unwrap_or_default(), &[], at, Language::English) {
            give(&mut heard, Asked::Limits, rule, at, TRIAGE_REACH);
        }
        let doses = course.steps.partition_point(|dose| dose.at < at);
        let input = TrendInput {
            plan,
            entries: written,
            doses: course.steps.get(..doses).unwrap_or_default(),
            now: at.with_timezone(course.start.offset()),
        };
        for notice in trends(&input, Language::English).into_iter().flat_map(|watched| watched.notices) {
            let span = TimeDelta::days(i64::from(notice.again_days));
            give(&mut heard, Asked::Trends, notice.key(), at, span);
        }
    }
    heard
}
