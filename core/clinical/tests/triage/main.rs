//! Triage from the outside: every rule at its edge, and the promises that hold for all of them.

mod cases;
mod journal;
mod promises;
