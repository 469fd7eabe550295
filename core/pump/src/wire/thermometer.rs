//! Temperature Measurement (0x2A1C), Health Thermometer Service 1.0 §3.1.

use super::{Reader, WireError};
use chrono::NaiveDateTime;
use homeline_model::Quantity;

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Temperature {
    /// In the unit that the thermometer sent, `Cel` or `[degF]`, never converted; `None` is not available.
    pub value: Option<Quantity>,
    /// The thermometer's own clock; `None` when it has none.
    pub at: Option<NaiveDateTime>,
    /// Where; `None` is not said.
    pub site: Option<TemperatureSite>,
}

/// Reads the indication.
pub fn decode(value: &[u8]) -> Result<Temperature, WireError> {
    let mut reader = Reader::new(value);
    let flags = reader.u8("temperature flags")?;
    if flags >> 3 != 0 {
        return Err(WireError::Value { field: "temperature flags", value: u64::from(flags) });
    }
    let unit = if flags & 1 != 0 { "[degF]" } else { "Cel" };
    let number = reader.float("temperature")?;
    let at = if flags & 2 != 0 { reader.date_time("time of the measurement")? } else { None };
    let site = if flags & 4 != 0 { Some(site(reader.u8("temperature type")?)?) } else { None };
    reader.end("temperature measurement")?;
    Ok(Temperature { value: number.available().map(|value| Quantity::new(value, unit)), at, site })
}

fn site(code: u8) -> Result<TemperatureSite, WireError> {
    Ok(match code {
        1 => TemperatureSite::Armpit,
        2 => TemperatureSite::Body,
        3 => TemperatureSite::Ear,
        4 => TemperatureSite::Finger,
        5 => TemperatureSite::GastroIntestinalTract,
        6 => TemperatureSite::Mouth,
        7 => TemperatureSite::Rectum,
        8 => TemperatureSite::Toe,
        9 => TemperatureSite::EarDrum,
        other => return Err(WireError::Value { field: "temperature type", value: u64::from(other) }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_measurement_with_time_and_site_keeps_its_digits() {
        let value = [0b110, 0x7A, 0x01, 0, 0xFF, 0xEA, 7, 11, 23, 8, 30, 5, 6];
        let temperature = decode(&value).unwrap();
        assert_eq!(temperature.value.unwrap().to_string(), "37.8 Cel");
        assert_eq!(temperature.at.unwrap().to_string(), "2026-11-23 08:30:05");
        assert_eq!(temperature.site, Some(TemperatureSite::Mouth));
    }

    #[test]
    fn fahrenheit_stays_fahrenheit() {
        assert_eq!(decode(&[1, 0xEC, 0x03, 0, 0xFF]).unwrap().value.unwrap().to_string(), "100.4 [degF]");
    }

    #[test]
    fn not_a_number_is_not_available() {
        assert_eq!(decode(&[0, 0xFF, 0xFF, 0x7F, 0]).unwrap().value, None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..20)) {
            let _ = decode(&bytes);
        }
    }
}
