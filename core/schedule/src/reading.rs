//! Reading a FHIR `Timing` (R4, <https://hl7.org/fhir/R4/datatypes.html#Timing>) into a [`Rule`], or into questions.
//!
//! What FHIR leaves open is settled here, each at its place:
//! * `period` in hours, minutes or seconds without times is elapsed time from an instant; with `timeOfDay` it is the
//!   clock, if the hours divide a day.
//! * An order whose time counts from the last actual start counts elapsed time, also when its period is in days: it has no
//!   times of the day, and a Timing that lists some contradicts it.
//! * `period` in days, weeks, months or years follows the calendar from the anchor, at `timeOfDay`, at the meals of
//!   `when`, at the anchor's own time, or (when only a day is known) on that day.
//! * With `dayOfWeek` a week is the seven days from the anchor on, or from Monday without one.
//! * `count` counts from the anchor, by name: a day that a zone leaves out is not made up for.
//! * The anchor is the start of `boundsPeriod`, else a single `event`, else what the caller says was agreed.
//! * `frequency` above 1 needs as many times or days as it says.

use crate::elapsed::Elapsed;
use crate::question::{Question, QuestionCode};
use crate::recurrence::{civil, recurrence};
use crate::routine::Routine;
use crate::rule::{Civil, Cycle, ListedEvent, Moment, Recurrence, Rule, Times};
use crate::zone::{DAY, Zones, day_number};
use homeline_model::{Bounds, Decimal, EventTiming, FhirDateTime, PeriodUnit, Repeat, TimePolicy, Timing};

/// Longer than any order: a period or duration beyond it is a slip of the pen, and would leave the calendar.
const LONGEST_SECONDS: i64 = 400 * 366 * DAY;
/// One time for every minute of a day.
const MOST_TIMES: usize = 1_440;
/// One event for every day of 27 years.
const MOST_EVENTS: usize = 10_000;

/// A timing as read: a rule that may ring, and what is open. Without a rule nothing rings.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// What to plan by.
    pub rule: Option<Rule>,
    /// What is open.
    pub questions: Vec<Question>,
}

/// What a timing is read against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<'a> {
    pub policy: TimePolicy,
    /// What the team or the sequence says that it counts from, where the timing itself does not.
    pub anchor: Option<Moment>,
    pub zones: Zones<'a>,
    pub routine: &'a Routine,
}

impl Rule {
    /// Reads a timing. `anchor` is used where the timing names no start of its own.
    pub fn read(
        timing: &Timing,
        policy: TimePolicy,
        anchor: Option<FhirDateTime>,
        zones: Zones<'_>,
        routine: &Routine,
    ) -> Reading {
        let anchor = anchor.map(|at| Moment::of(at, zones.home));
        read(timing, &Frame { policy, anchor, zones, routine })
    }
}

pub(crate) fn read(timing: &Timing, frame: &Frame<'_>) -> Reading {
    match rule(timing, frame) {
        Ok((rule, questions)) => Reading { rule: Some(rule), questions },
        Err(question) => Reading { rule: None, questions: vec![question] },
    }
}

pub(crate) type Read<T> = Result<T, Question>;

/// The question that stands in the way.
pub(crate) fn ask<T>(code: QuestionCode, path: &str) -> Read<T> {
    Err(Question::about(code, path))
}

/// The start that a timing itself names.
pub(crate) fn own_start(timing: &Timing, frame: &Frame<'_>) -> Option<Moment> {
    if let Some(Repeat { bounds: Some(Bounds::Period { start: Some(start), .. }), .. }) = &timing.repeat {
        return Some(Moment::of(*start, frame.zones.home));
    }
    timing.event.iter().map(|event| Moment::of(*event, frame.zones.home)).min()
}

fn rule(timing: &Timing, frame: &Frame<'_>) -> Read<(Rule, Vec<Question>)> {
    let nothing = Repeat::default();
    let repeat = timing.repeat.as_ref().unwrap_or(&nothing);
    let recurs = recurs(repeat);
    if timing.event.is_empty() && *repeat == nothing {
        return if timing.code.is_some() {
            ask(QuestionCode::CodeOnly, "code")
        } else {
            ask(QuestionCode::TimingMissing, "repeat")
        };
    }
    check_elements(timing, repeat, recurs)?;
    let duration = match (repeat.duration, repeat.duration_unit) {
        (Some(value), Some(unit)) => Some(seconds(value, unit, "repeat.duration")?),
        _ => None,
    };
    let start = match &repeat.bounds {
        Some(Bounds::Period { start: Some(start), .. }) => Some(Moment::of(*start, frame.zones.home)),
        _ => None,
    };
    let listed = !recurs && !timing.event.is_empty();
    let event = timing.event.first().filter(|_| recurs).map(|event| Moment::of(*event, frame.zones.home));
    let anchor = start.or(event).or(frame.anchor.filter(|_| !listed));
    let mut questions = Vec::new();
    let until = end(repeat.bounds.as_ref(), anchor.or(own_start(timing, frame)), frame, &mut questions)?;
    let count = repeat.count.map(i64::from);
    let recurrence = if listed {
        Recurrence::Listed(listed_events(&timing.event, frame))
    } else if !recurs {
        single(repeat, anchor, frame)?
    } else {
        recurrence(repeat, anchor, frame)?
    };
    if count.is_some() && anchor.is_none() && !listed {
        return ask(QuestionCode::AnchorMissing, "repeat.count");
    }
    let from = if listed { start } else { anchor };
    Ok((Rule { recurrence, from, until, count, duration, policy: frame.policy }, questions))
}

fn recurs(repeat: &Repeat) -> bool {
    repeat.frequency.is_some()
        || repeat.frequency_max.is_some()
        || repeat.period.is_some()
        || !repeat.day_of_week.is_empty()
        || !repeat.time_of_day.is_empty()
        || !repeat.when.is_empty()
        || !repeat.days_of_cycle.is_empty()
}

/// The invariants of R4 (tim-1, tim-2, tim-4 to tim-10), and values that cannot be.
fn check_elements(timing: &Timing, repeat: &Repeat, recurs: bool) -> Read<()> {
    let contradictions = [
        (repeat.duration.is_some() != repeat.duration_unit.is_some(), "repeat.durationUnit"),
        (repeat.duration_max.is_some() && repeat.duration.is_none(), "repeat.durationMax"),
        (repeat.period.is_some() != repeat.period_unit.is_some(), "repeat.periodUnit"),
        (repeat.period_max.is_some() && repeat.period.is_none(), "repeat.periodMax"),
        (repeat.count_max.is_some() && repeat.count.is_none(), "repeat.countMax"),
        (repeat.offset_minutes.is_some() && repeat.when.is_empty(), "repeat.offset"),
        (repeat.offset_minutes.is_some() && repeat.when.iter().any(|when| is_the_meal_itself(*when)), "repeat.offset"),
        (!repeat.when.is_empty() && !repeat.time_of_day.is_empty(), "repeat.timeOfDay"),
        (timing.event.len() > 1 && recurs, "event"),
        (
            !timing.event.is_empty() && recurs && matches!(repeat.bounds, Some(Bounds::Period { start: Some(_), .. })),
            "event",
        ),
    ];
    if let Some((_, path)) = contradictions.into_iter().find(|(contradicts, _)| *contradicts) {
        return ask(QuestionCode::Contradiction, path);
    }
    let positive = |value: Option<Decimal>| value.is_none_or(|value| value > Decimal::ZERO);
    let impossible = [
        (repeat.duration.is_some_and(|value| value < Decimal::ZERO), "repeat.duration"),
        (!positive(repeat.period), "repeat.period"),
        (repeat.frequency == Some(0), "repeat.frequency"),
        (repeat.frequency_max.is_some_and(|max| max < repeat.frequency.unwrap_or(1)), "repeat.frequencyMax"),
        (repeat.count == Some(0), "repeat.count"),
        (repeat.time_of_day.len() > MOST_TIMES, "repeat.timeOfDay"),
        (timing.event.len() > MOST_EVENTS, "event"),
    ];
    if let Some((_, path)) = impossible.into_iter().find(|(is_impossible, _)| *is_impossible) {
        return ask(QuestionCode::ValueOutOfRange, path);
    }
    if repeat.period_max.is_some() && repeat.period_max != repeat.period {
        return ask(QuestionCode::PeriodRange, "repeat.periodMax");
    }
    if repeat.count_max.is_some() && repeat.count_max != repeat.count {
        return ask(QuestionCode::CountRange, "repeat.countMax");
    }
    Ok(())
}

fn is_the_meal_itself(when: EventTiming) -> bool {
    matches!(when, EventTiming::Meal | EventTiming::Breakfast | EventTiming::Lunch | EventTiming::Dinner)
}

/// A value of time in whole seconds; months and years are asked for elsewhere, by the calendar.
pub(crate) fn seconds(value: Decimal, unit: PeriodUnit, path: &str) -> Read<i64> {
    let unit_seconds = match unit {
        PeriodUnit::Second => 1,
        PeriodUnit::Minute => 60,
        PeriodUnit::Hour => 3_600,
        PeriodUnit::Day => DAY,
        PeriodUnit::Week => 7 * DAY,
        PeriodUnit::Month | PeriodUnit::Year => return ask(QuestionCode::ValueOutOfRange, path),
    };
    match value.checked_mul(Decimal::from(unit_seconds)).and_then(whole) {
        Some(seconds) if (0..=LONGEST_SECONDS).contains(&seconds) => Ok(seconds),
        _ => ask(QuestionCode::ValueOutOfRange, path),
    }
}

pub(crate) fn whole(value: Decimal) -> Option<i64> {
    value.is_integer().then(|| i64::try_from(value).ok()).flatten()
}

fn listed_events(events: &[FhirDateTime], frame: &Frame<'_>) -> Vec<ListedEvent> {
    let mut listed: Vec<(i64, ListedEvent)> = events
        .iter()
        .map(|event| {
            let moment = Moment::of(*event, frame.zones.home);
            let event = match event {
                FhirDateTime::Instant(_) => ListedEvent::Instant(moment.unix),
                FhirDateTime::Date(date) => ListedEvent::Day(day_number(*date)),
            };
            (moment.unix, event)
        })
        .collect();
    listed.sort_by_key(|(unix, event)| (*unix, matches!(event, ListedEvent::Day(_))));
    listed.dedup();
    listed.into_iter().map(|(_, event)| event).collect()
}

/// No recurrence and no event: one single time, if the order says so.
fn single(repeat: &Repeat, anchor: Option<Moment>, frame: &Frame<'_>) -> Read<Recurrence> {
    if repeat.count != Some(1) {
        return ask(QuestionCode::NoRecurrence, "repeat.period");
    }
    match anchor {
        None => ask(QuestionCode::AnchorMissing, "repeat.boundsPeriod.start"),
        // The period is never walked: `count` is 1.
        Some(at) if at.has_time => Ok(Recurrence::Elapsed(Elapsed::from(at.unix, DAY))),
        Some(_) => civil(Cycle::Days(1), vec![0], Times::AllDay, anchor, true, frame),
    }
}

/// The end of the bounds: nothing starts at or after it.
fn end(
    bounds: Option<&Bounds>,
    anchor: Option<Moment>,
    frame: &Frame<'_>,
    questions: &mut Vec<Question>,
) -> Read<Option<Moment>> {
    let home = frame.zones.home;
    match bounds {
        None => Ok(None),
        Some(Bounds::Period { start, end }) => {
            let until = end.map(|end| match end {
                // Inclusive, as FHIR has it: the whole day, and an instant itself.
                FhirDateTime::Date(date) => Moment::start_of(day_number(date) + 1, home),
                FhirDateTime::Instant(_) => {
                    let last = Moment::of(end, home);
                    Moment { unix: last.unix + 1, local: last.local + 1, has_time: true }
                }
            });
            let start = start.map(|start| Moment::of(start, home));
            if start.zip(until).is_some_and(|(start, until)| until <= start) {
                return ask(QuestionCode::Contradiction, "repeat.boundsPeriod.end");
            }
            Ok(until)
        }
        Some(Bounds::Duration { value, unit }) => {
            after(*value, *unit, anchor, frame, "repeat.boundsDuration").map(Some)
        }
        Some(Bounds::Range { low, high, unit }) => {
            let path = "repeat.boundsRange";
            if low.is_some() && high.is_some() && low != high {
                questions.push(Question::about(QuestionCode::EndRange, path));
            }
            low.or(*high).map(|value| after(value, *unit, anchor, frame, path)).transpose()
        }
    }
}

fn after(value: Decimal, unit: PeriodUnit, anchor: Option<Moment>, frame: &Frame<'_>, path: &str) -> Read<Moment> {
    let Some(anchor) = anchor else { return ask(QuestionCode::AnchorMissing, path) };
    let home = frame.zones.home;
    if value <= Decimal::ZERO {
        return ask(QuestionCode::ValueOutOfRange, path);
    }
    let by_calendar = |months_each: i64| {
        let months = whole(value).and_then(|value| value.checked_mul(months_each)).and_then(|m| u32::try_from(m).ok());
        let one = months.map(|months| Civil {
            base_day: anchor.day(),
            anchored: true,
            cycle: Cycle::Months(months),
            days: vec![0],
            times: Times::AllDay,
            before_anchor: 0,
            fixed_offset: None,
        });
        match one.and_then(|one| one.cycle_start(1)) {
            Some(day) => Ok(Moment::at_local(day * DAY + anchor.second_of_day(), home)),
            None => ask(QuestionCode::ValueOutOfRange, path),
        }
    };
    match unit {
        PeriodUnit::Month => by_calendar(1),
        PeriodUnit::Year => by_calendar(12),
        // Whole days and weeks of a course end by the calendar, at the anchor's time by the clock.
        PeriodUnit::Day | PeriodUnit::Week => Ok(Moment::at_local(anchor.local + seconds(value, unit, path)?, home)),
        PeriodUnit::Second | PeriodUnit::Minute | PeriodUnit::Hour => {
            let unix = anchor.unix + seconds(value, unit, path)?;
            let offset = i64::from(home.offset_at(unix));
            Ok(Moment { unix, local: unix + offset, has_time: true })
        }
    }
}
