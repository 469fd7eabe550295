//! The link as a phone's radio tells it: advertising, pairing, the GATT database of the pump profile, and faults.

use super::SimulatedPump;
use super::delivery::Happening;
use super::encode::{self, Body, Stamp};
use super::record::happening_body;
use homeline_pump::{AdapterState, AllowedWrite, AttError, Characteristic, LinkSecurity, RadioCommand, RadioEvent};
use rust_decimal::prelude::ToPrimitive;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How the pump pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairing {
    /// A passkey that is typed right: an authenticated link.
    Passkey,
    /// A passkey that is typed wrong.
    WrongPasskey,
    /// Just Works: encrypted, and nobody proved who is there.
    JustWorks,
    /// A passkey, on a phone whose system does not tell how it paired: the first time it is known from the pairing
    /// dialogue, later only that there is a bond.
    BondOnly,
}

/// Something that goes wrong on the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The link ends after so many packets of stored records: inside of an observation, or of an answer.
    CutAfterStoredPackets(u32),
    /// All records are sent, and the link ends before the answer that counts them.
    CutBeforeRecordAnswer,
    /// The stored packet with this number (from 0) is lost, once.
    LoseStoredPacket(u32),
    /// This record is lost whenever it is sent.
    LoseRecordAlways(u32),
    /// Every stored packet comes twice, of one report.
    DoubleStoredPackets,
    /// A packet of live values is lost, once.
    LoseLivePacket,
    /// Nothing is answered any more on this connection.
    Mute,
    /// The phone never tells what became of a wish for larger packets.
    SilentAboutMtu,
    /// The next operation is refused for want of encryption.
    AskForSecurityOnce,
    /// Every operation is refused for want of encryption.
    AskForSecurityAlways,
    /// Answers of control points come before the write is confirmed.
    AnswerBeforeWritten,
    /// Live values are garbage.
    GarbleLive,
    /// Live values are marked as test data.
    TestData,
}

/// The address under which the pump advertises.
const ADDRESS: &str = "C0:FF:EE:00:00:01";

const SERVED: [u16; 11] = [0x2BF5, 0x2A24, 0x2A25, 0x2A26, 0x2BF3, 0x2B8B, 0x2BDD, 0x2A52, 0x2BF4, 0x2BF2, 0x2A19];

#[derive(Debug, Default)]
pub(super) struct Air {
    in_range: bool,
    adapter_off: bool,
    powered_off: bool,
    scanning: bool,
    /// A connect that waits.
    wants_link: bool,
    connected: bool,
    secured: bool,
    phone_has_bond: bool,
    pump_has_bond: bool,
    subscribed: BTreeSet<u16>,
    live: bool,
    counters: BTreeMap<u16, u8>,
    faults: Vec<Fault>,
    events: VecDeque<RadioEvent>,
}

impl Air {
    pub(super) fn take_events(&mut self) -> Vec<RadioEvent> {
        self.events.drain(..).collect()
    }

    pub(super) fn set_in_range(&mut self, in_range: bool, mtu: u16) {
        self.in_range = in_range;
        if in_range {
            self.reach(mtu);
        } else {
            // Supervision time-out.
            self.drop_link(0x08);
        }
    }

    pub(super) fn set_adapter(&mut self, state: AdapterState) {
        self.adapter_off = state != AdapterState::On;
        if self.adapter_off {
            self.end_connection();
            self.wants_link = false;
            self.scanning = false;
        }
        self.events.push_back(RadioEvent::Adapter(state));
    }

    pub(super) fn power_lost(&mut self) {
        if !self.powered_off {
            self.powered_off = true;
            self.drop_link(0x08);
        }
    }

    pub(super) fn power_back(&mut self) {
        self.powered_off = false;
    }

    pub(super) fn forget_bond(&mut self) {
        self.pump_has_bond = false;
        self.drop_link(0x13);
    }

    pub(super) fn fault(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    pub(super) fn heal(&mut self) {
        self.faults.clear();
    }

    fn reachable(&self) -> bool {
        self.in_range && !self.adapter_off && !self.powered_off
    }

    /// What waits for the pump happens now when it can.
    fn reach(&mut self, mtu: u16) {
        if !self.reachable() || self.connected {
            return;
        }
        if self.wants_link {
            self.wants_link = false;
            self.connected = true;
            self.events.push_back(RadioEvent::Connected { mtu });
        } else if self.scanning {
            self.events.push_back(RadioEvent::Found { peripheral: ADDRESS.to_owned() });
        }
    }

    fn end_connection(&mut self) -> bool {
        let was = self.connected;
        self.connected = false;
        self.secured = false;
        self.live = false;
        self.subscribed.clear();
        self.counters.clear();
        self.faults.retain(|fault| *fault != Fault::Mute);
        was
    }

    fn drop_link(&mut self, reason: u8) {
        if self.end_connection() {
            self.events.push_back(RadioEvent::Disconnected { reason });
        }
    }

    fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    fn once(&mut self, fault: Fault) -> bool {
        let place = self.faults.iter().position(|known| *known == fault);
        place.map(|place| self.faults.remove(place)).is_some()
    }

    fn indicate(&mut self, characteristic: u16, value: Vec<u8>) {
        if self.connected && self.subscribed.contains(&characteristic) {
            self.events.push_back(RadioEvent::Value { characteristic: Characteristic(characteristic), value });
        }
    }

    fn segments(&mut self, characteristic: u16, body: &[u8], mtu: u16) -> Vec<Vec<u8>> {
        encode::segments(body, mtu, self.counters.entry(characteristic).or_default())
    }

    fn pair(&mut self, pairing: Pairing) {
        if !self.connected {
            return;
        }
        let security = match (self.phone_has_bond, self.pump_has_bond, pairing) {
            (true, false, _) => {
                self.phone_has_bond = false;
                self.events.push_back(RadioEvent::BondLost);
                return self.drop_link(0x06);
            }
            (true, true, Pairing::BondOnly) => LinkSecurity::UnknownBonded,
            (_, _, Pairing::WrongPasskey) => return self.drop_link(0x05),
            (_, _, Pairing::JustWorks) => LinkSecurity::Encrypted,
            (_, _, Pairing::Passkey | Pairing::BondOnly) => LinkSecurity::Authenticated,
        };
        self.phone_has_bond = true;
        self.pump_has_bond = true;
        self.secured = true;
        self.events.push_back(RadioEvent::Security(security));
    }

    /// Why an operation is refused, if it is.
    fn refusal(&mut self) -> Option<AttError> {
        let asks = self.once(Fault::AskForSecurityOnce) || self.has(Fault::AskForSecurityAlways) || !self.secured;
        asks.then_some(AttError(0x0F))
    }
}

impl SimulatedPump {
    pub(super) fn command(&mut self, command: RadioCommand) {
        let mtu = self.config.mtu;
        if self.body.battery_permille() > 0 {
            self.air.power_back();
        }
        match command {
            RadioCommand::Scan { service } => {
                self.air.scanning = service == 0x1840;
                self.air.reach(mtu);
            }
            RadioCommand::StopScan => self.air.scanning = false,
            RadioCommand::Connect { peripheral, .. } => {
                self.air.wants_link = peripheral == ADDRESS;
                self.air.reach(mtu);
            }
            RadioCommand::Disconnect => {
                self.air.wants_link = false;
                self.air.drop_link(0x16);
            }
            RadioCommand::Secure => self.air.pair(self.config.pairing),
            RadioCommand::RequestMtu { .. }
            | RadioCommand::Discover
            | RadioCommand::Read { .. }
            | RadioCommand::Write(_)
            | RadioCommand::Subscribe { .. }
                if !self.air.connected || self.air.has(Fault::Mute) => {}
            RadioCommand::RequestMtu { mtu } => {
                if !self.air.has(Fault::SilentAboutMtu) {
                    self.air.events.push_back(RadioEvent::MtuChanged { mtu: mtu.min(self.config.mtu) });
                }
            }
            RadioCommand::Discover => {
                let characteristics =
                    SERVED.into_iter().filter(|uuid| Some(*uuid) != self.config.lacks).map(Characteristic).collect();
                self.air.events.push_back(RadioEvent::Discovered { characteristics });
            }
            RadioCommand::Read { characteristic } => {
                let result = match self.air.refusal() {
                    Some(refusal) => Err(refusal),
                    None => self.attribute(characteristic).ok_or(AttError(0x0A)),
                };
                self.air.events.push_back(RadioEvent::Read { characteristic, result });
            }
            RadioCommand::Subscribe { characteristic, .. } => {
                let result = match self.air.refusal() {
                    Some(refusal) => Err(refusal),
                    None => {
                        self.air.subscribed.insert(characteristic.0);
                        Ok(())
                    }
                };
                self.air.events.push_back(RadioEvent::Subscribed { characteristic, result });
            }
            RadioCommand::Write(write) => self.write(&write),
        }
    }

    fn attribute(&self, characteristic: Characteristic) -> Option<Vec<u8>> {
        match characteristic.0 {
            // Mode 1 level 4: authenticated, Secure Connections.
            0x2BF5 => Some(vec![0x01, 0x04]),
            0x2A24 => Some(self.config.model.clone().into_bytes()),
            0x2A26 => Some(b"1.0".to_vec()),
            0x2A25 => Some(self.config.serial.clone().into_bytes()),
            0x2BF3 => Some(encode::features(self.config.specialization)),
            0x2BF2 => Some(self.elapsed_time()),
            0x2A19 => Some(vec![self.battery_percent()]),
            _ => None,
        }
    }

    fn elapsed_time(&self) -> Vec<u8> {
        let stamp = Stamp { reading: self.clock.reading(), current_timeline: true };
        let mut bytes = encode::elapsed_time(stamp).to_vec();
        bytes.extend([0, 0]);
        bytes
    }

    /// The clock was set: who subscribed to it is told.
    pub(super) fn send_clock(&mut self) {
        let clock = self.elapsed_time();
        self.air.indicate(0x2BF2, clock);
    }

    fn battery_percent(&self) -> u8 {
        u8::try_from(self.body.battery_permille().div_ceil(10)).unwrap_or(100)
    }

    fn write(&mut self, write: &AllowedWrite) {
        let characteristic = write.characteristic();
        if let Some(refusal) = self.air.refusal() {
            return self.air.events.push_back(RadioEvent::Written { characteristic, result: Err(refusal) });
        }
        if !self.air.subscribed.contains(&characteristic.0) {
            // Client Characteristic Configuration descriptor improperly configured.
            return self.air.events.push_back(RadioEvent::Written { characteristic, result: Err(AttError(0xFD)) });
        }
        let written = RadioEvent::Written { characteristic, result: Ok(()) };
        let late = self.air.has(Fault::AnswerBeforeWritten);
        if !late {
            self.air.events.push_back(written.clone());
        }
        match (characteristic, write.value()) {
            (Characteristic::RECORD_ACCESS, [opcode, 0x03, 0x01, a, b, c, d]) => {
                self.record_access(*opcode, u32::from_le_bytes([*a, *b, *c, *d]));
            }
            // All was sent when the abort came.
            (Characteristic::RECORD_ACCESS, [0x03, 0x00]) => self.air.indicate(0x2A52, vec![0x06, 0x00, 0x03, 0x01]),
            (Characteristic::CONTROL_POINT, [0x01]) => {
                self.air.live = true;
                self.air.indicate(0x2BF4, vec![0x80]);
                self.send_survey();
            }
            (Characteristic::CONTROL_POINT, [0x02]) => {
                self.air.live = false;
                self.air.indicate(0x2BF4, vec![0x80]);
            }
            _ => {}
        }
        if late && self.air.connected {
            self.air.events.push_back(written);
        }
    }

    fn record_access(&mut self, opcode: u8, from: u32) {
        let records = self.record.stored_from(from, &self.clock);
        let count = u32::try_from(records.len()).unwrap_or(u32::MAX);
        if count == 0 {
            return self.air.indicate(0x2A52, vec![0x06, 0x00, opcode, 0x06]);
        }
        if opcode == 0x07 {
            self.send_stored(&records);
        }
        if self.air.connected && self.air.once(Fault::CutBeforeRecordAnswer) {
            self.air.drop_link(0x08);
        }
        let mut answer = vec![if opcode == 0x04 { 0x05 } else { 0x08 }, 0x00];
        answer.extend(count.to_le_bytes());
        self.air.indicate(0x2A52, answer);
    }

    fn send_stored(&mut self, records: &[Vec<u8>]) {
        let doubled = self.air.once(Fault::DoubleStoredPackets);
        let mut sent = 0;
        for record in records {
            let number = record.first_chunk::<4>().map(|number| u32::from_le_bytes(*number));
            let lost_always = number.is_some_and(|number| self.air.has(Fault::LoseRecordAlways(number)));
            for packet in self.air.segments(0x2BDD, record, self.config.mtu) {
                if self.air.once(Fault::CutAfterStoredPackets(sent)) {
                    return self.air.drop_link(0x08);
                }
                let lost = lost_always || self.air.once(Fault::LoseStoredPacket(sent));
                sent += 1;
                if !lost {
                    if doubled {
                        self.air.indicate(0x2BDD, packet.clone());
                    }
                    self.air.indicate(0x2BDD, packet);
                }
            }
        }
    }

    /// After live values were asked for: every alarm that is on, then the values, the delivery status last.
    fn send_survey(&mut self) {
        let alarms: Vec<Body> =
            self.body.alarms().iter().map(|alarm| Body::alarm(alarm, "continue", "active", None)).collect();
        for alarm in alarms {
            self.send_live(alarm);
        }
        self.send_live_values();
    }

    pub(super) fn send_live_values(&mut self) {
        let left = self.body.volume_ml() - self.body.counter_ml();
        let mut values = vec![Body::rate(self.body.rate_ml_h())];
        if self.body.has_program() {
            values.push(Body::volume_infused(self.body.counter_ml()));
            values.push(Body::volume_remaining(left));
            values.push(Body::volume_to_be_infused(self.body.volume_ml()));
        }
        values.extend(self.body.seconds_left().map(Body::time_remaining));
        let status = if self.body.is_delivering() {
            "pump-delivery-status-delivering"
        } else {
            "pump-delivery-status-not-delivering"
        };
        values.push(Body::text(encode::DELIVERY_STATUS, status));
        for value in values {
            self.send_live(value);
        }
        let percent = self.battery_percent();
        if self.air.live {
            self.air.indicate(0x2A19, vec![percent]);
        }
    }

    pub(super) fn send_live_happening(&mut self, happening: &Happening) {
        self.send_live(happening_body(happening, self.body.counter_ml(), self.body.rate_ml_h()));
    }

    fn send_live(&mut self, body: Body) {
        if !self.air.live || self.air.has(Fault::Mute) {
            return;
        }
        let stamp = Stamp { reading: self.clock.reading(), current_timeline: true };
        let mut bytes = body.stamped(stamp).encode();
        if self.air.has(Fault::GarbleLive) {
            bytes.iter_mut().skip(1).take(2).for_each(|byte| *byte ^= 0x55);
        }
        if self.air.has(Fault::TestData) {
            bytes = marked_as_test_data(&bytes);
        }
        for packet in self.air.segments(0x2B8B, &bytes, self.config.mtu) {
            if !self.air.once(Fault::LoseLivePacket) {
                self.air.indicate(0x2B8B, packet);
            }
        }
    }
}

/// The same observation with a status field that says "test data": bit 4.
fn marked_as_test_data(bytes: &[u8]) -> Vec<u8> {
    // Class, length, flags, type and time come before the status.
    let (head, value) = bytes.split_at(18);
    let mut marked = head.to_vec();
    marked.extend(0x10_u16.to_le_bytes());
    marked.extend(value);
    let length = marked.len().to_u16().unwrap_or(u16::MAX).to_le_bytes();
    marked.splice(1..3, length);
    if let Some(flags) = marked.get_mut(3) {
        *flags |= 0b1000;
    }
    marked
}
