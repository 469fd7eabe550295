//! The IDD Record Access Control Point (0x2B27), IDS 1.0 §3.10: count, report, abort. There is no way to ask for a deletion.

use crate::wire::record_access::{RecordAccessAnswer, RecordAccessCode};
use crate::wire::{Reader, WireError};

const COUNT: u8 = 0x5A;
const REPORT: u8 = 0x33;
const FROM: u8 = 0x55;
const SEQUENCE_NUMBER: u8 = 0x0F;
const NULL: u8 = 0x0F;

/// Asks how many records there are from `record` on; without its protection.
pub fn count_from(record: u32) -> [u8; 7] {
    request(COUNT, record)
}

/// Asks for the records from `record` on; without its protection.
pub fn report_from(record: u32) -> [u8; 7] {
    request(REPORT, record)
}

/// Ends a report; without its protection.
pub const ABORT: [u8; 2] = [0x55, NULL];

fn request(opcode: u8, record: u32) -> [u8; 7] {
    let [a, b, c, d] = record.to_le_bytes();
    [opcode, FROM, SEQUENCE_NUMBER, a, b, c, d]
}

/// Reads the indication, without its protection. A finished report is a response with success: this service does not say
/// how many records it sent.
pub fn decode(body: &[u8]) -> Result<RecordAccessAnswer, WireError> {
    let mut reader = Reader::new(body);
    let opcode = reader.known_u8("record access opcode", |opcode| matches!(opcode, 0x0F | 0x66).then_some(opcode))?;
    reader.known_u8("record access operator", |operator| (operator == NULL).then_some(()))?;
    let answer = match opcode {
        0x66 => RecordAccessAnswer::Count(reader.u32("number of records")?),
        _ => RecordAccessAnswer::Response {
            request: reader.u8("request opcode")?,
            code: reader.known_u8("response code", |code| match code {
                0xF0 => Some(RecordAccessCode::Success),
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

    #[test]
    fn requests_and_answers_have_the_bytes_of_the_tables() {
        assert_eq!(report_from(31), [0x33, 0x55, 0x0F, 31, 0, 0, 0]);
        assert_eq!(count_from(1), [0x5A, 0x55, 0x0F, 1, 0, 0, 0]);
        assert_eq!(decode(&[0x66, 0x0F, 40, 0, 0, 0]), Ok(RecordAccessAnswer::Count(40)));
        let response = |code| RecordAccessAnswer::Response { request: 0x33, code };
        assert_eq!(decode(&[0x0F, 0x0F, 0x33, 0xF0]), Ok(response(RecordAccessCode::Success)));
        assert_eq!(decode(&[0x0F, 0x0F, 0x33, 6]), Ok(response(RecordAccessCode::NoRecords)));
        for bad in
            [&[0x0F, 0x0F, 0x33, 0xF1][..], &[0x0F, 0x33, 0x33, 0xF0], &[0x66, 0x0F, 40, 0, 0], &[0x33, 0x0F], &[]]
        {
            assert!(decode(bad).is_err(), "{bad:?}");
        }
    }
}
