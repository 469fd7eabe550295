//! The report as PDF: A4, text that can be selected, tagged for screen readers (PDF/UA-1), with the patient's name, the
//! period and the page's number on each page.
//!
//! Two steps. `flow.rs` lays everything out on sheets and says what is a heading, a table, a figure; `write.rs` writes the
//! sheets with krilla. So the last page's number is known when the first page is written.

mod blocks;
mod face;
mod flow;
mod ink;
mod sheet;
mod table;
mod write;

use super::document::{Block, Document, Section};
use crate::error::{ErrorKind, HomelineError};
use face::Faces;
use flow::{Flow, LaidOut, Role};
use krilla::error::KrillaError;

/// What stands for the letters that the fonts do not have.
const NOT_DRAWN: &str = "Letters that this PDF's fonts do not have stand as \u{fffd}. The HTML page shows them all.";

pub(super) fn render(document: &Document) -> Result<Vec<u8>, HomelineError> {
    match laid_out_and_written(document) {
        // A picture whose inside is damaged must not take the whole report with it: it stands as words.
        Err(KrillaError::Image(..)) => laid_out_and_written(&without_pictures(document.clone())),
        other => other,
    }
    .map_err(|error| {
        let kind = ErrorKind::Internal;
        HomelineError::new(kind, "report.pdf", format!("the PDF cannot be written ({error})"), "Take the HTML page.")
    })
}

fn laid_out_and_written(document: &Document) -> Result<Vec<u8>, KrillaError> {
    let faces = Faces::load();
    let running_head = format!("{}   {}", document.title(), document.period());
    write::write(document, laid_out(document, &faces), &faces, &running_head)
}

fn laid_out(document: &Document, faces: &Faces) -> LaidOut {
    let mut flow = Flow::new(faces);
    head(&mut flow, document);
    for section in &document.front {
        self::section(&mut flow, document, section);
    }
    flow.page_break();
    for section in &document.details {
        self::section(&mut flow, document, section);
    }
    notes(&mut flow, document);
    flow.finish()
}

fn without_pictures(mut document: Document) -> Document {
    for section in document.front.iter_mut().chain(&mut document.details) {
        for block in &mut section.blocks {
            if let Block::Pictures(pictures) = block {
                let lines = pictures.iter().map(|picture| format!("{} (cannot be drawn here)", picture.caption));
                *block = Block::List(lines.collect());
            }
        }
    }
    document
}

fn head(flow: &mut Flow<'_>, document: &Document) {
    flow.heading(1, &document.title());
    flow.strong(&document.period());
    if !document.subtitles.is_empty() {
        flow.paragraph(&document.subtitles.join("  ·  "));
    }
    for line in &document.warnings {
        flow.strong(line);
    }
}

fn section(flow: &mut Flow<'_>, document: &Document, section: &Section) {
    let notes: Vec<String> =
        section.footnotes.iter().filter_map(|key| document.footnote_number(key)).map(|n| format!("[{n}]")).collect();
    let heading = match notes.as_slice() {
        [] => section.title.clone(),
        notes => format!("{} {}", section.title, notes.join(" ")),
    };
    flow.open(Role::Section);
    flow.heading(2, &heading);
    for block in &section.blocks {
        match block {
            Block::Text(text) => flow.paragraph(text),
            Block::List(lines) => flow.list(lines),
            Block::Table(table) => flow.table(table),
            Block::Charts(charts) => flow.charts(charts),
            Block::Pictures(pictures) => flow.pictures(pictures),
        }
    }
    flow.close();
}

fn notes(flow: &mut Flow<'_>, document: &Document) {
    flow.open(Role::Section);
    flow.heading(2, "Period, sources and denominators");
    flow.small(&format!("{}, written {}.", document.period(), document.written_at.format("%-d %B %Y %H:%M")));
    for (index, note) in document.footnotes.iter().enumerate() {
        flow.small(&format!("[{}] {}", index + 1, note.text));
    }
    flow.close();
    flow.gap();
    for line in &document.closing {
        flow.small(line);
    }
    if flow.has_missing_letters() {
        flow.small(NOT_DRAWN);
    }
}

/// Every text on paper, in reading order.
#[cfg(test)]
pub(super) fn texts(document: &Document) -> Vec<String> {
    let sheets = laid_out(document, &Faces::load()).sheets;
    let drawings = sheets.into_iter().flat_map(|sheet| sheet.marks).flat_map(|mark| mark.drawings);
    let text = drawings.filter_map(|drawing| match drawing {
        sheet::Drawing::Text { text, .. } => Some(text),
        _ => None,
    });
    text.collect()
}

/// On which sheet, from 0, a heading stands.
#[cfg(test)]
pub(super) fn sheet_of(document: &Document, heading: &str) -> Option<usize> {
    let outline = laid_out(document, &Faces::load()).outline;
    outline.into_iter().find(|bookmark| bookmark.title.starts_with(heading)).map(|bookmark| bookmark.sheet)
}
