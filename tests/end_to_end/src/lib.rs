//! Whole stories through the public API; real servers, killed processes, the borders between crates.
//!
//! What the stories share lives here; the stories are in `tests/`, by the door that they come in through: `stories`
//! (the API, as a phone has it), `terminal` (the `homeline` program, as a person at a keyboard has it).

#![forbid(unsafe_code)]

/// A server that refuses one record.
pub mod fussy_server;
/// A home with two phones.
pub mod home;
/// A phone's notification centre.
pub mod notification_centre;
/// A phone in the simulated home.
pub mod phone;
/// The stories that Kotlin and Swift tell too.
pub mod story;
/// The `homeline` program and what it answers.
pub mod terminal;

pub use phone::Phone;
