//! A pump that recorded its counter once a second: 150 mL/h to the thousandth of a millilitre, another infusion every day.

use homeline_pump::{AdapterState, AllowedWrite, Characteristic, LinkSecurity, RadioCommand, RadioEvent};

/// The pump's clock at its first record, in seconds since 2000: 2026-11-23 08:00.
const BEGUN: u64 = 848_736_000;
/// Its records in one day.
const A_DAY: u32 = 86_400;

/// The pump.
pub(crate) struct Pump {
    pub(crate) serial: &'static str,
    /// Records that it holds, from 0 on.
    pub(crate) records: u32,
}

impl Pump {
    /// The counter in record `n`, in thousandths of a millilitre.
    pub(crate) fn counter(n: u32) -> u64 {
        u64::from(n % A_DAY) * 125 / 3
    }

    /// The bytes of record `n`, without the header of their packet.
    pub(crate) fn record(n: u32) -> Vec<u8> {
        let mut bytes = n.to_le_bytes().to_vec();
        bytes.extend([0x01, 24, 0, 0b11, 0]);
        bytes.extend(157_993_u32.to_le_bytes());
        bytes.push(0x22);
        bytes.extend(&(BEGUN + u64::from(n)).to_le_bytes()[..6]);
        bytes.extend([4, 0, 0x52, 0x06]);
        bytes.extend(&Self::counter(n).to_le_bytes()[..3]);
        bytes.push(0xFD);
        bytes
    }

    /// The packet that brings record `n` on a link with room for it.
    pub(crate) fn packet(n: u32) -> RadioEvent {
        let header = 0b11 | u8::try_from(n % 64).unwrap_or(0) << 2;
        let value = [&[header], Self::record(n).as_slice()].concat();
        RadioEvent::Value { characteristic: Characteristic::STORED, value }
    }

    /// What it answers, without the records themselves.
    pub(crate) fn answer(&self, command: &RadioCommand) -> Vec<RadioEvent> {
        let value = |characteristic, value: Vec<u8>| RadioEvent::Value { characteristic, value };
        match command {
            RadioCommand::Scan { .. } => {
                vec![RadioEvent::Adapter(AdapterState::On), RadioEvent::Found { peripheral: "pump".to_owned() }]
            }
            RadioCommand::Connect { .. } => vec![RadioEvent::Connected { mtu: 247 }],
            RadioCommand::Secure => vec![RadioEvent::Security(LinkSecurity::Authenticated)],
            RadioCommand::RequestMtu { .. } => vec![RadioEvent::MtuChanged { mtu: 247 }],
            RadioCommand::Discover => {
                let served = [0x2A25, 0x2BF3, 0x2B8B, 0x2BDD, 0x2A52, 0x2BF4, 0x2BF2];
                vec![RadioEvent::Discovered { characteristics: served.map(Characteristic).to_vec() }]
            }
            RadioCommand::Read { characteristic } => {
                let result = match *characteristic {
                    Characteristic::SERIAL_NUMBER => self.serial.as_bytes().to_vec(),
                    Characteristic::FEATURES => vec![1, 0, 1, 0x01, 0x10, 1],
                    _ => {
                        let now = (BEGUN + u64::from(self.records)).to_le_bytes();
                        [&[0x22], &now[..6], &[4, 0, 0, 0]].concat()
                    }
                };
                vec![RadioEvent::Read { characteristic: *characteristic, result: Ok(result) }]
            }
            RadioCommand::Subscribe { characteristic, .. } => {
                vec![RadioEvent::Subscribed { characteristic: *characteristic, result: Ok(()) }]
            }
            RadioCommand::Write(write) => {
                let characteristic = write.characteristic();
                let answer = match (characteristic, write.value()) {
                    (Characteristic::CONTROL_POINT, _) => Some(vec![0x80]),
                    (_, [0x04, ..]) => {
                        let count = self.records - asked_from(write);
                        Some([&[5, 0], count.to_le_bytes().as_slice()].concat())
                    }
                    (_, [0x03, ..]) => Some(vec![6, 0, 3, 1]),
                    // A report is answered when all is sent.
                    _ => None,
                };
                let written = RadioEvent::Written { characteristic, result: Ok(()) };
                [Some(written), answer.map(|answer| value(characteristic, answer))].into_iter().flatten().collect()
            }
            RadioCommand::StopScan | RadioCommand::Disconnect => vec![],
        }
    }
}

/// The record from which on a request asks; 0 when it names none.
pub(crate) fn asked_from(write: &AllowedWrite) -> u32 {
    match write.value() {
        [_, _, _, a, b, c, d] => u32::from_le_bytes([*a, *b, *c, *d]),
        _ => 0,
    }
}
