//! Bytes of any characteristic that we read, decoded for anyone who wants to hold our reading against an independent source.
//!
//! `homeline gatt` prints it (`docs/cli.md`). It decides nothing: what it gives is what the decoders of [`crate::wire`] and
//! [`crate::vitals`] gave, with the names of their flags.

use crate::nomenclature;
use crate::radio::Characteristic;
use crate::vitals::{DeviceTime, Measured, Sensor};
use crate::wire::crc::Checksum;
use crate::wire::medical_number::MedicalNumber;
use crate::wire::observation::{Observation, StateBit, Status, Value};
use crate::wire::segment::{LONGEST_OBSERVATION, Reassembly, Segment};
use crate::wire::timestamp::ElapsedTime;
use crate::wire::{Fault, WireError};
use rust_decimal::Decimal;

/// Why nothing is decoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DoorError {
    /// A characteristic that carries no observation that we read.
    #[error("characteristic {0:?} carries no observation that is read here")]
    NotRead(Characteristic),
    /// One of the values is malformed.
    #[error("value {number}: {error}")]
    Malformed {
        /// Which of those that were given, from 1; of an observation in segments, the last of them.
        number: usize,
        /// Why it is refused.
        error: WireError,
    },
    /// A segment is missing, came twice, or the last one did not come.
    #[error("value {number}: the segments do not make up whole observations")]
    Segments {
        /// At which of those that were given, from 1.
        number: usize,
    },
}

/// One observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// What was observed.
    pub what: What,
    /// What is said.
    pub said: Said,
    /// The unit of a number.
    pub unit: Option<UnitCode>,
    /// The device's own clock.
    pub time: Option<DeviceTime>,
    /// What the device says of it.
    pub flags: Vec<&'static str>,
    /// Number in the device's record.
    pub record: Option<u32>,
    /// The device's number for the person.
    pub user: Option<u8>,
}

/// What was observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// By name: a vital sign, the battery.
    Name(&'static str),
    /// By code of IEEE 11073-10101.
    Code(u32),
    /// The observation does not say.
    NotSaid,
}

/// A unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitCode {
    /// In UCUM.
    Ucum(&'static str),
    /// A unit of IEEE 11073-10101 without a UCUM code here, by the low 16 bits of its code.
    Mdc(u16),
}

/// What an observation says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// There is no value.
    NotAvailable,
    /// A number with the digits that were sent.
    Number(Decimal),
    /// A code of IEEE 11073-10101.
    Code(u32),
    /// Text.
    Text(String),
    /// Several codes.
    Codes(Vec<u32>),
    /// States and events.
    States(Vec<StateBit>),
    /// Several named values.
    Components(Vec<Component>),
    /// A stretch of a curve.
    Samples {
        /// What one step of a sample is worth.
        scale: Option<Decimal>,
        /// What a sample of zero is.
        offset: Option<Decimal>,
        /// Seconds of one period.
        period: Option<Decimal>,
        /// Samples in one period.
        samples_per_period: u8,
        /// The integers of the samples, low byte first.
        samples: Vec<Vec<u8>>,
    },
    /// Values in a maker's own form: code, format, bytes.
    Triples(Vec<(u32, u8, Vec<u8>)>),
    /// A class that is not read.
    Raw {
        /// The class byte.
        class: u8,
        /// Its bytes.
        bytes: Vec<u8>,
    },
}

/// A part of a compound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// Code of IEEE 11073-10101.
    pub code: u32,
    /// What is said.
    pub said: Said,
    /// The unit of a number.
    pub unit: Option<UnitCode>,
}

/// A sensor's word for "any patient", or "not known".
const ANY_PATIENT: u8 = 0xFF;

/// The characteristics that [`decode`] reads.
pub fn characteristics() -> impl Iterator<Item = Characteristic> {
    let observations = [Characteristic::LIVE, Characteristic::STORED];
    Sensor::ALL.into_iter().map(Sensor::characteristic).chain(observations)
}

/// Decodes values of one characteristic, in the order in which they came; of a generic health sensor each is a segment.
/// `checksum` takes an E2E-CRC off the end of each, and refuses a wrong one.
pub fn decode(
    characteristic: Characteristic,
    values: &[Vec<u8>],
    checksum: Option<Checksum>,
) -> Result<Vec<Decoded>, DoorError> {
    let mut observations = Vec::new();
    let mut segments = Reassembly::default();
    for (number, value) in (1..).zip(values) {
        let malformed = |error| DoorError::Malformed { number, error };
        let body = match checksum {
            Some(checksum) => checksum.checked(value).map_err(malformed)?,
            None => value,
        };
        match (characteristic, Sensor::of(characteristic)) {
            (_, Some(sensor)) => observations.extend(vital_signs(sensor, body).map_err(malformed)?),
            (Characteristic::LIVE | Characteristic::STORED, None) => match segments.feed(body).map_err(malformed)? {
                Segment::Whole(body) => {
                    let stored = characteristic == Characteristic::STORED;
                    let read = if stored { Observation::stored(body) } else { Observation::live(body) };
                    health_observation(&read.map_err(malformed)?, &mut observations);
                }
                Segment::More => {}
                Segment::Lost | Segment::WholeAfterLoss(_) | Segment::MoreAfterLoss => {
                    return Err(DoorError::Segments { number });
                }
            },
            (_, None) => return Err(DoorError::NotRead(characteristic)),
        }
    }
    if segments.is_open() { Err(DoorError::Segments { number: values.len() }) } else { Ok(observations) }
}

fn vital_signs(sensor: Sensor, value: &[u8]) -> Result<impl Iterator<Item = Decoded>, WireError> {
    if value.len() > LONGEST_OBSERVATION {
        return Err(WireError::at("value", 0, Fault::TooLong { limit: LONGEST_OBSERVATION }));
    }
    let reading = sensor.read(value)?;
    let (time, user) = (reading.at, reading.user);
    Ok(reading.measurements.into_iter().map(move |measurement| {
        let what = What::Name(name(measurement.what));
        let said = measurement.value.map_or(Said::NotAvailable, Said::Number);
        let unit = measurement.unit.map(UnitCode::Ucum);
        Decoded { what, said, unit, time, flags: measurement.flags, record: None, user }
    }))
}

fn name(measured: Measured) -> &'static str {
    match measured {
        Measured::BodyTemperature => "body-temperature",
        Measured::Systolic => "systolic",
        Measured::Diastolic => "diastolic",
        Measured::MeanArterial => "mean-arterial",
        Measured::Pulse => "pulse",
        Measured::OxygenSaturation => "spo2",
        Measured::Weight => "weight",
        Measured::CuffPressure => "cuff-pressure",
        Measured::Battery => "battery",
    }
}

fn health_observation(observation: &Observation<'_>, observations: &mut Vec<Decoded>) {
    if let Value::Bundle(members) = &observation.value {
        for member in members.iter() {
            health_observation(&member.within(observation), observations);
        }
        return;
    }
    let (said, unit) = said(&observation.value, observation.status);
    let clock = observation.time.iter().flat_map(clock_flags);
    observations.push(Decoded {
        what: observation.code.map_or(What::NotSaid, What::Code),
        said,
        unit,
        time: observation.time.map(DeviceTime::Elapsed),
        flags: observation.status.names().chain(clock).collect(),
        record: observation.record,
        user: observation.patient.filter(|patient| *patient != ANY_PATIENT),
    });
}

fn clock_flags(stamp: &ElapsedTime) -> impl Iterator<Item = &'static str> + use<> {
    let earlier = (!stamp.current_timeline).then_some("earlier-timeline");
    let counts = stamp.tick_counter.then_some("tick-counter");
    earlier.into_iter().chain(counts)
}

fn number(number: MedicalNumber, unit: u16, status: Status) -> (Said, Option<UnitCode>) {
    let available = number.available().filter(|_| !status.not_available() && !status.invalid());
    let unit = nomenclature::ucum(unit).map_or(UnitCode::Mdc(unit), UnitCode::Ucum);
    (available.map_or(Said::NotAvailable, Said::Number), Some(unit))
}

fn said(value: &Value<'_>, status: Status) -> (Said, Option<UnitCode>) {
    let said = match value {
        Value::Numeric { unit, number: value } => return number(*value, *unit, status),
        Value::Discrete(code) => Said::Code(*code),
        Value::Text(text) => Said::Text((*text).to_owned()),
        Value::Discretes(codes) => Said::Codes(codes.iter().collect()),
        Value::States(states) => Said::States(states.iter().collect()),
        Value::Compound(parts) => {
            let component = |(code, value): (u32, Value<'_>)| {
                let (said, unit) = said(&value, status);
                Component { code, said, unit }
            };
            Said::Components(parts.iter().map(component).collect())
        }
        Value::Samples(samples) => {
            let (_, unit) = number(samples.scale, samples.unit, status);
            let curve = Said::Samples {
                scale: samples.scale.available(),
                offset: samples.offset.available(),
                period: samples.period.available(),
                samples_per_period: samples.samples_per_period,
                samples: samples.samples().map(<[u8]>::to_vec).collect(),
            };
            return (curve, unit);
        }
        Value::Tlv(tlvs) => Said::Triples(tlvs.iter().map(|tlv| (tlv.code, tlv.format, tlv.value.to_vec())).collect()),
        // A bundle was taken apart before, and its members are no bundles.
        Value::Bundle(_) => Said::NotAvailable,
        Value::Other { class, bytes } => Said::Raw { class: *class, bytes: bytes.to_vec() },
    };
    (said, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: [u8; 15] = [0x01, 15, 0, 0b1, 0, 0x3E, 0x69, 0x02, 0x00, 0x32, 0x0C, 0x7C, 0x06, 0x00, 0xFF];

    fn packets(size: usize) -> Vec<Vec<u8>> {
        let pieces: Vec<&[u8]> = RATE.chunks(size).collect();
        let last = pieces.len() - 1;
        let header = |n: usize| u8::try_from(usize::from(n == 0) | usize::from(n == last) << 1 | n << 2).unwrap();
        pieces.iter().enumerate().map(|(n, piece)| [&[header(n)], *piece].concat()).collect()
    }

    #[test]
    fn segments_of_any_size_give_the_same_observation() {
        let whole = decode(Characteristic::LIVE, &packets(15), None).unwrap();
        assert_eq!(whole.len(), 1);
        assert_eq!((whole[0].what, &whole[0].unit), (What::Code(158_014), &Some(UnitCode::Ucum("mL/h"))));
        assert_eq!(whole[0].said, Said::Number("166.0".parse().unwrap()));
        for size in 1..15 {
            assert_eq!(decode(Characteristic::LIVE, &packets(size), None), Ok(whole.clone()), "{size}");
        }
    }

    #[test]
    fn a_missing_segment_is_refused_at_its_place_and_an_open_end_too() {
        let mut lost = packets(4);
        lost.remove(1);
        assert_eq!(decode(Characteristic::LIVE, &lost, None), Err(DoorError::Segments { number: 2 }));
        assert_eq!(decode(Characteristic::LIVE, &packets(4)[..3], None), Err(DoorError::Segments { number: 3 }));
        let twice = [packets(4)[..2].to_vec(), packets(4)].concat();
        assert_eq!(decode(Characteristic::LIVE, &twice, None), Err(DoorError::Segments { number: 3 }));
    }

    #[test]
    fn a_checksum_is_taken_off_and_a_wrong_one_refused() {
        let body = vec![0, 0x7A, 0x01, 0, 0xFF];
        let mut value = body.clone();
        value.extend(Checksum::Mcrf4xx.of(&body).to_le_bytes());
        let temperature = Characteristic::TEMPERATURE;
        let plain = decode(temperature, &[body], None).unwrap();
        assert_eq!(decode(temperature, &[value.clone()], Some(Checksum::Mcrf4xx)), Ok(plain));
        value[1] ^= 1;
        let refused = decode(temperature, &[value], Some(Checksum::Mcrf4xx)).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "value 1: `E2E-CRC` at byte 5 does not fit to the bytes before it: read the value again"
        );
    }

    #[test]
    fn a_number_that_the_sensor_calls_invalid_is_not_available_and_keeps_its_unit() {
        let mut body = vec![0x03, 0x01, 17, 0, 0b1001, 0, 0x3E, 0x69, 0x02, 0x00, 1, 0];
        body.extend(&RATE[9..]);
        let decoded = decode(Characteristic::LIVE, &[body], None).unwrap();
        assert_eq!((&decoded[0].said, &decoded[0].flags), (&Said::NotAvailable, &vec!["invalid"]));
        assert_eq!(decoded[0].unit, Some(UnitCode::Ucum("mL/h")));
    }

    #[test]
    fn what_carries_no_observation_is_told() {
        let refused = decode(Characteristic::FEATURES, &[vec![]], None);
        assert_eq!(refused, Err(DoorError::NotRead(Characteristic::FEATURES)));
        assert_eq!(characteristics().count(), 11);
    }
}
