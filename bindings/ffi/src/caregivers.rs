//! Who helps at home, what they may do, and what was asked of them.

use crate::call::call;
use crate::crossing::{Invitation, Logged, NewCaregiver, RequestOutcome, Right, Screen, Settlement};
use crate::error::HomelineError;
use crate::homeline::Homeline;
use crate::values::Timestamp;
use homeline_model::{EntryId, OccurrenceId, PersonId};

#[uniffi::export]
impl Homeline {
    /// Who helps, and what each may do.
    pub async fn caregivers_screen(&self) -> Result<Screen, HomelineError> {
        call(self.inner.caregivers().screen()).await
    }

    /// What was asked of whom, with actions for `act`.
    pub async fn requests_screen(&self) -> Result<Screen, HomelineError> {
        call(self.inner.caregivers().requests()).await
    }

    /// Who looked at what and wrote what in the last `days` days.
    ///
    /// Errors: `NotAllowed`, `BadInput` (days).
    pub async fn audit_screen(&self, days: u32) -> Result<Screen, HomelineError> {
        call(self.inner.caregivers().audit(days)).await
    }

    /// Invites somebody who is not in the plan yet: `RelatedPerson` and `Consent` are queued for the server, and hold on this
    /// phone at once. Answers what their phone needs.
    ///
    /// Errors: `NotAllowed`, `BadInput` (no name, no right, an end that is past), `NotFound` (no server is known).
    pub async fn invite_caregiver(&self, caregiver: NewCaregiver) -> Result<Invitation, HomelineError> {
        call(self.inner.caregivers().invite(caregiver)).await
    }

    /// What the phone of somebody who helps needs, once more.
    ///
    /// Errors: `NotAllowed`, `NotFound` (nobody of that id helps, or no server is known).
    pub async fn caregiver_invitation(&self, person: PersonId) -> Result<Invitation, HomelineError> {
        call(self.inner.caregivers().invitation(person)).await
    }

    /// Makes this phone the one of a caregiver who was invited. The server wants a sign-in of their own; a bearer token, where
    /// it takes one, is kept in the vault.
    ///
    /// Errors: `BadInput` (address or id), `PlanRefused` (the vault belongs to another patient).
    pub async fn join_as_caregiver(&self, invitation: Invitation, token: Option<String>) -> Result<(), HomelineError> {
        call(self.inner.caregivers().join(invitation, token)).await
    }

    /// Gives somebody these rights in place of those that they have, until an instant or until they are taken back. No right
    /// at all takes all of them away.
    ///
    /// Errors: `NotAllowed`, `BadInput` (an end that is past, own rights), `NotFound` (nobody of that id helps).
    pub async fn set_caregiver_rights(
        &self,
        person: PersonId,
        rights: Vec<Right>,
        until: Option<Timestamp>,
    ) -> Result<(), HomelineError> {
        call(self.inner.caregivers().set_rights(person, rights, until)).await
    }

    /// Answers a request that was put to who holds this phone. The first answer stands; a second tap is the same.
    ///
    /// Errors: `NotFound` (no such request), `BadInput` (it was put to somebody else, the other answer was given).
    pub async fn answer_request(
        &self,
        request: EntryId,
        outcome: RequestOutcome,
        note: Option<String>,
    ) -> Result<Logged, HomelineError> {
        call(self.inner.caregivers().answer(request, outcome, note)).await
    }

    /// Says what was so where two people wrote two things about one dose. Their lines stay as they are.
    ///
    /// Errors: `NotFound` (no such dose), `BadInput` (nothing is to be settled).
    pub async fn settle_dose(&self, dose: OccurrenceId, outcome: Settlement) -> Result<Logged, HomelineError> {
        call(self.inner.caregivers().settle(dose, outcome)).await
    }

    /// Takes all rights from a caregiver.
    ///
    /// Errors: `NotAllowed`, `NotFound` (nobody of that id helps).
    pub async fn revoke_caregiver(&self, person: PersonId) -> Result<(), HomelineError> {
        call(self.inner.caregivers().revoke(person)).await
    }

    /// Asks somebody who helps, or all of them, to do something until `due`.
    ///
    /// Errors: `NotAllowed`, `NotFound` (nobody of that id helps), `BadInput` (no words; a time that is past).
    pub async fn ask(&self, to: Option<PersonId>, text: String, due: Timestamp) -> Result<Logged, HomelineError> {
        call(self.inner.caregivers().ask(to, text, due)).await
    }
}
