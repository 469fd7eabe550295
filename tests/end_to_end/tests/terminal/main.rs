//! The `homeline` program from outside: what it prints, how it exits, what it leaves behind.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

/// Scores, triage and the wording lint.
mod clinical_doors;
/// The day that it plays.
mod demonstration;
/// Forms, logging in seconds, the card.
mod forms;
/// Bluetooth values for machines.
mod gatt;
/// Infusions, and looks at devices.
mod infusions;
/// A person who types.
mod keyboard;
/// Messages and caregivers.
mod people;
/// What it does not take.
mod refusals;
/// The care team.
mod server;
/// Invitations and signing in.
mod sign_in;
/// The door for machines that check order timing.
mod timing;
