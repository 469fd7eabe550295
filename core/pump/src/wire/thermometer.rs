//! Temperature Measurement (0x2A1C) and Intermediate Temperature (0x2A1E), Health Thermometer Service 1.0 §3.1.

use super::{Reader, WireError};
use chrono::NaiveDateTime;
use rust_decimal::Decimal;

/// Where the temperature was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the part of the body of its name")]
pub enum TemperatureSite {
    Armpit,
    Body,
    Ear,
    Finger,
    GastroIntestinalTract,
    Mouth,
    Rectum,
    Toe,
    EarDrum,
}

/// One measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Temperature {
    /// In the unit that the thermometer sent, never converted; `None` is not available.
    pub value: Option<Decimal>,
    /// That unit in UCUM: `Cel` or `[degF]`.
    pub unit: &'static str,
    /// The thermometer's own clock; `None` when it has none.
    pub at: Option<NaiveDateTime>,
    /// Where; `None` is not said.
    pub site: Option<TemperatureSite>,
}

/// Reads the value. An intermediate temperature has the same form, and is not yet a measurement.
pub fn decode(value: &[u8]) -> Result<Temperature, WireError> {
    let mut reader = Reader::new(value);
    let flags = reader.flags("temperature flags", 0b111)?;
    let unit = if flags.has(0) { "[degF]" } else { "Cel" };
    let number = reader.float("temperature")?;
    let at = flags.when(1, || reader.date_time("time of the measurement"))?.flatten();
    let site = flags.when(2, || reader.known_u8("temperature type", site))?;
    reader.end("temperature measurement")?;
    Ok(Temperature { value: number.available(), unit, at, site })
}

fn site(code: u8) -> Option<TemperatureSite> {
    Some(match code {
        1 => TemperatureSite::Armpit,
        2 => TemperatureSite::Body,
        3 => TemperatureSite::Ear,
        4 => TemperatureSite::Finger,
        5 => TemperatureSite::GastroIntestinalTract,
        6 => TemperatureSite::Mouth,
        7 => TemperatureSite::Rectum,
        8 => TemperatureSite::Toe,
        9 => TemperatureSite::EarDrum,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Fault;
    use proptest::prelude::*;

    /// 37.8 °C, 2026-11-23 08:30:05, mouth: FLOAT mantissa 378 (0x00017A), exponent −1 (0xFF); year 2026 is 0x07EA.
    const ORAL: [u8; 13] = [0b110, 0x7A, 0x01, 0, 0xFF, 0xEA, 7, 11, 23, 8, 30, 5, 6];

    #[test]
    fn a_measurement_with_time_and_site_keeps_its_digits() {
        let temperature = decode(&ORAL).unwrap();
        assert_eq!((temperature.value.unwrap().to_string(), temperature.unit), ("37.8".into(), "Cel"));
        assert_eq!(temperature.at.unwrap().to_string(), "2026-11-23 08:30:05");
        assert_eq!(temperature.site, Some(TemperatureSite::Mouth));
    }

    #[test]
    fn fahrenheit_stays_fahrenheit() {
        let temperature = decode(&[1, 0xEC, 0x03, 0, 0xFF]).unwrap();
        assert_eq!((temperature.value.unwrap().to_string(), temperature.unit), ("100.4".into(), "[degF]"));
    }

    #[test]
    fn every_special_number_is_not_available() {
        for special in [[0xFF, 0xFF, 0x7F], [0, 0, 0x80], [0xFE, 0xFF, 0x7F], [2, 0, 0x80], [1, 0, 0x80]] {
            let [a, b, c] = special;
            assert_eq!(decode(&[0, a, b, c, 0]).unwrap().value, None);
        }
    }

    #[test]
    fn any_cut_any_byte_more_and_any_value_out_of_the_tables_is_refused() {
        for end in 0..ORAL.len() {
            assert!(decode(&ORAL[..end]).is_err(), "cut off at {end}");
        }
        assert!(decode(&[ORAL.as_slice(), &[0]].concat()).is_err());
        for (place, bad, field) in
            [(0, 0b1110, "temperature flags"), (12, 10, "temperature type"), (12, 0, "temperature type")]
        {
            let mut bytes = ORAL;
            bytes[place] = bad;
            let value = u64::from(bad);
            assert_eq!(decode(&bytes), Err(WireError::at(field, place, Fault::Value { value })));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..20)) {
            let _ = decode(&bytes);
        }
    }
}
