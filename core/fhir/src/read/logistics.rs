//! Visits, deliveries, insurance.

use super::quantity::quantity;
use super::{Findings, coded, yes_or_no};
use crate::datatype::find;
use crate::date_time;
use crate::fault::{Fault, at, inside};
use crate::resource::{Appointment, Coverage, SupplyDelivery};
use crate::url;
use homeline_model::{
    Coverage as Insurance, Delivery, DeliveryId, DeliveryStatus, FhirDateTime, Visit, VisitId, VisitMode, VisitStatus,
};

/// Reads a visit. `None`, with a remark, when its time is not known.
pub(crate) fn visit(written: &Appointment, findings: &mut Findings) -> Option<Visit> {
    findings.unknown_extensions(&written.extension, &["visit-mode", "join-url"], "");
    let status = match written.status.as_deref() {
        Some("proposed" | "pending" | "waitlist") => VisitStatus::Proposed,
        Some("booked" | "arrived" | "checked-in") => VisitStatus::Booked,
        Some("fulfilled") => VisitStatus::Fulfilled,
        Some("cancelled" | "noshow" | "entered-in-error") => VisitStatus::Cancelled,
        Some(_) | None => {
            findings
                .remarks
                .push(Fault::at("status", "is not a known status: ask the care team whether the visit takes place"));
            VisitStatus::Proposed
        }
    };
    let Some(start) = &written.start else {
        findings.remarks.push(Fault::missing("start", "when the visit begins"));
        return None;
    };
    let start = findings.may(date_time::instant(start, "start"))?;
    let end = written.end.as_ref().and_then(|end| findings.may(date_time::instant(end, "end")));
    let service = written.service_type.first().or(written.appointment_type.as_ref());
    let title = written.description.as_deref().map(|text| findings.text(text, "description"));
    let title = title.filter(|title| !title.is_empty()).or_else(|| findings.words(service, "serviceType"));

    let ours = find(&written.extension, "join-url").and_then(|found| found.value_url.clone());
    let join_url = ours.or_else(|| virtual_service(written));
    let mode = findings.may(coded(&written.extension, "visit-mode", "", "kind of visit")).flatten();
    let mode = mode.unwrap_or(if join_url.is_some() { VisitMode::Video } else { VisitMode::Unknown });
    let is_patient =
        |reference: &crate::datatype::Reference| reference.target().is_some_and(|(kind, _)| kind == "Patient");
    let others = written.participant.iter().filter_map(|part| part.actor.as_ref()).filter(|actor| !is_patient(actor));
    let with = others.filter_map(|actor| actor.display.clone()).collect();
    Some(Visit {
        id: findings
            .may(VisitId::new(written.id.clone().unwrap_or_default()).map_err(|_| Fault::missing("id", "the id")))?,
        title: title.unwrap_or_default(),
        start,
        end,
        mode,
        status,
        with,
        instructions: written.patient_instruction.as_deref().map(|text| findings.text(text, "patientInstruction")),
        join_url,
    })
}

/// The address of R5's `Appointment.virtualService`, where a server sends it as an extension.
fn virtual_service(written: &Appointment) -> Option<String> {
    let found = written.extension.iter().find(|found| found.url.as_deref() == Some(url::VIRTUAL_SERVICE))?;
    let address = found.extension.iter().find(|part| part.url.as_deref() == Some("addressUrl"));
    address.and_then(|part| part.value_url.clone()).or_else(|| found.value_url.clone())
}

/// Reads a delivery.
pub(crate) fn delivery(written: &SupplyDelivery, findings: &mut Findings) -> Option<Delivery> {
    findings.unknown_extensions(&written.extension, &["cold-chain"], "");
    let status = match written.status.as_deref() {
        Some("in-progress") => DeliveryStatus::InProgress,
        Some("completed") => DeliveryStatus::Completed,
        Some("abandoned") => DeliveryStatus::Abandoned,
        Some("entered-in-error") => DeliveryStatus::EnteredInError,
        Some(_) | None => {
            findings.remarks.push(Fault::at("status", "is not a known status: ask the care team whether it comes"));
            return None;
        }
    };
    let supplied = written.supplied_item.as_ref();
    let item = supplied.and_then(|supplied| supplied.item_codeable_concept.as_ref());
    let Some(item) = findings.words(item, "suppliedItem.itemCodeableConcept") else {
        findings.remarks.push(Fault::missing("suppliedItem.itemCodeableConcept", "what is delivered"));
        return None;
    };
    let count = supplied.and_then(|supplied| supplied.quantity.as_ref());
    let when = written.occurrence_date_time.as_ref().or_else(|| {
        written.occurrence_period.as_ref().and_then(|period| period.end.as_ref().or(period.start.as_ref()))
    });
    let when = when.and_then(|text| findings.may(date_time::date_time(text, "occurrence[x]")));
    Some(Delivery {
        id: findings
            .may(DeliveryId::new(written.id.clone().unwrap_or_default()).map_err(|_| Fault::missing("id", "the id")))?,
        item,
        quantity: count.and_then(|count| findings.may(quantity(count, &inside("suppliedItem", "quantity")))),
        expected: when.and_then(|when| match when {
            FhirDateTime::Instant(instant) => Some(instant.with_timezone(&chrono::Utc)),
            // A day without a time: noon UTC lies on that day in nearly every zone.
            FhirDateTime::Date(day) => day.and_hms_opt(12, 0, 0).map(|noon| noon.and_utc()),
        }),
        status,
        cold_chain: findings.may(yes_or_no(&written.extension, "cold-chain", "")).flatten() == Some(true),
    })
}

/// Reads a coverage.
pub(crate) fn coverage(written: &Coverage, findings: &mut Findings) -> Insurance {
    let payor = written.payor.first().and_then(|payor| payor.display.clone());
    let payor = payor.or_else(|| findings.words(written.r#type.as_ref(), "type"));
    if payor.is_none() {
        findings.remarks.push(Fault::missing(at("", "payor", 0), "who pays"));
    }
    let mut day =
        |text: Option<&String>, path: &str| findings.may(date_time::date_time(text?, path)).map(|read| read.date());
    let period = written.period.as_ref();
    Insurance {
        id: written.id.clone().unwrap_or_default(),
        payor: payor.unwrap_or_default(),
        active: written.status.as_deref() == Some("active"),
        start: day(period.and_then(|period| period.start.as_ref()), "period.start"),
        end: day(period.and_then(|period| period.end.as_ref()), "period.end"),
    }
}
