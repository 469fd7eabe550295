//! Blood before a dose: a trough level means something only when it is drawn before the dose that follows.

use crate::agenda::Records;
use crate::agenda_item::LabFirst;
use crate::expand::Expander;
use crate::occurrence::Occurrence;
use crate::slot::Precision;
use crate::span::Span;
use crate::zone::{day_span, local_date};
use chrono::{DateTime, TimeDelta, Utc};
use homeline_model::Order;

/// How long before its dose a level may be drawn, at most.
const LAB_REACH: TimeDelta = TimeDelta::hours(24);
/// Doses between the lab and this one; one is enough to know that it belongs to another.
const ONE: usize = 1;

/// The blood that must be drawn before this dose, unless somebody has said what became of it.
pub(crate) fn lab_first(
    expander: &Expander<'_>,
    order: &Order,
    dose: &Occurrence,
    journal: &Records,
) -> Option<LabFirst> {
    let lab = order.hold_until_drawn.as_ref()?;
    let lab = expander.orders.iter().find(|other| other.id == *lab)?;
    let from = dose.start.checked_sub_signed(LAB_REACH)?;
    let until = dose.start.checked_add_signed(TimeDelta::seconds(1))?;
    let drawn_before = expander.order(lab, Span::new(from, until), crate::MAX_OCCURRENCES).occurrences;
    let last = drawn_before.into_iter().rfind(|lab| is_for(expander, order, lab, dose))?;
    let said = journal.get(&last.id).is_some_and(|record| record.standing().is_some());
    (!said).then(|| LabFirst { occurrence: last.id, title: lab.title.clone() })
}

/// A lab is for the first dose after it; one that has a day and no time is for the first dose of that day.
fn is_for(expander: &Expander<'_>, order: &Order, lab: &Occurrence, dose: &Occurrence) -> bool {
    let zone = expander.zones.here;
    let from: DateTime<Utc> = match lab.precision {
        Precision::Time => lab.start,
        Precision::Day => match day_span(zone, local_date(zone, lab.start)) {
            Some(day) if day.contains(dose.start) => day.from,
            Some(_) | None => return false,
        },
    };
    expander.order(order, Span::new(from, dose.start), ONE).occurrences.is_empty()
}
