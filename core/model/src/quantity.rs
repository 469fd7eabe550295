//! Quantities: a decimal that keeps its text (`100.0` stays `100.0`) and a unit in UCUM.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A unit as UCUM code (`mL/h`) with the words to show (`mL/h`, `units`). UCUM: <https://ucum.org/ucum>.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Unit {
    /// The UCUM code, case-sensitive, e.g. `mL`, `mL/h`, `mg`, `[iU]`, `Cel`, `[degF]`.
    pub code: String,
    /// What a person reads. Never an error-prone abbreviation such as `IU` or `cc`.
    pub display: String,
}

impl Unit {
    /// A unit whose code is fit to be shown.
    pub fn ucum(code: &str) -> Self {
        Self { code: code.to_owned(), display: code.to_owned() }
    }

    /// A unit with other words on the screen than its code.
    pub fn with_display(code: &str, display: &str) -> Self {
        Self { code: code.to_owned(), display: display.to_owned() }
    }
}

/// A measured or ordered amount. In JSON the value is a text, so that no reader rounds it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Quantity {
    /// The value with the scale it was written with.
    #[serde(with = "rust_decimal::serde::str")]
    pub value: Decimal,
    /// Its unit.
    pub unit: Unit,
}

/// Two quantities that cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the units `{left}` and `{right}` differ: compare in one unit")]
pub struct QuantityError {
    /// UCUM code of the left quantity.
    pub left: String,
    /// UCUM code of the right quantity.
    pub right: String,
}

impl Quantity {
    /// A quantity in a UCUM unit which is shown as its code.
    pub fn new(value: Decimal, code: &str) -> Self {
        Self { value, unit: Unit::ucum(code) }
    }

    /// Compares two amounts of one unit. Units are never converted here: a threshold is compared in the unit typed.
    pub fn compare(&self, other: &Self) -> Result<std::cmp::Ordering, QuantityError> {
        if self.unit.code == other.unit.code {
            Ok(self.value.cmp(&other.value))
        } else {
            Err(QuantityError { left: self.unit.code.clone(), right: other.unit.code.clone() })
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.value, self.unit.display)
    }
}

/// A ratio such as 1 mg per 1 mL.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Ratio {
    /// Above the line.
    pub numerator: Quantity,
    /// Below the line.
    pub denominator: Quantity,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_keeps_its_trailing_zero_through_json() {
        let quantity = Quantity::new("100.0".parse().unwrap(), "mL");
        let json = serde_json::to_string(&quantity).unwrap();
        assert!(json.contains("\"100.0\""), "{json}");
        assert_eq!(serde_json::from_str::<Quantity>(&json).unwrap().value.to_string(), "100.0");
    }

    #[test]
    fn celsius_and_fahrenheit_do_not_compare() {
        let celsius = Quantity::new(Decimal::from(38), "Cel");
        let fahrenheit = Quantity::new(Decimal::from(100), "[degF]");
        assert!(celsius.compare(&fahrenheit).is_err());
    }
}
