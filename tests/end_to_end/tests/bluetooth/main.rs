//! The pump and the devices for vital signs over a Bluetooth stack of which nothing is ours: our core speaks through one host
//! stack (trouble-host) as a central, the devices are served by another (bumble), and between them stand virtual controllers
//! with their air (RootCanal). Only the device's values and the core are ours.
//!
//! `tests/run bluetooth` installs and names what it needs, and runs these stories, in real time.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]
#![allow(
    clippy::print_stdout,
    reason = "a story in real time tells how long it waited, and what was said when it fails"
)]

/// Controllers, devices and radio as processes.
mod bench;

/// The pump: backfill, a run with its troubles, clocks.
mod pump;
/// What must be refused.
mod refusals;
/// Thermometer, cuff, oximeter, scale.
mod vital_signs;
