//! What is taken when needed, on today's screen; and what an order says to a dose that comes too early.
//!
//! The order is told and nobody is stopped: a dose that was taken is recorded, with what the order said.

use crate::agenda;
use crate::error::{ErrorKind, HomelineError};
use crate::journal::time_shown;
use crate::moment::Moment;
use crate::screen::{Action, Emphasis, Row};
use crate::store::Store;
use crate::words;
use chrono::{DateTime, Utc};
use homeline_model::{CarePlan, DeliveryMethod, OrderStatus};
use homeline_schedule::{
    AgendaItem, AgendaKind, AsNeeded, AsNeededLimit, LeftOut, NextAllowed, Zones, as_needed, as_needed_reach,
    pausing_stay,
};

/// Everything that is taken as needed, as of an instant.
pub(crate) fn all(store: &Store, plan: &CarePlan, at: DateTime<Utc>) -> Result<Vec<AsNeeded>, HomelineError> {
    if !plan.orders.iter().any(|order| order.dosages.iter().any(|dosage| dosage.as_needed.is_some())) {
        return Ok(Vec::new());
    }
    let entries = agenda::dose_entries(store, at - as_needed_reach(plan))?;
    Ok(as_needed(plan, &entries, at))
}

/// The rows of today's screen.
pub(crate) fn rows(store: &Store, moment: &Moment, plan: &CarePlan) -> Result<Vec<Row>, HomelineError> {
    let all = all(store, plan, moment.now)?;
    Ok(all.iter().map(|needed| row(needed, plan, moment)).collect())
}

fn row(needed: &AsNeeded, plan: &CarePlan, moment: &Moment) -> Row {
    let item = &needed.item;
    let today = moment.local(moment.now).date_naive();
    let clock = |at: DateTime<Utc>| time_shown(moment.local(at), today);
    let mut row = Row::new(item.id.clone(), words::as_written(&item.title));
    row.state = Some(match &needed.next {
        NextAllowed::Now => "the order allows it now".to_owned(),
        NextAllowed::At(at, _) => format!("by the order not before {}", clock(*at)),
        NextAllowed::Paused => "paused".to_owned(),
        NextAllowed::NotStated => "the order does not say how soon again: ask your nurse".to_owned(),
    });
    row.emphasis = if needed.next == NextAllowed::Now { Emphasis::Plain } else { Emphasis::Quiet };
    row.details.extend(needed.reason.as_ref().map(|reason| format!("For: {reason}")));
    row.details.extend(needed.text.clone());
    row.details
        .extend(needed.interval_minutes.map(|minutes| format!("Not more often than every {}.", length(minutes))));
    if let Some(most) = &needed.most {
        let taken = needed.taken_in_period.map(|taken| format!(" Recorded in that time: {taken}.")).unwrap_or_default();
        row.details.push(format!("At most {} in {}.{taken}", most.amount, most.period));
    }
    row.details.extend(needed.last.map(|at| format!("Last: {}.", clock(at))));
    row.private_title = Some(words::private_title(item.kind).to_owned());
    let (verb, label) = if is_momentary(plan, item) { ("finish", "Taken") } else { ("start", "Start") };
    row.actions = vec![match &needed.next {
        NextAllowed::Now | NextAllowed::NotStated => {
            Action { id: format!("dose.{verb}:{}", item.id), label: label.to_owned(), emphasis: Emphasis::Plain }
        }
        NextAllowed::At(..) | NextAllowed::Paused => Action {
            id: format!("dose.insist:{}:{verb}", item.id),
            label: "It was taken all the same: record it".to_owned(),
            emphasis: Emphasis::Quiet,
        },
    }];
    row.with_spoken_sentence()
}

/// Taken in a moment, as a tablet is: it does not run.
pub(crate) fn is_momentary(plan: &CarePlan, item: &AgendaItem) -> bool {
    let order = item.occurrence.as_ref().and_then(|occurrence| plan.order(&occurrence.order.id));
    item.as_needed
        && order.is_none_or(|order| match order.delivery {
            DeliveryMethod::Oral | DeliveryMethod::Injection | DeliveryMethod::IvPush | DeliveryMethod::Unknown => true,
            DeliveryMethod::Gravity
            | DeliveryMethod::Elastomeric
            | DeliveryMethod::AmbulatoryPump
            | DeliveryMethod::SyringeMechanical
            | DeliveryMethod::SyringeElectronic
            | DeliveryMethod::Intraspinal => false,
        })
}

fn length(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// That the hospital pauses the plan.
pub(crate) fn stay_row(plan: &CarePlan, moment: &Moment) -> Option<Row> {
    let stay = pausing_stay(plan, Zones { here: &moment.here, home: &moment.home }, moment.now)?;
    let today = moment.local(moment.now).date_naive();
    let mut row = match stay.end {
        None => {
            let since = time_shown(moment.local(stay.start), today);
            let mut row = Row::new(format!("stay/{}", stay.id), format!("In the hospital since {since}"));
            row.details.push("The plan for home is paused, and nothing rings.".to_owned());
            row.details.push("It goes on with fresh orders of your care team.".to_owned());
            row
        }
        Some(_) => {
            let mut row = Row::new(format!("stay/{}", stay.id), "Home from the hospital: some orders wait");
            row.details.push("They ring again when your care team has sent them anew.".to_owned());
            row.details.push("Call them before the next dose.".to_owned());
            row.emphasis = Emphasis::Urgent;
            return Some(row.with_spoken_sentence());
        }
    };
    row.emphasis = Emphasis::Attention;
    Some(row.with_spoken_sentence())
}

/// What the order says to a dose that should not begin now.
pub(crate) struct Wait {
    what: String,
}

impl Wait {
    pub(crate) fn into_error(self, plan: &CarePlan) -> HomelineError {
        let whom = words::numbers_to_call(plan).into_iter().next();
        let call = whom.map_or_else(|| "Call your care team".to_owned(), |number| format!("Call {number}"));
        HomelineError::new(
            ErrorKind::BadInput,
            "dose.wait",
            self.what,
            format!("{call}. If it was done all the same, record it so: nothing is lost."),
        )
    }

    /// For the entry of a dose that was given all the same.
    pub(crate) fn recorded(&self) -> String {
        format!("Recorded although {}", self.what)
    }
}

/// Whether the order says to wait with a dose that would begin at `at`.
pub(crate) fn order_says_wait(
    store: &Store,
    moment: &Moment,
    plan: &CarePlan,
    item: &AgendaItem,
    at: DateTime<Utc>,
) -> Result<Option<Wait>, HomelineError> {
    let today = moment.local(moment.now).date_naive();
    let clock = |at: DateTime<Utc>| time_shown(moment.local(at), today);
    if !item.statements.is_empty() {
        return Ok(None);
    }
    let mut what = None;
    if item.as_needed {
        let next = all(store, plan, at)?.into_iter().find(|needed| needed.item.id == item.id).map(|needed| needed.next);
        what = match next {
            Some(NextAllowed::At(next, AsNeededLimit::Interval)) => {
                Some(format!("the order says not before {}", clock(next)))
            }
            Some(NextAllowed::At(next, AsNeededLimit::MostInPeriod)) => {
                Some(format!("the order's most in a period is reached: not before {}", clock(next)))
            }
            Some(NextAllowed::Paused) => Some("the order is paused".to_owned()),
            Some(NextAllowed::Now | NextAllowed::NotStated) | None => None,
        };
    } else if let Some(lab) = &item.lab_first {
        what = Some(format!("the plan says to draw blood first: {}", lab.title));
    } else if let Some(not_before) = item.not_before.filter(|not_before| at < *not_before) {
        what = Some(format!("the plan says not before {}, because the dose before began late", clock(not_before)));
    } else if let Some(why) = item.left_out {
        what = Some(match why {
            LeftOut::OnHold => "the order is on hold".to_owned(),
            LeftOut::OrderChanged => "the order was changed, and the new one has no such dose".to_owned(),
            LeftOut::HospitalStay => "the plan for home is paused in the hospital".to_owned(),
            LeftOut::NoFreshOrder => "the order waits to be sent anew after the hospital".to_owned(),
            LeftOut::LineUsed => return Ok(None),
        });
    } else if is_stopped(plan, item) {
        what = Some("the order has ended".to_owned());
    }
    Ok(what.map(|what| Wait { what }))
}

fn is_stopped(plan: &CarePlan, item: &AgendaItem) -> bool {
    let order = item.occurrence.as_ref().map(|occurrence| plan.order(&occurrence.order.id));
    let medicine = matches!(item.kind, AgendaKind::Medication | AgendaKind::Premedication);
    let ended = |status| !matches!(status, OrderStatus::Active | OrderStatus::OnHold | OrderStatus::Unknown);
    medicine && order.is_some_and(|order| order.is_none_or(|order| ended(order.status)))
}
