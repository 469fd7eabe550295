//! Outcome elements as home infusion programs collect them (NHIA 2012, revised from 2015 on), as far as a journal yields
//! them: numerators with their denominators. What a journal cannot know is said to be not recorded.

use super::alarms::AlarmFact;
use super::reactions::ReactionFact;
use super::{note, site};
use crate::report::document::{Block, Cell, Column, Holds, Section, Table};
use crate::report::material::Material;
use homeline_model::{AlarmKind, EntryBody, EntryKind, FhirDateTime, Order, OrderKind, OrderStatus};
use homeline_schedule::DoseCounts;

const COLUMNS: [Column; 5] = [
    Column::new("element", "Element", Holds::Words),
    Column::new("number", "Number", Holds::Number),
    Column::new("of", "Of", Holds::Number),
    Column::new("counted", "What is counted", Holds::Words),
    Column::in_files("recorded", Holds::Words),
];

const COMPLETION_COLUMNS: [Column; 5] = [
    Column::new("order", "Order", Holds::Words),
    Column::new("status", "Status of the order", Holds::Words),
    Column::new("planned_end", "Ordered until", Holds::Time),
    Column::new("last_recorded", "Last dose recorded here", Holds::Time),
    Column::in_files("order_id", Holds::Words),
];

/// The table of elements, and the completion of each therapy.
pub(super) fn section(material: &Material, alarms: &[AlarmFact], reactions: &[ReactionFact<'_>]) -> Section {
    let section = Section::new("outcomes", "Outcome elements").noted(&[note::OUTCOMES, note::DEVICE_DAYS]);
    let section = section.with(Block::Table(Table {
        key: "outcomes",
        caption: "Outcome elements of home infusion, with their denominators".to_owned(),
        columns: COLUMNS.to_vec(),
        rows: rows(material, alarms, reactions),
    }));
    let completion: Vec<Vec<Cell>> = material
        .plan
        .orders
        .iter()
        .filter(|order| matches!(order.kind, OrderKind::Medication))
        .map(|order| completion_row(material, order))
        .collect();
    if completion.is_empty() {
        return section;
    }
    section.with(Block::Table(Table {
        key: "therapies",
        caption: "Completion of each therapy, as the plan and the journal have it".to_owned(),
        columns: COMPLETION_COLUMNS.to_vec(),
        rows: completion,
    }))
}

fn rows(material: &Material, alarms: &[AlarmFact], reactions: &[ReactionFact<'_>]) -> Vec<Vec<Cell>> {
    let row = |element: &str, number: i64, of: Option<i64>, counted: &str| {
        vec![
            Cell::new(element),
            Cell::new(number),
            of.map_or_else(Cell::empty, Cell::new),
            Cell::new(counted),
            Cell::new("yes"),
        ]
    };
    let unknown = |element: &str, why: &str| {
        vec![Cell::new(element), Cell::with_value("not recorded", ""), Cell::empty(), Cell::new(why), Cell::new("no")]
    };
    let orders = &material.adherence.orders;
    let sum = |of: fn(&DoseCounts) -> u32| orders.iter().map(|order| i64::from(of(&order.counts))).sum::<i64>();
    let planned = sum(|counts| counts.planned);
    let started = sum(|counts| counts.on_time + counts.early + counts.late);
    let days: (i64, i64) = orders.iter().fold((0, 0), |(covered, planned), order| {
        (covered + i64::from(order.days_covered), planned + i64::from(order.days_planned))
    });
    let number = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
    let after_start = reactions.iter().filter(|fact| fact.present && fact.since.is_some()).count();
    let occlusions = alarms
        .iter()
        .filter(|fact| matches!(fact.alarm, Some(AlarmKind::OcclusionDownstream | AlarmKind::OcclusionUpstream)))
        .count();
    let checks: Vec<bool> = material
        .of_kinds(&[EntryKind::SiteCheck])
        .filter_map(|entry| match &entry.body {
            EntryBody::SiteCheck { findings, .. } => Some(findings.iter().any(|finding| finding.present)),
            _ => None,
        })
        .collect();
    let (device_days, all_known) = site::all_device_days(material);
    let device_words = if all_known {
        "days with a line in place"
    } else {
        "days with a line in place; of one line the day of insertion is not known"
    };
    let interrupted: i64 = material.runs.iter().map(|run| run.minutes_interrupted()).sum();
    vec![
        row("Doses recorded", sum(DoseCounts::recorded), Some(planned), "planned doses"),
        row("Doses given whole", sum(|counts| counts.completed), Some(planned), "planned doses"),
        row("Doses on time", sum(|counts| counts.on_time), Some(started), "doses that started and have a window"),
        row("Doses left out", sum(|counts| counts.skipped), Some(planned), "planned doses"),
        row("Doses stopped before the end", sum(|counts| counts.stopped), Some(planned), "planned doses"),
        row("Days covered", days.0, Some(days.1), "days with planned doses, each order for itself"),
        row(
            "Symptoms after a dose",
            number(after_start),
            Some(number(material.doses().filter(|item| item.started_at.is_some()).count())),
            "doses that started; whether a dose caused it is for a clinician to judge",
        ),
        row("Device-days", device_days, None, device_words),
        row(
            "Site checks with a finding",
            number(checks.iter().filter(|found| **found).count()),
            Some(number(checks.len())),
            "site checks",
        ),
        row("Occlusion alarms", number(occlusions), Some(device_days), "device-days"),
        row("Minutes without delivery", interrupted, None, "pauses in the pump's own record"),
        unknown("Unplanned hospital stay", "the journal does not ask for it: ask at the visit"),
        unknown("Emergency visit", "the journal does not ask for it: ask at the visit"),
        unknown("Infection of the line", "a clinician confirms it, with the laboratory"),
    ]
}

fn completion_row(material: &Material, order: &Order) -> Vec<Cell> {
    let status = match order.status {
        OrderStatus::Active => "in force",
        OrderStatus::OnHold => "on hold",
        OrderStatus::Stopped => "ended before its time",
        OrderStatus::Completed => "ended as planned",
        OrderStatus::NotInForce => "not in force",
        OrderStatus::Unknown => "not known",
    };
    let last = material
        .adherence
        .doses
        .iter()
        .filter(|dose| dose.order == order.id)
        .filter_map(|dose| dose.started_at)
        .max()
        .map(|at| Cell::moment(material.local(at)));
    let none = || Cell::with_value("none in these days", "");
    vec![
        Cell::new(&order.title),
        Cell::new(status),
        planned_end(order).map_or_else(
            || Cell::with_value("no end is ordered", ""),
            |end| match end {
                FhirDateTime::Date(day) => Cell::with_value(day.format("%-d %b %Y"), day),
                FhirDateTime::Instant(at) => Cell::moment(at),
            },
        ),
        last.unwrap_or_else(none),
        Cell::new(&order.id),
    ]
}

/// The latest end that the order's dosages name.
fn planned_end(order: &Order) -> Option<FhirDateTime> {
    let ends = order.dosages.iter().filter_map(|dosage| dosage.timing.as_ref()?.repeat.as_ref()?.bounds.as_ref());
    let ends = ends.filter_map(|bounds| match bounds {
        homeline_model::Bounds::Period { end, .. } => *end,
        homeline_model::Bounds::Duration { .. } | homeline_model::Bounds::Range { .. } => None,
    });
    ends.max_by_key(FhirDateTime::date)
}
