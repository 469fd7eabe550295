//! Device Information service (0x180A): serial, maker, model, versions, System ID, UDI.

use super::{Fault, Reader, WireError};

/// The longest text that is taken: an attribute holds at most 512 bytes, a name is far shorter.
const LONGEST: usize = 128;

/// Reads one string: UTF-8, without the zero bytes that some devices fill it up with. Control characters are refused: the
/// serial number is compared and shown.
pub fn text<'a>(value: &'a [u8], field: &'static str) -> Result<&'a str, WireError> {
    shown(value, 0, field)
}

fn shown<'a>(bytes: &'a [u8], offset: usize, field: &'static str) -> Result<&'a str, WireError> {
    let refused = |fault| WireError::at(field, offset, fault);
    let text = core::str::from_utf8(bytes).map_err(|_| refused(Fault::Text))?.trim_end_matches('\0').trim();
    if text.len() > LONGEST {
        return Err(refused(Fault::TooLong { limit: LONGEST }));
    }
    if text.chars().any(char::is_control) {
        return Err(refused(Fault::Text));
    }
    Ok(text)
}

/// System ID (0x2A23): an EUI-64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SystemId(pub u64);

impl SystemId {
    /// Reads the eight bytes.
    pub fn decode(value: &[u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(value);
        let id = u64::from_le_bytes(reader.array("system id")?);
        reader.end("system id")?;
        Ok(Self(id))
    }
}

/// UDI for Medical Devices (0x2BFF): the unique device identifier of a regulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UniqueDeviceIdentifier<'a> {
    /// All of it, as on the label.
    pub label: Option<&'a str>,
    /// The fixed part: labeler and model.
    pub device_identifier: Option<&'a str>,
    /// Object identifier of who issued it.
    pub issuer: Option<&'a str>,
    /// Object identifier of the regulator.
    pub authority: Option<&'a str>,
}

impl<'a> UniqueDeviceIdentifier<'a> {
    /// Reads the characteristic: flags, and up to four texts that each end with a zero byte.
    pub fn decode(value: &'a [u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(value);
        let flags = reader.flags("UDI flags", 0b1111)?;
        let mut udi = Self::default();
        let fields = [
            ("UDI label", &mut udi.label),
            ("UDI device identifier", &mut udi.device_identifier),
            ("UDI issuer", &mut udi.issuer),
            ("UDI authority", &mut udi.authority),
        ];
        for (bit, (field, place)) in (0_u8..).zip(fields) {
            *place = flags.when(bit, || zero_ended(&mut reader, field))?;
        }
        reader.end("UDI")?;
        Ok(udi)
    }
}

fn zero_ended<'a>(reader: &mut Reader<'a>, field: &'static str) -> Result<&'a str, WireError> {
    let at = reader.offset();
    let length = reader.rest().iter().position(|byte| *byte == 0);
    // Without the end there is one byte too few.
    let bytes = reader.bytes(length.unwrap_or(reader.remaining()), field)?;
    reader.u8(field)?;
    shown(bytes, at, field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn padding_is_taken_off_and_control_characters_are_refused() {
        assert_eq!(text(b"SIM-0042\0\0", "serial number"), Ok("SIM-0042"));
        assert!(text(b"SIM\n0042", "serial number").is_err());
        assert!(text(&[0xFF], "serial number").is_err());
        assert!(text(&[b'a'; 129], "serial number").is_err());
    }

    #[test]
    fn the_texts_of_a_udi_are_those_that_its_flags_name() {
        let udi = UniqueDeviceIdentifier::decode(b"\x0A(01)0123\x002.16.840\0").unwrap();
        assert_eq!((udi.label, udi.device_identifier), (None, Some("(01)0123")));
        assert_eq!((udi.issuer, udi.authority), (None, Some("2.16.840")));
        for bad in [&b"\x01no end"[..], b"\x01a\0b", b"\x10a\0", b"\x03a\0", b"\x01\xFF\0", b""] {
            assert!(UniqueDeviceIdentifier::decode(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_system_id_has_eight_bytes() {
        assert_eq!(SystemId::decode(&[1, 2, 3, 4, 5, 6, 7, 8]), Ok(SystemId(0x0807_0605_0403_0201)));
        assert!(SystemId::decode(&[0; 7]).is_err() && SystemId::decode(&[0; 9]).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = UniqueDeviceIdentifier::decode(&bytes);
            let _ = text(&bytes, "serial number");
        }
    }
}
