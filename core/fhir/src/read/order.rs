//! `MedicationRequest` and what both kinds of order share.

use super::dosage::{DoseRule, dosage};
use super::flush_and_steps::{amount_named, flush_plan, length, relative_link, steps, storage, window};
use super::quantity::{minutes, positive, ratio};
use super::timing::MODIFIER;
use super::{Findings, any_id, coded, yes_or_no};
use crate::datatype::{Annotation, Extension, Meta, Reference, find};
use crate::date_time;
use crate::fault::{Fault, at, extension, inside};
use crate::resource::{DispenseRequest, Medication, MedicationRequest};
use crate::url;
use chrono::{DateTime, Utc};
use homeline_model::{
    AccessDeviceId, DeliveryDeviceId, DeliveryMethod, Dispensed, Dosage, FhirDateTime, Medication as Drug, Order,
    OrderId, OrderKind, OrderStatus, PeriodUnit, PersonId, Quantity, TimePolicy,
};

/// Our extensions on an order.
const KNOWN: &[&str] = &[
    "therapy",
    "delivery-method",
    "delivery-device",
    "access-device",
    "time-policy",
    "window",
    "time-critical",
    "minimum-interval",
    "volume",
    "dosing-weight",
    "step",
    "flush",
    "no-flush",
    "storage",
    "relative-to",
    "early-end-percent",
    "late-end-percent",
    "check-in-tolerance",
    "must-not-stop",
    "hold-until-drawn",
    "check-in",
];

/// Reads a medication order. `lookup` gives a Medication of the plan by its id.
pub(crate) fn medication_order(
    request: &MedicationRequest,
    lookup: impl Fn(&str) -> Option<Medication>,
    rule: DoseRule,
    findings: &mut Findings,
) -> Option<Order> {
    let mut status = status(request.status.as_deref(), findings);
    match request.intent.as_deref() {
        Some("order" | "original-order" | "reflex-order" | "filler-order" | "instance-order") => {}
        Some("proposal" | "plan" | "option") => status = Some(OrderStatus::NotInForce),
        Some(_) => findings.blocks.push(Fault::at("intent", "is not a known intent: ask the care team to correct it")),
        None => findings.blocks.push(Fault::missing("intent", "whether it is an order")),
    }
    guard(request.do_not_perform, request.implicit_rules.as_deref(), &request.modifier_extension, findings);

    let medication = medication(request, lookup, findings);
    let mut dosages: Vec<Dosage> = Vec::new();
    for (index, written) in request.dosage_instruction.iter().enumerate() {
        dosages.push(dosage(written, &at("", "dosageInstruction", index), rule, findings));
    }
    if dosages.is_empty() {
        findings
            .blocks
            .push(Fault::at("dosageInstruction", "no dose is stated, and Homeline never fills one in: ask your nurse"));
    }
    number_apart(&mut dosages);

    let (drug, bag) = match medication {
        Some((drug, bag)) => (Some(drug), bag),
        None => (None, None),
    };
    let title = drug.as_ref().map(|drug| title(&drug.name, &dosages)).unwrap_or_default();
    let order = order(
        Head {
            id: request.id.as_deref(),
            meta: request.meta.as_ref(),
            requester: request.requester.as_ref(),
            authored_on: request.authored_on.as_deref(),
            replaces: request.prior_prescription.as_ref(),
            extensions: &request.extension,
            notes: &request.note,
        },
        findings,
    )?;
    let kind = if order.relative_to.is_some() { OrderKind::Premedication } else { OrderKind::Medication };
    let time_policy = policy(&request.extension, &dosages, findings);
    let volume = order.volume.clone().or(bag);
    let dispensed = request.dispense_request.as_ref().and_then(|request| dispensed(request, findings));
    Some(Order { kind, status: status?, title, medication: drug, dosages, volume, time_policy, dispensed, ..order })
}

/// What both kinds of order say in the same words.
pub(crate) struct Head<'a> {
    pub id: Option<&'a str>,
    pub meta: Option<&'a Meta>,
    pub requester: Option<&'a Reference>,
    pub authored_on: Option<&'a str>,
    pub replaces: Option<&'a Reference>,
    pub extensions: &'a [Extension],
    pub notes: &'a [Annotation],
}

/// Reads what both kinds share; kind, status, title, drug, dosages and time policy are for the caller to set.
pub(crate) fn order(head: Head<'_>, findings: &mut Findings) -> Option<Order> {
    let extensions = head.extensions;
    findings.unknown_extensions(extensions, KNOWN, "");
    let id = findings.must(
        head.id.and_then(|id| OrderId::new(id).ok()).ok_or_else(|| Fault::missing("id", "an id of the form R4 allows")),
    )?;
    let mut notes = Vec::new();
    for (index, note) in head.notes.iter().enumerate() {
        let text = findings.text(note.text.as_deref().unwrap_or_default(), &at("", "note", index));
        notes.extend((!text.is_empty()).then_some(text));
    }
    Some(Order {
        id,
        version: head.meta.and_then(|meta| meta.version_id.clone()),
        kind: OrderKind::Service,
        status: OrderStatus::Unknown,
        title: String::new(),
        therapy: therapy(extensions, findings),
        medication: None,
        dosages: Vec::new(),
        volume: findings.must(amount_named(extensions, "volume")).flatten(),
        dosing_weight: findings.may(amount_named(extensions, "dosing-weight")).flatten(),
        delivery: findings
            .must(coded(extensions, "delivery-method", "", "way of delivery"))
            .flatten()
            .unwrap_or(DeliveryMethod::Unknown),
        delivery_device: referred(extensions, "delivery-device", "Device", findings)
            .and_then(|id| DeliveryDeviceId::new(id).ok()),
        access_device: referred(extensions, "access-device", "Device", findings)
            .and_then(|id| AccessDeviceId::new(id).ok()),
        time_policy: TimePolicy::WallClock,
        window: findings.must(window(extensions)).flatten(),
        time_critical: findings.must(yes_or_no(extensions, "time-critical", "")).flatten() == Some(true),
        minimum_interval_minutes: findings.must(length(extensions, "minimum-interval")).flatten(),
        steps: steps(extensions, findings),
        flush: flush_plan(extensions, findings),
        storage: storage(extensions, findings),
        relative_to: findings.must(relative_link(extensions)).flatten(),
        line_care: None,
        hold_until_drawn: referred(extensions, "hold-until-drawn", "ServiceRequest", findings)
            .and_then(|id| OrderId::new(id).ok()),
        check_in_minutes: findings.must(length(extensions, "check-in")).flatten().filter(|minutes| *minutes > 0),
        dispensed: None,
        early_end_percent: findings.must(percent(extensions, "early-end-percent")).flatten(),
        late_end_percent: findings.must(percent(extensions, "late-end-percent")).flatten(),
        check_in_tolerance_percent: findings.must(percent(extensions, "check-in-tolerance")).flatten(),
        must_not_stop: findings.must(yes_or_no(extensions, "must-not-stop", "")).flatten() == Some(true),
        replaces: any_id(head.replaces).and_then(|id| OrderId::new(id).ok()),
        requester: any_id(head.requester).and_then(|id| PersonId::new(id).ok()),
        authored_on: head.authored_on.and_then(|text| authored(text, findings)),
        notes,
    })
}

/// A modifier that we do not know forbids to follow the order (R4 §2.3.0.6).
pub(crate) fn guard(
    do_not_perform: Option<bool>,
    implicit_rules: Option<&str>,
    modifiers: &[Extension],
    findings: &mut Findings,
) {
    if do_not_perform == Some(true) {
        findings
            .blocks
            .push(Fault::at("doNotPerform", "says what must not be done, so nothing is scheduled: ask your nurse"));
    }
    if implicit_rules.is_some() {
        findings.blocks.push(Fault::at("implicitRules", MODIFIER));
    }
    if !modifiers.is_empty() {
        findings.blocks.push(Fault::at("modifierExtension", MODIFIER));
    }
}

/// `MedicationRequest.status` or `ServiceRequest.status`.
pub(crate) fn status(status: Option<&str>, findings: &mut Findings) -> Option<OrderStatus> {
    match status {
        Some("active") => Some(OrderStatus::Active),
        Some("on-hold") => Some(OrderStatus::OnHold),
        Some("stopped" | "revoked") => Some(OrderStatus::Stopped),
        Some("completed") => Some(OrderStatus::Completed),
        Some("cancelled" | "entered-in-error" | "draft") => Some(OrderStatus::NotInForce),
        Some("unknown") => Some(OrderStatus::Unknown),
        Some(_) => {
            findings.blocks.push(Fault::at("status", "is not a known status: ask the care team to correct it"));
            None
        }
        None => {
            findings.blocks.push(Fault::missing("status", "whether the order is in force"));
            None
        }
    }
}

/// The stated policy, else the one that the times themselves have: hours and minutes without a clock time are elapsed.
pub(crate) fn policy(extensions: &[Extension], dosages: &[Dosage], findings: &mut Findings) -> TimePolicy {
    if let Some(stated) = findings.must(coded(extensions, "time-policy", "", "time policy")).flatten() {
        return stated;
    }
    let elapsed = dosages.iter().filter_map(|dosage| dosage.timing.as_ref()?.repeat.as_ref()).any(|repeat| {
        matches!(repeat.period_unit, Some(PeriodUnit::Second | PeriodUnit::Minute | PeriodUnit::Hour))
            && repeat.time_of_day.is_empty()
            && repeat.when.is_empty()
    });
    if elapsed { TimePolicy::Elapsed } else { TimePolicy::WallClock }
}

/// Two dosages with one number would share their occurrences' ids: then the place in the list counts.
fn number_apart(dosages: &mut [Dosage]) {
    let mut numbers: Vec<u32> = dosages.iter().map(|dosage| dosage.sequence).collect();
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.len() < dosages.len() {
        for (place, dosage) in (1..).zip(dosages) {
            dosage.sequence = place;
        }
    }
}

fn title(name: &str, dosages: &[Dosage]) -> String {
    match dosages {
        [Dosage { dose: Some(dose), .. }] => {
            let shown = Quantity { value: dose.value.normalize(), unit: dose.unit.clone() };
            format!("{name} {shown}").trim_end().to_owned()
        }
        _ => name.to_owned(),
    }
}

fn medication(
    request: &MedicationRequest,
    lookup: impl Fn(&str) -> Option<Medication>,
    findings: &mut Findings,
) -> Option<(Drug, Option<Quantity>)> {
    const NO_NAME: &str = "the name of the drug";
    if let Some(concept) = &request.medication_codeable_concept {
        let Some(name) = findings.words(Some(concept), "medicationCodeableConcept.text") else {
            findings.blocks.push(Fault::missing("medicationCodeableConcept.text", NO_NAME));
            return None;
        };
        let rxnorm = concept.code_in(url::RXNORM).map(str::to_owned);
        return Some((Drug { name, rxnorm, form: None, strength: None, lot: None }, None));
    }
    let reference = request.medication_reference.as_ref().and_then(|reference| reference.reference.as_deref());
    let found = match reference {
        Some(local) if local.starts_with('#') => request
            .contained
            .iter()
            .find(|inner| inner.get("id").and_then(|id| id.as_str()) == local.strip_prefix('#'))
            .and_then(|inner| serde_json::from_value(inner.clone()).ok()),
        Some(_) => request.medication_reference.as_ref().and_then(|reference| lookup(reference.id_of("Medication")?)),
        None => None,
    };
    let Some(medication) = found else {
        findings.blocks.push(Fault::missing("medicationReference", "the drug that the order points to"));
        return None;
    };
    let medication: Medication = medication;
    let path = "medicationReference.resolve()";
    let Some(name) = findings.words(medication.code.as_ref(), &inside(path, "code")) else {
        findings.blocks.push(Fault::missing(inside(path, "code"), NO_NAME));
        return None;
    };
    let strength = match medication.ingredient.as_slice() {
        [only] => {
            let strength =
                only.strength.as_ref().map(|written| ratio(written, &inside(path, "ingredient[0].strength")));
            strength.and_then(|read| findings.may(read))
        }
        _ => None,
    };
    // `Medication.amount`: how much of the mixture is in one package, e.g. 250 mL in 1 bag.
    let volume = medication.amount.as_ref().and_then(|amount| amount.numerator.as_ref());
    let volume = volume.and_then(|volume| findings.may(positive(volume, &inside(path, "amount.numerator"))));
    let volume = volume.filter(|volume| ["mL", "L"].contains(&volume.unit.code.as_str()));
    let drug = Drug {
        name,
        rxnorm: medication.code.as_ref().and_then(|code| code.code_in(url::RXNORM)).map(str::to_owned),
        form: findings.words(medication.form.as_ref(), &inside(path, "form")),
        strength,
        lot: medication.batch.and_then(|batch| batch.lot_number),
    };
    Some((drug, volume))
}

fn therapy(extensions: &[Extension], findings: &mut Findings) -> Option<String> {
    let found = find(extensions, "therapy")?;
    let key = found.value_code.as_deref().filter(|key| {
        (1..=64).contains(&key.len())
            && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
    });
    findings.must(key.map(str::to_owned).ok_or_else(|| {
        Fault::at(extension("", "therapy"), "must be a key such as `vancomycin`: ask the care team to correct it")
    }))
}

fn referred<'a>(
    extensions: &'a [Extension],
    name: &str,
    resource_type: &str,
    findings: &mut Findings,
) -> Option<&'a str> {
    let found = find(extensions, name)?;
    findings.must(found.value_reference.as_ref().and_then(|reference| reference.id_of(resource_type)).ok_or_else(
        || {
            let what = format!("a reference to a {resource_type}");
            Fault::missing(inside(&extension("", name), "valueReference"), &what)
        },
    ))
}

/// What was dispensed; without its beginning or its length nobody can say when it runs out.
fn dispensed(written: &DispenseRequest, findings: &mut Findings) -> Option<Dispensed> {
    findings.unknown_extensions(&written.extension, &["refill-lead"], "dispenseRequest");
    let start = written.validity_period.as_ref()?.start.as_ref()?;
    let from = findings.may(date_time::date_time(start, "dispenseRequest.validityPeriod.start"))?;
    let supply = written.expected_supply_duration.as_ref()?;
    let minutes = findings.may(minutes(supply, "dispenseRequest.expectedSupplyDuration"))?;
    let lead = findings.may(length(&written.extension, "refill-lead")).flatten();
    const DAY: u32 = 24 * 60;
    Some(Dispensed { from, days: minutes / DAY, lead_days: lead.map(|minutes| minutes / DAY) })
}

fn percent(extensions: &[Extension], name: &str) -> Result<Option<u32>, Fault> {
    let Some(found) = find(extensions, name) else { return Ok(None) };
    match found.value_unsigned_int.or(found.value_positive_int).filter(|percent| (1..=100).contains(percent)) {
        Some(percent) => Ok(Some(percent)),
        None => Err(Fault::at(
            inside(&extension("", name), "valueUnsignedInt"),
            "must be a percentage from 1 to 100: ask the care team to correct it",
        )),
    }
}

fn authored(text: &str, findings: &mut Findings) -> Option<DateTime<Utc>> {
    match findings.may(date_time::date_time(text, "authoredOn"))? {
        FhirDateTime::Instant(instant) => Some(instant.with_timezone(&Utc)),
        // A day without a time: noon UTC lies on that day in nearly every zone.
        FhirDateTime::Date(day) => day.and_hms_opt(12, 0, 0).map(|noon| noon.and_utc()),
    }
}

#[cfg(test)]
mod tests {
    use super::KNOWN;

    #[test]
    fn every_extension_of_an_order_is_explained_to_the_care_team() {
        let page = include_str!("../../../../docs/care-plan.md");
        for name in KNOWN {
            assert!(page.contains(&format!("`{name}`")), "{name}");
        }
    }
}
