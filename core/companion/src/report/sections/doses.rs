//! Every dose: what was planned, what is recorded, and who says so.

use super::LANGUAGE;
use super::{SOURCE_COLUMNS, at_most, counted, note, said_by, sentence, source_cells, source_word};
use crate::report::document::{
    Block, Cell, Column, Holds, Section, SectionKind, Table, moment_words, on_front, on_paper,
};
use crate::report::material::Material;
use crate::words;
use homeline_model::EntryId;
use homeline_schedule::{AgendaItem, ItemState};

/// The most doses that the first page names.
const NAMED: usize = 3;

const COLUMNS: [Column; 15] = [
    Column::new("planned", "Planned", Holds::Time),
    Column::new("dose", "Dose", Holds::Words),
    Column::new("started", "Started", Holds::Time),
    Column::new("state", "What is recorded", Holds::Words),
    Column::in_files("ended", Holds::Time),
    Column::in_files("against_window", Holds::Words),
    Column::in_files("window_opens", Holds::Time),
    Column::in_files("window_closes", Holds::Time),
    Column::in_files("window_source", Holds::Words),
    Column::in_files("reason", Holds::Words),
    Column::in_files("volume_given", Holds::Words),
    Column::in_files("lot", Holds::Words),
    Column::in_files("site", Holds::Words),
    Column::in_files("recorded_differently", Holds::Words),
    Column::in_files("occurrence_id", Holds::Words),
];

/// The first page: doses that did not go in whole, or that nobody recorded, and why.
pub(super) fn missed(material: &Material) -> Section {
    let missed: Vec<&AgendaItem> = material.doses().filter(|item| is_missed(item)).collect();
    let section = Section::new("missed", "Missed, and why")
        .of_kind(SectionKind::Administrations)
        .made_of(missed.iter().filter_map(|item| item.standing()).map(|statement| statement.entry));
    if material.doses().next().is_none() {
        return section;
    }
    if missed.is_empty() {
        let none =
            "Of the planned doses none is recorded as left out, stopped or in part, and none is without a record.";
        return section.with(Block::Text(none.to_owned()));
    }
    let count = |which: fn(ItemState) -> bool| missed.iter().filter(|item| which(item.state)).count();
    let totals = [
        (count(|state| matches!(state, ItemState::Skipped(_))), "left out"),
        (count(|state| matches!(state, ItemState::Partial | ItemState::Stopped)), "in part or stopped"),
        (count(|state| state == ItemState::Unknown), "recorded as not known"),
        (count(|state| matches!(state, ItemState::NotRecorded | ItemState::Due | ItemState::Late)), "not recorded"),
    ];
    let totals: Vec<String> =
        totals.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}")).collect();
    let doses = counted(missed.len(), "dose", "doses");
    // The newest first: that is what can still be talked about.
    let sentences = missed.iter().rev().map(|item| missed_words(material, item)).collect();
    section.with(Block::Text(format!("{doses}, pre-medication included: {}.", totals.join(", ")))).with(at_most(
        sentences,
        NAMED,
        "the list of doses",
    ))
}

fn is_missed(item: &AgendaItem) -> bool {
    match item.state {
        ItemState::Skipped(_)
        | ItemState::Partial
        | ItemState::Stopped
        | ItemState::NotRecorded
        | ItemState::Unknown
        | ItemState::Due
        | ItemState::Late => true,
        ItemState::Planned | ItemState::InProgress | ItemState::Completed => false,
    }
}

fn missed_words(material: &Material, item: &AgendaItem) -> String {
    let state = words::state(LANGUAGE, item, |at| moment_words(material.local(at)));
    let mut said = format!("{}, {}: {state}", moment_words(material.local(item.start)), item.title);
    let Some(statement) = item.standing() else { return sentence(&said) };
    if let Some(volume) = &statement.administration.volume_given {
        said.push_str(&format!(", {volume} went in"));
    }
    match &statement.administration.reason {
        Some(reason) => said.push_str(&format!(", because “{}”", on_front(reason))),
        None => said.push_str(", no reason is recorded"),
    }
    said.push_str(&format!(
        " ({})",
        said_by(source_word(statement.author.role, statement.source), &statement.author.name)
    ));
    sentence(&said)
}

/// The details: every dose.
pub(super) fn section(material: &Material) -> Section {
    let doses: Vec<&AgendaItem> = material.doses().collect();
    let section = Section::new("doses", "Doses").of_kind(SectionKind::Administrations).noted(&[
        note::PLANNED,
        note::ON_TIME,
        note::SOURCES,
    ]);
    if doses.is_empty() {
        return section;
    }
    let entries: Vec<EntryId> =
        doses.iter().flat_map(|item| item.standing_statements().map(|said| said.entry)).collect();
    section.made_of(entries).with(Block::Table(Table {
        key: "doses",
        caption: "Each dose with its planned time, what is recorded and by whom".to_owned(),
        columns: COLUMNS.iter().chain(&SOURCE_COLUMNS).copied().collect(),
        rows: doses.iter().map(|item| row(material, item)).collect(),
    }))
}

fn row(material: &Material, item: &AgendaItem) -> Vec<Cell> {
    let moment = |at| Cell::moment(material.local(at));
    let standing = item.standing();
    let administration = standing.map(|statement| &statement.administration);
    let mut shown = words::state(LANGUAGE, item, |at| moment_words(material.local(at)));
    for statement in item.standing_statements() {
        let said = &statement.administration;
        for part in [
            said.reason.as_deref().map(on_paper),
            said.volume_given.as_ref().map(|volume| format!("{volume} went in")),
            said.lot.as_ref().map(|lot| format!("lot {lot}")),
            said.site.as_ref().map(|site| format!("site {site}")),
        ]
        .into_iter()
        .flatten()
        {
            shown.push_str("; ");
            shown.push_str(&part);
        }
    }
    if item.disagreement {
        shown.push_str("; two people recorded it differently");
    }
    let mut cells = vec![
        moment(item.start),
        Cell::new(&item.title),
        item.started_at.map_or_else(Cell::empty, moment),
        Cell::with_value(shown, item.state.as_str()),
        item.ended_at.map_or_else(Cell::empty, moment),
        item.punctuality.map_or_else(Cell::empty, |punctuality| Cell::new(punctuality.as_str())),
        item.window.map_or_else(Cell::empty, |window| moment(window.opens)),
        item.window.map_or_else(Cell::empty, |window| moment(window.closes)),
        item.window.map_or_else(Cell::empty, |window| Cell::new(window.source)),
        Cell::from(administration.and_then(|said| said.reason.as_ref())),
        Cell::from(administration.and_then(|said| said.volume_given.as_ref())),
        Cell::from(administration.and_then(|said| said.lot.as_ref())),
        Cell::from(administration.and_then(|said| said.site.as_ref())),
        Cell::new(if item.disagreement { "yes" } else { "no" }),
        Cell::from(item.occurrence.as_ref().map(|occurrence| occurrence.id)),
    ];
    cells.extend(match standing {
        Some(statement) => source_cells(statement.author.role, statement.source, &statement.author.name),
        None => [Cell::empty(), Cell::empty(), Cell::empty()],
    });
    cells
}
