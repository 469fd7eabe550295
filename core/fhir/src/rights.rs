//! What a phone writes when rights are given or taken: `Consent` (<https://hl7.org/fhir/R4/consent.html>) and, for somebody
//! who is invited from home, `RelatedPerson`. How several Consents are read together is in `read/consent.rs`.

use crate::date_time::of_instant;
use crate::read::Findings;
use crate::read::consent::{Grant, grants};
use crate::resource::Consent;
use crate::url;
use chrono::{DateTime, Utc};
use homeline_model::{PatientId, PersonId, Right};
use serde_json::{Value, json};
use uuid::Uuid;

/// A Consent that gives rights, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConsent<'a> {
    /// Its id, ours.
    pub id: Uuid,
    /// The patient whose record it is about.
    pub patient: &'a PatientId,
    /// Who gives it: `None` is the patient.
    pub given_by: Option<&'a PersonId>,
    /// To whom.
    pub person: &'a PersonId,
    /// Their name as shown.
    pub name: &'a str,
    /// What they may do; nothing takes all rights away.
    pub rights: &'a [Right],
    /// Until when; `None` is until it is withdrawn.
    pub until: Option<DateTime<Utc>>,
    /// The Consent that it takes the place of.
    pub follows: Option<&'a str>,
    /// When it is given.
    pub at: DateTime<Utc>,
}

/// The `Consent` as JSON. Without any right its status is `inactive` and its provision denies.
pub fn consent_json(new: &NewConsent<'_>) -> Value {
    let gives = !new.rights.is_empty();
    let performer = match new.given_by {
        Some(person) => format!("RelatedPerson/{person}"),
        None => format!("Patient/{}", new.patient),
    };
    let actions: Vec<Value> = new
        .rights
        .iter()
        .map(|right| json!({"coding": [{"system": url::RIGHT, "code": crate::journal::key_of(right)}]}))
        .collect();
    let mut provision = json!({
        "type": if gives { "permit" } else { "deny" },
        "period": {"start": of_instant(new.at)},
        "actor": [{
            "role": {"coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP",
                "display": "information recipient"}]},
            "reference": {"reference": format!("RelatedPerson/{}", new.person), "display": new.name},
        }],
    });
    if gives {
        provision["action"] = actions.into();
    }
    if let Some(until) = new.until.filter(|_| gives) {
        provision["period"]["end"] = of_instant(until).into();
    }
    let mut consent = json!({
        "resourceType": "Consent",
        "id": new.id.to_string(),
        "status": if gives { "active" } else { "inactive" },
        "scope": {"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": url::LOINC, "code": "59284-0", "display": "Consent Document"}]}],
        "patient": {"reference": format!("Patient/{}", new.patient)},
        "dateTime": of_instant(new.at),
        "performer": [{"reference": performer}],
        "policyRule": {"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
            "code": if gives { "OPTIN" } else { "OPTOUT" }}]},
        "provision": provision,
    });
    if let Some(before) = new.follows {
        consent["sourceReference"] = json!({"reference": format!("Consent/{before}")});
    }
    consent
}

/// The `RelatedPerson` of a caregiver who is invited from home, as JSON.
pub fn related_person_json(id: Uuid, patient: &PatientId, name: &str, relationship: &str) -> Value {
    json!({
        "resourceType": "RelatedPerson",
        "id": id.to_string(),
        "active": true,
        "patient": {"reference": format!("Patient/{patient}")},
        "relationship": [{"text": relationship}],
        "name": [{"text": name}],
    })
}

/// What one Consent gave or took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RightsGiven {
    /// To whom.
    pub person: PersonId,
    /// What; nothing is all taken.
    pub rights: Vec<Right>,
    /// Which caregiver gave it; `None` is the patient or the team.
    pub given_by: Option<PersonId>,
    /// When, where it says so.
    pub at: Option<DateTime<Utc>>,
}

/// What a Consent says, for an audit; nothing when it says nothing about caregivers.
pub fn rights_given(json: &str) -> Vec<RightsGiven> {
    let Ok(consent) = crate::fault::read_resource::<Consent>(json) else { return Vec::new() };
    let at = consent.date_time.as_deref().and_then(|text| crate::date_time::instant(text, "dateTime").ok());
    let given_by = consent.performer.iter().find_map(|who| PersonId::new(who.id_of("RelatedPerson")?).ok());
    let given =
        |grant: Grant| RightsGiven { person: grant.person, rights: grant.rights, given_by: given_by.clone(), at };
    grants(&consent, &mut Findings::default()).into_iter().map(given).collect()
}

/// The Consents at the ends of the chains of a person, from their JSON: what a new one takes the place of.
pub fn consents_of<'a>(resources: impl Iterator<Item = &'a str>, person: &PersonId) -> Vec<String> {
    let mut findings = Findings::default();
    let all: Vec<Grant> = resources
        .filter_map(|json| crate::fault::read_resource::<Consent>(json).ok())
        .flat_map(|consent| grants(&consent, &mut findings))
        .filter(|grant| grant.person == *person)
        .collect();
    let is_end = |grant: &&Grant| !all.iter().any(|other| other.follows.as_deref() == Some(&grant.id));
    let mut ends: Vec<String> = all.iter().filter(is_end).map(|grant| grant.id.clone()).collect();
    ends.sort();
    ends
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::consent::effective;
    use homeline_model::Right::{Acknowledge, Log, Manage, Message, See};
    use proptest::prelude::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn consent(id: u128, rights: &[Right], follows: Option<&str>, until: Option<&str>) -> String {
        let (patient, person) = (PatientId::new("p1").unwrap(), PersonId::new("tomas").unwrap());
        consent_json(&NewConsent {
            id: Uuid::from_u128(id),
            patient: &patient,
            given_by: None,
            person: &person,
            name: "Tomas",
            rights,
            until: until.map(at),
            follows,
            at: at("2026-11-23T14:00:00Z"),
        })
        .to_string()
    }

    fn held(consents: &[String]) -> Option<(Vec<Right>, Option<DateTime<Utc>>)> {
        let mut findings = Findings::default();
        let read = |json: &String| grants(&serde_json::from_str::<Consent>(json).unwrap(), &mut findings);
        let all: Vec<Grant> = consents.iter().flat_map(read).collect();
        effective(&all, &PersonId::new("tomas").unwrap()).map(|held| (held.rights, held.until))
    }

    fn id(number: u128) -> String {
        Uuid::from_u128(number).to_string()
    }

    #[test]
    fn rights_come_back_as_they_were_given_and_end_when_they_were_said_to() {
        let given = consent(1, &[Log, See], None, Some("2026-12-24T12:00:00Z"));
        assert_eq!(held(&[given]), Some((vec![See, Log], Some(at("2026-12-24T12:00:00Z")))));
        assert_eq!(held(&[]), None);
    }

    #[test]
    fn the_last_of_a_chain_holds_in_whatever_order_the_consents_arrive() {
        let first = consent(1, &[See, Log, Message], None, None);
        let second = consent(2, &[See], Some(&id(1)), None);
        let taken = consent(3, &[], Some(&id(2)), None);
        assert_eq!(held(&[second.clone(), first.clone()]), Some((vec![See], None)));
        for order in [[&first, &second, &taken], [&taken, &first, &second], [&second, &taken, &first]] {
            assert_eq!(held(&order.map(String::clone)), Some((vec![], None)));
        }
    }

    #[test]
    fn two_phones_that_changed_the_rights_unseen_give_only_what_both_gave() {
        let first = consent(1, &[See, Log], None, None);
        let one = consent(2, &[See, Log, Message, Acknowledge], Some(&id(1)), Some("2026-12-24T12:00:00Z"));
        let other = consent(3, &[See, Message], Some(&id(1)), None);
        let expected = Some((vec![See, Message], Some(at("2026-12-24T12:00:00Z"))));
        assert_eq!(held(&[first.clone(), one.clone(), other.clone()]), expected);
        assert_eq!(held(&[other.clone(), one.clone(), first.clone()]), expected);
        let taken = consent(4, &[], Some(&id(1)), None);
        assert_eq!(held(&[first.clone(), one.clone(), taken]), Some((vec![], Some(at("2026-12-24T12:00:00Z")))));
        // Whoever settles it follows both ends.
        let person = PersonId::new("tomas").unwrap();
        let all = [first, one, other];
        assert_eq!(consents_of(all.iter().map(String::as_str), &person), [id(2), id(3)]);
    }

    proptest! {
        /// However consents follow one another and in whatever order they arrive, every phone computes the same, and nobody has a
        /// right that one of the ends does not give.
        #[test]
        fn the_order_of_arrival_changes_nothing_and_no_end_is_exceeded(
            made in proptest::collection::vec((proptest::sample::subsequence(Right::ALL.to_vec(), 0..=5), any::<prop::sample::Index>()), 1..8),
            seed in any::<u64>(),
        ) {
            let mut consents: Vec<String> = Vec::new();
            let mut followed: Vec<usize> = Vec::new();
            for (number, (rights, before)) in made.iter().enumerate() {
                let before = (number > 0).then(|| before.index(number));
                followed.extend(before);
                let before = before.map(|before| id(before as u128 + 1));
                consents.push(consent(number as u128 + 1, rights, before.as_deref(), None));
            }
            let expected = held(&consents).unwrap();
            let mut shuffled = consents.clone();
            let length = shuffled.len();
            for place in (1..length).rev() {
                let other = usize::try_from(seed.rotate_left(u32::try_from(place).unwrap()) % (place as u64 + 1)).unwrap();
                shuffled.swap(place, other);
            }
            prop_assert_eq!(held(&shuffled).unwrap(), expected.clone());
            for (number, (rights, _)) in made.iter().enumerate().filter(|(number, _)| !followed.contains(number)) {
                prop_assert!(expected.0.iter().all(|right| rights.contains(right)), "end {}", number);
            }
        }
    }

    #[test]
    fn nobody_gives_rights_to_themselves_and_a_draft_gives_none() {
        let own = consent(1, &[Manage], None, None).replace("Patient/p1\"}]", "RelatedPerson/tomas\"}]");
        assert!(own.contains("RelatedPerson/tomas\"}]"), "{own}");
        assert_eq!(held(&[own]), None);
        let draft = consent(1, &[Manage], None, None).replace("\"active\"", "\"draft\"");
        assert_eq!(held(&[draft]), None);
        let unknown = consent(1, &[See], None, None).replace("\"see\"", "\"everything\"");
        assert_eq!(held(&[unknown]), Some((vec![], None)));
        let torn = consent(1, &[See], None, Some("2026-12-24T12:00:00Z")).replace("2026-12-24", "some day");
        assert_eq!(held(&[torn]), Some((vec![], None)), "an end that cannot be read is not no end");
    }
}
