//! PLX Spot-Check Measurement (0x2A5E) and PLX Continuous Measurement (0x2A5F), Pulse Oximeter Service 1.0 §3.1 and §3.2.

use super::medical_number::MedicalNumber;
use super::{Reader, WireError};
use chrono::NaiveDateTime;

/// Oxygen saturation in percent and pulse rate in beats a minute. Special numbers are not available.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Oximetry {
    /// Saturation, percent.
    pub saturation: MedicalNumber,
    /// Pulse rate, beats a minute.
    pub pulse: MedicalNumber,
}

/// What the oximeter says of the measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MeasurementStatus(pub u16);

/// What the oximeter says of itself and its sensor; 24 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SensorStatus(pub u32);

const MEASUREMENT: [(u8, &str); 11] = [
    (5, "ongoing"),
    (6, "early-estimate"),
    (7, "validated"),
    (8, "fully-qualified"),
    (9, "stored"),
    (10, "demo-data"),
    (11, "test-data"),
    (12, "calibrating"),
    (13, "not-available"),
    (14, "questionable"),
    (15, "invalid"),
];

const SENSOR: [(u8, &str); 16] = [
    (0, "display-update-ongoing"),
    (1, "equipment-malfunction"),
    (2, "signal-irregularity"),
    (3, "inadequate-signal"),
    (4, "poor-signal"),
    (5, "low-perfusion"),
    (6, "erratic-signal"),
    (7, "nonpulsatile-signal"),
    (8, "questionable-pulse"),
    (9, "signal-analysis-ongoing"),
    (10, "sensor-interface"),
    (11, "sensor-unconnected-to-user"),
    (12, "unknown-sensor"),
    (13, "sensor-displaced"),
    (14, "sensor-malfunction"),
    (15, "sensor-disconnected"),
];

fn named(bits: u32, names: &'static [(u8, &'static str)]) -> impl Iterator<Item = &'static str> {
    names.iter().filter(move |(bit, _)| bits >> bit & 1 != 0).map(|(_, name)| *name)
}

impl MeasurementStatus {
    fn bit(self, bit: u8) -> bool {
        self.0 >> bit & 1 != 0
    }
    /// Made up by the device for a demonstration or a test, never a patient's.
    pub fn test_data(self) -> bool {
        self.bit(10) || self.bit(11)
    }
    /// There is no value, or it is invalid.
    pub fn not_available(self) -> bool {
        self.bit(13) || self.bit(15)
    }
    /// Whether the value may be taken as what it says: neither of the above, no calibration and no early estimate runs, and
    /// the device does not doubt it.
    pub fn usable(self) -> bool {
        !self.test_data() && !self.not_available() && !self.bit(6) && !self.bit(12) && !self.bit(14)
    }
    /// The names of the bits that are set, e.g. `demo-data`.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        named(u32::from(self.0), &MEASUREMENT)
    }
}

impl SensorStatus {
    /// Whether what the sensor sees can be a pulse: it is on a person, works, and gets a signal.
    pub fn usable(self) -> bool {
        const NOT: u32 = 1 << 1 | 1 << 3 | 1 << 7 | 1 << 8 | 1 << 11 | 1 << 13 | 1 << 14 | 1 << 15;
        self.0 & NOT == 0
    }
    /// The names of the bits that are set, e.g. `low-perfusion`.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        named(self.0, &SENSOR)
    }
}

/// One reading that a person asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpotCheck {
    /// The reading.
    pub value: Oximetry,
    /// The oximeter's own clock; `None` when it has none.
    pub at: Option<NaiveDateTime>,
    /// The clock was not set: its time says nothing.
    pub clock_not_set: bool,
    /// Of the measurement; nothing is set when it is not sent.
    pub measurement: MeasurementStatus,
    /// Of the sensor; nothing is set when it is not sent.
    pub sensor: SensorStatus,
    /// Pulse amplitude index, percent; `None` is not sent.
    pub pulse_amplitude_index: Option<MedicalNumber>,
}

/// One of a stream of readings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Continuous {
    /// Averaged as the device does by default.
    pub normal: Oximetry,
    /// Averaged over a shorter time; `None` is not sent.
    pub fast: Option<Oximetry>,
    /// Averaged over a longer time; `None` is not sent.
    pub slow: Option<Oximetry>,
    /// Of the measurement; nothing is set when it is not sent.
    pub measurement: MeasurementStatus,
    /// Of the sensor; nothing is set when it is not sent.
    pub sensor: SensorStatus,
    /// Pulse amplitude index, percent; `None` is not sent.
    pub pulse_amplitude_index: Option<MedicalNumber>,
}

fn oximetry(reader: &mut Reader<'_>) -> Result<Oximetry, WireError> {
    Ok(Oximetry { saturation: reader.sfloat("oxygen saturation")?, pulse: reader.sfloat("pulse rate")? })
}

/// Reads a PLX Spot-Check Measurement.
pub fn spot_check(value: &[u8]) -> Result<SpotCheck, WireError> {
    let mut reader = Reader::new(value);
    let flags = reader.flags("spot-check flags", 0b1_1111)?;
    let value = oximetry(&mut reader)?;
    let at = flags.when(0, || reader.date_time("time of the measurement"))?.flatten();
    let measurement = flags.when(1, || reader.u16("measurement status"))?;
    let sensor = flags.when(2, || reader.u24("device and sensor status"))?;
    let pulse_amplitude_index = flags.when(3, || reader.sfloat("pulse amplitude index"))?;
    reader.end("spot-check measurement")?;
    Ok(SpotCheck {
        value,
        at,
        clock_not_set: flags.has(4),
        measurement: MeasurementStatus(measurement.unwrap_or_default()),
        sensor: SensorStatus(sensor.unwrap_or_default()),
        pulse_amplitude_index,
    })
}

/// Reads a PLX Continuous Measurement.
pub fn continuous(value: &[u8]) -> Result<Continuous, WireError> {
    let mut reader = Reader::new(value);
    let flags = reader.flags("continuous flags", 0b1_1111)?;
    let normal = oximetry(&mut reader)?;
    let fast = flags.when(0, || oximetry(&mut reader))?;
    let slow = flags.when(1, || oximetry(&mut reader))?;
    let measurement = flags.when(2, || reader.u16("measurement status"))?;
    let sensor = flags.when(3, || reader.u24("device and sensor status"))?;
    let pulse_amplitude_index = flags.when(4, || reader.sfloat("pulse amplitude index"))?;
    reader.end("continuous measurement")?;
    Ok(Continuous {
        normal,
        fast,
        slow,
        measurement: MeasurementStatus(measurement.unwrap_or_default()),
        sensor: SensorStatus(sensor.unwrap_or_default()),
        pulse_amplitude_index,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 97 %, 72/min, 2026-11-23 08:30:05, validated (bit 7), low perfusion (bit 5), index 1.4 (0xF00E).
    const SPOT: [u8; 19] = [0b1111, 97, 0, 72, 0, 0xEA, 7, 11, 23, 8, 30, 5, 0x80, 0, 0x20, 0, 0, 0x0E, 0xF0];

    /// 97/72, fast 96/74, slow 98/70, demonstration (bit 10), sensor displaced (bit 13), index 1.4.
    const STREAM: [u8; 20] = [0b1_1111, 97, 0, 72, 0, 96, 0, 74, 0, 98, 0, 70, 0, 0, 0x04, 0, 0x20, 0, 0x0E, 0xF0];

    fn shown(number: MedicalNumber) -> String {
        number.available().unwrap().to_string()
    }

    #[test]
    fn a_spot_check_with_all_fields_is_read() {
        let read = spot_check(&SPOT).unwrap();
        assert_eq!((shown(read.value.saturation), shown(read.value.pulse)), ("97".into(), "72".into()));
        assert_eq!(read.at.unwrap().to_string(), "2026-11-23 08:30:05");
        assert_eq!(read.measurement.names().collect::<Vec<_>>(), ["validated"]);
        assert_eq!(read.sensor.names().collect::<Vec<_>>(), ["low-perfusion"]);
        assert_eq!(shown(read.pulse_amplitude_index.unwrap()), "1.4");
        assert!(read.measurement.usable() && read.sensor.usable() && !read.clock_not_set);
    }

    #[test]
    fn a_continuous_measurement_has_its_three_averages() {
        let read = continuous(&STREAM).unwrap();
        let averages = [Some(read.normal), read.fast, read.slow].map(|value| shown(value.unwrap().saturation));
        assert_eq!(averages, ["97", "96", "98"]);
        assert!(read.measurement.test_data() && !read.measurement.usable());
        assert_eq!(read.sensor.names().collect::<Vec<_>>(), ["sensor-displaced"]);
        assert!(!read.sensor.usable());
    }

    #[test]
    fn demonstration_test_and_doubt_are_told_apart() {
        for bit in [10, 11] {
            assert!(MeasurementStatus(1 << bit).test_data());
        }
        for bit in [13, 15] {
            assert!(MeasurementStatus(1 << bit).not_available());
        }
        for bit in [6, 10, 11, 12, 13, 14, 15] {
            assert!(!MeasurementStatus(1 << bit).usable(), "{bit}");
        }
        for bit in [5, 7, 8, 9] {
            assert!(MeasurementStatus(1 << bit).usable(), "{bit}");
        }
    }

    #[test]
    fn a_special_number_is_not_available() {
        let read = spot_check(&[0, 0xFF, 0x07, 0x02, 0x08]).unwrap();
        assert_eq!((read.value.saturation.available(), read.value.pulse.available()), (None, None));
    }

    #[test]
    fn any_cut_and_any_byte_more_is_refused() {
        for end in 0..SPOT.len() {
            assert!(spot_check(&SPOT[..end]).is_err(), "cut off at {end}");
        }
        for end in 0..STREAM.len() {
            assert!(continuous(&STREAM[..end]).is_err(), "cut off at {end}");
        }
        assert!(spot_check(&[SPOT.as_slice(), &[0]].concat()).is_err());
        assert!(continuous(&[STREAM.as_slice(), &[0]].concat()).is_err());
        assert!(spot_check(&[0b10_0000, 97, 0, 72, 0]).is_err(), "a flag that is not defined");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..24)) {
            let _ = spot_check(&bytes);
            let _ = continuous(&bytes);
        }
    }
}
