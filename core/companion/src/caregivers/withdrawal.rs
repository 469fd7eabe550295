//! The end of a caregiver's access: from the instant at which no right is left, the phone shows nothing; at its next contact
//! with the server, once all that was written here is sent, what it held of others is removed from the disk.
//!
//! A server may also shut the record to the sign-in itself, and then no Consent comes any more. The phone shows nothing from that
//! contact on. It may be a slip on the server, so the removal waits for a contact a day later that finds it still shut.

use crate::card;
use crate::error::{ErrorKind, HomelineError};
use crate::moment::Moment;
use crate::store::Store;
use chrono::Duration;
use homeline_model::AuthorRole;
use homeline_sync::SyncError;

/// How long the record must have been shut before what was mirrored is removed.
const SHUT_FOR_GOOD: Duration = Duration::hours(24);

/// After an exchange: removes what was mirrored, when no right is left and nothing of this phone's waits to be sent.
pub(crate) fn end_if_withdrawn(store: &mut Store, moment: &Moment) -> Result<bool, HomelineError> {
    let is_theirs = store.profile.role == AuthorRole::Caregiver && store.profile.ended.is_none();
    if !is_theirs || store.plan().is_none() || store.has_any_right(moment.now) {
        return Ok(false);
    }
    let vault = store.vault()?;
    if vault.read(|tx| tx.outbox_status())?.waiting > 0 {
        return Ok(false);
    }
    end(store, moment)?;
    Ok(true)
}

/// What the server said to this sign-in: shut, or open again. Answers whether the access has ended with that.
pub(crate) fn note_access(
    store: &mut Store,
    moment: &Moment,
    stopped: Option<&SyncError>,
) -> Result<bool, HomelineError> {
    if store.profile.role != AuthorRole::Caregiver || store.profile.ended.is_some() {
        return Ok(false);
    }
    let mut profile = store.profile.clone();
    match (stopped, profile.shut) {
        (Some(SyncError::AccessLost { .. }), Some(since)) => {
            if moment.now - since < SHUT_FOR_GOOD {
                return Ok(false);
            }
            end(store, moment)?;
            return Ok(true);
        }
        (Some(SyncError::AccessLost { .. }), None) => profile.shut = Some(moment.now),
        (None, Some(_)) => profile.shut = None,
        (Some(_), _) | (None, None) => return Ok(false),
    }
    store.set_profile(profile)?;
    Ok(false)
}

fn end(store: &mut Store, moment: &Moment) -> Result<(), HomelineError> {
    let vault = store.vault()?;
    let mut profile = store.profile.clone();
    profile.ended = Some(moment.now);
    let stored = profile.clone();
    vault.remove_mirrored(move |tx| Store::put_profile(tx, &stored))?;
    store.profile = profile;
    store.replace_plan(None);
    store.forget_triage();
    card::remove_locked(store)
}

/// A phone whose access has ended fetches nothing again.
pub(crate) fn refuse_when_ended(store: &Store) -> Result<(), HomelineError> {
    if store.profile.ended.is_none() {
        return Ok(());
    }
    Err(HomelineError::new(
        ErrorKind::NotAllowed,
        "rights.ended",
        "the access of this phone has ended, and what it held of the record was removed",
        "Ask the patient for a new invitation.",
    ))
}
