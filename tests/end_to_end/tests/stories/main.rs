//! Stories through the public API, as a phone has it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

/// Whom to call, and until when.
mod advice;
/// Backup, restore, a new key, long pieces of work.
mod archive;
/// The emergency card.
mod card;
/// Sending and fetching.
mod care_team;
/// Caregivers: rights, two phones, requests, the audit.
mod caregivers;
/// What the clock and the zone do to the record.
mod clock;
/// Doses, from the first tap to the correction.
mod doses;
/// Forms, drafts, and what becomes of answers.
mod forms;
/// Infusions as they went.
mod infusions;
/// Opening, closing, being told.
mod living;
/// A locked phone goes on listening.
mod locked;
/// Messages with the pharmacist and the nurse.
mod messages;
/// Orders that change, and what is taken when needed.
mod orders;
/// What is kept to oneself.
mod privacy;
/// The pump.
mod pump;
/// What rings, and the proof of it.
mod reminders;
/// The visit report, in every format.
mod report;
/// What every shell draws.
mod screens;
/// Finding again.
mod search;
/// Invitations, signing in, and staying signed in.
mod sign_in;
/// No English on a Spanish screen.
mod spanish;
/// Journeys, new zone rules, and the patient's own day.
mod travel;
/// Trends that the plan asks for.
mod trends;
