//! Triage from the outside: every rule at its edge, the promises that hold for all of them, and what a clinician sees.

// Marked as test code, so that the lints allow it what they allow tests.
#[cfg(test)]
mod cases;
#[cfg(test)]
mod clinician;
#[cfg(test)]
mod journal;
#[cfg(test)]
mod promises;
