//! Triage from the outside: every rule at its edge, and the promises that hold for all of them.

// Marked as test code, so that the lints allow it what they allow tests.
#[cfg(test)]
mod cases;
#[cfg(test)]
mod journal;
#[cfg(test)]
mod promises;
