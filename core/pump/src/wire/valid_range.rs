//! Valid Range and Accuracy (descriptor 0x2911, GHSS 1.0): between which values a sensor measures, and how well.

use super::medical_number::MedicalNumber;
use super::{Reader, WireError};

/// What a sensor says of one kind of its observations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValidRange {
    /// IEEE 11073-10101 code of what is observed.
    pub code: u32,
    /// Unit code, low 16 bits.
    pub unit: u16,
    /// The least that it measures.
    pub lower: MedicalNumber,
    /// The most.
    pub upper: MedicalNumber,
    /// How far a reading may be off.
    pub accuracy: MedicalNumber,
}

/// Reads the descriptor.
pub fn decode(value: &[u8]) -> Result<ValidRange, WireError> {
    let mut reader = Reader::new(value);
    let range = ValidRange {
        code: reader.u32("observation type")?,
        unit: reader.u16("unit")?,
        lower: reader.float("lower end of the range")?,
        upper: reader.float("upper end of the range")?,
        accuracy: reader.float("accuracy")?,
    };
    reader.end("accuracy")?;
    Ok(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_whole_or_not_at_all() {
        // Rate, mL/h, 0.1 to 999.0, accuracy not a number.
        let bytes = [0x3E, 0x69, 2, 0, 0x32, 0x0C, 1, 0, 0, 0xFF, 0x06, 0x27, 0, 0xFF, 0xFF, 0xFF, 0x7F, 0];
        let range = decode(&bytes).unwrap();
        assert_eq!((range.code, range.unit), (158_014, 0x0C32));
        assert_eq!(range.lower.available().unwrap().to_string(), "0.1");
        assert_eq!(range.upper.available().unwrap().to_string(), "999.0");
        assert_eq!(range.accuracy.available(), None);
        for end in 0..bytes.len() {
            assert!(decode(&bytes[..end]).is_err(), "cut off at {end}");
        }
        assert!(decode(&[bytes.as_slice(), &[0]].concat()).is_err());
    }
}
