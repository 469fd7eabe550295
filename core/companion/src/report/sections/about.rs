//! On what the report stands: period, sources, denominators, and what is not in it.

use super::{counted, footnote, note};
use crate::report::document::{Block, Cell, Column, Footnote, Holds, Section, Table};
use crate::report::material::Material;
use crate::words;
use std::collections::BTreeSet;

const COLUMNS: [Column; 2] = [Column::new("item", "", Holds::Words), Column::new("value", "", Holds::Words)];

/// The footnotes, in the order in which they are printed.
pub(super) fn footnotes(material: &Material) -> Vec<Footnote> {
    let windows: BTreeSet<&str> = material
        .items
        .iter()
        .filter_map(|item| item.window.as_ref())
        .filter(|window| !window.from_plan)
        .map(|window| window.source)
        .collect();
    let mut on_time = "On time, early and late: the start against the window of the plan.".to_owned();
    for source in windows {
        on_time.push_str(&format!(
            " Where the plan states none, a usual default takes its place: {}.",
            words::window_source(source)
        ));
    }
    let mut notes = vec![
        footnote(
            note::PLANNED,
            "Planned: doses of the orders in force whose planned time lies in these days and is past; pre-medication is in \
             the list of doses and not in the counts. Recorded: doses about which somebody made a statement. A dose that \
             nobody recorded may have been given.",
        ),
        footnote(note::ON_TIME, on_time),
        footnote(
            note::SOURCES,
            "Sources: self is the patient, caregiver a helper at home, care team the nurse, pharmacist or office; pump and \
             device are their own records. Times of entries are those of the place where it happened, planned times those \
             of the place where the report was written.",
        ),
        footnote(
            note::REACTIONS,
            "Symptoms are the patient's own rating. The time counts from the last dose that was recorded as started, if \
             that was within 72 hours before. It does not say that the dose was the cause.",
        ),
        footnote(
            note::CHARTS,
            "Charts show each value in the unit in which it was typed or sent; nothing is converted. Where there are too \
             many values for one line, a bar goes from the lowest to the highest of its days.",
        ),
    ];
    if !material.runs.is_empty() {
        notes.push(footnote(
            note::PUMP,
            "By the pump's own record, as far as it was fetched. What went in is what its counter proves; what may be more \
             is said. That an alarm is over is what the pump says.",
        ));
    }
    if !material.plan.access_devices.is_empty() {
        notes.push(footnote(
            note::DEVICE_DAYS,
            "Device-days: days of this report on which a line was in place. The day of insertion counts, the day of removal \
             does not.",
        ));
    }
    notes.push(footnote(
        note::OUTCOMES,
        "Elements after the outcome definitions of the National Home Infusion Association. One patient's numbers are no \
         rate.",
    ));
    notes.push(footnote(
        note::STOCK,
        "From the deliveries that the care team's server names. What is at home is not counted in this journal.",
    ));
    if let Some(left_out) = left_out(material) {
        notes.push(footnote(note::LEFT_OUT, left_out));
    }
    notes
}

/// What is not in the report, and what is in it by consent; `None` when there is nothing to say.
fn left_out(material: &Material) -> Option<String> {
    let mut said = Vec::new();
    if material.private_left_out > 0 {
        let entries = counted(material.private_left_out, "private entry is", "private entries are");
        said.push(format!("{entries} left out."));
    }
    if material.notes_left_out > 0 {
        let notes = counted(material.notes_left_out, "note of another helper is", "notes of other helpers are");
        said.push(format!("{notes} left out."));
    }
    if material.consent.private_entries {
        said.push("Private entries are in this report: whoever wrote it agreed to that.".to_owned());
    }
    if material.consent.helpers_notes {
        said.push("Notes of other helpers are in this report: whoever wrote it agreed to that.".to_owned());
    }
    (!said.is_empty()).then(|| said.join(" "))
}

/// What stands under everything.
pub(super) fn closing(material: &Material) -> Vec<String> {
    let mut lines = vec![
        "Written by Homeline from the home journal. It names no diagnosis and computes no dose. Nobody watches the journal \
         between visits."
            .to_owned(),
    ];
    lines.extend(words::numbers_to_call(&material.plan));
    lines
}

/// The details: the report about itself, which is the first thing that a file needs.
pub(super) fn section(material: &Material) -> Section {
    let plan = &material.plan;
    let written = material.local(material.moment.now);
    let yes = |agreed: bool| if agreed { "yes" } else { "no" };
    let mut rows = vec![
        ("Patient", plan.patient.name.clone()),
        ("Born", plan.patient.birth_date.map(|born| born.to_string()).unwrap_or_default()),
        ("Plan", plan.title.clone()),
        ("First day", material.from.to_string()),
        ("Last day", material.to.to_string()),
        ("Time zone", material.moment.here.zone.to_string()),
        ("Written at", written.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
        ("Written by", material.me.name.clone()),
        ("Entries of these days", material.entries.len().to_string()),
        ("Consent to private entries", yes(material.consent.private_entries).to_owned()),
        ("Private entries left out", material.private_left_out.to_string()),
        ("Consent to notes of other helpers", yes(material.consent.helpers_notes).to_owned()),
        ("Notes of other helpers left out", material.notes_left_out.to_string()),
    ];
    rows.retain(|(_, value)| !value.trim().is_empty());
    Section::new("about", "About this report").noted(&[note::LEFT_OUT]).with(Block::Table(Table {
        key: "about",
        caption: "Period, author and consent".to_owned(),
        columns: COLUMNS.to_vec(),
        rows: rows.into_iter().map(|(item, value)| vec![Cell::new(item), Cell::new(value)]).collect(),
    }))
}
