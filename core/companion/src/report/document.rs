//! What the report says, as pure data: the one model from which the page, the PDF, the CSV files and the FHIR document are
//! drawn.
//!
//! It knows nothing of medicine and nothing of paper. The sections (`sections/`) fill it once; a format only draws it, so
//! that a number cannot differ between two of them. A new part of the report is a new [`Section`], and it is in every format.

use chrono::{DateTime, FixedOffset, NaiveDate};
use homeline_model::{AttachmentId, EntryId};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The whole report.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document {
    /// The patient's name.
    pub(crate) patient: String,
    /// Lines under the name, e.g. the plan's title.
    pub(crate) subtitles: Vec<String>,
    /// Lines that nobody may overlook: allergies.
    pub(crate) warnings: Vec<String>,
    /// First day.
    pub(crate) from: NaiveDate,
    /// Last day, inclusive.
    pub(crate) to: NaiveDate,
    /// When it was written, on the clock of the place.
    pub(crate) written_at: DateTime<FixedOffset>,
    /// The first page.
    pub(crate) front: Vec<Section>,
    /// What comes after it.
    pub(crate) details: Vec<Section>,
    /// Period, sources and denominators. A section names the ones that it stands on.
    pub(crate) footnotes: Vec<Footnote>,
    /// What stands under all of it: what the report is not, and whom to call.
    pub(crate) closing: Vec<String>,
}

impl Document {
    /// `Visit report: Rosa Ibarra`
    pub(crate) fn title(&self) -> String {
        format!("Visit report: {}", self.patient)
    }

    /// `17 November 2026 to 23 November 2026`, or the one day.
    pub(crate) fn period(&self) -> String {
        let day = |date: NaiveDate| date.format("%-d %B %Y").to_string();
        if self.from == self.to { day(self.from) } else { format!("{} to {}", day(self.from), day(self.to)) }
    }

    /// First page and details, in reading order.
    pub(crate) fn sections(&self) -> impl Iterator<Item = &Section> {
        self.front.iter().chain(&self.details)
    }

    /// Every table, in reading order.
    pub(crate) fn tables(&self) -> impl Iterator<Item = &Table> {
        self.sections().flat_map(|section| &section.blocks).filter_map(|block| match block {
            Block::Table(table) => Some(table),
            Block::Text(_) | Block::List(_) | Block::Charts(_) | Block::Pictures(_) => None,
        })
    }

    /// The number of a footnote as it is printed, from 1; `None` when the report has no such footnote.
    pub(crate) fn footnote_number(&self, key: &str) -> Option<usize> {
        self.footnotes.iter().position(|note| note.key == key).map(|index| index + 1)
    }
}

/// What a footnote explains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Footnote {
    /// By what sections name it.
    pub(crate) key: &'static str,
    /// One or more sentences.
    pub(crate) text: String,
}

/// Which kind of clinical section it is, for formats that code it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SectionKind {
    /// Doses and how they went in.
    Administrations,
    /// Vital signs.
    VitalSigns,
    /// Lines and pumps.
    Devices,
    /// Anything else: known by its title.
    Other,
}

/// One part with a heading.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Section {
    /// Stable key: the anchor on the page.
    pub(crate) key: &'static str,
    /// Heading.
    pub(crate) title: String,
    /// What kind of section.
    pub(crate) kind: SectionKind,
    /// Keys of the footnotes that its numbers stand on.
    pub(crate) footnotes: Vec<&'static str>,
    /// What it shows, in reading order.
    pub(crate) blocks: Vec<Block>,
    /// The journal's entries that it was made from, for formats that carry the entries themselves.
    pub(crate) entries: BTreeSet<EntryId>,
}

impl Section {
    /// An empty section.
    pub(crate) fn new(key: &'static str, title: &str) -> Self {
        Self {
            key,
            title: title.to_owned(),
            kind: SectionKind::Other,
            footnotes: Vec::new(),
            blocks: Vec::new(),
            entries: BTreeSet::new(),
        }
    }

    /// With footnotes.
    pub(crate) fn noted(mut self, footnotes: &[&'static str]) -> Self {
        self.footnotes.extend_from_slice(footnotes);
        self
    }

    /// Of a kind.
    pub(crate) fn of_kind(mut self, kind: SectionKind) -> Self {
        self.kind = kind;
        self
    }

    /// Adds a block.
    pub(crate) fn with(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    /// Adds the entries that it was made from.
    pub(crate) fn made_of(mut self, entries: impl IntoIterator<Item = EntryId>) -> Self {
        self.entries.extend(entries);
        self
    }
}

/// One thing in a section.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Block {
    /// A paragraph.
    Text(String),
    /// Short sentences, one a line.
    List(Vec<String>),
    /// Rows and columns.
    Table(Table),
    /// Charts side by side.
    Charts(Vec<Chart>),
    /// Pictures side by side.
    Pictures(Vec<Picture>),
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Words; they may be anybody's own.
    Words,
    /// A number.
    Number,
    /// A day, or a day and a time.
    Time,
}

/// One column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Column {
    /// Its name in files, snake_case.
    pub(crate) key: &'static str,
    /// Its heading on paper; `None` is in files only.
    pub(crate) heading: Option<&'static str>,
    /// What it holds.
    pub(crate) holds: Holds,
}

impl Column {
    /// A column on paper and in files.
    pub(crate) const fn new(key: &'static str, heading: &'static str, holds: Holds) -> Self {
        Self { key, heading: Some(heading), holds }
    }

    /// A column for files alone: what a person reads stands in another one.
    pub(crate) const fn in_files(key: &'static str, holds: Holds) -> Self {
        Self { key, heading: None, holds }
    }
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Cell {
    /// For people.
    pub(crate) shown: String,
    /// For machines, where it differs: an instant with its offset, a number without its unit.
    pub(crate) value: Option<String>,
}

impl Cell {
    /// A cell that people and machines read alike.
    pub(crate) fn new(text: impl ToString) -> Self {
        Self { shown: text.to_string(), value: None }
    }

    /// A cell with other words for machines.
    pub(crate) fn with_value(shown: impl ToString, value: impl ToString) -> Self {
        Self { shown: shown.to_string(), value: Some(value.to_string()) }
    }

    /// A moment: `Mon 23 Nov 08:05`, and RFC 3339 to the second for machines.
    pub(crate) fn moment(at: DateTime<FixedOffset>) -> Self {
        Self::with_value(moment_words(at), at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
    }

    /// Nothing is known.
    pub(crate) fn empty() -> Self {
        Self::default()
    }

    /// For machines.
    pub(crate) fn machine(&self) -> &str {
        self.value.as_deref().unwrap_or(&self.shown)
    }
}

impl<T: ToString> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or_else(Self::empty, Self::new)
    }
}

/// `Mon 23 Nov 08:05`
pub(crate) fn moment_words(at: DateTime<FixedOffset>) -> String {
    at.format("%a %-d %b %H:%M").to_string()
}

/// Rows and columns, oldest row first. In files all of them stand; on paper the newest [`ROWS_ON_PAPER`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    /// Its name in files, snake_case.
    pub(crate) key: &'static str,
    /// What it is, for those who do not see the heading.
    pub(crate) caption: String,
    /// The columns.
    pub(crate) columns: Vec<Column>,
    /// The rows, each as long as `columns`.
    pub(crate) rows: Vec<Vec<Cell>>,
}

/// The most rows of one table on paper: three pages. A report of a year is read by its first page and its charts; the rest
/// is for files.
pub(crate) const ROWS_ON_PAPER: usize = 120;

/// The most characters of own words on paper: a third of a page.
const WORDS_ON_PAPER: usize = 1_000;

impl Table {
    /// The rows that stand on paper, and how many older ones do not.
    pub(crate) fn rows_on_paper(&self) -> (&[Vec<Cell>], usize) {
        let left_out = self.rows.len().saturating_sub(ROWS_ON_PAPER);
        (self.rows.get(left_out..).unwrap_or_default(), left_out)
    }

    /// Says how many rows are not on paper; `None` when all are.
    pub(crate) fn left_out_words(&self) -> Option<String> {
        let (_, left_out) = self.rows_on_paper();
        (left_out > 0).then(|| {
            format!(
                "The newest {ROWS_ON_PAPER} of {} are shown here. All of them are in the CSV file {}.csv.",
                self.rows.len(),
                self.key
            )
        })
    }

    /// The columns that stand on paper, with their places.
    pub(crate) fn columns_on_paper(&self) -> impl Iterator<Item = (usize, &Column, &'static str)> {
        self.columns
            .iter()
            .enumerate()
            .filter_map(|(index, column)| column.heading.map(|heading| (index, column, heading)))
    }
}

/// The most characters of own words on the first page: two lines. The details have more.
const WORDS_ON_FRONT: usize = 160;

/// Own words as they stand on paper: a very long text is cut, and says so. Files have all of it.
pub(crate) fn on_paper(text: &str) -> String {
    cut(text, WORDS_ON_PAPER, " (shortened here; the journal has all of it)")
}

/// Own words as they stand on the first page, on one line.
pub(crate) fn on_front(text: &str) -> String {
    cut(&text.split_whitespace().collect::<Vec<_>>().join(" "), WORDS_ON_FRONT, "")
}

fn cut(text: &str, most: usize, said: &str) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…{said}", text.get(..end).unwrap_or_default()),
    }
}

/// A chart over the days of the report.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Chart {
    /// What it shows, with the unit.
    pub(crate) title: String,
    /// The same in words, for those who do not see it.
    pub(crate) words: String,
    /// What hangs on the vertical axis.
    pub(crate) vertical: Vertical,
    /// One or two lines, or the marks.
    pub(crate) series: Vec<Series>,
    /// First day.
    pub(crate) from: NaiveDate,
    /// Last day, inclusive.
    pub(crate) to: NaiveDate,
}

/// The vertical axis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Vertical {
    /// Values.
    Values,
    /// One row for each name; the value of a point is `row + size / 10`, its row from 0 and its size 1 to 3.
    Names(Vec<String>),
}

/// Points of one kind.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Series {
    /// Its name, where a chart has several.
    pub(crate) name: String,
    /// Days since the beginning of the first day, and the value. Oldest first. For drawing only.
    pub(crate) points: Vec<(f64, f64)>,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    /// The sealed picture.
    pub(crate) attachment: AttachmentId,
    /// MIME type, `image/jpeg` or `image/png`.
    pub(crate) content_type: String,
    /// When, and what it shows.
    pub(crate) caption: String,
    /// The file.
    pub(crate) bytes: Arc<Vec<u8>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_table_shows_its_newest_rows_on_paper_and_says_how_many_there_are() {
        let columns = vec![Column::new("number", "Number", Holds::Number)];
        let rows = (0..ROWS_ON_PAPER + 3).map(|number| vec![Cell::new(number)]).collect();
        let table = Table { key: "numbers", caption: "Numbers".into(), columns, rows };
        let (shown, left_out) = table.rows_on_paper();
        assert_eq!((shown.len(), left_out, shown[0][0].shown.as_str()), (ROWS_ON_PAPER, 3, "3"));
        assert!(table.left_out_words().unwrap().contains("of 123"));
    }

    #[test]
    fn a_novel_is_cut_on_paper_and_a_note_is_not() {
        assert_eq!(on_paper("Slept well."), "Slept well.");
        let cut = on_paper(&"ü".repeat(2_000));
        assert!(cut.starts_with('ü') && cut.ends_with("the journal has all of it)"));
        assert!(cut.chars().count() < 1_100);
    }
}
