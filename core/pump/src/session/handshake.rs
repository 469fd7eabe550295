//! From a new link to its proof: protected, the right services, the right serial number, a pump; then the subscriptions,
//! the clock and the battery.

use super::link::{InFlight, Operation};
use super::memory::{ClockMapping, Enrolment};
use super::status::{Refusal, Said};
use super::{Now, Phase, PumpSession, SECURE_LIMIT_MS};
use crate::adapter::Subscription;
use crate::radio::{AttError, Characteristic, LinkSecurity, RadioCommand};
use crate::wire::timestamp::CurrentElapsedTime;
use crate::wire::{battery, device_information, security_levels};
use chrono::TimeDelta;

impl PumpSession {
    pub(super) fn connected(&mut self, now: Now) {
        if matches!(self.phase, Phase::Connecting { .. }) {
            self.secure(now);
        }
    }

    fn secure(&mut self, now: Now) {
        self.commands.push(RadioCommand::Secure);
        self.enter(Phase::Securing { deadline_ms: now.monotonic_ms.saturating_add(SECURE_LIMIT_MS) });
    }

    pub(super) fn secured(&mut self, security: LinkSecurity, now: Now) {
        if !matches!(self.phase, Phase::Securing { .. }) {
            return;
        }
        let proven_at_enrolment = !self.pairing
            && self.memory.enrolment.as_ref().is_some_and(|enrolment| {
                matches!(enrolment.security, LinkSecurity::Authenticated | LinkSecurity::CodeTyped)
            });
        let good = match security {
            LinkSecurity::Authenticated => true,
            LinkSecurity::CodeTyped => self.pairing || proven_at_enrolment,
            LinkSecurity::UnknownBonded => proven_at_enrolment,
            LinkSecurity::None | LinkSecurity::Encrypted => false,
        };
        if !good {
            return self.refuse(Refusal::NotAuthenticated, now);
        }
        self.link.security = Some(security);
        match self.link.waits_for_security.take() {
            Some(operation) => {
                let phase = if self.link.live_since_ms.is_some() { Phase::Live } else { Phase::Syncing };
                self.enter(if operation == Operation::Discover { Phase::Discovering } else { phase });
                let begun = self.link.begin(operation, &mut *self.adapter, true, now.monotonic_ms);
                self.begun(begun, now);
            }
            None => {
                self.enter(Phase::Discovering);
                self.link.queue.extend([Operation::RequestMtu, Operation::Discover]);
            }
        }
    }

    pub(super) fn mtu_changed(&mut self) {
        // What it is now is the radio's business: a packet says its own length.
        self.link.finish(|operation| operation == Operation::RequestMtu);
    }

    pub(super) fn services_changed(&mut self) {
        if matches!(self.phase, Phase::Discovering | Phase::Syncing | Phase::Live) {
            self.link.begin_anew();
            self.enter(Phase::Discovering);
            self.link.queue.push_back(Operation::Discover);
        }
    }

    pub(super) fn discovered(&mut self, characteristics: &[Characteristic], now: Now) {
        if self.link.finish(|operation| operation == Operation::Discover).is_none() {
            return;
        }
        if let Some(missing) =
            self.adapter.required().iter().copied().find(|required| !characteristics.contains(required))
        {
            return self.refuse(Refusal::NotThisProfile { missing }, now);
        }
        self.enter(Phase::Syncing);
        // The serial number first: nothing of another pump is read. Subscriptions before any control-point write.
        let offered = |characteristic: &Characteristic| characteristics.contains(characteristic);
        let about = [Characteristic::MODEL_NUMBER, Characteristic::FIRMWARE_REVISION, Characteristic::SECURITY_LEVELS];
        let subscribe = |one: &Subscription| Operation::Subscribe {
            characteristic: one.characteristic,
            indications: one.indications,
            courtesy: one.courtesy,
        };
        self.link.queue.push_back(Operation::Read(Characteristic::SERIAL_NUMBER));
        self.link.queue.extend(about.into_iter().filter(offered).map(Operation::Read));
        self.link.queue.push_back(Operation::Read(self.adapter.features()));
        let subscriptions = self.adapter.subscriptions().iter();
        self.link.queue.extend(subscriptions.filter(|one| offered(&one.characteristic)).map(subscribe));
        if offered(&Characteristic::BATTERY_LEVEL) {
            self.link.queue.extend([
                Operation::Subscribe {
                    characteristic: Characteristic::BATTERY_LEVEL,
                    indications: false,
                    courtesy: true,
                },
                Operation::Read(Characteristic::BATTERY_LEVEL),
            ]);
        }
        // Which alarms are on is asked before the history is trusted, where a pump does not tell it by itself.
        self.ask_present();
        self.ask_for_records(true);
    }

    pub(super) fn read(&mut self, characteristic: Characteristic, result: Result<Vec<u8>, AttError>, now: Now) {
        let Some(in_flight) = self.link.finish(|operation| operation == Operation::Read(characteristic)) else {
            return;
        };
        match result {
            Ok(value) => self.read_value(characteristic, &value, now),
            Err(error) => self.operation_failed(&in_flight, error, now),
        }
    }

    fn read_value(&mut self, characteristic: Characteristic, value: &[u8], now: Now) {
        let understood = match characteristic {
            Characteristic::SERIAL_NUMBER => device_information::text(value, "serial number").map(|serial| {
                if serial == self.allowed.serial {
                    self.serial_proven(now);
                } else {
                    self.refuse(Refusal::WrongSerial, now);
                }
            }),
            Characteristic::BATTERY_LEVEL => {
                // A battery that cannot be read is not known; the pump is listened to all the same.
                if let Ok(percent) = battery::level(value) {
                    self.hear(Said::Battery(percent), now);
                }
                Ok(())
            }
            Characteristic::MODEL_NUMBER => {
                if let Ok(model) = device_information::text(value, "model number") {
                    self.model_read(model.to_owned(), now);
                }
                Ok(())
            }
            Characteristic::FIRMWARE_REVISION => {
                if let Ok(firmware) = device_information::text(value, "firmware revision")
                    && let Some(enrolment) = &mut self.memory.enrolment
                    && enrolment.firmware.as_deref() != Some(firmware)
                {
                    enrolment.firmware = Some(firmware.to_owned());
                }
                Ok(())
            }
            Characteristic::SECURITY_LEVELS => {
                if let (Ok(levels), Some(enrolment)) = (security_levels::decode(value), &mut self.memory.enrolment) {
                    enrolment.demands = levels.take(8).map(|demand| [demand.mode, demand.level]).collect();
                }
                Ok(())
            }
            _ => self.take(characteristic, value, now),
        };
        match understood {
            Ok(()) if self.link.read_again == Some(characteristic) => self.link.read_again = None,
            Ok(()) => {}
            // How the pump is may be damaged on its way: read once more, and then not known.
            Err(_) if self.adapter.present().contains(&characteristic) => {
                self.unreadable();
                if self.link.read_again != Some(characteristic) {
                    self.link.read_again = Some(characteristic);
                    self.link.queue.push_front(Operation::Read(characteristic));
                }
            }
            Err(_) => self.refuse(Refusal::Unreadable { what: characteristic }, now),
        }
    }

    fn serial_proven(&mut self, now: Now) {
        self.link.serial_proven = true;
        self.last_heard = Some(now.wall);
        if self.pairing
            && let Some(peripheral) = self.peripheral.clone()
        {
            self.pairing = false;
            self.memory.enrolment = Some(Enrolment {
                serial: self.allowed.serial.clone(),
                peripheral,
                // Only an authenticated link comes this far while pairing.
                security: self.link.security.unwrap_or(LinkSecurity::Authenticated),
                enrolled_at: now.wall,
                bond_lost: false,
                model: None,
                firmware: None,
                demands: Vec::new(),
                service: Some(self.adapter.service()),
            });
        }
    }

    fn model_read(&mut self, model: String, now: Now) {
        let Some(enrolment) = &mut self.memory.enrolment else { return };
        match &enrolment.model {
            None => enrolment.model = Some(model),
            // One serial number, two models: one of them is not what it says.
            Some(known) if *known != model => self.refuse(Refusal::AnotherModel, now),
            Some(_) => {}
        }
    }

    pub(super) fn clock_read(&mut self, clock: &CurrentElapsedTime, now: Now) {
        let reading = clock.time.reading();
        let offset_ms = now.wall.naive_utc().signed_duration_since(reading).num_milliseconds();
        let error_ms = match (clock.time.utc, clock.time.offset_minutes) {
            (true, _) => offset_ms,
            (false, Some(minutes)) => offset_ms + TimeDelta::minutes(i64::from(minutes)).num_milliseconds(),
            // Local time of a zone that it does not name: zones differ by quarters of an hour, the rest is error.
            (false, None) => {
                const QUARTER_MS: i64 = 15 * 60_000;
                (offset_ms + QUARTER_MS / 2).rem_euclid(QUARTER_MS) - QUARTER_MS / 2
            }
        };
        let mapping = ClockMapping { offset_ms, error_ms, compared_at: now.wall, needs_setting: clock.needs_setting };
        // A new comparison that says the same is not worth a durable write.
        let moved = self.memory.clock.as_ref().is_none_or(|known| {
            (known.offset_ms - offset_ms).abs() > 1_000 || known.needs_setting != mapping.needs_setting
        });
        if moved {
            self.memory.clock = Some(mapping);
            self.changed = true;
        }
    }

    pub(super) fn written(&mut self, characteristic: Characteristic, result: Result<(), AttError>, now: Now) {
        match result {
            Ok(()) => {
                if let Some(in_flight) = &mut self.link.in_flight
                    && in_flight.writes_to(characteristic)
                {
                    in_flight.written = true;
                }
                self.procedure_may_be_done(now);
            }
            Err(error) => {
                if let Some(in_flight) = self.link.finish_write(characteristic) {
                    self.operation_failed(&in_flight, error, now);
                }
            }
        }
    }

    pub(super) fn subscribed(&mut self, characteristic: Characteristic, result: Result<(), AttError>, now: Now) {
        let is_this =
            |operation| matches!(operation, Operation::Subscribe { characteristic: c, .. } if c == characteristic);
        if let Some(in_flight) = self.link.finish(is_this)
            && let Err(error) = result
        {
            self.operation_failed(&in_flight, error, now);
        }
    }

    fn operation_failed(&mut self, in_flight: &InFlight, error: AttError, now: Now) {
        if error.wants_security() {
            if in_flight.second_try {
                return self.refuse(Refusal::SecurityRepeats, now);
            }
            self.link.waits_for_security = Some(in_flight.operation);
            return self.secure(now);
        }
        if !in_flight.operation.is_courtesy() {
            self.give_up_link(now);
        }
    }
}
