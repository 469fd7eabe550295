//! The agenda: occurrences with their steps, visits and deliveries, each with its state now.
//!
//! A state comes from what people recorded, from the orders and from the clock, and from nothing else. A dose that nobody
//! recorded is due, then late, then "not recorded"; it is never taken to be given, and never taken to be missed for
//! certain: recording it afterwards puts it right.

use crate::actual_start::{ActualStart, actual_starts};
use crate::agenda_item::{AgendaItem, AgendaKind, ItemState, LeftOut, Punctuality};
use crate::as_needed::taken_as_needed;
use crate::checklist::{ChecklistInput, Detail, checklist};
use crate::era::{Era, eras};
use crate::expand::{Expander, MAX_OCCURRENCES};
use crate::lab_first::lab_first;
use crate::line_use::LineUses;
use crate::look::{let_pass, tick_off};
use crate::occurrence::{Occurrence, Skipped};
use crate::question::Question;
use crate::record::{Record, Statement, records};
use crate::refill::refill_checks;
use crate::routine::Routine;
use crate::span::Span;
use crate::window::{ItemWindow, window};
use crate::zone::Zones;
use chrono::{DateTime, TimeDelta, Utc};
use homeline_model::{
    AdministrationStatus, CarePlan, Delivery, DeliveryStatus, Entry, FhirDateTime, LineCareKind, OccurrenceId, Order,
    OrderId, OrderKind, SkipDecision, Visit, VisitStatus,
};
use std::collections::{HashMap, HashSet};

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

/// How long a dose lasts by the order; zero where it says nothing.
pub(crate) fn length(occurrence: &Occurrence) -> TimeDelta {
    occurrence.end.map_or(TimeDelta::zero(), |end| end - occurrence.start)
}

/// Longest look back for a dose that is too close.
const LONGEST_LOOK_BACK_MINUTES: i64 = 7 * 24 * 60;
/// After its window a dose is late for half the way to the next one, and for no longer than this.
const LATE_FOR: TimeDelta = TimeDelta::hours(24);

/// How far after its end a version of an order is searched for doses that were given ahead of their time.
const GIVEN_AHEAD: TimeDelta = TimeDelta::days(7);

/// The journal's records by occurrence.
pub(crate) type Records = HashMap<OccurrenceId, Record>;

/// The agenda of a span as it stands at `now`.
pub fn agenda(input: &AgendaInput<'_>, now: DateTime<Utc>, span: Span) -> Agenda {
    agenda_in(input, now, span, Detail::Whole, &|_| true)
}

/// The agenda of the orders that are `wanted`, with the steps that are.
pub(crate) fn agenda_in(
    input: &AgendaInput<'_>,
    now: DateTime<Utc>,
    span: Span,
    detail: Detail,
    wanted: &dyn Fn(&Order) -> bool,
) -> Agenda {
    let plan = input.plan;
    let journal = records(input.entries);
    let uses = LineUses::of(plan, &journal);
    let mut agenda = Agenda::default();
    let eras = eras(plan, input.zones, span);
    let starts = actual_starts(&plan.orders, input.entries);
    let mut planned: Vec<Planned<'_>> = Vec::new();
    for (index, era) in eras.iter().enumerate() {
        // What is open is asked about the orders of the present, and not about those of the past.
        let questions = index + 1 == eras.len();
        expand_era(input, &starts, index, era, wanted, &mut planned, &mut agenda);
        if !questions {
            agenda.questions.clear();
        }
    }
    let doses = Doses { input, starts: &starts, eras: &eras, journal: &journal, uses: &uses, now };
    doses.carry_over(&mut planned);
    planned.extend(doses.given_ahead(&planned));
    let premedications = doses.premedications(&planned);
    let none = Vec::new();
    let mut items: Vec<AgendaItem> = Vec::with_capacity(planned.len());
    for planned in &planned {
        let before = premedications.get(&planned.occurrence.id).unwrap_or(&none);
        items.push(doses.item(planned, before, detail));
    }
    doses.keep_distance(&mut items);
    let known: HashSet<OccurrenceId> = planned.iter().map(|planned| planned.occurrence.id).collect();
    agenda.items = items;
    agenda.items.extend(taken_as_needed(plan, &journal, &known, span));
    agenda.items.extend(plan.visits.iter().filter(|v| span.contains(v.start)).filter_map(|v| visit_item(v, now)));
    let expected = plan.deliveries.iter().filter_map(|d| d.expected.filter(|at| span.contains(*at)).map(|at| (d, at)));
    agenda.items.extend(expected.filter_map(|(delivery, at)| delivery_item(delivery, at, now)));
    agenda.items.extend(refill_checks(plan, input.zones, now).into_iter().filter(|item| span.contains(item.start)));
    if let Some(next) = agenda.next {
        agenda.items.retain(|item| item.start < next);
        agenda.skipped.retain(|skipped| skipped.at < next);
    }
    agenda.items.sort_by(|a, b| (a.start, a.kind, &a.id).cmp(&(b.start, b.kind, &b.id)));
    agenda
}

fn expander<'a>(input: &AgendaInput<'a>, starts: &'a [ActualStart], orders: &'a [Order]) -> Expander<'a> {
    Expander {
        patient: &input.plan.patient.id,
        orders,
        zones: input.zones,
        routine: input.routine,
        starts: input.starts,
        actual_starts: starts,
    }
}

fn expand_era<'a>(
    input: &AgendaInput<'a>,
    starts: &'a [ActualStart],
    index: usize,
    era: &'a Era<'a>,
    wanted: &dyn Fn(&Order) -> bool,
    planned: &mut Vec<Planned<'a>>,
    agenda: &mut Agenda,
) {
    let expander = expander(input, starts, &era.orders);
    let span = era.span;
    for order in era.orders.iter().filter(|order| wanted(order) && !is_blocked(input.plan, order)) {
        let closest = order.minimum_interval_minutes.map_or(1, i64::from).max(1);
        let look_back = TimeDelta::minutes(closest.min(LONGEST_LOOK_BACK_MINUTES));
        let from = span.from.checked_sub_signed(look_back).unwrap_or(span.from);
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
            let too_close = distance.is_some_and(|minutes| minutes < closest);
            previous = Some(occurrence.start);
            if span.contains(occurrence.start) && !era.is_replaced(order, occurrence.start) {
                let left_out = era.left_out(order, occurrence.start);
                planned.push(Planned { era: index, order, interval_seconds, occurrence, too_close, left_out });
            }
        }
    }
}

/// An order that could not be read is never scheduled, whatever part of it could.
pub(crate) fn is_blocked(plan: &CarePlan, order: &Order) -> bool {
    plan.unreadable
        .iter()
        .filter(|u| u.blocks_order)
        .any(|unreadable| unreadable.resource.rsplit('/').next().is_some_and(|id| id == order.id.as_str()))
}

/// An occurrence on its way to the agenda.
#[derive(Clone)]
struct Planned<'a> {
    era: usize,
    order: &'a Order,
    interval_seconds: Option<i64>,
    occurrence: Occurrence,
    too_close: bool,
    left_out: Option<LeftOut>,
}

type Premedications = HashMap<OccurrenceId, Vec<(String, DateTime<Utc>, OccurrenceId)>>;

/// What the items of ordered duties are made from.
struct Doses<'a, 'b> {
    input: &'b AgendaInput<'a>,
    starts: &'b [ActualStart],
    eras: &'b [Era<'a>],
    journal: &'b Records,
    uses: &'b LineUses,
    now: DateTime<Utc>,
}

impl<'a, 'b: 'a> Doses<'a, 'b> {
    fn expander(&self, era: usize) -> Expander<'b> {
        expander(self.input, self.starts, &self.eras[era].orders)
    }

    fn is_recorded(&self, id: OccurrenceId) -> bool {
        self.journal.get(&id).is_some_and(|record| record.standing().is_some())
    }

    fn window(&self, planned: &Planned<'_>) -> Option<ItemWindow> {
        let occurrence = &planned.occurrence;
        let zone = self.input.zones.here;
        window(planned.order, planned.interval_seconds, occurrence.start, occurrence.precision, zone)
    }

    /// A dose that was open when its order changed belongs to the new version, where that has it too; else the change has
    /// cancelled it. What was recorded before, or was over by then, stays as it was.
    fn carry_over(&self, planned: &mut [Planned<'b>]) {
        for planned in planned.iter_mut() {
            while planned.era + 1 < self.eras.len() && planned.left_out.is_none() {
                let changed_at = self.eras[planned.era].span.to;
                let open = changed_at <= self.now
                    && !self.is_recorded(planned.occurrence.id)
                    && self.unsaid(planned, changed_at).is_open();
                if !open {
                    break;
                }
                let era = &self.eras[planned.era + 1];
                let next = era.orders.iter().find(|order| order.id == planned.order.id);
                let start = planned.occurrence.start;
                let again = next.and_then(|order| {
                    let moment = Span::new(start, start + TimeDelta::seconds(1));
                    let found = self.expander(planned.era + 1).order(order, moment, MAX_OCCURRENCES);
                    let same = found.occurrences.into_iter().find(|o| o.id == planned.occurrence.id)?;
                    (!era.is_replaced(order, start)).then_some((order, same))
                });
                match again {
                    Some((order, occurrence)) => {
                        planned.left_out = era.left_out(order, start.max(changed_at));
                        planned.order = order;
                        planned.occurrence = occurrence;
                    }
                    None => planned.left_out = Some(LeftOut::OrderChanged),
                }
                planned.era += 1;
            }
        }
    }

    /// Doses of a version that has ended since, which were recorded ahead of their time.
    fn given_ahead(&self, planned: &[Planned<'b>]) -> Vec<Planned<'b>> {
        let mut found = Vec::new();
        for (index, era) in self.eras.iter().enumerate().take(self.eras.len().saturating_sub(1)) {
            let after = Span::new(era.span.to, era.span.to.checked_add_signed(GIVEN_AHEAD).unwrap_or(era.span.to));
            let expander = self.expander(index);
            for order in era.orders.iter().filter(|order| !is_blocked(self.input.plan, order)) {
                let known = |id: OccurrenceId| planned.iter().any(|p| p.occurrence.id == id);
                let recorded = self.journal.iter().any(|(id, record)| {
                    record.order.as_ref().is_some_and(|of| of.id == order.id) && !known(*id) && self.is_recorded(*id)
                });
                if !recorded {
                    continue;
                }
                let interval_seconds = expander.interval_seconds(order);
                let occurrences = expander.order(order, after, MAX_OCCURRENCES).occurrences;
                found.extend(occurrences.into_iter().filter(|o| self.is_recorded(o.id) && !known(o.id)).map(
                    |occurrence| Planned {
                        era: index,
                        order,
                        interval_seconds,
                        occurrence,
                        too_close: false,
                        left_out: None,
                    },
                ));
            }
        }
        found
    }

    /// The pre-medications that hang on each planned occurrence, also those that start before the span.
    fn premedications(&self, planned: &[Planned<'_>]) -> Premedications {
        let mut found = Premedications::new();
        for (index, era) in self.eras.iter().enumerate() {
            let starts = || planned.iter().filter(|p| p.era == index).map(|p| p.occurrence.start);
            let (Some(first), Some(last)) = (starts().min(), starts().max()) else { continue };
            for order in era.orders.iter().filter(|o| o.kind == OrderKind::Premedication) {
                let Some(link) = order.relative_to.as_ref().filter(|_| !is_blocked(self.input.plan, order)) else {
                    continue;
                };
                let reach = TimeDelta::minutes(i64::from(link.offset_minutes.unsigned_abs()) + 1);
                let from = first.checked_sub_signed(reach).unwrap_or(first);
                let to = last.checked_add_signed(reach).unwrap_or(last);
                for occurrence in self.expander(index).order(order, Span::new(from, to), MAX_OCCURRENCES).occurrences {
                    if let Some(of) = occurrence.follows {
                        found.entry(of).or_default().push((order.title.clone(), occurrence.start, occurrence.id));
                    }
                }
            }
        }
        for list in found.values_mut() {
            list.sort_by_key(|(_, at, id)| (*at, *id));
        }
        found
    }

    fn item(
        &self,
        planned: &Planned<'_>,
        premedications: &[(String, DateTime<Utc>, OccurrenceId)],
        detail: Detail,
    ) -> AgendaItem {
        let nothing = Record::default();
        let Planned { order, occurrence, .. } = planned;
        let record = self.journal.get(&occurrence.id).unwrap_or(&nothing);
        let window = self.window(planned);
        let plan = self.input.plan;
        let access = order.access_device.as_ref().and_then(|id| plan.access_devices.iter().find(|d| d.id == *id));
        let dosage = order.dosages.get(occurrence.dosage_index);
        let started_at = record.started_at();
        let input = ChecklistInput { order, dosage, occurrence, access, premedications, started_at, detail };
        let mut steps = checklist(&input);
        tick_off(&mut steps, record.steps.iter().map(|done| (done.key, done.at)));
        let_pass(&mut steps, self.now);
        let standing = record.standing();
        let left_out = planned.left_out.or_else(|| self.line_used(planned, window)).filter(|_| standing.is_none());
        let state = match (standing, left_out) {
            (Some(statement), _) => said(statement),
            (None, Some(_)) => ItemState::Skipped(SkipDecision::Order),
            (None, None) => self.unsaid(planned, self.now),
        };
        AgendaItem {
            end: occurrence.end,
            precision: occurrence.precision,
            punctuality: started_at.zip(window).map(|(at, window)| punctuality(at, window)),
            window,
            steps,
            disagreement: record.disagreement(),
            possible_double: record.possible_double(length(occurrence)),
            settled: record.settled(),
            suggested: record.suggested(),
            started_at,
            ended_at: standing.and_then(|s| s.administration.ended_at),
            too_close: planned.too_close,
            must_not_stop: order.must_not_stop,
            time_critical: order.time_critical,
            left_out,
            lab_first: (standing.is_none() && left_out.is_none())
                .then(|| lab_first(&self.expander(planned.era), order, occurrence, self.journal))
                .flatten(),
            statements: record.statements.clone(),
            occurrence: Some(occurrence.clone()),
            ..AgendaItem::plain(occurrence.id.to_string(), kind_of(order.kind), &order.title, occurrence.start, state)
        }
    }

    /// A dose that went through the line has flushed it.
    fn line_used(&self, planned: &Planned<'_>, window: Option<ItemWindow>) -> Option<LeftOut> {
        if planned.order.line_care != Some(LineCareKind::IdleFlush) {
            return None;
        }
        let closes = window.map_or(planned.occurrence.start, |window| window.closes);
        let since = planned.occurrence.start - TimeDelta::seconds(planned.interval_seconds.unwrap_or(24 * 3_600));
        let device = planned.order.access_device.as_ref()?;
        self.uses.was_used(device, since, closes).then_some(LeftOut::LineUsed)
    }

    /// The state of an occurrence that nobody said anything about.
    fn unsaid(&self, planned: &Planned<'_>, now: DateTime<Utc>) -> ItemState {
        let start = planned.occurrence.start;
        let (opens, closes) = self.window(planned).map_or((start, start), |window| (window.opens, window.closes));
        if now < opens {
            return ItemState::Planned;
        }
        if now <= closes {
            return ItemState::Due;
        }
        let latest = closes.checked_add_signed(LATE_FOR).unwrap_or(closes);
        if now > latest {
            return ItemState::NotRecorded;
        }
        let next = self.expander(planned.era).next_start(planned.order, start);
        let halfway = next.map(|next| start + (next - start) / 2);
        let over = halfway.map_or(latest, |halfway| halfway.clamp(closes, latest));
        if now <= over { ItemState::Late } else { ItemState::NotRecorded }
    }

    /// A dose that began late moves the earliest time of the next: two are never given closer than the plan allows.
    fn keep_distance(&self, items: &mut [AgendaItem]) {
        let mut closest: HashMap<&OrderId, TimeDelta> = HashMap::new();
        for order in self.eras.iter().flat_map(|era| era.orders.iter()) {
            if let Some(minutes) = order.minimum_interval_minutes {
                closest.insert(&order.id, TimeDelta::minutes(i64::from(minutes)));
            }
        }
        if closest.is_empty() {
            return;
        }
        let mut last: HashMap<OrderId, DateTime<Utc>> = HashMap::new();
        items.sort_by_key(|item| item.start);
        for item in items {
            let Some(order) = item.occurrence.as_ref().map(|occurrence| &occurrence.order.id) else { continue };
            let Some(distance) = closest.get(order) else { continue };
            let earliest = last.get(order).and_then(|started| started.checked_add_signed(*distance));
            item.not_before = earliest.filter(|earliest| item.state.is_open() && *earliest > item.start);
            if let Some(started) = item.started_at {
                last.insert(order.clone(), started);
            }
        }
    }
}

pub(crate) fn kind_of(kind: OrderKind) -> AgendaKind {
    match kind {
        OrderKind::Medication => AgendaKind::Medication,
        OrderKind::Premedication => AgendaKind::Premedication,
        OrderKind::LineCare => AgendaKind::LineCare,
        OrderKind::Lab => AgendaKind::Lab,
        OrderKind::Service => AgendaKind::Service,
    }
}

pub(crate) fn said(statement: &Statement) -> ItemState {
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

fn punctuality(started_at: DateTime<Utc>, window: ItemWindow) -> Punctuality {
    if started_at < window.opens {
        Punctuality::Early
    } else if started_at <= window.closes {
        Punctuality::OnTime
    } else {
        Punctuality::Late
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
    let item = AgendaItem::plain(format!("visit/{}", visit.id), AgendaKind::Visit, &visit.title, visit.start, state);
    Some(AgendaItem { end: visit.end, ..item })
}

fn delivery_item(delivery: &Delivery, expected: DateTime<Utc>, now: DateTime<Utc>) -> Option<AgendaItem> {
    let state = match delivery.status {
        DeliveryStatus::EnteredInError | DeliveryStatus::Abandoned => return None,
        DeliveryStatus::Completed => ItemState::Completed,
        DeliveryStatus::InProgress if now < expected => ItemState::Planned,
        DeliveryStatus::InProgress => ItemState::Due,
    };
    Some(AgendaItem::plain(format!("delivery/{}", delivery.id), AgendaKind::Delivery, &delivery.item, expected, state))
}
