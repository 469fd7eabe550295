//! What is heard, and live values: for the status alone. What the pump also keeps in its record is fetched from there at once.

use super::link::{Answer, Operation};
use super::memory::AlarmStatus;
use super::status::{Refusal, Said};
use super::{LOOK_EVERY_MS, Now, PRESENT_EVERY_MS, Phase, PumpSession};
use crate::adapter::Heard;
use crate::profile::{AlarmStatement, Delivery, DeliveryEvent, Statement};
use crate::radio::Characteristic;
use crate::wire::control_point::ControlAnswer;
use crate::wire::{WireError, battery};
use homeline_model::PumpEventKind;

impl PumpSession {
    pub(super) fn live_answered(&mut self, answer: ControlAnswer, now: Now) {
        match answer {
            ControlAnswer::Ok => self.go_live(now),
            ControlAnswer::Busy | ControlAnswer::LiveNotPossible => self.give_up_link(now),
        }
    }

    pub(super) fn go_live(&mut self, now: Now) {
        self.link.live_since_ms = Some(now.monotonic_ms);
        self.link.next_look_ms = Some(now.monotonic_ms.saturating_add(LOOK_EVERY_MS));
        self.link.survey = Some(Vec::new());
        if !self.adapter.present().is_empty() {
            self.link.next_present_ms = Some(now.monotonic_ms.saturating_add(PRESENT_EVERY_MS));
            self.ask_present();
        }
        self.enter(Phase::Live);
        if !self.memory.link_up {
            self.memory.link_up = true;
            self.own_fact(self.link_identity("link-up", now.wall), PumpEventKind::LinkUp, now);
        }
    }

    pub(super) fn value(&mut self, characteristic: Characteristic, value: &[u8], now: Now) {
        // Before the serial number is proven, nothing is heard.
        if !matches!(self.phase, Phase::Syncing | Phase::Live) || !self.link.serial_proven {
            return;
        }
        self.last_heard = Some(now.wall);
        if characteristic == Characteristic::BATTERY_LEVEL {
            if let Ok(percent) = battery::level(value) {
                self.hear(Said::Battery(percent), now);
            }
            return;
        }
        let record = characteristic == self.adapter.records();
        if record {
            self.report_goes_on(now);
        }
        if self.take(characteristic, value, now).is_ok() {
            return;
        }
        if self.link.in_flight.as_ref().is_some_and(|in_flight| in_flight.writes_to(characteristic)) {
            // An answer that cannot be read is none.
            return self.give_up_link(now);
        }
        // It may have been an alarm: the record has it.
        self.unreadable();
        if record {
            self.link.report.gap = true;
        } else {
            self.link.records_wanted = true;
        }
    }

    /// Hands a value to the adapter, and hears all that it says.
    pub(super) fn take(&mut self, characteristic: Characteristic, value: &[u8], now: Now) -> Result<(), WireError> {
        let mut heard = core::mem::take(&mut self.heard);
        let taken = self.adapter.take(characteristic, value, &mut |one| heard.push(one));
        for one in heard.drain(..) {
            self.heard(one, now);
        }
        self.heard = heard;
        taken
    }

    fn heard(&mut self, heard: Heard, now: Now) {
        match heard {
            Heard::Live(statement) if self.awaits_live() => {
                self.unreadable_in_a_row = 0;
                self.link.live_heard_ms = Some(now.monotonic_ms);
                self.live_statement(statement, now);
            }
            Heard::LiveLost if self.awaits_live() => self.link.records_wanted = true,
            Heard::AlarmsNamed if self.awaits_live() => self.alarms_named(),
            Heard::Live(_) | Heard::LiveLost | Heard::AlarmsNamed => {}
            Heard::NoAlarm => {
                self.link.survey = Some(Vec::new());
                self.alarms_named();
            }
            Heard::Recorded(record) => self.record_came(record, now),
            // It shows as a missing number, or, the last one, by the count at the end.
            Heard::RecordLost => {}
            Heard::ReadAgain(characteristic) => self.read_again(characteristic),
            Heard::RecordGrew => self.link.records_wanted = true,
            Heard::Clock(clock) => self.clock_read(&clock, now),
            Heard::NotAPump => self.refuse(Refusal::NotAPump, now),
            Heard::OutOfStep => self.give_up_link(now),
            Heard::Answer(answer) => self.control_answer(Answer::Records(answer), now),
            Heard::LiveAnswer(answer) => self.control_answer(Answer::Control(answer), now),
        }
    }

    /// Live values were asked for, or need not be.
    fn awaits_live(&self) -> bool {
        let asked = |in_flight: &super::link::InFlight| in_flight.operation == Operation::StartLive;
        self.link.live_since_ms.is_some()
            || self.link.in_flight.as_ref().is_some_and(asked)
            || !self.adapter.present().is_empty()
    }

    pub(super) fn unreadable(&mut self) {
        self.unreadable_in_a_row = self.unreadable_in_a_row.saturating_add(1);
        self.changed = true;
    }

    pub(super) fn hear(&mut self, said: Said, now: Now) {
        self.gauge.hear(said, now);
        self.changed = true;
    }

    fn live_statement(&mut self, statement: Statement, now: Now) {
        match statement {
            Statement::Rate(rate) => self.hear(Said::Rate(rate), now),
            Statement::VolumeInfused(volume) => self.hear(Said::VolumeInfused(volume), now),
            Statement::VolumeToBeInfused(volume) => self.hear(Said::VolumeToBeInfused(volume), now),
            Statement::VolumeRemaining(volume) => self.hear(Said::VolumeRemaining(volume), now),
            Statement::TimeRemaining(seconds) => self.hear(Said::TimeRemaining(seconds), now),
            Statement::Delivery(delivery) => self.hear(Said::Delivery(delivery), now),
            Statement::Event(event, counters) => {
                let delivery = match event {
                    DeliveryEvent::Started => Delivery::Delivering,
                    DeliveryEvent::Stopped | DeliveryEvent::Completed | DeliveryEvent::Cleared => {
                        Delivery::NotDelivering
                    }
                };
                self.hear(Said::Delivery(delivery), now);
                self.hear(Said::Rate(counters.rate_ml_h), now);
                if counters.volume_infused_ml.is_some() {
                    self.hear(Said::VolumeInfused(counters.volume_infused_ml), now);
                }
                self.link.records_wanted = true;
            }
            Statement::Alarm(alarm, _) => self.alarm_heard(alarm, now),
            Statement::NotUsable | Statement::Other(_) => {}
        }
    }

    fn alarm_heard(&mut self, alarm: AlarmStatement, now: Now) {
        self.changed = true;
        if let Some(survey) = &mut self.link.survey
            && alarm.active
            && survey.len() < 64
        {
            survey.push(alarm.code);
        }
        let open = self.memory.open_alarm(alarm.code, alarm.instance);
        match (open, alarm.active) {
            // Known with its record, and now said again.
            (Some(AlarmStatus { raised_record: Some(_), .. }), true) => return,
            (Some(_), true) | (None, false) => {}
            (Some(open), false) => open.cleared_at = Some(now.wall),
            (None, true) => self.memory.alarms.push(AlarmStatus {
                code: alarm.code,
                instance: alarm.instance,
                kind: alarm.kind,
                text: alarm.text,
                priority: alarm.priority,
                raised_at: now.wall,
                raised_record: None,
                seen_at: None,
                cleared_at: None,
            }),
        }
        self.link.records_wanted = true;
    }

    /// The pump said all that is on. An alarm that we hold for on and that it did not name is looked up in the record.
    fn alarms_named(&mut self) {
        let Some(named) = self.link.survey.take() else { return };
        let open = self.memory.alarms.iter().filter(|alarm| alarm.cleared_at.is_none());
        let unnamed = open.filter(|alarm| !named.contains(&alarm.code));
        self.link.unconfirmed = unnamed.map(|alarm| (alarm.code, alarm.instance)).collect();
        self.link.records_wanted |= !self.link.unconfirmed.is_empty();
    }
}
