//! Supplies as far as they are known: what was delivered and what comes, beside the doses that are planned.

use super::note;
use crate::report::document::{Block, Cell, Column, Holds, Section, Table, moment_words};
use crate::report::material::{AHEAD, Material};
use homeline_model::{Delivery, DeliveryStatus};
use homeline_schedule::AgendaKind;
use std::collections::BTreeMap;

/// The most deliveries that the first page names.
const NAMED: usize = 3;

const COLUMNS: [Column; 6] = [
    Column::new("expected", "Expected", Holds::Time),
    Column::new("item", "Item", Holds::Words),
    Column::new("quantity", "Quantity", Holds::Words),
    Column::new("status", "Status", Holds::Words),
    Column::new("cold_chain", "Travels cold", Holds::Words),
    Column::in_files("delivery_id", Holds::Words),
];

const AHEAD_COLUMNS: [Column; 2] =
    [Column::new("order", "Order", Holds::Words), Column::new("doses_planned", "Doses planned", Holds::Number)];

/// Deliveries of these days and those that are still to come, by time.
fn deliveries(material: &Material) -> Vec<&Delivery> {
    let mut deliveries: Vec<&Delivery> = material
        .plan
        .deliveries
        .iter()
        .filter(|delivery| delivery.status != DeliveryStatus::EnteredInError)
        .filter(|delivery| delivery.expected.is_none_or(|at| at >= material.span.from))
        .collect();
    deliveries.sort_by_key(|delivery| delivery.expected);
    deliveries
}

fn status_words(status: DeliveryStatus) -> &'static str {
    match status {
        DeliveryStatus::InProgress => "on its way",
        DeliveryStatus::Completed => "came",
        DeliveryStatus::Abandoned => "will not come",
        DeliveryStatus::EnteredInError => "entered in error",
    }
}

/// Doses planned after now, for each order.
fn ahead(material: &Material) -> BTreeMap<&str, usize> {
    let mut doses: BTreeMap<&str, usize> = BTreeMap::new();
    for item in material.ahead.iter().filter(|item| item.kind == AgendaKind::Medication) {
        *doses.entry(item.title.as_str()).or_default() += 1;
    }
    doses
}

/// The first page.
pub(super) fn front(material: &Material) -> Section {
    let section = Section::new("stock", "Stock").noted(&[note::STOCK]);
    let mut sentences: Vec<String> = Vec::new();
    let deliveries = deliveries(material);
    // What comes next is what can still be changed.
    let next = deliveries.iter().filter(|delivery| delivery.status == DeliveryStatus::InProgress);
    for delivery in next.take(NAMED) {
        let quantity = delivery.quantity.as_ref().map(|quantity| format!("{quantity}, ")).unwrap_or_default();
        let at = match delivery.expected {
            Some(at) => format!("expected {}", moment_words(material.local(at))),
            None => "day not known".to_owned(),
        };
        let cold = if delivery.cold_chain { ", travels cold" } else { "" };
        sentences.push(format!("{}: {quantity}{at}{cold}.", delivery.item));
    }
    let came = deliveries.iter().filter(|delivery| delivery.status == DeliveryStatus::Completed).count();
    let coming = deliveries.iter().filter(|delivery| delivery.status == DeliveryStatus::InProgress).count();
    if !deliveries.is_empty() {
        sentences.push(format!("Deliveries of these days and after: {came} came, {coming} on the way."));
    }
    let days = AHEAD.num_days();
    sentences.extend(
        ahead(material).iter().map(|(order, doses)| format!("Planned in the next {days} days: {doses} of {order}.")),
    );
    if sentences.is_empty() { section } else { section.with(Block::List(sentences)) }
}

/// The details.
pub(super) fn section(material: &Material) -> Section {
    let mut section = Section::new("deliveries", "Deliveries and planned doses").noted(&[note::STOCK]);
    let rows: Vec<Vec<Cell>> = deliveries(material)
        .into_iter()
        .map(|delivery| {
            vec![
                delivery
                    .expected
                    .map_or_else(|| Cell::with_value("not known", ""), |at| Cell::moment(material.local(at))),
                Cell::new(&delivery.item),
                Cell::from(delivery.quantity.as_ref()),
                Cell::new(status_words(delivery.status)),
                Cell::new(if delivery.cold_chain { "yes" } else { "no" }),
                Cell::new(&delivery.id),
            ]
        })
        .collect();
    if !rows.is_empty() {
        section = section.with(Block::Table(Table {
            key: "deliveries",
            caption: "Deliveries of these days and those to come".to_owned(),
            columns: COLUMNS.to_vec(),
            rows,
        }));
    }
    let doses: Vec<Vec<Cell>> =
        ahead(material).iter().map(|(order, doses)| vec![Cell::new(order), Cell::new(doses)]).collect();
    if !doses.is_empty() {
        section = section.with(Block::Table(Table {
            key: "planned_ahead",
            caption: format!("Doses planned in the next {} days", AHEAD.num_days()),
            columns: AHEAD_COLUMNS.to_vec(),
            rows: doses,
        }));
    }
    section
}
