//! Live values: for the status alone. What the pump also keeps in its record is fetched from there at once.

use super::link::Operation;
use super::memory::AlarmStatus;
use super::status::Said;
use super::{LOOK_EVERY_MS, Now, Phase, PumpSession};
use crate::profile::{self, AlarmStatement, Delivery, DeliveryEvent, Statement};
use crate::radio::Characteristic;
use crate::wire::control_point::ControlAnswer;
use crate::wire::observation::Observation;
use crate::wire::segment::Segment;
use crate::wire::{battery, timestamp};
use homeline_model::PumpEventKind;

impl PumpSession {
    pub(super) fn live_answered(&mut self, answer: ControlAnswer, now: Now) {
        match answer {
            ControlAnswer::Ok => {
                self.link.live_since_ms = Some(now.monotonic_ms);
                self.link.next_look_ms = Some(now.monotonic_ms.saturating_add(LOOK_EVERY_MS));
                self.link.survey = Some(Vec::new());
                self.enter(Phase::Live);
                if !self.memory.link_up {
                    self.memory.link_up = true;
                    self.own_fact(self.link_identity("link-up", now.wall), PumpEventKind::LinkUp, now);
                }
            }
            ControlAnswer::Busy | ControlAnswer::LiveNotPossible => self.give_up_link(now),
        }
    }

    pub(super) fn value(&mut self, characteristic: Characteristic, value: &[u8], now: Now) {
        // Before the serial number is proven, nothing is heard.
        if !matches!(self.phase, Phase::Syncing | Phase::Live) || !self.link.serial_proven {
            return;
        }
        self.last_heard = Some(now.wall);
        match characteristic {
            Characteristic::RECORD_ACCESS | Characteristic::CONTROL_POINT => {
                self.control_answer(characteristic, value, now);
            }
            Characteristic::STORED => self.stored_packet(value, now),
            Characteristic::LIVE => self.live_packet(value, now),
            Characteristic::ELAPSED_TIME => {
                if let Ok(clock) = timestamp::current_elapsed_time(value) {
                    self.clock_read(&clock, now);
                }
            }
            Characteristic::BATTERY_LEVEL => {
                if let Ok(percent) = battery::level(value) {
                    self.hear(Said::Battery(percent), now);
                }
            }
            _ => {}
        }
    }

    fn live_packet(&mut self, packet: &[u8], now: Now) {
        let awaited = self.link.live_since_ms.is_some()
            || self.link.in_flight.as_ref().is_some_and(|in_flight| in_flight.operation == Operation::StartLive);
        if !awaited {
            return;
        }
        let body = match self.link.live.take(packet) {
            Ok(Segment::Whole(body)) => body,
            Ok(Segment::More) => return,
            Ok(Segment::WholeAfterLoss(body)) => {
                self.link.records_wanted = true;
                body
            }
            // What was lost may have been an alarm: the record has it.
            Ok(Segment::MoreAfterLoss | Segment::Lost) | Err(_) => {
                self.link.records_wanted = true;
                return;
            }
        };
        match Observation::live(&body).and_then(|observation| profile::statement(&observation)) {
            Ok(statement) => {
                self.unreadable_in_a_row = 0;
                self.link.live_heard_ms = Some(now.monotonic_ms);
                self.live_statement(statement, now);
            }
            Err(_) => {
                self.unreadable();
                self.link.records_wanted = true;
            }
        }
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
            Statement::Delivery(delivery) => {
                self.hear(Said::Delivery(delivery), now);
                self.survey_complete();
            }
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
        let open = self.memory.open_alarm(alarm.code);
        match (open, alarm.active) {
            // Known with its record, and now said again.
            (Some(AlarmStatus { raised_record: Some(_), .. }), true) => return,
            (Some(_), true) | (None, false) => {}
            (Some(open), false) => open.cleared_at = Some(now.wall),
            (None, true) => self.memory.alarms.push(AlarmStatus {
                code: alarm.code,
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
    fn survey_complete(&mut self) {
        let Some(named) = self.link.survey.take() else { return };
        let open = self.memory.alarms.iter().filter(|alarm| alarm.cleared_at.is_none()).map(|alarm| alarm.code);
        self.link.unconfirmed = open.filter(|code| !named.contains(code)).collect();
        self.link.records_wanted |= !self.link.unconfirmed.is_empty();
    }
}
