//! Which dose a thing that was noticed belongs to, and where in it: drug, lot, rate step, site, minute.
//!
//! The link (order, occurrence, infusion) is made when an entry is written; the moment is worked out whenever it is shown
//! or sent, from what is recorded about the dose by then. That something came after a dose does not say that it came from
//! it, and no screen says so.

use crate::error::HomelineError;
use crate::store::Statement;
use chrono::{DateTime, Duration, Utc};
use homeline_model::{
    Administration, AdministrationStatus, CarePlan, Entry, EntryBody, EntryKind, InfusionId, InfusionMoment,
    OccurrenceId, Order, OrderKind, OrderRef, RateRung, Source,
};
use homeline_vault::{Direction, TimelineQuery, Vault};
use std::collections::{HashMap, HashSet};

/// How far back a dose may have been started: a pump of 7 days, and a day.
const LONGEST_DOSE: Duration = Duration::days(8);
/// How long after its end a dose still counts as the last one: late reactions to immune globulin come within 72 hours
/// (the span of rule N16).
const AFTER_DOSE: Duration = Duration::hours(72);
/// Statements about doses that are looked through.
const MOST_STATEMENTS: u32 = 200;

/// Whether an entry is something noticed at a moment, which may belong to a dose.
pub(crate) fn is_noticed(body: &EntryBody) -> bool {
    match body {
        EntryBody::Symptom(_)
        | EntryBody::SymptomCourse(_)
        | EntryBody::Vital(_)
        | EntryBody::SiteCheck { .. }
        | EntryBody::SitesUsed { .. }
        | EntryBody::Fluid(_)
        | EntryBody::Mood { .. }
        | EntryBody::Note { .. }
        | EntryBody::Photo { .. } => true,
        EntryBody::Administration(_)
        | EntryBody::StepDone { .. }
        | EntryBody::DailyCheck(_)
        | EntryBody::Question(_)
        | EntryBody::Message(_)
        | EntryBody::PumpEvent(_)
        | EntryBody::Advice(_)
        | EntryBody::DeviceCheck(_)
        | EntryBody::ClockJump { .. }
        | EntryBody::PlanChanged { .. }
        | EntryBody::Form(_)
        | EntryBody::Caregiving(_) => false,
    }
}

/// Links a statement of a person or a vital-sign device to the dose that runs, else to the last one.
pub(crate) fn link(
    vault: &Vault,
    plan: &CarePlan,
    now: DateTime<Utc>,
    statement: &mut Statement,
) -> Result<(), HomelineError> {
    let by_device = matches!(statement.source, Source::ByHand | Source::VitalSignDevice);
    if statement.occurrence.is_some() || !by_device || !is_noticed(&statement.body) {
        return Ok(());
    }
    let at = statement.happened_at.map_or(now, |(at, _)| at);
    if let Some((order, occurrence)) = dose_at(vault, plan, at)? {
        statement.order = Some(order);
        statement.occurrence = Some(occurrence);
        statement.infusion = Some(InfusionId::of(occurrence));
    }
    Ok(())
}

/// The dose that ran at an instant, else the one that ended last before it.
fn dose_at(
    vault: &Vault,
    plan: &CarePlan,
    at: DateTime<Utc>,
) -> Result<Option<(OrderRef, OccurrenceId)>, HomelineError> {
    let page = vault.timeline(&TimelineQuery {
        kinds: vec![EntryKind::Administration],
        from: Some(at - LONGEST_DOSE),
        until: Some(at + Duration::milliseconds(1)),
        direction: Direction::NewestFirst,
        limit: MOST_STATEMENTS,
        ..TimelineQuery::default()
    })?;
    let mut doses: HashMap<OccurrenceId, Vec<Entry>> = HashMap::new();
    for entry in page.entries {
        let is_drug = entry
            .order
            .as_ref()
            .and_then(|order| plan.order(&order.id))
            .is_some_and(|order| order.kind == OrderKind::Medication);
        if let Some(occurrence) = entry.occurrence.filter(|_| is_drug) {
            doses.entry(occurrence).or_default().push(entry);
        }
    }
    let mut running: Option<(DateTime<Utc>, OrderRef, OccurrenceId)> = None;
    let mut ended: Option<(DateTime<Utc>, OrderRef, OccurrenceId)> = None;
    for (occurrence, statements) in doses {
        let Some(dose) = Dose::of(&statements).filter(|dose| dose.started_at <= at) else { continue };
        let Some(order) = dose.order.clone() else { continue };
        let (best, since) = match dose.ended_at.filter(|ended| *ended <= at) {
            Some(ended_at) if at - ended_at <= AFTER_DOSE => (&mut ended, ended_at),
            Some(_) => continue,
            None => (&mut running, dose.started_at),
        };
        if best.as_ref().is_none_or(|(other, ..)| *other < since) {
            *best = Some((since, order, occurrence));
        }
    }
    Ok(running.or(ended).map(|(_, order, occurrence)| (order, occurrence)))
}

/// A dose, as far as it is recorded.
struct Dose<'e> {
    standing: &'e Entry,
    order: Option<OrderRef>,
    started_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    lot: Option<String>,
    sites: Vec<String>,
}

impl<'e> Dose<'e> {
    /// From everything that was said about one occurrence. `None` when nobody said that it was begun.
    fn of(entries: &'e [Entry]) -> Option<Self> {
        let amended: HashSet<_> = entries.iter().filter_map(|entry| entry.amends).collect();
        let mut said: Vec<(&Entry, &Administration)> = entries
            .iter()
            .filter_map(|entry| match &entry.body {
                EntryBody::Administration(administration) => Some((entry, administration)),
                _ => None,
            })
            .collect();
        said.sort_by_key(|(entry, _)| entry.times.recorded_at);
        let (standing, last) = *said.iter().rev().find(|(entry, _)| !amended.contains(&entry.id))?;
        let at = standing.times.happened.at;
        let begun = said.iter().rev().find_map(|(_, administration)| administration.started_at);
        let (started_at, ended_at) = match last.status {
            AdministrationStatus::Skipped => return None,
            AdministrationStatus::InProgress => (last.started_at.unwrap_or(at), None),
            AdministrationStatus::Unknown => (begun.unwrap_or(at), last.ended_at),
            AdministrationStatus::Completed | AdministrationStatus::Partial | AdministrationStatus::Stopped => {
                let ended = last.ended_at.unwrap_or(at);
                (begun.unwrap_or(ended), Some(ended))
            }
        };
        let used = entries.iter().rev().find_map(|entry| match &entry.body {
            EntryBody::SitesUsed { sites } if !amended.contains(&entry.id) => Some(sites.clone()),
            _ => None,
        });
        let told = || said.iter().rev().find_map(|(_, administration)| administration.site.clone());
        Some(Self {
            standing,
            order: standing.order.clone(),
            started_at,
            ended_at,
            // The lot is read off the label at the start; the end does not say it again.
            lot: said.iter().rev().find_map(|(_, administration)| administration.lot.clone()),
            sites: used.unwrap_or_else(|| told().into_iter().collect()),
        })
    }
}

/// The doses that were looked up for one page or one export.
#[derive(Default)]
pub(crate) struct Infusions {
    of_occurrence: HashMap<OccurrenceId, Vec<Entry>>,
}

impl Infusions {
    /// Where in its dose an entry was noticed. `None` when it belongs to none, or came before its start.
    pub(crate) fn moment(
        &mut self,
        vault: &Vault,
        plan: &CarePlan,
        entry: &Entry,
    ) -> Result<Option<InfusionMoment>, HomelineError> {
        let Some(occurrence) = entry.occurrence.filter(|_| is_noticed(&entry.body)) else { return Ok(None) };
        let entries = match self.of_occurrence.entry(occurrence) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(new) => {
                new.insert(vault.read(|tx| tx.entries_of_occurrence(occurrence))?)
            }
        };
        Ok(moment(plan, entry, entries))
    }
}

fn moment(plan: &CarePlan, entry: &Entry, entries: &[Entry]) -> Option<InfusionMoment> {
    let at = entry.times.happened.at;
    let dose = Dose::of(entries)?;
    let minute = u32::try_from((at - dose.started_at).num_minutes()).ok().filter(|_| dose.started_at <= at)?;
    let order = dose.order.as_ref().and_then(|order| plan.order(&order.id));
    // The ladder is the order's of then: of an order that was changed since, the rungs are not known any more.
    let unchanged = order.filter(|order| dose.order.as_ref().is_some_and(|then| then.version == order.version));
    let runs = dose.ended_at.is_none_or(|ended| at < ended);
    Some(InfusionMoment {
        administration: dose.standing.id,
        title: order.map_or_else(|| "Dose".to_owned(), |order| order.title.clone()),
        started_at: dose.started_at,
        ended_at: dose.ended_at,
        minute,
        rung: unchanged.filter(|_| runs).and_then(|order| rung(order, minute)),
        lot: dose.lot,
        sites: dose.sites,
    })
}

/// The rung of the order's ladder at a minute from the start.
fn rung(order: &Order, minute: u32) -> Option<RateRung> {
    let profile = order.dosages.iter().find_map(|dosage| dosage.rate_profile.as_ref())?;
    let mut until = 0u32;
    for (number, step) in (1u32..).zip(&profile.steps) {
        until = step.minutes.map_or(u32::MAX, |minutes| until.saturating_add(minutes));
        if minute < until {
            let of = u32::try_from(profile.steps.len()).unwrap_or(u32::MAX);
            return Some(RateRung { number, of, rate: step.rate.clone() });
        }
    }
    None
}
