//! Battery Level (0x2A19) and Battery Level Status (0x2BED), Battery Service 1.1.

use super::{Reader, WireError};

/// How the battery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatteryCharge {
    /// Enough.
    Good,
    /// Low.
    Low,
    /// Nearly empty.
    Critical,
}

/// What Battery Level Status says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatteryStatus {
    /// A battery is in.
    pub present: bool,
    /// How full, in words; `None` is not known.
    pub charge: Option<BatteryCharge>,
    /// Percent, where it is sent with the status.
    pub percent: Option<u8>,
}

/// Reads Battery Level: percent, 0 to 100.
pub fn level(value: &[u8]) -> Result<u8, WireError> {
    let mut reader = Reader::new(value);
    let percent = percent(&mut reader)?;
    reader.end("battery level")?;
    Ok(percent)
}

/// Reads Battery Level Status.
pub fn status(value: &[u8]) -> Result<BatteryStatus, WireError> {
    let mut reader = Reader::new(value);
    let flags = reader.u8("battery status flags")?;
    let power = reader.u16("battery power state")?;
    if flags & 1 != 0 {
        reader.u16("battery identifier")?;
    }
    let percent = if flags & 2 != 0 { Some(percent(&mut reader)?) } else { None };
    if flags & 4 != 0 {
        reader.u8("battery additional status")?;
    }
    reader.end("battery status")?;
    let charge = match power >> 7 & 0b11 {
        1 => Some(BatteryCharge::Good),
        2 => Some(BatteryCharge::Low),
        3 => Some(BatteryCharge::Critical),
        _ => None,
    };
    Ok(BatteryStatus { present: power & 1 != 0, charge, percent })
}

fn percent(reader: &mut Reader<'_>) -> Result<u8, WireError> {
    match reader.u8("battery level")? {
        percent @ 0..=100 => Ok(percent),
        beyond => Err(WireError::Value { field: "battery level", value: u64::from(beyond) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_100_percent_is_refused() {
        assert_eq!(level(&[100]), Ok(100));
        assert!(level(&[101]).is_err());
        assert!(level(&[]).is_err());
        assert!(level(&[50, 0]).is_err());
    }

    #[test]
    fn a_critical_battery_reads_as_critical() {
        let status = status(&[2, 0x81, 0x01, 9]).unwrap();
        assert_eq!(status, BatteryStatus { present: true, charge: Some(BatteryCharge::Critical), percent: Some(9) });
    }
}
