//! LE GATT Security Levels (0x2BF5, Core Specification Vol 3 Part C §12.7): what a device asks of a link before all of it can
//! be used. Read before pairing; what the link then has is told by the phone's system.

use super::{Reader, WireError};

/// One way to use all of the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecurityLevel {
    /// Security mode, e.g. 1.
    pub mode: u8,
    /// Level in that mode, e.g. 4.
    pub level: u8,
}

impl SecurityLevel {
    /// LE Secure Connections with authentication and a key of 128 bits: what a pump must ask for.
    pub const MODE_1_LEVEL_4: Self = Self { mode: 1, level: 4 };
}

/// Reads the characteristic: pairs of mode and level, any of which is enough. Refuses half a pair and an empty list.
pub fn decode(value: &[u8]) -> Result<impl Iterator<Item = SecurityLevel> + '_, WireError> {
    let mut reader = Reader::new(value);
    loop {
        reader.known_u8("security mode", |mode| matches!(mode, 1..=3).then_some(()))?;
        reader.known_u8("security level", |level| matches!(level, 1..=4).then_some(()))?;
        if reader.remaining() == 0 {
            break;
        }
    }
    let (pairs, _) = value.as_chunks::<2>();
    Ok(pairs.iter().map(|[mode, level]| SecurityLevel { mode: *mode, level: *level }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_and_half_a_pair_is_refused() {
        let levels: Vec<_> = decode(&[1, 4, 1, 3]).unwrap().collect();
        assert_eq!(levels, [SecurityLevel::MODE_1_LEVEL_4, SecurityLevel { mode: 1, level: 3 }]);
        for bad in [&[][..], &[1], &[1, 4, 1], &[0, 4], &[1, 5], &[4, 1]] {
            assert!(decode(bad).is_err(), "{bad:?}");
        }
    }
}
