//! CTCAE v5.0, term "Fever" (NCI, public domain): the grade of a temperature, in the unit typed.
//!
//! CTCAE states both units: grade 1 from 38.0 to 39.0 °C (100.4 to 102.2 °F), grade 2 above that to 40.0 °C (104.0 °F),
//! grade 3 above 40.0 °C for at most 24 hours, grade 4 for longer.

use crate::error::ClinicalError;
use homeline_model::{Decimal, Quantity};

/// The grade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeverGrade {
    /// Below grade 1.
    NoGrade,
    /// 1 to 4.
    Grade(u8),
    /// Above 40.0 °C, and it is not known for how long: 3 or 4.
    ThreeOrFour,
}

/// Grades a temperature. `longer_than_24_h` matters above 40.0 °C (104.0 °F) only. Errors when the unit is neither `Cel`
/// nor `[degF]`.
pub fn ctcae_fever_grade(temperature: &Quantity, longer_than_24_h: Option<bool>) -> Result<FeverGrade, ClinicalError> {
    let (one, two, three) = match temperature.unit.code.as_str() {
        "Cel" => (380, 390, 400),
        "[degF]" => (1004, 1022, 1040),
        _ => return Err(ClinicalError::UnitNotUsable { field: "temperature", units: "Cel or [degF]" }),
    };
    let value = temperature.value;
    Ok(if value < Decimal::new(one, 1) {
        FeverGrade::NoGrade
    } else if value <= Decimal::new(two, 1) {
        FeverGrade::Grade(1)
    } else if value <= Decimal::new(three, 1) {
        FeverGrade::Grade(2)
    } else {
        match longer_than_24_h {
            Some(false) => FeverGrade::Grade(3),
            Some(true) => FeverGrade::Grade(4),
            None => FeverGrade::ThreeOrFour,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_edge_is_where_ctcae_has_it_in_both_units() {
        for (value, unit, longer, grade) in [
            ("37.9", "Cel", None, FeverGrade::NoGrade),
            ("38.0", "Cel", None, FeverGrade::Grade(1)),
            ("39.0", "Cel", None, FeverGrade::Grade(1)),
            ("39.1", "Cel", None, FeverGrade::Grade(2)),
            ("40.0", "Cel", Some(true), FeverGrade::Grade(2)),
            ("40.1", "Cel", Some(false), FeverGrade::Grade(3)),
            ("40.1", "Cel", Some(true), FeverGrade::Grade(4)),
            ("40.1", "Cel", None, FeverGrade::ThreeOrFour),
            ("100.3", "[degF]", None, FeverGrade::NoGrade),
            ("100.4", "[degF]", None, FeverGrade::Grade(1)),
            ("102.2", "[degF]", None, FeverGrade::Grade(1)),
            ("102.3", "[degF]", None, FeverGrade::Grade(2)),
            ("104.0", "[degF]", None, FeverGrade::Grade(2)),
            ("104.1", "[degF]", Some(false), FeverGrade::Grade(3)),
        ] {
            let quantity = Quantity::new(value.parse().unwrap(), unit);
            assert_eq!(ctcae_fever_grade(&quantity, longer), Ok(grade), "{value} {unit}");
        }
        let kelvin = Quantity::new(Decimal::from(311), "K");
        assert!(ctcae_fever_grade(&kelvin, None).is_err());
    }
}
