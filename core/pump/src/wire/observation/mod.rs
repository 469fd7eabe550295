//! One observation: who says what about which, in which class (GHSS 1.0 §3.2.1.2, ACOM of IEEE 11073-10206).
//!
//! The length field counts the whole body, with class and length themselves and without the record number of a stored
//! one, and must fit to the byte. All classes of the standard are read: numeric, simple discrete, string, sample array,
//! compound discrete event, compound state or event, compound, TLV, and bundles of these. A class that is not defined yet is
//! **carried raw** ([`Value::Other`]): a pump's record that holds one is then a record that we do not understand, and not
//! a hole in the numbering. Everything else that does not fit the tables is refused whole, with field and place.
//!
//! Nothing is allocated: lists stay in the bytes and are read when asked for, after they were walked through once here.
//!
//! [`Value::Other`]: crate::wire::observation::Value::Other

/// Several observations in one.
mod bundle;
/// Whether the value may be taken as what it says.
mod status;
/// Type-length-value triples.
mod tlv;
/// What an observation says, by its class.
mod value;

pub use bundle::Members;
pub use status::Status;
pub use tlv::{Tlv, Tlvs};
pub use value::{Codes, Components, SampleArray, StateBit, States, Value};

use super::medical_number::MedicalNumber;
use super::timestamp::ElapsedTime;
use super::{Fault, Reader, WireError};

/// One observation, borrowed from the bytes that carry it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation<'a> {
    /// Number in the device's record; only for a stored one.
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
    /// Codes that say more about how it was observed, e.g. the body site.
    pub supplemental: Codes<'a>,
    /// Ids of the observations that it was computed from.
    pub derived_from: Codes<'a>,
    /// Ids of the groups that it belongs to.
    pub member_of: Codes<'a>,
    /// What the maker adds.
    pub tlvs: Tlvs<'a>,
    /// What is said.
    pub value: Value<'a>,
}

/// The bits of the flags that stand for a field.
const DEFINED_FLAGS: u16 = 0x03FF;

impl<'a> Observation<'a> {
    /// Reads a live observation.
    pub fn live(body: &'a [u8]) -> Result<Self, WireError> {
        Self::read(None, false, Reader::new(body))
    }

    /// Reads a stored observation: a record number before the body, and the time is mandatory.
    pub fn stored(bytes: &'a [u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(bytes);
        let record = reader.u32("record number")?;
        let body = reader.offset();
        let observation = Self::read(Some(record), false, reader)?;
        match observation.time {
            Some(_) => Ok(observation),
            None => Err(WireError::at("timestamp", body, Fault::Missing)),
        }
    }

    /// A member of a bundle with what the bundle says for all of its members: record, type, time, patient, and the
    /// bundle's own doubts.
    pub fn within(mut self, bundle: &Observation<'_>) -> Self {
        self.record = self.record.or(bundle.record);
        self.code = self.code.or(bundle.code);
        self.time = self.time.or(bundle.time);
        self.patient = self.patient.or(bundle.patient);
        self.status = Status(self.status.0 | bundle.status.0);
        self
    }

    fn read(record: Option<u32>, in_bundle: bool, mut reader: Reader<'a>) -> Result<Self, WireError> {
        let (at, came) = (reader.offset(), reader.remaining());
        let class = reader.u8("observation class")?;
        let length_at = reader.offset();
        let said = usize::from(reader.u16("observation length")?);
        if said != came {
            return Err(WireError::at("observation length", length_at, Fault::Length { said, came }));
        }
        let flags = reader.known_u16("observation flags", |flags| (flags & !DEFINED_FLAGS == 0).then_some(flags))?;
        let has = |bit: u8| flags >> bit & 1 != 0;
        let code = if has(0) { Some(reader.u32("observation type")?) } else { None };
        let time = if has(1) { Some(ElapsedTime::read(&mut reader, "timestamp")?) } else { None };
        let duration = if has(2) { Some(reader.float("duration")?) } else { None };
        let status = Status(if has(3) { reader.u16("measurement status")? } else { 0 });
        let id = if has(4) { Some(reader.u32("observation id")?) } else { None };
        let patient = if has(5) { Some(reader.u8("patient")?) } else { None };
        let mut codes = |bit, field| if has(bit) { Codes::read(&mut reader, field) } else { Ok(Codes::default()) };
        let supplemental = codes(6, "supplemental information")?;
        let derived_from = codes(7, "derived from")?;
        let member_of = codes(8, "member of")?;
        let tlvs = if has(9) { Tlvs::read(&mut reader)? } else { Tlvs::default() };
        let value = Value::read(class, in_bundle, at, &mut reader)?;
        reader.end("observation value")?;
        Ok(Self {
            record,
            code,
            time,
            duration,
            status,
            id,
            patient,
            supplemental,
            derived_from,
            member_of,
            tlvs,
            value,
        })
    }
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
        assert_eq!(observation.supplemental.iter().collect::<Vec<_>>(), [1]);
        assert_eq!(observation.derived_from.iter().count(), 0);
        assert_eq!(observation.member_of.iter().collect::<Vec<_>>(), [1, 2]);
        assert_eq!(observation.tlvs.iter().collect::<Vec<_>>(), [Tlv { code: 9, format: 0, value: &[0xAA, 0xBB] }]);
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
            Err(WireError::at("observation length", 1, Fault::Length { said: 14, came: 15 }))
        );
    }

    /// A body of this class and value, with type 1 and nothing else.
    fn body(class: u8, value: &[u8]) -> Vec<u8> {
        let mut body = vec![class, 0, 0, 1, 0, 1, 0, 0, 0];
        body.extend(value);
        body[1] = u8::try_from(body.len()).unwrap();
        body
    }

    #[test]
    fn a_class_of_tomorrow_is_carried_raw() {
        let body = body(0x33, &[1, 2]);
        assert_eq!(Observation::live(&body).unwrap().value, Value::Other { class: 0x33, bytes: &[1, 2] });
    }

    #[test]
    fn a_sample_array_has_its_scale_and_its_samples() {
        // mmHg; scale 0.01, offset -5, period 0.008 s; 1 sample a period; 3 samples of 2 bytes.
        let mut value = vec![0x20, 0x0F];
        value.extend([1, 0, 0, 0xFE, 0xFB, 0xFF, 0xFF, 0, 8, 0, 0, 0xFD, 1, 2, 3, 0, 0, 0]);
        value.extend([1, 0, 2, 0, 0xFF, 0xFF]);
        let bytes = body(0x04, &value);
        let Value::Samples(samples) = Observation::live(&bytes).unwrap().value else { panic!("samples") };
        assert_eq!(samples.samples().collect::<Vec<_>>(), [[1, 0], [2, 0], [0xFF, 0xFF]]);
        assert_eq!(samples.scale.available().unwrap().to_string(), "0.01");
        assert_eq!(samples.offset.available().unwrap().to_string(), "-5");
        for (place, bad) in
            [(bytes.len() - 11, 0), (bytes.len() - 11, 9), (bytes.len() - 10, 4), (bytes.len() - 7, 0xFF)]
        {
            let mut bytes = bytes.clone();
            bytes[place] = bad;
            assert!(Observation::live(&bytes).is_err(), "{place} {bad}");
        }
    }

    #[test]
    fn states_and_events_are_those_that_are_supported() {
        let bytes = body(0x06, &[1, 0b0111, 0b0010, 0b1110]);
        let Value::States(states) = Observation::live(&bytes).unwrap().value else { panic!("states") };
        let bit = |bit, event, on| StateBit { bit, event, on };
        assert_eq!(states.iter().collect::<Vec<_>>(), [bit(0, false, false), bit(1, true, true), bit(2, false, true)]);
    }

    #[test]
    fn several_codes_and_triples_are_read() {
        let bytes = body(0x05, &[2, 7, 0, 0, 0, 8, 0, 0, 0]);
        let Value::Discretes(codes) = Observation::live(&bytes).unwrap().value else { panic!("codes") };
        assert_eq!(codes.iter().collect::<Vec<_>>(), [7, 8]);
        let bytes = body(0x08, &[1, 9, 0, 0, 0, 2, 0, 0x19, b'h', b'i']);
        let Value::Tlv(tlvs) = Observation::live(&bytes).unwrap().value else { panic!("triples") };
        assert_eq!(tlvs.iter().collect::<Vec<_>>(), [Tlv { code: 9, format: 0x19, value: b"hi" }]);
    }

    /// A bundle with a time and test data, of a rate with a type of its own and of a text without one.
    fn bundle() -> Vec<u8> {
        let mut bundle = vec![0xFF, 0, 0, 0b1011, 0];
        bundle.extend(77_u32.to_le_bytes());
        bundle.extend([0x22, 60, 0, 0, 0, 0, 0, 1, 0]);
        bundle.extend([0x10, 0]);
        bundle.push(2);
        bundle.extend(RATE);
        bundle.extend([0x03, 9, 0, 0, 0, 2, 0, b'h', b'i']);
        bundle[1] = u8::try_from(bundle.len()).unwrap();
        bundle
    }

    #[test]
    fn members_of_a_bundle_inherit_what_they_do_not_say() {
        let bytes = bundle();
        let bundle = Observation::live(&bytes).unwrap();
        let Value::Bundle(members) = &bundle.value else { panic!("a bundle") };
        let members: Vec<_> = members.iter().map(|member| member.within(&bundle)).collect();
        assert_eq!(members.iter().map(|member| member.code).collect::<Vec<_>>(), [Some(158_014), Some(77)]);
        assert!(members.iter().all(|member| member.time == bundle.time && member.status.test_data()));
        assert_eq!(members[1].value, Value::Text("hi"));
    }

    #[test]
    fn a_member_that_claims_the_length_of_its_bundle_or_is_a_bundle_itself_refuses_the_whole() {
        let whole = bundle();
        let first = whole.len() - RATE.len() - 9;
        for (place, bad) in [(first + 1, whole[1]), (first + 1, 4), (first + 1, 14), (first, 0xFF)] {
            let mut bytes = whole.clone();
            bytes[place] = bad;
            assert!(Observation::live(&bytes).is_err(), "{place} {bad}");
        }
        let mut bytes = whole.clone();
        bytes[first + 1] = whole[1];
        let place = Observation::live(&bytes).unwrap_err();
        assert_eq!((place.field, place.offset), ("member's length", Some(first + 1)));
    }

    #[test]
    fn every_class_is_refused_at_every_cut() {
        let mut compound = vec![1];
        compound.extend([1, 0, 0, 0, 6, 1, 1, 1, 1]);
        for whole in [
            RATE.to_vec(),
            body(0x02, &[1, 0, 0, 0]),
            body(0x03, &[2, 0, b'h', b'i']),
            body(0x04, &[0x20, 0x0F, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 2, 0, 0, 0, 7, 8]),
            body(0x05, &[1, 7, 0, 0, 0]),
            body(0x06, &[1, 1, 1, 1]),
            body(0x07, &compound),
            body(0x08, &[1, 9, 0, 0, 0, 1, 0, 0, 1]),
            bundle(),
        ] {
            assert!(Observation::live(&whole).is_ok(), "{whole:?}");
            for end in 0..whole.len() {
                let mut cut = whole[..end].to_vec();
                assert!(Observation::live(&cut).is_err(), "{whole:?} cut off at {end}");
                // Also when the length agrees with the cut.
                if end > 2 {
                    cut[1] = u8::try_from(end).unwrap();
                    assert!(Observation::live(&cut).is_err(), "{whole:?} shortened to {end}");
                }
            }
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
        assert_eq!(
            Observation::live(&[0x03, 8, 0, 0, 0, 1, 0, 0xFF]),
            Err(WireError::at("text value", 7, Fault::Text))
        );
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..200), fix_length: bool) {
            if fix_length && bytes.len() > 5 {
                bytes[0] = [1, 2, 3, 4, 5, 6, 7, 8, 0xFF][usize::from(bytes[0]) % 9];
                bytes[1] = u8::try_from(bytes.len()).unwrap();
                bytes[2] = 0;
                bytes[4] &= 3;
            }
            for observation in [Observation::live(&bytes), Observation::stored(&bytes)].into_iter().flatten() {
                let count = match observation.value {
                    Value::Compound(parts) => parts.iter().count(),
                    Value::Bundle(members) => members.iter().count(),
                    Value::Tlv(tlvs) => tlvs.iter().count(),
                    Value::Samples(samples) => samples.samples().len(),
                    Value::States(states) => states.iter().count() / 8,
                    Value::Discretes(codes) => codes.iter().count(),
                    Value::Numeric { .. } | Value::Discrete(_) | Value::Text(_) | Value::Other { .. } => 0,
                };
                prop_assert!(count <= bytes.len());
            }
        }
    }
}
