//! The tables as CSV files (RFC 4180, UTF-8): one file for each, and one that says what the columns hold.

use super::document::{Cell, Column, Document, Holds, Table};
use crate::error::{ErrorKind, HomelineError};

/// One file of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportFile {
    /// Its name, e.g. `doses.csv`.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// One file for each table that the report has, `footnotes.csv`, and `columns.csv`, which lists file, column and what it
/// holds.
pub(super) fn files(document: &Document) -> Result<Vec<ReportFile>, HomelineError> {
    let mut files = Vec::new();
    for table in document.tables() {
        let header: Vec<&str> = table.columns.iter().map(|column| column.key).collect();
        let rows = table.rows.iter().map(|row| table.columns.iter().zip(row).map(|(column, cell)| field(column, cell)));
        files.push(file(table.key, &header, rows.map(Iterator::collect))?);
    }
    let notes = document.footnotes.iter().enumerate();
    let notes = notes.map(|(index, note)| vec![(index + 1).to_string(), note.text.clone()]);
    files.push(file("footnotes", &["number", "text"], notes)?);
    let columns =
        document.tables().flat_map(|table| table.columns.iter().map(move |column| description(table, column)));
    files.push(file("columns", &["file", "column", "holds", "heading", "table"], columns)?);
    Ok(files)
}

fn description(table: &Table, column: &Column) -> Vec<String> {
    let holds = match column.holds {
        Holds::Words => "text",
        Holds::Number => "number",
        Holds::Time => "day (YYYY-MM-DD) or time (RFC 3339)",
    };
    let heading = column.heading.unwrap_or_default();
    [&format!("{}.csv", table.key), column.key, holds, heading, &table.caption].map(str::to_owned).to_vec()
}

/// A spreadsheet takes a text that begins so for a formula and carries it out
/// (<https://owasp.org/www-community/attacks/CSV_Injection>); an apostrophe before it makes it text.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

fn field(column: &Column, cell: &Cell) -> String {
    let text = cell.machine();
    match column.holds {
        Holds::Words if text.starts_with(FORMULA) => format!("'{text}"),
        Holds::Words | Holds::Number | Holds::Time => text.to_owned(),
    }
}

fn file(name: &str, header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Result<ReportFile, HomelineError> {
    let failed = |error: csv::Error| {
        HomelineError::new(ErrorKind::Internal, "report.csv", error.to_string(), "Take another format.")
    };
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(header).map_err(failed)?;
    for row in rows {
        writer.write_record(row).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(error.into_error().into()))?;
    Ok(ReportFile { name: format!("{name}.csv"), bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_typed_is_no_formula_and_a_negative_number_stays_one() {
        let words = Column::new("text", "Words", Holds::Words);
        let number = Column::new("value", "Value", Holds::Number);
        assert_eq!(field(&words, &Cell::new("=HYPERLINK(\"x\")")), "'=HYPERLINK(\"x\")");
        assert_eq!(field(&words, &Cell::new("5 = five")), "5 = five");
        assert_eq!(field(&number, &Cell::new("-3")), "-3");
    }

    #[test]
    fn quotes_commas_and_lines_come_back_as_they_were() {
        let rows = vec![vec!["a, \"b\"\nc".to_owned(), "1".to_owned()]];
        let file = file("notes", &["text", "number"], rows.clone().into_iter()).unwrap();
        let mut reader = csv::Reader::from_reader(file.bytes.as_slice());
        let read: Vec<Vec<String>> =
            reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        assert_eq!(read, rows);
    }
}
