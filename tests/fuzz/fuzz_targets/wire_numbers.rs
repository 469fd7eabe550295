//! SFLOAT, FLOAT, Date Time, elapsed time and the checksums: a number is what was sent or not available, and a checksum finds
//! every change that its length promises to find.
#![no_main]

use homeline_pump::wire::crc::Checksum;
use homeline_pump::wire::medical_number::MedicalNumber;
use homeline_pump::wire::timestamp;
use libfuzzer_sys::fuzz_target;

/// The value by another way than the decoder's: as text.
fn as_text(mantissa: i32, exponent: i32) -> String {
    let digits = mantissa.unsigned_abs().to_string();
    let sign = if mantissa < 0 { "-" } else { "" };
    match usize::try_from(exponent) {
        Ok(zeros) => format!("{sign}{digits}{}", "0".repeat(zeros)),
        Err(_) => {
            let places = usize::try_from(-exponent).unwrap_or(0);
            let padded = format!("{digits:0>width$}", width = places + 1);
            let (whole, part) = padded.split_at(padded.len() - places);
            format!("{sign}{whole}.{part}")
        }
    }
}

fn numbers(raw: u32) {
    let [a, b, c, d] = raw.to_le_bytes();
    if let Some(MedicalNumber::Value(value)) = MedicalNumber::from_float(raw) {
        let mantissa = i32::from_le_bytes([0, a, b, c]) >> 8;
        if mantissa != 0 {
            assert_eq!(value.to_string(), as_text(mantissa, i32::from(i8::from_le_bytes([d]))));
        } else {
            assert!(value.is_zero());
        }
    }
    let short = u16::from_le_bytes([a, b]);
    match MedicalNumber::from_sfloat(short) {
        MedicalNumber::Value(value) => {
            let mantissa = i32::from(i16::from_le_bytes([a, b]) << 4 >> 4);
            let exponent = i32::from(i16::from_le_bytes([a, b]) >> 12);
            if mantissa != 0 {
                assert_eq!(value.to_string(), as_text(mantissa, exponent));
            }
        }
        special => assert!(special.available().is_none() && [0x7FE, 0x7FF, 0x800, 0x801, 0x802].contains(&short)),
    }
}

/// A flipped bit, two of them, and a burst of up to sixteen are found by 16 bits of checksum.
fn checksums(bytes: &[u8], body: &[u8]) {
    let [how, place, other, ..] = *bytes else { return };
    for checksum in [Checksum::Mcrf4xx, Checksum::CcittFalse] {
        let mut value = body.to_vec();
        value.extend(checksum.of(body).to_le_bytes());
        assert_eq!(checksum.checked(&value), Ok(body));
        let bits = value.len() * 8;
        let (first, second) = (usize::from(place) % bits, usize::from(other) % bits);
        if how & 1 == 0 {
            value[first / 8] ^= 1 << (first % 8);
            if how & 2 == 0 && first != second {
                value[second / 8] ^= 1 << (second % 8);
            }
        } else {
            let burst = u16::from_le_bytes([other | 1, how]).to_le_bytes();
            for (byte, flip) in value.iter_mut().skip(first / 8).zip(burst) {
                *byte ^= flip;
            }
        }
        assert!(checksum.checked(&value).is_err(), "a change was not found");
    }
}

fuzz_target!(|bytes: &[u8]| {
    if let Ok(time) = timestamp::current_elapsed_time(bytes) {
        assert!(time.time.microseconds < 1_000);
        let _ = time.time.reading();
        for end in 0..bytes.len() {
            assert!(timestamp::current_elapsed_time(&bytes[..end]).is_err());
        }
    }
    for raw in bytes.as_chunks::<4>().0 {
        numbers(u32::from_le_bytes(*raw));
    }
    checksums(bytes, bytes.get(3..).unwrap_or_default());
});
