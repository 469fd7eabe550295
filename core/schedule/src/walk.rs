//! Walking a rule: from any instant on, slot by slot, without a list in memory.
//!
//! The loop touches no allocator, and as long as the walk stays in one stretch of the zone, a wall time costs two
//! comparisons and a subtraction. Measured in `docs/performance.md`.

use crate::elapsed::Elapsed;
use crate::rule::{Civil, Cycle, ListedEvent, Recurrence, Rule, Times};
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
    plain: Plain,
    place: Place,
    missing: Vec<MissingDay>,
}

/// Wall seconds from which on and up to which a slot lies in the span and in the bounds, and its instant is so many seconds
/// less: nearly all slots of a walk, and for them two comparisons and a subtraction are all.
#[derive(Debug, Clone, Copy)]
struct Plain {
    from: i64,
    to: i64,
    offset: i64,
}

#[derive(Debug, Clone, Copy)]
enum Place {
    Listed(usize),
    Elapsed { number: i64, start: i64 },
    Civil(CivilPlace),
    Finished,
}

/// Where a walk by the calendar stands.
#[derive(Debug, Clone, Copy)]
struct CivilPlace {
    cycle: i64,
    /// The first day of the cycle; `None` beyond the calendar.
    cycle_start: Option<i64>,
    day: usize,
    time: usize,
    ordinal: i64,
}

/// A slot by its name and its time on the wall.
#[derive(Debug, Clone, Copy)]
struct Named {
    day: i64,
    local: i64,
    nominal: Nominal,
    precision: Precision,
    ordinal: i64,
}

/// What becomes of a slot that is not plainly inside.
enum Closer {
    Inside(Slot),
    Outside,
    Over,
}

impl CivilPlace {
    /// The slot at this place; the place moves on. `None` beyond the calendar.
    #[inline]
    fn take(&mut self, civil: &Civil) -> Option<Named> {
        let day = self.cycle_start? + civil.days[self.day];
        let (second, precision, nominal) = match &civil.times {
            Times::AllDay => (0, Precision::Day, Nominal::Day(day)),
            Times::OfAnchor(second) => (*second, Precision::Time, Nominal::Ordinal(self.ordinal)),
            Times::OfDay(times) => {
                let second = times[self.time];
                (second, Precision::Time, Nominal::Local(day * DAY + second))
            }
            Times::Events(events) => {
                let (second, name) = events[self.time];
                (second, Precision::Time, Nominal::Event(day, name))
            }
        };
        let named = Named { day, local: day * DAY + second, nominal, precision, ordinal: self.ordinal };
        self.ordinal += 1;
        self.time += 1;
        if self.time >= civil.times.len() {
            self.time = 0;
            self.day += 1;
            if self.day >= civil.days.len() {
                self.day = 0;
                self.cycle += 1;
                self.cycle_start = match civil.cycle {
                    Cycle::Days(days) => self.cycle_start.and_then(|start| start.checked_add(days)),
                    Cycle::Months(_) => civil.cycle_start(self.cycle),
                };
            }
        }
        Some(named)
    }
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
        // Empty: the first slot looks up where it stands.
        let plain = Plain { from: 0, to: 0, offset: 0 };
        Walk { rule: self, clock: self.clock(zones), from, to, plain, place, missing: Vec::new() }
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
            return Place::Civil(CivilPlace { cycle, cycle_start: Some(cycle_start), day: index, time: 0, ordinal });
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

impl Walk<'_> {
    /// A slot outside of the plain stretch: at an end of the span or the bounds, or at a change of the clocks.
    fn look_closer(&mut self, named: Named) -> Closer {
        let from_local = self.rule.from.map_or(i64::MIN, |moment| moment.local);
        let until_local = self.rule.until.map_or(i64::MAX, |moment| moment.local);
        if named.local >= until_local {
            return Closer::Over;
        }
        if named.local < from_local {
            return Closer::Outside;
        }
        match self.clock.resolve(named.local) {
            Resolved::At(unix) if unix >= self.to => Closer::Over,
            Resolved::At(unix) if unix >= self.from => {
                let (from, to, offset) = self.clock.stretch();
                self.plain = Plain {
                    from: from.max(from_local).max(self.from.saturating_add(offset)),
                    to: to.min(until_local).min(self.to.saturating_add(offset)),
                    offset,
                };
                Closer::Inside(self.slot(named.nominal, unix, named.precision, 0))
            }
            Resolved::Moved { unix, by } if unix >= self.from && unix < self.to => {
                Closer::Inside(self.slot(named.nominal, unix, named.precision, by))
            }
            Resolved::At(_) | Resolved::Moved { .. } => Closer::Outside,
            Resolved::NoSuchDay { transition } => {
                self.note_missing(named.day, transition);
                Closer::Outside
            }
        }
    }
}

impl Iterator for Walk<'_> {
    type Item = Slot;

    #[inline]
    fn next(&mut self) -> Option<Slot> {
        let rule = self.rule;
        let civil = match (&rule.recurrence, self.place) {
            (Recurrence::Civil(civil), _) => civil,
            (Recurrence::Elapsed(elapsed), Place::Elapsed { number, start }) => {
                return self.next_elapsed(elapsed, number, start);
            }
            (Recurrence::Listed(events), Place::Listed(index)) => return self.next_listed(events, index),
            (Recurrence::Listed(_) | Recurrence::Elapsed(_), _) => return None,
        };
        while let Place::Civil(place) = &mut self.place {
            let Some(named) = place.take(civil).filter(|named| rule.count.is_none_or(|count| named.ordinal < count))
            else {
                break;
            };
            if named.local >= self.plain.from && named.local < self.plain.to {
                return Some(self.slot(named.nominal, named.local - self.plain.offset, named.precision, 0));
            }
            match self.look_closer(named) {
                Closer::Inside(slot) => return Some(slot),
                Closer::Outside => {}
                Closer::Over => break,
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
