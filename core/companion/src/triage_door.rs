//! The door of triage for machines: a care plan and what was observed, as FHIR, to the advice that the rules give.
//!
//! The observations are replayed in the order of their times, as a phone would have heard them: advice that spoke once
//! stays, for no later value closes it.

use crate::error::HomelineError;
use crate::triage::language_of;
use crate::worker::Worker;
use chrono::{DateTime, Utc};
use homeline_clinical::{check_vital, rule_faults, site_finding_key, symptom_key, triage, vital_kind};
use homeline_fhir::{EntryContext, Meaning, import_plan, read_heard};
use homeline_model::{Advice, Entry, EntryBody};
use serde::Serialize;

/// What the rules say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TriageAnswer {
    /// All advice, the most urgent first.
    pub advice: Vec<Advice>,
    /// Rules and limits of the plan that cannot be used, and what holds in their place.
    pub faults: Vec<String>,
    /// Resources and answers that no rule knows.
    pub passed_over: Vec<String>,
}

/// Triage of `entries` (FHIR R4 Observations, QuestionnaireResponses and journal entries of ours) under the plan of
/// `bundle`, as of `now`; without it, as of the latest of them.
///
/// Errors: `PlanRefused` for the bundle, `BadInput` for an entry that cannot be read, with its place.
pub fn triage_of_fhir(bundle: &[u8], entries: &str, now: Option<DateTime<Utc>>) -> Result<TriageAnswer, HomelineError> {
    let plan = import_plan(bundle, None)?.plan;
    let context = EntryContext { patient: &plan.patient.id, zone: &plan.home_zone };
    let bad = |field: &str, reason: &str| HomelineError::input(field, reason, "Correct the resource.");
    let mut heard = read_heard(entries, &context, meaning).map_err(|fault| bad(&fault.field, &fault.reason))?;
    for entry in &heard.entries {
        if let EntryBody::Vital(vital) = &entry.body {
            check_vital(vital).map_err(|error| bad("entries", &error.to_string()))?;
        }
    }
    heard.entries.sort_by_key(|entry| entry.times.happened.at);
    let language = language_of(&plan);
    let mut advice: Vec<Advice> = Vec::new();
    let at = |entry: &Entry| entry.times.happened.at;
    let mut until = 0;
    while let Some(entry) = heard.entries.get(until) {
        // What has one time was said together.
        let time = at(entry);
        until += heard.entries.iter().skip(until).take_while(|entry| at(entry) == time).count();
        let known = heard.entries.get(..until).unwrap_or_default();
        let first = known.partition_point(|entry| at(entry) < time - crate::triage::REACH);
        advice = triage(&plan, known.get(first..).unwrap_or_default(), &advice, time, language);
    }
    if let Some(now) = now {
        advice = triage(&plan, &heard.entries, &advice, now, language);
    }
    let mut faults: Vec<String> =
        rule_faults(&plan).into_iter().map(|fault| format!("{}: {}", fault.rule, fault.reason)).collect();
    faults.extend(
        plan.unreadable
            .iter()
            .filter(|unreadable| unreadable.resource.starts_with("CarePlan/"))
            .map(|unreadable| format!("{} {}: {}", unreadable.resource, unreadable.field, unreadable.reason)),
    );
    let passed_over = heard.passed_over.into_iter().map(|fault| format!("{} {}", fault.field, fault.reason)).collect();
    Ok(TriageAnswer { advice, faults, passed_over })
}

/// The same for a caller that must not wait for it.
pub async fn triage_in_background(
    bundle: Vec<u8>,
    entries: String,
    now: Option<DateTime<Utc>>,
) -> Result<TriageAnswer, HomelineError> {
    Worker::<()>::once("triage", move || triage_of_fhir(&bundle, &entries, now)).await
}

/// `symptom/chills`, `site/redness`, `vital/temperature`, or one of these names alone. Alone, a symptom comes first.
fn meaning(name: &str) -> Option<Meaning> {
    let symptom = |name: &str| symptom_key(name).ok().map(|word| Meaning::Symptom(word.key.clone()));
    let finding = |name: &str| site_finding_key(name).ok().map(|word| Meaning::Finding(word.key.clone()));
    let vital = |name: &str| vital_kind(name).map(Meaning::Vital);
    match name.split_once('/') {
        Some(("symptom", name)) => symptom(name),
        Some(("site", name)) => finding(name),
        Some(("vital", name)) => vital(name),
        Some(_) | None => symptom(name).or_else(|| finding(name)).or_else(|| vital(name)),
    }
}
