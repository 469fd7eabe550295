//! The visit report of a year, in every format, through the public API.

use crate::arguments::Arguments;
use crate::contest::{Goal, Measure, Shown};
use crate::error::BenchError;
use crate::fewer;
use crate::journal::{JournalMaker, TEN_YEARS, present};
use crate::journals::fill;
use crate::today::Home;
use homeline_companion::{HomelineError, VisitReport};
use std::path::Path;
use std::time::{Duration, Instant};

/// The days of a year.
const YEAR: u32 = 365;

type Draw = fn(&VisitReport) -> Result<usize, HomelineError>;

/// Each format, and how large it became.
const FORMATS: [(&str, Draw); 4] = [
    ("HTML", |report| Ok(report.html().len())),
    ("PDF", |report| Ok(report.pdf()?.len())),
    ("CSV", |report| Ok(report.csv()?.iter().map(|file| file.bytes.len()).sum())),
    ("FHIR", |report| Ok(report.fhir()?.len())),
];

/// Reading the journal of a year, and drawing each format of it. Nothing to compare with: the goal is a time.
pub(crate) fn measure(folder: &Path, arguments: &Arguments) -> Result<Vec<Measure>, BenchError> {
    let year = TEN_YEARS / 10;
    let home = Home::create(&folder.join("report-year"), present() - year)?;
    let vault = home.vault()?;
    let entries = arguments.entries / 10;
    fill(&vault, &mut JournalMaker::new(present() - year, entries, arguments.seed)?, entries)?;
    vault.close(present())?;

    let homeline = home.open()?;
    let mut measures = Vec::new();
    for (format, draw) in FORMATS {
        let goal = Goal::Within(Duration::from_secs(1));
        let mut measure = Measure::new(format!("visit report of a year, {format}"), goal, Shown::MinAndMedian);
        for round in 0..=fewer(arguments.rounds, 40) {
            let begun = Instant::now();
            let bytes = draw(&home.wait(homeline.report().visit(YEAR))?)?;
            let took = begun.elapsed();
            if bytes == 0 {
                return Err(BenchError::Nothing { operation: "the visit report" });
            }
            // The first round warms the caches.
            if round > 0 {
                measure.times[0].push(took);
            }
        }
        measures.push(measure);
    }
    home.wait(homeline.close())?;
    Ok(measures)
}
