//! IDD Features (0x2B23), IDS 1.0 §3.4. Checksum and counter stand at its beginning, for it says itself whether there are any.

use crate::wire::crc::Checksum;
use crate::wire::medical_number::MedicalNumber;
use crate::wire::{Fault, Reader, WireError};

/// What the pump says that it can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Features {
    /// Insulin in the reservoir, IU per mL.
    pub concentration: MedicalNumber,
    /// The bits as sent; 24.
    pub flags: u32,
}

const NO_CHECKSUM: u16 = 0xFFFF;
const EXTENSION: u32 = 1 << 23;

impl Features {
    /// Reads the characteristic.
    pub fn decode(value: &[u8], checksum: Checksum) -> Result<Self, WireError> {
        let mut reader = Reader::new(value);
        let sent = reader.u16("E2E-CRC")?;
        let covered = reader.rest();
        let counter = reader.u8("E2E counter")?;
        let concentration = reader.sfloat("insulin concentration")?;
        let features = Self { concentration, flags: reader.u24("features flags")? };
        // Flags of tomorrow come behind these, and say that they do.
        if features.flags & EXTENSION == 0 {
            reader.end("features flags")?;
        }
        let protected = features.protected();
        let fits = if protected { sent == checksum.of(covered) } else { sent == NO_CHECKSUM };
        if !fits {
            return Err(WireError::at("E2E-CRC", 0, Fault::Checksum));
        }
        if protected == (counter == 0) {
            return Err(WireError::at("E2E counter", 2, Fault::Value { value: u64::from(counter) }));
        }
        Ok(features)
    }

    /// Every value carries counter and checksum.
    pub fn protected(&self) -> bool {
        self.flags & 1 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 100 IU/mL, protection on and basal: the checksum over the six bytes from the counter on.
    fn protected() -> Vec<u8> {
        let covered = [1, 100, 0, 0b11, 0, 0];
        let mut value = Checksum::Mcrf4xx.of(&covered).to_le_bytes().to_vec();
        value.extend(covered);
        value
    }

    #[test]
    fn features_say_whether_values_are_protected() {
        let read = Features::decode(&protected(), Checksum::Mcrf4xx).unwrap();
        assert_eq!((read.concentration.available(), read.protected()), (Some(100.into()), true));
        let read = Features::decode(&[0xFF, 0xFF, 0, 100, 0, 0b10, 0, 0], Checksum::Mcrf4xx).unwrap();
        assert!(!read.protected());
    }

    #[test]
    fn no_flipped_bit_turns_protection_off_or_passes() {
        let value = protected();
        for place in 0..value.len() {
            for bit in 0..8 {
                let mut flipped = value.clone();
                flipped[place] ^= 1 << bit;
                assert!(Features::decode(&flipped, Checksum::Mcrf4xx).is_err(), "byte {place}, bit {bit}");
            }
        }
        for end in 0..value.len() {
            assert!(Features::decode(&value[..end], Checksum::Mcrf4xx).is_err(), "cut off at {end}");
        }
        assert!(Features::decode(&[0xFF, 0xFF, 1, 100, 0, 0b10, 0, 0], Checksum::Mcrf4xx).is_err());
        assert!(Features::decode(&value, Checksum::CcittFalse).is_err());
    }
}
