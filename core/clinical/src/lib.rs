//! What the clinic knows, as data: triage rules, symptom words, instruments and scores, the wording lint.
//!
//! Pure: no I/O, no clock, no randomness; time is an argument. Rules, texts and tables are data files in `data/`, each row
//! with its source, embedded when built and checked by the tests. The care plan overrides and adds; nothing here computes
//! a dose, names a disease or says that all is well.
//!
//! In reading order:

#![forbid(unsafe_code)]

/// What to do about each kind of pump alarm.
mod alarm_guide;
/// Places of the body, for the site map.
pub mod body_sites;
/// What can go wrong, each with the field and the remedy.
pub mod error;
/// Which language the words are in.
pub mod language;
/// Names for what a patient may notice, and for findings at the site.
pub mod symptoms;
/// Patient texts by key, with the numbers to call as arguments.
pub mod texts;
/// Groups of therapies that share a rule.
pub mod therapies;
/// Words in a message that cannot wait for an answer.
pub mod urgent_words;
/// From "100.8 F" to a vital sign in the unit typed.
pub mod vital_input;

/// Red flags: which facts ask for which call.
pub mod triage;

/// The instruments as a clinician reads them off a journal.
pub mod clinician_view;
/// How hard a text is to read.
pub mod readability;
/// Early warning: trends against the patient's own baseline.
pub mod trend;

/// NEWS2, VIP, INS phlebitis, pain, PRO-CTCAE composite grades, CTCAE terms and fever grade, signs of infiltration.
pub mod score;
/// Error-prone abbreviations in any text.
pub mod wording_lint;

pub use alarm_guide::alarm_steps;
pub use body_sites::{BodySite, body_site_name, body_sites};
pub use clinician_view::{ClinicianView, SiteView, clinician_view};
pub use error::ClinicalError;
pub use language::Language;
pub use readability::grade_in_hundredths;
pub use score::Graded;
pub use score::ctcae::{CtcaeTerm, ctcae_terms, ctcae_terms_of};
pub use score::ctcae_fever::{FeverGrade, ctcae_fever_grade};
pub use score::infiltration::{INFILTRATION_SIGNS, infiltration_signs};
pub use score::ins_phlebitis::{InsPhlebitisSigns, ins_phlebitis};
pub use score::news2::{Consciousness, News2, News2Input, NoTotal, Parts, SpO2Scale, Stated, news2};
pub use score::pain::{PainBand, pain_band};
pub use score::pro_ctcae::{ProCtcae, pro_ctcae_grade};
pub use score::vip::{VipSigns, vip};
pub use symptoms::{
    SiteFindingWord, SymptomGroup, SymptomWord, site_finding_key, site_findings, symptom_key, symptom_words,
};
pub use texts::as_written;
pub use trend::{
    DoseSteps, Notice, TrendInput, TrendNeeds, Watched, is_trend, trend_faults, trend_from, trend_needs, trends,
};
pub use triage::{Rule, RuleFault, RuleSet, rule_faults, triage};
pub use urgent_words::do_not_wait;
pub use vital_input::{check_vital, parse_vital, vital_kind, vital_name};
pub use wording_lint::{Finding, lint_text};
