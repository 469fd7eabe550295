//! The one error, as Kotlin and Swift see it: companion's, field by field.

use homeline_companion as companion;

/// What a screen can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
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
}

impl From<companion::ErrorKind> for ErrorKind {
    fn from(kind: companion::ErrorKind) -> Self {
        match kind {
            companion::ErrorKind::WrongCredential => Self::WrongCredential,
            companion::ErrorKind::KeyUnavailable => Self::KeyUnavailable,
            companion::ErrorKind::KeyLost => Self::KeyLost,
            companion::ErrorKind::NotFound => Self::NotFound,
            companion::ErrorKind::AlreadyExists => Self::AlreadyExists,
            companion::ErrorKind::AlreadyOpen => Self::AlreadyOpen,
            companion::ErrorKind::NewerFormat => Self::NewerFormat,
            companion::ErrorKind::Damaged => Self::Damaged,
            companion::ErrorKind::DiskFull => Self::DiskFull,
            companion::ErrorKind::ReadOnly => Self::ReadOnly,
            companion::ErrorKind::BadInput => Self::BadInput,
            companion::ErrorKind::PlanRefused => Self::PlanRefused,
            companion::ErrorKind::Offline => Self::Offline,
            companion::ErrorKind::NeedsSignIn => Self::NeedsSignIn,
            companion::ErrorKind::ServerRefused => Self::ServerRefused,
            companion::ErrorKind::Platform => Self::Platform,
            companion::ErrorKind::NotAllowed => Self::NotAllowed,
            companion::ErrorKind::Closed => Self::Closed,
            companion::ErrorKind::Internal => Self::Internal,
        }
    }
}

/// Whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Retry {
    /// The same call fails again.
    Never,
    /// After the person did what `remedy` says.
    AfterRemedy,
    /// Later, without anybody doing anything.
    Later,
}

impl From<companion::Retry> for Retry {
    fn from(retry: companion::Retry) -> Self {
        match retry {
            companion::Retry::Never => Self::Never,
            companion::Retry::AfterRemedy => Self::AfterRemedy,
            companion::Retry::Later => Self::Later,
        }
    }
}

/// The public error. It has one variant, so that no screen has to list eighteen of them to read `remedy`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum HomelineError {
    /// What failed, and what to do about it. Nothing in it repeats a name, a drug or a word of the patient.
    #[error("{}{what}. {remedy}", field.as_ref().map(|field| format!("{field}: ")).unwrap_or_default())]
    Failed {
        /// What a screen can act on.
        kind: ErrorKind,
        /// Stable, e.g. `vault.wrong-passcode`; for logs and support.
        code: String,
        /// Which field of the input, where one is to blame.
        field: Option<String>,
        /// What is wrong, one plain sentence without a full stop.
        what: String,
        /// What to do about it, one plain sentence.
        remedy: String,
        /// Whether trying again can help.
        retry: Retry,
    },
}

impl From<companion::HomelineError> for HomelineError {
    fn from(error: companion::HomelineError) -> Self {
        let retry = error.retry().into();
        Self::Failed {
            kind: error.kind.into(),
            code: error.code.to_owned(),
            field: error.field,
            what: error.what,
            remedy: error.remedy,
            retry,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_crosses_the_border_with_every_field_and_reads_as_before() {
        let ours = companion::HomelineError {
            kind: companion::ErrorKind::KeyUnavailable,
            code: "vault.key-unavailable",
            field: Some("passcode".to_owned()),
            what: "the phone is locked".to_owned(),
            remedy: "Unlock it.".to_owned(),
        };
        let said = ours.to_string();
        let theirs = HomelineError::from(ours);
        assert_eq!(theirs.to_string(), said);
        let HomelineError::Failed { kind, code, field, retry, .. } = theirs;
        assert_eq!((kind, retry), (ErrorKind::KeyUnavailable, Retry::Later));
        assert_eq!((code.as_str(), field.as_deref()), ("vault.key-unavailable", Some("passcode")));
    }
}
