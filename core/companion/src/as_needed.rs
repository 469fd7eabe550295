//! What is taken when needed, on today's screen; and what an order says to a dose that comes too early.
//!
//! The order is told and nobody is stopped: a dose that was taken is recorded, with what the order said.

use crate::agenda;
use crate::error::{ErrorKind, HomelineError};
use crate::moment::Moment;
use crate::screen::{Action, Emphasis, Row};
use crate::store::Store;
use crate::texts::Texts;
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
    let (texts, item) = (moment.texts, &needed.item);
    let mut row = Row::new(item.id.clone(), words::as_written(texts, &item.title));
    row.state = Some(match &needed.next {
        NextAllowed::Now => texts.say("as-needed.now"),
        NextAllowed::At(at, _) => texts.fill("as-needed.not-before", &[("time", &moment.shown(*at))]),
        NextAllowed::Paused => texts.say("as-needed.paused"),
        NextAllowed::NotStated => texts.say("as-needed.not-stated"),
    });
    row.emphasis = if needed.next == NextAllowed::Now { Emphasis::Plain } else { Emphasis::Quiet };
    row.details.extend(needed.reason.as_ref().map(|reason| texts.fill("as-needed.for", &[("reason", reason)])));
    row.details.extend(needed.text.clone());
    row.details.extend(
        needed.interval_minutes.map(|minutes| texts.fill("as-needed.every", &[("span", &length(texts, minutes))])),
    );
    if let Some(most) = &needed.most {
        let mut said = texts.fill("as-needed.most", &[("amount", &most.amount), ("period", &most.period)]);
        if let Some(taken) = needed.taken_in_period {
            said = format!("{said} {}", texts.fill("as-needed.taken", &[("amount", &taken)]));
        }
        row.details.push(said);
    }
    row.details.extend(needed.last.map(|at| texts.fill("as-needed.last", &[("time", &moment.shown(at))])));
    row.private_title = Some(words::private_title(texts, item.kind));
    let (verb, label) = if is_momentary(plan, item) { ("finish", "as-needed.take") } else { ("start", "agenda.start") };
    row.actions = vec![match &needed.next {
        NextAllowed::Now | NextAllowed::NotStated => {
            Action { id: format!("dose.{verb}:{}", item.id), label: texts.say(label), emphasis: Emphasis::Plain }
        }
        NextAllowed::At(..) | NextAllowed::Paused => Action {
            id: format!("dose.insist:{}:{verb}", item.id),
            label: texts.say("as-needed.insist"),
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

fn length(texts: Texts, minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => texts.fill("span.minutes", &[("minutes", &minutes)]),
        (hours, 0) => texts.fill("span.whole-hours", &[("hours", &hours)]),
        (hours, minutes) => texts.fill("span.hours", &[("hours", &hours), ("minutes", &minutes)]),
    }
}

/// That the hospital pauses the plan.
pub(crate) fn stay_row(plan: &CarePlan, moment: &Moment) -> Option<Row> {
    let stay = pausing_stay(plan, Zones { here: &moment.here, home: &moment.home }, moment.now)?;
    let texts = moment.texts;
    let mut row = match stay.end {
        None => {
            let since = texts.fill("stay.since", &[("time", &moment.shown(stay.start))]);
            let mut row = Row::new(format!("stay/{}", stay.id), since);
            row.details.push(texts.say("stay.paused"));
            row.details.push(texts.say("stay.goes-on"));
            row
        }
        Some(_) => {
            let mut row = Row::new(format!("stay/{}", stay.id), texts.say("stay.home"));
            row.details.push(texts.say("stay.ring-again"));
            row.details.push(texts.say("stay.call"));
            row.emphasis = Emphasis::Urgent;
            return Some(row.with_spoken_sentence());
        }
    };
    row.emphasis = Emphasis::Attention;
    Some(row.with_spoken_sentence())
}

/// What the order says to a dose that should not begin now.
pub(crate) struct Wait {
    texts: Texts,
    what: String,
}

impl Wait {
    pub(crate) fn into_error(self, plan: &CarePlan) -> HomelineError {
        let whom = words::numbers_to_call(plan).into_iter().next();
        let call = match whom {
            Some(number) => self.texts.fill("wait-dose.call", &[("number", &number)]),
            None => self.texts.say("wait-dose.call-team"),
        };
        HomelineError::new(
            ErrorKind::BadInput,
            "dose.wait",
            self.what,
            self.texts.fill("wait-dose.insist", &[("call", &call)]),
        )
    }

    /// For the entry of a dose that was given all the same.
    pub(crate) fn recorded(&self) -> String {
        self.texts.fill("wait-dose.recorded", &[("what", &self.what)])
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
    let texts = moment.texts;
    let not_before = |key, at: DateTime<Utc>| Some(texts.fill(key, &[("time", &moment.shown(at))]));
    if !item.statements.is_empty() {
        return Ok(None);
    }
    let mut what = None;
    if item.as_needed {
        let next = all(store, plan, at)?.into_iter().find(|needed| needed.item.id == item.id).map(|needed| needed.next);
        what = match next {
            Some(NextAllowed::At(next, AsNeededLimit::Interval)) => not_before("wait-dose.not-before", next),
            Some(NextAllowed::At(next, AsNeededLimit::MostInPeriod)) => not_before("wait-dose.most", next),
            Some(NextAllowed::Paused) => Some(texts.say("wait-dose.paused")),
            Some(NextAllowed::Now | NextAllowed::NotStated) | None => None,
        };
    } else if let Some(lab) = &item.lab_first {
        what = Some(texts.fill("wait-dose.lab", &[("lab", &lab.title)]));
    } else if let Some(first) = item.not_before.filter(|first| at < *first) {
        what = not_before("wait-dose.late", first);
    } else if let Some(why) = item.left_out {
        what = Some(match why {
            LeftOut::OnHold => texts.say("wait-dose.on-hold"),
            LeftOut::OrderChanged => texts.say("wait-dose.changed"),
            LeftOut::HospitalStay => texts.say("wait-dose.hospital"),
            LeftOut::NoFreshOrder => texts.say("wait-dose.no-fresh-order"),
            LeftOut::LineUsed => return Ok(None),
        });
    } else if is_stopped(plan, item) {
        what = Some(texts.say("wait-dose.ended"));
    }
    Ok(what.map(|what| Wait { texts, what }))
}

fn is_stopped(plan: &CarePlan, item: &AgendaItem) -> bool {
    let order = item.occurrence.as_ref().map(|occurrence| plan.order(&occurrence.order.id));
    let medicine = matches!(item.kind, AgendaKind::Medication | AgendaKind::Premedication);
    let ended = |status| !matches!(status, OrderStatus::Active | OrderStatus::OnHold | OrderStatus::Unknown);
    medicine && order.is_some_and(|order| order.is_none_or(|order| ended(order.status)))
}
