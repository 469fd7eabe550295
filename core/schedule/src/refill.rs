//! Refill checks: some days before what was dispensed ends, the next is to be asked for.
//!
//! When it ends is what the order says about the dispense, never a count of what is left. The lead is the plan's; without
//! one it is five days, which infusion pharmacies ask for at least (NHIA practice), and marked as a default.

use crate::agenda_item::{AgendaItem, AgendaKind, ItemState};
use crate::slot::Precision;
use crate::span::Span;
use crate::window::ItemWindow;
use crate::zone::{Zones, day_span, local_date};
use chrono::{DateTime, Days, TimeDelta, Utc};
use homeline_model::{CarePlan, DeliveryStatus, FhirDateTime, Order, OrderStatus};

const USUAL_LEAD_DAYS: u32 = 5;
/// So long after its end a refill check is still shown as open.
const STILL_OPEN: TimeDelta = TimeDelta::days(7);

/// The refill check of each order that says what was dispensed.
pub(crate) fn refill_checks(plan: &CarePlan, zones: Zones<'_>, now: DateTime<Utc>) -> Vec<AgendaItem> {
    plan.orders.iter().filter_map(|order| refill_check(plan, order, zones, now)).collect()
}

fn refill_check(plan: &CarePlan, order: &Order, zones: Zones<'_>, now: DateTime<Utc>) -> Option<AgendaItem> {
    let dispensed = order.dispensed.as_ref().filter(|_| order.status == OrderStatus::Active)?;
    let first = match dispensed.from {
        FhirDateTime::Instant(instant) => local_date(zones.home, instant.to_utc()),
        FhirDateTime::Date(day) => day,
    };
    let lead = dispensed.lead_days.unwrap_or(USUAL_LEAD_DAYS);
    let ends = first.checked_add_days(Days::new(u64::from(dispensed.days)))?;
    let asked = ends.checked_sub_days(Days::new(u64::from(lead)))?.max(first);
    let (opens, closes) = (day_span(zones.here, asked)?, day_span(zones.here, ends)?);
    let window = ItemWindow {
        opens: opens.from,
        closes: closes.from,
        from_plan: dispensed.lead_days.is_some(),
        source: if dispensed.lead_days.is_some() { "plan" } else { "usual-refill-lead" },
    };
    let asked_for = Span::new(opens.from, DateTime::<Utc>::MAX_UTC);
    let comes = plan.deliveries.iter().any(|delivery| {
        let expected = delivery.expected.is_some_and(|at| asked_for.contains(at));
        expected && matches!(delivery.status, DeliveryStatus::InProgress | DeliveryStatus::Completed)
    });
    let state = if comes {
        ItemState::Completed
    } else if now < window.opens {
        ItemState::Planned
    } else if now <= window.closes {
        ItemState::Due
    } else if now <= window.closes + STILL_OPEN {
        ItemState::Late
    } else {
        ItemState::NotRecorded
    };
    let id = format!("refill/{}", order.id);
    let item = AgendaItem::plain(id, AgendaKind::RefillCheck, &order.title, opens.from, state);
    Some(AgendaItem { precision: Precision::Day, window: Some(window), ..item })
}
