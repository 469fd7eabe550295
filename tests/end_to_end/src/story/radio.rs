//! What a pump said, as it was recorded from the simulated one: Kotlin and Swift have no simulator, and the core answers the same
//! bytes in the same way. `tests/stories/recordings/README.md` has the form, `tests/recordings.rs` makes them.

use homeline_companion::{AdapterState, BluetoothPort, Characteristic, LinkId, LinkSecurity, PortError};
use homeline_companion::{RadioCommand, RadioEvent};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// One recording: what happens in each part of it, in order.
pub type Recording = BTreeMap<String, Vec<Heard>>;

/// One step of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Heard {
    /// So many minutes pass.
    Pass(i64),
    /// The radio says this, all at once: each its name, then what belongs to it.
    Events(Vec<Value>),
}

/// Where the recording of this name lies.
pub fn place(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../stories/recordings").join(name).with_extension("json")
}

/// Reads one part of a recording.
pub(super) fn part(recording: &str, part: &str) -> Result<Vec<Heard>, String> {
    let text = std::fs::read_to_string(place(recording)).map_err(|error| format!("{recording}: {error}"))?;
    let mut parts: Recording = serde_json::from_str(&text).map_err(|error| format!("{recording}: {error}"))?;
    parts.remove(part).ok_or_else(|| format!("{recording} has no {part}"))
}

/// An event as a recording has it. What no recording has had is none.
pub fn recorded(event: &RadioEvent) -> Option<Value> {
    let uuid = |characteristic: &Characteristic| format!("{:04x}", characteristic.0);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    Some(match event {
        RadioEvent::Adapter(AdapterState::On) => json!(["adapter-on"]),
        RadioEvent::Found { peripheral } => json!(["found", peripheral]),
        RadioEvent::Connected { mtu } => json!(["connected", mtu]),
        RadioEvent::MtuChanged { mtu } => json!(["mtu", mtu]),
        RadioEvent::Security(LinkSecurity::Authenticated) => json!(["authenticated"]),
        RadioEvent::Discovered { characteristics } => {
            json!(["discovered", characteristics.iter().map(uuid).collect::<Vec<_>>()])
        }
        RadioEvent::Read { characteristic, result: Ok(value) } => json!(["read", uuid(characteristic), hex(value)]),
        RadioEvent::Written { characteristic, result: Ok(()) } => json!(["written", uuid(characteristic)]),
        RadioEvent::Subscribed { characteristic, result: Ok(()) } => json!(["subscribed", uuid(characteristic)]),
        RadioEvent::Value { characteristic, value } => json!(["value", uuid(characteristic), hex(value)]),
        RadioEvent::Disconnected { reason } => json!(["disconnected", reason]),
        RadioEvent::Tick => json!(["tick"]),
        RadioEvent::Adapter(_)
        | RadioEvent::Security(_)
        | RadioEvent::BondLost
        | RadioEvent::ServicesChanged
        | RadioEvent::Read { .. }
        | RadioEvent::Written { .. }
        | RadioEvent::Subscribed { .. } => return None,
    })
}

/// An event as the core hears it.
pub(super) fn event(recorded: &Value) -> Option<RadioEvent> {
    let text = |place: usize| recorded.get(place).and_then(Value::as_str);
    let number = |place: usize| recorded.get(place).and_then(Value::as_u64);
    let uuid = |place: usize| text(place).and_then(characteristic);
    let mtu = || number(1).and_then(|mtu| u16::try_from(mtu).ok());
    Some(match text(0)? {
        "adapter-on" => RadioEvent::Adapter(AdapterState::On),
        "found" => RadioEvent::Found { peripheral: text(1)?.to_owned() },
        "connected" => RadioEvent::Connected { mtu: mtu()? },
        "mtu" => RadioEvent::MtuChanged { mtu: mtu()? },
        "authenticated" => RadioEvent::Security(LinkSecurity::Authenticated),
        "discovered" => {
            let all = recorded.get(1)?.as_array()?.iter();
            RadioEvent::Discovered {
                characteristics: all.map(|uuid| characteristic(uuid.as_str()?)).collect::<Option<_>>()?,
            }
        }
        "read" => RadioEvent::Read { characteristic: uuid(1)?, result: Ok(bytes(text(2)?)?) },
        "written" => RadioEvent::Written { characteristic: uuid(1)?, result: Ok(()) },
        "subscribed" => RadioEvent::Subscribed { characteristic: uuid(1)?, result: Ok(()) },
        "value" => RadioEvent::Value { characteristic: uuid(1)?, value: bytes(text(2)?)? },
        "disconnected" => RadioEvent::Disconnected { reason: u8::try_from(number(1)?).ok()? },
        "tick" => RadioEvent::Tick,
        _ => return None,
    })
}

fn characteristic(uuid: &str) -> Option<Characteristic> {
    u16::from_str_radix(uuid, 16).ok().map(Characteristic)
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        hex.chars().map(|digit| digit.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    digits?.chunks(2).map(|pair| pair.get(1).map(|low| pair[0] * 16 + low)).collect()
}

/// A radio that does as it is told and says nothing by itself.
pub(super) struct SilentRadio;

impl BluetoothPort for SilentRadio {
    fn execute(&self, _link: &LinkId, _command: RadioCommand) -> Result<(), PortError> {
        Ok(())
    }
}
