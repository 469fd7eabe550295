//! Instruments, scores, triage rules and trends as data. Pure.
