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

/// What happens to the charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatteryUse {
    /// It is being charged.
    Charging,
    /// The device runs on it.
    Discharging,
    /// It only loses what a battery loses by lying there.
    Idle,
}

/// What Battery Level Status says. `None` is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatteryStatus {
    /// A battery is in.
    pub present: bool,
    /// Power comes over a wire.
    pub wired_power: Option<bool>,
    /// Power comes without a wire.
    pub wireless_power: Option<bool>,
    /// What happens to the charge.
    pub usage: Option<BatteryUse>,
    /// How full, in words.
    pub charge: Option<BatteryCharge>,
    /// Charging fails: the battery, the outer source or something else.
    pub charging_fault: bool,
    /// Which battery, of a device with several.
    pub identifier: Option<u16>,
    /// Percent, where it is sent with the status.
    pub percent: Option<u8>,
    /// Somebody must look after it.
    pub service_required: Option<bool>,
    /// It is broken.
    pub battery_fault: bool,
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
    let flags = reader.flags("battery status flags", 0b111)?;
    let power = reader.u16("battery power state")?;
    let identifier = flags.when(0, || reader.u16("battery identifier"))?;
    let percent = flags.when(1, || percent(&mut reader))?;
    let additional = flags.when(2, || reader.u8("battery additional status"))?;
    reader.end("battery status")?;
    Ok(BatteryStatus {
        present: power & 1 != 0,
        wired_power: yes_no_unknown(power >> 1),
        wireless_power: yes_no_unknown(power >> 3),
        usage: match power >> 5 & 0b11 {
            1 => Some(BatteryUse::Charging),
            2 => Some(BatteryUse::Discharging),
            3 => Some(BatteryUse::Idle),
            _ => None,
        },
        charge: match power >> 7 & 0b11 {
            1 => Some(BatteryCharge::Good),
            2 => Some(BatteryCharge::Low),
            3 => Some(BatteryCharge::Critical),
            _ => None,
        },
        charging_fault: power >> 12 & 0b111 != 0,
        identifier,
        percent,
        service_required: additional.and_then(|status| yes_no_unknown(u16::from(status))),
        battery_fault: additional.is_some_and(|status| status & 1 << 2 != 0),
    })
}

fn yes_no_unknown(bits: u16) -> Option<bool> {
    match bits & 0b11 {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

fn percent(reader: &mut Reader<'_>) -> Result<u8, WireError> {
    reader.known_u8("battery level", |percent| (percent <= 100).then_some(percent))
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
    fn a_critical_battery_that_discharges_reads_so() {
        // Present, no power from outside, discharging (2 << 5), critical (3 << 7); 9 percent.
        let status = status(&[2, 0xC1, 0x01, 9]).unwrap();
        assert_eq!((status.charge, status.usage), (Some(BatteryCharge::Critical), Some(BatteryUse::Discharging)));
        assert_eq!((status.present, status.wired_power, status.percent), (true, Some(false), Some(9)));
        assert!(!status.charging_fault && !status.battery_fault);
    }

    #[test]
    fn all_fields_of_a_status_are_read_and_any_cut_is_refused() {
        // Wired power unknown (2 << 1), charging fault "battery" (1 << 12); identifier 0x0106; 55 %; service required, fault.
        let bytes = [0b111, 0x05, 0x10, 0x06, 0x01, 55, 0b101];
        let read = status(&bytes).unwrap();
        assert_eq!((read.wired_power, read.identifier, read.percent), (None, Some(0x0106), Some(55)));
        assert!(read.charging_fault && read.battery_fault && read.service_required == Some(true));
        for end in 0..bytes.len() {
            assert!(status(&bytes[..end]).is_err(), "cut off at {end}");
        }
        assert!(status(&[0b1000, 0, 0, 0]).is_err(), "a flag that is not defined");
    }
}
