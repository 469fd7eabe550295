//! `Encounter`: a stay in a hospital, <https://hl7.org/fhir/R4/encounter.html>. Visits to and from home are Appointments.

use super::Findings;
use super::escalation::since;
use super::people::until;
use crate::fault::Fault;
use crate::resource::Encounter;
use crate::url;
use homeline_model::HospitalStay;

/// HL7's classes of a stay with a bed: inpatient, acute, non-acute, observation.
const STAYS: &[&str] = &["IMP", "ACUTE", "NONAC", "OBSENC"];

/// Reads a stay. `None` for an encounter of another class, and for one that did not take place.
pub(crate) fn hospital_stay(written: &Encounter, findings: &mut Findings) -> Option<HospitalStay> {
    let class = written.class.as_ref()?;
    let of_hl7 = class.system.as_deref().is_none_or(|system| system == url::ENCOUNTER_CLASS);
    if !of_hl7 || !class.code.as_deref().is_some_and(|code| STAYS.contains(&code)) {
        return None;
    }
    let over = match written.status.as_deref() {
        Some("arrived" | "triaged" | "in-progress" | "onleave" | "unknown") => false,
        Some("finished") => true,
        Some("planned" | "cancelled" | "entered-in-error") => return None,
        Some(_) | None => {
            findings.remarks.push(Fault::at("status", "is not a known status: ask the care team about this stay"));
            return None;
        }
    };
    let period = written.period.as_ref();
    let Some(start) = period.and_then(|period| period.start.as_deref()) else {
        findings.remarks.push(Fault::missing("period.start", "when the stay began, so nothing is paused for it,"));
        return None;
    };
    let start = since(start, "period.start", findings)?;
    let end = period.and_then(|period| period.end.as_deref()).and_then(|text| until(text, "period.end", findings));
    if over && end.is_none() {
        findings.remarks.push(Fault::missing("period.end", "when the stay ended"));
    }
    Some(HospitalStay {
        id: written.id.clone().unwrap_or_default(),
        start,
        // An end that is written while the stay lasts is a plan, and no discharge.
        end: over.then_some(end.unwrap_or(start)),
        place: written.service_provider.as_ref().and_then(|place| place.display.clone()),
    })
}
