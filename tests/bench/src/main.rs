//! Measures the journal against its limit and its peer, in the same run, on the same ten years of entries.
//!
//! * **ours**: the settings of [`homeline_vault::schema`]: SQLCipher 4 with a raw key, HMAC-SHA256, WAL, `synchronous=FULL`;
//! * **plain**: the same library, schema and settings without a key: what no encryption can be faster than;
//! * **default SQLCipher**: the same library and schema, a passphrase, and every setting as SQLCipher has it by default.
//!
//! Each operation is measured twice. "SQL" lines send the vault's own statements to all three, so that the ratio is what the
//! encryption costs. "API" lines go through [`homeline_vault::Vault`] on our side, and the others do the JSON by hand: what is
//! left between them is encryption, the hash chain and the hop to the writer's thread. The three take turns in every round,
//! each round begun by another, so that a busy machine is busy for all; they must answer alike, or the run fails.
//! A slow run never fails.
//!
//! `cargo run --release -p homeline-bench` prints the table of `docs/performance.md`.

/// What can be chosen.
mod arguments;
/// The three, side by side.
mod contest;
/// One SQLite file under one of three settings.
mod database;
/// What can go wrong.
mod error;
/// Ten years of a journal.
mod journal;
/// The four files of a run, loaded alike.
mod journals;
/// The alarms of a busy patient.
mod notifications;
/// What stands in for a phone.
mod phone;
/// Pages, search, adherence, scan.
mod reading;
/// The visit report of a year.
mod report;
/// The table.
mod table;
/// Today's view.
mod today;
/// The rules.
mod triage;
/// Opening and unlocking.
mod unlocking;

use arguments::Arguments;
use clap::Parser;
use error::BenchError;
use journals::Journals;
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to be told when stderr is gone.
            let _ = writeln!(std::io::stderr(), "homeline-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), BenchError> {
    let folder = match &arguments.dir {
        Some(dir) => tempfile::tempdir_in(dir)?,
        None => tempfile::tempdir()?,
    };
    table::say(&format!("{} entries, {} rounds, seed {}", arguments.entries, arguments.rounds, arguments.seed))?;
    table::warn_unless_optimised()?;

    let (mut journals, mut measures) = Journals::load(folder.path(), arguments)?;
    measures.extend(reading::measure(&mut journals, arguments)?);
    measures.extend(unlocking::measure(&mut journals, arguments)?);
    measures.extend(triage::measure(arguments)?);
    measures.extend(report::measure(folder.path(), arguments)?);
    measures.extend(notifications::measure(&mut journals, arguments)?);
    measures.extend(today::measure(folder.path(), &mut journals, arguments)?);
    measures.extend(journals.measure_appends(arguments.rounds)?);
    let sizes = journals.close()?;
    table::print(&measures, &sizes)
}

/// Rounds for what takes a thousand times longer than a page.
fn fewer(rounds: u32, by: u32) -> u32 {
    (rounds / by).max(3)
}
