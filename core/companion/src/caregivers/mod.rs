//! Caregivers: who may do what and until when, inviting and revoking, asking one another, settling what two people wrote,
//! and who saw and did what.
//!
//! A caregiver has a phone, a vault and keys of their own. What they may do is said by a `Consent` that the patient's phone
//! writes; it holds on each phone from the moment that it is there.

mod request;
mod rights;
mod settle;
mod withdrawal;

use crate::access::Access;
use crate::error::HomelineError;
use crate::homeline::Inner;
use crate::ports::Change;
use crate::screen::Screen;
use crate::store::Logged;
use chrono::{DateTime, Utc};
use homeline_model::{EntryId, OccurrenceId, PersonId, RequestOutcome, Right, Settlement};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub(crate) use request::{answer_action, close_answered};
pub(crate) use settle::{clash_lines, settle_action, settle_actions};
pub(crate) use withdrawal::{end_if_withdrawn, note_access, refuse_when_ended};

/// The longest audit, in days.
const LONGEST_AUDIT: u32 = 400;

/// Somebody who is to help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCaregiver {
    /// Name as it shall stand beside entries.
    pub name: String,
    /// What they are to the patient, e.g. `daughter`.
    pub relationship: String,
    /// What they may do; at least one.
    pub rights: Vec<Right>,
    /// Until when; `None` is until it is taken back.
    pub until: Option<DateTime<Utc>>,
}

/// What a caregiver's phone needs to join. It opens nothing by itself: the caregiver signs in at the team's server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// The care team's FHIR R4 server.
    pub server: String,
    /// The patient's id there.
    pub patient: String,
    /// The id of the caregiver's `RelatedPerson`.
    pub person: PersonId,
}

/// What the server must let the patient's token do so that rights can be given from home (SMART App Launch 2, §3.0.2).
pub const SCOPES_FOR_RIGHTS: [&str; 2] = ["patient/Consent.crus", "patient/RelatedPerson.crus"];
/// What it must let every phone of the home do so that one can ask another.
pub const SCOPES_FOR_REQUESTS: [&str; 1] = ["patient/Task.crus"];

/// Caregivers.
#[derive(Clone)]
pub struct Caregivers {
    pub(crate) inner: Arc<Inner>,
}

impl Caregivers {
    /// Who may do what, until when, and how far the server knows it.
    pub async fn screen(&self) -> Result<Screen, HomelineError> {
        self.inner.allowed(Access::See("caregivers"), |store, moment| rights::screen(store, moment)).await
    }

    /// Invites somebody who is not in the plan yet: `RelatedPerson` and `Consent` are queued for the server, and hold on this
    /// phone at once. Answers what their phone needs.
    ///
    /// Errors: `BadInput` (no name, no right, an end that is past), `NotFound` (no plan, no server).
    pub async fn invite(&self, caregiver: NewCaregiver) -> Result<Invitation, HomelineError> {
        let invitation =
            self.inner.allowed(Access::Manage, move |store, moment| rights::invite(store, moment, &caregiver)).await?;
        self.inner.announce(Change::Plan);
        Ok(invitation)
    }

    /// What the phone of somebody needs who is in the plan already.
    ///
    /// Errors: `NotFound` (nobody of that id in the plan, no server).
    pub async fn invitation(&self, person: PersonId) -> Result<Invitation, HomelineError> {
        self.inner.allowed(Access::Manage, move |store, _| rights::invitation(store, &person)).await
    }

    /// Gives somebody these rights in place of those that they have. No right at all takes all of them away.
    ///
    /// Errors: `BadInput` (an end that is past, own rights), `NotFound`.
    pub async fn set_rights(
        &self,
        person: PersonId,
        rights: Vec<Right>,
        until: Option<DateTime<Utc>>,
    ) -> Result<(), HomelineError> {
        self.inner
            .allowed(Access::Manage, move |store, moment| rights::set(store, moment, &person, &rights, until))
            .await?;
        self.inner.announce(Change::Plan);
        Ok(())
    }

    /// Takes all rights away. On their phone it takes effect at its next contact with the server: what it mirrored is removed.
    pub async fn revoke(&self, person: PersonId) -> Result<(), HomelineError> {
        self.set_rights(person, Vec::new(), None).await
    }

    /// Makes this phone the one of a caregiver who was invited. The server wants a sign-in of their own; a bearer token, where
    /// it takes one, is kept in the vault.
    ///
    /// Errors: `BadInput` (this is the patient's phone), `PlanRefused` (the vault belongs to another patient).
    pub async fn join(&self, invitation: Invitation, token: Option<String>) -> Result<(), HomelineError> {
        let person = invitation.person.clone();
        self.inner.allowed(Access::Own, move |store, _| rights::join(store, person)).await?;
        let sync = crate::sync::Sync { inner: self.inner.clone() };
        sync.enrol(invitation.server, invitation.patient, token).await
    }

    /// Asks somebody at home for something; `to` is a caregiver of the plan, `None` the patient. It ends in done, refused or,
    /// without an answer by `due`, unknown: on both phones.
    ///
    /// Errors: `BadInput` (no words, a time that is past, oneself), `NotFound` (nobody of that id).
    pub async fn ask(&self, to: Option<PersonId>, text: String, due: DateTime<Utc>) -> Result<Logged, HomelineError> {
        let logged = self
            .inner
            .allowed(Access::Log, move |store, moment| request::ask(store, moment, to.as_ref(), text, due))
            .await?;
        self.inner.announce(Change::Journal);
        Ok(logged)
    }

    /// Answers a request that was put to who holds this phone. The first answer stands; a second tap is the same.
    ///
    /// Errors: `NotFound` (no such request), `BadInput` (it was put to somebody else, the other answer was given).
    pub async fn answer(
        &self,
        request: EntryId,
        outcome: RequestOutcome,
        note: Option<String>,
    ) -> Result<Logged, HomelineError> {
        let logged = self
            .inner
            .allowed(Access::See("requests"), move |store, moment| {
                request::answer(store, moment, request, outcome, note)
            })
            .await?;
        self.inner.announce(Change::Journal);
        Ok(logged)
    }

    /// Requests of the last two weeks, with what became of each.
    pub async fn requests(&self) -> Result<Screen, HomelineError> {
        self.inner.allowed(Access::See("requests"), |store, moment| request::screen(store, moment)).await
    }

    /// Says what was so where two people wrote two things about one dose. Their lines stay as they are.
    ///
    /// Errors: `NotFound` (no such dose), `BadInput` (nothing is to be settled).
    pub async fn settle(&self, occurrence: OccurrenceId, outcome: Settlement) -> Result<Logged, HomelineError> {
        let logged = self
            .inner
            .allowed(Access::Log, move |store, moment| settle::settle(store, moment, occurrence, outcome))
            .await?;
        self.inner.announce(Change::Journal);
        Ok(logged)
    }

    /// Who saw and did what in the last `days` (1 to 400), newest first.
    pub async fn audit(&self, days: u32) -> Result<Screen, HomelineError> {
        if !(1..=LONGEST_AUDIT).contains(&days) {
            return Err(HomelineError::input("days", "it must be 1 to 400", "Ask for another number of days."));
        }
        self.inner.allowed(Access::Manage, move |store, moment| crate::audit::screen(store, moment, days)).await
    }
}
