//! Everything that can stop a call, a push or a pull, and what to do about it.
//!
//! No variant shows personal data: what a server says about a record stays inside of [`Outcome`], which prints
//! only codes and counts.

use std::time::Duration;

use crate::outcome::Outcome;
use crate::store::StoreFault;

/// Why a call to the server, a push or a pull did not come to its end.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SyncError {
    /// The configured address cannot be used.
    #[error("server address: {problem}")]
    BadAddress {
        /// What is wrong with it and what to write instead.
        problem: &'static str,
    },
    /// A private authority or a pin cannot be read.
    #[error("{field}: {problem}")]
    BadTrust {
        /// The setting.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The token holds characters that HTTP does not allow.
    #[error("bearer token: it holds characters that are not allowed in a header; sign in again")]
    BadToken,
    /// The patient id is not a FHIR id.
    #[error("patient id: 1 to 64 letters, digits, '-' and '.' are allowed")]
    BadPatientId,
    /// The connection could not be made: nothing was sent.
    #[error("no connection to the server; nothing was sent")]
    Offline,
    /// The server's certificate is not one that is trusted here: nothing was sent.
    #[error("the server's certificate is not trusted; check the address and the private authority")]
    Untrusted,
    /// By this device's clock the server's certificate has ended or not begun: nothing was sent. The server's owner renews
    /// it, or the clock is wrong; then it goes on by itself.
    #[error("the server's certificate is out of date; check the date of this device, else tell your care team")]
    CertificateOutOfDate,
    /// The request may or may not have been carried out: time-out, broken connection, 408, 502 or 504.
    #[error("no answer from the server; what was sent may have arrived")]
    Unanswered,
    /// The server asks for patience (429).
    #[error("the server asks to wait")]
    Throttled {
        /// From `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// The server cannot serve now (5xx).
    #[error("the server cannot serve now (status {status})")]
    Unavailable {
        /// HTTP status.
        status: u16,
        /// From `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// The token is missing, expired or revoked (401). Nothing is lost; what waits goes on after sign-in.
    #[error("sign in again; what waits is kept")]
    NeedsSignIn,
    /// The server refused the request itself.
    #[error("the server refused the request (status {status}, {outcome})")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Its reasons.
        outcome: Outcome,
    },
    /// The patient's record can no longer be read with this sign-in.
    #[error("the patient's record is no longer open to this sign-in (status {status})")]
    AccessLost {
        /// HTTP status of reading the Patient.
        status: u16,
    },
    /// The answer is larger than the limit.
    #[error("the server's answer is larger than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The answer is not FHIR JSON: a login page, a portal of a hotel, a proxy.
    #[error("the answer is not FHIR (status {status}, {content_type}); check the address and the network")]
    NotFhir {
        /// HTTP status.
        status: u16,
        /// Media type of the answer, without parameters.
        content_type: String,
    },
    /// A page link leads to another server; it was not followed.
    #[error("a page link of the server leads elsewhere; it was not followed")]
    WrongOrigin,
    /// The pages of a search do not come to an end.
    #[error("the pages of {resource_type} do not come to an end")]
    EndlessPages {
        /// The type that was searched.
        resource_type: String,
    },
    /// The server speaks another version of FHIR.
    #[error("the server speaks FHIR {version}, not R4; ask your care team for the address of its R4 server")]
    NotR4 {
        /// `CapabilityStatement.fhirVersion`: digits, dots and dashes.
        version: String,
    },
    /// The time or the bytes of this run are used up. What was done is kept, and the next run goes on from there.
    #[error("this run's time is used up; the rest follows with the next one")]
    RunSpent,
    /// The store under this device failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

/// When trying again makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Not before somebody changes the configuration.
    Never,
    /// After the person has signed in again.
    AfterSignIn,
    /// Later by itself, with [`crate::backoff::delay`].
    Later {
        /// What the server asked for.
        at_least: Option<Duration>,
    },
}

impl SyncError {
    /// When trying again makes sense.
    pub fn retry(&self) -> Retry {
        match self {
            Self::BadAddress { .. }
            | Self::BadTrust { .. }
            | Self::BadToken
            | Self::BadPatientId
            | Self::Untrusted
            | Self::Refused { .. }
            | Self::NotR4 { .. }
            | Self::AccessLost { .. } => Retry::Never,
            Self::NeedsSignIn => Retry::AfterSignIn,
            Self::Throttled { retry_after } | Self::Unavailable { retry_after, .. } => {
                Retry::Later { at_least: *retry_after }
            }
            Self::Offline
            | Self::CertificateOutOfDate
            | Self::Unanswered
            | Self::TooLarge { .. }
            | Self::NotFhir { .. }
            | Self::WrongOrigin
            | Self::EndlessPages { .. }
            | Self::RunSpent
            | Self::Store(_) => Retry::Later { at_least: None },
        }
    }

    /// No connection stood, so no byte of a request has left this device.
    pub fn nothing_was_sent(&self) -> bool {
        matches!(self, Self::Offline | Self::Untrusted | Self::CertificateOutOfDate)
    }

    /// A stable name for logs and for the public error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadAddress { .. } => "sync-bad-address",
            Self::BadTrust { .. } => "sync-bad-trust",
            Self::BadToken => "sync-bad-token",
            Self::BadPatientId => "sync-bad-patient-id",
            Self::Offline => "sync-offline",
            Self::Untrusted => "sync-untrusted",
            Self::CertificateOutOfDate => "sync-certificate-out-of-date",
            Self::Unanswered => "sync-unanswered",
            Self::Throttled { .. } => "sync-throttled",
            Self::Unavailable { .. } => "sync-unavailable",
            Self::NeedsSignIn => "sync-needs-sign-in",
            Self::Refused { .. } => "sync-refused",
            Self::AccessLost { .. } => "sync-access-lost",
            Self::TooLarge { .. } => "sync-too-large",
            Self::NotFhir { .. } => "sync-not-fhir",
            Self::WrongOrigin => "sync-wrong-origin",
            Self::EndlessPages { .. } => "sync-endless-pages",
            Self::NotR4 { .. } => "sync-not-r4",
            Self::RunSpent => "sync-run-spent",
            Self::Store(_) => "sync-store",
        }
    }
}
