//! Strings of the Device Information service (0x180A): serial, maker, model.

use super::WireError;

/// The longest text that is taken: an attribute holds at most 512 bytes, a name is far shorter.
const LONGEST: usize = 128;

/// Reads one string: UTF-8, without the zero bytes that some devices fill it up with. Control characters are refused: the
/// serial number is compared and shown.
pub fn text<'a>(value: &'a [u8], field: &'static str) -> Result<&'a str, WireError> {
    let text = core::str::from_utf8(value).map_err(|_| WireError::Text { field })?.trim_end_matches('\0').trim();
    if text.len() > LONGEST {
        return Err(WireError::TooLong { field, limit: LONGEST });
    }
    if text.chars().any(char::is_control) {
        return Err(WireError::Text { field });
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_taken_off_and_control_characters_are_refused() {
        assert_eq!(text(b"SIM-0042\0\0", "serial number"), Ok("SIM-0042"));
        assert!(text(b"SIM\n0042", "serial number").is_err());
        assert!(text(&[0xFF], "serial number").is_err());
        assert!(text(&[b'a'; 129], "serial number").is_err());
    }
}
