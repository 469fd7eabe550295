//! Health Sensor Features (0x2BF3), GHSS 1.0 §3.1: which observations the sensor knows, and what kind of device it is.

use super::{Reader, WireError};

/// What the sensor says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Features {
    /// IEEE 11073-10101 codes of the observations that it sends.
    pub observation_types: Vec<u32>,
    /// Device specialisations: the low 16 bits of the code, and a version.
    pub specializations: Vec<(u16, u8)>,
}

/// MDC_DEV_SPEC_PROFILE_INFUS (528385), low 16 bits: an infusion pump.
pub const INFUSION_PUMP: u16 = 0x1001;

impl Features {
    /// Reads the characteristic. Both lists are counted by one byte, so they are bounded.
    pub fn decode(value: &[u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(value);
        let flags = reader.flags("features flags", 0b1)?;
        let count = reader.u8("number of observation types")?;
        let observation_types = (0..count).map(|_| reader.u32("observation type")).collect::<Result<_, _>>()?;
        let mut specializations = Vec::new();
        if flags.has(0) {
            for _ in 0..reader.u8("number of specialisations")? {
                specializations.push((reader.u16("specialisation")?, reader.u8("specialisation version")?));
            }
        }
        reader.end("features")?;
        Ok(Self { observation_types, specializations })
    }

    /// Whether it calls itself an infusion pump.
    pub fn is_infusion_pump(&self) -> bool {
        self.specializations.iter().any(|(specialization, _)| *specialization == INFUSION_PUMP)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Fault;
    use proptest::prelude::*;

    #[test]
    fn a_pump_is_known_by_its_specialisation() {
        let value = [1, 2, 0x3E, 0x69, 2, 0, 0x29, 0x69, 2, 0, 1, 0x01, 0x10, 1];
        let features = Features::decode(&value).unwrap();
        assert_eq!(features.observation_types, [158_014, 157_993]);
        assert!(features.is_infusion_pump());
        assert!(!Features::decode(&value[..10]).is_ok_and(|f| f.is_infusion_pump()));
    }

    #[test]
    fn a_list_that_is_cut_off_is_refused() {
        assert_eq!(
            Features::decode(&[0, 2, 0, 0, 0, 0, 1]),
            Err(WireError::at("observation type", 6, Fault::Short { missing: 3 }))
        );
        assert!(Features::decode(&[0, 0, 9]).is_err(), "nothing may follow");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            if let Ok(features) = Features::decode(&bytes) {
                prop_assert!(features.observation_types.len() * 4 <= bytes.len());
            }
        }
    }
}
