//! The link to one device for vital signs: thermometer, cuff, oximeter, scale. A state machine, pure, with the time given.
//!
//! Such a device sleeps, wakes when somebody measures, sends what it has as soon as its characteristic is subscribed to,
//! often a burst of stored readings, and ends the link. So the session waits for it without an end, subscribes, takes what
//! comes, and waits again. It writes nothing but subscriptions.
//!
//! What it promises:
//! * One reading is one fact, however often the device sends it: the identity is made of device, kind, the device's own time
//!   and the value.
//! * A link that nobody proved (Just Works) is taken only from a device that was enrolled as one without a screen, and the
//!   enrolment says so for good. A plain link is never taken.
//! * Readings of another person on a shared device are dropped, and so are those of an unknown person of a device that
//!   tells persons apart, until somebody says which number is the patient.
//! * A demonstration, a test and a doubt of the device are no vital sign ([`crate::vitals`]).
//!
//! Sources: HTS 1.0, BLS 1.1, PLXS 1.0, WSS 1.0 of the Bluetooth SIG.

use crate::radio::{AdapterState, Characteristic, LinkSecurity, RadioCommand, RadioEvent};
use crate::session::Now;
use crate::vitals::{DeviceTime, Sensor};
use chrono::{DateTime, NaiveDateTime, Utc};
use homeline_model::Vital;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// An operation that is not answered for so long ends the link, in milliseconds.
const OPERATION_LIMIT_MS: u64 = 10_000;
/// Pairing takes a person, discovery many exchanges, in milliseconds.
const LONG_LIMIT_MS: u64 = 60_000;
/// Nothing comes any more: the link is given back, in milliseconds.
const QUIET_LIMIT_MS: u64 = 30_000;
/// A pause before the device is waited for again, in milliseconds: many advertise for a while after they have sent all.
const PAUSE_MS: u64 = 3_000;
/// A device that measures without an end (a finger clip) gives the journal one reading in so long, in milliseconds.
const CONTINUOUS_EVERY_MS: u64 = 600_000;
/// Readings that one connection may bring: more than any such device stores.
const READINGS_AT_ONCE: u32 = 1_000;

/// Which device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VitalDeviceKind {
    /// Thermometer.
    Thermometer,
    /// Blood-pressure cuff.
    Cuff,
    /// Pulse oximeter.
    Oximeter,
    /// Scale.
    Scale,
}

impl VitalDeviceKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Thermometer, Self::Cuff, Self::Oximeter, Self::Scale];

    /// The service that it advertises.
    pub fn service(self) -> u16 {
        match self {
            Self::Thermometer => 0x1809,
            Self::Cuff => 0x1810,
            Self::Oximeter => 0x1822,
            Self::Scale => 0x181D,
        }
    }

    /// Its name as stored and as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Thermometer => "thermometer",
            Self::Cuff => "cuff",
            Self::Oximeter => "oximeter",
            Self::Scale => "scale",
        }
    }
}

/// One device for vital signs that this phone knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VitalDevice {
    /// Its id on this phone: the link's id, and a part of every identity.
    pub id: String,
    /// Which device.
    pub kind: VitalDeviceKind,
    /// Somebody said that it has no screen, so that its link cannot be proven.
    pub without_screen: bool,
    /// The number under which the device knows the patient; `None` is not said.
    pub user: Option<u8>,
    /// The platform's name of it, once it was found.
    pub peripheral: Option<String>,
    /// How its link is protected, as far as the platform could tell when it was paired.
    pub security: Option<LinkSecurity>,
    /// The pairing is gone: a person must pair again.
    pub bond_lost: bool,
}

/// How far the link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VitalLink {
    /// Nobody asked to listen.
    Off,
    /// The phone's Bluetooth is off or not permitted.
    BluetoothOff(AdapterState),
    /// Looking for a device of this kind, to pair.
    Scanning,
    /// Waiting until it wakes.
    Waiting,
    /// Pairing, or encrypting.
    Securing,
    /// Finding and subscribing.
    Preparing,
    /// Readings come.
    Receiving,
    /// The pairing is gone.
    BondLost,
    /// Its link is not protected as it must be.
    NotProtected,
    /// It has no characteristic of a device of its kind.
    NotThisKind,
}

/// One vital sign for the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VitalFact {
    /// The same for the same reading, however often it is sent.
    pub identity: String,
    /// What, with unit and digits as sent.
    pub vital: Vital,
    /// The device's own clock; `None` when it has none.
    pub device_time: Option<NaiveDateTime>,
    /// When it came.
    pub received: DateTime<Utc>,
}

/// What one call gave. Commit `facts` and `device` together, then carry out `commands`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VitalOutput {
    /// For the radio.
    pub commands: Vec<RadioCommand>,
    /// For the journal.
    pub facts: Vec<VitalFact>,
    /// The device as it is to be kept, when it changed.
    pub device: Option<VitalDevice>,
    /// The status reads differently now.
    pub changed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    Discover,
    Subscribe(Sensor),
}

/// The link to one device.
pub struct VitalSession {
    device: VitalDevice,
    handed_over: VitalDevice,
    link: VitalLink,
    adapter: AdapterState,
    queue: VecDeque<Operation>,
    in_flight: Option<Operation>,
    deadline_ms: Option<u64>,
    /// Readings of persons who are not, or not known to be, the patient.
    of_others: u32,
    unreadable: u32,
    taken: u32,
    continuous_at_ms: Option<u64>,
    /// Connected, so that giving up means a disconnect.
    connected: bool,
    commands: Vec<RadioCommand>,
    facts: Vec<VitalFact>,
    changed: bool,
}

impl core::fmt::Debug for VitalSession {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("VitalSession")
            .field("kind", &self.device.kind)
            .field("link", &self.link)
            .finish_non_exhaustive()
    }
}

impl VitalSession {
    /// A session that does nothing yet.
    pub fn new(device: VitalDevice) -> Self {
        Self {
            handed_over: device.clone(),
            device,
            link: VitalLink::Off,
            adapter: AdapterState::On,
            queue: VecDeque::new(),
            in_flight: None,
            deadline_ms: None,
            of_others: 0,
            unreadable: 0,
            taken: 0,
            continuous_at_ms: None,
            connected: false,
            commands: Vec::new(),
            facts: Vec::new(),
            changed: false,
        }
    }

    /// The device as it is known now.
    pub fn device(&self) -> &VitalDevice {
        &self.device
    }

    /// How far the link is.
    pub fn link(&self) -> VitalLink {
        self.link
    }

    /// Readings that were dropped since the start because they are of somebody else, or nobody said whose.
    pub fn of_others(&self) -> u32 {
        self.of_others
    }

    /// Values that could not be read since the start.
    pub fn unreadable(&self) -> u32 {
        self.unreadable
    }

    /// Listens: looks for the device when it was never found, and waits for it otherwise.
    pub fn start(&mut self) -> VitalOutput {
        self.device.bond_lost = false;
        self.begin();
        self.output()
    }

    /// Stops listening.
    pub fn stop(&mut self) -> VitalOutput {
        if self.link == VitalLink::Scanning {
            self.commands.push(RadioCommand::StopScan);
        }
        self.give_up();
        self.enter(VitalLink::Off);
        self.output()
    }

    /// Takes what the radio says.
    pub fn handle(&mut self, event: RadioEvent, now: Now) -> VitalOutput {
        match event {
            RadioEvent::Adapter(state) => {
                self.adapter = state;
                match (state, self.link) {
                    (_, VitalLink::Off | VitalLink::BondLost | VitalLink::NotProtected | VitalLink::NotThisKind) => {}
                    (AdapterState::On, VitalLink::BluetoothOff(_)) => self.begin(),
                    (AdapterState::On, _) => {}
                    (AdapterState::Off | AdapterState::NotPermitted, _) => {
                        self.connected = false;
                        self.reset();
                        self.enter(VitalLink::BluetoothOff(state));
                    }
                }
            }
            RadioEvent::Found { peripheral } if self.link == VitalLink::Scanning => {
                self.commands.push(RadioCommand::StopScan);
                self.device.peripheral = Some(peripheral);
                self.wait();
            }
            RadioEvent::Connected { .. } if self.link == VitalLink::Waiting => {
                self.connected = true;
                self.commands.push(RadioCommand::Secure);
                self.limit(LONG_LIMIT_MS, now);
                self.enter(VitalLink::Securing);
            }
            RadioEvent::Security(security) if self.link == VitalLink::Securing => self.secured(security, now),
            RadioEvent::BondLost if self.link != VitalLink::Off => {
                self.device.bond_lost = true;
                self.give_up();
                self.enter(VitalLink::BondLost);
            }
            RadioEvent::Discovered { characteristics } if self.in_flight == Some(Operation::Discover) => {
                self.in_flight = None;
                self.discovered(&characteristics, now);
            }
            RadioEvent::Subscribed { characteristic, result } => self.subscribed(characteristic, result.is_ok(), now),
            RadioEvent::Value { characteristic, value } => self.value(characteristic, &value, now),
            RadioEvent::Disconnected { .. } if self.connected || self.link == VitalLink::Waiting => {
                self.connected = false;
                self.pause(now);
            }
            RadioEvent::Found { .. }
            | RadioEvent::Connected { .. }
            | RadioEvent::Security(_)
            | RadioEvent::BondLost
            | RadioEvent::Discovered { .. }
            | RadioEvent::Disconnected { .. }
            | RadioEvent::MtuChanged { .. }
            | RadioEvent::ServicesChanged
            | RadioEvent::Read { .. }
            | RadioEvent::Written { .. } => {}
            // Only a tick ends a wait: a phone that was slow may have the answer behind this event already.
            RadioEvent::Tick => self.time_passed(now),
        }
        self.output()
    }

    /// When `handle(Tick)` has something to do, on the monotonic clock.
    pub fn wake_at(&self) -> Option<u64> {
        self.deadline_ms
    }

    fn begin(&mut self) {
        if self.adapter != AdapterState::On {
            return self.enter(VitalLink::BluetoothOff(self.adapter));
        }
        if self.device.bond_lost {
            return self.enter(VitalLink::BondLost);
        }
        self.reset();
        if self.device.peripheral.is_some() {
            self.wait();
        } else {
            self.commands.push(RadioCommand::Scan { service: self.device.kind.service() });
            self.enter(VitalLink::Scanning);
        }
    }

    fn wait(&mut self) {
        if let Some(peripheral) = self.device.peripheral.clone() {
            self.commands.push(RadioCommand::Connect { peripheral, patient_wait: true });
            self.enter(VitalLink::Waiting);
        }
    }

    fn pause(&mut self, now: Now) {
        self.reset();
        self.limit(PAUSE_MS, now);
        self.enter(VitalLink::Waiting);
    }

    fn secured(&mut self, security: LinkSecurity, now: Now) {
        let good = match security {
            LinkSecurity::Authenticated | LinkSecurity::CodeTyped => true,
            // What the system does not tell is good enough where nobody was promised more.
            LinkSecurity::UnknownBonded => {
                self.device.without_screen || self.device.security.is_some_and(|known| known != LinkSecurity::Encrypted)
            }
            LinkSecurity::Encrypted => self.device.without_screen,
            LinkSecurity::None => false,
        };
        if !good {
            self.give_up();
            return self.enter(VitalLink::NotProtected);
        }
        self.device.security.get_or_insert(security);
        self.enter(VitalLink::Preparing);
        self.queue.push_back(Operation::Discover);
        self.next(now);
    }

    fn discovered(&mut self, characteristics: &[Characteristic], now: Now) {
        let sensors = Sensor::ALL.into_iter().filter(|sensor| {
            let wanted = match sensor {
                Sensor::Temperature
                | Sensor::BloodPressure
                | Sensor::OximeterSpotCheck
                | Sensor::OximeterContinuous
                | Sensor::Weight => true,
                // On its way, or not of a person.
                Sensor::IntermediateTemperature
                | Sensor::CuffPressure
                | Sensor::BatteryLevel
                | Sensor::BatteryLevelStatus => false,
            };
            wanted && characteristics.contains(&sensor.characteristic())
        });
        self.queue.extend(sensors.map(Operation::Subscribe));
        if self.queue.is_empty() {
            self.give_up();
            return self.enter(VitalLink::NotThisKind);
        }
        self.next(now);
    }

    fn subscribed(&mut self, characteristic: Characteristic, good: bool, now: Now) {
        let Some(Operation::Subscribe(sensor)) = self.in_flight else { return };
        if sensor.characteristic() != characteristic {
            return;
        }
        self.in_flight = None;
        if !good {
            self.give_up();
            return self.pause(now);
        }
        self.next(now);
    }

    fn next(&mut self, now: Now) {
        match self.queue.pop_front() {
            Some(operation) => {
                self.in_flight = Some(operation);
                self.commands.push(match operation {
                    Operation::Discover => RadioCommand::Discover,
                    Operation::Subscribe(sensor) => RadioCommand::Subscribe {
                        characteristic: sensor.characteristic(),
                        indications: sensor != Sensor::OximeterContinuous,
                    },
                });
                self.limit(if operation == Operation::Discover { LONG_LIMIT_MS } else { OPERATION_LIMIT_MS }, now);
            }
            None => {
                self.limit(QUIET_LIMIT_MS, now);
                self.enter(VitalLink::Receiving);
            }
        }
    }

    fn value(&mut self, characteristic: Characteristic, value: &[u8], now: Now) {
        // A burst may begin before the last subscription is confirmed.
        if !matches!(self.link, VitalLink::Preparing | VitalLink::Receiving) || self.taken >= READINGS_AT_ONCE {
            return;
        }
        let Some(sensor) = Sensor::of(characteristic) else { return };
        if self.link == VitalLink::Receiving {
            self.limit(QUIET_LIMIT_MS, now);
        }
        let Ok(reading) = sensor.read(value) else {
            self.unreadable = self.unreadable.saturating_add(1);
            self.changed = true;
            return;
        };
        if reading.user.is_some() && reading.user != self.device.user {
            self.of_others = self.of_others.saturating_add(1);
            self.changed = true;
            return;
        }
        if sensor == Sensor::OximeterContinuous {
            let early =
                self.continuous_at_ms.is_some_and(|at| now.monotonic_ms < at.saturating_add(CONTINUOUS_EVERY_MS));
            if early || reading.vitals().next().is_none() {
                return;
            }
            self.continuous_at_ms = Some(now.monotonic_ms);
        }
        self.taken = self.taken.saturating_add(1);
        let device_time = reading.at.as_ref().and_then(DeviceTime::reading);
        // Without a clock on the device two equal readings in one second are one reading.
        let time = device_time.unwrap_or_else(|| now.wall.naive_utc()).format("%Y%m%dT%H%M%S");
        for vital in reading.vitals() {
            let identity = format!("vital|{}|{:?}|{time}|{}", self.device.id, vital.vital, vital.value);
            if !self.facts.iter().any(|fact| fact.identity == identity) {
                self.facts.push(VitalFact { identity, vital, device_time, received: now.wall });
            }
        }
    }

    fn time_passed(&mut self, now: Now) {
        if self.deadline_ms.is_none_or(|deadline_ms| now.monotonic_ms < deadline_ms) {
            return;
        }
        self.deadline_ms = None;
        match self.link {
            // The pause is over.
            VitalLink::Waiting => self.wait(),
            VitalLink::Securing | VitalLink::Preparing | VitalLink::Receiving => {
                self.give_up();
                self.pause(now);
            }
            VitalLink::Off
            | VitalLink::BluetoothOff(_)
            | VitalLink::Scanning
            | VitalLink::BondLost
            | VitalLink::NotProtected
            | VitalLink::NotThisKind => {}
        }
    }

    fn limit(&mut self, limit_ms: u64, now: Now) {
        self.deadline_ms = Some(now.monotonic_ms.saturating_add(limit_ms));
    }

    fn give_up(&mut self) {
        if self.connected || self.link == VitalLink::Waiting {
            self.commands.push(RadioCommand::Disconnect);
        }
        self.connected = false;
        self.reset();
    }

    fn reset(&mut self) {
        self.queue.clear();
        self.in_flight = None;
        self.deadline_ms = None;
        self.taken = 0;
    }

    fn enter(&mut self, link: VitalLink) {
        self.changed |= self.link != link;
        self.link = link;
    }

    fn output(&mut self) -> VitalOutput {
        let device = (self.device != self.handed_over).then(|| self.device.clone());
        if let Some(device) = &device {
            self.handed_over = device.clone();
        }
        VitalOutput {
            commands: core::mem::take(&mut self.commands),
            facts: core::mem::take(&mut self.facts),
            device,
            changed: core::mem::take(&mut self.changed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeline_model::VitalKind;
    use proptest::prelude::*;

    fn now(second: u32) -> Now {
        let wall = DateTime::from_timestamp(1_795_438_800 + i64::from(second), 0).unwrap();
        Now { wall, monotonic_ms: u64::from(second) * 1_000 }
    }

    fn device(kind: VitalDeviceKind) -> VitalDevice {
        VitalDevice {
            id: "d1".into(),
            kind,
            without_screen: false,
            user: None,
            peripheral: None,
            security: None,
            bond_lost: false,
        }
    }

    fn ready(device: VitalDevice, sensor: Sensor) -> VitalSession {
        let characteristic = sensor.characteristic();
        let mut session = VitalSession::new(device);
        session.start();
        for event in [
            RadioEvent::Found { peripheral: "p".into() },
            RadioEvent::Connected { mtu: 23 },
            RadioEvent::Security(LinkSecurity::Authenticated),
            RadioEvent::Discovered { characteristics: vec![characteristic] },
            RadioEvent::Subscribed { characteristic, result: Ok(()) },
        ] {
            session.handle(event, now(1));
        }
        assert_eq!(session.link(), VitalLink::Receiving);
        session
    }

    fn temperature(tenths: u8, minute: u8) -> RadioEvent {
        let value = vec![0b10, tenths, 1, 0, 0xFF, 0xEA, 7, 11, 23, 8, minute, 0];
        RadioEvent::Value { characteristic: Characteristic::TEMPERATURE, value }
    }

    #[test]
    fn a_burst_is_taken_once_and_the_device_is_waited_for_again() {
        let mut session = ready(device(VitalDeviceKind::Thermometer), Sensor::Temperature);
        let mut facts = Vec::new();
        for event in [temperature(0x7A, 1), temperature(0x7A, 1), temperature(0x7B, 2)] {
            facts.extend(session.handle(event, now(2)).facts);
        }
        let identities: std::collections::BTreeSet<_> = facts.iter().map(|fact| &fact.identity).collect();
        assert_eq!(identities.len(), 2, "the same reading has the same identity");
        assert_eq!(facts[0].vital.vital, VitalKind::Temperature);
        assert_eq!(facts[0].vital.value.to_string(), "37.8 Cel");
        session.handle(RadioEvent::Disconnected { reason: 0x13 }, now(3));
        assert_eq!(session.link(), VitalLink::Waiting);
        let again = session.handle(RadioEvent::Tick, now(7)).commands;
        assert_eq!(again, [RadioCommand::Connect { peripheral: "p".into(), patient_wait: true }]);
    }

    #[test]
    fn just_works_is_taken_only_of_a_device_that_was_enrolled_without_a_screen_and_plain_never() {
        for (without_screen, security, taken) in [
            (false, LinkSecurity::Encrypted, false),
            (true, LinkSecurity::Encrypted, true),
            (true, LinkSecurity::None, false),
            (false, LinkSecurity::UnknownBonded, false),
            (true, LinkSecurity::UnknownBonded, true),
            (false, LinkSecurity::Authenticated, true),
            (false, LinkSecurity::CodeTyped, true),
        ] {
            let mut session = VitalSession::new(VitalDevice { without_screen, ..device(VitalDeviceKind::Thermometer) });
            session.start();
            session.handle(RadioEvent::Found { peripheral: "p".into() }, now(0));
            session.handle(RadioEvent::Connected { mtu: 23 }, now(0));
            let output = session.handle(RadioEvent::Security(security), now(0));
            let expected = if taken { VitalLink::Preparing } else { VitalLink::NotProtected };
            assert_eq!(session.link(), expected, "{without_screen} {security:?}");
            assert_eq!(output.commands.contains(&RadioCommand::Disconnect), !taken);
            if taken {
                assert_eq!(session.device().security, Some(security), "the enrolment says how it is protected");
            }
        }
    }

    #[test]
    fn readings_of_others_on_a_shared_scale_are_dropped() {
        let weight = |user| RadioEvent::Value {
            characteristic: Sensor::Weight.characteristic(),
            value: vec![0b100, 0x98, 0x3A, user],
        };
        for (ours, sent, taken) in [(Some(2), 2, 1), (Some(2), 3, 0), (None, 1, 0), (Some(2), 0xFF, 1)] {
            let mut session = ready(VitalDevice { user: ours, ..device(VitalDeviceKind::Scale) }, Sensor::Weight);
            assert_eq!(session.handle(weight(sent), now(2)).facts.len(), taken, "{ours:?} {sent}");
            assert_eq!(session.of_others(), u32::from(taken == 0));
        }
    }

    #[test]
    fn a_finger_clip_that_measures_all_the_time_gives_a_reading_in_ten_minutes() {
        let mut session = ready(device(VitalDeviceKind::Oximeter), Sensor::OximeterContinuous);
        let mut facts = 0;
        for second in 2..1_300 {
            let value = vec![0, 97, 0, 72, 0];
            let event = RadioEvent::Value { characteristic: Sensor::OximeterContinuous.characteristic(), value };
            facts += session.handle(event, now(second)).facts.len();
        }
        assert_eq!(facts, 3 * 2, "saturation and pulse at 0, 10 and 20 minutes");
    }

    #[test]
    fn a_lost_bond_stops_the_waiting_and_a_device_of_another_kind_is_said_so() {
        let mut session = ready(device(VitalDeviceKind::Thermometer), Sensor::Temperature);
        session.handle(RadioEvent::BondLost, now(2));
        assert_eq!(session.link(), VitalLink::BondLost);
        assert_eq!(session.handle(RadioEvent::Tick, now(500)).commands, []);

        let mut other = VitalSession::new(device(VitalDeviceKind::Thermometer));
        other.start();
        for event in [
            RadioEvent::Found { peripheral: "p".into() },
            RadioEvent::Connected { mtu: 23 },
            RadioEvent::Security(LinkSecurity::Authenticated),
            RadioEvent::Discovered { characteristics: vec![Characteristic(0x2A19)] },
        ] {
            other.handle(event, now(1));
        }
        assert_eq!(other.link(), VitalLink::NotThisKind);
    }

    proptest! {
        #[test]
        fn no_bytes_and_no_order_of_events_make_it_panic_or_write(
            values in proptest::collection::vec((proptest::collection::vec(any::<u8>(), 0..24), 0_usize..8), 0..60),
        ) {
            let mut session = VitalSession::new(device(VitalDeviceKind::Cuff));
            session.start();
            for (second, (value, what)) in values.into_iter().enumerate() {
                let characteristic = Sensor::BloodPressure.characteristic();
                let event = match what {
                    0 => RadioEvent::Found { peripheral: "p".into() },
                    1 => RadioEvent::Connected { mtu: 23 },
                    2 => RadioEvent::Security(LinkSecurity::Authenticated),
                    3 => RadioEvent::Discovered { characteristics: vec![characteristic] },
                    4 => RadioEvent::Subscribed { characteristic, result: Ok(()) },
                    5 => RadioEvent::Disconnected { reason: 8 },
                    _ => RadioEvent::Value { characteristic, value },
                };
                let output = session.handle(event, now(u32::try_from(second).unwrap()));
                let writes = output.commands.iter().any(|command| matches!(command, RadioCommand::Write(_)));
                prop_assert!(!writes);
            }
        }
    }
}
