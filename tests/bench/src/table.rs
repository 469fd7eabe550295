//! The table, as Markdown that reads well in a terminal too.

use crate::contest::{Goal, Measure};
use crate::error::BenchError;
use crate::journals::Sizes;
use std::io::Write;
use std::time::Duration;

/// The most that the encryption may add to the file.
const SIZE_GOAL: f64 = 1.03;

/// A line on stdout.
pub(crate) fn say(line: &str) -> Result<(), BenchError> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

/// Figures of a build without optimisation say nothing.
pub(crate) fn warn_unless_optimised() -> Result<(), BenchError> {
    if cfg!(debug_assertions) { say("not optimised: build with --release before you quote a figure") } else { Ok(()) }
}

/// Everything that was measured.
pub(crate) fn print(measures: &[Measure], sizes: &Sizes) -> Result<(), BenchError> {
    say("")?;
    say("| operation | | ours | plain SQLite | default SQLCipher | ours/plain | ours/default | goal |")?;
    say("|---|---|--:|--:|--:|--:|--:|---|")?;
    for measure in measures {
        for (name, percent) in measure.shown.percentiles() {
            say(&line(measure, name, percent))?;
        }
    }
    let [ours, plain, peer] = sizes.files;
    for (name, ours) in [("file size, SQL", ours), ("file size, vault", sizes.vault)] {
        let (to_plain, to_peer) = (of(ours, plain), of(ours, peer));
        say(&format!(
            "| {name} | | {} | {} | {} | {to_plain:.3} | {to_peer:.3} | {} |",
            megabytes(ours),
            megabytes(plain),
            megabytes(peer),
            verdict(SIZE_GOAL, to_plain)
        ))?;
    }
    Ok(())
}

fn line(measure: &Measure, name: &str, percent: usize) -> String {
    let times = [0, 1, 2].map(|contestant| measure.percentile(contestant, percent));
    let [ours, plain, peer] = times;
    let ratio = |other: Option<Duration>| Some(ours?.as_secs_f64() / other?.as_secs_f64());
    let goal = match measure.goal {
        Goal::Ratio(goal) => ratio(plain).map_or_else(String::new, |found| verdict(goal, found)),
        Goal::Within(goal) => {
            let met = ours.is_some_and(|ours| ours <= goal);
            format!("{} ≤ {}", word(met), shown(Some(goal)))
        }
        Goal::None => String::new(),
    };
    let number = |ratio: Option<f64>| ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"));
    format!(
        "| {} | {name} | {} | {} | {} | {} | {} | {goal} |",
        measure.operation,
        shown(ours),
        shown(plain),
        shown(peer),
        number(ratio(plain)),
        number(ratio(peer)),
    )
}

fn verdict(goal: f64, found: f64) -> String {
    format!("{} ≤ {goal}", word(found <= goal))
}

fn word(met: bool) -> &'static str {
    if met { "met" } else { "**missed**" }
}

fn shown(time: Option<Duration>) -> String {
    match time {
        None => "–".to_owned(),
        Some(time) if time < Duration::from_millis(1) => format!("{:.1} µs", time.as_secs_f64() * 1e6),
        Some(time) if time < Duration::from_secs(1) => format!("{:.2} ms", time.as_secs_f64() * 1e3),
        Some(time) => format!("{:.2} s", time.as_secs_f64()),
    }
}

fn of(part: u64, whole: u64) -> f64 {
    // Sizes are far below 2^53.
    part as f64 / whole as f64
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", of(bytes, 1_000_000))
}
