//! The patient, the team, the people at home, and whom to call for what.

use super::{Findings, code_of};
use crate::datatype::{ContactPoint, Extension, HumanName, find, find_all, part};
use crate::date_time;
use crate::fault::{Fault, at, extension, inside};
use crate::resource::{AllergyIntolerance, Patient, RelatedPerson};
use crate::url;
use chrono::{DateTime, Utc};
use homeline_model::{
    Caregiver, Contact, ContactPurpose, FhirDateTime, Patient as Person, PatientId, PersonId, Right, ZoneId,
};

/// Reads the patient; allergies come from other resources.
pub(crate) fn patient(written: &Patient, id: PatientId, findings: &mut Findings) -> Person {
    findings.unknown_extensions(&written.extension, &["home-zone"], "");
    let name = name(&written.name, findings);
    let preferred = written.communication.iter().find(|known| known.preferred == Some(true));
    let language = preferred.or(written.communication.first()).and_then(|known| known.language.as_ref());
    Person {
        id,
        name: name.unwrap_or_default(),
        birth_date: written.birth_date.as_deref().and_then(date_time::date),
        gender: written.gender.clone(),
        language: language.and_then(|language| language.coding.iter().find_map(|coding| coding.code.clone())),
        allergies: Vec::new(),
    }
}

/// The zone in which the patient lives: our extension, or HL7's on the patient or the address.
pub(crate) fn home_zone(patient: &Patient, findings: &mut Findings) -> Option<ZoneId> {
    let ours = find(&patient.extension, "home-zone");
    let theirs = |extensions: &[Extension]| -> Option<String> {
        let is_zone = |url: &str| url == url::TIME_ZONE || url == url::TZ_CODE;
        extensions.iter().find(|found| found.url.as_deref().is_some_and(is_zone))?.value_code.clone()
    };
    let stated = ours
        .and_then(|found| found.value_code.clone())
        .or_else(|| theirs(&patient.extension))
        .or_else(|| patient.address.iter().find_map(|address| theirs(&address.extension)));
    let zone = stated.as_deref().and_then(ZoneId::new);
    if zone.is_none() {
        findings.remarks.push(Fault::at(
            extension("", "home-zone"),
            "does not name the zone in which the patient lives, such as America/Chicago: ask the care team to send it",
        ));
    }
    zone
}

/// The first official or usual name, in words.
pub(crate) fn name(names: &[HumanName], findings: &mut Findings) -> Option<String> {
    let of_use = |wanted: &str| names.iter().find(|name| name.r#use.as_deref() == Some(wanted));
    let words = of_use("official").or_else(|| of_use("usual")).or(names.first()).and_then(HumanName::words);
    if words.is_none() {
        findings.remarks.push(Fault::missing("name", "the name"));
    }
    words.map(|words| findings.text(&words, "name"))
}

/// What an allergy is to, unless it is refuted, resolved or a mistake.
pub(crate) fn allergy(written: &AllergyIntolerance, findings: &mut Findings) -> Option<String> {
    let has = |concept: &Option<crate::datatype::CodeableConcept>, codes: &[&str]| {
        concept.as_ref().is_some_and(|concept| {
            concept.coding.iter().any(|coding| coding.code.as_deref().is_some_and(|code| codes.contains(&code)))
        })
    };
    let gone = has(&written.clinical_status, &["resolved", "inactive"])
        || has(&written.verification_status, &["refuted", "entered-in-error"]);
    if gone {
        return None;
    }
    let words = findings.words(written.code.as_ref(), "code");
    if words.is_none() {
        findings.remarks.push(Fault::missing("code", "what the allergy is to"));
    }
    words
}

/// Reads somebody who helps at home. `None` when no longer so.
pub(crate) fn caregiver(written: &RelatedPerson, id: PersonId, findings: &mut Findings) -> Option<Caregiver> {
    if written.active == Some(false) {
        return None;
    }
    findings.unknown_extensions(&written.extension, &["right"], "");
    let mut rights = Vec::new();
    for (index, found) in find_all(&written.extension, "right") {
        rights.extend(findings.may(code_of::<Right>(found, &at("", "extension", index), "right")));
    }
    rights.sort_unstable();
    rights.dedup();
    let end = written.period.as_ref().and_then(|period| period.end.as_deref());
    Some(Caregiver {
        id,
        name: name(&written.name, findings).unwrap_or_default(),
        relationship: written.relationship.first().and_then(|kind| findings.words(Some(kind), "relationship[0]")),
        rights,
        since: None,
        until: end.and_then(|text| until(text, "period.end", findings)),
        phone: phones(&written.telecom).next().map(|(_, phone)| phone.to_owned()),
    })
}

/// A period's end is inclusive: a day counts to its last second, in UTC, because the resource names no zone.
pub(crate) fn until(text: &str, path: &str, findings: &mut Findings) -> Option<DateTime<Utc>> {
    match findings.may(date_time::date_time(text, path))? {
        FhirDateTime::Instant(instant) => Some(instant.with_timezone(&Utc)),
        FhirDateTime::Date(day) => day.and_hms_opt(23, 59, 59).map(|end| end.and_utc()),
    }
}

fn phones(telecom: &[ContactPoint]) -> impl Iterator<Item = (usize, &str)> {
    telecom.iter().enumerate().filter_map(|(index, point)| {
        let is_phone = matches!(point.system.as_deref(), Some("phone") | None);
        let number = point.value.as_deref().map(str::trim).filter(|number| !number.is_empty())?;
        (is_phone && point.r#use.as_deref() != Some("old")).then_some((index, number))
    })
}

/// The phone numbers of somebody. Those without our `contact` extension are for anything else.
pub(crate) fn contacts(telecom: &[ContactPoint], owner: &str, findings: &mut Findings) -> Vec<Contact> {
    let mut contacts = Vec::new();
    for (index, phone) in phones(telecom) {
        let path = at("", "telecom", index);
        let found = telecom.get(index).and_then(|point| find(&point.extension, "contact"));
        let text = |name: &str| found.and_then(|found| part(found, name)?.value_string.clone());
        let purpose = found.and_then(|found| part(found, "purpose")).and_then(|purpose| {
            findings.may(code_of(purpose, &inside(&extension(&path, "contact"), "purpose"), "purpose of a contact"))
        });
        contacts.push(Contact {
            purpose: purpose.unwrap_or(ContactPurpose::Other),
            label: text("label").map_or_else(|| owner.to_owned(), |label| findings.text(&label, &path)),
            phone: phone.to_owned(),
            hours: text("hours").map(|hours| findings.text(&hours, &path)),
        });
    }
    contacts
}
