//! The agenda: occurrences with their steps, visits and deliveries, each with its state now.
//!
//! A state comes from what people recorded and from the clock, and from nothing else. A dose that nobody recorded is due,
//! then late, then "not recorded"; it is never taken to be given, and never taken to be missed for certain: recording it
//! afterwards puts it right.

use crate::actual_start::actual_starts;
use crate::checklist::{AgendaStep, ChecklistInput, checklist};
use crate::expand::{Expander, MAX_OCCURRENCES};
use crate::occurrence::{Occurrence, Skipped};
use crate::question::Question;
use crate::record::{Record, Statement, records};
use crate::routine::Routine;
use crate::slot::Precision;
use crate::span::Span;
use crate::window::{ItemWindow, window};
use crate::zone::Zones;
use chrono::{DateTime, TimeDelta, Utc};
use homeline_model::{
    AdministrationStatus, CarePlan, Delivery, DeliveryStatus, Entry, FhirDateTime, OccurrenceId, Order, OrderId,
    OrderKind, SkipDecision, Visit, VisitStatus,
};
use std::collections::HashMap;

/// What the agenda is made from.
#[derive(Debug, Clone, Copy)]
pub struct AgendaInput<'a> {
    /// The care plan.
    pub plan: &'a CarePlan,
    /// The journal's entries about the occurrences of the span: administrations and steps done; others are passed over.
    pub entries: &'a [Entry],
    /// Zone rules that cover the span, and a little before.
    pub zones: Zones<'a>,
    /// The patient's own day.
    pub routine: &'a Routine,
    /// Starts that were agreed for orders which name none.
    pub starts: &'a [(OrderId, FhirDateTime)],
}

/// What kind of duty an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AgendaKind {
    /// A drug.
    Medication,
    /// A drug because another dose comes.
    Premedication,
    /// Dressing, connector, flush.
    LineCare,
    /// Blood to be drawn.
    Lab,
    /// Any other ordered duty.
    Service,
    /// A visit.
    Visit,
    /// A delivery.
    Delivery,
}

/// How far an item is, now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ItemState {
    /// Its window has not opened.
    Planned,
    /// Its window is open, and nothing is recorded.
    Due,
    /// Its window has closed, and nothing is recorded; it may still be done as the plan says.
    Late,
    /// It runs.
    InProgress,
    /// All of it went in.
    Completed,
    /// A part of it went in.
    Partial,
    /// It was stopped.
    Stopped,
    /// It was left out, and who decided that.
    Skipped(SkipDecision),
    /// Nothing was recorded and its time is over. Whether it was given is not known.
    NotRecorded,
    /// Somebody recorded that they do not know.
    Unknown,
}

impl ItemState {
    /// Kebab-case key, stable.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Due => "due",
            Self::Late => "late",
            Self::InProgress => "in-progress",
            Self::Completed => "completed",
            Self::Partial => "partial",
            Self::Stopped => "stopped",
            Self::Skipped(_) => "skipped",
            Self::NotRecorded => "not-recorded",
            Self::Unknown => "unknown",
        }
    }

    /// Nobody has said anything yet, and it may still be done.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::Due | Self::Late)
    }
}

/// A start against its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Punctuality {
    /// Before the window opened.
    Early,
    /// Inside the window.
    OnTime,
    /// After the window closed.
    Late,
}

impl Punctuality {
    /// Kebab-case key, stable.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Early => "early",
            Self::OnTime => "on-time",
            Self::Late => "late",
        }
    }
}

/// One item of the agenda.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgendaItem {
    /// The occurrence's id, `visit/<id>` or `delivery/<id>`.
    pub id: String,
    /// What kind of duty.
    pub kind: AgendaKind,
    /// Title as shown.
    pub title: String,
    /// Planned start.
    pub start: DateTime<Utc>,
    /// Planned end.
    pub end: Option<DateTime<Utc>>,
    /// Whether the plan says a time or only a day.
    pub precision: Precision,
    /// The occurrence; `None` for visits and deliveries.
    pub occurrence: Option<Occurrence>,
    /// How far it is.
    pub state: ItemState,
    /// How its start lies to its window; `None` when it has not started or has no window.
    pub punctuality: Option<Punctuality>,
    /// When it counts as on time.
    pub window: Option<ItemWindow>,
    /// What to do, in order.
    pub steps: Vec<AgendaStep>,
    /// Everything that was said about it, oldest first.
    pub statements: Vec<Statement>,
    /// Two people said how it ended, and not the same: show both.
    pub disagreement: bool,
    /// What a device says. To be confirmed by a person; never a state by itself.
    pub suggested: Option<AdministrationStatus>,
    /// When it started, as recorded.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended, as recorded.
    pub ended_at: Option<DateTime<Utc>>,
    /// Closer to the one before than the plan allows (or at the same time): to ask, not to drop.
    pub too_close: bool,
    /// It must never stop.
    pub must_not_stop: bool,
}

/// The agenda of a span.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Agenda {
    /// The items that start in the span, by start.
    pub items: Vec<AgendaItem>,
    /// What the team must answer first.
    pub questions: Vec<Question>,
    /// What the zone leaves out.
    pub skipped: Vec<Skipped>,
    /// `Some` when there is more than one call may hold: whole before this instant.
    pub next: Option<DateTime<Utc>>,
}

/// Longest look back for a dose that is too close.
const LONGEST_LOOK_BACK_MINUTES: i64 = 7 * 24 * 60;
/// After its window a dose is late for half the way to the next one, and for no longer than this.
const LATE_FOR: TimeDelta = TimeDelta::hours(24);

/// The agenda of a span as it stands at `now`.
pub fn agenda(input: &AgendaInput<'_>, now: DateTime<Utc>, span: Span) -> Agenda {
    let plan = input.plan;
    let actual_starts = actual_starts(&plan.orders, input.entries);
    let expander = Expander {
        patient: &plan.patient.id,
        orders: &plan.orders,
        zones: input.zones,
        routine: input.routine,
        starts: input.starts,
        actual_starts: &actual_starts,
    };
    let mut journal = records(input.entries);
    let mut agenda = Agenda::default();
    let mut planned: Vec<Planned<'_>> = Vec::new();
    for order in plan.orders.iter().filter(|order| !is_blocked(plan, order)) {
        let look_back = order.minimum_interval_minutes.map_or(1, i64::from).clamp(1, LONGEST_LOOK_BACK_MINUTES);
        let from = span.from.checked_sub_signed(TimeDelta::minutes(look_back)).unwrap_or(span.from);
        let mut found = expander.order(order, Span::new(from, span.to), MAX_OCCURRENCES);
        if found.next.is_some_and(|next| next <= span.from) {
            // So many doses that the look back alone fills the list: the span itself comes first.
            found = expander.order(order, span, MAX_OCCURRENCES);
        }
        let interval_seconds = expander.interval_seconds(order);
        agenda.next = agenda.next.into_iter().chain(found.next).min();
        agenda.questions.extend(found.questions);
        agenda.skipped.extend(found.skipped.into_iter().filter(|s| span.contains(s.at)));
        let mut previous: Option<DateTime<Utc>> = None;
        for occurrence in found.occurrences {
            let distance = previous.map(|previous| (occurrence.start - previous).num_minutes());
            let closest = order.minimum_interval_minutes.map_or(1, i64::from).max(1);
            let too_close = distance.is_some_and(|minutes| minutes < closest);
            previous = Some(occurrence.start);
            if span.contains(occurrence.start) {
                planned.push(Planned { order, interval_seconds, occurrence, too_close });
            }
        }
    }
    let premedications = premedications(&planned, &expander, plan);
    let none = Vec::new();
    for planned in planned {
        let record = journal.remove(&planned.occurrence.id).unwrap_or_default();
        let before = premedications.get(&planned.occurrence.id).unwrap_or(&none);
        agenda.items.push(dose_item(&expander, plan, planned, record, before, now));
    }
    agenda.items.extend(plan.visits.iter().filter(|v| span.contains(v.start)).filter_map(|v| visit_item(v, now)));
    let expected = plan.deliveries.iter().filter_map(|d| d.expected.filter(|at| span.contains(*at)).map(|at| (d, at)));
    agenda.items.extend(expected.filter_map(|(delivery, at)| delivery_item(delivery, at, now)));
    if let Some(next) = agenda.next {
        agenda.items.retain(|item| item.start < next);
        agenda.skipped.retain(|skipped| skipped.at < next);
    }
    agenda.items.sort_by(|a, b| (a.start, a.kind, &a.id).cmp(&(b.start, b.kind, &b.id)));
    agenda
}

/// An order that could not be read is never scheduled, whatever part of it could.
pub(crate) fn is_blocked(plan: &CarePlan, order: &Order) -> bool {
    plan.unreadable
        .iter()
        .filter(|u| u.blocks_order)
        .any(|unreadable| unreadable.resource.rsplit('/').next().is_some_and(|id| id == order.id.as_str()))
}

/// An occurrence on its way to the agenda.
struct Planned<'a> {
    order: &'a Order,
    interval_seconds: Option<i64>,
    occurrence: Occurrence,
    too_close: bool,
}

type Premedications = HashMap<OccurrenceId, Vec<(String, DateTime<Utc>, OccurrenceId)>>;

/// The pre-medications that hang on each planned occurrence, also those that start before the span.
fn premedications(planned: &[Planned<'_>], expander: &Expander<'_>, plan: &CarePlan) -> Premedications {
    let mut found = Premedications::new();
    let (Some(first), Some(last)) =
        (planned.iter().map(|p| p.occurrence.start).min(), planned.iter().map(|p| p.occurrence.start).max())
    else {
        return found;
    };
    for order in plan.orders.iter().filter(|o| o.kind == OrderKind::Premedication && !is_blocked(plan, o)) {
        let Some(link) = &order.relative_to else { continue };
        let reach = TimeDelta::minutes(i64::from(link.offset_minutes.unsigned_abs()) + 1);
        let from = first.checked_sub_signed(reach).unwrap_or(first);
        let to = last.checked_add_signed(reach).unwrap_or(last);
        for occurrence in expander.order(order, Span::new(from, to), MAX_OCCURRENCES).occurrences {
            if let Some(of) = occurrence.follows {
                found.entry(of).or_default().push((order.title.clone(), occurrence.start, occurrence.id));
            }
        }
    }
    for list in found.values_mut() {
        list.sort_by_key(|(_, at, id)| (*at, *id));
    }
    found
}

fn dose_item(
    expander: &Expander<'_>,
    plan: &CarePlan,
    planned: Planned<'_>,
    record: Record,
    premedications: &[(String, DateTime<Utc>, OccurrenceId)],
    now: DateTime<Utc>,
) -> AgendaItem {
    let Planned { order, interval_seconds, occurrence, too_close } = planned;
    let window = window(order, interval_seconds, occurrence.start, occurrence.precision, expander.zones.here);
    let access = order.access_device.as_ref().and_then(|id| plan.access_devices.iter().find(|d| d.id == *id));
    let dosage = order.dosages.get(occurrence.dosage_index);
    let mut steps = checklist(&ChecklistInput { order, dosage, occurrence: &occurrence, access, premedications });
    tick_off(&mut steps, &record);
    let standing = record.standing();
    let state = match standing {
        Some(statement) => said(statement),
        None => unsaid(expander, order, &occurrence, window, now),
    };
    let started_at = record.started_at();
    AgendaItem {
        id: occurrence.id.to_string(),
        kind: match order.kind {
            OrderKind::Medication => AgendaKind::Medication,
            OrderKind::Premedication => AgendaKind::Premedication,
            OrderKind::LineCare => AgendaKind::LineCare,
            OrderKind::Lab => AgendaKind::Lab,
            OrderKind::Service => AgendaKind::Service,
        },
        title: order.title.clone(),
        start: occurrence.start,
        end: occurrence.end,
        precision: occurrence.precision,
        state,
        punctuality: started_at.zip(window).map(|(at, window)| punctuality(at, window)),
        window,
        steps,
        disagreement: record.disagreement(),
        suggested: record.suggested(),
        started_at,
        ended_at: standing.and_then(|s| s.administration.ended_at),
        too_close,
        must_not_stop: order.must_not_stop,
        statements: record.statements,
        occurrence: Some(occurrence),
    }
}

fn said(statement: &Statement) -> ItemState {
    match statement.administration.status {
        AdministrationStatus::InProgress => ItemState::InProgress,
        AdministrationStatus::Completed => ItemState::Completed,
        AdministrationStatus::Partial => ItemState::Partial,
        AdministrationStatus::Stopped => ItemState::Stopped,
        AdministrationStatus::Skipped => {
            ItemState::Skipped(statement.administration.skip_decision.unwrap_or(SkipDecision::NotStated))
        }
        AdministrationStatus::Unknown => ItemState::Unknown,
    }
}

/// The state of an occurrence that nobody said anything about.
fn unsaid(
    expander: &Expander<'_>,
    order: &Order,
    occurrence: &Occurrence,
    window: Option<ItemWindow>,
    now: DateTime<Utc>,
) -> ItemState {
    let (opens, closes) = window.map_or((occurrence.start, occurrence.start), |window| (window.opens, window.closes));
    if now < opens {
        return ItemState::Planned;
    }
    if now <= closes {
        return ItemState::Due;
    }
    let next = expander.next_start(order, occurrence.start);
    let halfway = next.map(|next| occurrence.start + (next - occurrence.start) / 2);
    let latest = closes.checked_add_signed(LATE_FOR).unwrap_or(closes);
    let over = halfway.map_or(latest, |halfway| halfway.clamp(closes, latest));
    if now <= over { ItemState::Late } else { ItemState::NotRecorded }
}

fn punctuality(started_at: DateTime<Utc>, window: ItemWindow) -> Punctuality {
    if started_at < window.opens {
        Punctuality::Early
    } else if started_at <= window.closes {
        Punctuality::OnTime
    } else {
        Punctuality::Late
    }
}

/// The n-th "flush" that was ticked off is the n-th flush of the list.
fn tick_off(steps: &mut [AgendaStep], record: &Record) {
    for (key, at) in &record.steps {
        if let Some(step) = steps.iter_mut().find(|step| step.key == *key && step.done_at.is_none()) {
            step.done_at = Some(*at);
        }
    }
}

fn plain_item(id: String, kind: AgendaKind, title: &str, start: DateTime<Utc>, state: ItemState) -> AgendaItem {
    AgendaItem {
        id,
        kind,
        title: title.to_owned(),
        start,
        end: None,
        precision: Precision::Time,
        occurrence: None,
        state,
        punctuality: None,
        window: None,
        steps: Vec::new(),
        statements: Vec::new(),
        disagreement: false,
        suggested: None,
        started_at: None,
        ended_at: None,
        too_close: false,
        must_not_stop: false,
    }
}

fn visit_item(visit: &Visit, now: DateTime<Utc>) -> Option<AgendaItem> {
    let state = match visit.status {
        VisitStatus::Cancelled => return None,
        VisitStatus::Fulfilled => ItemState::Completed,
        VisitStatus::Proposed | VisitStatus::Booked if now < visit.start => ItemState::Planned,
        VisitStatus::Proposed | VisitStatus::Booked if now <= visit.end.unwrap_or(visit.start) => ItemState::Due,
        // The team's server has not said whether it took place.
        VisitStatus::Proposed | VisitStatus::Booked => ItemState::Unknown,
    };
    let item = plain_item(format!("visit/{}", visit.id), AgendaKind::Visit, &visit.title, visit.start, state);
    Some(AgendaItem { end: visit.end, ..item })
}

fn delivery_item(delivery: &Delivery, expected: DateTime<Utc>, now: DateTime<Utc>) -> Option<AgendaItem> {
    let state = match delivery.status {
        DeliveryStatus::EnteredInError | DeliveryStatus::Abandoned => return None,
        DeliveryStatus::Completed => ItemState::Completed,
        DeliveryStatus::InProgress if now < expected => ItemState::Planned,
        DeliveryStatus::InProgress => ItemState::Due,
    };
    Some(plain_item(format!("delivery/{}", delivery.id), AgendaKind::Delivery, &delivery.item, expected, state))
}
