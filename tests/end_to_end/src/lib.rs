//! Whole stories through the public API; real servers, killed processes, the borders between crates.
