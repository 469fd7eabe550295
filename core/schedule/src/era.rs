//! Which version of each order people lived by, and when: a changed order keeps the past as it was ordered then.
//!
//! A span is cut where a version arrived. Inside of one era the orders are a plan like any other, so that occurrences,
//! links and questions need not know of versions. A hold, a stay in a hospital and an order that another one replaces
//! leave out what they cover; what was recorded stays.

use crate::agenda_item::LeftOut;
use crate::span::Span;
use crate::zone::{Zones, day_span};
use chrono::{DateTime, Utc};
use homeline_model::{Bounds, CarePlan, FhirDateTime, HospitalStay, Order, OrderId, OrderStatus, OrderVersion};
use std::borrow::Cow;

/// A stretch of time and the orders that were in force in it.
pub(crate) struct Era<'a> {
    /// The stretch.
    pub span: Span,
    /// The orders, those on hold as if they were active.
    pub orders: Cow<'a, [Order]>,
    plan: &'a CarePlan,
    /// Which of them are on hold.
    held: Vec<OrderId>,
    /// From when on another order takes the place of one that is still called active.
    replaced: Vec<(OrderId, DateTime<Utc>)>,
}

/// The eras of a span, in order; neighbours share no instant.
pub(crate) fn eras<'a>(plan: &'a CarePlan, zones: Zones<'_>, span: Span) -> Vec<Era<'a>> {
    let mut cuts: Vec<DateTime<Utc>> = plan
        .versions
        .iter()
        .flat_map(|version| [version.from, version.until])
        .flatten()
        .filter(|at| span.from < *at && *at < span.to)
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    let starts = std::iter::once(span.from).chain(cuts.iter().copied());
    let ends = cuts.iter().copied().chain(std::iter::once(span.to));
    starts.zip(ends).map(|(from, to)| era(plan, zones, Span::new(from, to))).collect()
}

fn era<'a>(plan: &'a CarePlan, zones: Zones<'_>, span: Span) -> Era<'a> {
    let mut orders = in_force(plan, span.from);
    let held: Vec<OrderId> =
        orders.iter().filter(|order| order.status == OrderStatus::OnHold).map(|order| order.id.clone()).collect();
    if !held.is_empty() {
        for order in orders.to_mut().iter_mut().filter(|order| order.status == OrderStatus::OnHold) {
            order.status = OrderStatus::Active;
        }
    }
    let replaced = orders.iter().filter(|order| order.status == OrderStatus::Active).filter_map(|order| {
        let old = order.replaces.clone()?;
        Some((old, takes_over_at(plan, zones, order)))
    });
    let replaced = replaced.collect();
    Era { span, orders, plan, held, replaced }
}

fn in_force(plan: &CarePlan, at: DateTime<Utc>) -> Cow<'_, [Order]> {
    let ended = |version: &&OrderVersion| {
        version.until.is_some_and(|until| at < until) && version.from.is_none_or(|from| from <= at)
    };
    let has_come = |order: &Order| since(plan, &order.id).is_none_or(|from| from <= at);
    if plan.orders.iter().all(has_come) && !plan.versions.iter().any(|version| ended(&version)) {
        return Cow::Borrowed(&plan.orders);
    }
    let before = plan.versions.iter().filter(ended).map(|version| version.order.clone());
    Cow::Owned(plan.orders.iter().filter(|order| has_come(order)).cloned().chain(before).collect())
}

/// When the present version of an order arrived; `None` when it came with the first plan.
pub(crate) fn since(plan: &CarePlan, id: &OrderId) -> Option<DateTime<Utc>> {
    plan.versions.iter().find(|version| version.until.is_none() && version.order.id == *id)?.from
}

/// From when on an order that replaces another is lived by: its own first day, else when it arrived or was written.
fn takes_over_at(plan: &CarePlan, zones: Zones<'_>, order: &Order) -> DateTime<Utc> {
    let starts = order.dosages.iter().filter_map(|dosage| {
        let timing = dosage.timing.as_ref()?;
        match timing.repeat.as_ref().and_then(|repeat| repeat.bounds.as_ref()) {
            Some(Bounds::Period { start: Some(start), .. }) => Some(*start),
            _ => timing.event.iter().copied().min_by_key(FhirDateTime::date),
        }
    });
    let first = starts.filter_map(|start| match start {
        FhirDateTime::Instant(instant) => Some(instant.to_utc()),
        FhirDateTime::Date(day) => day_span(zones.home, day).map(|day| day.from),
    });
    first.min().or_else(|| since(plan, &order.id)).or(order.authored_on).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

impl Era<'_> {
    /// Whether another order has taken the place of this one at `at`: then it has no dose, not even one left out.
    pub fn is_replaced(&self, order: &Order, at: DateTime<Utc>) -> bool {
        self.replaced.iter().any(|(old, from)| *old == order.id && *from <= at)
    }

    /// Why the plan leaves out a dose of `order` at `at`.
    pub fn left_out(&self, order: &Order, at: DateTime<Utc>) -> Option<LeftOut> {
        let target = order.relative_to.as_ref().map(|link| &link.order);
        if self.held.iter().any(|held| *held == order.id || Some(held) == target) {
            return Some(LeftOut::OnHold);
        }
        paused_by_stay(self.plan, order, at)
    }
}

/// Whether a stay in a hospital pauses an order at `at`: while it lasts, and after it until the order is fresh.
pub(crate) fn paused_by_stay(plan: &CarePlan, order: &Order, at: DateTime<Utc>) -> Option<LeftOut> {
    let mut before = plan.stays.iter().filter(|stay| stay.start <= at);
    if before.clone().any(|stay| stay.end.is_none_or(|end| at < end)) {
        return Some(LeftOut::HospitalStay);
    }
    before.any(|stay| !is_fresh(plan, order, stay)).then_some(LeftOut::NoFreshOrder)
}

/// A stay ends what was ordered before it. Fresh is what was written or arrived since the admission.
fn is_fresh(plan: &CarePlan, order: &Order, stay: &HospitalStay) -> bool {
    let came = |version: &&OrderVersion| version.order.id == order.id && version.order.version == order.version;
    let arrived = plan.versions.iter().find(came).and_then(|version| version.from);
    arrived.into_iter().chain(order.authored_on).any(|at| at > stay.start)
}

/// A stay that is over but whose orders were not all written anew, or that still lasts: reminders are paused by it.
pub fn pausing_stay<'a>(plan: &'a CarePlan, zones: Zones<'_>, now: DateTime<Utc>) -> Option<&'a HospitalStay> {
    let present = era(plan, zones, Span::new(now, now));
    let latest = plan.stays.iter().filter(|stay| stay.start <= now).max_by_key(|stay| stay.start)?;
    let lasts = latest.end.is_none_or(|end| now < end);
    let waits = present.orders.iter().any(|order| {
        order.status == OrderStatus::Active && present.left_out(order, now) == Some(LeftOut::NoFreshOrder)
    });
    (lasts || waits).then_some(latest)
}
