//! What repeats: `frequency`, `period`, `dayOfWeek`, `timeOfDay`, `when` and the days of a cycle, read into days of a cycle
//! and times of a day.
//!
//! A number that says more than the listed days and times do (3 times a week, no days) is a question, and so is a number
//! that says something else than they do: guessing is a dose too many or too few.

use crate::elapsed::Elapsed;
use crate::question::QuestionCode;
use crate::reading::{Frame, Read, ask, seconds, whole};
use crate::routine::{Side, events_behind};
use crate::rule::{Civil, Cycle, Moment, Recurrence, Times};
use crate::zone::{DAY, signed};
use chrono::{NaiveTime, Timelike};
use homeline_model::{DayOfWeek, EventTiming, PeriodUnit, Repeat, TimePolicy};

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

/// What repeats.
pub(crate) fn recurrence(repeat: &Repeat, anchor: Option<Moment>, frame: &Frame<'_>) -> Read<Recurrence> {
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
    if frame.policy == TimePolicy::ElapsedFromLastStart {
        return match (cycle, days.as_slice(), clock) {
            (Cycle::Days(length), [0], None) => elapsed(repeat, length * DAY, frequency, anchor),
            _ => ask(QuestionCode::Contradiction, "repeat.period"),
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
        Some(anchor) if anchor.has_time => Ok(Recurrence::Elapsed(Elapsed::from(anchor.unix, period))),
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

/// A recurrence by the calendar, from the anchor's day or from a Monday.
pub(crate) fn civil(
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
        (TimePolicy::WallClock | TimePolicy::HomeZone | TimePolicy::ElapsedFromLastStart, _, _) => None,
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
