//! `ServiceRequest`: line care, labs and other duties, <https://hl7.org/fhir/R4/servicerequest.html>.

use super::order::{Head, guard, order, policy, status};
use super::timing::timing;
use super::{Findings, code};
use crate::date_time;
use crate::fault::{Fault, at};
use crate::resource::ServiceRequest;
use crate::url;
use homeline_model::{AsNeeded, Dosage, LineCareKind, Order, OrderKind, OrderStatus, Timing};

/// SNOMED CT "Laboratory procedure", as R4's own value set for `ServiceRequest.category` has it.
const LABORATORY: &str = "108252007";

/// Reads a service order.
pub(crate) fn service_order(request: &ServiceRequest, findings: &mut Findings) -> Option<Order> {
    let mut status = status(request.status.as_deref(), findings);
    match request.intent.as_deref() {
        Some("order" | "original-order" | "reflex-order" | "filler-order" | "instance-order" | "directive") => {}
        Some("proposal" | "plan" | "option") => status = Some(OrderStatus::NotInForce),
        Some(_) => findings.blocks.push(Fault::at("intent", "is not a known intent: ask the care team to correct it")),
        None => findings.blocks.push(Fault::missing("intent", "whether it is an order")),
    }
    guard(request.do_not_perform, request.implicit_rules.as_deref(), &request.modifier_extension, findings);
    let title = findings.words(request.code.as_ref(), "code");
    if title.is_none() {
        findings.blocks.push(Fault::missing("code", "what is to be done"));
    }
    let order = order(
        Head {
            id: request.id.as_deref(),
            meta: request.meta.as_ref(),
            requester: request.requester.as_ref(),
            authored_on: request.authored_on.as_deref(),
            replaces: request.replaces.first(),
            extensions: &request.extension,
            notes: &request.note,
        },
        findings,
    )?;
    let dosage = Dosage {
        sequence: 1,
        text: None,
        timing: times(request, findings),
        as_needed: as_needed(request, findings),
        dose: None,
        rate: None,
        rate_profile: None,
        max_dose: None,
        route: None,
        site: request.body_site.first().and_then(|site| findings.words(Some(site), "bodySite[0]")),
        instructions: request
            .patient_instruction
            .as_deref()
            .map(|text| findings.text(text, "patientInstruction"))
            .into_iter()
            .collect(),
    };
    let kind = kind(request, findings);
    let dosages = vec![dosage];
    let time_policy = policy(&request.extension, &dosages, findings);
    let line_care = line_care(request, findings);
    Some(Order { kind, line_care, status: status?, title: title?, dosages, time_policy, ..order })
}

fn kind(request: &ServiceRequest, findings: &mut Findings) -> OrderKind {
    for (index, category) in request.category.iter().enumerate() {
        if let Some(text) = category.code_in(url::ORDER_KIND) {
            let read = code(text, &at("", "category", index), "kind of order");
            match findings.may(read) {
                Some(kind @ (OrderKind::LineCare | OrderKind::Lab | OrderKind::Service)) => return kind,
                Some(OrderKind::Medication | OrderKind::Premedication) | None => {}
            }
        }
        if category.code_in(url::SNOMED) == Some(LABORATORY) {
            return OrderKind::Lab;
        }
    }
    OrderKind::Service
}

/// What the order does to the line, where a code says so.
fn line_care(request: &ServiceRequest, findings: &mut Findings) -> Option<LineCareKind> {
    let text = request.code.as_ref()?.code_in(url::LINE_CARE)?;
    findings.may(code(text, "code", "kind of line care"))
}

fn times(request: &ServiceRequest, findings: &mut Findings) -> Option<Timing> {
    if let Some(written) = &request.occurrence_timing {
        return findings.must(timing(written, "occurrenceTiming"));
    }
    if let Some(text) = &request.occurrence_date_time {
        let event = findings.must(date_time::date_time(text, "occurrenceDateTime"))?;
        return Some(Timing { event: vec![event], ..Timing::default() });
    }
    if request.occurrence_period.is_some() {
        findings.remarks.push(Fault::at(
            "occurrencePeriod",
            "says a stretch of time and no moment, so nothing is planned: ask the care team for a day or a time",
        ));
    }
    None
}

fn as_needed(request: &ServiceRequest, findings: &mut Findings) -> Option<AsNeeded> {
    if let Some(reason) = &request.as_needed_codeable_concept {
        return Some(AsNeeded { reason: findings.words(Some(reason), "asNeededCodeableConcept") });
    }
    (request.as_needed_boolean == Some(true)).then_some(AsNeeded { reason: None })
}
