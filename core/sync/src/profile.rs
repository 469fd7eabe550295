//! What was learned about a server, so that it is not learned again in every run.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::store::{KnownVersion, ResourceKey};

/// Rows of the first bundle sent to a server.
pub(crate) const FIRST_BUNDLE_ROWS: usize = 100;
/// Rows of the largest bundle.
pub(crate) const LARGEST_BUNDLE_ROWS: usize = 500;
/// Bytes per row of a bundle's size: 100 rows make 512,000 bytes.
pub(crate) const BUNDLE_BYTES_PER_ROW: usize = 5_120;

/// How records are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UploadMode {
    /// Many in one transaction bundle.
    #[default]
    Transaction,
    /// Many in one batch bundle: for servers that refuse transactions.
    Batch,
    /// One by one: some servers refuse every bundle under a patient's token.
    Single,
}

impl UploadMode {
    /// The next plainer mode.
    pub(crate) fn plainer(self) -> Option<Self> {
        match self {
            Self::Transaction => Some(Self::Batch),
            Self::Batch => Some(Self::Single),
            Self::Single => None,
        }
    }
}

/// Whose ids the server keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdMode {
    /// Nothing was accepted yet.
    #[default]
    Unproven,
    /// `PUT Type/uuid` creates.
    Ours,
    /// The server hands out ids: conditional create by identifier.
    Servers,
}

/// Where deletions can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HistoryMode {
    /// Not asked yet.
    #[default]
    Unknown,
    /// `_history?_since` of the whole server answers.
    System,
    /// `Type/_history?_since` answers.
    Type,
    /// Neither does, or not for one patient: the sweep of ids finds deletions.
    None,
}

/// Whether a server does something that not every one does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Support {
    /// Not tried yet.
    #[default]
    Unproven,
    /// It does.
    Yes,
    /// It does not.
    No,
}

/// What is remembered about one server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ServerProfile {
    /// How records are sent.
    pub upload: UploadMode,
    /// Whose ids it keeps.
    pub ids: IdMode,
    /// Rows of the next bundle.
    pub bundle_rows: usize,
    /// Where deletions can be read.
    pub history: HistoryMode,
    /// Whether it reads requests that are packed with gzip.
    pub gzip: Support,
    /// Whether it answers many searches in one batch.
    pub batched_reads: Support,
    /// Whether it takes Binary; where it does not, pictures go inside of what shows them.
    pub binary: Support,
    /// The types that its CapabilityStatement lets one search; `None`: it does not say.
    pub searchable: Option<BTreeSet<String>>,
    /// Its CapabilityStatement was looked at.
    pub introduced: bool,
    /// It was put back from a backup: types of which it is still to be asked what of ours it lost.
    pub compare_sent: BTreeSet<String>,
    /// The newest that was known of it when it could not be told whether it was put back from a backup: still to be looked
    /// at. What was sent since is newer, and tells nothing.
    pub look_owed: Vec<(ResourceKey, KnownVersion)>,
}

impl Default for ServerProfile {
    fn default() -> Self {
        Self {
            upload: UploadMode::default(),
            ids: IdMode::default(),
            bundle_rows: FIRST_BUNDLE_ROWS,
            history: HistoryMode::default(),
            gzip: Support::default(),
            batched_reads: Support::default(),
            binary: Support::default(),
            searchable: None,
            introduced: false,
            compare_sent: BTreeSet::new(),
            look_owed: Vec::new(),
        }
    }
}

impl ServerProfile {
    /// Whether a search for this type has any chance.
    pub(crate) fn may_search(&self, resource_type: &str) -> bool {
        self.searchable.as_ref().is_none_or(|types| types.contains(resource_type))
    }

    pub(crate) fn halve_bundles(&mut self) {
        self.bundle_rows = (self.bundle_rows / 2).max(1);
    }

    pub(crate) fn grow_bundles(&mut self) {
        self.bundle_rows = (self.bundle_rows + self.bundle_rows.div_ceil(2)).min(LARGEST_BUNDLE_ROWS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bundles_shrink_to_one_row_and_grow_to_the_largest() {
        let mut profile = ServerProfile::default();
        (0..20).for_each(|_| profile.halve_bundles());
        assert_eq!(profile.bundle_rows, 1);
        (0..40).for_each(|_| profile.grow_bundles());
        assert_eq!(profile.bundle_rows, LARGEST_BUNDLE_ROWS);
    }

    #[test]
    fn a_profile_of_an_older_version_is_still_read() {
        let profile: ServerProfile = serde_json::from_str(r#"{"upload":"batch"}"#).expect("defaults for the rest");
        assert_eq!(profile, ServerProfile { upload: UploadMode::Batch, ..ServerProfile::default() });
    }
}
