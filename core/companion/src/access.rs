//! Who holds this phone, and what they may do with it: the one door that every call goes through.
//!
//! The patient's own phone may do everything. A caregiver's phone may do what the plan gives its holder (`Consent`, else
//! the extension `right` of the `RelatedPerson`), at the instant of the call: rights that have ended are gone without any
//! network. What is not allowed is refused before the store is asked, whatever a screen offers. A call that does not say
//! what it needs is for who may manage only, so that a new one is closed until somebody has thought about it.

use crate::error::{ErrorKind, HomelineError};
use crate::moment::Moment;
use crate::store::{Profile, Store};
use chrono::{DateTime, Utc};
use homeline_model::{AuthorRole, CarePlan, Caregiver, Right};

/// What a call does, as far as rights go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// The phone holder's own matters: nothing of the patient's is shown or written.
    Own,
    /// Shows a part of the record; its name stands in the audit.
    See(&'static str),
    /// Writes into the journal.
    Log,
    /// Answers alarms.
    Acknowledge,
    /// Writes to the care team.
    Message,
    /// Changes rights, the plan and what holds for everybody.
    Manage,
}

impl Access {
    fn right(self) -> Option<Right> {
        match self {
            Self::Own => None,
            Self::See(_) => Some(Right::See),
            Self::Log => Some(Right::Log),
            Self::Acknowledge => Some(Right::Acknowledge),
            Self::Message => Some(Right::Message),
            Self::Manage => Some(Right::Manage),
        }
    }
}

/// Errors with `NotAllowed` when who holds this phone may not do that now.
pub(crate) fn check(store: &mut Store, moment: &Moment, access: Access) -> Result<(), HomelineError> {
    let Some(right) = access.right() else { return Ok(()) };
    if !store.may(right, moment.now) {
        return Err(not_allowed(right, &store.profile));
    }
    if let (Access::See(part), AuthorRole::Caregiver) = (access, store.profile.role) {
        crate::audit::looked(store, moment, part);
    }
    Ok(())
}

fn not_allowed(right: Right, profile: &Profile) -> HomelineError {
    if profile.shut.is_some() && profile.ended.is_none() {
        return HomelineError::new(
            ErrorKind::NotAllowed,
            "rights.shut",
            "the care team's server does not open the record to this phone any more",
            "Ask the patient, then sync again.",
        );
    }
    if profile.ended.is_some() {
        return HomelineError::new(
            ErrorKind::NotAllowed,
            "rights.ended",
            "the access of this phone has ended, and what it held of the record was removed",
            "Ask the patient for a new invitation.",
        );
    }
    let what = match right {
        Right::See => "this phone may not see the record",
        Right::Log => "this phone may not write into the journal",
        Right::Acknowledge => "this phone may not answer alarms",
        Right::Message => "this phone may not write to the care team",
        Right::Manage => "this phone may not change that",
    };
    HomelineError::new(ErrorKind::NotAllowed, "rights.missing", what, "Ask the patient, or who manages the rights.")
}

impl Store {
    /// Whether who holds this phone has a right now.
    pub(crate) fn may(&self, right: Right, now: DateTime<Utc>) -> bool {
        match self.profile.role {
            AuthorRole::Patient => true,
            AuthorRole::Caregiver if self.profile.ended.is_some() || self.profile.shut.is_some() => false,
            // Before the first plan there is nothing to see, and nobody has said who may what.
            AuthorRole::Caregiver => match self.plan() {
                None => true,
                Some(plan) => holder(&self.profile, plan).is_some_and(|caregiver| caregiver.holds(right, now)),
            },
            AuthorRole::CareTeam | AuthorRole::Device | AuthorRole::App => false,
        }
    }

    /// Whether who holds this phone has any right left.
    pub(crate) fn has_any_right(&self, now: DateTime<Utc>) -> bool {
        Right::ALL.iter().any(|right| self.may(*right, now))
    }
}

/// The caregiver of the plan who holds the phone: by the id of the invitation, else by a name that only one has.
pub(crate) fn holder<'a>(profile: &Profile, plan: &'a CarePlan) -> Option<&'a Caregiver> {
    if let Some(person) = &profile.person {
        return plan.caregivers.iter().find(|caregiver| &caregiver.id == person);
    }
    let mut named = plan.caregivers.iter().filter(|caregiver| caregiver.name == profile.name);
    named.next().filter(|_| named.next().is_none())
}
