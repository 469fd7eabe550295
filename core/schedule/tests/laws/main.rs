//! The laws of the schedule, held against an independent zone database and against the phrases of real orders.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its builders and strategies too")]

mod acceptance;
mod adherence;
mod agenda;
mod notifications;
mod oracle;
mod orders;
mod phrases;
mod policies;
mod properties;
mod support;
mod travel;
mod zones;
