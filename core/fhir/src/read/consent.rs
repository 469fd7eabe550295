//! Who at home may do what: `Consent`, <https://hl7.org/fhir/R4/consent.html>.
//!
//! A consent is never edited: a change of rights is a new Consent that names the one before it (`sourceReference`). The
//! last of such a chain holds. Where two phones changed the rights of one person without knowing of each other, the chain
//! has two ends, and only what both allow holds until somebody who may manage rights settles it: everybody computes the
//! same, in whatever order the two arrive, and nobody has more than each of them gave.

use super::people::until;
use super::{Findings, escalation::since};
use crate::datatype::CodeableConcept;
use crate::fault::{Fault, at};
use crate::resource::Consent;
use crate::url;
use chrono::{DateTime, Utc};
use homeline_model::{PersonId, Right};
use serde_json::Value;

/// HL7's actions that a consent may allow.
const CONSENT_ACTION: &str = "http://terminology.hl7.org/CodeSystem/consentaction";

/// What one Consent says about one caregiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    pub id: String,
    /// The Consent that it takes the place of.
    pub follows: Option<String>,
    pub person: PersonId,
    /// Nothing, where it is withdrawn.
    pub rights: Vec<Right>,
    pub since: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
}

/// What a Consent says about caregivers; nothing when it is about something else, not given yet, or a mistake.
pub(crate) fn grants(written: &Consent, findings: &mut Findings) -> Vec<Grant> {
    let Some(id) = written.id.clone() else { return Vec::new() };
    let in_force = match written.status.as_deref() {
        Some("active") => true,
        Some("inactive" | "rejected") => false,
        Some(_) | None => return Vec::new(),
    };
    let Some(provision) = &written.provision else { return Vec::new() };
    let permits = provision.r#type.as_deref() == Some("permit");
    let people: Vec<PersonId> = provision
        .actor
        .iter()
        .filter_map(|actor| PersonId::new(actor.reference.as_ref()?.id_of("RelatedPerson")?).ok())
        // Nobody gives rights to themselves.
        .filter(|person| !written.performer.iter().any(|who| who.id_of("RelatedPerson") == Some(person.as_str())))
        .collect();
    if people.is_empty() {
        return Vec::new();
    }
    let mut rights: Vec<Right> = Vec::new();
    if in_force && permits {
        for (index, action) in provision.action.iter().enumerate() {
            match right(action) {
                Some(right) => rights.push(right),
                None => findings.remarks.push(Fault::at(
                    at("provision", "action", index),
                    "is no right of Homeline's, so it gives none: ask the care team",
                )),
            }
        }
        rights.sort_unstable();
        rights.dedup();
    }
    let period = provision.period.as_ref();
    let start = period.and_then(|period| period.start.as_deref());
    let end = period.and_then(|period| period.end.as_deref());
    let since = start.and_then(|text| since(text, "provision.period.start", findings));
    let ends = end.and_then(|text| until(text, "provision.period.end", findings));
    if end.is_some() && ends.is_none() {
        // An end that cannot be read is no reason to go on for ever.
        rights.clear();
    }
    let follows = written.source_reference.as_ref().and_then(|before| before.id_of("Consent")).map(str::to_owned);
    people
        .into_iter()
        .map(|person| Grant {
            id: id.clone(),
            follows: follows.clone(),
            person,
            rights: rights.clone(),
            since,
            until: ends,
        })
        .collect()
}

fn right(action: &CodeableConcept) -> Option<Right> {
    match action.code_in(url::RIGHT) {
        Some(key) => serde_json::from_value(Value::String(key.to_owned())).ok(),
        None => (action.code_in(CONSENT_ACTION) == Some("access")).then_some(Right::See),
    }
}

/// The rights that somebody has by all consents together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    pub rights: Vec<Right>,
    pub since: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
}

/// The rights that a person has by all consents together. `None` when no consent names them.
pub(crate) fn effective(grants: &[Grant], person: &PersonId) -> Option<Held> {
    let mut ends = grants.iter().filter(|grant| {
        let is_followed = |other: &Grant| other.person == *person && other.follows.as_deref() == Some(&grant.id);
        grant.person == *person && !grants.iter().any(is_followed)
    });
    let first = ends.next()?;
    let mut held = Held { rights: first.rights.clone(), since: first.since, until: first.until };
    for other in ends {
        held.rights.retain(|right| other.rights.contains(right));
        held.since = held.since.max(other.since);
        held.until = held.until.into_iter().chain(other.until).min();
    }
    Some(held)
}
