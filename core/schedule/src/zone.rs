//! Zone arithmetic: what the clock on the wall means as an instant, over a table of transitions.
//!
//! The house rule. A wall time that does not exist moves forward by the length of the gap, so 02:30 becomes 03:30
//! (RFC 5545 §3.3.5: a local time in a gap is read with the offset before it). One that exists twice is the first. A
//! gap of a day or more takes a civil day out of the calendar: a time on it is no time at all, and the caller says so.
//! RFC 5545 §3.3.10 would leave out every time in a gap; for a dose that is a missed dose.
//!
//! Both rules are one: a wall time before `transition + max(offset before, offset after)` takes the offset before. So
//! the wall clock falls into stretches with one offset each, and `LocalClock` stays in its stretch while a schedule
//! walks on, which makes one conversion a comparison and a subtraction.

use crate::span::Span;
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use homeline_model::{ZoneTable, ZoneTransition};

/// Seconds in a civil day on a clock that is never put forward or back.
pub(crate) const DAY: i64 = 86_400;

/// The two zones that a schedule may follow.
#[derive(Debug, Clone, Copy)]
pub struct Zones<'a> {
    /// Where the phone is now.
    pub here: &'a ZoneTable,
    /// Where the patient lives, as the plan says.
    pub home: &'a ZoneTable,
}

impl<'a> Zones<'a> {
    /// At home: both zones are one.
    pub fn at_home(home: &'a ZoneTable) -> Self {
        Self { here: home, home }
    }
}

/// What a local date and time means as an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocalInstant {
    /// It exists once.
    Once(DateTime<Utc>),
    /// It does not exist; this is the instant after moving it forward by the gap.
    MovedForward {
        /// The instant that takes its place.
        at: DateTime<Utc>,
        /// The length of the gap in seconds.
        by_seconds: i64,
    },
    /// It exists twice; the first counts.
    TwiceFirst {
        /// The first.
        at: DateTime<Utc>,
        /// The second, for the record.
        second: DateTime<Utc>,
    },
    /// The whole day does not exist.
    NoSuchDay,
}

impl LocalInstant {
    /// The instant that the house rule takes; `None` when the day does not exist.
    pub fn instant(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Once(at) | Self::MovedForward { at, .. } | Self::TwiceFirst { at, .. } => Some(at),
            Self::NoSuchDay => None,
        }
    }
}

/// A local date and time as an instant, by the house rule.
pub fn to_instant(table: &ZoneTable, local: NaiveDateTime) -> LocalInstant {
    let mut clock = LocalClock::new(table);
    let seconds = seconds_of(local);
    match clock.resolve(seconds) {
        Resolved::NoSuchDay { .. } => LocalInstant::NoSuchDay,
        Resolved::Moved { unix, by } => LocalInstant::MovedForward { at: instant_of(unix), by_seconds: by },
        Resolved::At(unix) => match clock.second_instant(seconds) {
            Some(second) => LocalInstant::TwiceFirst { at: instant_of(unix), second: instant_of(second) },
            None => LocalInstant::Once(instant_of(unix)),
        },
    }
}

/// What the clock on the wall shows at an instant.
pub fn to_local(table: &ZoneTable, at: DateTime<Utc>) -> NaiveDateTime {
    let offset = TimeDelta::seconds(i64::from(table.offset_at(at.timestamp())));
    at.naive_utc().checked_add_signed(offset).unwrap_or(at.naive_utc())
}

/// The civil day at an instant.
pub fn local_date(table: &ZoneTable, at: DateTime<Utc>) -> NaiveDate {
    to_local(table, at).date()
}

/// The civil day as a stretch of time: 23, 24 or 25 hours as a rule. `None` when the zone has no such day.
pub fn day_span(table: &ZoneTable, date: NaiveDate) -> Option<Span> {
    let mut clock = LocalClock::new(table);
    let midnight = day_number(date) * DAY;
    if matches!(clock.resolve(midnight), Resolved::NoSuchDay { .. }) {
        return None;
    }
    let from = clock.instant(midnight);
    Some(Span::new(instant_of(from), instant_of(clock.instant(midnight + DAY))))
}

/// A wall time as an instant in Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resolved {
    /// It exists.
    At(i64),
    /// It was moved forward out of a gap.
    Moved { unix: i64, by: i64 },
    /// Its day was left out at this instant.
    NoSuchDay { transition: i64 },
}

/// Reads wall times in one zone and remembers the stretch of constant offset that it is in.
#[derive(Debug, Clone)]
pub(crate) struct LocalClock<'a> {
    initial_offset: i64,
    transitions: &'a [ZoneTransition],
    /// The transition that ends the stretch.
    ending: usize,
    offset: i64,
    /// Wall seconds in which `offset` holds and every time exists.
    plain_from: i64,
    plain_to: i64,
    /// Up to here `offset` still holds, but the wall time does not exist. Equal to `plain_to` without a gap.
    gap_to: i64,
}

impl<'a> LocalClock<'a> {
    pub fn new(table: &'a ZoneTable) -> Self {
        let initial_offset = i64::from(table.initial_offset_seconds);
        // An empty stretch: the first question looks it up.
        Self {
            initial_offset,
            transitions: &table.transitions,
            ending: 0,
            offset: 0,
            plain_from: 0,
            plain_to: 0,
            gap_to: 0,
        }
    }

    /// A clock that is never put forward or back.
    pub fn fixed(offset: i64) -> Self {
        Self {
            initial_offset: offset,
            transitions: &[],
            ending: 0,
            offset,
            plain_from: i64::MIN,
            plain_to: i64::MAX,
            gap_to: i64::MAX,
        }
    }

    /// The instant of a wall time (seconds since 1970-01-01T00:00 on that wall).
    #[inline]
    pub fn resolve(&mut self, local: i64) -> Resolved {
        if local < self.plain_from || local >= self.plain_to {
            self.look_up(local);
            if local >= self.plain_to && local < self.gap_to {
                let by = self.gap_to - self.plain_to;
                let transition = self.plain_to - self.offset;
                return if by < DAY {
                    Resolved::Moved { unix: local - self.offset, by }
                } else {
                    Resolved::NoSuchDay { transition }
                };
            }
        }
        Resolved::At(local - self.offset)
    }

    /// The stretch that the last wall time lay in: from which wall second on, up to which, and how far the wall is ahead.
    pub fn stretch(&self) -> (i64, i64, i64) {
        (self.plain_from, self.plain_to, self.offset)
    }

    /// The instant of a wall time; a day that does not exist is read as the instant at which it was left out.
    pub fn instant(&mut self, local: i64) -> i64 {
        match self.resolve(local) {
            Resolved::At(unix) | Resolved::Moved { unix, .. } => unix,
            Resolved::NoSuchDay { transition } => transition,
        }
    }

    fn look_up(&mut self, local: i64) {
        // The first transition whose stretch of wall time is not yet over: its offset before is the one that holds.
        let (mut low, mut high) = (0, self.transitions.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.ends_at(middle) <= local {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        self.ending = low;
        self.offset = self.offset_before(low);
        self.plain_from = if low == 0 { i64::MIN } else { self.ends_at(low - 1) };
        (self.plain_to, self.gap_to) = match self.transitions.get(low) {
            None => (i64::MAX, i64::MAX),
            Some(next) => {
                let last_before = next.at.saturating_add(self.offset);
                let first_after = next.at.saturating_add(i64::from(next.offset_seconds));
                (last_before, first_after.max(last_before))
            }
        };
    }

    fn offset_before(&self, index: usize) -> i64 {
        let before = index.checked_sub(1).and_then(|i| self.transitions.get(i));
        before.map_or(self.initial_offset, |t| i64::from(t.offset_seconds))
    }

    /// The wall time at which the stretch before transition `index` ends.
    fn ends_at(&self, index: usize) -> i64 {
        match self.transitions.get(index) {
            Some(t) => t.at.saturating_add(self.offset_before(index).max(i64::from(t.offset_seconds))),
            None => i64::MAX,
        }
    }

    /// The second instant of a wall time that exists twice.
    fn second_instant(&mut self, local: i64) -> Option<i64> {
        self.look_up(local);
        let next = self.transitions.get(self.ending)?;
        let second = local.checked_sub(i64::from(next.offset_seconds))?;
        (i64::from(next.offset_seconds) < self.offset && second >= next.at).then_some(second)
    }
}

/// Wall seconds of a local date and time.
pub(crate) fn seconds_of(local: NaiveDateTime) -> i64 {
    local.and_utc().timestamp()
}

/// The local date and time of wall seconds; `None` beyond the calendar.
pub(crate) fn local_of(seconds: i64) -> Option<NaiveDateTime> {
    DateTime::from_timestamp(seconds, 0).map(|at| at.naive_utc())
}

/// The instant of Unix seconds; beyond the calendar (262,000 years), its first or last instant.
pub(crate) fn instant_of(unix: i64) -> DateTime<Utc> {
    let end = if unix < 0 { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
    DateTime::from_timestamp(unix, 0).unwrap_or(end)
}

/// The first whole second at or after an instant: doses fall on whole seconds.
pub(crate) fn whole_second(at: DateTime<Utc>) -> i64 {
    at.timestamp() + i64::from(at.timestamp_subsec_nanos() > 0)
}

/// A length as a signed number.
pub(crate) fn signed(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// Days since 1970-01-01.
pub(crate) fn day_number(date: NaiveDate) -> i64 {
    // 719,163 is 1970-01-01 counted from 0001-01-01 as day 1.
    i64::from(date.num_days_from_ce()) - 719_163
}

/// The civil day with this number; `None` beyond the calendar.
pub(crate) fn date_of(day: i64) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(i32::try_from(day + 719_163).ok()?)
}
