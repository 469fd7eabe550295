//! Trends from the outside: what each series takes from the journal, what a notice says, and the laws that hold for all.

// Marked as test code, so that the lints allow it what they allow tests.
#[cfg(test)]
mod journal;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod series;
