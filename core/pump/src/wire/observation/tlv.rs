//! Type-length-value triples: what a maker adds to an observation, and the class of its own that is made of them.

use super::value::taken;
use crate::wire::{Reader, WireError};

/// One triple.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// IEEE 11073-10101 code of what it tells.
    pub code: u32,
    /// The SIG's number for the form of the value (Assigned Numbers §2.4.1), e.g. 0x19 for UTF-8.
    pub format: u8,
    /// The value as it was sent.
    pub value: &'a [u8],
}

/// A list of triples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tlvs<'a>(&'a [u8]);

impl<'a> Tlvs<'a> {
    /// In their order.
    pub fn iter(&self) -> impl Iterator<Item = Tlv<'a>> + use<'a> {
        let mut reader = Reader::new(self.0);
        // All were read once when the observation was decoded, so the end is the only way to stop.
        core::iter::from_fn(move || tlv(&mut reader).ok())
    }

    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, WireError> {
        let count = reader.u8("number of TLVs")?;
        let all = reader.rest();
        for _ in 0..count {
            tlv(reader)?;
        }
        Ok(Self(taken(all, reader)))
    }
}

fn tlv<'a>(reader: &mut Reader<'a>) -> Result<Tlv<'a>, WireError> {
    let code = reader.u32("TLV type")?;
    let length = reader.u16("TLV length")?;
    let format = reader.u8("TLV format")?;
    Ok(Tlv { code, format, value: reader.bytes(usize::from(length), "TLV value")? })
}
