//! `Dosage`: how much, how fast, when. <https://hl7.org/fhir/R4/dosage.html>

use super::Findings;
use super::flush_and_steps::rate_profile;
use super::quantity::{positive, rate_of_ratio};
use super::timing::{MODIFIER, timing};
use crate::datatype::{Dosage, DoseAndRate};
use crate::fault::{Fault, at, inside};
use crate::number::whole;
use homeline_model::{AsNeeded, Dosage as Instruction, MaxDose, Quantity as Amount};

/// Whether a dosage without a dose may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DoseRule {
    /// A drug: no dose, no schedule.
    Required,
    /// Read for its times alone.
    Optional,
}

/// Reads one dosage. Faults that make it unfit to follow are among `findings.blocks`.
pub(crate) fn dosage(written: &Dosage, path: &str, rule: DoseRule, findings: &mut Findings) -> Instruction {
    if !written.modifier_extension.is_empty() {
        findings.blocks.push(Fault::at(inside(path, "modifierExtension"), MODIFIER));
    }
    findings.unknown_extensions(&written.extension, &["rate-profile"], path);
    let sequence = written.sequence.as_ref().map(|number| whole(number, 0, &inside(path, "sequence")));
    let sequence = sequence.and_then(|read| findings.must(read)).unwrap_or(1);
    let timing = written
        .timing
        .as_ref()
        .and_then(|timing_written| findings.must(timing(timing_written, &inside(path, "timing"))));

    let chosen = one_dose(&written.dose_and_rate, path);
    let is_ambiguous = chosen.is_err();
    let given = findings.must(chosen).flatten();
    let (dose, rate) = match given {
        Some((index, given)) => {
            let path = at(path, "doseAndRate", index);
            (findings.must(dose(given, &path)).flatten(), findings.must(rate(given, &path)).flatten())
        }
        None => (None, None),
    };
    let unreadable_dose = given.is_some_and(|(_, given)| given.dose_quantity.is_some() || given.dose_range.is_some());
    if rule == DoseRule::Required && dose.is_none() && !unreadable_dose && !is_ambiguous {
        findings.blocks.push(Fault::at(
            inside(path, "doseAndRate.doseQuantity"),
            "no dose is stated, and Homeline never fills one in: ask your nurse",
        ));
    }
    for (is_there, element) in [
        (written.max_dose_per_administration.is_some(), "maxDosePerAdministration"),
        (written.max_dose_per_lifetime.is_some(), "maxDosePerLifetime"),
    ] {
        if is_there {
            findings.remarks.push(Fault::at(inside(path, element), "is a limit that is not shown: ask your nurse"));
        }
    }

    let mut instructions: Vec<String> = Vec::new();
    for (index, instruction) in written.additional_instruction.iter().enumerate() {
        instructions.extend(findings.words(Some(instruction), &at(path, "additionalInstruction", index)));
    }
    if let Some(text) = &written.patient_instruction {
        instructions.push(findings.text(text, &inside(path, "patientInstruction")));
    }
    Instruction {
        sequence,
        text: written.text.as_deref().map(|text| findings.text(text, &inside(path, "text"))),
        timing,
        as_needed: as_needed(written, path, findings),
        dose,
        rate,
        rate_profile: findings.must(rate_profile(&written.extension, path)).flatten(),
        max_dose: findings.must(max_dose(written, path)).flatten(),
        route: findings.words(written.route.as_ref(), &inside(path, "route")),
        site: findings.words(written.site.as_ref(), &inside(path, "site")),
        instructions,
    }
}

/// R4 allows several, e.g. as ordered and as calculated; then the ordered one counts.
fn one_dose<'a>(given: &'a [DoseAndRate], path: &str) -> Result<Option<(usize, &'a DoseAndRate)>, Fault> {
    let is_ordered = |given: &DoseAndRate| {
        given
            .r#type
            .as_ref()
            .is_some_and(|kind| kind.coding.iter().any(|coding| coding.code.as_deref() == Some("ordered")))
    };
    match given {
        [] => Ok(None),
        [only] => Ok(Some((0, only))),
        several => {
            let mut ordered = several.iter().enumerate().filter(|(_, given)| is_ordered(given));
            match (ordered.next(), ordered.next()) {
                (Some(one), None) => Ok(Some(one)),
                _ => Err(Fault::at(
                    inside(path, "doseAndRate"),
                    "gives several doses and does not say which one is ordered: ask your nurse",
                )),
            }
        }
    }
}

const A_RANGE: &str = "is a range, and Homeline does not choose within it: ask your nurse";

fn dose(given: &DoseAndRate, path: &str) -> Result<Option<Amount>, Fault> {
    match (&given.dose_quantity, &given.dose_range) {
        (Some(quantity), None) => positive(quantity, &inside(path, "doseQuantity")).map(Some),
        (None, None) => Ok(None),
        (_, Some(_)) => Err(Fault::at(inside(path, "doseRange"), A_RANGE)),
    }
}

fn rate(given: &DoseAndRate, path: &str) -> Result<Option<Amount>, Fault> {
    match (&given.rate_quantity, &given.rate_ratio, &given.rate_range) {
        (None, None, None) => Ok(None),
        (Some(quantity), None, None) => positive(quantity, &inside(path, "rateQuantity")).map(Some),
        (None, Some(ratio), None) => rate_of_ratio(ratio, &inside(path, "rateRatio")).map(Some),
        (None, None, Some(_)) => Err(Fault::at(inside(path, "rateRange"), A_RANGE)),
        _ => Err(Fault::at(inside(path, "rate[x]"), "is given twice: ask your nurse which one counts")),
    }
}

fn as_needed(written: &Dosage, path: &str, findings: &mut Findings) -> Option<AsNeeded> {
    if let Some(reason) = &written.as_needed_codeable_concept {
        return Some(AsNeeded { reason: findings.words(Some(reason), &inside(path, "asNeededCodeableConcept")) });
    }
    (written.as_needed_boolean == Some(true)).then_some(AsNeeded { reason: None })
}

fn max_dose(written: &Dosage, path: &str) -> Result<Option<MaxDose>, Fault> {
    let Some(most) = &written.max_dose_per_period else { return Ok(None) };
    let path = inside(path, "maxDosePerPeriod");
    let read = super::quantity::ratio(most, &path)?;
    if !["s", "min", "h", "d", "wk", "mo", "a"].contains(&read.denominator.unit.code.as_str()) {
        return Err(Fault::at(
            inside(&path, "denominator"),
            "must be a length of time: ask the care team to correct it",
        ));
    }
    Ok(Some(MaxDose { amount: read.numerator, period: read.denominator }))
}
