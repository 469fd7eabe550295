//! The one error, as Kotlin and Swift see it: companion's, field by field.

use homeline_companion as companion;
pub use homeline_companion::{ErrorKind, Retry};

/// What a screen can act on. The number of a kind is its code: it is never given to another kind, and stands in the
/// exported enum as its raw value.
#[uniffi::remote(Enum)]
#[repr(u32)]
pub enum ErrorKind {
    /// 1: Passcode or recovery code is wrong: ask again.
    WrongCredential = 1,
    /// 2: The phone's key store does not answer now (locked): try again after unlock.
    KeyUnavailable = 2,
    /// 3: The hardware key is gone: ask for the recovery code.
    KeyLost = 3,
    /// 4: There is no vault or no such thing: offer to create it, or go back.
    NotFound = 4,
    /// 5: There is one already: open it instead.
    AlreadyExists = 5,
    /// 6: It is open elsewhere: close it there.
    AlreadyOpen = 6,
    /// 7: The file is newer than this program: update the app.
    NewerFormat = 7,
    /// 8: The file is damaged: it is left as it is; offer the backup.
    Damaged = 8,
    /// 9: No room on the phone: free some; nothing was written.
    DiskFull = 9,
    /// 10: The folder cannot be written.
    ReadOnly = 10,
    /// 11: What was typed or sent is not acceptable: `field` says which, `remedy` what to do.
    BadInput = 11,
    /// 12: The care plan was refused as a whole.
    PlanRefused = 12,
    /// 13: No network.
    Offline = 13,
    /// 14: The care team's server wants a sign-in.
    NeedsSignIn = 14,
    /// 15: The care team's server said no.
    ServerRefused = 15,
    /// 16: The radio or another part of the phone failed, or the app's own code behind a port.
    Platform = 16,
    /// 17: It was closed before.
    Closed = 17,
    /// 18: A fault of ours.
    Internal = 18,
    /// 19: The caller took a long piece of work back; nothing half-done is left.
    Cancelled = 19,
    /// 20: Who holds this phone may not do that: say so, and offer nothing in its place.
    NotAllowed = 20,
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

impl HomelineError {
    /// An argument that cannot be taken.
    pub(crate) fn input(field: &str, what: &str, remedy: &str) -> Self {
        Self::Failed {
            kind: ErrorKind::BadInput,
            code: "input.refused".to_owned(),
            field: Some(field.to_owned()),
            what: what.to_owned(),
            remedy: remedy.to_owned(),
            retry: Retry::AfterRemedy,
        }
    }
}

impl From<companion::HomelineError> for HomelineError {
    fn from(error: companion::HomelineError) -> Self {
        let retry = error.retry();
        let companion::HomelineError { kind, code, field, what, remedy } = error;
        Self::Failed { kind, code: code.to_owned(), field, what, remedy, retry }
    }
}
