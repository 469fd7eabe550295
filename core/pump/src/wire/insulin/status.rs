//! IDD Status (0x2B21) and IDD Status Changed (0x2B20), IDS 1.0 §3.2 and §3.3.

use crate::wire::medical_number::MedicalNumber;
use crate::wire::{Reader, WireError};

/// Whether insulin is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Therapy {
    /// The pump cannot say.
    Undetermined,
    /// Stopped.
    Stopped,
    /// Paused: it can go on from where it is.
    Paused,
    /// Running.
    Running,
}

/// What the pump as a machine does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the state of its name")]
pub enum Operation {
    Undetermined,
    Off,
    Standby,
    Preparing,
    Priming,
    Waiting,
    Ready,
}

impl Therapy {
    pub(super) fn of(code: u8) -> Option<Self> {
        Some(match code {
            0x0F => Self::Undetermined,
            0x33 => Self::Stopped,
            0x3C => Self::Paused,
            0x55 => Self::Running,
            _ => return None,
        })
    }
}

impl Operation {
    pub(super) fn of(code: u8) -> Option<Self> {
        Some(match code {
            0x0F => Self::Undetermined,
            0x33 => Self::Off,
            0x3C => Self::Standby,
            0x55 => Self::Preparing,
            0x5A => Self::Priming,
            0x66 => Self::Waiting,
            0x96 => Self::Ready,
            _ => return None,
        })
    }
}

/// The pump, now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// Whether insulin is given.
    pub therapy: Therapy,
    /// What the machine does.
    pub operation: Operation,
    /// Left in the reservoir, IU.
    pub reservoir_remaining: MedicalNumber,
    /// A reservoir is in.
    pub reservoir_attached: bool,
}

impl Status {
    /// Reads IDD Status, without its protection.
    pub fn decode(body: &[u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(body);
        let status = Self {
            therapy: reader.known_u8("therapy control state", Therapy::of)?,
            operation: reader.known_u8("operational state", Operation::of)?,
            reservoir_remaining: reader.sfloat("reservoir remaining")?,
            reservoir_attached: reader.u8("status flags")? & 1 != 0,
        };
        reader.end("status flags")?;
        Ok(status)
    }
}

/// What changed since it was last acknowledged: bits of IDD Status Changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Changed(pub u16);

impl Changed {
    /// Reads IDD Status Changed, without its protection. Bits that are not defined are kept: something changed.
    pub fn decode(body: &[u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(body);
        let changed = Self(reader.u16("status changed flags")?);
        reader.end("status changed flags")?;
        Ok(changed)
    }

    /// Therapy, operation or reservoir: IDD Status is to be read.
    pub fn status(self) -> bool {
        self.0 & 0b111 != 0
    }

    /// An annunciation came or went.
    pub fn annunciation(self) -> bool {
        self.0 & 1 << 3 != 0
    }

    /// The history has a new record.
    pub fn history(self) -> bool {
        self.0 & 1 << 7 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Fault;

    #[test]
    fn a_running_pump_reads_so() {
        // Running, ready, 123.4 IU (0xF4D2), attached.
        let read = Status::decode(&[0x55, 0x96, 0xD2, 0xF4, 1]).unwrap();
        assert_eq!((read.therapy, read.operation), (Therapy::Running, Operation::Ready));
        assert_eq!(read.reservoir_remaining.available().unwrap().to_string(), "123.4");
        assert!(read.reservoir_attached);
    }

    #[test]
    fn a_state_between_the_codes_is_refused_with_its_place() {
        for (place, bad) in [(0, 0x54), (0, 0), (0, 0xFF), (1, 0x97), (1, 0)] {
            let mut bytes = [0x55, 0x96, 0xD2, 0xF4, 1];
            bytes[place] = bad;
            let error = Status::decode(&bytes).unwrap_err();
            assert_eq!((error.offset, error.fault), (Some(place), Fault::Value { value: u64::from(bad) }));
        }
        assert!(Status::decode(&[0x55, 0x96, 0xD2, 0xF4]).is_err());
        assert!(Status::decode(&[0x55, 0x96, 0xD2, 0xF4, 1, 0, 0xFF, 0xFF]).is_err(), "a placeholder is a quirk");
    }

    #[test]
    fn no_code_is_one_flipped_bit_away_from_another() {
        for code in 0..=255_u8 {
            for bit in 0..8 {
                assert!(Therapy::of(code).is_none() || Therapy::of(code ^ 1 << bit).is_none());
                assert!(Operation::of(code).is_none() || Operation::of(code ^ 1 << bit).is_none());
            }
        }
    }

    #[test]
    fn what_changed_is_read_bit_by_bit() {
        let changed = Changed::decode(&[0b1000_1000, 0]).unwrap();
        assert!(changed.annunciation() && changed.history() && !changed.status());
        assert!(Changed::decode(&[1]).is_err() && Changed::decode(&[1, 0, 0]).is_err());
    }
}
