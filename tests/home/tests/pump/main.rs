//! The pump session against the simulated pump, in simulated time.

/// A phone at home: the session, what it stored, and the pump.
mod phone;

/// Whole infusions: occlusion, lost link, restarts.
mod infusion;
/// The link: pairing, refusals, time-outs, back-off.
mod link;
/// The record: backfill, gaps, epochs, clocks.
mod record;
