//! FHIR numbers: decimals that keep their text, whole numbers that are whole.

use crate::fault::Fault;
use rust_decimal::Decimal;
use serde_json::Number;
use std::str::FromStr;

/// Reads a decimal with the scale it was written with. Refuses more than 28 digits instead of rounding them.
pub(crate) fn decimal(number: &Number, path: &str) -> Result<Decimal, Fault> {
    let text = number.to_string();
    let read = if text.contains(['e', 'E']) { Decimal::from_scientific(&text) } else { Decimal::from_str_exact(&text) };
    read.map_err(|_| Fault::at(path, "is a number with more digits than a dose can have: ask the care team"))
}

/// Reads a whole number of at least `least`.
pub(crate) fn whole(number: &Number, least: u32, path: &str) -> Result<u32, Fault> {
    match u32::from_str(&number.to_string()) {
        Ok(value) if value >= least && value <= i32::MAX.unsigned_abs() => Ok(value),
        Ok(_) | Err(_) => {
            Err(Fault::at(path, format!("must be a whole number of at least {least}: ask the care team to correct it")))
        }
    }
}

/// Writes a decimal as FHIR has it, every digit kept.
pub(crate) fn of_decimal(value: Decimal) -> Number {
    Number::from_str(&value.to_string()).expect("a decimal is written as a JSON number")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_decimal_keeps_its_trailing_zeros_in_both_directions() {
        let value = decimal(&number("100.0"), "value").unwrap();
        assert_eq!(value.to_string(), "100.0");
        assert_eq!(of_decimal(value).to_string(), "100.0");
        assert_eq!(decimal(&number("1.5e2"), "value").unwrap(), Decimal::from(150));
    }

    #[test]
    fn a_decimal_that_would_have_to_be_rounded_is_refused() {
        assert!(decimal(&number("0.00000000000000000000000000000000001"), "value").is_err());
        assert!(decimal(&number("1e400"), "value").is_err());
        assert!(decimal(&number("123456789012345678901234567890123"), "value").is_err());
    }

    #[test]
    fn a_half_a_negative_and_a_huge_count_are_not_whole_numbers() {
        for text in ["0.5", "-1", "0", "4294967296", "2147483648", "1.0"] {
            assert!(whole(&number(text), 1, "count").is_err(), "{text}");
        }
        assert_eq!(whole(&number("3"), 1, "count"), Ok(3));
    }
}
