//! Quantities with a unit that we know.

use crate::datatype::{Quantity, Ratio};
use crate::fault::{Fault, inside};
use crate::{number, unit, url};
use homeline_model::{Quantity as Amount, Ratio as AmountRatio, Unit};
use rust_decimal::Decimal;

/// Reads a quantity. The unit must be one that we know; where code and words are both given they must agree.
pub(crate) fn quantity(quantity: &Quantity, path: &str) -> Result<Amount, Fault> {
    if quantity.comparator.is_some() {
        return Err(Fault::at(
            inside(path, "comparator"),
            "says more or less than the value, which is no exact amount: ask the care team",
        ));
    }
    let Some(value) = &quantity.value else { return Err(Fault::missing(inside(path, "value"), "the value")) };
    Ok(Amount { value: number::decimal(value, &inside(path, "value"))?, unit: unit_of(quantity, path)? })
}

fn unit_of(quantity: &Quantity, path: &str) -> Result<Unit, Fault> {
    let unknown = |element: &str| {
        Fault::at(
            inside(path, element),
            "is not a unit that Homeline knows: ask the care team to send it as a UCUM code",
        )
    };
    let words = quantity.unit.as_deref().map(str::trim).filter(|words| !words.is_empty());
    let is_ucum = quantity.system.as_deref().is_none_or(|system| system == url::UCUM);
    match (quantity.code.as_deref().filter(|_| is_ucum), words) {
        (Some(code), words) => {
            let unit = unit::by_words(code).ok_or_else(|| unknown("code"))?;
            match words.and_then(unit::by_words) {
                Some(other) if other.code != unit.code && other.display != unit.display => Err(Fault::at(
                    inside(path, "unit"),
                    "names another unit than the code beside it: ask the care team which one is meant",
                )),
                Some(_) | None => Ok(unit),
            }
        }
        (None, Some(words)) => unit::by_words(words).ok_or_else(|| unknown("unit")),
        (None, None) => Err(Fault::missing(inside(path, "code"), "the unit")),
    }
}

/// Reads an amount that must be more than zero: a dose, a rate, a volume.
pub(crate) fn positive(quantity_read: &Quantity, path: &str) -> Result<Amount, Fault> {
    let amount = quantity(quantity_read, path)?;
    if amount.value > Decimal::ZERO {
        Ok(amount)
    } else {
        Err(Fault::at(inside(path, "value"), "must be more than zero: ask the care team to correct it"))
    }
}

/// Reads a ratio such as 5 mg per mL.
pub(crate) fn ratio(ratio: &Ratio, path: &str) -> Result<AmountRatio, Fault> {
    let side = |quantity: &Option<Quantity>, name: &str| match quantity {
        Some(quantity) => positive(quantity, &inside(path, name)),
        None => Err(Fault::missing(inside(path, name), "a side of the ratio")),
    };
    Ok(AmountRatio {
        numerator: side(&ratio.numerator, "numerator")?,
        denominator: side(&ratio.denominator, "denominator")?,
    })
}

/// Reads a rate that is written as a ratio, e.g. 100 mL per 1 h. Nothing is computed: the lower side must be 1.
pub(crate) fn rate_of_ratio(written: &Ratio, path: &str) -> Result<Amount, Fault> {
    let AmountRatio { numerator, denominator } = ratio(written, path)?;
    let code = format!("{}/{}", numerator.unit.code, denominator.unit.code);
    match unit::by_code(&code).filter(|_| denominator.value == Decimal::ONE) {
        Some(unit) => Ok(Amount { value: numerator.value, unit }),
        None => Err(Fault::at(
            path,
            "is a rate that would have to be calculated: ask the care team to send it per hour or per minute",
        )),
    }
}

/// Reads a length of time in whole minutes.
pub(crate) fn minutes(written: &Quantity, path: &str) -> Result<u32, Fault> {
    let amount = quantity(written, path)?;
    let factor = match amount.unit.code.as_str() {
        "min" => 1,
        "h" => 60,
        "d" => 24 * 60,
        "wk" => 7 * 24 * 60,
        _ => return Err(Fault::at(path, "must be in minutes, hours, days or weeks: ask the care team to correct it")),
    };
    amount
        .value
        .checked_mul(Decimal::from(factor))
        .filter(|minutes| minutes.fract().is_zero() && *minutes <= Decimal::from(i32::MAX))
        .and_then(|minutes| u32::try_from(minutes.normalize()).ok())
        .ok_or_else(|| Fault::at(path, "must be a whole number of minutes: ask the care team to correct it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Amount, Fault> {
        quantity(&serde_json::from_str(json).unwrap(), "doseQuantity")
    }

    #[test]
    fn a_dose_of_a_gram_keeps_its_digits_and_its_unit() {
        let dose =
            read(r#"{"value": 1.250, "unit": "g", "system": "http://unitsofmeasure.org", "code": "g"}"#).unwrap();
        assert_eq!((dose.value.to_string().as_str(), dose.unit.code.as_str()), ("1.250", "g"));
    }

    #[test]
    fn an_unknown_unit_no_unit_and_two_units_are_refused_with_the_field() {
        let unknown = read(r#"{"value": 1, "code": "smidgen", "system": "http://unitsofmeasure.org"}"#).unwrap_err();
        assert_eq!(unknown.field, "doseQuantity.code");
        assert_eq!(read(r#"{"value": 1}"#).unwrap_err().field, "doseQuantity.code");
        assert_eq!(read(r#"{"unit": "mg"}"#).unwrap_err().field, "doseQuantity.value");
        let two = read(r#"{"value": 1, "unit": "g", "code": "mg", "system": "http://unitsofmeasure.org"}"#);
        assert_eq!(two.unwrap_err().field, "doseQuantity.unit");
        assert!(read(r#"{"value": 1, "comparator": "<", "unit": "mg"}"#).is_err());
    }

    #[test]
    fn units_that_r4_examples_write_are_understood() {
        assert_eq!(read(r#"{"value": 125, "unit": "mL/hr"}"#).unwrap().unit.code, "mL/h");
        assert_eq!(read(r#"{"value": 250, "unit": "mcg", "code": "ug"}"#).unwrap().unit.display, "mcg");
    }

    #[test]
    fn a_rate_per_one_hour_is_read_and_one_per_eight_hours_is_not_calculated() {
        let per = |hours: u32| {
            let json = format!(
                r#"{{"numerator": {{"value": 100, "unit": "mL"}}, "denominator": {{"value": {hours}, "unit": "h"}}}}"#
            );
            rate_of_ratio(&serde_json::from_str(&json).unwrap(), "rateRatio")
        };
        assert_eq!(per(1).unwrap(), Amount::new(Decimal::from(100), "mL/h"));
        assert!(per(8).is_err());
    }

    #[test]
    fn an_hour_and_a_half_is_ninety_minutes() {
        let read = |json: &str| minutes(&serde_json::from_str(json).unwrap(), "x");
        assert_eq!(read(r#"{"value": 1.5, "code": "h"}"#), Ok(90));
        assert!(read(r#"{"value": 0.51, "code": "min"}"#).is_err());
        assert!(read(r#"{"value": -5, "code": "min"}"#).is_err());
        assert!(read(r#"{"value": 1, "code": "mo"}"#).is_err());
        assert!(read(r#"{"value": 79228162514264337593543950335, "code": "wk"}"#).is_err());
    }
}
