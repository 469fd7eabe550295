//! A bundle: several observations in one, which share what they do not say themselves.
//!
//! A member says its own length. One implementation writes the bundle's length there instead; such a member does not end
//! inside of the bundle, and the whole is refused rather than guessed at.

use super::Observation;
use super::value::taken;
use crate::wire::{Fault, Reader, WireError};

/// Class, length and flags: no body is shorter.
const SHORTEST: usize = 5;

/// The members of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members<'a>(&'a [u8]);

impl<'a> Members<'a> {
    /// The members in their order, with what each says itself; [`Observation::within`] adds what the bundle says for all.
    ///
    /// [`Observation::within`]: super::Observation::within
    pub fn iter(&self) -> impl Iterator<Item = Observation<'a>> + use<'a> {
        let mut reader = Reader::new(self.0);
        // All were read once when the bundle was decoded, so the end is the only way to stop.
        core::iter::from_fn(move || member(&mut reader).ok())
    }

    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, WireError> {
        let count = reader.u8("number of members")?;
        let all = reader.rest();
        for _ in 0..count {
            member(reader)?;
        }
        Ok(Self(taken(all, reader)))
    }
}

fn member<'a>(reader: &mut Reader<'a>) -> Result<Observation<'a>, WireError> {
    let at = reader.offset();
    let mut ahead = reader.clone();
    ahead.u8("member's class")?;
    let said = usize::from(ahead.u16("member's length")?);
    if said < SHORTEST || said > reader.remaining() {
        let came = reader.remaining();
        return Err(WireError::at("member's length", at + 1, Fault::Length { said, came }));
    }
    Observation::read(None, true, Reader::from(reader.bytes(said, "member")?, at))
}
