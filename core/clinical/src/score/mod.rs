//! Instruments for the clinician's view. None of them drives triage, and none is shown to a patient as a verdict: NEWS2
//! gives no point at 38.0 °C, which is the call line of a central line.

/// The terms and grades of CTCAE v5.0.
pub mod ctcae;
/// CTCAE v5.0 grade of a fever.
pub mod ctcae_fever;
/// The signs of an infiltration, not scored.
pub mod infiltration;
/// The phlebitis scale of the Infusion Nurses Society.
pub mod ins_phlebitis;
/// The National Early Warning Score 2.
pub mod news2;
/// Pain from 0 to 10.
pub mod pain;
/// PRO-CTCAE composite grades.
pub mod pro_ctcae;
/// The visual infusion phlebitis score.
pub mod vip;

use homeline_model::SiteFinding;
use serde::Serialize;

/// A grade that is derived from yes/no answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Graded {
    /// With something missing it is the least that it can be.
    pub grade: u8,
    /// Signs that were not answered and could raise the grade.
    pub missing: Vec<&'static str>,
}

/// Grades with what was not answered as "no"; names it where a "yes" could raise the grade.
fn graded(answers: &[(&'static str, Option<bool>)], grade: impl Fn(bool) -> u8) -> Graded {
    let (least, most) = (grade(false), grade(true));
    let unanswered = answers.iter().filter(|(_, answer)| answer.is_none()).map(|(name, _)| *name);
    Graded { grade: least, missing: if most > least { unanswered.collect() } else { Vec::new() } }
}

/// What a site check said about a finding; `None` is not answered.
fn answer_of(findings: &[SiteFinding], key: &str) -> Option<bool> {
    let mut answers = findings.iter().filter(|found| found.finding == key).map(|found| found.present);
    answers.next().map(|first| first || answers.any(|present| present))
}

/// Yes when one is, no when both are, else not answered.
fn either(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        (None, _) | (_, None) => None,
    }
}
