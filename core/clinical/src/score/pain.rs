//! The numeric rating scale of pain, 0 to 10, in words: 0 none, 1 to 3 mild, 4 to 6 moderate, 7 to 10 severe. Free to use.
//!
//! Source of the bands: NCCN Guidelines, Adult Cancer Pain (mild 1 to 3, moderate 4 to 6, severe 7 to 10).

use crate::error::ClinicalError;
use homeline_model::Decimal;

/// How strong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PainBand {
    /// 0.
    None,
    /// 1 to 3.
    Mild,
    /// 4 to 6.
    Moderate,
    /// 7 to 10.
    Severe,
}

/// The band of a rating. Errors when it is no whole number from 0 to 10.
pub fn pain_band(rating: Decimal) -> Result<PainBand, ClinicalError> {
    let out_of_range = ClinicalError::AnswerOutOfRange { field: "pain", low: 0, high: 10 };
    if !rating.fract().is_zero() {
        return Err(out_of_range);
    }
    match u8::try_from(rating).ok() {
        Some(0) => Ok(PainBand::None),
        Some(1..=3) => Ok(PainBand::Mild),
        Some(4..=6) => Ok(PainBand::Moderate),
        Some(7..=10) => Ok(PainBand::Severe),
        Some(11..) | None => Err(out_of_range),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rating_has_its_band_and_nothing_else_has_one() {
        use PainBand::{Mild, Moderate, None, Severe};
        let bands = [None, Mild, Mild, Mild, Moderate, Moderate, Moderate, Severe, Severe, Severe, Severe];
        for (rating, band) in (0..).zip(bands) {
            assert_eq!(pain_band(Decimal::from(rating)), Ok(band), "{rating}");
        }
        for wrong in ["-1", "11", "3.5", "400"] {
            assert!(pain_band(wrong.parse().unwrap()).is_err(), "{wrong}");
        }
    }
}
