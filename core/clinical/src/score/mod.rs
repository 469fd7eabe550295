//! Instruments for the clinician's view. None of them drives triage, and none is shown to a patient as a verdict: NEWS2
//! gives no point at 38.0 °C, which is the call line of a central line.

/// CTCAE v5.0 grade of a fever.
pub mod ctcae_fever;
/// The National Early Warning Score 2.
pub mod news2;
/// PRO-CTCAE composite grades.
pub mod pro_ctcae;
/// The visual infusion phlebitis score.
pub mod vip;
