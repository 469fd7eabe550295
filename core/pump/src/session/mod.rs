//! The link to one pump: a state machine that is pure, with the time given.
//!
//! Off, not enrolled, scanning, connecting, securing, discovering, syncing, live, back-off; and three that only a person
//! ends: bond lost, refused, Bluetooth off. On every connection the order is the same: protect the link, discover, prove
//! the serial number, read features, subscribe, read clock and battery, fetch the records since last time, start live.
//!
//! What it promises:
//! * An authenticated link to the pump of the care plan, or none. A link that anybody could have made (Just Works), another
//!   serial number, a device that is not a pump: refused, and nothing of it reaches the journal.
//! * One operation in flight, each with a time limit; a silent link is dropped; tries again after 1, 2, 4 … 60 s with
//!   jitter, without an end, and from the beginning after a minute of live values.
//! * Records are taken strictly in their order. A gap stops the taking; everything from the gap on is asked for again; what
//!   the pump then does not have is a hole, in the journal and in the status. Numbers that begin anew, or another record
//!   under the last number, are a new epoch, which is never merged with the old.
//! * The pump's clock is read and never written. Records are dated by the offset at reading time; those of an older timeline
//!   of the pump keep their raw reading, and say so.
//! * A lost bond stops everything: no silent pairing, no endless loop of tries.
//!
//! It knows no protocol. What is read, subscribed to and written, and what values mean, is an [`Adapter`]'s; every write that an
//! adapter asks for passes [`AllowedWrite`] in one place (`link.rs`).
//!
//! Sources: Bluetooth Core Specification 5.4 (security mode 1 level 4: Vol 3 Part C §10.2.1), GHSS 1.0, ETS 1.0.
//!
//! [`Adapter`]: crate::adapter::Adapter
//! [`AllowedWrite`]: crate::radio::AllowedWrite

/// What the session gives.
mod fact;
/// One connection.
mod link;
/// What outlives the process.
mod memory;
/// The live state.
mod status;

/// Making a connection, losing it, trying again.
mod connection;
/// From a new link to its proof: security, discovery, serial, features.
mod handshake;
/// Live values.
mod live;
/// The pump's numbered record.
mod records;
/// Dense readings, taken together.
mod run;

pub use fact::{Now, Output, PumpFact};
pub use memory::{AlarmStatus, ClockMapping, Enrolment, RecordRange, SessionMemory};
pub use status::{ClockStatus, LinkState, PumpStatus, Readings, Refusal};

use crate::adapter::{Adapter, HealthSensorAdapter, Heard, is_tested};
use crate::radio::{AdapterState, Characteristic, RadioCommand, RadioEvent};
use chrono::{DateTime, Utc};
use homeline_model::PumpEventKind;
use link::{Begun, Link, Operation};
use run::Run;
use status::Gauge;

/// The pump that may be listened to: the one that the care plan names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedPump {
    /// Serial number as on the device.
    pub serial: String,
}

/// Values older than this are not current, in milliseconds: three times the profile's longest pause between live values.
pub const STALE_AFTER_MS: u64 = 90_000;
/// Time to type a passkey, in milliseconds. SMP itself gives up 30 s after its last message, so this is for the person.
const SECURE_LIMIT_MS: u64 = 60_000;
/// Records and clock are read again after so long without a cause, in milliseconds.
const LOOK_EVERY_MS: u64 = 300_000;
/// A pump that tells only changes is asked how it is after so long, in milliseconds: what it said last is current for longer.
const PRESENT_EVERY_MS: u64 = 30_000;
/// Facts that are handed over at once during a backfill: one durable write for so many records.
const FACTS_AT_ONCE: usize = 100;
/// Records that are handed over at once, where most of them are dense readings: ten entries, and what a crash fetches again.
const RECORDS_AT_ONCE: u32 = 6_000;
/// Records that one report may bring: a week of the profile's telemetry every ten seconds. Then live values have their turn, and
/// the rest comes after. A device that never stops sending keeps the phone from nothing else.
const RECORDS_IN_ONE_REPORT: u32 = 60_000;
/// Unreadable values in a row that end the trust.
const UNREADABLE_IN_A_ROW: u32 = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Off,
    NotEnrolled,
    BluetoothOff(AdapterState),
    Scanning,
    Connecting { deadline_ms: u64 },
    Securing { deadline_ms: u64 },
    Discovering,
    Syncing,
    Live,
    Backoff { until_ms: u64 },
    BondLost,
    Refused(Refusal),
}

/// The link to one pump. Its `Debug` tells how the link is and how far the record is read, and nothing that the pump said.
pub struct PumpSession {
    allowed: AllowedPump,
    /// The pump's protocol.
    adapter: Box<dyn Adapter>,
    /// What a value said, until all of it is heard; kept so that a value allocates nothing.
    heard: Vec<Heard>,
    memory: SessionMemory,
    /// The memory as last handed over.
    handed_over: SessionMemory,
    phase: Phase,
    /// A person wants to listen.
    wanted: bool,
    /// A person asked to pair, and the pairing is not done.
    pairing: bool,
    radio: AdapterState,
    /// What the link is being made to.
    peripheral: Option<String>,
    /// Refused in this process: not taken again by a scan.
    not_ours: Vec<String>,
    link: Link,
    gauge: Gauge,
    last_heard: Option<DateTime<Utc>>,
    unreadable_in_a_row: u32,
    /// The last report was short by so many records, and no number says which.
    not_handed_over: u32,
    failed_tries: u32,
    jitter: u64,
    /// Facts whose memory is not handed over yet.
    staged: Vec<PumpFact>,
    /// Dense readings that are no fact yet.
    run: Option<Run>,
    /// Records taken since the last hand-over.
    taken: u32,
    commands: Vec<RadioCommand>,
    changed: bool,
}

impl core::fmt::Debug for PumpSession {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("PumpSession")
            .field("phase", &self.phase)
            .field("failed_tries", &self.failed_tries)
            .field("epoch", &self.memory.epoch)
            .field("contiguous_record", &self.memory.contiguous_record)
            .field("holes", &self.memory.holes.len())
            .field("unreadable_in_a_row", &self.unreadable_in_a_row)
            .finish_non_exhaustive()
    }
}

impl PumpSession {
    /// A session that does nothing yet, with a pump of the profile. `jitter_seed` spreads the tries of several phones; any
    /// number will do.
    pub fn new(allowed: AllowedPump, memory: SessionMemory, jitter_seed: u64) -> Self {
        Self::with_adapter(allowed, memory, jitter_seed, Box::new(HealthSensorAdapter::default()))
    }

    /// As [`Self::new`], with a pump of another protocol. What was learnt of it in another one is not carried over: its
    /// records are counted anew, and it is enrolled anew.
    pub fn with_adapter(
        allowed: AllowedPump,
        memory: SessionMemory,
        jitter_seed: u64,
        adapter: Box<dyn Adapter>,
    ) -> Self {
        // Another serial number in the plan is another pump: nothing of the old one is carried over.
        let memory = match &memory.enrolment {
            Some(enrolment) if enrolment.serial != allowed.serial => SessionMemory::default(),
            Some(enrolment) if enrolment.service.is_some_and(|service| service != adapter.service()) => {
                SessionMemory { epoch: memory.epoch.saturating_add(1), ..SessionMemory::default() }
            }
            _ => memory,
        };
        Self {
            allowed,
            adapter,
            heard: Vec::new(),
            handed_over: memory.clone(),
            memory,
            phase: Phase::Off,
            wanted: false,
            pairing: false,
            radio: AdapterState::On,
            peripheral: None,
            not_ours: Vec::new(),
            link: Link::default(),
            gauge: Gauge::default(),
            last_heard: None,
            unreadable_in_a_row: 0,
            not_handed_over: 0,
            failed_tries: 0,
            jitter: jitter_seed | 1,
            staged: Vec::new(),
            run: None,
            taken: 0,
            commands: Vec::new(),
            changed: false,
        }
    }

    /// A person asked to pair: the first time, after a lost bond, or after a refusal.
    pub fn enrol(&mut self, now: Now) -> Output {
        if matches!(self.phase, Phase::Refused(_))
            && let Some(peripheral) = self.peripheral.take()
            && self.not_ours.len() < 32
        {
            self.not_ours.push(peripheral);
        }
        self.drop_link(now);
        self.wanted = true;
        self.pairing = true;
        self.failed_tries = 0;
        self.scan_or_wait();
        self.output()
    }

    /// Listens to the pump that this phone is paired with. Without a pairing the state is "not enrolled".
    pub fn start(&mut self, now: Now) -> Output {
        if !self.wanted {
            self.wanted = true;
            if self.memory.link_up {
                // The process ended while the link was up.
                self.link_lost(now);
            }
            self.failed_tries = 0;
            self.connect(now);
        }
        self.output()
    }

    /// Stops listening.
    pub fn stop(&mut self, now: Now) -> Output {
        self.wanted = false;
        self.pairing = false;
        self.drop_link(now);
        self.enter(Phase::Off);
        self.output()
    }

    /// Takes what the radio says.
    pub fn handle(&mut self, event: RadioEvent, now: Now) -> Output {
        match event {
            RadioEvent::Adapter(state) => self.adapter_changed(state, now),
            RadioEvent::Found { peripheral } => self.found(peripheral, now),
            RadioEvent::Connected { .. } => self.connected(now),
            RadioEvent::MtuChanged { .. } => self.mtu_changed(),
            RadioEvent::Security(security) => self.secured(security, now),
            RadioEvent::BondLost => self.bond_lost(now),
            RadioEvent::Discovered { characteristics } => self.discovered(&characteristics, now),
            RadioEvent::ServicesChanged => self.services_changed(),
            RadioEvent::Read { characteristic, result } => self.read(characteristic, result, now),
            RadioEvent::Written { characteristic, result } => self.written(characteristic, result, now),
            RadioEvent::Subscribed { characteristic, result } => self.subscribed(characteristic, result, now),
            RadioEvent::Value { characteristic, value } => self.value(characteristic, &value, now),
            RadioEvent::Disconnected { reason } => self.disconnected(reason, now),
            // Only a tick ends a wait: a phone that was slow may have the answer behind this event already.
            RadioEvent::Tick => self.time_passed(now),
        }
        self.next_operation(now);
        self.output()
    }

    /// A person at home saw the alarm with this code. It silences nothing on the pump.
    pub fn alarm_seen(&mut self, code: u32, now: Now) -> Output {
        let (serial, epoch) = (&self.allowed.serial, self.memory.epoch);
        let mut seen = Vec::new();
        // Where a pump tells several alarms of one kind apart, a person who looks at it sees all of them.
        for alarm in &mut self.memory.alarms {
            if alarm.code == code && alarm.cleared_at.is_none() && alarm.seen_at.is_none() {
                alarm.seen_at = Some(now.wall);
                let kind = PumpEventKind::AlarmSeen { alarm: alarm.kind.clone() };
                let raised = alarm.raised_at.timestamp_millis();
                let which = alarm.instance.map_or(String::new(), |instance| format!("/{instance}"));
                seen.push((format!("{serial}/{epoch}/alarm-seen/{code}/{raised}{which}"), kind));
            }
        }
        for (identity, kind) in seen {
            self.own_fact(identity, kind, now);
            self.changed = true;
        }
        // A person's word is on disk when the call returns.
        self.output_now(true)
    }

    /// When `handle(Tick)` has something to do, on the monotonic clock. A call too many is harmless.
    pub fn wake_at(&self) -> Option<u64> {
        match self.phase {
            Phase::Connecting { deadline_ms } | Phase::Securing { deadline_ms } => Some(deadline_ms),
            Phase::Backoff { until_ms } => Some(until_ms),
            Phase::Discovering | Phase::Syncing | Phase::Live => {
                let operation = self.link.in_flight.as_ref().map(|in_flight| in_flight.deadline_ms);
                let silence = self.silent_at();
                [operation, silence, self.link.next_look_ms, self.link.next_present_ms].into_iter().flatten().min()
            }
            Phase::Off
            | Phase::NotEnrolled
            | Phase::BluetoothOff(_)
            | Phase::Scanning
            | Phase::BondLost
            | Phase::Refused(_) => None,
        }
    }

    /// The live state.
    pub fn status(&self, now: Now) -> PumpStatus {
        let fresh_since = now.monotonic_ms.saturating_sub(STALE_AFTER_MS).saturating_add(1);
        let untrusted = self.unreadable_in_a_row >= UNREADABLE_IN_A_ROW;
        PumpStatus {
            state: self.state(now),
            serial: self.allowed.serial.clone(),
            last_heard: self.last_heard,
            current: match self.phase {
                Phase::Live if !untrusted => {
                    // A value from before this connection is not current, however young it is.
                    self.gauge.since(fresh_since.max(self.link.live_since_ms.unwrap_or(u64::MAX)))
                }
                _ => None,
            },
            last_known: self.gauge.all(),
            alarms: self.memory.alarms.clone(),
            clock: self.memory.clock.as_ref().map(|clock| ClockStatus {
                offset_ms: clock.offset_ms,
                error_ms: clock.error_ms,
                needs_setting: clock.needs_setting,
                off: clock.error_ms.abs() > 60_000,
            }),
            holes: self.memory.holes.clone(),
            not_handed_over: self.not_handed_over,
            firmware: self.memory.enrolment.as_ref().and_then(|enrolment| enrolment.firmware.clone()),
            firmware_tested: self.firmware_tested(),
            untrusted,
        }
    }

    fn firmware_tested(&self) -> Option<bool> {
        let enrolment = self.memory.enrolment.as_ref()?;
        let said = enrolment.model.is_some() && enrolment.firmware.is_some();
        let tested = is_tested(self.adapter.tested_with(), enrolment.model.as_deref(), enrolment.firmware.as_deref());
        (said || self.phase == Phase::Live).then_some(tested)
    }

    /// A person wants to listen, whatever became of it.
    pub fn is_wanted(&self) -> bool {
        self.wanted
    }

    /// The serial number of the pump that may be listened to.
    pub fn serial(&self) -> &str {
        &self.allowed.serial
    }

    /// What there is to remember. Companion keeps what [`Output::memory`] gives, in the transaction of its facts.
    pub fn memory(&self) -> &SessionMemory {
        &self.memory
    }

    fn state(&self, now: Now) -> LinkState {
        match self.phase {
            Phase::Off => LinkState::Off,
            Phase::NotEnrolled => LinkState::NotEnrolled,
            Phase::BluetoothOff(state) => LinkState::BluetoothOff(state),
            Phase::Scanning => LinkState::Scanning,
            Phase::Connecting { .. } => LinkState::Connecting,
            Phase::Securing { .. } => LinkState::Securing,
            Phase::Discovering => LinkState::Discovering,
            Phase::Syncing => LinkState::Syncing,
            Phase::Live => LinkState::Live,
            Phase::Backoff { until_ms } => {
                LinkState::Backoff { retry_in_s: until_ms.saturating_sub(now.monotonic_ms).div_ceil(1000) }
            }
            Phase::BondLost => LinkState::BondLost,
            Phase::Refused(refusal) => LinkState::Refused(refusal),
        }
    }

    fn enter(&mut self, phase: Phase) {
        self.changed |= self.phase != phase;
        self.phase = phase;
    }

    /// When silence has lasted too long to call the link live.
    fn silent_at(&self) -> Option<u64> {
        let live_since = self.link.live_since_ms?;
        let heard = self.link.live_heard_ms.map_or(live_since, |heard| heard.max(live_since));
        Some(heard.saturating_add(STALE_AFTER_MS))
    }

    fn time_passed(&mut self, now: Now) {
        let due = |deadline_ms: u64| now.monotonic_ms >= deadline_ms;
        match self.phase {
            Phase::Connecting { deadline_ms } | Phase::Securing { deadline_ms } if due(deadline_ms) => {
                self.give_up_link(now);
            }
            Phase::Backoff { until_ms } if due(until_ms) => self.connect(now),
            Phase::Discovering | Phase::Syncing | Phase::Live => {
                self.link.forget_overdue(now.monotonic_ms);
                let overdue = self.link.in_flight.as_ref().is_some_and(|in_flight| due(in_flight.deadline_ms));
                if overdue || self.silent_at().is_some_and(due) {
                    return self.give_up_link(now);
                }
                if self.link.next_look_ms.is_some_and(due) {
                    self.link.next_look_ms = Some(now.monotonic_ms.saturating_add(LOOK_EVERY_MS));
                    self.link.records_wanted = true;
                }
                if self.link.next_present_ms.is_some_and(due) {
                    self.link.next_present_ms = Some(now.monotonic_ms.saturating_add(PRESENT_EVERY_MS));
                    self.ask_present();
                }
            }
            Phase::Connecting { .. }
            | Phase::Securing { .. }
            | Phase::Backoff { .. }
            | Phase::Off
            | Phase::NotEnrolled
            | Phase::BluetoothOff(_)
            | Phase::Scanning
            | Phase::BondLost
            | Phase::Refused(_) => {}
        }
    }

    fn next_operation(&mut self, now: Now) {
        if !self.has_link() {
            return;
        }
        if self.phase == Phase::Live && self.link.records_wanted && self.link.is_idle() {
            self.link.records_wanted = false;
            self.ask_for_records(false);
        }
        while let Some(begun) = self.link.next(&mut *self.adapter, now.monotonic_ms) {
            self.begun(begun, now);
        }
    }

    /// What came of the wish to begin an operation.
    fn begun(&mut self, begun: Begun, now: Now) {
        match begun {
            Begun::Command(command) => self.commands.push(command),
            Begun::NotNeeded(Operation::StartLive) => self.go_live(now),
            Begun::NotNeeded(Operation::ReportRecords { .. } | Operation::AbortReport) => self.records_done(now),
            Begun::NotNeeded(
                Operation::CountRecords { .. }
                | Operation::RequestMtu
                | Operation::Discover
                | Operation::Read(_)
                | Operation::Subscribe { .. },
            ) => {}
            Begun::Refused(write) => {
                self.refuse(Refusal::WriteNotAllowed { characteristic: write.characteristic }, now);
            }
        }
    }

    /// Reads how the pump is, where it tells only changes.
    fn ask_present(&mut self) {
        for characteristic in self.adapter.present() {
            self.read_again(*characteristic);
        }
    }

    fn read_again(&mut self, characteristic: Characteristic) {
        let read = Operation::Read(characteristic);
        if !self.link.queue.contains(&read) {
            self.link.queue.push_back(read);
        }
    }

    /// What this call gave. During a report facts and memory wait for each other, so that a hundred records are one durable
    /// write and not a hundred.
    fn output(&mut self) -> Output {
        let gather = self.link.is_reporting() && self.staged.len() < FACTS_AT_ONCE && self.taken < RECORDS_AT_ONCE;
        self.output_now(!gather)
    }

    fn output_now(&mut self, hand_over: bool) -> Output {
        let mut output = Output {
            commands: core::mem::take(&mut self.commands),
            status_changed: core::mem::take(&mut self.changed),
            ..Output::default()
        };
        if hand_over {
            self.end_run();
            self.taken = 0;
            output.facts = core::mem::take(&mut self.staged);
            if self.memory != self.handed_over {
                self.memory.forget_old_alarms();
                self.handed_over = self.memory.clone();
                output.memory = Some(self.memory.clone());
            }
        }
        output
    }
}
