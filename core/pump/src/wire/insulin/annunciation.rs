//! IDD Annunciation Status (0x2B22), IDS 1.0 §3.5: what a person must be told.
//!
//! A kind that is not in the tables, and a maker's own (0xF000 on), is an annunciation all the same: one too many is a
//! nuisance, and one too few may be an occlusion.

use crate::wire::{Reader, WireError};

/// How far a person has dealt with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnnunciationState {
    /// Nobody has.
    Pending,
    /// Put off; it comes again.
    Snoozed,
    /// A person confirmed it at the pump.
    Confirmed,
}

/// One annunciation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Annunciation {
    /// Which one it is of those that came, until the pump is reset.
    pub instance: u16,
    /// Its kind, as sent.
    pub kind: u16,
    /// How far a person has dealt with it; `None` is what the pump cannot say.
    pub state: Option<AnnunciationState>,
}

/// Kinds of annunciation that this crate knows by name (IDS 1.0 §3.5.1.2).
pub mod kind {
    /// A fault of the system.
    pub const SYSTEM: u16 = 0x000F;
    /// A mechanical fault.
    pub const MECHANICAL: u16 = 0x0033;
    /// Occlusion.
    pub const OCCLUSION: u16 = 0x003C;
    /// The reservoir is empty.
    pub const RESERVOIR_EMPTY: u16 = 0x005A;
    /// The reservoir is low.
    pub const RESERVOIR_LOW: u16 = 0x0066;
    /// The battery is empty.
    pub const BATTERY_EMPTY: u16 = 0x00AA;
    /// The battery is low.
    pub const BATTERY_LOW: u16 = 0x00C3;
}

impl Annunciation {
    /// Reads IDD Annunciation Status, without its protection; `None` is that there is none.
    pub fn decode(body: &[u8]) -> Result<Option<Self>, WireError> {
        let mut reader = Reader::new(body);
        let flags = reader.flags("annunciation flags", 0b11_1111)?;
        let annunciation = flags.when(0, || Self::read(&mut reader))?;
        for aux in 1..=5 {
            flags.when(aux, || reader.u16("auxiliary information"))?;
        }
        reader.end("annunciation status")?;
        Ok(annunciation)
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Self {
            instance: reader.u16("annunciation instance")?,
            kind: reader.u16("annunciation type")?,
            state: reader.known_u8("annunciation state", |code| match code {
                0x0F => Some(None),
                0x33 => Some(Some(AnnunciationState::Pending)),
                0x3C => Some(Some(AnnunciationState::Snoozed)),
                0x55 => Some(Some(AnnunciationState::Confirmed)),
                _ => None,
            })?,
        })
    }

    /// It is still on: not confirmed, as far as is known.
    pub fn active(&self) -> bool {
        self.state != Some(AnnunciationState::Confirmed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_occlusion_that_nobody_dealt_with_is_on() {
        let read = Annunciation::decode(&[0b11, 7, 0, 0x3C, 0, 0x33, 9, 0]).unwrap().unwrap();
        assert_eq!((read.instance, read.kind, read.state), (7, kind::OCCLUSION, Some(AnnunciationState::Pending)));
        assert!(read.active());
        assert_eq!(Annunciation::decode(&[0]), Ok(None));
    }

    #[test]
    fn a_kind_that_nobody_defined_is_an_annunciation_and_a_state_that_nobody_defined_is_refused() {
        assert_eq!(Annunciation::decode(&[1, 7, 0, 0x01, 0xF0, 0x3C]).unwrap().unwrap().kind, 0xF001);
        assert!(Annunciation::decode(&[1, 7, 0, 0x3C, 0, 0x32]).is_err());
    }

    #[test]
    fn any_cut_and_any_byte_more_is_refused() {
        let whole = [0b11_1111, 7, 0, 0x3C, 0, 0x55, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0];
        assert!(!Annunciation::decode(&whole).unwrap().unwrap().active());
        for end in 0..whole.len() {
            assert!(Annunciation::decode(&whole[..end]).is_err(), "cut off at {end}");
        }
        assert!(Annunciation::decode(&[whole.as_slice(), &[0]].concat()).is_err());
        assert!(Annunciation::decode(&[0b100_0000]).is_err());
    }
}
