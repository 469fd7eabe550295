//! Triage, beside the least that it could do: one look at the time of every entry.
//!
//! On a phone the last eight days are held in memory (`core/companion/src/triage.rs`); ten years in memory are what a
//! machine does that hands the rules a whole journal.

use crate::arguments::Arguments;
use crate::contest::{Goal, Measure, Shown, turns};
use crate::error::BenchError;
use crate::fewer;
use crate::journal::{JournalMaker, TEN_YEARS, present};
use chrono::TimeDelta;
use homeline_clinical::{Language, triage};
use homeline_home::plans;
use homeline_model::{CarePlan, Decimal, Entry, EntryBody, EntryId, Quantity, Uuid, Vital, VitalKind};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// How far back rules look.
const REACH: TimeDelta = TimeDelta::days(8);

/// One entry with the eight days before it, and ten years at once.
pub(crate) fn measure(arguments: &Arguments) -> Result<Vec<Measure>, BenchError> {
    let plan = plans::named("vancomycin-elastomeric").unwrap_or_default();
    let plan = homeline_fhir::import_plan(plan.as_bytes(), None)?.plan;
    let mut ten_years = JournalMaker::new(present() - TEN_YEARS, arguments.entries, arguments.seed)?
        .next(usize::try_from(arguments.entries).unwrap_or(usize::MAX));
    // The one entry: a fever, so that a rule speaks whatever the seed drew.
    if let Some(mut fever) = ten_years.last().cloned() {
        fever.id = EntryId(Uuid::from_u128(1));
        fever.times.happened.at = present();
        fever.body = EntryBody::Vital(Vital {
            vital: VitalKind::Temperature,
            value: Quantity::new(Decimal::new(386, 1), "Cel"),
        });
        ten_years.push(fever);
    }
    let from = ten_years.partition_point(|entry| entry.times.happened.at < present() - REACH);
    let eight_days = ten_years.get(from..).unwrap_or_default();
    let one = Measure::new(
        format!("triage of one entry, {} in the 8 days before it", eight_days.len().saturating_sub(1)),
        Goal::Within(Duration::from_millis(1)),
        Shown::MedianAndP99,
    );
    let ten = Measure::new(
        format!("triage over ten years, {} entries", ten_years.len()),
        Goal::Within(Duration::from_millis(5)),
        Shown::MinAndMedian,
    );
    // A phone asks the rules twice, without and with the new entry: the difference is what it says.
    let before = eight_days.get(..eight_days.len().saturating_sub(1)).unwrap_or_default();
    Ok(vec![
        beside_one_look(one, &plan, &[before, eight_days], arguments.rounds)?,
        beside_one_look(ten, &plan, &[&ten_years], fewer(arguments.rounds, 8))?,
    ])
}

/// Triage in the place of ours, one look at every time in the place of plain.
fn beside_one_look(
    mut measure: Measure,
    plan: &CarePlan,
    asked: &[&[Entry]],
    rounds: u32,
) -> Result<Measure, BenchError> {
    for round in 0..=usize::try_from(rounds).unwrap_or(usize::MAX - 1) {
        for turn in turns(round, 2) {
            let begun = Instant::now();
            if turn == 0 {
                let advice = asked.iter().map(|entries| triage(plan, entries, &[], present(), Language::English).len());
                if black_box(advice.sum::<usize>()) == 0 {
                    return Err(BenchError::Nothing { operation: "triage" });
                }
            } else {
                let oldest = present() - REACH;
                let recent = asked.iter().copied().flatten().filter(|entry| entry.times.happened.at >= oldest);
                black_box(recent.count());
            }
            if round > 0 {
                measure.times[turn].push(begun.elapsed());
            }
        }
    }
    Ok(measure)
}
