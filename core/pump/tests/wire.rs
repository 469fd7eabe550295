//! Wire formats against an encoder that was written from the tables and not from the decoders: whatever it says comes back,
//! through segments of any size; a part of it is refused at every byte; a flipped bit is refused wherever a checksum is.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use homeline_pump::wire::crc::Checksum;
use homeline_pump::wire::medical_number::MedicalNumber;
use homeline_pump::wire::observation::{Observation, StateBit, Tlv, Value};
use homeline_pump::wire::segment::{Reassembly, Segment};
use proptest::prelude::*;
use rust_decimal::Decimal;

/// A value as somebody would say it, before it has bytes.
#[derive(Debug, Clone)]
enum Said {
    Number { unit: u16, mantissa: i32, exponent: i8 },
    Code(u32),
    Text(String),
    Samples { mantissa: i32, width: u8, samples: Vec<u64> },
    Codes(Vec<u32>),
    States(Vec<(u8, u8, u8)>),
    Compound(Vec<(u32, Said)>),
    Tlv(Vec<(u32, u8, Vec<u8>)>),
    Bundle(Vec<Said>),
}

/// The optional fields.
#[derive(Debug, Clone)]
struct Fields {
    code: u32,
    seconds: Option<u64>,
    duration: Option<i32>,
    status: Option<u16>,
    id: Option<u32>,
    patient: Option<u8>,
    supplemental: Vec<u32>,
    member_of: Vec<u32>,
}

fn float(mantissa: i32, exponent: i8) -> [u8; 4] {
    let [a, b, c, _] = mantissa.to_le_bytes();
    [a, b, c, exponent.to_le_bytes()[0]]
}

fn count(length: usize) -> u8 {
    u8::try_from(length).unwrap()
}

fn codes(codes: &[u32]) -> Vec<u8> {
    let mut bytes = vec![count(codes.len())];
    bytes.extend(codes.iter().flat_map(|code| code.to_le_bytes()));
    bytes
}

impl Said {
    fn class(&self) -> u8 {
        match self {
            Self::Number { .. } => 1,
            Self::Code(_) => 2,
            Self::Text(_) => 3,
            Self::Samples { .. } => 4,
            Self::Codes(_) => 5,
            Self::States(_) => 6,
            Self::Compound(_) => 7,
            Self::Tlv(_) => 8,
            Self::Bundle(_) => 0xFF,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Number { unit, mantissa, exponent } => {
                [unit.to_le_bytes().as_slice(), &float(*mantissa, *exponent)].concat()
            }
            Self::Code(code) => code.to_le_bytes().to_vec(),
            Self::Text(text) => [u16::try_from(text.len()).unwrap().to_le_bytes().as_slice(), text.as_bytes()].concat(),
            Self::Samples { mantissa, width, samples } => {
                let mut bytes = vec![0x20, 0x0F];
                bytes.extend(float(*mantissa, -2));
                bytes.extend(float(0, 0));
                bytes.extend(float(8, -3));
                bytes.extend([1, *width]);
                bytes.extend(u32::try_from(samples.len()).unwrap().to_le_bytes());
                for sample in samples {
                    bytes.extend(&sample.to_le_bytes()[..usize::from(*width)]);
                }
                bytes
            }
            Self::Codes(list) => codes(list),
            Self::States(masks) => {
                let mut bytes = vec![count(masks.len())];
                bytes.extend(masks.iter().map(|mask| mask.0));
                bytes.extend(masks.iter().map(|mask| mask.1));
                bytes.extend(masks.iter().map(|mask| mask.2));
                bytes
            }
            Self::Compound(parts) => {
                let mut bytes = vec![count(parts.len())];
                for (code, part) in parts {
                    bytes.extend(code.to_le_bytes());
                    bytes.push(part.class());
                    bytes.extend(part.bytes());
                }
                bytes
            }
            Self::Tlv(triples) => {
                let mut bytes = vec![count(triples.len())];
                for (code, format, value) in triples {
                    bytes.extend(code.to_le_bytes());
                    bytes.extend(u16::try_from(value.len()).unwrap().to_le_bytes());
                    bytes.push(*format);
                    bytes.extend(value);
                }
                bytes
            }
            Self::Bundle(members) => {
                let mut bytes = vec![count(members.len())];
                for member in members {
                    bytes.extend(body(0, &[], member));
                }
                bytes
            }
        }
    }

    /// Whether what was read says the same.
    fn is_read_as(&self, value: &Value<'_>) -> bool {
        match (self, value) {
            (Self::Number { unit, mantissa, exponent }, Value::Numeric { unit: read, number }) => {
                unit == read && *number == MedicalNumber::Value(decimal(*mantissa, *exponent))
            }
            (Self::Code(code), Value::Discrete(read)) => code == read,
            (Self::Text(text), Value::Text(read)) => text == read,
            (Self::Samples { mantissa, width, samples }, Value::Samples(read)) => {
                read.scale == MedicalNumber::Value(decimal(*mantissa, -2))
                    && read.samples().len() == samples.len()
                    && read
                        .samples()
                        .zip(samples)
                        .all(|(read, sent)| read == &sent.to_le_bytes()[..usize::from(*width)])
            }
            (Self::Codes(codes), Value::Discretes(read)) => read.iter().eq(codes.iter().copied()),
            (Self::States(masks), Value::States(read)) => {
                let bits = masks.iter().zip(0_u16..).flat_map(|((supported, events, on), byte)| {
                    (0..8).filter(move |bit| supported >> bit & 1 == 1).map(move |bit| StateBit {
                        bit: byte * 8 + bit,
                        event: events >> bit & 1 == 1,
                        on: on >> bit & 1 == 1,
                    })
                });
                read.iter().eq(bits)
            }
            (Self::Compound(parts), Value::Compound(read)) => {
                let same = |((code, said), (read, value)): (&(u32, Said), (u32, Value<'_>))| {
                    *code == read && said.is_read_as(&value)
                };
                read.iter().count() == parts.len() && parts.iter().zip(read.iter()).all(same)
            }
            (Self::Tlv(triples), Value::Tlv(read)) => {
                let sent = triples.iter().map(|(code, format, value)| Tlv { code: *code, format: *format, value });
                read.iter().eq(sent)
            }
            (Self::Bundle(members), Value::Bundle(read)) => {
                read.iter().count() == members.len()
                    && members.iter().zip(read.iter()).all(|(said, read)| said.is_read_as(&read.value))
            }
            _ => false,
        }
    }
}

fn decimal(mantissa: i32, exponent: i8) -> Decimal {
    let places = u32::from(exponent.unsigned_abs());
    match exponent {
        0.. => Decimal::from(mantissa) * Decimal::from(10_i64.pow(places)),
        _ => Decimal::new(i64::from(mantissa), places),
    }
}

/// Class, length of the whole, flags, optional fields, value.
fn body(flags: u16, fields: &[u8], said: &Said) -> Vec<u8> {
    let rest = [flags.to_le_bytes().as_slice(), fields, &said.bytes()].concat();
    let length = u16::try_from(rest.len() + 3).unwrap();
    [&[said.class()], length.to_le_bytes().as_slice(), &rest].concat()
}

fn observation(fields: &Fields, said: &Said) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut flags = 1;
    let mut add = |bit: u8, value: Option<Vec<u8>>| {
        if let Some(value) = value {
            flags |= 1 << bit;
            bytes.extend(value);
        }
    };
    add(0, Some(fields.code.to_le_bytes().to_vec()));
    add(1, fields.seconds.map(|seconds| [&[0x22], &seconds.to_le_bytes()[..6], &[4, 0]].concat()));
    add(2, fields.duration.map(|seconds| float(seconds, 0).to_vec()));
    add(3, fields.status.map(|status| status.to_le_bytes().to_vec()));
    add(4, fields.id.map(|id| id.to_le_bytes().to_vec()));
    add(5, fields.patient.map(|patient| vec![patient]));
    add(6, (!fields.supplemental.is_empty()).then(|| codes(&fields.supplemental)));
    add(8, (!fields.member_of.is_empty()).then(|| codes(&fields.member_of)));
    body(flags, &bytes, said)
}

fn packets(body: &[u8], size: usize, mut counter: u8) -> Vec<Vec<u8>> {
    let last = body.len().div_ceil(size) - 1;
    let packet = |(place, piece): (usize, &[u8])| {
        let header = u8::from(place == 0) | u8::from(place == last) << 1 | counter << 2;
        counter = (counter + 1) % 64;
        [&[header], piece].concat()
    };
    body.chunks(size).enumerate().map(packet).collect()
}

/// Mantissas without the five special ones.
fn mantissa() -> impl Strategy<Value = i32> {
    -0x7F_FFF0_i32..0x7F_FFF0
}

fn simple() -> impl Strategy<Value = Said> {
    let triple_masks = (any::<u8>(), any::<u8>(), any::<u8>());
    prop_oneof![
        (any::<u16>(), mantissa(), -10_i8..10).prop_map(|(unit, mantissa, exponent)| Said::Number {
            unit,
            mantissa,
            exponent
        }),
        any::<u32>().prop_map(Said::Code),
        ".{0,20}".prop_map(Said::Text),
        (mantissa(), 1_u8..=8, proptest::collection::vec(any::<u64>(), 0..8))
            .prop_map(|(mantissa, width, samples)| Said::Samples { mantissa, width, samples }),
        proptest::collection::vec(any::<u32>(), 0..5).prop_map(Said::Codes),
        proptest::collection::vec(triple_masks, 0..4).prop_map(Said::States),
    ]
}

fn said() -> impl Strategy<Value = Said> {
    let triple = (any::<u32>(), any::<u8>(), proptest::collection::vec(any::<u8>(), 0..6));
    let single = prop_oneof![
        4 => simple(),
        2 => proptest::collection::vec((any::<u32>(), simple()), 0..5).prop_map(Said::Compound),
        1 => proptest::collection::vec(triple, 0..4).prop_map(Said::Tlv),
    ];
    let single = single.boxed();
    prop_oneof![4 => single.clone(), 1 => proptest::collection::vec(single, 0..4).prop_map(Said::Bundle)]
}

fn fields() -> impl Strategy<Value = Fields> {
    let list = || proptest::collection::vec(any::<u32>(), 0..3);
    let seconds = proptest::option::of(0_u64..2_000_000_000);
    let duration = proptest::option::of(0..10_000);
    (any::<u32>(), seconds, duration, any::<Option<u16>>(), any::<Option<u32>>(), any::<Option<u8>>(), list(), list())
        .prop_map(|(code, seconds, duration, status, id, patient, supplemental, member_of)| Fields {
            code,
            seconds,
            duration,
            status,
            id,
            patient,
            supplemental,
            member_of,
        })
}

proptest! {
    #[test]
    fn every_observation_comes_back_through_segments_of_any_size(
        fields in fields(), said in said(), size in 1_usize..244, counter in 0_u8..64,
    ) {
        let bytes = observation(&fields, &said);
        let mut reassembly = Reassembly::default();
        let mut whole = Vec::new();
        for packet in packets(&bytes, size, counter) {
            if let Segment::Whole(body) = reassembly.feed(&packet).unwrap() { whole.push(body.to_vec()); }
        }
        prop_assert_eq!(&whole, std::slice::from_ref(&bytes));
        let read = Observation::live(&bytes).unwrap();
        prop_assert!(said.is_read_as(&read.value), "{:?}", read.value);
        prop_assert_eq!(read.code, Some(fields.code));
        prop_assert_eq!(read.time.map(|time| time.milliseconds), fields.seconds.map(|seconds| seconds * 1000));
        prop_assert_eq!(read.duration, fields.duration.map(|seconds| MedicalNumber::Value(seconds.into())));
        prop_assert_eq!(read.status.0, fields.status.unwrap_or(0));
        prop_assert_eq!((read.id, read.patient), (fields.id, fields.patient));
        prop_assert!(read.supplemental.iter().eq(fields.supplemental) && read.member_of.iter().eq(fields.member_of));
    }

    #[test]
    fn a_part_is_refused_at_every_byte_also_when_its_length_agrees(fields in fields(), said in said()) {
        let bytes = observation(&fields, &said);
        for end in 0..bytes.len() {
            prop_assert!(Observation::live(&bytes[..end]).is_err(), "cut off at {end}");
            let mut shortened = bytes[..end].to_vec();
            if end >= 3 {
                shortened[1..3].copy_from_slice(&u16::try_from(end).unwrap().to_le_bytes());
                prop_assert!(Observation::live(&shortened).is_err(), "shortened to {end}");
            }
        }
    }

    #[test]
    fn a_flipped_bit_never_panics_and_with_a_checksum_is_always_refused(
        fields in fields(), said in said(), place: usize, bit in 0_u8..8,
    ) {
        let mut bytes = observation(&fields, &said);
        bytes.extend(Checksum::Mcrf4xx.of(&bytes).to_le_bytes());
        let place = place % bytes.len();
        bytes[place] ^= 1 << bit;
        prop_assert!(Checksum::Mcrf4xx.checked(&bytes).is_err());
        let _ = Observation::live(&bytes[..bytes.len() - 2]);
        let _ = Observation::stored(&bytes);
    }
}
