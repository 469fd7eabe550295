//! Statements about a dose: `MedicationAdministration`, <https://hl7.org/fhir/R4/medicationadministration.html>. A
//! statement about a service (dressing, lab) is an `Observation`, because it has no medication.

use super::head::{self, Head};
use super::observation::{component, component_named, of_entry};
use super::{amount, key_of, note, note_of, of_amount, words};
use crate::datatype::{CodeableConcept, Coding, Extension, Period, Reference, find, part};
use crate::date_time;
use crate::fault::{Fault, extension, inside};
use crate::read::code_of;
use crate::resource::{AdministrationDosage, AdministrationPerformer, MedicationAdministration, Observation};
use crate::url;
use chrono::{DateTime, Utc};
use homeline_model::{Administration, AdministrationStatus, CarePlan, Entry, EntryBody, Medication, SkipDecision};

/// The name of the extension with what R4 has no element for.
const DETAIL: &str = "administration";

/// R4's status. `Partial` is `stopped`: not all of it went in; the extension tells them apart.
fn status(status: AdministrationStatus) -> &'static str {
    match status {
        AdministrationStatus::InProgress => "in-progress",
        AdministrationStatus::Completed => "completed",
        AdministrationStatus::Partial | AdministrationStatus::Stopped => "stopped",
        AdministrationStatus::Skipped => "not-done",
        AdministrationStatus::Unknown => "unknown",
    }
}

/// The resource of a dose.
pub(super) fn write(
    entry: &Entry,
    given: &Administration,
    plan: Option<&CarePlan>,
    in_error: bool,
) -> MedicationAdministration {
    let order = entry.order.as_ref().and_then(|order| plan?.order(&order.id));
    let performer = head::author(entry, plan).filter(|author| author.reference.is_some());
    let device = order.and_then(|order| order.delivery_device.as_ref());
    let (effective_period, effective_date_time) = effective(entry, given);
    let dose = given.volume_given.as_ref().map(of_amount);
    let site = || given.site.as_deref().and_then(words).map(CodeableConcept::of_text);
    MedicationAdministration {
        identifier: vec![head::identifier(entry)],
        status: Some(if in_error { "entered-in-error" } else { status(given.status) }.to_owned()),
        status_reason: given.reason.as_deref().and_then(words).map(CodeableConcept::of_text).into_iter().collect(),
        category: Some(CodeableConcept {
            coding: vec![Coding::with_display(url::ADMINISTRATION_CATEGORY, "community", "Community")],
            ..CodeableConcept::default()
        }),
        medication_codeable_concept: Some(drug(order.and_then(|order| order.medication.as_ref()))),
        subject: Some(Reference::to("Patient", &entry.patient)),
        effective_period,
        effective_date_time,
        performer: performer
            .map(|actor| AdministrationPerformer { actor: Some(actor), ..AdministrationPerformer::default() })
            .into_iter()
            .collect(),
        request: entry.order.as_ref().map(|order| head::order_reference(order, plan)),
        device: device.map(|device| Reference::to("Device", device)).into_iter().collect(),
        // R4 mad-1: a dosage has a dose or a rate.
        dosage: dose.map(|dose| AdministrationDosage {
            dose: Some(dose),
            site: site(),
            ..AdministrationDosage::default()
        }),
        extension: vec![head::write(entry, plan), detail(given, &entry.times.happened, true)],
        ..MedicationAdministration::with_id(entry.id.to_string())
    }
}

/// The resource of a service that was carried out.
pub(super) fn write_service(
    entry: &Entry,
    given: &Administration,
    plan: Option<&CarePlan>,
    in_error: bool,
) -> Observation {
    let (effective_period, effective_date_time) = effective(entry, given);
    let mut observation = of_entry(entry, plan, "activity", in_error);
    observation.effective_period = effective_period;
    observation.effective_date_time = effective_date_time;
    observation.value_codeable_concept = Some(super::observed(&key_of(&given.status)));
    observation.note = note(given.reason.as_deref());
    observation.body_site = given.site.as_deref().and_then(words).map(CodeableConcept::of_text);
    if let Some(volume) = &given.volume_given {
        let mut volume_given = component("volume-given");
        volume_given.value_quantity = Some(of_amount(volume));
        observation.component.push(volume_given);
    }
    observation.extension.push(detail(given, &entry.times.happened, false));
    observation
}

fn drug(drug: Option<&Medication>) -> CodeableConcept {
    let Some(drug) = drug else {
        return CodeableConcept {
            text: Some("not known".to_owned()),
            coding: vec![Coding::with_display(url::ABSENT_REASON, "unknown", "Unknown")],
            ..CodeableConcept::default()
        };
    };
    let coding = drug.rxnorm.as_deref().map(|code| Coding::new(url::RXNORM, code));
    CodeableConcept { text: words(&drug.name), coding: coding.into_iter().collect(), ..CodeableConcept::default() }
}

/// R4 wants a period that does not end before it starts, or an instant.
fn effective(entry: &Entry, given: &Administration) -> (Option<Period>, Option<String>) {
    let offset = entry.times.happened.offset_seconds;
    if is_period(given) {
        let side = |at: Option<DateTime<Utc>>| at.map(|at| date_time::of_local(at, offset));
        (Some(Period { start: side(given.started_at), end: side(given.ended_at), ..Period::default() }), None)
    } else {
        (None, Some(date_time::of_happened(&entry.times.happened)))
    }
}

fn is_period(given: &Administration) -> bool {
    match (given.started_at, given.ended_at) {
        (Some(started), Some(ended)) => started <= ended,
        (None, None) => false,
        (Some(_), None) | (None, Some(_)) => true,
    }
}

fn detail(given: &Administration, happened: &homeline_model::Happened, is_dose: bool) -> Extension {
    let mut parts = vec![Extension::code("status", &key_of(&given.status))];
    parts.extend(given.skip_decision.map(|decision| Extension::code("skipDecision", &key_of(&decision))));
    parts.extend(given.dose_ordered.as_ref().map(|dose| Extension::quantity("doseOrdered", of_amount(dose))));
    parts.extend(head::text_part("lot", given.lot.as_deref()));
    if is_dose && given.volume_given.is_none() {
        parts.extend(head::text_part("site", given.site.as_deref()));
    }
    if !is_period(given) {
        // Times that contradict each other are kept as they were said.
        let side = |name, at: Option<DateTime<Utc>>| {
            at.map(|at| Extension::date_time(name, date_time::of_local(at, happened.offset_seconds)))
        };
        parts.extend(side("started", given.started_at));
        parts.extend(side("ended", given.ended_at));
    }
    Extension::of_parts(DETAIL, parts)
}

/// Reads a dose of another phone.
pub(super) fn read(resource: &MedicationAdministration, head: Head) -> Result<Entry, Fault> {
    let mut given = read_detail(&resource.extension, resource.effective_period.as_ref())?;
    given.reason = resource.status_reason.first().and_then(CodeableConcept::words).map(str::to_owned);
    if let Some(dosage) = &resource.dosage {
        given.volume_given = dosage.dose.as_ref().map(|dose| amount(dose, "dosage.dose")).transpose()?;
        given.site = dosage.site.as_ref().and_then(|site| site.text.clone()).or(given.site);
    }
    Ok(head.with_body(EntryBody::Administration(given)))
}

/// Reads a service of another phone.
pub(super) fn read_service(resource: &Observation) -> Result<EntryBody, Fault> {
    let mut given = read_detail(&resource.extension, resource.effective_period.as_ref())?;
    given.reason = note_of(&resource.note);
    given.site = resource.body_site.as_ref().and_then(|site| site.text.clone());
    let volume = component_named(resource, "volume-given").and_then(|found| found.value_quantity.as_ref());
    given.volume_given = volume.map(|volume| amount(volume, "component('volume-given')")).transpose()?;
    Ok(EntryBody::Administration(given))
}

fn read_detail(extensions: &[Extension], period: Option<&Period>) -> Result<Administration, Fault> {
    let path = extension("", DETAIL);
    let found = find(extensions, DETAIL).ok_or_else(|| Fault::missing(path.clone(), "how far the dose is"))?;
    let status = part(found, "status").ok_or_else(|| Fault::missing(inside(&path, "status"), "how far the dose is"))?;
    let mut given =
        Administration::new(code_of::<AdministrationStatus>(status, &inside(&path, "status"), "status of a dose")?);
    let decision = part(found, "skipDecision");
    given.skip_decision = decision
        .map(|decision| code_of::<SkipDecision>(decision, &inside(&path, "skipDecision"), "decision"))
        .transpose()?;
    let dose = part(found, "doseOrdered").and_then(|part| part.value_quantity.as_ref());
    given.dose_ordered = dose.map(|dose| amount(dose, &inside(&path, "doseOrdered"))).transpose()?;
    let text = |name: &str| part(found, name).and_then(|part| part.value_string.clone());
    given.lot = text("lot");
    given.site = text("site");
    let said = |name: &str| part(found, name).and_then(|part| part.value_date_time.as_deref());
    let side = |text: Option<&str>, path: &str| text.map(|text| date_time::instant(text, path)).transpose();
    let start = period.and_then(|period| period.start.as_deref()).or_else(|| said("started"));
    let end = period.and_then(|period| period.end.as_deref()).or_else(|| said("ended"));
    given.started_at = side(start, "effectivePeriod.start")?;
    given.ended_at = side(end, "effectivePeriod.end")?;
    Ok(given)
}
