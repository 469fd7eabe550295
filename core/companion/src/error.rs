//! The one public error: a closed set of kinds that a screen can act on, a stable code, a remedy in plain words.
//!
//! Crates below have errors of their own with all their fields; this page is the one place that turns them into what
//! an app developer sees. Nothing here repeats a name, a drug or a word of the patient.

use crate::ports::PortError;
use homeline_vault::VaultError;
use serde::Serialize;

/// What a screen can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// Passcode or recovery code is wrong: ask again.
    WrongCredential,
    /// The phone's key store does not answer now (locked): try again after unlock.
    KeyUnavailable,
    /// The hardware key is gone: ask for the recovery code.
    KeyLost,
    /// There is no vault or no such thing: offer to create it, or go back.
    NotFound,
    /// There is one already: open it instead.
    AlreadyExists,
    /// It is open elsewhere: close it there.
    AlreadyOpen,
    /// The file is newer than this program: update the app.
    NewerFormat,
    /// The file is damaged: it is left as it is; offer the backup.
    Damaged,
    /// No room on the phone: free some; nothing was written.
    DiskFull,
    /// The folder cannot be written.
    ReadOnly,
    /// What was typed or sent is not acceptable: `field` says which, `remedy` what to do.
    BadInput,
    /// The care plan was refused as a whole.
    PlanRefused,
    /// No network.
    Offline,
    /// The care team's server wants a sign-in.
    NeedsSignIn,
    /// The care team's server said no.
    ServerRefused,
    /// The radio or another part of the phone failed.
    Platform,
    /// It was closed before.
    Closed,
    /// A fault of ours.
    Internal,
    /// Who holds this phone may not do that: say so, and offer nothing in its place.
    NotAllowed,
    /// The caller took a long piece of work back; nothing half-done is left.
    Cancelled,
}

/// Whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Retry {
    /// The same call fails again.
    Never,
    /// After the person did what `remedy` says.
    AfterRemedy,
    /// Later, without anybody doing anything.
    Later,
}

/// The public error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{}{what}. {remedy}", field.as_ref().map(|f| format!("{f}: ")).unwrap_or_default())]
pub struct HomelineError {
    /// What a screen can act on.
    pub kind: ErrorKind,
    /// Stable, e.g. `vault.wrong-passcode`; for logs and support.
    pub code: &'static str,
    /// Which field of the input, where one is to blame.
    pub field: Option<String>,
    /// What is wrong, one plain sentence without a full stop.
    pub what: String,
    /// What to do about it, one plain sentence.
    pub remedy: String,
}

impl HomelineError {
    pub(crate) fn new(kind: ErrorKind, code: &'static str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { kind, code, field: None, what: what.into(), remedy: remedy.into() }
    }

    pub(crate) fn input(field: &str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::BadInput,
            code: "input.refused",
            field: Some(field.to_owned()),
            what: what.into(),
            remedy: remedy.into(),
        }
    }

    pub(crate) fn closed() -> Self {
        Self::new(ErrorKind::Closed, "homeline.closed", "the journal is closed", "Open it again.")
    }

    /// Whether trying again can help.
    pub fn retry(&self) -> Retry {
        match self.kind {
            ErrorKind::KeyUnavailable | ErrorKind::Offline | ErrorKind::Platform => Retry::Later,
            ErrorKind::NewerFormat | ErrorKind::Damaged | ErrorKind::Internal | ErrorKind::ServerRefused => {
                Retry::Never
            }
            ErrorKind::WrongCredential
            | ErrorKind::KeyLost
            | ErrorKind::NotFound
            | ErrorKind::AlreadyExists
            | ErrorKind::AlreadyOpen
            | ErrorKind::DiskFull
            | ErrorKind::ReadOnly
            | ErrorKind::BadInput
            | ErrorKind::PlanRefused
            | ErrorKind::NeedsSignIn
            | ErrorKind::NotAllowed
            | ErrorKind::Closed
            | ErrorKind::Cancelled => Retry::AfterRemedy,
        }
    }
}

impl From<homeline_fhir::ImportError> for HomelineError {
    fn from(error: homeline_fhir::ImportError) -> Self {
        Self::new(ErrorKind::PlanRefused, "plan.refused", error.to_string(), "Nothing was changed.")
    }
}

impl From<homeline_clinical::ClinicalError> for HomelineError {
    fn from(error: homeline_clinical::ClinicalError) -> Self {
        Self::new(ErrorKind::BadInput, "input.refused", error.to_string(), "Nothing was written.")
    }
}

impl From<homeline_sync::SyncError> for HomelineError {
    fn from(error: homeline_sync::SyncError) -> Self {
        use homeline_sync::Retry as SyncRetry;
        let kind = match (&error, error.retry()) {
            (homeline_sync::SyncError::Offline, _) => ErrorKind::Offline,
            (_, SyncRetry::AfterSignIn) => ErrorKind::NeedsSignIn,
            (_, SyncRetry::Later { .. }) => ErrorKind::Offline,
            (_, SyncRetry::Never) => ErrorKind::ServerRefused,
        };
        Self::new(kind, error.code(), error.to_string(), "What waits is kept.")
    }
}

impl From<PortError> for HomelineError {
    fn from(error: PortError) -> Self {
        Self::new(ErrorKind::Platform, "platform.port", error.to_string(), "Try again in a moment.")
    }
}

impl From<VaultError> for HomelineError {
    fn from(error: VaultError) -> Self {
        use ErrorKind as Kind;
        // The vault's own sentence says what and what to do, parted by a colon; both stand in `what`, and `remedy` adds
        // what only the app knows.
        let (kind, code, remedy) = match &error {
            VaultError::Missing { .. } => (Kind::NotFound, "vault.missing", "Make a vault, or name its folder."),
            VaultError::AlreadyExists => (Kind::AlreadyExists, "vault.exists", "Nothing was changed."),
            VaultError::AlreadyOpen => (Kind::AlreadyOpen, "vault.open", "Nothing was changed."),
            VaultError::ReadOnly => (Kind::ReadOnly, "vault.read-only", "Nothing was changed."),
            VaultError::DiskFull { .. } => (Kind::DiskFull, "vault.disk-full", "What was saved before is kept."),
            VaultError::WrongPasscode | VaultError::PasscodeRequired | VaultError::NoPasscodeSet => {
                (Kind::WrongCredential, "vault.passcode", "The recovery code opens it too.")
            }
            VaultError::WrongRecoveryCode | VaultError::RecoveryCodeMistyped { .. } => {
                (Kind::WrongCredential, "vault.recovery-code", "Nothing was changed.")
            }
            VaultError::PasscodeCost { .. } => (Kind::BadInput, "vault.passcode-cost", "Take the default."),
            VaultError::KeyUnavailable => (Kind::KeyUnavailable, "vault.key-unavailable", "Nothing was changed."),
            VaultError::KeyInvalidated => (Kind::KeyLost, "vault.key-lost", "The journal is kept."),
            VaultError::NewerFile { .. } => (Kind::NewerFormat, "vault.newer", "The file was not touched."),
            VaultError::Damaged { .. } | VaultError::ChainBroken { .. } => {
                (Kind::Damaged, "vault.damaged", "Nothing was changed. Keep the folder.")
            }
            VaultError::RolledBack { .. } => (Kind::Damaged, "vault.rolled-back", "Nothing was changed."),
            VaultError::AttachmentDamaged { .. } | VaultError::AttachmentMissing { .. } => {
                (Kind::Damaged, "vault.attachment", "Its entry is still there.")
            }
            VaultError::TooLarge { .. } => (Kind::BadInput, "vault.too-large", "Nothing was written."),
            VaultError::EntryConflict { .. } | VaultError::AmendedEntryMissing { .. } => {
                (Kind::BadInput, "vault.entry", "Nothing was written.")
            }
            VaultError::Cancelled => (Kind::Cancelled, "work.cancelled", "Begin it again when you like."),
            VaultError::Closed => (Kind::Closed, "vault.closed", "Nothing was changed."),
            VaultError::WrongLibrary { .. } => (Kind::Internal, "vault.library", "Nothing was opened."),
            VaultError::Upgrade { .. }
            | VaultError::BadValue { .. }
            | VaultError::NoSuchRow { .. }
            | VaultError::Abandoned
            | VaultError::Crypto { .. }
            | VaultError::Database { .. } => (Kind::Internal, "vault.internal", "Nothing half-done was kept."),
            VaultError::Io { .. } => (Kind::Platform, "vault.file", "Nothing half-done was kept."),
        };
        Self::new(kind, code, error.to_string(), remedy)
    }
}
