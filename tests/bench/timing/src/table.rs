//! The table, as Markdown that reads well in a terminal too.

use crate::case::{Case, Goal};
use crate::contestant::ContestError;
use std::io::Write;

fn say(line: &str) -> Result<(), ContestError> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

/// Figures of a build without optimisation say nothing.
pub fn warn_unless_optimised() -> Result<(), ContestError> {
    if cfg!(debug_assertions) { say("not optimised: build with --release before you quote a figure") } else { Ok(()) }
}

/// One case, ours first.
#[derive(Debug)]
pub struct Measured {
    /// What was asked.
    pub case: Case,
    /// Nanoseconds for one answer of each contestant, round by round.
    pub samples: Vec<Vec<f64>>,
    /// Who found other times than we.
    pub differs: Vec<bool>,
}

/// Everything that was measured.
pub fn print(names: &[String], results: &[Measured], rounds: u32) -> Result<(), ContestError> {
    say(&format!("{rounds} rounds\n"))?;
    say(&format!("| | | {} | fastest peer / ours | goal |", names.join(" | ")))?;
    say(&format!("|---|---|{}--:|---|", "--:|".repeat(names.len())))?;
    for Measured { case, samples, differs } in results {
        let sorted: Vec<Vec<f64>> = samples.iter().map(|times| sorted(times)).collect();
        let ratio = median_ratio(samples);
        for (name, percent) in [("min", 0), ("median", 50)] {
            let times: Vec<f64> = sorted.iter().filter_map(|times| at(times, percent)).collect();
            let mark = |differs: &bool| if *differs { " ≠" } else { "" };
            let cells: Vec<String> =
                times.iter().zip(differs).map(|(time, differs)| shown(*time) + mark(differs)).collect();
            let (ours, peers) = times.split_first().map_or((0.0, &[][..]), |(ours, peers)| (*ours, peers));
            let fastest = peers.iter().copied().fold(f64::INFINITY, f64::min);
            let ratio = if percent == 0 { fastest / ours } else { ratio };
            let met = match case.goal() {
                Goal::Ratio(goal) => (ratio >= goal, format!("≥ {goal}")),
                Goal::Nanoseconds(goal) => (ours <= goal, format!("≤ {}", shown(goal))),
            };
            let verdict = if met.0 { "met" } else { "**missed**" };
            say(&format!("| {} | {name} | {} | {ratio:.1} | {verdict} {} |", case.words(), cells.join(" | "), met.1))?;
        }
    }
    say("\n≠ found other times than we")
}

fn sorted(times: &[f64]) -> Vec<f64> {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times
}

fn at(sorted: &[f64], percent: usize) -> Option<f64> {
    sorted.get(sorted.len().checked_sub(1)? * percent / 100).copied()
}

/// The median over the rounds of how many times ours the fastest peer of that round took.
fn median_ratio(samples: &[Vec<f64>]) -> f64 {
    let Some((ours, peers)) = samples.split_first() else { return 0.0 };
    let ratios: Vec<f64> = ours
        .iter()
        .enumerate()
        .map(|(round, ours)| {
            peers.iter().filter_map(|peer| peer.get(round)).copied().fold(f64::INFINITY, f64::min) / ours
        })
        .collect();
    at(&sorted(&ratios), 50).unwrap_or(0.0)
}

fn shown(nanoseconds: f64) -> String {
    match nanoseconds {
        ns if ns < 1e3 => format!("{ns:.1} ns"),
        ns if ns < 1e6 => format!("{:.1} µs", ns / 1e3),
        ns => format!("{:.1} ms", ns / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_to_the_fastest_peer_of_each_round() {
        let samples = [vec![1.0, 2.0, 4.0], vec![20.0, 20.0, 20.0], vec![30.0, 10.0, 100.0]];
        assert_eq!(median_ratio(&samples), 5.0);
    }
}
