//! A server that was put back from a backup: noticed by what is missing, and helped to have again what it lost.

use crate::error::SyncError;
use crate::store::{KnownVersion, MirrorStore, ResourceKey, ServerMemory};

use super::{Run, is_older, page};

/// Addresses in one batch.
const ASKED_AT_ONCE: usize = 100;

impl<S> Run<'_, S>
where
    S: MirrorStore + ServerMemory + ?Sized,
{
    /// What is looked at: the newest that is known, or was when an earlier look could not tell.
    fn newest(&self) -> Result<Vec<(ResourceKey, KnownVersion)>, SyncError> {
        let owed = &self.profile.look_owed;
        if owed.is_empty() { Ok(self.store.newest()?) } else { Ok(owed.clone()) }
    }

    pub(super) fn newest_addresses(&self) -> Result<Vec<String>, SyncError> {
        Ok(self.newest()?.iter().map(|(key, _)| address(key)).collect())
    }

    pub(super) async fn look_before_sending(&mut self) -> Result<(), SyncError> {
        self.recall()?;
        let addresses = self.newest_addresses()?;
        self.prefetch(&addresses).await?;
        match self.newest_is_missing().await {
            Ok(true) => self.server_was_restored(),
            Ok(false) => Ok(()),
            // A server that stumbles over the one record cannot tell: nothing is kept waiting for that, and the look is owed.
            Err(
                SyncError::Unavailable { status: 500, .. } | SyncError::TooLarge { .. } | SyncError::NotFhir { .. },
            ) => {
                let newest = self.newest()?;
                self.remember(|profile| profile.look_owed = newest)
            }
            Err(other) => Err(other),
        }
    }

    /// Whether the server no longer has, or has an older state of, the newest row that we know.
    pub(super) async fn newest_is_missing(&mut self) -> Result<bool, SyncError> {
        for (key, known) in self.newest()? {
            let answer = self.get(&address(&key)).await?;
            let is_missing = match answer.status {
                200..=299 => std::str::from_utf8(&answer.body)
                    .ok()
                    .and_then(page::read_resource)
                    .is_some_and(|held| went_back(&held.version, &known)),
                // Some servers say this of what was deleted, too.
                404 => !self.get(&history(&address(&key))).await?.is_success(),
                _ => false,
            };
            if is_missing {
                return Ok(true);
            }
        }
        self.remember(|profile| profile.look_owed.clear())?;
        Ok(false)
    }

    /// Everything is read anew, and of each type it is to be found out what of ours was lost; that is remembered until it
    /// is done.
    pub(super) fn server_was_restored(&mut self) -> Result<(), SyncError> {
        self.report.server_restored = true;
        let types = self.plan.queries().iter().map(|query| query.resource_type.to_owned()).collect();
        self.remember(|profile| {
            profile.compare_sent = types;
            profile.look_owed.clear();
        })?;
        self.begin_anew()
    }

    /// Of records that we sent and that are not there: those that the server never heard of. One that somebody deleted has
    /// a history, and is not brought back. A server that keeps no history of single resources cannot tell the two apart:
    /// then nothing is.
    pub(super) async fn lost(&mut self, missing: Vec<ResourceKey>) -> Result<Vec<ResourceKey>, SyncError> {
        let mut lost = Vec::new();
        if missing.is_empty() {
            return Ok(lost);
        }
        let of_patient = history(&self.patient_address());
        if !self.get(&of_patient).await?.is_success() {
            return Ok(lost);
        }
        for some in missing.chunks(ASKED_AT_ONCE) {
            let addresses: Vec<String> = some.iter().map(|key| history(&address(key))).collect();
            self.prefetch(&addresses).await?;
            for (key, address) in some.iter().zip(addresses) {
                if self.get(&address).await?.status == 404 {
                    lost.push(key.clone());
                }
            }
        }
        Ok(lost)
    }
}

fn address(key: &ResourceKey) -> String {
    format!("{}/{}", key.resource_type, key.id)
}

fn history(address: &str) -> String {
    format!("{address}/_history?_count=1")
}

/// Older by time, or, where the time of ours was not told, by a version that counts.
fn went_back(held: &KnownVersion, known: &KnownVersion) -> bool {
    let number = |version: &KnownVersion| version.version_id.as_deref().and_then(|text| text.parse::<u64>().ok());
    match (number(held), number(known)) {
        (Some(held), Some(known_number)) if known.last_updated.is_none() => held < known_number,
        _ => is_older(held, known),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lower_number_is_older_only_where_no_time_tells_more() {
        let version = |id: &str, seconds: Option<i64>| KnownVersion {
            version_id: Some(id.into()),
            last_updated: seconds.and_then(|seconds| chrono::DateTime::from_timestamp(seconds, 0)),
        };
        assert!(went_back(&version("1", Some(5)), &version("2", None)));
        assert!(!went_back(&version("2", Some(5)), &version("2", None)));
        assert!(!went_back(&version("a", Some(5)), &version("b", None)));
        assert!(went_back(&version("9", Some(5)), &version("2", Some(6))));
        assert!(!went_back(&version("1", Some(7)), &version("2", Some(6))), "versions may start anew");
    }
}
