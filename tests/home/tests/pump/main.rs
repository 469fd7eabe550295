//! The pump session against the simulated pump, in simulated time.

/// A phone at home: the session, what it stored, and the pump.
mod phone;

/// Any life gives the same ledger.
mod any_life;
/// Whole infusions: occlusion, lost link, restarts.
mod infusion;
/// The link: pairing, refusals, time-outs, back-off.
mod link;
/// The record: backfill, gaps, epochs, clocks.
mod record;
/// What a session over a radio link must do, one by one.
mod requirements;
