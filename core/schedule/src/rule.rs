//! A timing as read: numbers only, ready to be walked from any instant.
//!
//! A rule of the calendar is a cycle (so many days, or so many months) from an anchor day, with the days of the cycle and
//! the times of a day on which something falls. Every FHIR form comes down to this, to hours counted from an instant, or
//! to a list of instants. So the n-th slot is a sum, and the slot at a given date is a division: the cost of a question
//! does not depend on how old the order is.

use crate::elapsed::Elapsed;
use crate::slot::EventName;
use crate::zone::{DAY, LocalClock, Zones, date_of, day_number, instant_of, seconds_of, to_local};
use chrono::{Months, NaiveDate};
use homeline_model::{FhirDateTime, TimePolicy, ZoneTable};

/// A point from which or up to which something counts: an instant, or the beginning of a day at home.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    /// Unix seconds.
    pub unix: i64,
    /// Seconds on the wall at home.
    pub local: i64,
    /// `false` when only the day is known.
    pub has_time: bool,
}

impl Moment {
    pub fn of(at: FhirDateTime, home: &ZoneTable) -> Self {
        match at {
            FhirDateTime::Instant(instant) => Self {
                unix: instant.timestamp(),
                local: seconds_of(to_local(home, instant_of(instant.timestamp()))),
                has_time: true,
            },
            FhirDateTime::Date(date) => Self::start_of(day_number(date), home),
        }
    }

    pub fn start_of(day: i64, home: &ZoneTable) -> Self {
        Self { unix: LocalClock::new(home).instant(day * DAY), local: day * DAY, has_time: false }
    }

    /// The moment at which the wall at home shows `local`.
    pub fn at_local(local: i64, home: &ZoneTable) -> Self {
        Self { unix: LocalClock::new(home).instant(local), local, has_time: local.rem_euclid(DAY) != 0 }
    }

    pub fn day(&self) -> i64 {
        self.local.div_euclid(DAY)
    }

    pub fn second_of_day(&self) -> i64 {
        self.local.rem_euclid(DAY)
    }
}

/// Length of a cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cycle {
    /// In days.
    Days(i64),
    /// In calendar months; a day that a month does not have is its last day.
    Months(u32),
}

/// The times on each day of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Times {
    /// A day and no time.
    AllDay,
    /// By the clock: seconds of the day, ascending.
    OfDay(Vec<i64>),
    /// At the anchor's own time of day: named by number.
    OfAnchor(i64),
    /// Around events of the day: seconds of the day, ascending.
    Events(Vec<(i64, EventName)>),
}

impl Times {
    pub fn len(&self) -> usize {
        match self {
            Self::AllDay | Self::OfAnchor(_) => 1,
            Self::OfDay(times) => times.len(),
            Self::Events(events) => events.len(),
        }
    }

    /// How many times of one day lie before a second of the day.
    pub fn before(&self, second: i64) -> usize {
        match self {
            Self::AllDay => usize::from(second > 0),
            Self::OfAnchor(time) => usize::from(*time < second),
            Self::OfDay(times) => times.partition_point(|t| *t < second),
            Self::Events(events) => events.partition_point(|(t, _)| *t < second),
        }
    }
}

/// Days and times by the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Civil {
    /// The day on which cycle 0 begins.
    pub base_day: i64,
    /// Whether there is a cycle before it.
    pub anchored: bool,
    pub cycle: Cycle,
    /// Days of the cycle, ascending from 0.
    pub days: Vec<i64>,
    pub times: Times,
    /// Slots of cycle 0 that lie before the anchor and count for nothing.
    pub before_anchor: i64,
    /// `Elapsed` orders follow the home clock as it stood at the anchor.
    pub fixed_offset: Option<i64>,
}

impl Civil {
    /// The first day of a cycle; `None` beyond the calendar.
    pub fn cycle_start(&self, number: i64) -> Option<i64> {
        match self.cycle {
            Cycle::Days(days) => self.base_day.checked_add(days.checked_mul(number)?),
            Cycle::Months(months) => {
                let months = i64::from(months).checked_mul(number)?;
                let base = date_of(self.base_day)?;
                let start = match u32::try_from(months) {
                    Ok(forward) => base.checked_add_months(Months::new(forward))?,
                    Err(_) => base.checked_sub_months(Months::new(u32::try_from(months.unsigned_abs()).ok()?))?,
                };
                Some(day_number(start))
            }
        }
    }

    /// The number of a cycle that begins on or before a day, and is at most one too early.
    pub fn cycle_near(&self, day: i64) -> i64 {
        let number = match self.cycle {
            Cycle::Days(days) => (day - self.base_day).div_euclid(days),
            Cycle::Months(months) => {
                let between =
                    date_of(self.base_day).zip(date_of(day)).map_or(0, |(base, date)| months_between(base, date));
                between.div_euclid(i64::from(months)) - 1
            }
        };
        if self.anchored { number.max(0) } else { number }
    }
}

fn months_between(base: NaiveDate, date: NaiveDate) -> i64 {
    use chrono::Datelike;
    let months = |d: NaiveDate| i64::from(d.year()) * 12 + i64::from(d.month0());
    months(date) - months(base)
}

/// One listed event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListedEvent {
    Instant(i64),
    Day(i64),
}

/// What repeats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Recurrence {
    /// The listed ones, ascending by their time at home.
    Listed(Vec<ListedEvent>),
    /// Every so many seconds of elapsed time.
    Elapsed(Elapsed),
    /// By the calendar.
    Civil(Civil),
}

/// A timing as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub(crate) recurrence: Recurrence,
    /// Nothing before this moment.
    pub(crate) from: Option<Moment>,
    /// Nothing at or after this moment.
    pub(crate) until: Option<Moment>,
    /// At most so many, counted from the anchor.
    pub(crate) count: Option<i64>,
    pub(crate) duration: Option<i64>,
    pub(crate) policy: TimePolicy,
}

impl Rule {
    /// Ends the rule earlier, where a later dosage of the sequence begins.
    pub(crate) fn cut(&mut self, until: Moment) {
        self.until = Some(self.until.map_or(until, |own| own.min(until)));
    }

    /// How long one takes, in seconds.
    pub fn duration_seconds(&self) -> Option<i64> {
        self.duration
    }

    /// The usual distance between two starts in seconds: the shortest one that the rule has by the calendar. `None` for a
    /// list of instants.
    pub fn interval_seconds(&self) -> Option<i64> {
        match &self.recurrence {
            Recurrence::Listed(_) => None,
            Recurrence::Elapsed(elapsed) => Some(elapsed.period),
            Recurrence::Civil(civil) => Some(shortest_distance(civil)),
        }
    }

    /// The clock that its wall times are read on.
    pub(crate) fn clock<'a>(&self, zones: Zones<'a>) -> LocalClock<'a> {
        if let Recurrence::Civil(Civil { fixed_offset: Some(offset), .. }) = &self.recurrence {
            return LocalClock::fixed(*offset);
        }
        match self.policy {
            TimePolicy::WallClock => LocalClock::new(zones.here),
            TimePolicy::HomeZone | TimePolicy::Elapsed | TimePolicy::ElapsedFromLastStart => {
                LocalClock::new(zones.home)
            }
        }
    }
}

fn shortest_distance(civil: &Civil) -> i64 {
    let cycle_days = match civil.cycle {
        Cycle::Days(days) => days,
        Cycle::Months(months) => i64::from(months) * 28,
    };
    let around = |values: Vec<i64>, whole: i64| {
        let next = values.iter().skip(1).copied().chain(values.first().map(|first| first + whole));
        values.iter().zip(next).map(|(a, b)| b - a).min().unwrap_or(whole)
    };
    let times: Vec<i64> = match &civil.times {
        Times::AllDay | Times::OfAnchor(_) => vec![0],
        Times::OfDay(times) => times.clone(),
        Times::Events(events) => events.iter().map(|(time, _)| *time).collect(),
    };
    // Over midnight the distance is a day only when the next day has doses too.
    let days = around(civil.days.clone(), cycle_days) * DAY;
    if times.len() > 1 { around(times, days) } else { days }
}
