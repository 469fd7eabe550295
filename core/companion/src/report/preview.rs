//! The first page of the report as a screen, before it is written: what it says, and what was left out without consent.

use super::document::{Block, Document, Section as Part, Table};
use crate::screen::{Row, Screen};
use crate::texts::Texts;

pub(super) fn screen(document: &Document, texts: Texts) -> Screen {
    let mut screen = Screen::new("report", texts.say("report.title"));
    screen.subtitle = Some(format!("{} · {}", document.patient, document.period()));
    let line = |id: String, text: &str| Row::new(id, text.to_owned());
    screen
        .add(None, document.warnings.iter().enumerate().map(|(i, text)| line(format!("warning/{i}"), text)).collect());
    for part in &document.front {
        screen.add(Some(part.title.clone()), rows(part));
    }
    screen.footer = document.closing.clone();
    screen.footer.push(texts.say("report.in-the-clear"));
    screen
}

fn rows(part: &Part) -> Vec<Row> {
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    for block in &part.blocks {
        match block {
            Block::Text(text) => rows.push((text.clone(), Vec::new())),
            Block::List(lines) => rows.extend(lines.iter().map(|text| (text.clone(), Vec::new()))),
            Block::Table(table) => rows.extend(table_rows(table)),
            // Those who do not see a chart read the same in words, and so does a screen of rows.
            Block::Charts(charts) => {
                rows.extend(charts.iter().map(|chart| (chart.title.clone(), vec![chart.words.clone()])));
            }
            Block::Pictures(pictures) => {
                rows.extend(pictures.iter().map(|picture| (picture.caption.clone(), Vec::new())));
            }
        }
    }
    let row = |(index, (title, details)): (usize, (String, Vec<String>))| {
        let mut row = Row::new(format!("{}/{index}", part.key), title);
        row.details = details;
        row.with_spoken_sentence()
    };
    rows.into_iter().enumerate().map(row).collect()
}

/// The first cell is the title, the others are lines with their headings.
fn table_rows(table: &Table) -> impl Iterator<Item = (String, Vec<String>)> {
    table.rows.iter().map(|cells| {
        let mut on_paper = table
            .columns
            .iter()
            .zip(cells)
            .filter_map(|(column, cell)| Some((column.heading?, cell.shown.as_str())))
            .filter(|(_, shown)| !shown.is_empty());
        let title = on_paper.next().map_or("", |(_, shown)| shown).to_owned();
        (title, on_paper.map(|(heading, shown)| format!("{heading}: {shown}")).collect())
    })
}
