//! Sign-in, push and pull against any FHIR R4 server. The only crate that names reqwest.
//!
//! What it promises, whatever the server and the network do:
//!
//! * Nothing waiting is lost, and nothing arrives twice: a record is sent under an id of ours, so a replay changes
//!   nothing.
//! * One bad record never holds up the others; it is set aside with the server's reason.
//! * A time-out is "unknown", never "failed".
//! * A pull loses no row to a slow transaction on the server, and its cursor is saved together with its rows.
//! * Every call ends: bounded in time, in bytes and in pages.
//!
//! It holds no state of its own. What waits, what is mirrored and what was learned about a server is behind the
//! traits of [`store`], which companion implements over the vault. All futures run on the caller's current-thread
//! tokio runtime. No wall clock is read here:
//! server times come from the server, local times from the caller; a monotonic clock bounds a run.

#![forbid(unsafe_code)]

pub mod error;
pub mod outcome;

pub mod address;
pub mod authorization;
pub mod enrolment;
pub mod grant;
pub mod trust;

mod client;
mod transport;

pub mod sign_in;

pub mod capability;
pub mod merge;
pub mod profile;
pub mod store;

pub mod pull;
pub mod push;

pub mod backoff;
pub mod freshness;

#[cfg(feature = "testing")]
pub mod testing;

pub use address::ServerAddress;
pub use authorization::{Authorization, BearerToken, Secret};
pub use capability::Capability;
pub use client::{CareTeamClient, ClientConfig, Limits, SyncReport};
pub use enrolment::{Enrolment, EnrolmentError};
pub use error::{Retry, SyncError};
pub use freshness::{FailureCause, LastTry, SyncStatus};
pub use grant::GrantedScopes;
pub use outcome::Outcome;
pub use profile::{HistoryMode, IdMode, ServerProfile, Support, UploadMode};
pub use pull::{PullPlan, PullReport};
pub use push::PushReport;
pub use sign_in::{Grant, PendingSignIn, SignIn, SignInError, SignInRequest, SignInSettings};
pub use store::{
    Ack, Base, BatchLimits, KnownVersion, Lane, MirrorPage, MirrorStore, MirroredResource, OutboxCounts, OutboxRow,
    OutboxStore, ParkReason, Parked, ResourceKey, ServerMemory, StoreFault,
};
pub use transport::Traffic;
pub use trust::{SpkiPin, Trust};
