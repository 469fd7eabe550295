//! For a therapy that is to run without a break: for how long it ran, and for how long it did not.
//!
//! Facts come from two sides and are kept apart: what people recorded (from start to end of each dose), and what the pump
//! says stood still while a dose ran. A stretch about which nobody said anything is neither; it is "not known".

use crate::agenda_item::{AgendaItem, ItemState};
use crate::span::Span;
use chrono::{DateTime, TimeDelta, Utc};
use homeline_model::OrderId;

/// A stretch in which the pump stood still although a dose ran, as the reconciled record of the pump has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standstill {
    /// From.
    pub from: DateTime<Utc>,
    /// Until; `None` while it stands.
    pub to: Option<DateTime<Utc>>,
}

/// The facts of one order that is to run without a break, in minutes of a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Continuity {
    /// Which.
    pub order: OrderId,
    /// From the planned start of the first dose in the span to now, or to the planned end of the last.
    pub planned_minutes: i64,
    /// Recorded as running, without the pump's standstills.
    pub running_minutes: i64,
    /// Between the end of one recorded dose and the start of the next, and while the pump stood still.
    pub interrupted_minutes: i64,
    /// Nobody recorded what it did.
    pub unknown_minutes: i64,
    /// The longest single interruption.
    pub longest_minutes: i64,
}

/// The facts of each order whose doses follow one another without a break, or which must never stop. `items` are an agenda
/// of the span.
pub fn continuity(items: &[AgendaItem], standstills: &[(OrderId, Standstill)], now: DateTime<Utc>) -> Vec<Continuity> {
    let mut orders: Vec<&OrderId> = items.iter().filter(|i| is_continuous(items, i)).filter_map(order_of).collect();
    orders.sort_unstable();
    orders.dedup();
    orders.into_iter().filter_map(|order| of_order(order, items, standstills, now)).collect()
}

fn order_of(item: &AgendaItem) -> Option<&OrderId> {
    item.occurrence.as_ref().filter(|_| !item.as_needed && item.is_a_dose()).map(|occurrence| &occurrence.order.id)
}

fn is_continuous(items: &[AgendaItem], item: &AgendaItem) -> bool {
    let Some(end) = item.end else { return false };
    item.must_not_stop || items.iter().any(|other| order_of(other) == order_of(item) && other.start == end)
}

fn of_order(
    order: &OrderId,
    items: &[AgendaItem],
    standstills: &[(OrderId, Standstill)],
    now: DateTime<Utc>,
) -> Option<Continuity> {
    let mut doses: Vec<&AgendaItem> = items
        .iter()
        .filter(|item| order_of(item) == Some(order) && item.start <= now && item.left_out.is_none())
        .collect();
    doses.sort_by_key(|dose| dose.start);
    let first = doses.first()?.start;
    let last = doses.iter().filter_map(|dose| dose.end).max()?.min(now);
    let runs =
        merged(doses.iter().filter_map(|dose| run(dose, now)).filter_map(|run| inside(run, first, last)).collect());
    let unsaid = |dose: &&&AgendaItem| {
        matches!(
            dose.state,
            ItemState::NotRecorded | ItemState::Unknown | ItemState::Late | ItemState::Due | ItemState::Planned
        )
    };
    let unsaid = doses.iter().filter(unsaid).filter_map(|dose| inside(Span::new(dose.start, dose.end?), first, last));
    let unknown = without(merged(unsaid.collect()), &runs);
    let still = standstills.iter().filter(|(of, _)| of == order);
    let still = still.filter_map(|(_, still)| inside(Span::new(still.from, still.to.unwrap_or(now)), first, last));
    let still = merged(still.collect());
    let stopped = without(vec![Span::new(first, last)], &merged(runs.iter().chain(&unknown).copied().collect()));
    let interrupted = merged(stopped.into_iter().chain(still.iter().copied()).collect());
    let unknown = without(unknown, &still);
    Some(Continuity {
        order: order.clone(),
        planned_minutes: (last - first).num_minutes(),
        running_minutes: minutes(&without(runs, &still)),
        interrupted_minutes: minutes(&interrupted),
        unknown_minutes: minutes(&unknown),
        longest_minutes: interrupted.iter().map(|span| (span.to - span.from).num_minutes()).max().unwrap_or(0),
    })
}

/// From when to when a dose ran, as people recorded it. A start that is not said is the planned one; an end that is not
/// said is the planned length after it.
fn run(dose: &AgendaItem, now: DateTime<Utc>) -> Option<Span> {
    match dose.state {
        ItemState::InProgress => Some(Span::new(dose.started_at?, now)),
        ItemState::Completed | ItemState::Partial | ItemState::Stopped => {
            let started = dose.started_at.unwrap_or(dose.start);
            let planned = dose.end.map_or(TimeDelta::zero(), |end| end - dose.start);
            Some(Span::new(started, dose.ended_at.or_else(|| started.checked_add_signed(planned))?))
        }
        ItemState::Planned
        | ItemState::Due
        | ItemState::Late
        | ItemState::Skipped(_)
        | ItemState::NotRecorded
        | ItemState::Unknown => None,
    }
}

fn inside(span: Span, from: DateTime<Utc>, to: DateTime<Utc>) -> Option<Span> {
    let cut = Span::new(span.from.max(from), span.to.min(to));
    (cut.from < cut.to).then_some(cut)
}

/// The same stretches without overlaps, in order.
fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by_key(|span| span.from);
    let mut found: Vec<Span> = Vec::new();
    for span in spans {
        match found.last_mut().filter(|last| span.from <= last.to) {
            Some(last) => last.to = last.to.max(span.to),
            None => found.push(span),
        }
    }
    found
}

/// What is left of `spans` outside of `others`; both merged.
fn without(spans: Vec<Span>, others: &[Span]) -> Vec<Span> {
    let mut left = Vec::new();
    for span in spans {
        let mut from = span.from;
        for other in others.iter().filter(|other| other.from < span.to && other.to > span.from) {
            left.extend(inside(Span::new(from, other.from), span.from, span.to));
            from = from.max(other.to);
        }
        left.extend(inside(Span::new(from, span.to), span.from, span.to));
    }
    left
}

fn minutes(spans: &[Span]) -> i64 {
    spans.iter().map(|span| (span.to - span.from).num_minutes()).sum()
}
