//! Ours, and the peer in Rust.

use crate::case::Case;
use crate::contestant::{ContestError, Found, Sum};
use chrono::{DateTime, NaiveTime, Utc};
use homeline_model::{
    Bounds, Decimal, FhirDateTime, PeriodUnit, Repeat, TimePolicy, Timing, ZoneId, ZoneTable, ZoneTransition,
};
use homeline_schedule::{Routine, Rule, Span, Zones};
use jiff::{Timestamp, tz::TimeZone};
use rrule::{RRuleSet, Tz};
use std::hint::black_box;
use std::time::Instant;

/// 2026-01-01T06:00Z, which is also the first instant that is asked for.
const BEGIN: i64 = 1_767_247_200;
/// 2026-11-23T17:00Z
const NOW: i64 = 1_795_453_200;
const OCCURRENCES: usize = 1_095;
const NEW_YORK: &str = "America/New_York";

fn utc(unix: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(unix, 0).unwrap_or_default()
}

fn timed(repeats: u32, mut one: impl FnMut() -> Sum) -> Found {
    let begun = Instant::now();
    let mut answer = 0;
    for _ in 0..repeats {
        answer = black_box(one());
    }
    Found { took: begun.elapsed(), answer }
}

/// Homeline's engine.
pub struct Ours {
    zone: ZoneTable,
    routine: Routine,
    eight_hours: Rule,
    three_times: Rule,
    old: Timing,
    old_rule: Rule,
}

fn timing(start: FhirDateTime, period: (u32, PeriodUnit), times: &[u32]) -> Timing {
    let repeat = Repeat {
        bounds: Some(Bounds::Period { start: Some(start), end: None }),
        period: Some(Decimal::from(period.0)),
        period_unit: Some(period.1),
        time_of_day: times.iter().filter_map(|hour| NaiveTime::from_hms_opt(*hour, 0, 0)).collect(),
        ..Repeat::default()
    };
    Timing { event: Vec::new(), repeat: Some(repeat), code: None }
}

fn new_york() -> Result<ZoneTable, ContestError> {
    let fault = |error: jiff::Error| ContestError::Rule { name: "ours", reason: error.to_string() };
    let rules = TimeZone::get(NEW_YORK).map_err(fault)?;
    let (from, to) = (Timestamp::UNIX_EPOCH, Timestamp::from_second(2_200_000_000).map_err(fault)?);
    let transitions = rules.following(from).take_while(|transition| transition.timestamp() < to);
    let transitions = transitions.map(|transition| ZoneTransition {
        at: transition.timestamp().as_second(),
        offset_seconds: transition.offset().seconds(),
    });
    Ok(ZoneTable {
        zone: ZoneId::new(NEW_YORK).unwrap_or_else(ZoneId::utc),
        version: String::new(),
        initial_offset_seconds: rules.to_offset(from).seconds(),
        transitions: transitions.collect(),
    })
}

impl Ours {
    /// With the rules at hand.
    pub fn new() -> Result<Self, ContestError> {
        let (zone, routine) = (new_york()?, Routine::default());
        let day = |text: &str| {
            let reason = |error: chrono::ParseError| ContestError::Rule { name: "ours", reason: error.to_string() };
            text.parse().map(FhirDateTime::Date).map_err(reason)
        };
        let read = |timing: &Timing| {
            let reading = Rule::read(timing, TimePolicy::WallClock, None, Zones::at_home(&zone), &routine);
            let open = || ContestError::Rule { name: "ours", reason: "the timing is a question".to_owned() };
            reading.rule.ok_or_else(open)
        };
        let first = FhirDateTime::Instant(utc(BEGIN).fixed_offset());
        let eight_hours = read(&timing(first, (8, PeriodUnit::Hour), &[]))?;
        let three_times = read(&timing(day("2026-01-01")?, (1, PeriodUnit::Day), &[6, 14, 22]))?;
        let old = timing(day("2016-11-27")?, (1, PeriodUnit::Day), &[8, 20]);
        let old_rule = read(&old)?;
        Ok(Self { zone, routine, eight_hours, three_times, old, old_rule })
    }

    /// Answers a case.
    pub fn answer(&self, case: Case, repeats: u32) -> Found {
        let zones = Zones::at_home(&self.zone);
        let span = Span::new(utc(BEGIN), DateTime::<Utc>::MAX_UTC);
        let sum = |rule: &Rule| -> Sum { rule.walk(zones, span).take(OCCURRENCES).map(|slot| slot.start_unix).sum() };
        let next = |rule: &Rule| rule.next_start(zones, utc(NOW)).map_or(0, |at| at.timestamp());
        match case {
            Case::EightHours => timed(repeats, || sum(black_box(&self.eight_hours))),
            Case::ThreeTimesADay => timed(repeats, || sum(black_box(&self.three_times))),
            Case::NextAfterTenYears => timed(repeats, || next(black_box(&self.old_rule))),
            Case::NextFromTheOrder => timed(repeats, || {
                let reading = Rule::read(black_box(&self.old), TimePolicy::WallClock, None, zones, &self.routine);
                reading.rule.as_ref().map_or(0, next)
            }),
        }
    }
}

const OLD: &str = "DTSTART;TZID=America/New_York:20161127T080000\nRRULE:FREQ=DAILY;BYHOUR=8,20;BYMINUTE=0;BYSECOND=0";

/// The crate `rrule`.
pub struct Rrule {
    eight_hours: RRuleSet,
    three_times: RRuleSet,
    old: RRuleSet,
}

fn rule(text: &str) -> Result<RRuleSet, ContestError> {
    text.parse().map_err(|error: rrule::RRuleError| ContestError::Rule { name: "rrule", reason: error.to_string() })
}

impl Rrule {
    /// With the rules at hand.
    pub fn new() -> Result<Self, ContestError> {
        Ok(Self {
            eight_hours: rule("DTSTART:20260101T060000Z\nRRULE:FREQ=HOURLY;INTERVAL=8;COUNT=1095")?,
            three_times: rule(
                "DTSTART;TZID=America/New_York:20260101T060000\n\
                 RRULE:FREQ=DAILY;BYHOUR=6,14,22;BYMINUTE=0;BYSECOND=0;COUNT=1095",
            )?,
            old: rule(OLD)?,
        })
    }

    /// Answers a case.
    pub fn answer(&self, case: Case, repeats: u32) -> Found {
        let sum = |set: &RRuleSet| -> Sum { set.into_iter().map(|at| at.timestamp()).sum() };
        let next = |set: &RRuleSet| {
            let after = utc(NOW + 1).with_timezone(&Tz::UTC);
            set.into_iter().find(|at| *at >= after).map_or(0, |at| at.timestamp())
        };
        match case {
            Case::EightHours => timed(repeats, || sum(black_box(&self.eight_hours))),
            Case::ThreeTimesADay => timed(repeats, || sum(black_box(&self.three_times))),
            Case::NextAfterTenYears => timed(repeats, || next(black_box(&self.old))),
            Case::NextFromTheOrder => timed(repeats, || rule(black_box(OLD)).map_or(0, |set| next(&set))),
        }
    }
}
