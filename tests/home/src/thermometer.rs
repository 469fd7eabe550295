//! A simulated thermometer: Health Thermometer service, one reading as soon as it is subscribed to, then silence.

use crate::pump::encode;
use chrono::NaiveDateTime;
use rust_decimal::Decimal;

/// The thermometer.
#[derive(Debug, Clone, Copy)]
pub struct SimulatedThermometer;

impl SimulatedThermometer {
    /// The value of Temperature Measurement (0x2A1C): °C to a tenth, taken in the mouth, dated by the thermometer's clock.
    pub fn measurement(celsius: Decimal, at: NaiveDateTime) -> Vec<u8> {
        encode::temperature(celsius, at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeline_pump::wire::thermometer;

    #[test]
    fn its_reading_is_understood_with_its_digits() {
        let at = "2026-11-23T08:30:05".parse().unwrap();
        let reading = thermometer::decode(&SimulatedThermometer::measurement("37.80".parse().unwrap(), at)).unwrap();
        assert_eq!((reading.value.unwrap().to_string(), reading.unit), ("37.8".to_owned(), "Cel"));
        assert_eq!(reading.at, Some(at));
    }
}
