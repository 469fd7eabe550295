//! The `homeline` program from outside: what it prints, how it exits, what it leaves behind.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

/// The day that it plays.
mod demonstration;
/// A person who types.
mod keyboard;
/// What it does not take.
mod refusals;
/// The care team.
mod server;
/// The door for machines that check order timing.
mod timing;
