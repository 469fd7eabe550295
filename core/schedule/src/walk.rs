//! Walking a rule: from any instant on, slot by slot, without a list in memory.
//!
//! The loop touches no allocator, and as long as the walk stays in one stretch of the zone, a wall time costs two
//! comparisons and a subtraction.

use crate::elapsed::Elapsed;
use crate::rule::{Civil, ListedEvent, Recurrence, Rule, Times};
use crate::slot::{Nominal, Precision, Slot};
use crate::span::Span;
use crate::zone::{DAY, LocalClock, Resolved, Zones, instant_of, signed, whole_second};
use chrono::{DateTime, TimeDelta, Utc};

/// A day that the zone does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MissingDay {
    pub day: i64,
    /// The instant at which it was left out: it belongs to the span that holds this.
    pub transition: i64,
}

/// The slots of a rule that start in a span, in the order of their names. A slot that was moved out of a gap may start
/// after the next one; nothing else is out of order.
#[derive(Debug, Clone)]
pub struct Walk<'a> {
    rule: &'a Rule,
    clock: LocalClock<'a>,
    from: i64,
    to: i64,
    place: Place,
    missing: Vec<MissingDay>,
}

#[derive(Debug, Clone, Copy)]
enum Place {
    Listed(usize),
    Elapsed { number: i64, start: i64 },
    Civil { cycle: i64, cycle_start: i64, day: usize, time: usize, ordinal: i64 },
    Finished,
}

impl Rule {
    /// The first start after an instant: what a phone asks most often. It costs the same for an order of ten years as for a
    /// new one.
    pub fn next_start(&self, zones: Zones<'_>, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let from = after.checked_add_signed(TimeDelta::nanoseconds(1))?;
        let mut earliest: Option<i64> = None;
        for slot in self.walk(zones, Span::new(from, DateTime::<Utc>::MAX_UTC)) {
            earliest = Some(earliest.map_or(slot.start_unix, |known| known.min(slot.start_unix)));
            // Only a list, and a slot that was moved out of a gap, may come before one that starts earlier.
            if slot.moved_seconds == 0 && !matches!(self.recurrence, Recurrence::Listed(_)) {
                break;
            }
        }
        earliest.map(instant_of)
    }

    /// The slots that start in `span`.
    pub fn walk<'a>(&'a self, zones: Zones<'a>, span: Span) -> Walk<'a> {
        let (from, to) = (whole_second(span.from), whole_second(span.to));
        let place = match &self.recurrence {
            _ if from >= to => Place::Finished,
            Recurrence::Listed(_) => Place::Listed(0),
            Recurrence::Elapsed(elapsed) => {
                let number = elapsed.first_from(from);
                elapsed.start_of(number).map_or(Place::Finished, |start| Place::Elapsed { number, start })
            }
            Recurrence::Civil(civil) => {
                // No zone is a whole day from UTC, so nothing that starts in the span has an earlier name.
                let earliest = from - DAY;
                seek(civil, self.from.map_or(earliest, |bound| bound.local.max(earliest)).div_euclid(DAY))
            }
        };
        Walk { rule: self, clock: self.clock(zones), from, to, place, missing: Vec::new() }
    }
}

/// The first place on or after a day.
fn seek(civil: &Civil, day: i64) -> Place {
    let mut cycle = civil.cycle_near(day);
    loop {
        let Some(cycle_start) = civil.cycle_start(cycle) else { return Place::Finished };
        let index = civil.days.partition_point(|offset| cycle_start + offset < day);
        if index < civil.days.len() {
            let per_day = signed(civil.times.len());
            let per_cycle = per_day * signed(civil.days.len());
            let ordinal = cycle.saturating_mul(per_cycle) + signed(index) * per_day - civil.before_anchor;
            return Place::Civil { cycle, cycle_start, day: index, time: 0, ordinal };
        }
        cycle += 1;
    }
}

impl Walk<'_> {
    /// The days that the zone does not have and on which something would have started, met so far.
    pub(crate) fn missing_days(&self) -> &[MissingDay] {
        &self.missing
    }

    fn counted_out(&self, ordinal: i64) -> bool {
        self.rule.count.is_some_and(|count| ordinal >= count)
    }

    fn slot(&self, nominal: Nominal, start_unix: i64, precision: Precision, moved_seconds: i64) -> Slot {
        Slot { nominal, start_unix, duration_seconds: self.rule.duration, precision, moved_seconds }
    }

    fn next_elapsed(&mut self, elapsed: &Elapsed, number: i64, start: i64) -> Option<Slot> {
        let ended = self.rule.until.is_some_and(|until| start >= until.unix);
        if start >= self.to || ended || self.counted_out(number) {
            self.place = Place::Finished;
            return None;
        }
        let after = elapsed.after(number, start);
        self.place = after.map_or(Place::Finished, |start| Place::Elapsed { number: number + 1, start });
        Some(self.slot(Nominal::Ordinal(number), start, Precision::Time, 0))
    }

    fn next_listed(&mut self, events: &[ListedEvent], mut index: usize) -> Option<Slot> {
        while let Some(event) = events.get(index) {
            let ordinal = signed(index);
            index += 1;
            self.place = Place::Listed(index);
            if self.counted_out(ordinal) {
                break;
            }
            let (nominal, precision, resolved) = match *event {
                ListedEvent::Instant(unix) => (Nominal::Instant(unix), Precision::Time, Resolved::At(unix)),
                ListedEvent::Day(day) => (Nominal::Day(day), Precision::Day, self.clock.resolve(day * DAY)),
            };
            let within = |unix: i64, local: Option<i64>| {
                let after = self.rule.from.is_none_or(|m| local.map_or(unix >= m.unix, |local| local >= m.local));
                after && self.rule.until.is_none_or(|m| local.map_or(unix < m.unix, |local| local < m.local))
            };
            let local = match *event {
                ListedEvent::Instant(_) => None,
                ListedEvent::Day(day) => Some(day * DAY),
            };
            match resolved {
                Resolved::At(unix) | Resolved::Moved { unix, .. } => {
                    if unix >= self.from && unix < self.to && within(unix, local) {
                        return Some(self.slot(nominal, unix, precision, 0));
                    }
                }
                Resolved::NoSuchDay { transition } => {
                    if let ListedEvent::Day(day) = *event
                        && within(transition, local)
                    {
                        self.note_missing(day, transition);
                    }
                }
            }
        }
        self.place = Place::Finished;
        None
    }

    fn note_missing(&mut self, day: i64, transition: i64) {
        let missing = MissingDay { day, transition };
        if transition >= self.from && transition < self.to && self.missing.last() != Some(&missing) {
            self.missing.push(missing);
        }
    }
}

impl Iterator for Walk<'_> {
    type Item = Slot;

    #[inline]
    fn next(&mut self) -> Option<Slot> {
        let rule = self.rule;
        let civil = match (&rule.recurrence, self.place) {
            (_, Place::Finished) => return None,
            (Recurrence::Listed(events), Place::Listed(index)) => return self.next_listed(events, index),
            (Recurrence::Elapsed(elapsed), Place::Elapsed { number, start }) => {
                return self.next_elapsed(elapsed, number, start);
            }
            (Recurrence::Civil(civil), _) => civil,
            (Recurrence::Listed(_) | Recurrence::Elapsed(_), _) => return None,
        };
        let (from_local, until_local) =
            (rule.from.map_or(i64::MIN, |m| m.local), rule.until.map_or(i64::MAX, |m| m.local));
        while let Place::Civil { cycle, cycle_start, day, time, ordinal } = self.place {
            let civil_day = cycle_start + civil.days[day];
            let (second, precision, nominal) = match &civil.times {
                Times::AllDay => (0, Precision::Day, Nominal::Day(civil_day)),
                Times::OfAnchor(second) => (*second, Precision::Time, Nominal::Ordinal(ordinal)),
                Times::OfDay(times) => (times[time], Precision::Time, Nominal::Local(civil_day * DAY + times[time])),
                Times::Events(events) => (events[time].0, Precision::Time, Nominal::Event(civil_day, events[time].1)),
            };
            self.place = if time + 1 < civil.times.len() {
                Place::Civil { cycle, cycle_start, day, time: time + 1, ordinal: ordinal + 1 }
            } else if day + 1 < civil.days.len() {
                Place::Civil { cycle, cycle_start, day: day + 1, time: 0, ordinal: ordinal + 1 }
            } else {
                match civil.cycle_start(cycle + 1) {
                    Some(cycle_start) => {
                        Place::Civil { cycle: cycle + 1, cycle_start, day: 0, time: 0, ordinal: ordinal + 1 }
                    }
                    None => Place::Finished,
                }
            };
            let local = civil_day * DAY + second;
            if local >= until_local || self.counted_out(ordinal) {
                break;
            }
            if local < from_local {
                continue;
            }
            match self.clock.resolve(local) {
                Resolved::At(unix) if unix >= self.to => break,
                Resolved::At(unix) if unix >= self.from => return Some(self.slot(nominal, unix, precision, 0)),
                Resolved::Moved { unix, by } if unix >= self.from && unix < self.to => {
                    return Some(self.slot(nominal, unix, precision, by));
                }
                Resolved::At(_) | Resolved::Moved { .. } => {}
                Resolved::NoSuchDay { transition } => self.note_missing(civil_day, transition),
            }
        }
        self.place = Place::Finished;
        None
    }
}

/// Slots of a span as a list, with the point at which the list was cut.
#[derive(Debug, Clone, Default)]
pub(crate) struct Collected {
    /// By start.
    pub slots: Vec<Slot>,
    pub missing: Vec<MissingDay>,
    /// The list holds all slots before this instant and none after; `None` when it holds the whole span.
    pub next_unix: Option<i64>,
}

/// Takes about `limit` slots, or a few more: slots that were moved out of one gap, or that share one start, stay together,
/// so that the next call may begin at an instant.
pub(crate) fn collect(rule: &Rule, zones: Zones<'_>, span: Span, limit: usize) -> Collected {
    let mut walk = rule.walk(zones, span);
    let mut slots: Vec<Slot> = Vec::new();
    let mut next_unix = None;
    let listed = matches!(rule.recurrence, Recurrence::Listed(_));
    let mut latest = i64::MIN;
    for slot in walk.by_ref() {
        if !listed && slots.len() >= limit.max(1) && slot.moved_seconds == 0 && slot.start_unix > latest {
            next_unix = Some(slot.start_unix);
            break;
        }
        latest = latest.max(slot.start_unix);
        slots.push(slot);
    }
    slots.sort_by_key(|slot| slot.start_unix);
    if listed && let Some(last) = slots.get(limit.max(1) - 1) {
        let kept = slots.partition_point(|slot| slot.start_unix <= last.start_unix);
        next_unix = slots.get(kept).map(|slot| slot.start_unix);
        slots.truncate(kept);
    }
    let missing = walk.missing_days().iter().copied().filter(|m| next_unix.is_none_or(|next| m.transition < next));
    Collected { missing: missing.collect(), slots, next_unix }
}
