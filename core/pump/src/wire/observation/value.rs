//! What an observation says, by its class. Lists stay in the bytes: each is walked through once when the observation is
//! read, and read again, without an allocation, when somebody asks.

use super::bundle::Members;
use super::tlv::Tlvs;
use crate::wire::medical_number::MedicalNumber;
use crate::wire::{Fault, Reader, WireError};

/// What an observation says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// A number with the low 16 bits of its unit's code.
    Numeric {
        /// Unit code, low 16 bits.
        unit: u16,
        /// The number.
        number: MedicalNumber,
    },
    /// One code.
    Discrete(u32),
    /// Text.
    Text(&'a str),
    /// A stretch of a curve.
    Samples(SampleArray<'a>),
    /// Several codes.
    Discretes(Codes<'a>),
    /// Many yes or no at once.
    States(States<'a>),
    /// Several named values.
    Compound(Components<'a>),
    /// Values in a maker's own form.
    Tlv(Tlvs<'a>),
    /// Several observations.
    Bundle(Members<'a>),
    /// A class that the standard had not defined when this was written: carried and not read.
    Other {
        /// The class byte.
        class: u8,
        /// Its bytes.
        bytes: &'a [u8],
    },
}

/// A list of IEEE 11073-10101 codes or of ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Codes<'a>(&'a [u8]);

impl<'a> Codes<'a> {
    /// In their order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + use<'a> {
        self.0.as_chunks::<4>().0.iter().map(|code| u32::from_le_bytes(*code))
    }

    pub(super) fn read(reader: &mut Reader<'a>, field: &'static str) -> Result<Self, WireError> {
        let count = reader.u8(field)?;
        reader.bytes(usize::from(count) * 4, field).map(Self)
    }
}

/// A stretch of a curve: equally spaced samples, each `scale` times its integer plus `offset`.
///
/// Whether the integers are signed is not said on the air and depends on what is observed, so they are given as bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleArray<'a> {
    /// Unit code, low 16 bits.
    pub unit: u16,
    /// What one step of a sample is worth.
    pub scale: MedicalNumber,
    /// What a sample of zero is.
    pub offset: MedicalNumber,
    /// Seconds of one period.
    pub period: MedicalNumber,
    /// Samples in one period.
    pub samples_per_period: u8,
    bytes_per_sample: u8,
    bytes: &'a [u8],
}

impl<'a> SampleArray<'a> {
    /// Width of one sample, in bytes: 1 to 8.
    pub fn bytes_per_sample(&self) -> u8 {
        self.bytes_per_sample
    }

    /// The integers of the samples, low byte first.
    pub fn samples(&self) -> impl ExactSizeIterator<Item = &'a [u8]> + use<'a> {
        self.bytes.chunks_exact(usize::from(self.bytes_per_sample).max(1))
    }

    fn read(reader: &mut Reader<'a>) -> Result<Self, WireError> {
        let unit = reader.u16("unit")?;
        let scale = reader.float("scale of the samples")?;
        let offset = reader.float("offset of the samples")?;
        let period = reader.float("sample period")?;
        let samples_per_period = reader.u8("samples per period")?;
        let bytes_per_sample = reader.known_u8("bytes per sample", |width| matches!(width, 1..=8).then_some(width))?;
        let at = reader.offset();
        let count = reader.u32("number of samples")?;
        let length = usize::try_from(count).ok().and_then(|count| count.checked_mul(usize::from(bytes_per_sample)));
        let length = length.ok_or(WireError::at("number of samples", at, Fault::Value { value: u64::from(count) }))?;
        let bytes = reader.bytes(length, "samples")?;
        Ok(Self { unit, scale, offset, period, samples_per_period, bytes_per_sample, bytes })
    }
}

/// Many yes or no at once: each bit is a state that lasts or an event that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct States<'a> {
    supported: &'a [u8],
    events: &'a [u8],
    value: &'a [u8],
}

/// One bit of [`States`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateBit {
    /// Its number: bit 0 of the first byte is 0.
    pub bit: u16,
    /// It tells of an event; otherwise of a state.
    pub event: bool,
    /// The state holds, or the event happened.
    pub on: bool,
}

impl<'a> States<'a> {
    /// The bits that the device supports, in their order.
    pub fn iter(&self) -> impl Iterator<Item = StateBit> + use<'a> {
        let Self { supported, events, value } = *self;
        let has = |mask: &[u8], bit: u16| mask.get(usize::from(bit / 8)).is_some_and(|byte| byte >> (bit % 8) & 1 != 0);
        (0_u16..2_040)
            .take_while(move |bit| usize::from(bit / 8) < supported.len())
            .filter(move |bit| has(supported, *bit))
            .map(move |bit| StateBit { bit, event: has(events, bit), on: has(value, bit) })
    }

    fn read(reader: &mut Reader<'a>) -> Result<Self, WireError> {
        let length = usize::from(reader.u8("length of the state masks")?);
        Ok(Self {
            supported: reader.bytes(length, "supported states")?,
            events: reader.bytes(length, "states or events")?,
            value: reader.bytes(length, "state values")?,
        })
    }
}

/// The parts of a compound observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Components<'a>(&'a [u8]);

impl<'a> Components<'a> {
    /// Code and value of each part, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (u32, Value<'a>)> + use<'a> {
        let mut reader = Reader::new(self.0);
        // All parts were read once when the observation was decoded, so the end is the only way to stop.
        core::iter::from_fn(move || component(&mut reader).ok())
    }

    fn read(reader: &mut Reader<'a>) -> Result<Self, WireError> {
        let count = reader.u8("number of components")?;
        let parts = reader.rest();
        for _ in 0..count {
            component(reader)?;
        }
        Ok(Self(taken(parts, reader)))
    }
}

fn component<'a>(reader: &mut Reader<'a>) -> Result<(u32, Value<'a>), WireError> {
    let code = reader.u32("component type")?;
    let at = reader.offset();
    let class = reader.u8("component class")?;
    match simple_value(class, reader)? {
        Some(value) => Ok((code, value)),
        // A part of a class whose length is not known cannot be stepped over.
        None => Err(WireError::at("component class", at, Fault::Value { value: u64::from(class) })),
    }
}

/// What of `before` was read since.
pub(super) fn taken<'a>(before: &'a [u8], reader: &Reader<'a>) -> &'a [u8] {
    before.get(..before.len().saturating_sub(reader.remaining())).unwrap_or_default()
}

const COMPOUND: u8 = 0x07;
const TLV: u8 = 0x08;
const BUNDLE: u8 = 0xFF;

impl<'a> Value<'a> {
    /// Reads a value of this class. A bundle holds no bundle, so nothing here calls itself.
    pub(super) fn read(class: u8, in_bundle: bool, at: usize, reader: &mut Reader<'a>) -> Result<Self, WireError> {
        if let Some(value) = simple_value(class, reader)? {
            return Ok(value);
        }
        match class {
            COMPOUND => Components::read(reader).map(Self::Compound),
            TLV => Tlvs::read(reader).map(Self::Tlv),
            BUNDLE if in_bundle => {
                Err(WireError::at("class of a bundle's member", at, Fault::Value { value: u64::from(class) }))
            }
            BUNDLE => Members::read(reader).map(Self::Bundle),
            _ => Ok(Self::Other { class, bytes: reader.bytes(reader.remaining(), "observation value")? }),
        }
    }
}

/// A value of a class that a component can have too; `None` is another class.
fn simple_value<'a>(class: u8, reader: &mut Reader<'a>) -> Result<Option<Value<'a>>, WireError> {
    Ok(Some(match class {
        0x01 => Value::Numeric { unit: reader.u16("unit")?, number: reader.float("numeric value")? },
        0x02 => Value::Discrete(reader.u32("discrete value")?),
        0x03 => {
            let length = reader.u16("text length")?;
            Value::Text(reader.text(usize::from(length), "text value")?)
        }
        0x04 => Value::Samples(SampleArray::read(reader)?),
        0x05 => Value::Discretes(Codes::read(reader, "discrete values")?),
        0x06 => Value::States(States::read(reader)?),
        _ => return Ok(None),
    }))
}
