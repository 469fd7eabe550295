//! Making a connection, losing it, trying again.

use super::link::Link;
use super::{Now, Phase, PumpFact, PumpSession, Refusal};
use crate::radio::{AdapterState, RadioCommand};
use chrono::{DateTime, Utc};
use homeline_model::{PumpEvent, PumpEventKind, TimeBasis};

/// An attempt to connect, in milliseconds: Android's own limit.
const CONNECT_LIMIT_MS: u64 = 30_000;
/// A patient wait is renewed after ten minutes: stacks are known to forget one.
const PATIENT_WAIT_LIMIT_MS: u64 = 600_000;
/// After so many failed tries the next one waits until the pump comes into range.
const DIRECT_TRIES: u32 = 3;
/// After so long live, a new loss starts with the shortest pause again, in milliseconds.
const STABLE_AFTER_MS: u64 = 60_000;

impl PumpSession {
    pub(super) fn has_link(&self) -> bool {
        match self.phase {
            Phase::Connecting { .. } | Phase::Securing { .. } | Phase::Discovering | Phase::Syncing | Phase::Live => {
                true
            }
            Phase::Off
            | Phase::NotEnrolled
            | Phase::BluetoothOff(_)
            | Phase::Scanning
            | Phase::Backoff { .. }
            | Phase::BondLost
            | Phase::Refused(_) => false,
        }
    }

    pub(super) fn adapter_changed(&mut self, state: AdapterState, now: Now) {
        self.radio = state;
        match (state, self.phase) {
            (AdapterState::On, Phase::BluetoothOff(_)) => self.connect(now),
            (AdapterState::On, _) => {}
            (AdapterState::Off | AdapterState::NotPermitted, Phase::Off | Phase::BondLost | Phase::Refused(_)) => {}
            (AdapterState::Off | AdapterState::NotPermitted, _) => {
                self.link_lost(now);
                self.enter(Phase::BluetoothOff(state));
            }
        }
    }

    /// The next step from "no link": connect, scan, or say why not.
    pub(super) fn connect(&mut self, now: Now) {
        if self.radio != AdapterState::On {
            return self.enter(Phase::BluetoothOff(self.radio));
        }
        if self.pairing {
            return self.scan_or_wait();
        }
        match &self.memory.enrolment {
            None => self.enter(Phase::NotEnrolled),
            Some(enrolment) if enrolment.bond_lost => self.enter(Phase::BondLost),
            Some(enrolment) => {
                let peripheral = enrolment.peripheral.clone();
                self.connect_to(peripheral, now);
            }
        }
    }

    pub(super) fn scan_or_wait(&mut self) {
        if self.radio == AdapterState::On {
            self.commands.push(RadioCommand::Scan { service: self.adapter.service() });
            self.enter(Phase::Scanning);
        } else {
            self.enter(Phase::BluetoothOff(self.radio));
        }
    }

    pub(super) fn found(&mut self, peripheral: String, now: Now) {
        if self.phase == Phase::Scanning && !self.not_ours.contains(&peripheral) {
            self.commands.push(RadioCommand::StopScan);
            self.connect_to(peripheral, now);
        }
    }

    pub(super) fn connect_to(&mut self, peripheral: String, now: Now) {
        let patient_wait = !self.pairing && self.failed_tries >= DIRECT_TRIES;
        let limit = if patient_wait { PATIENT_WAIT_LIMIT_MS } else { CONNECT_LIMIT_MS };
        self.link = Link::default();
        self.adapter.connected();
        self.peripheral = Some(peripheral.clone());
        self.commands.push(RadioCommand::Connect { peripheral, patient_wait });
        self.enter(Phase::Connecting { deadline_ms: now.monotonic_ms.saturating_add(limit) });
    }

    pub(super) fn disconnected(&mut self, reason: u8, now: Now) {
        // The pump forgot the bond: 0x05 authentication failure, 0x06 key missing, 0x3D MIC failure, told by some
        // platforms as nothing but a link that ends while it is being protected.
        let bond_refused = matches!(reason, 0x05 | 0x06 | 0x3D) && matches!(self.phase, Phase::Securing { .. });
        if bond_refused && !self.pairing {
            self.bond_lost(now);
        } else if self.has_link() {
            self.lose_link_and_retry(now);
        }
    }

    pub(super) fn bond_lost(&mut self, now: Now) {
        // Also while nothing is connected: a person may remove the pairing in the phone's settings at any time.
        let listens = !matches!(self.phase, Phase::Off | Phase::NotEnrolled | Phase::Refused(_));
        if self.pairing && !self.has_link() || !listens {
            return;
        }
        if let Some(enrolment) = &mut self.memory.enrolment {
            enrolment.bond_lost = true;
        }
        self.drop_link(now);
        self.enter(Phase::BondLost);
    }

    pub(super) fn refuse(&mut self, refusal: Refusal, now: Now) {
        self.drop_link(now);
        self.enter(Phase::Refused(refusal));
    }

    /// Ends the connection from our side, whatever it was doing.
    pub(super) fn drop_link(&mut self, now: Now) {
        if self.phase == Phase::Scanning {
            self.commands.push(RadioCommand::StopScan);
        }
        if self.has_link() {
            self.commands.push(RadioCommand::Disconnect);
        }
        self.link_lost(now);
    }

    /// Disconnects and tries again after a pause.
    pub(super) fn give_up_link(&mut self, now: Now) {
        self.drop_link(now);
        self.back_off(now);
    }

    pub(super) fn lose_link_and_retry(&mut self, now: Now) {
        self.link_lost(now);
        self.back_off(now);
    }

    pub(super) fn back_off(&mut self, now: Now) {
        let pause_ms = (1_000_u64 << self.failed_tries.min(6)).min(60_000);
        self.failed_tries = self.failed_tries.saturating_add(1);
        // A tenth more or less, so that phones do not try in step. xorshift64 (Marsaglia 2003).
        self.jitter ^= self.jitter << 13;
        self.jitter ^= self.jitter >> 7;
        self.jitter ^= self.jitter << 17;
        let spread = self.jitter % (pause_ms / 5);
        let until_ms = now.monotonic_ms.saturating_add(pause_ms - pause_ms / 10 + spread);
        self.enter(Phase::Backoff { until_ms });
    }

    /// The link is gone: what the pump does now is not known.
    pub(super) fn link_lost(&mut self, now: Now) {
        if let Some(live_since) = self.link.live_since_ms
            && now.monotonic_ms.saturating_sub(live_since) >= STABLE_AFTER_MS
        {
            self.failed_tries = 0;
        }
        self.link = Link::default();
        if self.memory.link_up {
            self.memory.link_up = false;
            self.own_fact(self.link_identity("link-lost", now.wall), PumpEventKind::LinkLost, now);
        }
        self.changed = true;
    }

    pub(super) fn link_identity(&self, what: &str, at: DateTime<Utc>) -> String {
        format!("{}/{}/{what}/{}", self.allowed.serial, self.memory.epoch, at.timestamp_millis())
    }

    pub(super) fn own_fact(&mut self, identity: String, kind: PumpEventKind, now: Now) {
        self.staged.push(PumpFact {
            identity,
            event: PumpEvent {
                serial: self.allowed.serial.clone(),
                record: None,
                epoch: self.memory.epoch,
                kind,
                volume_infused: None,
                rate: None,
                samples: None,
            },
            happened: now.wall,
            basis: TimeBasis::PhoneClock,
            device_clock: None,
        });
    }
}
