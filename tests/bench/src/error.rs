//! What can go wrong.

/// Why a run ended early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// The vault refused.
    #[error("vault: {0}")]
    Vault(#[from] homeline_vault::VaultError),
    /// The public API refused.
    #[error("companion: {0}")]
    Companion(#[from] homeline_companion::HomelineError),
    /// The plan that ships with the simulated home was refused.
    #[error("plan: {0}")]
    Plan(#[from] homeline_fhir::ImportError),
    /// A database without a vault around it refused.
    #[error("SQLite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// An entry has no JSON form, or a stored one is no entry.
    #[error("JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// An id has no FHIR form.
    #[error("id: {0}")]
    Id(#[from] homeline_model::IdError),
    /// The folder.
    #[error("file: {0}; give a folder with room by --dir")]
    File(#[from] std::io::Error),
    /// The contestants did not do the same work, so their times say nothing.
    #[error("{operation}: the answers differ (ours {ours}, plain {plain}, default SQLCipher {peer})")]
    Differ {
        /// What was measured.
        operation: String,
        /// The checksums of the answers.
        ours: u64,
        /// Same.
        plain: u64,
        /// Same.
        peer: u64,
    },
    /// An operation found nothing, so its time says nothing.
    #[error("{operation}: nothing was found, although the journal holds it")]
    Nothing {
        /// What was measured.
        operation: &'static str,
    },
}
