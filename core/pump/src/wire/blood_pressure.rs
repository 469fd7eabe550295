//! Blood Pressure Measurement (0x2A35) and Intermediate Cuff Pressure (0x2A36), Blood Pressure Service 1.1 §3.1 and §3.2.

use super::medical_number::MedicalNumber;
use super::{Reader, WireError};
use chrono::NaiveDateTime;

/// In which unit the cuff sends its pressures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PressureUnit {
    /// Millimetres of mercury.
    MillimetreOfMercury,
    /// Kilopascal.
    Kilopascal,
}

impl PressureUnit {
    /// The UCUM code.
    pub fn ucum(self) -> &'static str {
        match self {
            Self::MillimetreOfMercury => "mm[Hg]",
            Self::Kilopascal => "kPa",
        }
    }
}

/// What the cuff says of how it measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MeasurementStatus(pub u16);

impl MeasurementStatus {
    /// The names of what it says, e.g. `body-movement`.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let pulse_range = self.0 >> 3 & 0b11;
        let named = [
            (self.0 & 1 != 0, "body-movement"),
            (self.0 & 1 << 1 != 0, "cuff-loose"),
            (self.0 & 1 << 2 != 0, "irregular-pulse"),
            (pulse_range == 1, "pulse-above-range"),
            (pulse_range == 2, "pulse-below-range"),
            (self.0 & 1 << 5 != 0, "improper-position"),
        ];
        named.into_iter().filter(|(set, _)| *set).map(|(_, name)| name)
    }
}

/// One measurement. Special numbers are not available.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BloodPressure {
    /// The unit of the three pressures.
    pub unit: PressureUnit,
    /// Systolic; of an intermediate value, the pressure in the cuff.
    pub systolic: MedicalNumber,
    /// Diastolic.
    pub diastolic: MedicalNumber,
    /// Mean arterial.
    pub mean_arterial: MedicalNumber,
    /// The cuff's own clock; `None` when it has none.
    pub at: Option<NaiveDateTime>,
    /// Pulse, beats a minute; `None` is not sent.
    pub pulse: Option<MedicalNumber>,
    /// The cuff's number for the person; 0xFF is "not known". `None` is not sent.
    pub user: Option<u8>,
    /// How it measured; nothing is set when it is not sent.
    pub status: MeasurementStatus,
}

/// Reads the value. An intermediate cuff pressure has the same form: its first pressure is that in the cuff, and the two
/// others are not a number.
pub fn decode(value: &[u8]) -> Result<BloodPressure, WireError> {
    let mut reader = Reader::new(value);
    let flags = reader.flags("blood pressure flags", 0b1_1111)?;
    let unit = if flags.has(0) { PressureUnit::Kilopascal } else { PressureUnit::MillimetreOfMercury };
    let systolic = reader.sfloat("systolic pressure")?;
    let diastolic = reader.sfloat("diastolic pressure")?;
    let mean_arterial = reader.sfloat("mean arterial pressure")?;
    let at = flags.when(1, || reader.date_time("time of the measurement"))?.flatten();
    let pulse = flags.when(2, || reader.sfloat("pulse rate"))?;
    let user = flags.when(3, || reader.u8("user id"))?;
    let status = flags.when(4, || reader.u16("measurement status"))?;
    reader.end("blood pressure measurement")?;
    let status = MeasurementStatus(status.unwrap_or_default());
    Ok(BloodPressure { unit, systolic, diastolic, mean_arterial, at, pulse, user, status })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 118/76, mean 90 mmHg, 2026-11-23 08:30:05, pulse 72, user 1, irregular pulse (bit 2).
    const WHOLE: [u8; 19] = [0b1_1110, 118, 0, 76, 0, 90, 0, 0xEA, 7, 11, 23, 8, 30, 5, 72, 0, 1, 0b100, 0];

    fn shown(number: MedicalNumber) -> String {
        number.available().unwrap().to_string()
    }

    #[test]
    fn a_measurement_with_all_fields_is_read() {
        let read = decode(&WHOLE).unwrap();
        let numbers = [read.systolic, read.diastolic, read.mean_arterial, read.pulse.unwrap()].map(shown);
        assert_eq!(numbers, ["118", "76", "90", "72"]);
        assert_eq!((read.unit.ucum(), read.user), ("mm[Hg]", Some(1)));
        assert_eq!(read.at.unwrap().to_string(), "2026-11-23 08:30:05");
        assert_eq!(read.status.names().collect::<Vec<_>>(), ["irregular-pulse"]);
    }

    #[test]
    fn kilopascal_stays_kilopascal_with_its_tenths() {
        // 15.7/10.1, mean not a number: SFLOAT exponent −1 is 0xF in the high four bits.
        let read = decode(&[1, 0x9D, 0xF0, 0x65, 0xF0, 0xFF, 0x07]).unwrap();
        assert_eq!(
            (shown(read.systolic), shown(read.diastolic), read.unit.ucum()),
            ("15.7".into(), "10.1".into(), "kPa")
        );
        assert_eq!(read.mean_arterial.available(), None);
    }

    #[test]
    fn the_pulse_range_is_a_number_of_two_bits() {
        let names = |status| MeasurementStatus(status).names().collect::<Vec<_>>();
        assert_eq!(names(0b01_011), ["body-movement", "cuff-loose", "pulse-above-range"]);
        assert_eq!(names(0b110_000), ["pulse-below-range", "improper-position"]);
        assert!(names(0b11_000).is_empty(), "reserved");
    }

    #[test]
    fn any_cut_and_any_byte_more_is_refused() {
        for end in 0..WHOLE.len() {
            assert!(decode(&WHOLE[..end]).is_err(), "cut off at {end}");
        }
        assert!(decode(&[WHOLE.as_slice(), &[0]].concat()).is_err());
        assert!(decode(&[0b10_0000, 118, 0, 76, 0, 90, 0]).is_err(), "a flag that is not defined");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..24)) {
            let _ = decode(&bytes);
        }
    }
}
