//! End-to-end checksum of services that have one (Insulin Delivery, Continuous Glucose Monitoring): two bytes after the
//! value, low byte first.
//!
//! The standard's is CRC-16/MCRF4XX: polynomial 0x1021 reflected, start 0xFFFF, no final XOR (Bluetooth SIG Insulin Delivery
//! Service 1.0 §3.1.2, also Continuous Glucose Monitoring Service §3.11). One deployed sensor sends CRC-16/CCITT-FALSE
//! instead. Which one a device has is a property of its model, given from outside, and never found out by trying: two tries
//! halve what a checksum is worth. It protects against faults, not against attackers.

use super::{Fault, WireError};

/// Which checksum a model of device sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Checksum {
    /// CRC-16/MCRF4XX: the standard's.
    #[default]
    Mcrf4xx,
    /// CRC-16/CCITT-FALSE: the same polynomial, not reflected. A quirk of a model, never of the standard.
    CcittFalse,
}

/// One step of eight bits for each byte.
const REFLECTED: [u16; 256] = table(true);
const FORWARD: [u16; 256] = table(false);

const fn table(reflected: bool) -> [u16; 256] {
    let mut table = [0_u16; 256];
    let mut byte: u16 = 0;
    while byte < 256 {
        let mut crc = if reflected { byte } else { byte << 8 };
        let mut bit = 0;
        while bit < 8 {
            crc = match (reflected, if reflected { crc & 1 != 0 } else { crc & 0x8000 != 0 }) {
                (true, true) => (crc >> 1) ^ 0x8408,
                (true, false) => crc >> 1,
                (false, true) => (crc << 1) ^ 0x1021,
                (false, false) => crc << 1,
            };
            bit += 1;
        }
        table[byte as usize] = crc;
        byte += 1;
    }
    table
}

impl Checksum {
    /// The checksum of these bytes.
    pub fn of(self, bytes: &[u8]) -> u16 {
        bytes.iter().fold(0xFFFF, |crc: u16, byte| {
            let [low, high] = crc.to_le_bytes();
            match self {
                Self::Mcrf4xx => (crc >> 8) ^ REFLECTED[usize::from(low ^ byte)],
                Self::CcittFalse => (crc << 8) ^ FORWARD[usize::from(high ^ byte)],
            }
        })
    }

    /// Takes the two checksum bytes off the end. Refuses a value whose checksum does not fit.
    pub fn checked(self, value: &[u8]) -> Result<&[u8], WireError> {
        const FIELD: &str = "E2E-CRC";
        let (body, sent) = value.split_last_chunk::<2>().ok_or(WireError::at(
            FIELD,
            0,
            Fault::Short { missing: 2_usize.saturating_sub(value.len()) },
        ))?;
        if self.of(body) == u16::from_le_bytes(*sent) {
            Ok(body)
        } else {
            Err(WireError::at(FIELD, body.len(), Fault::Checksum))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_vector_of_the_specification_is_2f01() {
        let bytes = [0x3E, 1, 2, 3, 4, 5, 6, 7, 8, 9];
        assert_eq!(Checksum::Mcrf4xx.of(&bytes).to_le_bytes(), [0x01, 0x2F]);
    }

    #[test]
    fn the_check_values_of_the_crc_catalogue_are_6f91_and_29b1() {
        assert_eq!(Checksum::Mcrf4xx.of(b"123456789"), 0x6F91);
        assert_eq!(Checksum::CcittFalse.of(b"123456789"), 0x29B1);
    }

    #[test]
    fn a_value_with_the_other_checksum_is_refused() {
        let mut value = b"123456789".to_vec();
        value.extend(0x29B1_u16.to_le_bytes());
        assert_eq!(Checksum::CcittFalse.checked(&value), Ok(b"123456789".as_slice()));
        assert_eq!(
            Checksum::Mcrf4xx.checked(&value),
            Err(WireError { field: "E2E-CRC", offset: Some(9), fault: Fault::Checksum })
        );
    }

    #[test]
    fn a_value_without_room_for_a_checksum_is_cut_off() {
        assert!(matches!(Checksum::Mcrf4xx.checked(&[1]), Err(WireError { fault: Fault::Short { missing: 1 }, .. })));
    }

    proptest! {
        #[test]
        fn any_flipped_bit_of_any_value_is_refused(
            body in proptest::collection::vec(any::<u8>(), 0..64), place: usize, bit in 0_u8..8, forward: bool,
        ) {
            let checksum = if forward { Checksum::CcittFalse } else { Checksum::Mcrf4xx };
            let mut value = body.clone();
            value.extend(checksum.of(&body).to_le_bytes());
            prop_assert_eq!(checksum.checked(&value), Ok(body.as_slice()));
            let place = place % value.len();
            value[place] ^= 1 << bit;
            prop_assert!(checksum.checked(&value).is_err());
        }
    }
}
