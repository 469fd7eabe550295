//! Reading a FHIR `Timing` (R4, <https://hl7.org/fhir/R4/datatypes.html#Timing>) into a [`Rule`], or into questions.
//!
//! What FHIR leaves open is settled here, each at its place:
//! * `period` in hours, minutes or seconds without times is elapsed time from an instant; with `timeOfDay` it is the
//!   clock, if the hours divide a day.
//! * `period` in days, weeks, months or years follows the calendar from the anchor, at `timeOfDay`, at the meals of
//!   `when`, at the anchor's own time, or (when only a day is known) on that day.
//! * With `dayOfWeek` a week is the seven days from the anchor on, or from Monday without one.
//! * `count` counts from the anchor, by name: a day that a zone leaves out is not made up for.
//! * The anchor is the start of `boundsPeriod`, else a single `event`, else what the caller says was agreed.
//! * `frequency` above 1 needs as many times or days as it says.

use crate::question::{Question, QuestionCode};
use crate::routine::{Routine, Side, events_behind};
use crate::rule::{Civil, Cycle, ListedEvent, Moment, Recurrence, Rule, Times};
use crate::zone::{DAY, Zones, day_number, signed};
use chrono::{NaiveTime, Timelike};
use homeline_model::{Bounds, DayOfWeek, Decimal, EventTiming, FhirDateTime, PeriodUnit, Repeat, TimePolicy, Timing};

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

type Read<T> = Result<T, Question>;

fn ask<T>(code: QuestionCode, path: &str) -> Read<T> {
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

fn whole(value: Decimal) -> Option<i64> {
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
        Some(at) if at.has_time => Ok(Recurrence::Elapsed { anchor: at.unix, period: DAY }),
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

/// How often `frequency` says that something falls in one period, as far as it says it.
#[derive(Debug, Clone, Copy)]
struct Frequency {
    least: i64,
    most: i64,
    stated: bool,
}

impl Frequency {
    fn of(repeat: &Repeat) -> Self {
        let least = i64::from(repeat.frequency.unwrap_or(1));
        let most = repeat.frequency_max.map_or(least, i64::from);
        Self { least, most, stated: repeat.frequency.is_some() || repeat.frequency_max.is_some() }
    }

    fn allows(self, number: i64) -> bool {
        !self.stated || (self.least..=self.most).contains(&number)
    }
}

/// The period in the one of three forms that it can take.
enum Period {
    Seconds(i64),
    Days(i64),
    Weeks(i64),
    Months(u32),
}

fn period(repeat: &Repeat) -> Read<Period> {
    let path = "repeat.period";
    let (Some(value), Some(unit)) = (repeat.period, repeat.period_unit) else {
        // Days or times alone: every week on these days, every day at these times.
        let clock = !repeat.time_of_day.is_empty() || !repeat.when.is_empty();
        return if !repeat.day_of_week.is_empty() {
            Ok(Period::Weeks(1))
        } else if clock && repeat.days_of_cycle.is_empty() {
            Ok(Period::Days(1))
        } else {
            ask(QuestionCode::NoRecurrence, path)
        };
    };
    let number = whole(value);
    let months = |each: u32| match number.and_then(|n| u32::try_from(n).ok()).and_then(|n| n.checked_mul(each)) {
        Some(months) if (1..=4_800).contains(&months) => Ok(Period::Months(months)),
        _ => ask(QuestionCode::ValueOutOfRange, path),
    };
    match unit {
        PeriodUnit::Month => return months(1),
        PeriodUnit::Year => return months(12),
        PeriodUnit::Second | PeriodUnit::Minute | PeriodUnit::Hour | PeriodUnit::Day | PeriodUnit::Week => {}
    }
    let in_seconds = seconds(value, unit, path)?;
    match (unit, number) {
        _ if in_seconds < 1 => ask(QuestionCode::ValueOutOfRange, path),
        (PeriodUnit::Day, Some(days)) => Ok(Period::Days(days)),
        (PeriodUnit::Week, Some(weeks)) => Ok(Period::Weeks(weeks)),
        _ => Ok(Period::Seconds(in_seconds)),
    }
}

fn recurrence(repeat: &Repeat, anchor: Option<Moment>, frame: &Frame<'_>) -> Read<Recurrence> {
    let frequency = Frequency::of(repeat);
    let clock = times(repeat, frame)?;
    let period = period(repeat)?;
    let (period, frequency) = match (period, &clock) {
        (Period::Seconds(seconds), None) => return elapsed(repeat, seconds, frequency, anchor),
        (Period::Seconds(seconds), Some(_)) => by_the_clock(seconds, frequency)?,
        (period, _) => (period, frequency),
    };
    let times_per_day = clock.as_ref().map(|times| signed(times.len()));
    let slots_per_day = times_per_day.unwrap_or(1);
    let mismatch = |per_period: i64, missing: QuestionCode, path: &str| {
        if frequency.allows(per_period) {
            Ok(())
        } else if times_per_day.is_none() && frequency.least > per_period {
            ask(missing, path)
        } else {
            ask(QuestionCode::FrequencyMismatch, "repeat.frequency")
        }
    };
    let weekdays = weekdays(&repeat.day_of_week);
    let (cycle, days, needs_anchor) = match period {
        Period::Seconds(_) => return ask(QuestionCode::Contradiction, "repeat.timeOfDay"),
        _ if !repeat.days_of_cycle.is_empty() => {
            let (cycle, length) = match period {
                Period::Days(days) => (Cycle::Days(days), days),
                Period::Weeks(weeks) => (Cycle::Days(weeks * 7), weeks * 7),
                Period::Months(months) => (Cycle::Months(months), 28 * i64::from(months)),
                Period::Seconds(_) => return ask(QuestionCode::Contradiction, "repeat.period"),
            };
            let days = days_of_cycle(repeat, length)?;
            let number = signed(days.len());
            // The extension says "on each of these days": a plain frequency of 1, or of the times, is of each day.
            let fits = [1, slots_per_day, number, number * slots_per_day].into_iter().any(|n| frequency.allows(n));
            if !fits {
                return ask(QuestionCode::FrequencyMismatch, "repeat.frequency");
            }
            if times_per_day.is_none() && frequency.least > number {
                return ask(QuestionCode::TimesMissing, "repeat.timeOfDay");
            }
            (cycle, days, true)
        }
        Period::Days(1) if !weekdays.is_empty() => {
            mismatch(slots_per_day, QuestionCode::TimesMissing, "repeat.timeOfDay")?;
            (Cycle::Days(7), days_from(anchor, &weekdays), false)
        }
        Period::Days(days) if !weekdays.is_empty() && days % 7 != 0 => {
            return ask(QuestionCode::DaysAgainstPeriod, "repeat.dayOfWeek");
        }
        Period::Days(days) if weekdays.is_empty() => {
            mismatch(slots_per_day, QuestionCode::TimesMissing, "repeat.timeOfDay")?;
            (Cycle::Days(days), vec![0], days > 1 || clock.is_none())
        }
        Period::Days(days) => {
            mismatch(slots_per_day * signed(weekdays.len()), QuestionCode::TimesMissing, "repeat.timeOfDay")?;
            (Cycle::Days(days), days_from(anchor, &weekdays), days > 7)
        }
        Period::Weeks(weeks) if !weekdays.is_empty() => {
            mismatch(slots_per_day * signed(weekdays.len()), QuestionCode::TimesMissing, "repeat.timeOfDay")?;
            (Cycle::Days(weeks * 7), days_from(anchor, &weekdays), weeks > 1)
        }
        Period::Weeks(_) | Period::Months(_) if frequency.least > 1 => {
            return ask(QuestionCode::DaysMissing, "repeat.dayOfWeek");
        }
        Period::Weeks(weeks) => {
            mismatch(slots_per_day, QuestionCode::DaysMissing, "repeat.dayOfWeek")?;
            (Cycle::Days(weeks * 7), vec![0], true)
        }
        Period::Months(_) if !weekdays.is_empty() => return ask(QuestionCode::DaysAgainstPeriod, "repeat.dayOfWeek"),
        Period::Months(months) => {
            mismatch(slots_per_day, QuestionCode::DaysMissing, "repeat.dayOfWeek")?;
            (Cycle::Months(months), vec![0], true)
        }
    };
    if needs_anchor && anchor.is_none() {
        let once_a_day = clock.is_none() && matches!(cycle, Cycle::Days(1));
        return if once_a_day {
            ask(QuestionCode::TimesMissing, "repeat.timeOfDay")
        } else {
            ask(QuestionCode::AnchorMissing, "repeat.boundsPeriod.start")
        };
    }
    let times = match (clock, anchor) {
        (Some(times), _) => times,
        (None, Some(anchor)) if anchor.has_time => Times::OfAnchor(anchor.second_of_day()),
        (None, _) => Times::AllDay,
    };
    civil(cycle, days, times, anchor, needs_anchor, frame)
}

fn elapsed(repeat: &Repeat, period: i64, frequency: Frequency, anchor: Option<Moment>) -> Read<Recurrence> {
    if !repeat.day_of_week.is_empty() || !repeat.days_of_cycle.is_empty() {
        return ask(QuestionCode::DaysAgainstPeriod, "repeat.period");
    }
    if frequency.least != 1 || frequency.most != 1 {
        return ask(QuestionCode::TimesMissing, "repeat.timeOfDay");
    }
    match anchor {
        Some(anchor) if anchor.has_time => Ok(Recurrence::Elapsed { anchor: anchor.unix, period }),
        _ => ask(QuestionCode::AnchorTimeMissing, "repeat.boundsPeriod.start"),
    }
}

/// "Every 12 hours, at 08:00 and 20:00": the hours say how often, the times say when.
fn by_the_clock(seconds: i64, frequency: Frequency) -> Read<(Period, Frequency)> {
    if seconds % DAY == 0 {
        return Ok((Period::Days(seconds / DAY), frequency));
    }
    if DAY % seconds != 0 {
        return ask(QuestionCode::Contradiction, "repeat.timeOfDay");
    }
    let a_day = DAY / seconds;
    Ok((Period::Days(1), Frequency { least: frequency.least * a_day, most: frequency.most * a_day, stated: true }))
}

/// The times of each day that the order lists; `None` when it lists none.
fn times(repeat: &Repeat, frame: &Frame<'_>) -> Read<Option<Times>> {
    let second_of = |time: NaiveTime| i64::from(time.num_seconds_from_midnight());
    if !repeat.time_of_day.is_empty() {
        let mut seconds: Vec<i64> = repeat.time_of_day.iter().map(|time| second_of(*time)).collect();
        seconds.sort_unstable();
        seconds.dedup();
        return Ok(Some(Times::OfDay(seconds)));
    }
    if repeat.when.is_empty() {
        return Ok(None);
    }
    let mut events = Vec::new();
    for when in &repeat.when {
        let (behind, side) = events_behind(*when);
        let offset = match repeat.offset_minutes {
            Some(minutes) => i64::from(minutes) * 60,
            None if needs_offset(*when) => return ask(QuestionCode::MealOffsetMissing, "repeat.offset"),
            None => 0,
        };
        for event in behind {
            let Some(time) = frame.routine.time_of(*event) else {
                return ask(QuestionCode::RoutineMissing, "repeat.when");
            };
            let second = match side {
                Side::Before => second_of(time) - offset,
                Side::At => second_of(time) + offset,
            };
            if !(0..DAY).contains(&second) {
                return ask(QuestionCode::ValueOutOfRange, "repeat.offset");
            }
            // "Before each meal" has three slots a day, each with the name of its own meal.
            let name = if behind.len() == 1 { *when } else { *event };
            events.push((second, name.into()));
        }
    }
    events.sort_unstable();
    events.dedup();
    Ok(Some(Times::Events(events)))
}

/// "Before" and "after" a meal are no times without minutes.
fn needs_offset(when: EventTiming) -> bool {
    use EventTiming as E;
    matches!(
        when,
        E::BeforeMeal
            | E::BeforeBreakfast
            | E::BeforeLunch
            | E::BeforeDinner
            | E::AfterMeal
            | E::AfterBreakfast
            | E::AfterLunch
            | E::AfterDinner
    )
}

fn days_of_cycle(repeat: &Repeat, length: i64) -> Read<Vec<i64>> {
    let path = "repeat.extension(timing-daysOfCycle)";
    if !repeat.day_of_week.is_empty() {
        return ask(QuestionCode::DaysAgainstPeriod, "repeat.dayOfWeek");
    }
    let mut days: Vec<i64> = repeat.days_of_cycle.iter().map(|day| i64::from(*day) - 1).collect();
    if days.iter().any(|day| !(0..length).contains(day)) {
        return ask(QuestionCode::ValueOutOfRange, path);
    }
    days.sort_unstable();
    days.dedup();
    Ok(days)
}

/// Monday is 0.
fn weekdays(days: &[DayOfWeek]) -> Vec<i64> {
    days.iter()
        .map(|day| match day {
            DayOfWeek::Mon => 0,
            DayOfWeek::Tue => 1,
            DayOfWeek::Wed => 2,
            DayOfWeek::Thu => 3,
            DayOfWeek::Fri => 4,
            DayOfWeek::Sat => 5,
            DayOfWeek::Sun => 6,
        })
        .collect::<std::collections::BTreeSet<i64>>()
        .into_iter()
        .collect()
}

/// Weekdays as days of the seven that begin at the anchor, or on Monday.
fn days_from(anchor: Option<Moment>, weekdays: &[i64]) -> Vec<i64> {
    let first = anchor.map_or(0, |anchor| weekday(anchor.day()));
    let mut days: Vec<i64> = weekdays.iter().map(|day| (day - first).rem_euclid(7)).collect();
    days.sort_unstable();
    days
}

/// Monday is 0; 1970-01-01 was a Thursday.
fn weekday(day: i64) -> i64 {
    (day + 3).rem_euclid(7)
}

fn civil(
    cycle: Cycle,
    days: Vec<i64>,
    times: Times,
    anchor: Option<Moment>,
    needs_anchor: bool,
    frame: &Frame<'_>,
) -> Read<Recurrence> {
    let fixed_offset = match (frame.policy, anchor, &times) {
        (TimePolicy::Elapsed, _, Times::AllDay) => None,
        (TimePolicy::Elapsed, Some(anchor), _) => Some(anchor.local - anchor.unix),
        (TimePolicy::Elapsed, None, _) => return ask(QuestionCode::AnchorMissing, "repeat.boundsPeriod.start"),
        (TimePolicy::WallClock | TimePolicy::HomeZone, _, _) => None,
    };
    debug_assert!(!needs_anchor || anchor.is_some(), "the caller asked for the anchor");
    // 1969-12-29 was a Monday: cycles of weeks without an anchor begin there.
    let base_day = anchor.map_or(-3, |anchor| anchor.day());
    let before_anchor = match (anchor, days.first()) {
        (Some(anchor), Some(0)) => signed(times.before(anchor.second_of_day())),
        _ => 0,
    };
    Ok(Recurrence::Civil(Civil {
        base_day,
        anchored: anchor.is_some(),
        cycle,
        days,
        times,
        before_anchor,
        fixed_offset,
    }))
}
