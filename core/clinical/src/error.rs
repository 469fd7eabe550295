//! What can go wrong. No variant holds what a patient typed: only field names, ranges and what to do.

/// An input that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClinicalError {
    /// No symptom of this name.
    #[error("`symptom` is not in the list: {}", did_you_mean_text(did_you_mean))]
    UnknownSymptom {
        /// Keys that look alike, the most alike first; at most five.
        did_you_mean: Vec<String>,
    },
    /// No site finding of this name.
    #[error("`finding` is not in the list: {}", did_you_mean_text(did_you_mean))]
    UnknownFinding {
        /// Keys that look alike, the most alike first; at most five.
        did_you_mean: Vec<String>,
    },
    /// The text is not a vital sign.
    #[error("`vital` is not understood: {remedy}")]
    VitalNotRead {
        /// What to type instead.
        remedy: &'static str,
    },
    /// The value cannot be right in this unit.
    #[error("`{vital}` must be from {low} to {high} {unit}: {remedy}")]
    VitalOutOfRange {
        /// Which vital sign, e.g. `temperature`.
        vital: String,
        /// The unit as shown.
        unit: String,
        /// Lowest plausible value.
        low: String,
        /// Highest plausible value.
        high: String,
        /// What to do; names the other unit when the value would fit there.
        remedy: String,
    },
    /// A unit that this instrument does not take.
    #[error("`{field}` must be in {units}")]
    UnitNotUsable {
        /// Which input.
        field: &'static str,
        /// The units that can be used.
        units: &'static str,
    },
    /// An answer outside of the instrument's range.
    #[error("`{field}` must be a whole number from {low} to {high}")]
    AnswerOutOfRange {
        /// Which input.
        field: &'static str,
        /// Lowest.
        low: u32,
        /// Highest.
        high: u32,
    },
    /// An answer to something that the item does not ask.
    #[error("`{field}` is not asked by this item: leave it out")]
    AnswerNotAsked {
        /// Which input.
        field: &'static str,
    },
    /// The rule file is not JSON, or not a rule file.
    #[error("the rule file cannot be read at line {line}, column {column}: the built-in rules stay in force")]
    RulesNotRead {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
}

fn did_you_mean_text(keys: &[String]) -> String {
    if keys.is_empty() {
        "choose one of the list, or write a note in your own words".to_owned()
    } else {
        format!("did you mean {}?", keys.join(", "))
    }
}
