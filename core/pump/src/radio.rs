//! What the phone's radio is asked, and what it answers: the shape of Android's `BluetoothGatt` and of CoreBluetooth.
//!
//! One command is begun, its answer comes later as an event. Passkeys are not here: both systems ask the person
//! themselves while a command [`RadioCommand::Secure`] is open. Commands and events have a form in JSON, so that what a real
//! radio said can be kept as a trace and told to the session again; a write comes back through the allow-list.
//!
//! What a device said and where it is are the patient's: `Debug` tells which event and how many bytes, never the bytes,
//! and no address. A log may hold it.
//!
//! **The write allow-list.** [`AllowedWrite`] has private fields and one constructor, which knows five forms: live on, live
//! off, and for the pump's record count, report and abort, in the bytes of each protocol that there is. Whatever an adapter
//! asks for passes here. A write of any other characteristic or any other bytes cannot be expressed, so nothing above or below this line can program a pump, set its clock or delete its record, by intent or
//! by mistake. Subscribing (a write of 0x0001 or 0x0002 to a CCCD) is [`RadioCommand::Subscribe`].
//!
//! [`RadioCommand::Secure`]: crate::radio::RadioCommand::Secure
//! [`AllowedWrite`]: crate::radio::AllowedWrite
//! [`RadioCommand::Subscribe`]: crate::radio::RadioCommand::Subscribe

use crate::wire::insulin;
use crate::wire::{control_point, record_access};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A characteristic by the 16-bit number that the Bluetooth SIG assigned.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Characteristic(pub u16);

impl Characteristic {
    /// Health Sensor Features.
    pub const FEATURES: Self = Self(0x2BF3);
    /// Live Health Observations.
    pub const LIVE: Self = Self(0x2B8B);
    /// Stored Health Observations.
    pub const STORED: Self = Self(0x2BDD);
    /// Record Access Control Point.
    pub const RECORD_ACCESS: Self = Self(0x2A52);
    /// GHS Control Point.
    pub const CONTROL_POINT: Self = Self(0x2BF4);
    /// Current Elapsed Time: read, never written.
    pub const ELAPSED_TIME: Self = Self(0x2BF2);
    /// Battery Level.
    pub const BATTERY_LEVEL: Self = Self(0x2A19);
    /// Serial Number String.
    pub const SERIAL_NUMBER: Self = Self(0x2A25);
    /// Model Number String.
    pub const MODEL_NUMBER: Self = Self(0x2A24);
    /// Firmware Revision String.
    pub const FIRMWARE_REVISION: Self = Self(0x2A26);
    /// LE GATT Security Levels, in the Generic Access service: pairs of mode and level that the device demands.
    pub const SECURITY_LEVELS: Self = Self(0x2BF5);
    /// Temperature Measurement.
    pub const TEMPERATURE: Self = Self(0x2A1C);

    /// The 128-bit UUID in its usual writing: the number in the Bluetooth base UUID (Core Specification Vol 3 Part B §2.5.1).
    pub fn uuid128(self) -> String {
        format!("0000{:04x}-0000-1000-8000-00805f9b34fb", self.0)
    }
}

impl fmt::Debug for Characteristic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}

/// The link to one device: which a command is for, and which an event is from. A radio holds one connection for each, as
/// Android has a `BluetoothGatt` and CoreBluetooth a `CBPeripheral` for each. Its text names no device outside of this phone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LinkId(pub String);

impl LinkId {
    /// The link to the pump.
    pub fn pump() -> Self {
        Self("pump".to_owned())
    }
}

/// The Generic Health Sensor service, which a pump of the profile advertises.
pub const GENERIC_HEALTH_SENSOR: u16 = 0x1840;

/// The largest packet that is asked for, in bytes: the largest attribute value and its header (Android asks for the same).
/// Everything works at 23.
pub const LARGEST_MTU: u16 = 517;

/// A write that can do no harm: the only kind there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "AnyWrite")]
pub struct AllowedWrite {
    characteristic: Characteristic,
    value: Vec<u8>,
}

/// A write that is not on the allow-list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a write to characteristic {characteristic:?} with opcode {opcode:?} is not on the allow-list: Homeline only listens"
)]
pub struct WriteRefused {
    /// The characteristic.
    pub characteristic: Characteristic,
    /// The first byte.
    pub opcode: Option<u8>,
}

/// A write as it stands in JSON, before the allow-list has seen it.
#[derive(Deserialize)]
struct AnyWrite {
    characteristic: Characteristic,
    value: Vec<u8>,
}

impl TryFrom<AnyWrite> for AllowedWrite {
    type Error = WriteRefused;

    fn try_from(write: AnyWrite) -> Result<Self, WriteRefused> {
        Self::new(write.characteristic, &write.value)
    }
}

impl AllowedWrite {
    /// Lets through what is on the allow-list, byte for byte.
    pub fn new(characteristic: Characteristic, value: &[u8]) -> Result<Self, WriteRefused> {
        let allowed = match characteristic {
            Characteristic::CONTROL_POINT => {
                value == control_point::START_LIVE.as_slice() || value == control_point::STOP_LIVE.as_slice()
            }
            Characteristic::RECORD_ACCESS => {
                // Count or report, "from this number on", and abort.
                value == record_access::ABORT.as_slice() || matches!(value, [0x04 | 0x07, 0x03, 0x01, _, _, _, _])
            }
            // The same of the Insulin Delivery Service, where a counter and a checksum of two bytes may follow.
            insulin::RECORD_ACCESS => matches!(
                value,
                [0x5A | 0x33, 0x55, 0x0F, _, _, _, _]
                    | [0x5A | 0x33, 0x55, 0x0F, _, _, _, _, _, _, _]
                    | [0x55, 0x0F]
                    | [0x55, 0x0F, _, _, _]
            ),
            _ => false,
        };
        if allowed {
            Ok(Self { characteristic, value: value.to_vec() })
        } else {
            Err(WriteRefused { characteristic, opcode: value.first().copied() })
        }
    }

    /// Where to.
    pub fn characteristic(&self) -> Characteristic {
        self.characteristic
    }

    /// Which bytes.
    pub fn value(&self) -> &[u8] {
        &self.value
    }
}

/// What the radio is asked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RadioCommand {
    /// Look for peripherals that advertise a service. Answered by `Found`, until `StopScan`.
    Scan {
        /// 16-bit number of the service.
        service: u16,
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
    /// Ask for larger packets, once per connection (Android `requestMtu`). Answered by `MtuChanged`; where the system does
    /// it by itself (iOS, Android 14 and later) with what there is. No answer is no fault.
    RequestMtu {
        /// In bytes.
        mtu: u16,
    },
    /// Find the characteristics. Answered by `Discovered`.
    Discover,
    /// Read. Answered by `Read`.
    Read {
        /// What.
        characteristic: Characteristic,
    },
    /// Write with response. Answered by `Written`.
    Write(AllowedWrite),
    /// Subscribe. Answered by `Subscribed`; values come as `Value`.
    Subscribe {
        /// To what.
        characteristic: Characteristic,
        /// Indications, which the host confirms, where the characteristic has both; otherwise notifications. Of one that has
        /// only one of them the radio takes that one, as CoreBluetooth always does.
        indications: bool,
    },
    /// Disconnect and release everything (Android `close()`). Answered by `Disconnected`.
    Disconnect,
}

/// Whether the phone's radio can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdapterState {
    /// It can.
    On,
    /// A person switched it off.
    Off,
    /// The permission is missing.
    NotPermitted,
}

/// How the link is protected, as far as the phone's system can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkSecurity {
    /// Not at all.
    None,
    /// Encrypted, but nobody proved who is there (Just Works).
    Encrypted,
    /// Encrypted, bonded, and proven by a passkey, a number comparison or out of band.
    Authenticated,
    /// Bonded on a system that does not say how, and the person said that it asked for the code on the pump's screen: the
    /// most that CoreBluetooth lets an app know. Counts as authenticated when the pairing is made.
    CodeTyped,
    /// Bonded; the system does not say how. Taken only where the enrolment recorded an authenticated pairing.
    UnknownBonded,
}

/// An error of the attribute protocol (Core Specification Vol 3 Part F §3.4.1.1), or the platform's own number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttError(pub u8);

impl AttError {
    /// Insufficient authentication, authorization or encryption, or Android's own number for it (`GATT_AUTH_FAIL`, 137, which
    /// no service that we listen to uses for anything else): bond, then try once more.
    pub fn wants_security(self) -> bool {
        matches!(self.0, 0x05 | 0x08 | 0x0F | 0x89)
    }
}

/// What the radio says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RadioEvent {
    /// The radio was switched or the permission changed.
    Adapter(AdapterState),
    /// A peripheral advertises the service.
    Found {
        /// The platform's name of it: an address, or a UUID on iOS.
        peripheral: String,
    },
    /// The link is up.
    Connected {
        /// Largest packet, in bytes; 23 when not negotiated.
        mtu: u16,
    },
    /// The largest packet changed.
    MtuChanged {
        /// In bytes.
        mtu: u16,
    },
    /// The link is protected so.
    Security(LinkSecurity),
    /// The pump no longer knows us, or the phone forgot the bond.
    BondLost,
    /// The characteristics of all services.
    Discovered {
        /// Which.
        characteristics: Vec<Characteristic>,
    },
    /// The pump's services changed (Service Changed): discover again.
    ServicesChanged,
    /// A read ended.
    Read {
        /// What was read.
        characteristic: Characteristic,
        /// The value, or why not.
        result: Result<Vec<u8>, AttError>,
    },
    /// A write ended.
    Written {
        /// What was written.
        characteristic: Characteristic,
        /// Or why not.
        result: Result<(), AttError>,
    },
    /// A subscription ended.
    Subscribed {
        /// To what.
        characteristic: Characteristic,
        /// Or why not.
        result: Result<(), AttError>,
    },
    /// A notification or an indication.
    Value {
        /// Of what.
        characteristic: Characteristic,
        /// The bytes.
        value: Vec<u8>,
    },
    /// The link is gone, or could not be made. Whatever belongs to it is released before this is said (Android: `close()`,
    /// also after the generic status 133), so that the next `Connect` begins anew.
    Disconnected {
        /// Reason by HCI (Core Specification Vol 1 Part F), e.g. 0x08 time-out, or Android's 133; 0 is not known.
        reason: u8,
    },
    /// Time has passed: the moment that the session asked for is here. To be told after what was heard until then.
    Tick,
}

impl fmt::Debug for RadioCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scan { service } => write!(f, "Scan({service:04X})"),
            Self::StopScan => f.write_str("StopScan"),
            Self::Connect { patient_wait, .. } => write!(f, "Connect(patient_wait: {patient_wait})"),
            Self::Secure => f.write_str("Secure"),
            Self::RequestMtu { mtu } => write!(f, "RequestMtu({mtu})"),
            Self::Discover => f.write_str("Discover"),
            Self::Read { characteristic } => write!(f, "Read({characteristic:?})"),
            // One of the few writes of the allow-list: nothing of anybody.
            Self::Write(write) => write!(f, "Write({:?}, {:02X?})", write.characteristic, write.value),
            Self::Subscribe { characteristic, indications } => {
                write!(f, "Subscribe({characteristic:?}, indications: {indications})")
            }
            Self::Disconnect => f.write_str("Disconnect"),
        }
    }
}

impl fmt::Debug for RadioEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Adapter(state) => write!(f, "Adapter({state:?})"),
            Self::Found { .. } => f.write_str("Found"),
            Self::Connected { mtu } => write!(f, "Connected(mtu: {mtu})"),
            Self::MtuChanged { mtu } => write!(f, "MtuChanged({mtu})"),
            Self::Security(security) => write!(f, "Security({security:?})"),
            Self::BondLost => f.write_str("BondLost"),
            Self::Discovered { characteristics } => write!(f, "Discovered({characteristics:?})"),
            Self::ServicesChanged => f.write_str("ServicesChanged"),
            Self::Read { characteristic, result } => {
                write!(f, "Read({characteristic:?}, {:?} bytes)", result.as_ref().map(Vec::len))
            }
            Self::Written { characteristic, result } => write!(f, "Written({characteristic:?}, {result:?})"),
            Self::Subscribed { characteristic, result } => write!(f, "Subscribed({characteristic:?}, {result:?})"),
            Self::Value { characteristic, value } => write!(f, "Value({characteristic:?}, {} bytes)", value.len()),
            Self::Disconnected { reason } => write!(f, "Disconnected({reason:#04X})"),
            Self::Tick => f.write_str("Tick"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_log_of_commands_and_events_holds_no_address_and_no_value() {
        let said = [
            format!("{:?}", RadioEvent::Found { peripheral: "C0:FF:EE".into() }),
            format!("{:?}", RadioEvent::Value { characteristic: Characteristic::LIVE, value: vec![0xAB, 0xCD] }),
            format!(
                "{:?}",
                RadioEvent::Read { characteristic: Characteristic::SERIAL_NUMBER, result: Ok(b"SN".into()) }
            ),
            format!("{:?}", RadioCommand::Connect { peripheral: "C0:FF:EE".into(), patient_wait: true }),
        ];
        assert_eq!(said, ["Found", "Value(2B8B, 2 bytes)", "Read(2A25, Ok(2) bytes)", "Connect(patient_wait: true)"]);
    }

    #[test]
    fn the_harmless_writes_pass() {
        for (characteristic, value) in [
            (insulin::RECORD_ACCESS, vec![0x5A, 0x55, 0x0F, 9, 0, 0, 0]),
            (insulin::RECORD_ACCESS, vec![0x33, 0x55, 0x0F, 9, 0, 0, 0, 1, 0xAB, 0xCD]),
            (insulin::RECORD_ACCESS, vec![0x55, 0x0F]),
            (insulin::RECORD_ACCESS, vec![0x55, 0x0F, 2, 0xAB, 0xCD]),
            (Characteristic::CONTROL_POINT, vec![1]),
            (Characteristic::CONTROL_POINT, vec![2]),
            (Characteristic::RECORD_ACCESS, vec![3, 0]),
            (Characteristic::RECORD_ACCESS, vec![4, 3, 1, 9, 0, 0, 0]),
            (Characteristic::RECORD_ACCESS, vec![7, 3, 1, 9, 0, 0, 0]),
        ] {
            let write = AllowedWrite::new(characteristic, &value).unwrap();
            assert_eq!((write.characteristic(), write.value()), (characteristic, value.as_slice()));
        }
    }

    #[test]
    fn deleting_records_setting_the_clock_and_commanding_an_insulin_pump_are_refused() {
        for (characteristic, value, what) in [
            (0x2A52, vec![2, 1], "delete all records"),
            (0x2A52, vec![2, 3, 1, 0, 0, 0, 0], "delete records from a number on"),
            (0x2A52, vec![1, 1], "report by the opcode that the service does not use"),
            (0x2A52, vec![7, 3, 1, 0, 0, 0, 0, 0], "a byte too many"),
            (0x2A52, vec![], "nothing"),
            (0x2BF4, vec![3], "an opcode of tomorrow"),
            (0x2BF4, vec![1, 1], "a byte too many"),
            (0x2BF2, vec![0; 9], "set the elapsed time"),
            (0x2A2B, vec![0; 10], "set the current time"),
            (0x2A0F, vec![0; 2], "set the local time"),
            (0x2BF1, vec![0], "observation schedule"),
            (0x2910, vec![0], "observation schedule descriptor"),
            (0x2B25, vec![0x0F, 0x0F], "insulin command control point"),
            (0x2B24, vec![0x0C, 0x03], "reset status"),
            (0x2B27, vec![0x3C, 0x33], "delete insulin history"),
            (0x2B27, vec![0x3C, 0x33, 0x0F, 1, 0xAB, 0xCD], "delete insulin history, protected"),
            (0x2B27, vec![0x3C, 0x55, 0x0F, 9, 0, 0, 0], "delete insulin history from a number on"),
            (0x2B27, vec![0x33, 0x33, 0x0F], "report all, which we never ask for"),
            (0x2B24, vec![0x65, 0x03], "a question to the status reader, which we never ask"),
            (0x2A9F, vec![1], "user control point"),
            (0x2AA4, vec![3], "delete the bond"),
            (0x2A06, vec![2], "alert level"),
            (0x1531, vec![1], "firmware update"),
        ] {
            let refused = AllowedWrite::new(Characteristic(characteristic), &value);
            assert!(refused.is_err(), "{what} must be refused");
        }
    }

    proptest! {
        #[test]
        fn no_other_write_passes(
            characteristic in prop_oneof![any::<u16>(), prop_oneof![Just(0x2BF4), Just(0x2A52), Just(0x2B27)]],
            begin in prop_oneof![Just(vec![]), Just(vec![0x33, 0x55, 0x0F]), Just(vec![0x55, 0x0F]), Just(vec![7, 3, 1])],
            rest in proptest::collection::vec(any::<u8>(), 0..12),
        ) {
            let value = [begin, rest].concat();
            let passed = AllowedWrite::new(Characteristic(characteristic), &value).is_ok();
            let harmless = match characteristic {
                0x2BF4 => value == [1] || value == [2],
                0x2B27 => matches!(value.len(), 7 | 10) && (value[0] == 0x5A || value[0] == 0x33) && value[1..3] == [0x55, 0x0F]
                    || matches!(value.len(), 2 | 5) && value[..2] == [0x55, 0x0F],
                0x2A52 => value == [3, 0] || (value.len() == 7 && (value[0] == 4 || value[0] == 7) && value[1..3] == [3, 1]),
                _ => false,
            };
            prop_assert_eq!(passed, harmless);
        }
    }

    #[test]
    fn a_write_that_comes_back_from_json_has_passed_the_allow_list_again() {
        let live = RadioCommand::Write(AllowedWrite::new(Characteristic::CONTROL_POINT, &[1]).unwrap());
        let json = serde_json::to_string(&live).unwrap();
        assert_eq!(serde_json::from_str::<RadioCommand>(&json).unwrap(), live);
        let harmful = json.replace("[1]", "[3]");
        assert_ne!(harmful, json);
        let refused = serde_json::from_str::<RadioCommand>(&harmful).unwrap_err();
        assert!(refused.to_string().contains("not on the allow-list"), "{refused}");
    }

    #[test]
    fn a_characteristic_has_its_place_in_the_base_uuid() {
        assert_eq!(Characteristic::LIVE.uuid128(), "00002b8b-0000-1000-8000-00805f9b34fb");
    }
}
