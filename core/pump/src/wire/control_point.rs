//! Answers of the GHS Control Point (0x2BF4), GHSS 1.0 §3.4: live observations on and off.
//!
//! Live observations are off on every new connection and have to be started again.

use super::{Reader, WireError};

/// Asks for live observations.
pub const START_LIVE: [u8; 1] = [0x01];
/// Ends live observations.
pub const STOP_LIVE: [u8; 1] = [0x02];

/// What the pump answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ControlAnswer {
    /// Done.
    Ok,
    /// It sends to somebody else, or prepares.
    Busy,
    /// It cannot send live now.
    LiveNotPossible,
}

/// Reads the indication.
pub fn decode(value: &[u8]) -> Result<ControlAnswer, WireError> {
    let mut reader = Reader::new(value);
    let answer = reader.known_u8("control point answer", |answer| match answer {
        0x80 => Some(ControlAnswer::Ok),
        0x81 => Some(ControlAnswer::Busy),
        0x82 => Some(ControlAnswer::LiveNotPossible),
        _ => None,
    })?;
    reader.end("control point answer")?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_not_in_the_standard_is_refused() {
        assert_eq!(decode(&[0x80]), Ok(ControlAnswer::Ok));
        assert_eq!(decode(&[0x82]), Ok(ControlAnswer::LiveNotPossible));
        for bad in [&[][..], &[0x83], &[0x80, 0]] {
            assert!(decode(bad).is_err());
        }
    }
}
