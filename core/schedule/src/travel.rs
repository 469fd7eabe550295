//! What a journey does to the doses: when each next one falls by the clock that they follow now, and by the clock of
//! another zone from an instant on.
//!
//! To look at before it is accepted. Orders by the clock on the wall move with the clock; orders that count hours, or
//! follow home, stay. What comes out closer to the dose before than the order allows is flagged for the patient to ask,
//! and never dropped or moved by us; so is a dose whose new time would be over already.

use crate::actual_start::actual_starts;
use crate::agenda::{AgendaInput, is_blocked};
use crate::expand::{Expander, MAX_OCCURRENCES};
use crate::occurrence::{Occurrence, Skipped};
use crate::question::Question;
use crate::record::{Record, records};
use crate::slot::Precision;
use crate::span::Span;
use crate::zone::Zones;
use chrono::{DateTime, TimeDelta, Utc};
use homeline_model::{OccurrenceId, Order, OrderId, TimePolicy, ZoneTable};
use std::collections::HashMap;

/// Two zones are at most 26 hours apart (Kiritimati and Baker Island), and a gap may add to it.
const FARTHEST: TimeDelta = TimeDelta::hours(28);

/// The next doses of each order in force that has any, in the order of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TravelPreview {
    /// One for each order.
    pub orders: Vec<OrderTravel>,
    /// What the team must answer first; it rings for nobody, here or there.
    pub questions: Vec<Question>,
    /// Days that the other zone does not have.
    pub skipped: Vec<Skipped>,
}

/// What the journey does to one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderTravel {
    /// Which order.
    pub order: OrderId,
    /// Title as shown.
    pub title: String,
    /// How its times travel.
    pub policy: TimePolicy,
    /// Two doses of it are never closer than this, in minutes, as the plan says.
    pub minimum_interval_minutes: Option<u32>,
    /// Its next doses, by their time there.
    pub doses: Vec<TravelDose>,
}

impl OrderTravel {
    /// Whether any of the doses falls at another instant there.
    pub fn moves(&self) -> bool {
        self.doses.iter().any(|dose| dose.now != dose.there)
    }
}

/// One dose, by both clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TravelDose {
    /// The same dose under the same name, wherever the phone is.
    pub occurrence: OccurrenceId,
    /// When it is planned by the clock that doses follow now; `None` when that zone has no such day.
    pub now: Option<DateTime<Utc>>,
    /// When it is planned by the other clock; `None` when that zone has no such day.
    pub there: Option<DateTime<Utc>>,
    /// Whether the order says a time or only a day.
    pub precision: Precision,
    /// Time from the dose before (as recorded, else as planned) to this one there, in minutes.
    pub minutes_after_previous: Option<i64>,
    /// Closer to the dose before than the order's minimum interval: to ask, not to drop.
    pub too_close: bool,
    /// By the other clock its time is over already: to ask what becomes of it.
    pub already_past: bool,
}

/// The next doses of each order from `at` on, as they are planned now (`input.zones`) and as they would be with the
/// phone's clock in `there`. The home zone stays. About `doses` of each order, or a few more where both clocks differ.
pub fn travel_preview(input: &AgendaInput<'_>, there: &ZoneTable, at: DateTime<Utc>, doses: usize) -> TravelPreview {
    let plan = input.plan;
    let actual_starts = actual_starts(&plan.orders, input.entries);
    let now = Expander {
        patient: &plan.patient.id,
        orders: &plan.orders,
        zones: input.zones,
        routine: input.routine,
        starts: input.starts,
        actual_starts: &actual_starts,
    };
    let then = Expander { zones: Zones { here: there, home: input.zones.home }, ..now };
    let journal = records(input.entries);
    let mut preview = TravelPreview::default();
    for order in plan.orders.iter().filter(|order| !is_blocked(plan, order)) {
        let span = Span::new(at.checked_sub_signed(FARTHEST).unwrap_or(at), DateTime::<Utc>::MAX_UTC);
        let limit = look_back(&now, order).saturating_add(doses).min(MAX_OCCURRENCES);
        let (planned, moved) = (now.order(order, span, limit), then.order(order, span, limit));
        // Beyond the shorter of both lists nobody knows whether a dose is missing or was only not reached.
        let reached = planned.next.into_iter().chain(moved.next).min().unwrap_or(DateTime::<Utc>::MAX_UTC) - FARTHEST;
        preview.questions.extend(moved.questions);
        preview.skipped.extend(moved.skipped.into_iter().filter(|s| s.at >= at && s.at < reached));
        let doses = next_doses(order, pairs(planned.occurrences, moved.occurrences), &journal, at, reached, doses);
        if !doses.is_empty() {
            preview.orders.push(OrderTravel {
                order: order.id.clone(),
                title: order.title.clone(),
                policy: order.time_policy,
                minimum_interval_minutes: order.minimum_interval_minutes,
                doses,
            });
        }
    }
    preview
}

/// How many doses may lie before the ones that are asked for: those between the farthest zones, twice.
fn look_back(expander: &Expander<'_>, order: &Order) -> usize {
    match expander.interval_seconds(order) {
        Some(interval) => usize::try_from(3 * FARTHEST.num_seconds() / interval.max(1)).unwrap_or(usize::MAX) + 2,
        None => MAX_OCCURRENCES,
    }
}

/// One dose by both clocks: now, there.
type Pair = (OccurrenceId, Precision, Option<DateTime<Utc>>, Option<DateTime<Utc>>);

fn pairs(planned: Vec<Occurrence>, moved: Vec<Occurrence>) -> Vec<Pair> {
    let mut there: HashMap<OccurrenceId, DateTime<Utc>> = moved.iter().map(|o| (o.id, o.start)).collect();
    let mut pairs: Vec<Pair> =
        planned.iter().map(|o| (o.id, o.precision, Some(o.start), there.remove(&o.id))).collect();
    pairs.extend(moved.iter().filter(|o| there.contains_key(&o.id)).map(|o| (o.id, o.precision, None, Some(o.start))));
    pairs.sort_by_key(|(id, _, now, there)| (there.or(*now), *id));
    pairs
}

fn next_doses(
    order: &Order,
    pairs: Vec<Pair>,
    journal: &HashMap<OccurrenceId, Record>,
    at: DateTime<Utc>,
    reached: DateTime<Utc>,
    most: usize,
) -> Vec<TravelDose> {
    let closest = order.minimum_interval_minutes.map_or(1, i64::from).max(1);
    let mut previous: Option<DateTime<Utc>> = None;
    let mut doses: Vec<TravelDose> = Vec::new();
    for (occurrence, precision, now, there) in pairs {
        let record = journal.get(&occurrence);
        let done = record.is_some_and(|record| record.standing().is_some());
        let open = now.is_some_and(|now| now >= at) || there.is_some_and(|there| there >= at);
        let Some(planned) = there.or(now) else { continue };
        if done || !open {
            // What is over happened when it was recorded, else when it was planned by the clock of then.
            let happened = record.and_then(Record::started_at).or(now.filter(|_| !done));
            previous = previous.max(happened);
            continue;
        }
        if doses.len() >= most || planned >= reached {
            break;
        }
        let minutes = there.zip(previous).map(|(there, previous)| (there - previous).num_minutes());
        doses.push(TravelDose {
            occurrence,
            now,
            there,
            precision,
            minutes_after_previous: minutes,
            too_close: minutes.is_some_and(|minutes| minutes < closest),
            already_past: there.is_some_and(|there| there < at),
        });
        previous = previous.max(there);
    }
    doses
}
