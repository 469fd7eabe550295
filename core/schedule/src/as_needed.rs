//! Doses that are taken when needed: when the order allows the next one, and the doses that were taken.
//!
//! There is never a reminder. "Next allowed at" comes from the order alone: its own interval (`Timing.repeat`: once in a
//! period), its minimum interval, and the most in a period (`maxDosePerPeriod`), which is counted over any stretch of that
//! length and never from midnight. What cannot be counted (another unit, a dose of unknown amount) is said as such and
//! never guessed. Two statements that may be one dose or two count as two.

use crate::agenda::{Records, kind_of, said};
use crate::agenda_item::{AgendaItem, ItemState};
use crate::era::paused_by_stay;
use crate::occurrence::Occurrence;
use crate::record::{Record, Statement, records};
use crate::slot::Precision;
use crate::span::Span;
use chrono::{DateTime, TimeDelta, Utc};
use homeline_model::{
    AdministrationStatus, CarePlan, Decimal, Dosage, Entry, MaxDose, OccurrenceId, Order, OrderStatus, PeriodUnit,
    Quantity,
};
use std::collections::HashSet;

/// Statements of two people within so many minutes about one occurrence are about one dose.
const ONE_DOSE: TimeDelta = TimeDelta::minutes(10);
/// The longest period of a limit that is counted.
const LONGEST_PERIOD: TimeDelta = TimeDelta::days(366);

/// Which part of the order says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AsNeededLimit {
    /// Its interval.
    Interval,
    /// The most in a period.
    MostInPeriod,
}

/// When the order allows the next dose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextAllowed {
    /// Now.
    Now,
    /// From then on.
    At(DateTime<Utc>, AsNeededLimit),
    /// The order is on hold, or the patient is in a hospital.
    Paused,
    /// The order does not say, or says it so that it cannot be counted: ask the nurse.
    NotStated,
}

/// A drug or a duty that is done when needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsNeeded {
    /// The next dose: what a tap records. The same until it is recorded, so that a second tap is the same dose.
    pub item: AgendaItem,
    /// For what, in the order's words.
    pub reason: Option<String>,
    /// The order's own words about the dose.
    pub text: Option<String>,
    /// One dose, as ordered.
    pub dose: Option<Quantity>,
    /// When the order allows the next.
    pub next: NextAllowed,
    /// The shortest time between two, as ordered.
    pub interval_minutes: Option<i64>,
    /// The most in a period, as ordered.
    pub most: Option<MaxDose>,
    /// How many are recorded in that period up to now; `None` without such a limit.
    pub taken_in_period: Option<u32>,
    /// When the last one began, as recorded.
    pub last: Option<DateTime<Utc>>,
}

/// How far back the journal must be read for [`as_needed`].
pub fn as_needed_reach(plan: &CarePlan) -> TimeDelta {
    let periods = plan.orders.iter().flat_map(|order| &order.dosages).filter(|dosage| dosage.as_needed.is_some());
    let longest = periods.flat_map(|dosage| {
        let most = dosage.max_dose.as_ref().and_then(|most| length(&most.period));
        [interval(dosage), most]
    });
    longest.flatten().max().unwrap_or(TimeDelta::zero()).clamp(TimeDelta::days(8), LONGEST_PERIOD)
}

/// Every dosage that is taken as needed, with when its order allows the next one.
pub fn as_needed(plan: &CarePlan, entries: &[Entry], now: DateTime<Utc>) -> Vec<AsNeeded> {
    let journal = records(entries);
    let mut found = Vec::new();
    for order in &plan.orders {
        let shown = matches!(order.status, OrderStatus::Active | OrderStatus::OnHold);
        let blocked = plan.unreadable.iter().any(|unreadable| {
            unreadable.blocks_order && unreadable.resource.rsplit('/').next() == Some(order.id.as_str())
        });
        for (index, dosage) in order.dosages.iter().enumerate() {
            if shown && !blocked && dosage.as_needed.is_some() {
                found.push(one(plan, order, index, dosage, &journal, now));
            }
        }
    }
    found
}

fn one(
    plan: &CarePlan,
    order: &Order,
    index: usize,
    dosage: &Dosage,
    journal: &Records,
    now: DateTime<Utc>,
) -> AsNeeded {
    let taken = taken(order, journal);
    let last = taken.iter().map(|(at, _)| *at).max();
    let shortest = order.minimum_interval_minutes.map(|minutes| TimeDelta::minutes(i64::from(minutes)));
    let interval = interval(dosage).into_iter().chain(shortest).max();
    let most = dosage.max_dose.clone();
    let (allowed, taken_in_period) = match most.as_ref() {
        Some(most) => (by_most(most, dosage.dose.as_ref(), &taken, now), count_in(most, &taken, now)),
        None => (None, None),
    };
    let paused = order.status == OrderStatus::OnHold || paused_by_stay(plan, order, now).is_some();
    let next = if paused { NextAllowed::Paused } else { next_allowed(last, interval, most.is_some(), allowed, now) };
    // Named by the dose before it: the same tap on two phones, or twice on one, is one dose.
    let slot = match last {
        Some(last) => format!("as-needed/after/{}", last.timestamp()),
        None => "as-needed/first".to_owned(),
    };
    AsNeeded {
        item: item(plan, order, index, &slot, now),
        reason: dosage.as_needed.as_ref().and_then(|needed| needed.reason.clone()),
        text: dosage.text.clone(),
        dose: dosage.dose.clone(),
        next,
        interval_minutes: interval.map(|interval| interval.num_minutes()),
        most,
        taken_in_period,
        last,
    }
}

fn next_allowed(
    last: Option<DateTime<Utc>>,
    interval: Option<TimeDelta>,
    has_most: bool,
    by_most: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> NextAllowed {
    if last.is_some() && (interval.is_none() && !has_most || has_most && by_most.is_none()) {
        return NextAllowed::NotStated;
    }
    let by_interval = last.zip(interval).and_then(|(last, interval)| last.checked_add_signed(interval));
    let ways =
        [by_interval.map(|at| (at, AsNeededLimit::Interval)), by_most.map(|at| (at, AsNeededLimit::MostInPeriod))];
    match ways.into_iter().flatten().max_by_key(|(at, _)| *at) {
        Some((at, limit)) if at > now => NextAllowed::At(at, limit),
        Some(_) | None => NextAllowed::Now,
    }
}

/// Starts of the doses that people recorded, with the amount of each; oldest first.
fn taken(order: &Order, journal: &Records) -> Vec<(DateTime<Utc>, Option<Quantity>)> {
    let mut found: Vec<(DateTime<Utc>, Option<Quantity>)> = Vec::new();
    for record in journal.values().filter(|record| record.order.as_ref().is_some_and(|of| of.id == order.id)) {
        let mut starts: Vec<(DateTime<Utc>, Option<Quantity>)> = Vec::new();
        for statement in record.statements.iter().filter(|s| !s.superseded && s.is_by_a_person()) {
            let Some(at) = began(record, statement) else { continue };
            // Two people about one occurrence: close together it is one dose, else nobody knows, and both count.
            if !starts.iter().any(|(known, _)| (*known - at).abs() <= ONE_DOSE) {
                starts.push((at, statement.administration.dose_ordered.clone()));
            }
        }
        found.extend(starts);
    }
    found.sort_by_key(|(at, _)| *at);
    found
}

fn began(record: &Record, statement: &Statement) -> Option<DateTime<Utc>> {
    match statement.administration.status {
        AdministrationStatus::Skipped => None,
        AdministrationStatus::InProgress
        | AdministrationStatus::Completed
        | AdministrationStatus::Partial
        | AdministrationStatus::Stopped
        | AdministrationStatus::Unknown => {
            let own = statement.administration.started_at;
            own.or_else(|| record.started_at()).or(statement.administration.ended_at).or(Some(statement.happened_at))
        }
    }
}

/// The order's interval: once in a period. Several times in a period name no interval.
fn interval(dosage: &Dosage) -> Option<TimeDelta> {
    let repeat = dosage.timing.as_ref()?.repeat.as_ref()?;
    if repeat.frequency.unwrap_or(1) != 1 {
        return None;
    }
    // A range of intervals is read at its longer end: what comes earlier is for the team to allow.
    of_period(repeat.period_max.or(repeat.period)?, repeat.period_unit?)
}

fn of_period(value: Decimal, unit: PeriodUnit) -> Option<TimeDelta> {
    let seconds: i64 = match unit {
        PeriodUnit::Second => 1,
        PeriodUnit::Minute => 60,
        PeriodUnit::Hour => 3_600,
        PeriodUnit::Day => 86_400,
        PeriodUnit::Week => 7 * 86_400,
        // Months and years differ in length: no interval for a dose as needed.
        PeriodUnit::Month | PeriodUnit::Year => return None,
    };
    let total = value.checked_mul(Decimal::from(seconds))?.ceil();
    i64::try_from(total).ok().and_then(TimeDelta::try_seconds).filter(|length| *length > TimeDelta::zero())
}

fn length(period: &Quantity) -> Option<TimeDelta> {
    let unit = match period.unit.code.as_str() {
        "s" => PeriodUnit::Second,
        "min" => PeriodUnit::Minute,
        "h" => PeriodUnit::Hour,
        "d" => PeriodUnit::Day,
        "wk" => PeriodUnit::Week,
        _ => return None,
    };
    of_period(period.value, unit)
}

/// What one dose counts toward a limit: itself where the limit counts doses, else its amount in the limit's unit.
fn share(most: &MaxDose, amount: Option<&Quantity>) -> Option<Decimal> {
    if most.amount.unit.code == "1" || most.amount.unit.code.starts_with('{') {
        return Some(Decimal::ONE);
    }
    amount.filter(|amount| amount.unit.code == most.amount.unit.code).map(|amount| amount.value)
}

fn count_in(most: &MaxDose, taken: &[(DateTime<Utc>, Option<Quantity>)], now: DateTime<Utc>) -> Option<u32> {
    let from = now.checked_sub_signed(length(&most.period)?)?;
    u32::try_from(taken.iter().filter(|(at, _)| from < *at && *at <= now).count()).ok()
}

/// From when on one more dose stays within the most in a period; `None` when that cannot be counted.
fn by_most(
    most: &MaxDose,
    dose: Option<&Quantity>,
    taken: &[(DateTime<Utc>, Option<Quantity>)],
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let period = length(&most.period)?;
    let next = share(most, dose)?;
    if next > most.amount.value {
        return None;
    }
    let mut at = now;
    loop {
        let from = at.checked_sub_signed(period)?;
        let inside: Vec<&(DateTime<Utc>, Option<Quantity>)> =
            taken.iter().filter(|(t, _)| from < *t && *t <= at).collect();
        let mut sum = next;
        for (_, amount) in &inside {
            sum = sum.checked_add(share(most, amount.as_ref())?)?;
        }
        match inside.first() {
            Some((oldest, _)) if sum > most.amount.value => at = oldest.checked_add_signed(period)?,
            Some(_) | None => return Some(at),
        }
    }
}

fn item(plan: &CarePlan, order: &Order, index: usize, slot: &str, now: DateTime<Utc>) -> AgendaItem {
    let dosage = order.dosages.get(index);
    let sequence = dosage.map_or(1, |dosage| dosage.sequence);
    let id = OccurrenceId::new(&plan.patient.id, &order.id, sequence, slot);
    let occurrence = Occurrence {
        id,
        order: order.reference(),
        dosage_sequence: sequence,
        dosage_index: index,
        slot: slot.to_owned(),
        start: now,
        end: None,
        precision: Precision::Time,
        moved_seconds: 0,
        follows: None,
    };
    AgendaItem {
        occurrence: Some(occurrence),
        as_needed: true,
        must_not_stop: order.must_not_stop,
        ..AgendaItem::plain(id.to_string(), kind_of(order.kind), &order.title, now, ItemState::Planned)
    }
}

/// The doses as needed that people recorded and that began in the span.
pub(crate) fn taken_as_needed(
    plan: &CarePlan,
    journal: &Records,
    planned: &HashSet<OccurrenceId>,
    span: Span,
) -> Vec<AgendaItem> {
    let mut found = Vec::new();
    for (id, record) in journal.iter().filter(|(id, _)| !planned.contains(id)) {
        let (Some(of), Some(standing)) = (&record.order, record.standing()) else { continue };
        let before = || plan.versions.iter().map(|version| &version.order).find(|order| order.id == of.id);
        let Some(order) = plan.order(&of.id).or_else(before) else { continue };
        let Some(index) = order.dosages.iter().position(|dosage| dosage.as_needed.is_some()) else { continue };
        let start = began(record, standing).unwrap_or(standing.happened_at);
        if !span.contains(start) {
            continue;
        }
        let mut item = item(plan, order, index, "", start);
        if let Some(occurrence) = &mut item.occurrence {
            occurrence.id = *id;
            occurrence.order = of.clone();
        }
        let length = item.occurrence.as_ref().map_or(TimeDelta::zero(), crate::agenda::length);
        found.push(AgendaItem {
            id: id.to_string(),
            state: said(standing),
            started_at: record.started_at(),
            ended_at: standing.administration.ended_at,
            disagreement: record.disagreement(),
            possible_double: record.possible_double(length),
            settled: record.settled(),
            suggested: record.suggested(),
            statements: record.statements.clone(),
            ..item
        });
    }
    found
}
