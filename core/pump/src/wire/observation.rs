//! One observation: who says what about which, in which class (GHSS 1.0 §3.2.1.2, ACOM of IEEE 11073-10206).
//!
//! The length field counts the whole body, with class and length themselves and without the record number of a stored
//! one, and must fit to the byte. Decoded: numeric, simple discrete, string, compound discrete, compound of those. Sample
//! arrays, compound states, TLV, bundles and classes that the standard has not defined yet are **carried raw**
//! ([`Value::Other`]): a pump's record that holds one of them is then a record that we do not understand, and not a hole
//! in the numbering. Everything else that does not fit the tables is refused whole.
//!
//! Nothing is allocated: lists stay in the bytes and are read when asked for, after they were walked through once here.
//!
//! [`Value::Other`]: crate::wire::observation::Value::Other

use super::timestamp::ElapsedTime;
use super::{Reader, WireError};
use crate::wire::medical_number::MedicalNumber;

/// Bits of the measurement status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Status(pub u16);

impl Status {
    /// The value is invalid.
    pub fn invalid(self) -> bool {
        self.0 & 1 != 0
    }
    /// The value is questionable.
    pub fn questionable(self) -> bool {
        self.0 & 1 << 1 != 0
    }
    /// There is no value.
    pub fn not_available(self) -> bool {
        self.0 & 1 << 2 != 0
    }
    /// The device is calibrating.
    pub fn calibrating(self) -> bool {
        self.0 & 1 << 3 != 0
    }
    /// Test or demonstration data, never a patient's.
    pub fn test_data(self) -> bool {
        self.0 & 1 << 4 != 0
    }
    /// A setting, not a measurement.
    pub fn setting(self) -> bool {
        self.0 & 1 << 7 != 0
    }
    /// Whether the value may be shown and counted as what it says.
    pub fn usable(self) -> bool {
        !self.invalid() && !self.questionable() && !self.not_available() && !self.calibrating() && !self.test_data()
    }
}

/// One observation, borrowed from the bytes that carry it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation<'a> {
    /// Number in the pump's record; only for a stored one.
    pub record: Option<u32>,
    /// IEEE 11073-10101 code of what is observed.
    pub code: Option<u32>,
    /// The device's clock at that moment.
    pub time: Option<ElapsedTime>,
    /// For how long it was observed, in seconds.
    pub duration: Option<MedicalNumber>,
    /// Status bits; all clear when not sent.
    pub status: Status,
    /// Id of this observation.
    pub id: Option<u32>,
    /// The device's number for the patient; 0xFF is "any".
    pub patient: Option<u8>,
    /// What is said.
    pub value: Value<'a>,
}

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
    /// Several codes.
    Discretes(Codes<'a>),
    /// Several named values.
    Compound(Components<'a>),
    /// A class that is carried and not read.
    Other {
        /// The class byte.
        class: u8,
        /// Its bytes.
        bytes: &'a [u8],
    },
}

/// The codes of a compound discrete event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Codes<'a>(&'a [u8]);

impl Codes<'_> {
    /// The codes in their order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.as_chunks::<4>().0.iter().map(|code| u32::from_le_bytes(*code))
    }
}

/// The parts of a compound observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Components<'a>(&'a [u8]);

impl<'a> Components<'a> {
    /// Code and value of each part, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (u32, Value<'a>)> + 'a {
        let mut reader = Reader::new(self.0);
        // All parts were read once when the observation was decoded, so the end is the only way to stop.
        core::iter::from_fn(move || component(&mut reader).ok())
    }
}

impl<'a> Observation<'a> {
    /// Reads a live observation.
    pub fn live(body: &'a [u8]) -> Result<Self, WireError> {
        Self::read(None, body)
    }

    /// Reads a stored observation: a record number before the body, and the time is mandatory.
    pub fn stored(bytes: &'a [u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(bytes);
        let record = reader.u32("record number")?;
        let observation = Self::read(Some(record), reader.rest())?;
        match observation.time {
            Some(_) => Ok(observation),
            None => Err(WireError::Short { field: "timestamp of a stored observation", missing: 9 }),
        }
    }

    fn read(record: Option<u32>, body: &'a [u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(body);
        let class = reader.u8("observation class")?;
        let said = usize::from(reader.u16("observation length")?);
        if said != body.len() {
            return Err(WireError::Length { field: "observation length", said, came: body.len() });
        }
        let flags = reader.u16("observation flags")?;
        let has = |bit: u16| flags & 1 << bit != 0;
        if flags >> 10 != 0 {
            return Err(WireError::Value { field: "observation flags", value: u64::from(flags) });
        }
        let code = if has(0) { Some(reader.u32("observation type")?) } else { None };
        let time = if has(1) { Some(ElapsedTime::read(&mut reader, "timestamp")?) } else { None };
        let duration = if has(2) { Some(reader.float("duration")?) } else { None };
        let status = Status(if has(3) { reader.u16("measurement status")? } else { 0 });
        let id = if has(4) { Some(reader.u32("observation id")?) } else { None };
        let patient = if has(5) { Some(reader.u8("patient")?) } else { None };
        for (bit, field) in [(6, "supplemental information"), (7, "derived from"), (8, "member of")] {
            if has(bit) {
                let count = reader.u8(field)?;
                reader.bytes(usize::from(count) * 4, field)?;
            }
        }
        if has(9) {
            for _ in 0..reader.u8("number of TLVs")? {
                reader.u32("TLV type")?;
                let length = reader.u16("TLV length")?;
                reader.u8("TLV format")?;
                reader.bytes(usize::from(length), "TLV value")?;
            }
        }
        let value = match class {
            NUMERIC | DISCRETE | TEXT | DISCRETES => simple_value(class, &mut reader)?,
            COMPOUND => compound(&mut reader)?,
            _ => Value::Other { class, bytes: reader.bytes(reader.remaining(), "observation value")? },
        };
        reader.end("observation value")?;
        Ok(Self { record, code, time, duration, status, id, patient, value })
    }
}

const NUMERIC: u8 = 0x01;
const DISCRETE: u8 = 0x02;
const TEXT: u8 = 0x03;
const DISCRETES: u8 = 0x05;
const COMPOUND: u8 = 0x07;

fn simple_value<'a>(class: u8, reader: &mut Reader<'a>) -> Result<Value<'a>, WireError> {
    match class {
        NUMERIC => Ok(Value::Numeric { unit: reader.u16("unit")?, number: reader.float("numeric value")? }),
        DISCRETE => Ok(Value::Discrete(reader.u32("discrete value")?)),
        TEXT => {
            let length = reader.u16("text length")?;
            Ok(Value::Text(reader.text(usize::from(length), "text value")?))
        }
        DISCRETES => {
            let count = reader.u8("number of discrete values")?;
            Ok(Value::Discretes(Codes(reader.bytes(usize::from(count) * 4, "discrete values")?)))
        }
        // A part of a class whose length is not known cannot be stepped over.
        _ => Err(WireError::Value { field: "class of a component", value: u64::from(class) }),
    }
}

fn component<'a>(reader: &mut Reader<'a>) -> Result<(u32, Value<'a>), WireError> {
    let code = reader.u32("component type")?;
    let class = reader.u8("component class")?;
    Ok((code, simple_value(class, reader)?))
}

fn compound<'a>(reader: &mut Reader<'a>) -> Result<Value<'a>, WireError> {
    let count = reader.u8("number of components")?;
    let parts = reader.rest();
    for _ in 0..count {
        component(reader)?;
    }
    let length = parts.len() - reader.remaining();
    Ok(Value::Compound(Components(parts.get(..length).unwrap_or_default())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A live rate of 166.0 mL/h, byte by byte from the tables.
    const RATE: [u8; 15] = [0x01, 15, 0, 0b1, 0, 0x3E, 0x69, 0x02, 0x00, 0x32, 0x0C, 0x7C, 0x06, 0x00, 0xFF];

    #[test]
    fn a_numeric_observation_reads_with_code_unit_and_digits() {
        let observation = Observation::live(&RATE).unwrap();
        assert_eq!(observation.code, Some(158_014));
        let Value::Numeric { unit, number } = observation.value else { panic!("numeric") };
        assert_eq!(unit, 0x0C32);
        assert_eq!(number.available().unwrap().to_string(), "166.0");
    }

    #[test]
    fn every_optional_field_is_stepped_over_in_flag_order() {
        let mut body = vec![0x02, 0, 0, 0xFF, 0b11];
        body.extend(157_993_u32.to_le_bytes()); // type
        body.extend([0x22, 60, 0, 0, 0, 0, 0, 1, 0]); // timestamp: one minute
        body.extend([5, 0, 0, 0]); // duration
        body.extend([0x90, 0]); // status: test data and setting
        body.extend(77_u32.to_le_bytes()); // id
        body.push(0xFF); // patient
        body.extend([1, 1, 0, 0, 0]); // supplemental
        body.extend([0]); // derived from
        body.extend([2, 1, 0, 0, 0, 2, 0, 0, 0]); // member of
        body.extend([1, 9, 0, 0, 0, 2, 0, 0, 0xAA, 0xBB]); // one TLV
        body.extend(4711_u32.to_le_bytes()); // value
        body[1] = u8::try_from(body.len()).unwrap();
        let mut stored = 9_u32.to_le_bytes().to_vec();
        stored.extend(&body);
        let observation = Observation::stored(&stored).unwrap();
        assert_eq!(observation.record, Some(9));
        assert_eq!(observation.value, Value::Discrete(4711));
        assert_eq!(observation.id, Some(77));
        assert!(observation.status.test_data() && observation.status.setting() && !observation.status.usable());
        assert_eq!(observation.time.unwrap().milliseconds, 60_000);
        for end in 0..stored.len() {
            assert!(Observation::stored(&stored[..end]).is_err(), "cut off at {end}");
        }
    }

    #[test]
    fn a_compound_gives_its_parts() {
        let mut body = vec![0x07, 0, 0, 1, 0];
        body.extend(196_616_u32.to_le_bytes());
        body.push(3);
        body.extend(68_487_u32.to_le_bytes());
        body.push(2);
        body.extend(196_940_u32.to_le_bytes());
        body.extend(68_481_u32.to_le_bytes());
        body.extend([3, 5, 0]);
        body.extend(b"start");
        body.extend(157_993_u32.to_le_bytes());
        body.extend([1, 0x52, 0x06, 0x7D, 0, 0, 0xFF]);
        body[1] = u8::try_from(body.len()).unwrap();
        let observation = Observation::live(&body).unwrap();
        let Value::Compound(parts) = observation.value else { panic!("compound") };
        let parts: Vec<_> = parts.iter().collect();
        assert_eq!(parts[0], (68_487, Value::Discrete(196_940)));
        assert_eq!(parts[1], (68_481, Value::Text("start")));
        assert!(matches!(parts[2], (157_993, Value::Numeric { unit: 0x0652, .. })));
        assert_eq!(parts.len(), 3);
    }

    #[test]
    fn a_length_that_is_wrong_by_one_is_refused() {
        let mut body = RATE;
        body[1] = 14;
        assert_eq!(
            Observation::live(&body),
            Err(WireError::Length { field: "observation length", said: 14, came: 15 })
        );
    }

    #[test]
    fn a_sample_array_and_a_class_of_tomorrow_are_carried_raw() {
        for class in [0x04, 0x06, 0x08, 0xFF, 0x33] {
            let body = [class, 7, 0, 0, 0, 1, 2];
            assert_eq!(Observation::live(&body).unwrap().value, Value::Other { class, bytes: &[1, 2] });
        }
    }

    #[test]
    fn a_stored_observation_without_a_time_is_refused() {
        let mut stored = 9_u32.to_le_bytes().to_vec();
        stored.extend(RATE);
        assert!(Observation::stored(&stored).is_err());
    }

    #[test]
    fn text_that_is_not_utf_8_is_refused() {
        assert_eq!(Observation::live(&[0x03, 8, 0, 0, 0, 1, 0, 0xFF]), Err(WireError::Text { field: "text value" }));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..200), fix_length: bool) {
            if fix_length && bytes.len() > 5 {
                bytes[0] &= 7;
                bytes[1] = u8::try_from(bytes.len()).unwrap();
                bytes[2] = 0;
                bytes[4] &= 3;
            }
            if let Ok(Observation { value: Value::Compound(parts), .. }) = Observation::live(&bytes) {
                prop_assert!(parts.iter().count() <= 255);
            }
            let _ = Observation::stored(&bytes);
        }
    }
}
