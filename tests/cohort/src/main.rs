//! Evaluates the early warning on a simulated cohort and prints the tables of `docs/early-warning.md`.

use clap::Parser;
use homeline_cohort::{Figures, Plans, figures};
use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;

/// Evaluates the trends of the shipped plans beside the limits of triage, on simulated courses.
#[derive(Debug, Parser)]
#[command(name = "homeline-cohort")]
struct Arguments {
    /// The same seed gives the same courses.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Courses of each of the five complications, and as many without one.
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    each: u64,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to be told when stderr is gone.
            let _ = writeln!(std::io::stderr(), "homeline-cohort: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let plans = Plans::shipped()?;
    let lines = figures(&plans, arguments.seed, arguments.each);
    let mut out = std::io::stdout();
    let mut say = |line: &str| writeln!(out, "{line}").map_err(|error| error.to_string());
    say(&format!("seed {}, {} courses\n", arguments.seed, arguments.each * 6))?;
    say(
        "| complication | asked | found | before it is overt | lead time, hours: median (IQR) | false alerts by 100 patient-days |",
    )?;
    say("|---|---|--:|--:|--:|--:|")?;
    for ((complication, way), figures) in &lines {
        let name = complication.map_or("none", |complication| complication.name());
        let found = |percent: f64| complication.map_or_else(|| "–".to_owned(), |_| format!("{percent:.0} %"));
        say(&format!(
            "| {name} | {way} | {} | {} | {} | {:.2} |",
            found(figures.sensitivity()),
            found(figures.sensitivity_before()),
            lead(figures),
            figures.false_by_100_days()
        ))?;
    }
    say("\nFalse alerts of uncomplicated courses, by rule:\n")?;
    for ((_, way), figures) in lines.iter().filter(|((complication, _), _)| complication.is_none()) {
        if *way != "both" {
            let days: BTreeMap<&str, u32> =
                figures.by_rule.iter().map(|(rule, count)| (rule.as_str(), *count)).collect();
            say(&format!("{way}, {:.0} patient-days: {days:?}", figures.days_at_risk))?;
        }
    }
    Ok(())
}

fn lead(figures: &Figures) -> String {
    match (figures.lead(0.25), figures.lead(0.5), figures.lead(0.75)) {
        (Some(low), Some(middle), Some(high)) => format!("{middle:.0} ({low:.0} to {high:.0})"),
        _ => "–".to_owned(),
    }
}
