//! The `homeline` program from outside: what it prints, how it exits, what it leaves behind.

/// The day that it plays.
mod demonstration;
/// What it does not take.
mod refusals;
