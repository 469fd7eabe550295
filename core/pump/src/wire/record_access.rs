//! The Record Access Control Point (0x2A52) as GHSS 1.0 §3.5 uses it: count, report, abort. There is no way to ask for
//! a deletion: the write allow-list of [`crate::radio`] has no such opcode.

use super::{Reader, WireError};

/// Asks how many records there are from `record` on (opcode 4, operator ≥, filter record number).
pub fn count_from(record: u32) -> [u8; 7] {
    request(0x04, record)
}

/// Asks for the records from `record` on, with their number after them (opcode 7).
pub fn report_from(record: u32) -> [u8; 7] {
    request(0x07, record)
}

/// Ends a report.
pub const ABORT: [u8; 2] = [0x03, 0x00];

fn request(opcode: u8, record: u32) -> [u8; 7] {
    let [a, b, c, d] = record.to_le_bytes();
    [opcode, 0x03, 0x01, a, b, c, d]
}

/// Why a request was not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordAccessCode {
    /// Done.
    Success,
    /// No record fits. For a backfill that is success.
    NoRecords,
    /// The pump is busy.
    Busy,
    /// It began and could not finish.
    NotCompleted,
    /// It does not know the request: opcode, operator or operand.
    NotSupported,
    /// It could not abort.
    AbortFailed,
}

impl RecordAccessCode {
    /// The codes of failure, which Health Sensor and Insulin Delivery share; their codes of success differ.
    pub(crate) fn of_failure(code: u8) -> Option<Self> {
        match code {
            0x06 => Some(Self::NoRecords),
            0x07 => Some(Self::AbortFailed),
            0x08 => Some(Self::NotCompleted),
            0x0A => Some(Self::Busy),
            0x02..=0x05 | 0x09 => Some(Self::NotSupported),
            _ => None,
        }
    }
}

/// What the pump answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordAccessAnswer {
    /// Number of records, to a count.
    Count(u32),
    /// All are sent; so many were sent.
    Reported(u32),
    /// A response code to a request.
    Response {
        /// Opcode of the request.
        request: u8,
        /// How it went.
        code: RecordAccessCode,
    },
}

/// Reads the indication.
pub fn decode(value: &[u8]) -> Result<RecordAccessAnswer, WireError> {
    let mut reader = Reader::new(value);
    let opcode = reader.known_u8("record access opcode", |opcode| matches!(opcode, 5 | 6 | 8).then_some(opcode))?;
    reader.known_u8("record access operator", |operator| (operator == 0).then_some(()))?;
    let answer = match opcode {
        0x05 => RecordAccessAnswer::Count(reader.u32("number of records")?),
        0x08 => RecordAccessAnswer::Reported(reader.u32("number of records")?),
        _ => RecordAccessAnswer::Response {
            request: reader.u8("request opcode")?,
            code: reader.known_u8("response code", |code| match code {
                0x01 => Some(RecordAccessCode::Success),
                failure => RecordAccessCode::of_failure(failure),
            })?,
        },
    };
    reader.end("record access answer")?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn requests_and_answers_have_the_bytes_of_the_tables() {
        assert_eq!(report_from(0x0102_0304), [7, 3, 1, 4, 3, 2, 1]);
        assert_eq!(count_from(1), [4, 3, 1, 1, 0, 0, 0]);
        assert_eq!(decode(&[8, 0, 20, 0, 0, 0]), Ok(RecordAccessAnswer::Reported(20)));
        assert_eq!(decode(&[5, 0, 40, 0, 0, 0]), Ok(RecordAccessAnswer::Count(40)));
        assert_eq!(
            decode(&[6, 0, 7, 6]),
            Ok(RecordAccessAnswer::Response { request: 7, code: RecordAccessCode::NoRecords })
        );
    }

    #[test]
    fn an_answer_with_a_byte_too_many_or_an_unknown_code_is_refused() {
        for bad in [&[8, 0, 20, 0, 0, 0, 0][..], &[8, 0, 20], &[6, 0, 7, 0], &[9, 0], &[8, 1, 0, 0, 0, 0]] {
            assert!(decode(bad).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..12)) {
            let _ = decode(&bytes);
        }
    }
}
