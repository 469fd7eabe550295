//! The uniffi door: the public API of `homeline-companion` for Kotlin and Swift. No rule lives here.
//!
//! What crosses the border is of three sorts: plain records, one error with a closed set of kinds, and ports that the
//! platform lends. Every call answers a `Result`, because a panic in one that does not is a crash of the app (uniffi turns a
//! panic into a typed error only where there is one to throw). Every `async fn` only awaits an answer of companion's own
//! threads: it needs no runtime of the caller, and a call that the caller gave up is still carried out whole.
//!
//! Generated code is the language border and no API. What app developers use is the hand-written layer over it, in
//! `bindings/kotlin` and `bindings/swift`.
//!
//! In reading order:

#![forbid(unsafe_code)]

/// Which build this library is, for the handshake with the code that loaded it.
pub mod build;
/// How a call crosses the border.
pub mod call;
/// What crosses as it is.
pub mod crossing;
/// The one error.
pub mod error;
/// What the platform lends.
pub mod ports;
/// Times, ids and numbers.
pub mod values;
/// Long pieces of work.
pub mod work;

/// One patient's vault, open.
pub mod homeline;

/// Care-team servers, and signing in there.
pub mod accounts;
/// What is to be done, and doing it.
pub mod agenda;
/// Report, export, backup.
pub mod archive;
/// The emergency card.
pub mod card;
/// Who helps, and what they may do.
pub mod caregivers;
/// Forms.
pub mod forms;
/// A locked phone goes on listening.
pub mod inbox;
/// Infusions.
pub mod infusions;
/// Trends, sites, the clinician's view.
pub mod insight;
/// The journal.
pub mod journal;
/// Messages.
pub mod messages;
/// The care plan and the patient's own day.
pub mod plan;
/// The pump.
pub mod pump;
/// The radio.
pub mod radio;
/// Reminders.
pub mod reminders;
/// Passcode, recovery code, verification.
pub mod security;
/// The care team's server.
pub mod sync;
/// Journeys.
pub mod travel;
/// Devices for vital signs.
pub mod vital_devices;

pub use error::HomelineError;
pub use homeline::Homeline;
pub use ports::Platform;

uniffi::setup_scaffolding!();
