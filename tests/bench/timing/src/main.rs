//! Measures what a dose time costs, beside the recurrence libraries that other programs use: `rrule` (Rust), lib-recur
//! (Java), python-dateutil and rrule.js.
//!
//! The peers that are not Rust are programs of their own (`peers/`, `tests/recurrence`), started once: a line asks for a
//! case and how often, the answer is the time by their own clock, so that no pipe is measured. All take turns in every
//! round, each round begun by another. Whoever finds other times than we is marked, and when nobody agrees with us the run
//! fails. A slow run never fails.
//!
//! `tests/bench/timing/run` fetches the peers and prints the table of `docs/performance.md`.

/// What is asked of everybody.
mod case;
/// Who takes part.
mod contestant;
/// Ours, and the peer in Rust.
mod native;
/// The table.
mod table;

use case::Case;
use clap::Parser;
use contestant::{ContestError, Contestant, Sum};
use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;
use table::Measured;

/// Whoever takes longer for one answer is asked once, and not in every round.
const TOO_SLOW: Duration = Duration::from_secs(1);

/// What can be chosen.
#[derive(Debug, Parser)]
#[command(name = "homeline-bench-timing")]
struct Arguments {
    /// How often everybody is measured.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(3..=100_000))]
    rounds: u32,
    /// Milliseconds of one measurement of one contestant.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    milliseconds: u64,
    /// A peer and the command that starts it, e.g. `dateutil=python3 peer.py`. Repeat it for each.
    #[arg(long, value_name = "NAME=COMMAND", value_parser = named)]
    peer: Vec<(String, String)>,
}

fn named(text: &str) -> Result<(String, String), &'static str> {
    let (name, command) = text.split_once('=').ok_or("it must read NAME=COMMAND")?;
    Ok((name.to_owned(), command.to_owned()))
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to be told when stderr is gone.
            let _ = writeln!(std::io::stderr(), "homeline-bench-timing: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), ContestError> {
    table::warn_unless_optimised()?;
    let mut contestants = vec![Contestant::ours()?, Contestant::rrule()?];
    for (name, command) in &arguments.peer {
        contestants.push(Contestant::program(name, command)?);
    }
    let mut results = Vec::new();
    for case in Case::ALL {
        results.push(measure(case, &mut contestants, arguments)?);
    }
    let names: Vec<String> = contestants.iter().map(|contestant| contestant.name.clone()).collect();
    table::print(&names, &results, arguments.rounds)
}

/// One case: nanoseconds for one answer of each contestant, round by round, and who found other times than we.
fn measure(case: Case, contestants: &mut [Contestant], arguments: &Arguments) -> Result<Measured, ContestError> {
    let least = Duration::from_millis(arguments.milliseconds);
    let mut times: Vec<u32> = Vec::new();
    let mut answers: Vec<Sum> = Vec::new();
    let mut once: Vec<Option<f64>> = Vec::new();
    for contestant in contestants.iter_mut() {
        // Warm, and long enough that the clock's own cost does not count.
        let mut repeats = 1;
        let (answer, took) = loop {
            let found = contestant.answer(case, repeats)?;
            if found.took >= least || repeats >= 1 << 24 {
                break (found.answer, found.took);
            }
            repeats *= 2;
        };
        times.push(repeats);
        answers.push(answer);
        once.push((took > TOO_SLOW).then(|| took.as_secs_f64() * 1e9 / f64::from(case.occurrences())));
    }
    let differs: Vec<bool> = answers.iter().map(|answer| answers.first() != Some(answer)).collect();
    if differs.iter().skip(1).all(|differs| *differs) {
        return Err(ContestError::Differ { case: case.words(), answers });
    }
    let mut samples = vec![Vec::new(); contestants.len()];
    for round in 0..usize::try_from(arguments.rounds).unwrap_or(usize::MAX) {
        for turn in 0..contestants.len() {
            let which = (turn + round) % contestants.len();
            if let Some(time) = once[which] {
                samples[which].push(time);
                continue;
            }
            let found = contestants[which].answer(case, times[which])?;
            let answers = f64::from(times[which]) * f64::from(case.occurrences());
            samples[which].push(found.took.as_secs_f64() * 1e9 / answers);
        }
    }
    Ok(Measured { case, samples, differs })
}
