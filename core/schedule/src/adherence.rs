//! Adherence facts: what was planned, and what was recorded. No score of a person: each number has its window and its
//! source, and "not recorded" is neither "given" nor "missed".

use crate::agenda_item::{AgendaItem, AgendaKind, ItemState, LeftOut, Punctuality};
use crate::window::ItemWindow;
use crate::zone::local_date;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use homeline_model::{AuthorRole, OccurrenceId, OrderId, Source, ZoneTable};
use std::collections::{BTreeMap, BTreeSet};

/// One planned dose of the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoseFact {
    /// Which.
    pub occurrence: OccurrenceId,
    /// Of which order.
    pub order: OrderId,
    /// When it was planned.
    pub planned: DateTime<Utc>,
    /// When it counted as on time, and whether the plan says so.
    pub window: Option<ItemWindow>,
    /// How it stands.
    pub state: ItemState,
    /// Why the plan left it out.
    pub left_out: Option<LeftOut>,
    /// Its start against the window.
    pub punctuality: Option<Punctuality>,
    /// When it started.
    pub started_at: Option<DateTime<Utc>>,
    /// Who said so, and how it is known; `None` when nobody did.
    pub recorded_by: Option<(AuthorRole, Source)>,
    /// Two people said it differently, or gave it so far apart that it may have been two doses.
    pub disagreement: bool,
}

/// Numbers of doses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DoseCounts {
    /// Planned, and their time has come. Each is in exactly one of the next eight.
    pub planned: u32,
    /// Given whole.
    pub completed: u32,
    /// Given in part.
    pub partial: u32,
    /// Stopped.
    pub stopped: u32,
    /// Running now.
    pub in_progress: u32,
    /// Left out.
    pub skipped: u32,
    /// Recorded as not known.
    pub unknown: u32,
    /// Not recorded, and their time is over.
    pub not_recorded: u32,
    /// Not recorded yet, and still to be done.
    pub open: u32,
    /// Of those left out: by the order or the care team.
    pub skipped_by_team: u32,
    /// Of those: by the order itself (hold, change, hospital).
    pub skipped_by_order: u32,
    /// Of those that started: inside the window.
    pub on_time: u32,
    /// Of those that started: before it.
    pub early: u32,
    /// Of those that started: after it.
    pub late: u32,
}

impl DoseCounts {
    /// Doses that anybody said anything about.
    pub fn recorded(&self) -> u32 {
        self.planned - self.not_recorded - self.open
    }
}

/// The facts of one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderAdherence {
    /// Which.
    pub order: OrderId,
    /// Title as shown.
    pub title: String,
    /// Numbers of doses.
    pub counts: DoseCounts,
    /// Local days on which a dose was planned.
    pub days_planned: u32,
    /// Of these, the days on which every planned dose was given, whole or in part, or is running.
    pub days_covered: u32,
    /// The longest time between two starts that follow each other, in minutes; `None` with fewer than two.
    pub longest_gap_minutes: Option<i64>,
    /// How many doses each part said.
    pub by_role: Vec<(AuthorRole, u32)>,
}

/// The facts of a span.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Adherence {
    /// By order.
    pub orders: Vec<OrderAdherence>,
    /// Every dose.
    pub doses: Vec<DoseFact>,
}

/// The facts about all doses among `items` (an agenda of the span) whose planned start is not after `now`. Days are those
/// of `zone`.
pub fn adherence(items: &[AgendaItem], zone: &ZoneTable, now: DateTime<Utc>) -> Adherence {
    let mut by_order: BTreeMap<OrderId, (String, Vec<DoseFact>)> = BTreeMap::new();
    for item in items.iter().filter(|item| is_planned_dose(item) && item.start <= now) {
        let Some(occurrence) = &item.occurrence else { continue };
        let standing = item.statements.iter().rev().find(|s| {
            !s.superseded && matches!(s.author.role, AuthorRole::Patient | AuthorRole::Caregiver | AuthorRole::CareTeam)
        });
        let fact = DoseFact {
            occurrence: occurrence.id,
            order: occurrence.order.id.clone(),
            planned: item.start,
            window: item.window,
            state: item.state,
            left_out: item.left_out,
            punctuality: item.punctuality,
            started_at: item.started_at,
            recorded_by: standing.map(|s| (s.author.role, s.source)),
            disagreement: item.disagreement || item.possible_double,
        };
        let of_order = by_order.entry(occurrence.order.id.clone()).or_insert_with(|| (item.title.clone(), Vec::new()));
        of_order.1.push(fact);
    }
    let mut adherence = Adherence::default();
    for (order, (title, doses)) in by_order {
        adherence.orders.push(of_order(order, title, &doses, zone));
        adherence.doses.extend(doses);
    }
    adherence
}

/// Doses as needed are planned by nobody, so nobody can miss one.
fn is_planned_dose(item: &AgendaItem) -> bool {
    item.kind == AgendaKind::Medication && !item.as_needed
}

fn of_order(order: OrderId, title: String, doses: &[DoseFact], zone: &ZoneTable) -> OrderAdherence {
    let mut counts = DoseCounts::default();
    let mut roles: Vec<(AuthorRole, u32)> = Vec::new();
    let mut planned_days: BTreeSet<NaiveDate> = BTreeSet::new();
    let mut uncovered: BTreeSet<NaiveDate> = BTreeSet::new();
    for dose in doses {
        count(&mut counts, dose);
        if let Some((role, _)) = dose.recorded_by {
            match roles.iter_mut().find(|(known, _)| *known == role) {
                Some((_, number)) => *number += 1,
                None => roles.push((role, 1)),
            }
        }
        let day = local_date(zone, dose.planned);
        planned_days.insert(day);
        if !is_given(dose.state) {
            uncovered.insert(day);
        }
    }
    let mut starts: Vec<DateTime<Utc>> = doses.iter().filter_map(|dose| dose.started_at).collect();
    starts.sort_unstable();
    let longest = starts.windows(2).map(|pair| pair[1] - pair[0]).max();
    let number = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    OrderAdherence {
        order,
        title,
        counts,
        days_planned: number(planned_days.len()),
        days_covered: number(planned_days.len() - uncovered.len()),
        longest_gap_minutes: longest.map(|gap: TimeDelta| gap.num_minutes()),
        by_role: roles,
    }
}

fn is_given(state: ItemState) -> bool {
    match state {
        ItemState::Completed | ItemState::Partial | ItemState::Stopped | ItemState::InProgress => true,
        ItemState::Planned
        | ItemState::Due
        | ItemState::Late
        | ItemState::Skipped(_)
        | ItemState::NotRecorded
        | ItemState::Unknown => false,
    }
}

fn count(counts: &mut DoseCounts, dose: &DoseFact) {
    use homeline_model::SkipDecision as By;
    counts.planned += 1;
    match dose.state {
        ItemState::Completed => counts.completed += 1,
        ItemState::Partial => counts.partial += 1,
        ItemState::Stopped => counts.stopped += 1,
        ItemState::InProgress => counts.in_progress += 1,
        ItemState::Skipped(by) => {
            counts.skipped += 1;
            match by {
                By::Order => {
                    counts.skipped_by_team += 1;
                    counts.skipped_by_order += 1;
                }
                By::CareTeam => counts.skipped_by_team += 1,
                By::Home | By::NotStated => {}
            }
        }
        ItemState::Unknown => counts.unknown += 1,
        ItemState::NotRecorded => counts.not_recorded += 1,
        ItemState::Planned | ItemState::Due | ItemState::Late => counts.open += 1,
    }
    match dose.punctuality {
        Some(Punctuality::OnTime) => counts.on_time += 1,
        Some(Punctuality::Early) => counts.early += 1,
        Some(Punctuality::Late) => counts.late += 1,
        None => {}
    }
}
