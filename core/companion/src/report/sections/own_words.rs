//! What home wants to say and to ask: questions for the visit, notes, daily checks and forms, messages.

use super::LANGUAGE;
use super::{SOURCE_COLUMNS, happened, source_of};
use crate::report::document::{Block, Cell, Column, Holds, Section, Table, on_front, on_paper};
use crate::report::material::Material;
use crate::words;
use homeline_model::{EntryBody, EntryId, EntryKind, MessageDirection};

/// How many questions fit a visit, and the first page.
const QUESTIONS: usize = 3;

const TEXT_COLUMNS: [Column; 2] =
    [Column::new("written", "When", Holds::Time), Column::new("text", "Words", Holds::Words)];

/// What was asked and answered, and what has no table of its own.
const ANSWERED: [EntryKind; 5] =
    [EntryKind::DailyCheck, EntryKind::SymptomCourse, EntryKind::SitesUsed, EntryKind::Fluid, EntryKind::Form];

const MESSAGE_COLUMNS: [Column; 4] = [
    Column::new("written", "When", Holds::Time),
    Column::new("text", "Message", Holds::Words),
    Column::new("direction", "From or to", Holds::Words),
    Column::in_files("with", Holds::Words),
];

/// The first page: the newest three questions.
pub(super) fn front(material: &Material) -> Section {
    let section = Section::new("questions", "Three questions for the visit");
    let asked: Vec<(EntryId, &str)> = material
        .of_kinds(&[EntryKind::Question])
        .filter_map(|entry| match &entry.body {
            EntryBody::Question(question) => Some((entry.id, question.text.as_str())),
            _ => None,
        })
        .collect();
    if asked.is_empty() {
        return section.with(Block::Text("No question was written down. What would you like to ask?".to_owned()));
    }
    let newest = asked.get(asked.len().saturating_sub(QUESTIONS)..).unwrap_or_default();
    let mut lines: Vec<String> = newest.iter().rev().map(|(_, text)| on_front(text)).collect();
    if asked.len() > newest.len() {
        lines.push(format!("{} more in the list of questions.", asked.len() - newest.len()));
    }
    section.made_of(newest.iter().map(|(entry, _)| *entry)).with(Block::List(lines))
}

/// The details: all of it.
pub(super) fn section(material: &Material) -> Section {
    let mut section = Section::new("words", "Questions, notes and messages");
    for (kind, key, caption) in [
        (EntryKind::Question, "questions", "Each question that was written down"),
        (EntryKind::Note, "notes", "Each note, in own words"),
        (EntryKind::Mood, "mood", "Mood, in own words"),
    ] {
        let mut rows = Vec::new();
        let mut entries = Vec::new();
        for entry in material.entries.iter().filter(|entry| entry.kind() == kind) {
            let text = match &entry.body {
                EntryBody::Question(question) => &question.text,
                EntryBody::Note { text } | EntryBody::Mood { text } => text,
                _ => continue,
            };
            let mut cells = vec![happened(entry), Cell::with_value(on_paper(text), text)];
            cells.extend(source_of(entry));
            rows.push(cells);
            entries.push(entry.id);
        }
        section = section.made_of(entries);
        // The first page has shown them already when they are few.
        if !rows.is_empty() {
            let columns = TEXT_COLUMNS.iter().chain(&SOURCE_COLUMNS).copied().collect();
            section = section.with(Block::Table(Table { key, caption: caption.to_owned(), columns, rows }));
        }
    }
    let mut rows = Vec::new();
    let mut entries = Vec::new();
    for entry in material.entries.iter().filter(|entry| ANSWERED.contains(&entry.kind())) {
        let said = words::entry(LANGUAGE, Some(&material.plan), entry);
        let text = [said.title].into_iter().chain(said.state).chain(said.details).collect::<Vec<_>>().join("; ");
        let mut cells = vec![happened(entry), Cell::with_value(on_paper(&text), &text)];
        cells.extend(source_of(entry));
        rows.push(cells);
        entries.push(entry.id);
    }
    section = section.made_of(entries);
    if !rows.is_empty() {
        section = section.with(Block::Table(Table {
            key: "answers",
            caption: "Daily checks, fluids, sites of doses, forms, and how symptoms went on".to_owned(),
            columns: TEXT_COLUMNS.iter().chain(&SOURCE_COLUMNS).copied().collect(),
            rows,
        }));
    }
    let mut rows = Vec::new();
    let mut entries = Vec::new();
    for entry in material.of_kinds(&[EntryKind::Message]) {
        let EntryBody::Message(message) = &entry.body else { continue };
        let (word, key) = match message.direction {
            MessageDirection::ToTeam => ("to", "to-team"),
            MessageDirection::FromTeam => ("from", "from-team"),
        };
        let mut cells = vec![
            happened(entry),
            Cell::with_value(on_paper(&message.text), &message.text),
            Cell::with_value(format!("{word} {}", message.with), key),
            Cell::new(&message.with),
        ];
        cells.extend(source_of(entry));
        rows.push(cells);
        entries.push(entry.id);
    }
    if rows.is_empty() {
        return section;
    }
    section.made_of(entries).with(Block::Table(Table {
        key: "messages",
        caption: "Each message to and from the care team".to_owned(),
        columns: MESSAGE_COLUMNS.iter().chain(&SOURCE_COLUMNS).copied().collect(),
        rows,
    }))
}
