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
/// The one error.
pub mod error;
/// What the platform lends.
pub mod ports;
/// Screen models, as every shell draws them.
pub mod screen;

/// One patient's vault, open.
pub mod homeline;

pub use build::{BuildInfo, build_info};
pub use error::{ErrorKind, HomelineError, Retry};
pub use homeline::{
    ActionInput, Advice, AdviceLevel, Config, Created, Credentials, Homeline, KeyProtection, Logged, NewProfile,
    PlanImported, Role, TimelinePage, UnreadableOrder, create_homeline,
};
pub use ports::{Clock, KeyStore, KeyStoreError, Platform, PortError, ZoneOffset, ZoneRules, ZoneTable};
pub use screen::{Action, Emphasis, Row, Screen, Section};

uniffi::setup_scaffolding!();
