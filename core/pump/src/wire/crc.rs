//! End-to-end checksum: CRC-16/MCRF4XX, polynomial 0x1021 reflected, start 0xFFFF, no final XOR, sent low byte first
//! (Bluetooth SIG Insulin Delivery Service 1.0 §3.1.2, also Continuous Glucose Monitoring Service §3.11).
//!
//! It protects against faults, not against attackers. One deployed sensor sends CRC-16/CCITT-FALSE instead; a device with
//! another checksum needs an adapter that says so, and never "try both": two tries halve what a checksum is worth.

use super::WireError;

/// Checksum of the bytes.
pub fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0x8408 } else { crc >> 1 })
    })
}

/// Takes the two checksum bytes off the end. Refuses a value whose checksum does not fit.
pub fn checked<'a>(value: &'a [u8], field: &'static str) -> Result<&'a [u8], WireError> {
    let (body, sent) =
        value.split_last_chunk::<2>().ok_or(WireError::Short { field, missing: 2 - value.len().min(2) })?;
    if crc(body) == u16::from_le_bytes(*sent) { Ok(body) } else { Err(WireError::Checksum { field }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vector_of_the_specification_is_2f01() {
        assert_eq!(crc(&[0x3E, 1, 2, 3, 4, 5, 6, 7, 8, 9]).to_le_bytes(), [0x01, 0x2F]);
    }

    #[test]
    fn the_check_value_of_the_crc_catalogue_is_6f91() {
        assert_eq!(crc(b"123456789"), 0x6F91);
    }

    #[test]
    fn one_flipped_bit_is_refused() {
        let mut value = [0x3E, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x01, 0x2F];
        assert_eq!(checked(&value, "status").unwrap().len(), 10);
        value[4] ^= 0x10;
        assert_eq!(checked(&value, "status"), Err(WireError::Checksum { field: "status" }));
        assert!(checked(&[1], "status").is_err());
    }
}
