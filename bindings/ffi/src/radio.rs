//! The radio: what it is asked, and what it says. The shape of Android's `BluetoothGatt` and of CoreBluetooth.
//!
//! Services and characteristics are UUIDs as text: 128 bits on the way out, and on the way in also the short form that
//! CoreBluetooth gives for the ones of the Bluetooth SIG. A write comes from the core alone, through its allow-list: nothing
//! here can express one that steers a pump.

use crate::call::call;
use crate::crossing::{AdapterState, LinkSecurity};
use crate::error::HomelineError;
use crate::homeline::Homeline;
use homeline_companion as companion;
use homeline_companion::{AttError, Characteristic, LinkId};

/// What the radio is asked.
#[derive(Clone, PartialEq, Eq, uniffi::Enum)]
pub enum RadioCommand {
    /// Look for peripherals that advertise a service. Answered by `Found`, until `StopScan`.
    Scan {
        /// UUID of the service.
        service: String,
    },
    /// Stop looking.
    StopScan,
    /// Connect. Answered by `Connected` or `Disconnected`.
    Connect {
        /// The platform's name of the peripheral, as in `Found`.
        peripheral: String,
        /// Wait until it comes into range (Android `autoConnect`, the way CoreBluetooth always connects).
        patient_wait: bool,
    },
    /// Bond, or encrypt with the bond that there is. Answered by `Security` or `BondLost`.
    Secure,
    /// Ask for larger packets (Android `requestMtu`). Answered by `MtuChanged`. No answer is no fault.
    RequestMtu {
        /// In bytes.
        mtu: u32,
    },
    /// Find the characteristics. Answered by `Discovered`.
    Discover,
    /// Read. Answered by `Read` or `ReadFailed`.
    Read {
        /// UUID.
        characteristic: String,
    },
    /// Write with response. Answered by `Written`.
    Write {
        /// UUID.
        characteristic: String,
        /// The bytes.
        value: Vec<u8>,
    },
    /// Subscribe. Answered by `Subscribed`; values come as `Value`.
    Subscribe {
        /// UUID.
        characteristic: String,
        /// Indications, where the characteristic has both; otherwise notifications. Of one that has only one of them the
        /// radio takes that one.
        indications: bool,
    },
    /// Disconnect and release everything (Android `close()`). Answered by `Disconnected`.
    Disconnect,
}

impl From<companion::RadioCommand> for RadioCommand {
    fn from(command: companion::RadioCommand) -> Self {
        use companion::RadioCommand as Command;
        match command {
            Command::Scan { service } => Self::Scan { service: Characteristic(service).uuid128() },
            Command::StopScan => Self::StopScan,
            Command::Connect { peripheral, patient_wait } => Self::Connect { peripheral, patient_wait },
            Command::Secure => Self::Secure,
            Command::RequestMtu { mtu } => Self::RequestMtu { mtu: mtu.into() },
            Command::Discover => Self::Discover,
            Command::Read { characteristic } => Self::Read { characteristic: characteristic.uuid128() },
            Command::Write(write) => {
                Self::Write { characteristic: write.characteristic().uuid128(), value: write.value().to_vec() }
            }
            Command::Subscribe { characteristic, indications } => {
                Self::Subscribe { characteristic: characteristic.uuid128(), indications }
            }
            Command::Disconnect => Self::Disconnect,
        }
    }
}

/// What the radio says.
#[derive(Clone, PartialEq, Eq, uniffi::Enum)]
pub enum RadioEvent {
    /// The radio was switched or the permission changed.
    Adapter {
        /// How it is now.
        state: AdapterState,
    },
    /// A peripheral advertises the service.
    Found {
        /// The platform's name of it: an address, or a UUID on iOS.
        peripheral: String,
    },
    /// The link is up.
    Connected {
        /// Largest packet, in bytes; 23 when not negotiated.
        mtu: u32,
    },
    /// The largest packet changed.
    MtuChanged {
        /// In bytes.
        mtu: u32,
    },
    /// The link is protected so.
    Security {
        /// How.
        security: LinkSecurity,
    },
    /// The device no longer knows us, or the phone forgot the bond.
    BondLost,
    /// The characteristics of all services.
    Discovered {
        /// UUIDs; those that are not of the Bluetooth SIG are passed over.
        characteristics: Vec<String>,
    },
    /// The device's services changed (Service Changed): discover again.
    ServicesChanged,
    /// A read ended.
    Read {
        /// UUID.
        characteristic: String,
        /// The bytes.
        value: Vec<u8>,
    },
    /// A read failed.
    ReadFailed {
        /// UUID.
        characteristic: String,
        /// The error of the attribute protocol, or the platform's own number, 0 to 255.
        error: u32,
    },
    /// A write ended.
    Written {
        /// UUID.
        characteristic: String,
        /// Why it failed, as in `ReadFailed`; none when it did not.
        error: Option<u32>,
    },
    /// A subscription ended.
    Subscribed {
        /// UUID.
        characteristic: String,
        /// Why it failed, as in `ReadFailed`; none when it did not.
        error: Option<u32>,
    },
    /// A notification or an indication.
    Value {
        /// UUID.
        characteristic: String,
        /// The bytes.
        value: Vec<u8>,
    },
    /// The link is gone, or could not be made. Whatever belongs to it is released before this is said (Android: `close()`).
    Disconnected {
        /// Reason by HCI, e.g. 8 time-out, or Android's 133; 0 is not known.
        reason: u32,
    },
    /// Time has passed: the moment that `pump_wake_at` or `vital_devices_wake_at` named is here.
    Tick,
}

/// The number of the Bluetooth SIG in a UUID, whose base has all other bits (Core Specification Vol 3 Part B §2.5.1).
fn assigned(uuid: &str) -> Option<Characteristic> {
    let number = u16::from_str_radix(if uuid.len() == 4 { uuid } else { uuid.get(4..8)? }, 16).ok()?;
    let characteristic = Characteristic(number);
    (uuid.len() == 4 || characteristic.uuid128().eq_ignore_ascii_case(uuid)).then_some(characteristic)
}

/// What cannot be of any device that we know is dropped, and what is out of range is the nearest that there is: an event is
/// never lost for its numbers.
pub(crate) fn heard(event: RadioEvent) -> Option<companion::RadioEvent> {
    use companion::RadioEvent as Event;
    let mtu = |mtu: u32| u16::try_from(mtu).unwrap_or(u16::MAX);
    let byte = |number: u32| u8::try_from(number).unwrap_or(u8::MAX);
    let result = |error: Option<u32>| error.map_or(Ok(()), |error| Err(AttError(byte(error))));
    Some(match event {
        RadioEvent::Adapter { state } => Event::Adapter(state),
        RadioEvent::Found { peripheral } => Event::Found { peripheral },
        RadioEvent::Connected { mtu: bytes } => Event::Connected { mtu: mtu(bytes) },
        RadioEvent::MtuChanged { mtu: bytes } => Event::MtuChanged { mtu: mtu(bytes) },
        RadioEvent::Security { security } => Event::Security(security),
        RadioEvent::BondLost => Event::BondLost,
        RadioEvent::Discovered { characteristics } => {
            Event::Discovered { characteristics: characteristics.iter().filter_map(|uuid| assigned(uuid)).collect() }
        }
        RadioEvent::ServicesChanged => Event::ServicesChanged,
        RadioEvent::Read { characteristic, value } => {
            Event::Read { characteristic: assigned(&characteristic)?, result: Ok(value) }
        }
        RadioEvent::ReadFailed { characteristic, error } => {
            Event::Read { characteristic: assigned(&characteristic)?, result: Err(AttError(byte(error))) }
        }
        RadioEvent::Written { characteristic, error } => {
            Event::Written { characteristic: assigned(&characteristic)?, result: result(error) }
        }
        RadioEvent::Subscribed { characteristic, error } => {
            Event::Subscribed { characteristic: assigned(&characteristic)?, result: result(error) }
        }
        RadioEvent::Value { characteristic, value } => {
            Event::Value { characteristic: assigned(&characteristic)?, value }
        }
        RadioEvent::Disconnected { reason } => Event::Disconnected { reason: byte(reason) },
        RadioEvent::Tick => Event::Tick,
    })
}

#[uniffi::export]
impl Homeline {
    /// What happened on one link, in order. To be called for every event of the radio; several at once are handled in one go.
    /// Events of a link that nobody listens on are dropped.
    pub async fn radio_events(&self, link: LinkId, events: Vec<RadioEvent>) -> Result<(), HomelineError> {
        let events = events.into_iter().filter_map(heard).collect();
        call(self.inner.radio_events(link, events)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_characteristic_is_known_by_its_short_and_its_long_uuid_and_no_other() {
        assert_eq!(assigned("2BF3"), Some(Characteristic::FEATURES));
        assert_eq!(assigned("00002BF3-0000-1000-8000-00805F9B34FB"), Some(Characteristic::FEATURES));
        assert_eq!(assigned("00002bf3-0000-1000-8000-00805f9b34fc"), None);
        assert_eq!(assigned("é2bf3é"), None);
    }

    #[test]
    fn numbers_out_of_range_lose_no_event() {
        let Some(companion::RadioEvent::Disconnected { reason }) = heard(RadioEvent::Disconnected { reason: 300 })
        else {
            unreachable!("it stays the same event")
        };
        assert_eq!(reason, 255);
    }
}
