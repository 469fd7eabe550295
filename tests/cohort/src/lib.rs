//! The cohort: simulated courses at home, some with an injected complication, and what the trends of the shipped plans and
//! the built-in limits of triage say to them.
//!
//! Everything comes from a seed: the same seed gives the same courses and the same figures. The numbers of the generator are
//! our own choice, made before the rules were looked at; they are no data of patients. What such an evaluation can and cannot
//! show is in `docs/early-warning.md`.
//!
//! In reading order:

#![forbid(unsafe_code)]

/// What is injected, and how it grows.
pub mod complication;
/// One patient's course as journal entries.
pub mod course;
/// Walking through a course as the phone would.
pub mod evaluate;
/// Sensitivity, lead time, false alerts.
pub mod figures;
/// Chance from a seed.
pub mod noise;
/// The shipped care plans that are lived.
pub mod plans;

pub use complication::Complication;
pub use course::{Course, course, hours};
pub use evaluate::{Alert, Asked, Heard, listen};
pub use figures::{Figures, figures};
pub use plans::{Lived, Plans};
