//! Screens as text: tables that fit the terminal, colour only where a person looks.

use crate::failure::Failure;
use anstyle::{AnsiColor, Style};
use comfy_table::{ContentArrangement, Table, presets};
use homeline_companion::{Emphasis, Row, Screen};
use homeline_model::{Advice, AdviceLevel};
use serde::Serialize;
use std::io::Write;

/// Where results go: tables for a person or one JSON document for a machine.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// JSON instead of tables.
    pub json: bool,
}

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const ATTENTION: Style = AnsiColor::Yellow.on_default();
const URGENT: Style = AnsiColor::Red.on_default().bold();

/// Narrower than this a table is one letter a line; then the terminal may rather break the lines itself.
const NARROWEST: u16 = 40;

fn style(emphasis: Emphasis) -> Style {
    match emphasis {
        Emphasis::Plain => Style::new(),
        Emphasis::Quiet => DIM,
        Emphasis::Attention => ATTENTION,
        Emphasis::Urgent => URGENT,
    }
}

impl Output {
    /// Prints `value` as JSON, or the text that `human` writes.
    pub fn answer<T: Serialize>(
        self,
        value: &T,
        human: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    ) -> Result<(), Failure> {
        let mut out = anstream::stdout().lock();
        let written = if self.json {
            serde_json::to_string_pretty(value).map_err(std::io::Error::other).and_then(|text| writeln!(out, "{text}"))
        } else {
            human(&mut out)
        };
        match written {
            // The reader went away (`| head`): nothing is wrong.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            Err(error) => Err(Failure::Failed(format!("standard output cannot be written: {error}"))),
            Ok(()) => Ok(()),
        }
    }
}

/// Writes a screen.
pub fn write_screen(out: &mut dyn Write, screen: &Screen) -> std::io::Result<()> {
    writeln!(out, "{BOLD}{}{BOLD:#}", screen.title)?;
    if let Some(subtitle) = &screen.subtitle {
        writeln!(out, "{DIM}{subtitle}{DIM:#}")?;
    }
    let mut number = 0;
    for section in &screen.sections {
        writeln!(out)?;
        if let Some(title) = &section.title {
            writeln!(out, "{BOLD}{title}{BOLD:#}")?;
        }
        write_rows(out, &section.rows, &mut number)?;
    }
    if !screen.footer.is_empty() {
        writeln!(out)?;
        for line in &screen.footer {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

/// Writes rows as a table. Rows that can be acted on are numbered, going on from `number`.
pub fn write_rows(out: &mut dyn Write, rows: &[Row], number: &mut usize) -> std::io::Result<()> {
    let numbered = rows.iter().any(|row| !row.actions.is_empty());
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    match table.width() {
        // Not a terminal, or one that does not tell its size: a file or a pipe gets lines that a person can still read.
        None | Some(0) => table.set_width(100),
        Some(width) => table.set_width(width.max(NARROWEST)),
    };
    for row in rows {
        let mut cells = Vec::new();
        if numbered {
            cells.push(if row.actions.is_empty() {
                String::new()
            } else {
                *number += 1;
                number.to_string()
            });
        }
        let paint = style(row.emphasis);
        cells.push(row.time.clone().unwrap_or_default());
        let mut text = format!("{paint}{}{paint:#}", row.title);
        for detail in &row.details {
            text.push_str(&format!("\n{DIM}{detail}{DIM:#}"));
        }
        cells.push(text);
        cells.push(row.state.as_ref().map(|state| format!("{paint}{state}{paint:#}")).unwrap_or_default());
        table.add_row(cells);
    }
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// Writes advice: the number to call comes first, then what to do and why.
pub fn write_advice(out: &mut dyn Write, advice: &[Advice]) -> std::io::Result<()> {
    for advice in advice {
        let paint = if advice.level >= AdviceLevel::CallNow { URGENT } else { ATTENTION };
        writeln!(out)?;
        for line in &advice.text {
            writeln!(out, "{paint}{line}{paint:#}")?;
        }
        for line in &advice.because {
            writeln!(out, "{DIM}{line}{DIM:#}")?;
        }
    }
    Ok(())
}
