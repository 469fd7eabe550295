//! Everything that can end a sign-in, and what to do about it. No variant shows a token, a code or a person.

use crate::error::SyncError;

/// Why a sign-in, or the renewal of one, did not come to its end.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SignInError {
    /// A call failed as any call can.
    #[error(transparent)]
    Call(#[from] SyncError),
    /// The server describes no sign-in.
    #[error("the server describes no SMART sign-in; ask your care team whether it offers one")]
    NotOffered,
    /// What the server says of its sign-in cannot be used.
    #[error("the server's sign-in settings: {field} cannot be used; ask your care team to have them checked")]
    BadSettings {
        /// The field of `smart-configuration`, or of the OAuth extension of the CapabilityStatement.
        field: &'static str,
    },
    /// A setting of ours, such as the client id.
    #[error("{field}: {problem}")]
    BadRequest {
        /// The setting.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// What came back does not belong to the sign-in that was begun here; that one still waits.
    #[error("this answer does not belong to the sign-in that was begun here ({what}); nothing was taken from it")]
    NotOurs {
        /// What gave it away.
        what: &'static str,
    },
    /// The page was open for too long.
    #[error("the sign-in page was open for too long; begin again")]
    TooLate,
    /// The page was closed, or the server said no to the person.
    #[error("the care team's sign-in page refused ({code}); begin again, or ask your care team")]
    Denied {
        /// The code of RFC 6749 §4.1.2.1.
        code: String,
    },
    /// The token endpoint refused.
    #[error("the care team's sign-in refused ({code}); begin again, or ask your care team")]
    Refused {
        /// The code of RFC 6749 §5.2.
        code: String,
    },
    /// The sign-in is over: it expired, was revoked, or its renewal was used before.
    #[error("the sign-in has ended; sign in again, what waits is kept")]
    Ended,
    /// The answer of the token endpoint cannot be used.
    #[error("the care team's sign-in answered without a usable {field}; ask your care team to have it checked")]
    BadAnswer {
        /// The field.
        field: &'static str,
    },
    /// The ID token does not prove what it must.
    #[error("the proof of who signed in does not hold ({problem}); nothing was taken from it")]
    BadIdToken {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The times in the ID token are far from this device's clock.
    #[error("the clock of this device and the server's are far apart; set date and time, and sign in again")]
    ClockOff,
}

impl SignInError {
    /// A stable name for logs and for the public error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Call(error) => error.code(),
            Self::NotOffered => "sign-in-not-offered",
            Self::BadSettings { .. } => "sign-in-bad-settings",
            Self::BadRequest { .. } => "sign-in-bad-request",
            Self::NotOurs { .. } => "sign-in-not-ours",
            Self::TooLate => "sign-in-too-late",
            Self::Denied { .. } => "sign-in-denied",
            Self::Refused { .. } => "sign-in-refused",
            Self::Ended => "sign-in-ended",
            Self::BadAnswer { .. } => "sign-in-bad-answer",
            Self::BadIdToken { .. } => "sign-in-bad-id-token",
            Self::ClockOff => "sign-in-clock-off",
        }
    }
}

/// Codes of OAuth are short lower-case words; a server that writes prose there is not repeated.
pub(super) fn printable(code: &str) -> String {
    let is_code = (1..=40).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if is_code { code.to_owned() } else { "other".to_owned() }
}
