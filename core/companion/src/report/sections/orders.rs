//! What was planned and what is recorded, order by order. Numbers, no score of a person.

use super::{length_words, note};
use crate::report::document::{Block, Cell, Column, Holds, Section, SectionKind, Table};
use crate::report::material::Material;
use homeline_model::AuthorRole;
use homeline_schedule::OrderAdherence;

const COLUMNS: [Column; 20] = [
    Column::new("order", "Order", Holds::Words),
    Column::new("planned", "Planned", Holds::Number),
    Column::new("recorded", "Recorded", Holds::Number),
    Column::new("on_time", "On time", Holds::Number),
    Column::new("early", "Early", Holds::Number),
    Column::new("late", "Late", Holds::Number),
    Column::new("in_part_or_stopped", "Part or stopped", Holds::Number),
    Column::new("left_out", "Left out", Holds::Number),
    Column::new("not_recorded", "Not recorded", Holds::Number),
    Column::in_files("completed", Holds::Number),
    Column::in_files("in_progress", Holds::Number),
    Column::in_files("unknown", Holds::Number),
    Column::in_files("left_out_by_team", Holds::Number),
    Column::in_files("days_planned", Holds::Number),
    Column::in_files("days_covered", Holds::Number),
    Column::in_files("longest_gap_minutes", Holds::Number),
    Column::in_files("recorded_by_self", Holds::Number),
    Column::in_files("recorded_by_caregiver", Holds::Number),
    Column::in_files("recorded_by_care_team", Holds::Number),
    Column::in_files("order_id", Holds::Words),
];

/// The table of orders, and for each what the table cannot say.
pub(super) fn section(material: &Material) -> Section {
    let section = Section::new("orders", "Planned and given")
        .of_kind(SectionKind::Administrations)
        .noted(&[note::PLANNED, note::ON_TIME]);
    let orders = &material.adherence.orders;
    if orders.is_empty() {
        return section.with(Block::Text("No dose was planned in these days.".to_owned()));
    }
    let table = Table {
        key: "orders",
        caption: "Doses planned and recorded, for each order".to_owned(),
        columns: COLUMNS.to_vec(),
        rows: orders.iter().map(row).collect(),
    };
    let sentences = orders.iter().map(days_and_gap).collect();
    section.with(Block::Table(table)).with(Block::List(sentences))
}

fn row(order: &OrderAdherence) -> Vec<Cell> {
    let counts = &order.counts;
    let by = |role| order.by_role.iter().find(|(known, _)| *known == role).map_or(0, |(_, number)| *number);
    let mut cells = vec![Cell::new(&order.title)];
    cells.extend(
        [
            counts.planned,
            counts.recorded(),
            counts.on_time,
            counts.early,
            counts.late,
            counts.partial + counts.stopped,
            counts.skipped,
            counts.not_recorded + counts.open,
            counts.completed,
            counts.in_progress,
            counts.unknown,
            counts.skipped_by_team,
            order.days_planned,
            order.days_covered,
        ]
        .map(Cell::new),
    );
    cells.push(Cell::from(order.longest_gap_minutes));
    cells.extend([AuthorRole::Patient, AuthorRole::Caregiver, AuthorRole::CareTeam].map(|role| Cell::new(by(role))));
    cells.push(Cell::new(&order.order));
    cells
}

fn days_and_gap(order: &OrderAdherence) -> String {
    let mut said = format!(
        "{}: on {} of {} days with planned doses, each one is recorded as given",
        order.title, order.days_covered, order.days_planned
    );
    if let Some(minutes) = order.longest_gap_minutes {
        said.push_str(&format!("; longest time between two starts {}", length_words(minutes)));
    }
    let by: Vec<String> = order
        .by_role
        .iter()
        .map(|(role, number)| format!("{} {number}", super::source_word(*role, homeline_model::Source::ByHand)))
        .collect();
    if !by.is_empty() {
        said.push_str(&format!("; recorded by {}", by.join(", ")));
    }
    said.push('.');
    said
}
