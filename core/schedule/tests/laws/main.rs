//! The laws of the schedule, held against an independent zone database and against the phrases of real orders.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its builders and strategies too")]

mod acceptance;
mod adherence;
mod agenda;
mod alarm_ledger;
mod as_needed;
mod continuity;
mod duties;
mod escalation;
mod looks;
mod notifications;
mod oracle;
mod order_changes;
mod orders;
mod phrases;
mod policies;
mod properties;
mod replays;
mod support;
mod travel;
mod zones;
