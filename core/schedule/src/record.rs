//! What the journal says about an occurrence: all statements, and which one stands.
//!
//! A later statement of the same person amends the earlier one. Statements of two people both stay and both are shown,
//! and the occurrence counts once, by the latest. Where what two people wrote does not fit together (given and left out; given
//! at two times of the day) it is told, until somebody settles it. What a device or Homeline itself says is a suggestion and never makes a
//! state: nobody's dose is marked as given by a machine.

use chrono::{DateTime, TimeDelta, Utc};
use homeline_model::{
    Administration, AdministrationStatus, Author, AuthorRole, Caregiving, Entry, EntryBody, EntryId, OccurrenceId,
    OrderRef, Settlement, Source, StepKey,
};

use std::collections::{HashMap, HashSet};

/// One statement about an occurrence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The journal entry.
    pub entry: EntryId,
    /// Who says it.
    pub author: Author,
    /// How it is known.
    pub source: Source,
    /// When it was written down.
    pub recorded_at: DateTime<Utc>,
    /// When it happened, as the entry has it.
    pub happened_at: DateTime<Utc>,
    /// What is said.
    pub administration: Administration,
    /// A later statement of the same person, or an amendment, takes its place.
    pub superseded: bool,
}

impl Statement {
    /// From when to when the dose ran by this statement, as far as it says; what it does not say is taken from the order.
    fn span(&self, planned: TimeDelta) -> (DateTime<Utc>, DateTime<Utc>) {
        let said = &self.administration;
        let running = said.status == AdministrationStatus::InProgress;
        let later = |at: DateTime<Utc>, by| at.checked_add_signed(by).unwrap_or(at);
        match (said.started_at, said.ended_at) {
            (Some(from), Some(until)) => (from.min(until), until.max(from)),
            (Some(from), None) => (from, later(from, planned)),
            (None, Some(until)) => (later(until, -planned), until),
            (None, None) if running => (self.happened_at, later(self.happened_at, planned)),
            (None, None) => (later(self.happened_at, -planned), self.happened_at),
        }
    }

    pub(crate) fn is_by_a_person(&self) -> bool {
        match self.author.role {
            AuthorRole::Patient | AuthorRole::Caregiver | AuthorRole::CareTeam => true,
            AuthorRole::Device | AuthorRole::App => false,
        }
    }
}

/// A step that was ticked off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StepDone {
    pub key: StepKey,
    pub at: DateTime<Utc>,
    entry: EntryId,
}

/// Two people who write down one dose look at two clocks, and one of them late: so far apart it is still one dose. A usual
/// default, not the plan's; doses closer than that are told apart by their occurrences.
const ONE_DOSE: TimeDelta = TimeDelta::minutes(60);

/// Somebody settled what two people wrote.
#[derive(Debug, Clone)]
struct Settled {
    written: (DateTime<Utc>, EntryId),
    outcome: Settlement,
    of: Vec<EntryId>,
}

/// Everything that the journal says about one occurrence.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    /// The order that the first of the statements names.
    pub order: Option<OrderRef>,
    first: Option<(DateTime<Utc>, EntryId)>,
    /// Oldest first.
    pub statements: Vec<Statement>,
    /// Steps that were ticked off, in the order in which they happened.
    pub steps: Vec<StepDone>,
    /// The latest settlement.
    settled: Option<Settled>,
}

impl Record {
    /// The statements of people that nothing has taken the place of, oldest first.
    fn attested(&self) -> impl DoubleEndedIterator<Item = &Statement> {
        self.statements.iter().filter(|statement| !statement.superseded && statement.is_by_a_person())
    }

    /// How what two people wrote was settled; `None` when nobody did, or somebody has written anew since.
    pub fn settled(&self) -> Option<Settlement> {
        let settled = self.settled.as_ref()?;
        self.attested().all(|statement| settled.of.contains(&statement.entry)).then_some(settled.outcome)
    }

    /// The statement that stands: the latest of a person; where it was settled that the dose was given, the latest that says
    /// so.
    pub fn standing(&self) -> Option<&Statement> {
        let given = |statement: &&Statement| was_given(statement.administration.status);
        let settled = matches!(self.settled(), Some(Settlement::OneDose | Settlement::TwoDoses));
        let as_settled = if settled { self.attested().rev().find(given) } else { None };
        as_settled.or_else(|| self.attested().next_back())
    }

    /// Two people say that they gave it, and so far apart that it may have been given two times. `planned` is how long the dose
    /// lasts by the order; zero where the order says nothing.
    pub fn possible_double(&self, planned: TimeDelta) -> bool {
        if self.settled().is_some() {
            return false;
        }
        let given: Vec<(&Author, DateTime<Utc>, DateTime<Utc>)> = self
            .attested()
            .filter(|statement| was_given(statement.administration.status))
            .map(|statement| {
                let (from, until) = statement.span(planned);
                (&statement.author, from, until)
            })
            .collect();
        given.iter().enumerate().any(|(index, (_, from, until))| {
            let apart =
                |other: &(&Author, DateTime<Utc>, DateTime<Utc>)| (other.1 - *until).max(*from - other.2) > ONE_DOSE;
            given.iter().skip(index + 1).any(apart)
        })
    }

    /// Two people said how it ended, and not the same.
    pub fn disagreement(&self) -> bool {
        if self.settled().is_some() {
            return false;
        }
        let mut ends = self
            .attested()
            .map(|s| s.administration.status)
            .filter(|status| *status != AdministrationStatus::InProgress);
        ends.next().is_some_and(|first| ends.any(|other| other != first))
    }

    /// What a device says, when no person has said how it ended.
    pub fn suggested(&self) -> Option<AdministrationStatus> {
        let ended = self.standing().is_some_and(|s| s.administration.status != AdministrationStatus::InProgress);
        let device = self.statements.iter().rev().find(|s| !s.superseded && !s.is_by_a_person());
        device.filter(|_| !ended).map(|s| s.administration.status)
    }

    /// When it started: as the standing statement says, else as any person said before.
    pub fn started_at(&self) -> Option<DateTime<Utc>> {
        let standing = self.standing()?;
        if standing.administration.status == AdministrationStatus::Skipped {
            return None;
        }
        let start = |s: &Statement| {
            // "It runs" without a time is about the moment at which it was said to happen.
            let running = s.administration.status == AdministrationStatus::InProgress;
            s.administration.started_at.or_else(|| running.then_some(s.happened_at))
        };
        start(standing).or_else(|| self.statements.iter().rev().filter(|s| s.is_by_a_person()).find_map(start))
    }
}

fn was_given(status: AdministrationStatus) -> bool {
    match status {
        AdministrationStatus::InProgress
        | AdministrationStatus::Completed
        | AdministrationStatus::Partial
        | AdministrationStatus::Stopped => true,
        AdministrationStatus::Skipped | AdministrationStatus::Unknown => false,
    }
}

/// The records of all occurrences that the entries speak of. Other entries are passed over.
pub(crate) fn records(entries: &[Entry]) -> HashMap<OccurrenceId, Record> {
    let amended: HashSet<EntryId> = entries.iter().filter_map(|entry| entry.amends).collect();
    let by_id: HashMap<EntryId, &Entry> = entries.iter().map(|entry| (entry.id, entry)).collect();
    let mut records: HashMap<OccurrenceId, Record> = HashMap::new();
    for entry in entries {
        let Some(occurrence) = entry.occurrence else { continue };
        if let EntryBody::Administration(administration) = &entry.body {
            let record = records.entry(occurrence).or_default();
            let written = (entry.times.recorded_at, entry.id);
            if entry.order.is_some() && record.first.is_none_or(|first| written < first) {
                record.first = Some(written);
                record.order.clone_from(&entry.order);
            }
            record.statements.push(Statement {
                entry: entry.id,
                author: entry.author.clone(),
                source: entry.source,
                recorded_at: entry.times.recorded_at,
                happened_at: entry.times.happened.at,
                administration: administration.clone(),
                superseded: amended.contains(&entry.id),
            });
        } else if let EntryBody::StepDone { step, .. } = &entry.body
            && !amended.contains(&entry.id)
        {
            let done = StepDone { key: *step, at: entry.times.happened.at, entry: entry.id };
            records.entry(occurrence).or_default().steps.push(done);
        } else if let EntryBody::Caregiving(Caregiving::Settled { outcome, of }) = &entry.body
            && !amended.contains(&entry.id)
        {
            let record = records.entry(occurrence).or_default();
            let settled = Settled { written: (entry.times.recorded_at, entry.id), outcome: *outcome, of: of.clone() };
            if record.settled.as_ref().is_none_or(|there| there.written < settled.written) {
                record.settled = Some(settled);
            }
        }
    }
    for record in records.values_mut() {
        record.statements.sort_by_cached_key(|statement| (written(statement.entry, &by_id), statement.entry));
        // A journal may hold one entry twice after a sync that was repeated.
        record.statements.dedup_by_key(|statement| statement.entry);
        record.steps.sort_by_key(|done| (done.at, done.entry));
        record.steps.dedup_by_key(|done| done.entry);
        for index in 0..record.statements.len() {
            let (earlier, later) = record.statements.split_at_mut(index + 1);
            if let Some(statement) = earlier.last_mut() {
                statement.superseded |= later.iter().any(|other| same_person(&other.author, &statement.author));
            }
        }
    }
    records
}

/// When a statement was written, and how many statements it corrects. A correction comes after what it corrects, also when
/// the phone's clock was set back in between or both were written within one millisecond.
fn written(entry: EntryId, by_id: &HashMap<EntryId, &Entry>) -> (Option<DateTime<Utc>>, usize) {
    let next = |entry: &&Entry| entry.amends.and_then(|amended| by_id.get(&amended).copied());
    // Entries of other phones may amend one another in a ring: nobody corrects a dose a hundred times.
    let corrected = std::iter::successors(by_id.get(&entry).copied(), next).take(100);
    let times: Vec<DateTime<Utc>> = corrected.map(|entry| entry.times.recorded_at).collect();
    (times.iter().max().copied(), times.len())
}

/// Whether two authors are one person: by the id that the server gave them, else by part and name.
pub fn same_person(a: &Author, b: &Author) -> bool {
    match (&a.person, &b.person) {
        (Some(a), Some(b)) => a == b,
        _ => a.role == b.role && a.name == b.name,
    }
}
