//! The IDD Status Reader Control Point (0x2B24), IDS 1.0 §3.6: questions about the present state. None of them changes what
//! the pump does.

use crate::wire::medical_number::MedicalNumber;
use crate::wire::{Reader, WireError};

/// A question, by its opcode; its bytes are these, low byte first, without protection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Ids of the boluses that run.
    ActiveBolusIds,
    /// The basal rate that is given.
    ActiveBasalRate,
    /// Insulin of today.
    DailyTotals,
    /// Insulin since the pump was made.
    DeliveredInsulin,
}

impl Question {
    /// The request.
    pub fn bytes(self) -> [u8; 2] {
        let opcode: u16 = match self {
            Self::ActiveBolusIds => 0x0330,
            Self::ActiveBasalRate => 0x0365,
            Self::DailyTotals => 0x0395,
            Self::DeliveredInsulin => 0x03C0,
        };
        opcode.to_le_bytes()
    }
}

/// Which service life a counter is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the counter of its name")]
pub enum CounterKind {
    Lifetime,
    Warranty,
    Loaner,
    Reservoir,
}

/// A temporary basal rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TemporaryRate {
    /// IU/h; a factor when `relative`.
    pub value: MedicalNumber,
    /// It is a factor of the profile's rate.
    pub relative: bool,
    /// For how many minutes it was set.
    pub programmed_minutes: u16,
    /// For how many more.
    pub remaining_minutes: u16,
}

/// What the pump answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusAnswer<'a> {
    /// A request was taken (`accepted`) or not.
    Response {
        /// Opcode of the request.
        request: u16,
        /// It was.
        accepted: bool,
    },
    /// Ids of the boluses that run, two bytes each, low byte first.
    ActiveBolusIds(&'a [[u8; 2]]),
    /// The basal rate that is given.
    ActiveBasalRate {
        /// Number of the profile.
        profile: u8,
        /// IU/h of the profile.
        rate: MedicalNumber,
        /// The temporary rate that stands in its place.
        temporary: Option<TemporaryRate>,
    },
    /// IU of today.
    DailyTotals {
        /// By bolus.
        bolus: MedicalNumber,
        /// By basal rate.
        basal: MedicalNumber,
        /// Both.
        total: MedicalNumber,
    },
    /// A counter of service life, in minutes.
    Counter {
        /// Which.
        kind: CounterKind,
        /// Of what is left; otherwise of what is over.
        remaining: bool,
        /// Minutes; below zero is beyond the end.
        minutes: i32,
    },
    /// IU since the pump was made: the counter that only grows.
    DeliveredInsulin {
        /// By bolus.
        bolus: MedicalNumber,
        /// By basal rate.
        basal: MedicalNumber,
    },
    /// An answer that is carried and not read: details of a bolus, insulin on board.
    Other {
        /// Its opcode.
        opcode: u16,
        /// Its bytes.
        bytes: &'a [u8],
    },
}

/// Reads the indication, without its protection.
pub fn decode(body: &[u8]) -> Result<StatusAnswer<'_>, WireError> {
    let mut reader = Reader::new(body);
    let opcode = reader.known_u16("status reader opcode", |opcode| {
        matches!(opcode, 0x0303 | 0x033F | 0x0359 | 0x036A | 0x039A | 0x03A9 | 0x03CF | 0x03FC).then_some(opcode)
    })?;
    let answer = match opcode {
        0x0303 => StatusAnswer::Response {
            request: reader.u16("request opcode")?,
            accepted: reader.known_u8("response code", |code| match code {
                0x0F => Some(true),
                0x70..=0x74 => Some(false),
                _ => None,
            })?,
        },
        0x033F => {
            let count = usize::from(reader.u8("number of boluses")?);
            StatusAnswer::ActiveBolusIds(reader.bytes(count * 2, "bolus ids")?.as_chunks().0)
        }
        0x036A => basal_rate(&mut reader)?,
        0x039A => StatusAnswer::DailyTotals {
            bolus: reader.sfloat("bolus of today")?,
            basal: reader.sfloat("basal of today")?,
            total: reader.sfloat("insulin of today")?,
        },
        0x03A9 => StatusAnswer::Counter {
            kind: reader.known_u8("counter type", |code| match code {
                0x0F => Some(CounterKind::Lifetime),
                0x33 => Some(CounterKind::Warranty),
                0x3C => Some(CounterKind::Loaner),
                0x55 => Some(CounterKind::Reservoir),
                _ => None,
            })?,
            remaining: reader.known_u8("counter selection", |code| match code {
                0x0F => Some(true),
                0x33 => Some(false),
                _ => None,
            })?,
            minutes: i32::from_le_bytes(reader.array("counter")?),
        },
        0x03CF => StatusAnswer::DeliveredInsulin {
            bolus: reader.float("bolus delivered")?,
            basal: reader.float("basal delivered")?,
        },
        _ => StatusAnswer::Other { opcode, bytes: reader.bytes(reader.remaining(), "answer")? },
    };
    reader.end("status reader answer")?;
    Ok(answer)
}

fn basal_rate<'a>(reader: &mut Reader<'a>) -> Result<StatusAnswer<'a>, WireError> {
    let flags = reader.flags("basal rate flags", 0b111)?;
    let profile = reader.u8("basal profile")?;
    let rate = reader.sfloat("basal rate")?;
    let temporary = flags.when(0, || {
        Ok(TemporaryRate {
            relative: reader.known_u8("temporary rate type", |code| match code {
                0x33 => Some(false),
                0x3C => Some(true),
                _ => None,
            })?,
            value: reader.sfloat("temporary rate")?,
            programmed_minutes: reader.u16("temporary rate's duration")?,
            remaining_minutes: reader.u16("temporary rate's rest")?,
        })
    })?;
    flags.when(1, || reader.u8("temporary rate template"))?;
    flags.when(2, || reader.u8("basal context"))?;
    Ok(StatusAnswer::ActiveBasalRate { profile, rate, temporary })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_temporary_rate_stands_beside_the_profiles() {
        // Profile 1, 0.80 IU/h (0xE050); absolute, 1.20 IU/h (0xE078), 60 min, 45 left; a template and a context.
        let body = [0x6A, 0x03, 0b111, 1, 0x50, 0xE0, 0x33, 0x78, 0xE0, 60, 0, 45, 0, 2, 0x0F];
        let Ok(StatusAnswer::ActiveBasalRate { profile, rate, temporary }) = decode(&body) else { panic!("a rate") };
        let temporary = temporary.unwrap();
        assert_eq!((profile, rate.available().unwrap().to_string()), (1, "0.80".into()));
        assert_eq!((temporary.value.available().unwrap().to_string(), temporary.relative), ("1.20".into(), false));
        assert_eq!((temporary.programmed_minutes, temporary.remaining_minutes), (60, 45));
        for end in 0..body.len() {
            assert!(decode(&body[..end]).is_err(), "cut off at {end}");
        }
    }

    #[test]
    fn the_other_answers_have_the_bytes_of_the_tables() {
        assert_eq!(
            decode(&[0x03, 0x03, 0x65, 0x03, 0x70]),
            Ok(StatusAnswer::Response { request: 0x0365, accepted: false })
        );
        assert_eq!(decode(&[0x3F, 0x03, 1, 7, 0]), Ok(StatusAnswer::ActiveBolusIds(&[[7, 0]])));
        let Ok(StatusAnswer::DeliveredInsulin { bolus, basal }) =
            decode(&[0xCF, 0x03, 0x39, 0x30, 0, 0xFE, 0xFF, 0xFF, 0x7F, 0])
        else {
            panic!("insulin")
        };
        assert_eq!((bolus.available().unwrap().to_string(), basal.available()), ("123.45".into(), None));
        let counter = decode(&[0xA9, 0x03, 0x33, 0x0F, 0xFF, 0xFF, 0xFF, 0xFF]);
        assert_eq!(counter, Ok(StatusAnswer::Counter { kind: CounterKind::Warranty, remaining: true, minutes: -1 }));
        for bad in [&[0x04, 0x03][..], &[0x3F, 0x03, 2, 7, 0], &[0xA9, 0x03, 0x34, 0x0F, 0, 0, 0, 0], &[0x65, 0x03]] {
            assert!(decode(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn questions_are_two_bytes() {
        assert_eq!(Question::ActiveBasalRate.bytes(), [0x65, 0x03]);
        assert_eq!(Question::DeliveredInsulin.bytes(), [0xC0, 0x03]);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(opcode in 0_u8..=255, bytes in proptest::collection::vec(any::<u8>(), 0..24)) {
            let _ = decode(&[&[opcode, 3], bytes.as_slice()].concat());
        }
    }
}
