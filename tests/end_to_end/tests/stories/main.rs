//! Stories through the public API, as a phone has it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

/// Sending and fetching.
mod care_team;
/// What the clock and the zone do to the record.
mod clock;
/// Doses, from the first tap to the correction.
mod doses;
/// Opening, closing, being told.
mod living;
/// What is kept to oneself.
mod privacy;
/// The pump.
mod pump;
/// Finding again.
mod search;
/// Journeys, new zone rules, and the patient's own day.
mod travel;
