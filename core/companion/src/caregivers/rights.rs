//! Giving and taking rights: a Consent for each change, queued for the server and in force on this phone at once.

use super::{Invitation, NewCaregiver};
use crate::error::{ErrorKind, HomelineError};
use crate::moment::Moment;
use crate::screen::{Emphasis, Privacy, Row, Screen, Section};
use crate::store::Store;
use crate::words;
use chrono::{DateTime, Utc};
use homeline_fhir::{NewConsent, consent_json, consents_of, related_person_json};
use homeline_model::{AuthorRole, CarePlan, Caregiver, PatientId, PersonId, Right, Uuid};
use homeline_vault::{Lane, MirrorRow, NewOutboxItem, ReadTx, VaultError};

const CONSENT: &str = "Consent";

fn nobody() -> HomelineError {
    HomelineError::new(
        ErrorKind::NotFound,
        "caregiver.missing",
        "no one with that id is in the plan",
        "Look at the list of caregivers.",
    )
}

fn to_come(until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<(), HomelineError> {
    match until {
        Some(until) if until <= now => {
            Err(HomelineError::input("until", "the time is past", "Give a later time, or take the rights away."))
        }
        Some(_) | None => Ok(()),
    }
}

fn caregiver<'a>(plan: &'a CarePlan, person: &PersonId) -> Result<&'a Caregiver, HomelineError> {
    plan.caregivers.iter().find(|caregiver| caregiver.id == *person).ok_or_else(nobody)
}

pub(super) fn invite(store: &mut Store, moment: &Moment, new: &NewCaregiver) -> Result<Invitation, HomelineError> {
    let plan = store.require_plan()?;
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(HomelineError::input("name", "the name must have 1 to 100 characters", "Give their name."));
    }
    if plan.caregivers.iter().any(|caregiver| caregiver.name == name) {
        return Err(HomelineError::input("name", "there is one of that name now", "Change their rights instead."));
    }
    if new.rights.is_empty() {
        return Err(HomelineError::input("rights", "there is none", "Give at least one: see."));
    }
    to_come(new.until, moment.now)?;
    let id = Uuid::new_v4();
    let person = PersonId::new(id.to_string()).map_err(|_| nobody())?;
    let server = server(store)?;
    let resource = related_person_json(id, &plan.patient.id, name, new.relationship.trim());
    let resources = vec![
        ("RelatedPerson", id, resource.to_string()),
        consent(store, &plan.patient.id, &person, name, &new.rights, new.until, None, moment.now)?,
    ];
    queue(store, moment, resources)?;
    Ok(Invitation { server, patient: plan.patient.id.to_string(), person })
}

pub(super) fn invitation(store: &Store, person: &PersonId) -> Result<Invitation, HomelineError> {
    let plan = store.require_plan()?;
    let person = caregiver(&plan, person)?.id.clone();
    Ok(Invitation { server: server(store)?, patient: plan.patient.id.to_string(), person })
}

fn server(store: &Store) -> Result<String, HomelineError> {
    store.profile.server.clone().ok_or_else(|| {
        HomelineError::new(
            ErrorKind::NotFound,
            "sync.no-server",
            "no server of a care team is known",
            "Enrol with the address that your team gave you: two phones meet there.",
        )
    })
}

pub(super) fn set(
    store: &mut Store,
    moment: &Moment,
    person: &PersonId,
    rights: &[Right],
    until: Option<DateTime<Utc>>,
) -> Result<(), HomelineError> {
    let plan = store.require_plan()?;
    let name = caregiver(&plan, person)?.name.clone();
    let own = crate::access::holder(&store.profile, &plan).map(|holder| &holder.id);
    if store.profile.role == AuthorRole::Caregiver && own == Some(person) {
        return Err(HomelineError::input("person", "nobody changes their own rights", "Ask the patient."));
    }
    to_come(until, moment.now)?;
    let mut rights = rights.to_vec();
    rights.sort_unstable();
    rights.dedup();
    let rows = store.vault()?.read(|tx| tx.mirror_of_type(CONSENT))?;
    let there = rows.iter().filter(|row| !row.deleted).map(|row| row.json.as_str());
    let ends = consents_of(there, person);
    // A chain with two ends, of two phones that changed the rights unseen, is settled by going on from both.
    let follows: Vec<Option<&str>> =
        if ends.is_empty() { vec![None] } else { ends.iter().map(|id| Some(id.as_str())).collect() };
    let mut resources = Vec::new();
    for follows in follows {
        resources.push(consent(store, &plan.patient.id, person, &name, &rights, until, follows, moment.now)?);
    }
    queue(store, moment, resources)
}

#[allow(clippy::too_many_arguments, reason = "the facts of one Consent, each of its own type")]
fn consent(
    store: &Store,
    patient: &PatientId,
    person: &PersonId,
    name: &str,
    rights: &[Right],
    until: Option<DateTime<Utc>>,
    follows: Option<&str>,
    at: DateTime<Utc>,
) -> Result<(&'static str, Uuid, String), HomelineError> {
    let id = Uuid::new_v4();
    let plan = store.require_plan()?;
    let author = store.author(&plan);
    let given_by = author.person.as_ref().filter(|_| author.role == AuthorRole::Caregiver);
    let json = consent_json(&NewConsent { id, patient, given_by, person, name, rights, until, follows, at });
    Ok((CONSENT, id, json.to_string()))
}

/// Queues resources for the server and keeps them as mirrored, in one transaction, so that this phone goes by them at once.
fn queue(
    store: &mut Store,
    moment: &Moment,
    resources: Vec<(&'static str, Uuid, String)>,
) -> Result<(), HomelineError> {
    let now = moment.now;
    store.vault()?.write(move |tx| {
        for (resource_type, id, json) in resources {
            tx.put_mirror(&MirrorRow {
                resource_type: resource_type.to_owned(),
                id: id.to_string(),
                version_id: None,
                last_updated: None,
                json: json.clone(),
                deleted: false,
                received_at: now,
            })?;
            tx.enqueue(&NewOutboxItem {
                lane: Lane::Safety,
                entry: None,
                resource_type: resource_type.to_owned(),
                resource_id: id.to_string(),
                payload: json,
                queued_at: now,
            })?;
        }
        Ok(())
    })?;
    store.take_plan_from_mirror(moment).map(|_| ())
}

pub(super) fn join(store: &mut Store, person: PersonId) -> Result<(), HomelineError> {
    if store.profile.role != AuthorRole::Caregiver {
        return Err(HomelineError::input(
            "invitation",
            "this vault is the patient's own",
            "Make a new vault on their own phone.",
        ));
    }
    let mut profile = store.profile.clone();
    profile.person = Some(person);
    profile.ended = None;
    profile.shut = None;
    store.set_profile(profile)
}

/// How far the server knows the rights of somebody.
enum Known {
    /// It has them, or they came from it.
    Server,
    /// They wait on this phone.
    Waiting,
    /// It did not take them.
    Refused(String),
}

fn known(tx: &ReadTx<'_>, consents: &[String]) -> Result<Known, VaultError> {
    let parked = tx.outbox_parked()?;
    let refused = parked.iter().find(|item| item.resource_type == CONSENT && consents.contains(&item.resource_id));
    if let Some(item) = refused {
        return Ok(Known::Refused(item.reason.clone().unwrap_or_default()));
    }
    for id in consents {
        let from_server = tx.mirror(CONSENT, id)?.is_some_and(|row| row.version_id.is_some());
        if !from_server && tx.outbox_sent(CONSENT, id)?.is_none() {
            return Ok(Known::Waiting);
        }
    }
    Ok(Known::Server)
}

pub(super) fn screen(store: &Store, moment: &Moment) -> Result<Screen, HomelineError> {
    let (plan, texts) = (store.require_plan()?, moment.texts);
    let vault = store.vault()?;
    let mut rows = Vec::new();
    for caregiver in &plan.caregivers {
        let known = vault.read(|tx| {
            let there = tx.mirror_of_type(CONSENT)?;
            let there = there.iter().filter(|row| !row.deleted).map(|row| row.json.as_str());
            known(tx, &consents_of(there, &caregiver.id))
        })?;
        let mut row = Row::new(format!("caregiver/{}", caregiver.id), caregiver.name.clone());
        let held: Vec<Right> = Right::ALL.into_iter().filter(|right| caregiver.holds(*right, moment.now)).collect();
        let ended = caregiver.until.is_some_and(|until| until < moment.now);
        row.state = Some(match held.as_slice() {
            [] if ended => texts.say("caregivers.ended"),
            [] => texts.say("caregivers.none"),
            rights => texts.fill("caregivers.may", &[("rights", &words::rights(texts, rights))]),
        });
        row.details.extend(caregiver.relationship.clone());
        let until = caregiver.until.filter(|until| *until >= moment.now && !held.is_empty());
        row.details.extend(until.map(|until| texts.fill("caregivers.until", &[("time", &moment.shown(until))])));
        match known {
            Known::Server => {}
            Known::Waiting => {
                row.details.push(texts.say("caregivers.waiting"));
                row.emphasis = Emphasis::Attention;
            }
            Known::Refused(reason) => {
                row.details.push(texts.say("caregivers.refused"));
                row.details.push(reason);
                row.emphasis = Emphasis::Urgent;
            }
        }
        rows.push(row.with_spoken_sentence());
    }
    if rows.is_empty() {
        rows.push(Row::new("nobody", texts.say("caregivers.nobody")));
    }
    Ok(Screen {
        privacy: Privacy::default(),
        id: "caregivers".to_owned(),
        title: texts.say("caregivers.title"),
        subtitle: Some(
            texts.fill("caregivers.this-phone", &[("patient", &plan.patient.name), ("name", &store.profile.name)]),
        ),
        sections: vec![Section { title: None, rows }],
        footer: vec![texts.say("caregivers.next-contact")],
    })
}
