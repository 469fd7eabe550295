//! IDD History Data (0x2B28), IDS 1.0 §3.11: the numbered record. Times are seconds since the last reference time in it.
//!
//! Implementations differ in whether a protected record carries a counter before its checksum. The checksum is verified
//! first; then the length that the event has by its own tables tells whether a counter is left. An event whose length is
//! not known here is carried raw, with whatever is left.

use super::annunciation::Annunciation;
use super::protection::Protection;
use super::status::{Operation, Therapy};
use crate::wire::medical_number::MedicalNumber;
use crate::wire::{Fault, Reader, WireError};
use chrono::NaiveDateTime;

/// Why a reference time was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferenceReason {
    /// The pump cannot say.
    Undetermined,
    /// The clock was set.
    Set,
    /// So that later records have one nearby.
    Periodic,
    /// The clock was lost: times before it cannot be compared with those after.
    TimeLost,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryEvent<'a> {
    /// The clock, from which the records after it are counted.
    ReferenceTime {
        /// Why.
        reason: ReferenceReason,
        /// The clock, in UTC; `None` when the pump does not know it.
        at: Option<NaiveDateTime>,
    },
    /// Insulin is given, or not, from now on.
    TherapyChanged {
        /// Before.
        from: Therapy,
        /// Now.
        to: Therapy,
    },
    /// What the machine does changed.
    OperationChanged {
        /// Before.
        from: Operation,
        /// Now.
        to: Operation,
    },
    /// Left in the reservoir, IU.
    ReservoirRemaining(MedicalNumber),
    /// Another basal rate, IU/h.
    BasalRateChanged {
        /// Before.
        from: MedicalNumber,
        /// Now.
        to: MedicalNumber,
    },
    /// An annunciation came, or a person dealt with it.
    Annunciation {
        /// Which.
        annunciation: Annunciation,
        /// Auxiliary information, two bytes each, low byte first.
        auxiliary: &'a [[u8; 2]],
    },
    /// The second part of an annunciation's record: more auxiliary information.
    AnnunciationMore {
        /// Two bytes each, low byte first.
        auxiliary: &'a [[u8; 2]],
    },
    /// Insulin of one day, IU.
    DailyTotals {
        /// By bolus.
        bolus: MedicalNumber,
        /// By basal rate.
        basal: MedicalNumber,
    },
    /// An event that is carried and not read.
    Other {
        /// Its type.
        kind: u16,
        /// Its bytes.
        bytes: &'a [u8],
    },
}

/// One record of the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryRecord<'a> {
    /// Its number, which grows by one.
    pub sequence: u32,
    /// Seconds since the last reference time.
    pub relative_offset: u16,
    /// Its type, as sent.
    pub kind: u16,
    /// What happened.
    pub event: HistoryEvent<'a>,
    /// The data of the event, without protection; of one that is not known, with the counter where there is one.
    pub data: &'a [u8],
}

impl<'a> HistoryRecord<'a> {
    /// Reads one notification with its protection.
    pub fn decode(value: &'a [u8], protection: Protection) -> Result<Self, WireError> {
        // A counter, where there is one, is what is left below when the event is read.
        let body = if protection.on { protection.checksum.checked(value)? } else { protection.open(value)?.0 };
        let mut reader = Reader::new(body);
        let kind = reader.u16("event type")?;
        let sequence = reader.u32("sequence number")?;
        let relative_offset = reader.u16("relative offset")?;
        let data = reader.rest();
        let begin = reader.offset();
        let event = event(kind, &mut reader)?;
        let data = data.get(..reader.offset() - begin).unwrap_or(data);
        match reader.remaining() {
            0 => {}
            1 if protection.on => reader.known_u8("E2E counter", |counter| (counter != 0).then_some(()))?,
            _ => reader.end("history event")?,
        }
        Ok(Self { sequence, relative_offset, kind, event, data })
    }
}

/// Two bytes for each piece of auxiliary information: an odd byte is a counter.
fn auxiliary<'a>(reader: &mut Reader<'a>) -> Result<&'a [[u8; 2]], WireError> {
    const MOST: usize = 5;
    let pieces = reader.remaining() / 2;
    if pieces > MOST {
        let extra = reader.remaining();
        return Err(WireError::at("auxiliary information", reader.offset(), Fault::Trailing { extra }));
    }
    Ok(reader.bytes(pieces * 2, "auxiliary information")?.as_chunks().0)
}

/// Reads the data of an event, without its protection.
pub(crate) fn event<'a>(kind: u16, reader: &mut Reader<'a>) -> Result<HistoryEvent<'a>, WireError> {
    Ok(match kind {
        0x000F => {
            let reason = reader.known_u8("reference time's reason", |code| match code {
                0x0F => Some(ReferenceReason::Undetermined),
                0x33 => Some(ReferenceReason::Set),
                0x3C => Some(ReferenceReason::Periodic),
                0x55 => Some(ReferenceReason::TimeLost),
                _ => None,
            })?;
            let at = reader.date_time("reference time")?;
            reader.i8("time zone")?;
            reader.u8("daylight saving")?;
            HistoryEvent::ReferenceTime { reason, at }
        }
        0x0303 => HistoryEvent::TherapyChanged {
            from: reader.known_u8("therapy control state before", Therapy::of)?,
            to: reader.known_u8("therapy control state", Therapy::of)?,
        },
        0x030C => HistoryEvent::OperationChanged {
            from: reader.known_u8("operational state before", Operation::of)?,
            to: reader.known_u8("operational state", Operation::of)?,
        },
        0x0330 => HistoryEvent::ReservoirRemaining(reader.sfloat("reservoir remaining")?),
        0x0099 => {
            let flags = reader.flags("basal rate flags", 0b1)?;
            let (from, to) = (reader.sfloat("basal rate before")?, reader.sfloat("basal rate")?);
            flags.when(0, || reader.u8("basal context"))?;
            HistoryEvent::BasalRateChanged { from, to }
        }
        0x033F => {
            reader.u8("annunciation flags")?;
            let annunciation = Annunciation::read(reader)?;
            HistoryEvent::Annunciation { annunciation, auxiliary: auxiliary(reader)? }
        }
        0x0356 => {
            reader.u8("annunciation flags")?;
            HistoryEvent::AnnunciationMore { auxiliary: auxiliary(reader)? }
        }
        0x00FF => {
            reader.u8("daily totals flags")?;
            let totals = HistoryEvent::DailyTotals {
                bolus: reader.sfloat("bolus of the day")?,
                basal: reader.sfloat("basal of the day")?,
            };
            reader.array::<4>("day")?;
            totals
        }
        _ => HistoryEvent::Other { kind, bytes: reader.bytes(reader.remaining(), "event data")? },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::crc::Checksum;
    use proptest::prelude::*;

    const OFF: Protection = Protection { on: false, checksum: Checksum::Mcrf4xx, placeholder: false };
    const ON: Protection = Protection { on: true, ..OFF };

    fn record(kind: u16, data: &[u8]) -> Vec<u8> {
        let mut body = kind.to_le_bytes().to_vec();
        body.extend(31_u32.to_le_bytes());
        body.extend(90_u16.to_le_bytes());
        body.extend(data);
        body
    }

    fn sealed(mut body: Vec<u8>, counter: Option<u8>) -> Vec<u8> {
        body.extend(counter);
        body.extend(Checksum::Mcrf4xx.of(&body).to_le_bytes());
        body
    }

    /// Every event whose layout is known, with its data.
    fn events() -> Vec<Vec<u8>> {
        vec![
            record(0x000F, &[0x3C, 0xEA, 7, 11, 23, 8, 0, 0, 0, 0]),
            record(0x0303, &[0x55, 0x33]),
            record(0x030C, &[0x96, 0x5A]),
            record(0x0330, &[0xD2, 0xF4]),
            record(0x0099, &[0, 0x50, 0xE0, 0x78, 0xE0]),
            record(0x0099, &[1, 0x50, 0xE0, 0x78, 0xE0, 0x0F]),
            record(0x033F, &[0, 7, 0, 0x3C, 0, 0x33]),
            record(0x033F, &[1, 7, 0, 0x3C, 0, 0x33, 9, 0]),
            record(0x0356, &[1, 12, 0, 13, 0]),
            record(0x00FF, &[0, 10, 0, 20, 0, 0xEA, 7, 11, 23]),
        ]
    }

    #[test]
    fn a_record_reads_the_same_with_a_counter_without_one_and_unprotected() {
        for body in events() {
            let plain = HistoryRecord::decode(&body, OFF).unwrap();
            assert_eq!((plain.sequence, plain.relative_offset), (31, 90));
            assert!(!matches!(plain.event, HistoryEvent::Other { .. }));
            for counter in [None, Some(1), Some(255)] {
                let value = sealed(body.clone(), counter);
                assert_eq!(HistoryRecord::decode(&value, ON), Ok(plain), "{body:?} {counter:?}");
            }
            assert!(HistoryRecord::decode(&sealed(body.clone(), Some(0)), ON).is_err(), "{body:?}");
            assert!(HistoryRecord::decode(&[body.as_slice(), &[1]].concat(), OFF).is_err());
        }
    }

    #[test]
    fn any_cut_and_any_flipped_bit_of_a_protected_record_is_refused() {
        for body in events() {
            let value = sealed(body, Some(5));
            for end in 0..value.len() {
                assert!(HistoryRecord::decode(&value[..end], ON).is_err(), "cut off at {end}");
            }
            for place in 0..value.len() {
                for bit in 0..8 {
                    let mut flipped = value.clone();
                    flipped[place] ^= 1 << bit;
                    assert!(HistoryRecord::decode(&flipped, ON).is_err(), "byte {place}, bit {bit}");
                }
            }
        }
    }

    #[test]
    fn an_event_that_is_not_known_is_carried_with_its_number() {
        let body = record(0x0395, &[1, 2, 3]);
        let event = HistoryRecord::decode(&body, OFF).unwrap().event;
        assert_eq!(event, HistoryEvent::Other { kind: 0x0395, bytes: &[1, 2, 3] });
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..32), kind in 0_usize..10, on: bool) {
            let _ = HistoryRecord::decode(&bytes, if on { ON } else { OFF });
            let mut body = events()[kind][..8].to_vec();
            body.extend(&bytes);
            let _ = HistoryRecord::decode(&body, OFF);
            let _ = HistoryRecord::decode(&sealed(body, None), ON);
        }
    }
}
