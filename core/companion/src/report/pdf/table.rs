//! Tables on paper: columns as wide as they must be, rows that stay whole, the heading again on each sheet.

use super::flow::{Flow, LEADING, NOTE, PLAIN, Role, SIDE, STRONG, Style, WIDTH};
use super::sheet::{Drawing, PALE};
use crate::report::document::{Holds, Table};

/// Between two columns.
const GUTTER: f32 = 8.0;
/// Above and below the text of a row.
const ROOM: f32 = 1.6;
/// Text in a table, a little smaller than outside.
const CELL: Style = Style { size: 8.0, ..PLAIN };
const HEADING: Style = Style { size: 8.0, ..STRONG };

/// One column as it is drawn.
struct Laid {
    heading: String,
    holds: Holds,
    x: f32,
    width: f32,
}

impl Flow<'_> {
    /// A table: the rows for paper, and how many more there are.
    pub(super) fn table(&mut self, table: &Table) {
        let (rows, _) = table.rows_on_paper();
        let columns: Vec<(usize, Holds, String)> = table
            .columns_on_paper()
            .map(|(index, column, heading)| (index, column.holds, self.drawable(heading)))
            .collect();
        let cells: Vec<Vec<String>> = rows
            .iter()
            .map(|row| {
                let shown = |index: &usize| row.get(*index).map(|cell| cell.shown.as_str()).unwrap_or_default();
                columns.iter().map(|(index, ..)| self.drawable(shown(index))).collect()
            })
            .collect();
        let widths = self.widths(&columns, &cells);
        let mut x = SIDE;
        let mut laid = Vec::new();
        for ((_, holds, heading), width) in columns.into_iter().zip(widths) {
            laid.push(Laid { heading, holds, x, width });
            x += width + GUTTER;
        }
        if let Some(said) = table.left_out_words() {
            self.small(&said);
        }
        self.rows(&table.caption, &laid, &cells);
        self.gap();
    }

    fn rows(&mut self, caption: &str, laid: &[Laid], cells: &[Vec<String>]) {
        let has_heading = laid.iter().any(|column| !column.heading.is_empty());
        self.open(Role::Paragraph);
        let caption = self.drawable(caption);
        self.need(NOTE.size * LEADING * 4.0);
        self.put(vec![Self::line(SIDE, self.y, NOTE, &caption)]);
        self.y += NOTE.size * LEADING;
        self.close();
        self.open(Role::Table);
        if has_heading {
            self.open(Role::TableHead);
            self.open(Role::Row);
            self.heading_row(laid, false);
            self.close();
            self.close();
        }
        self.open(Role::TableBody);
        for row in cells {
            let lines: Vec<Vec<String>> = laid
                .iter()
                .zip(row)
                .map(|(column, text)| self.faces.of(CELL.weight).lines(text, CELL.size, column.width))
                .collect();
            let height = height(&lines, CELL);
            if self.need(height) && has_heading {
                self.heading_row(laid, true);
            }
            self.open(Role::Row);
            for (place, (column, lines)) in laid.iter().zip(&lines).enumerate() {
                self.open(if place == 0 { Role::RowHeading } else { Role::Cell });
                let drawn = self.cell(column, lines, CELL);
                if !drawn.is_empty() {
                    self.put(drawn);
                }
                self.close();
            }
            self.close();
            self.y += height;
            let points = vec![(SIDE, self.y - 0.4), (SIDE + WIDTH, self.y - 0.4)];
            self.decorate(vec![Drawing::Line { points, width: 0.5, ink: PALE }]);
        }
        self.close();
        self.close();
    }

    /// The heading; `again` on a further sheet, where it is decoration: the structure has it already.
    fn heading_row(&mut self, laid: &[Laid], again: bool) {
        let lines: Vec<Vec<String>> = laid
            .iter()
            .map(|column| self.faces.of(HEADING.weight).lines(&column.heading, HEADING.size, column.width))
            .collect();
        for (column, lines) in laid.iter().zip(&lines) {
            let drawn = self.cell(column, lines, HEADING);
            if again {
                self.decorate(drawn);
                continue;
            }
            self.open(Role::ColumnHeading);
            if !drawn.is_empty() {
                self.put(drawn);
            }
            self.close();
        }
        self.y += height(&lines, HEADING);
        let points = vec![(SIDE, self.y - 0.4), (SIDE + WIDTH, self.y - 0.4)];
        self.decorate(vec![Drawing::Line { points, width: 0.8, ink: PALE }]);
    }

    fn cell(&self, column: &Laid, lines: &[String], style: Style) -> Vec<Drawing> {
        let face = self.faces.of(style.weight);
        let mut y = self.y + ROOM;
        let mut drawn = Vec::new();
        for line in lines {
            let x = match column.holds {
                Holds::Number => column.x + (column.width - face.width(line, style.size)).max(0.0),
                Holds::Words | Holds::Time => column.x,
            };
            if !line.is_empty() {
                drawn.push(Self::line(x, y, style, line));
            }
            y += style.size * LEADING;
        }
        drawn
    }

    /// Numbers and times as wide as their text; words share what is left by how much they have to say.
    fn widths(&self, columns: &[(usize, Holds, String)], cells: &[Vec<String>]) -> Vec<f32> {
        /// Words one by one may measure a hair more than the text that they make.
        const ROUNDING: f32 = 0.2;
        /// A long text takes lines and not the room of the others.
        const WIDEST: f32 = 260.0;
        let body = self.faces.of(CELL.weight);
        let head = self.faces.of(HEADING.weight);
        let longest_word = |text: &str| text.split(' ').map(|word| head.width(word, HEADING.size)).fold(0.0, f32::max);
        let wanted: Vec<(f32, f32)> = columns
            .iter()
            .enumerate()
            .map(|(place, (_, holds, heading))| {
                let texts = cells.iter().filter_map(|row| row.get(place));
                let natural = texts.map(|text| body.width(text, CELL.size)).fold(0.0, f32::max);
                match holds {
                    // A heading of a number may take two lines.
                    Holds::Number => (natural.max(longest_word(heading)), 0.0),
                    Holds::Time => (natural.max(longest_word(heading)).min(110.0), 0.0),
                    Holds::Words => {
                        let natural = natural.max(head.width(heading, HEADING.size)).min(WIDEST);
                        (natural.min(48.0), natural)
                    }
                }
            })
            .collect();
        let gutters = GUTTER * f32::from(u16::try_from(columns.len().saturating_sub(1)).unwrap_or(u16::MAX));
        let fixed: f32 = wanted.iter().filter(|(_, shared)| *shared == 0.0).map(|(own, _)| own).sum();
        let shared: f32 = wanted.iter().map(|(_, shared)| shared).sum();
        let roundings = ROUNDING * f32::from(u16::try_from(columns.len()).unwrap_or(u16::MAX));
        let left = (WIDTH - gutters - fixed - roundings).max(0.0);
        wanted
            .iter()
            .map(|(own, share)| if *share == 0.0 { *own + ROUNDING } else { (left * share / shared).max(*own) })
            .collect()
    }
}

fn height(lines: &[Vec<String>], style: Style) -> f32 {
    let most = lines.iter().map(Vec::len).max().unwrap_or(1).max(1);
    f32::from(u16::try_from(most).unwrap_or(u16::MAX)) * style.size * LEADING + 2.0 * ROOM
}
