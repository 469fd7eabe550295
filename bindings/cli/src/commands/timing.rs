//! `homeline timing`: a FHIR timing in, its occurrences out, so that anyone can hold our reading of `Timing` against an
//! independent source. It needs no vault.

use super::plan::read_at_most;
use crate::arguments::TimingArguments;
use crate::failure::Failure;
use crate::output::Output;
use crate::zones::rules_until;
use chrono::{DateTime, Duration, FixedOffset, NaiveDate, SecondsFormat, Utc};
use homeline_fhir::{ReadTiming, read_timing};
use homeline_model::{Order, OrderKind, PatientId, TimePolicy, ZoneTable};
use homeline_schedule::{
    Expander, Expansion, Question, Routine, Skipped, Span, TimingExpansion, Zones, expand_dosage, expand_timing,
};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::Path;

/// More than any Timing has.
const LARGEST_TIMING: usize = 4 << 20;
/// One for every minute of nearly two years.
const MOST_OCCURRENCES: usize = 1_000_000;

#[derive(Serialize)]
struct Answer {
    occurrences: Vec<OccurrenceAnswer>,
    questions: Vec<QuestionAnswer>,
    skipped: Vec<SkippedAnswer>,
}

#[derive(Serialize)]
struct OccurrenceAnswer {
    start: String,
    end: Option<String>,
}

#[derive(Serialize)]
struct QuestionAnswer {
    code: &'static str,
    path: String,
    choices: Vec<ChoiceAnswer>,
}

#[derive(Serialize)]
struct ChoiceAnswer {
    code: &'static str,
    text: &'static str,
}

#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct SkippedAnswer {
    date: NaiveDate,
    reason: &'static str,
}

/// What was found, whatever it was found in.
struct Found {
    occurrences: Vec<(DateTime<Utc>, Option<DateTime<Utc>>)>,
    questions: Vec<Question>,
    skipped: Vec<Skipped>,
    is_whole: bool,
}

/// `homeline timing`
pub fn run(arguments: TimingArguments) -> Result<(), Failure> {
    let span = Span::new(arguments.from.to_utc(), arguments.to.to_utc());
    if span.to < span.from {
        return Err(Failure::usage("--to is before --from: give the later instant as --to"));
    }
    let table = rules_until(&arguments.zone, span.to + Duration::days(400)).ok_or_else(|| {
        Failure::usage(format!(
            "--zone {}: no rules are known for it, give an IANA name such as America/Chicago",
            arguments.zone
        ))
    })?;
    let routine = Routine { events: arguments.routine, ..Routine::default() };

    let json = read_at_most(Path::new("-"), LARGEST_TIMING)?;
    let json = std::str::from_utf8(&json).map_err(|error| Failure::input("standard input", error))?;
    let read = read_timing(json).map_err(|error| Failure::input("standard input", error))?;
    let found = expand(read, &table, &routine, span)?;
    if !found.is_whole {
        return Err(Failure::Failed(format!(
            "there are more than {MOST_OCCURRENCES} occurrences: ask for a shorter span"
        )));
    }
    let skipped: BTreeSet<SkippedAnswer> = found
        .skipped
        .iter()
        .map(|skipped| SkippedAnswer { date: skipped.date, reason: skipped.reason.as_str() })
        .collect();
    let answer = Answer {
        occurrences: found
            .occurrences
            .into_iter()
            .map(|(start, end)| OccurrenceAnswer {
                start: shown(&table, start),
                end: end.map(|end| shown(&table, end)),
            })
            .collect(),
        questions: found.questions.into_iter().map(question).collect(),
        skipped: skipped.into_iter().collect(),
    };
    // Machines alone come through this door: the answer is JSON, asked for or not.
    Output { json: true }.answer(&answer, |_| Ok(()))
}

fn expand(read: ReadTiming, table: &ZoneTable, routine: &Routine, span: Span) -> Result<Found, Failure> {
    let (zones, limit) = (Zones::at_home(table), MOST_OCCURRENCES);
    Ok(match read {
        ReadTiming::Timing(timing) => {
            expand_timing(&timing, TimePolicy::WallClock, None, zones, routine, span, limit).into()
        }
        ReadTiming::Dosage(dosage) => expand_dosage(&dosage, TimePolicy::WallClock, zones, routine, span, limit).into(),
        ReadTiming::Order(order) => {
            let patient = PatientId::new("patient").map_err(|error| Failure::Failed(error.to_string()))?;
            let orders = [times_alone(*order)];
            let expander =
                Expander { patient: &patient, orders: &orders, zones, routine, starts: &[], actual_starts: &[] };
            let [order] = &orders;
            expander.order(order, span, limit).into()
        }
    })
}

/// The door is about times: an order that states no dose is not asked for one here.
fn times_alone(order: Order) -> Order {
    let no_dose = order.dosages.iter().any(|d| d.dose.is_none() && d.rate.is_none() && d.rate_profile.is_none());
    let kind = if no_dose { OrderKind::Service } else { order.kind };
    Order { kind, ..order }
}

impl From<TimingExpansion> for Found {
    fn from(expansion: TimingExpansion) -> Self {
        Self {
            occurrences: expansion.slots.iter().map(|slot| (slot.start(), slot.end())).collect(),
            questions: expansion.questions,
            skipped: expansion.skipped,
            is_whole: expansion.next.is_none(),
        }
    }
}

impl From<Expansion> for Found {
    fn from(expansion: Expansion) -> Self {
        Self {
            occurrences: expansion.occurrences.iter().map(|o| (o.start, o.end)).collect(),
            questions: expansion.questions,
            skipped: expansion.skipped,
            is_whole: expansion.next.is_none(),
        }
    }
}

fn question(question: Question) -> QuestionAnswer {
    let choices = question.choices.iter().map(|choice| ChoiceAnswer { code: choice.code, text: choice.text });
    QuestionAnswer { code: question.code.as_str(), choices: choices.collect(), path: question.path }
}

/// RFC 3339 with the offset that the zone has then.
fn shown(table: &ZoneTable, at: DateTime<Utc>) -> String {
    let offset = FixedOffset::east_opt(table.offset_at(at.timestamp()));
    offset.map_or(at.fixed_offset(), |offset| at.with_timezone(&offset)).to_rfc3339_opts(SecondsFormat::Secs, false)
}
