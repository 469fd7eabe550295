//! SFLOAT (16 bit) and FLOAT (32 bit) of IEEE 11073-20601 §A.2: a mantissa times a power of ten.
//!
//! They are not IEEE-754 and never pass through a binary float here: 37.0 stays 37.0, with the digits that the device
//! measured to. The special values are "not available", each with its name, never zero.

use super::{Fault, Reader, WireError};
use rust_decimal::Decimal;

/// A number as a medical device sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MedicalNumber {
    /// A value, with the digits that were sent.
    Value(Decimal),
    /// NaN: there is no valid result.
    NotANumber,
    /// NRes: the value cannot be shown at this resolution.
    NotAtThisResolution,
    /// Beyond the upper end of the range.
    PositiveInfinity,
    /// Beyond the lower end of the range.
    NegativeInfinity,
    /// Reserved by the standard.
    Reserved,
}

impl MedicalNumber {
    /// The value, where there is one.
    pub fn available(self) -> Option<Decimal> {
        match self {
            Self::Value(value) => Some(value),
            Self::NotANumber
            | Self::NotAtThisResolution
            | Self::PositiveInfinity
            | Self::NegativeInfinity
            | Self::Reserved => None,
        }
    }

    /// Reads an SFLOAT: exponent in bits 15 to 12, mantissa in bits 11 to 0, both two's complement.
    pub fn from_sfloat(raw: u16) -> Self {
        match raw {
            0x07FF => Self::NotANumber,
            0x0800 => Self::NotAtThisResolution,
            0x07FE => Self::PositiveInfinity,
            0x0802 => Self::NegativeInfinity,
            0x0801 => Self::Reserved,
            _ => {
                let mantissa = signed(u32::from(raw & 0x0FFF), 12);
                let exponent = signed(u32::from(raw >> 12), 4);
                // At most 2048 × 10⁷: it always fits.
                times_power_of_ten(mantissa, exponent).map_or(Self::Reserved, Self::Value)
            }
        }
    }

    /// Reads a FLOAT: exponent in the high byte, mantissa in the low three, both two's complement. `None` is a number that
    /// 28 decimal places or 96 bits cannot hold; no measurement is one.
    pub fn from_float(raw: u32) -> Option<Self> {
        Some(match raw {
            0x007F_FFFF => Self::NotANumber,
            0x0080_0000 => Self::NotAtThisResolution,
            0x007F_FFFE => Self::PositiveInfinity,
            0x0080_0002 => Self::NegativeInfinity,
            0x0080_0001 => Self::Reserved,
            _ => {
                let mantissa = signed(raw & 0x00FF_FFFF, 24);
                let exponent = signed(raw >> 24, 8);
                Self::Value(times_power_of_ten(mantissa, exponent)?)
            }
        })
    }
}

impl Reader<'_> {
    pub(crate) fn float(&mut self, field: &'static str) -> Result<MedicalNumber, WireError> {
        let at = self.offset();
        MedicalNumber::from_float(self.u32(field)?).ok_or_else(|| WireError::at(field, at, Fault::Range))
    }

    pub(crate) fn sfloat(&mut self, field: &'static str) -> Result<MedicalNumber, WireError> {
        self.u16(field).map(MedicalNumber::from_sfloat)
    }
}

/// The low `bits` of `raw` as two's complement.
fn signed(raw: u32, bits: u32) -> i64 {
    let value = i64::from(raw);
    if raw >> (bits - 1) & 1 == 1 { value - (1 << bits) } else { value }
}

fn times_power_of_ten(mantissa: i64, exponent: i64) -> Option<Decimal> {
    if mantissa == 0 && !(-28..=0).contains(&exponent) {
        return Some(Decimal::ZERO);
    }
    match u32::try_from(exponent) {
        Ok(power) => {
            let value = 10_i128.checked_pow(power)?.checked_mul(i128::from(mantissa))?;
            Decimal::try_from_i128_with_scale(value, 0).ok()
        }
        Err(_) => Decimal::try_new(mantissa, u32::try_from(-exponent).ok()?).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sfloat(raw: u16) -> String {
        MedicalNumber::from_sfloat(raw).available().unwrap().to_string()
    }

    #[test]
    fn the_digits_that_the_device_sent_are_kept() {
        assert_eq!(sfloat(0x0078), "120");
        assert_eq!(sfloat(0xF172), "37.0");
        assert_eq!(sfloat(0xE4E2), "12.50");
        assert_eq!(sfloat(0x2005), "500");
        assert_eq!(sfloat(0xFFFF), "-0.1");
        let float = |raw| MedicalNumber::from_float(raw).unwrap().available().unwrap().to_string();
        assert_eq!(float(0xFF00_0172), "37.0");
        assert_eq!(float(0xFE00_61A8), "250.00");
        assert_eq!(float(0xFFFF_FFFF), "-0.1");
        assert_eq!(float(0x0300_0002), "2000");
    }

    #[test]
    fn a_special_value_is_not_available_and_never_zero() {
        use MedicalNumber::*;
        for (raw, special) in [
            (0x07FF, NotANumber),
            (0x0800, NotAtThisResolution),
            (0x07FE, PositiveInfinity),
            (0x0802, NegativeInfinity),
            (0x0801, Reserved),
        ] {
            assert_eq!(MedicalNumber::from_sfloat(raw), special);
            assert_eq!(special.available(), None);
        }
        for (raw, special) in [
            (0x007F_FFFF, NotANumber),
            (0x0080_0000, NotAtThisResolution),
            (0x007F_FFFE, PositiveInfinity),
            (0x0080_0002, NegativeInfinity),
            (0x0080_0001, Reserved),
        ] {
            assert_eq!(MedicalNumber::from_float(raw), Some(special));
        }
    }

    #[test]
    fn a_special_mantissa_is_a_plain_number_at_another_exponent() {
        assert_eq!(sfloat(0xF800), "-204.8");
    }

    #[test]
    fn a_number_beyond_96_bits_is_refused_and_zero_is_zero_at_any_exponent() {
        assert_eq!(MedicalNumber::from_float(0x7F00_0001), None);
        assert_eq!(MedicalNumber::from_float(0x8000_0001), None);
        assert_eq!(MedicalNumber::from_float(0x7F00_0000), Some(MedicalNumber::Value(Decimal::ZERO)));
        let bytes = [9, 1, 0, 0, 0x7F];
        let mut reader = Reader::new(&bytes);
        reader.u8("flags").unwrap();
        assert_eq!(reader.float("rate"), Err(WireError::at("rate", 1, Fault::Range)));
    }

    proptest! {
        #[test]
        fn every_float_is_read_as_mantissa_times_power_of_ten(mantissa in -0x7F_FFF0_i32..0x7F_FFF0, exponent in -20_i8..20) {
            let raw = u32::from_le_bytes({
                let [a, b, c, _] = mantissa.to_le_bytes();
                [a, b, c, exponent.to_le_bytes()[0]]
            });
            let expected: Decimal = format!("{mantissa}e{exponent}").parse::<Decimal>()
                .or_else(|_| Decimal::from_scientific(&format!("{mantissa}e{exponent}"))).unwrap();
            prop_assert_eq!(MedicalNumber::from_float(raw).unwrap().available(), Some(expected));
        }

        #[test]
        fn no_bits_make_it_panic(raw: u32, short: u16) {
            let _ = MedicalNumber::from_float(raw);
            let _ = MedicalNumber::from_sfloat(short);
        }
    }
}
