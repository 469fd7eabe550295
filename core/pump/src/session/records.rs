//! The pump's numbered record: asked for from the last known number on, taken strictly in its order.
//!
//! The last known record is asked for again on purpose. When it is gone, or another one stands under its number, the
//! numbering began anew (a new battery, a service, another memory): a new epoch. Going back to the first gap instead
//! of keeping what came after it costs a repeat on a rare fault, and saves every question of order.
//!
//! The pump's clock is read right before its records are: what they are dated by is seconds old, also when a person has
//! just set it.

use super::link::{Answer, Operation, Report};
use super::memory::{AlarmStatus, RecordRange};
use super::{Now, Phase, PumpSession, RECORDS_IN_ONE_REPORT};
use crate::adapter::Record;
use crate::profile::{AlarmStatement, Counters, DeliveryEvent, Statement};
use crate::wire::record_access::{RecordAccessAnswer, RecordAccessCode};
use chrono::{DateTime, TimeDelta, Utc};
use homeline_model::{DeviceClock, PumpEvent, PumpEventKind, Quantity, TimeBasis};

/// When a record happened.
#[derive(Clone)]
pub(super) struct Dated {
    pub(super) happened: DateTime<Utc>,
    pub(super) basis: TimeBasis,
    pub(super) device_clock: Option<DeviceClock>,
}

impl PumpSession {
    /// Queues the backfill; on a new connection with the count before it, so that a pump that cannot count is known early.
    pub(super) fn ask_for_records(&mut self, count_first: bool) {
        let from = self.memory.contiguous_record.unwrap_or(0);
        // Records after the last one come again, and with them what an adapter learns from them.
        self.adapter.restore(self.memory.adapter.clone());
        self.link.queue.extend(self.adapter.clock().map(Operation::Read));
        if count_first || !self.adapter.report_tells_its_number() {
            self.link.queue.push_back(Operation::CountRecords { from });
        }
        self.link.queue.push_back(Operation::ReportRecords { from });
        self.link.report = Report { from_nothing: self.memory.contiguous_record.is_none(), ..Report::default() };
    }

    fn ask_again(&mut self, accept_holes: bool) {
        self.ask_for_records(false);
        self.link.report.accept_holes = accept_holes;
    }

    pub(super) fn control_answer(&mut self, answer: Answer, now: Now) {
        let Some(in_flight) = &mut self.link.in_flight else { return };
        // Otherwise a late answer to what is done already, or one that comes a second time.
        if in_flight.is_answered_by(answer) {
            in_flight.answer = Some(answer);
            self.procedure_may_be_done(now);
        }
    }

    pub(super) fn procedure_may_be_done(&mut self, now: Now) {
        let Some((operation, answer)) = self.link.finish_procedure() else { return };
        match (operation, answer) {
            (Operation::CountRecords { from }, Answer::Records(answer)) => self.counted(from, answer, now),
            (Operation::ReportRecords { from }, Answer::Records(answer)) => self.reported(from, answer, now),
            (Operation::AbortReport, _) => self.records_done(now),
            (Operation::StartLive, Answer::Control(answer)) => self.live_answered(answer, now),
            _ => self.give_up_link(now),
        }
    }

    fn counted(&mut self, from: u32, answer: RecordAccessAnswer, now: Now) {
        match answer {
            RecordAccessAnswer::Count(0) | RecordAccessAnswer::Response { code: RecordAccessCode::NoRecords, .. } => {
                self.link.queue.retain(|operation| !matches!(operation, Operation::ReportRecords { .. }));
                self.nothing_from(from, now);
            }
            RecordAccessAnswer::Count(records) => self.link.report.counted = Some(records),
            RecordAccessAnswer::Reported(_) | RecordAccessAnswer::Response { .. } => self.give_up_link(now),
        }
    }

    fn reported(&mut self, from: u32, answer: RecordAccessAnswer, now: Now) {
        let report = self.link.report;
        let answer = match answer {
            RecordAccessAnswer::Response { code: RecordAccessCode::Success, .. }
                if !self.adapter.report_tells_its_number() =>
            {
                // More than were counted is what came in the meantime.
                RecordAccessAnswer::Reported(report.counted.unwrap_or_default().max(report.received))
            }
            other => other,
        };
        match answer {
            RecordAccessAnswer::Response { code: RecordAccessCode::NoRecords, .. }
            | RecordAccessAnswer::Reported(0) => {
                self.nothing_from(from, now);
            }
            RecordAccessAnswer::Reported(sent) if report.gap || sent != report.received => {
                if report.from_nothing && !report.accept_holes {
                    // The lost one may be the first, which only a report from the beginning brings. What comes a second
                    // time has the identity of the first time.
                    self.memory.contiguous_record = None;
                    self.memory.fingerprint = None;
                    return self.ask_again(true);
                }
                // First again as strictly as before; when that brought nothing new, what is missing is missing.
                let progress = report.taken > 0;
                if report.accept_holes && !progress {
                    self.not_handed_over = sent.saturating_sub(report.received);
                    self.records_done(now);
                } else {
                    self.ask_again(!progress);
                }
            }
            RecordAccessAnswer::Reported(_) => {
                self.not_handed_over = 0;
                self.records_done(now);
            }
            RecordAccessAnswer::Count(_) | RecordAccessAnswer::Response { .. } => self.give_up_link(now),
        }
    }

    /// No record from this number on. The last one that we know is asked for every time: without it, the numbering began
    /// anew.
    fn nothing_from(&mut self, from: u32, now: Now) {
        if self.memory.contiguous_record == Some(from) {
            self.memory.new_epoch();
            self.ask_again(false);
        } else {
            self.records_done(now);
        }
    }

    pub(super) fn records_done(&mut self, now: Now) {
        self.changed = true;
        if !self.link.report.full {
            for (code, instance) in core::mem::take(&mut self.link.unconfirmed) {
                self.clear_unconfirmed(code, instance, now);
            }
        }
        if self.phase == Phase::Syncing {
            self.link.queue.push_back(Operation::StartLive);
        }
    }

    /// The pump did not name this alarm among those that are on, and its record does not hold the end: it ended in a hole.
    fn clear_unconfirmed(&mut self, code: u32, instance: Option<u16>, now: Now) {
        let (serial, epoch) = (self.allowed.serial.clone(), self.memory.epoch);
        if let Some(alarm) = self.memory.open_alarm(code, instance) {
            alarm.cleared_at = Some(now.wall);
            let kind = PumpEventKind::AlarmCleared { alarm: alarm.kind.clone() };
            let identity = format!("{serial}/{epoch}/alarm-not-on/{code}/{}", alarm.raised_at.timestamp_millis());
            self.own_fact(identity, kind, now);
        }
    }

    /// A packet of the record came: the report goes on.
    pub(super) fn report_goes_on(&mut self, now: Now) {
        if self.link.is_reporting()
            && !self.link.report.full
            && let Some(in_flight) = &mut self.link.in_flight
        {
            in_flight.deadline_ms = now.monotonic_ms.saturating_add(Operation::REPORT_SILENCE_MS);
        }
    }

    pub(super) fn record_came(&mut self, came: Record, now: Now) {
        if !self.link.is_reporting() || self.link.report.full {
            return;
        }
        let Record { number: record, fingerprint, .. } = came;
        // One that is told twice would stand in for one that was lost.
        if self.link.report.newest.is_none_or(|newest| newest < record) {
            self.link.report.newest = Some(record);
            self.link.report.received = self.link.report.received.saturating_add(1);
        }
        if let Some(known) = self.memory.contiguous_record {
            if record == known && self.memory.fingerprint.is_some_and(|kept| kept != fingerprint) {
                // Another record under the number of our last one.
                self.memory.new_epoch();
                self.link.report.gap = true;
                // From zero on, and not from here.
                self.link.report.taken = 1;
                return;
            }
            if record <= known {
                return;
            }
            let next = known.saturating_add(1);
            if record > next {
                if !self.link.report.accept_holes {
                    self.link.report.gap = true;
                    return;
                }
                self.hole(RecordRange { first: next, last: record - 1 }, now);
            }
        } else if self.link.report.gap {
            return;
        }
        let dated = self.date(&came, now);
        let statement = came.statement.unwrap_or_else(|| {
            self.hole(RecordRange { first: record, last: record }, now);
            Statement::NotUsable
        });
        self.link.report.taken = self.link.report.taken.saturating_add(1);
        if self.link.report.taken >= RECORDS_IN_ONE_REPORT {
            self.link.report.full = true;
            self.link.records_wanted = true;
            self.link.queue.push_front(Operation::AbortReport);
            self.link.in_flight = None;
        }
        self.taken = self.taken.saturating_add(1);
        self.memory.contiguous_record = Some(record);
        self.memory.fingerprint = Some(fingerprint);
        self.memory.adapter = self.adapter.memory();
        self.recorded(record, statement, dated);
    }

    fn hole(&mut self, hole: RecordRange, now: Now) {
        self.memory.add_hole(hole);
        self.changed = true;
        let identity = format!("{}/{}/gap/{}", self.allowed.serial, self.memory.epoch, hole.first);
        self.own_fact(identity, PumpEventKind::RecordGap { from: hole.first, to: hole.last }, now);
    }

    fn date(&self, record: &Record, now: Now) -> Dated {
        let basis = TimeBasis::DeviceClockRaw;
        // A record whose time the pump does not know has its place in the record, and stands where it was fetched.
        let Some(reading) = record.reading else { return Dated { happened: now.wall, basis, device_clock: None } };
        let offset_ms = self.memory.clock.as_ref().map(|clock| clock.offset_ms).filter(|_| record.current_timeline);
        match offset_ms.and_then(|offset| reading.checked_add_signed(TimeDelta::try_milliseconds(offset)?)) {
            Some(corrected) => Dated {
                happened: corrected.and_utc(),
                basis: TimeBasis::DeviceClockCorrected,
                device_clock: Some(DeviceClock { reading, offset_ms }),
            },
            None => Dated {
                happened: reading.and_utc(),
                basis,
                device_clock: Some(DeviceClock { reading, offset_ms: None }),
            },
        }
    }

    fn recorded(&mut self, record: u32, statement: Statement, dated: Dated) {
        match statement {
            Statement::Event(event, counters) => match event {
                DeliveryEvent::Started => self.fact(record, PumpEventKind::Started, counters, dated),
                DeliveryEvent::Stopped => self.fact(record, PumpEventKind::Stopped, counters, dated),
                DeliveryEvent::Completed => self.fact(record, PumpEventKind::Completed, counters, dated),
                // It says that the next start is another infusion, and so does the counter, which begins at zero.
                DeliveryEvent::Cleared => {}
            },
            Statement::Alarm(alarm, counters) => self.alarm_recorded(record, alarm, counters, dated),
            Statement::VolumeInfused(Some(volume)) => {
                let counters = Counters { volume_infused_ml: Some(volume), rate_ml_h: None };
                self.progress(record, counters, dated);
            }
            Statement::Rate(Some(rate)) => {
                let counters = Counters { volume_infused_ml: None, rate_ml_h: Some(rate) };
                self.progress(record, counters, dated);
            }
            Statement::VolumeInfused(None)
            | Statement::Rate(None)
            | Statement::VolumeToBeInfused(_)
            | Statement::VolumeRemaining(_)
            | Statement::TimeRemaining(_)
            | Statement::Delivery(_)
            | Statement::NotUsable
            | Statement::Other(_) => {}
        }
    }

    fn alarm_recorded(&mut self, record: u32, alarm: AlarmStatement, counters: Counters, dated: Dated) {
        self.changed = true;
        let told_again = |known: &AlarmStatus| alarm.active && known.raised_record == Some(record);
        let (code, instance) = (alarm.code, alarm.instance);
        if self.memory.alarms.iter().any(told_again) {
            return;
        }
        if alarm.active {
            if let Some(open) = self.memory.open_alarm(code, instance) {
                if open.raised_record.is_some() {
                    // The pump goes on saying it, or says the rest of it.
                    if alarm.text.len() > open.text.len() {
                        open.text = alarm.text;
                    }
                    return;
                }
                // Heard live, now with its number and its time.
                open.raised_record = Some(record);
                open.raised_at = dated.happened;
            } else if let Some(heard) = self.memory.heard_alarm(code, instance) {
                // Heard live from its start to its end before its record was fetched.
                heard.raised_record = Some(record);
                heard.raised_at = dated.happened;
            } else {
                self.memory.alarms.push(AlarmStatus {
                    code,
                    instance,
                    kind: alarm.kind.clone(),
                    text: alarm.text.clone(),
                    priority: alarm.priority,
                    raised_at: dated.happened,
                    raised_record: Some(record),
                    seen_at: None,
                    cleared_at: None,
                });
            }
            self.fact(record, PumpEventKind::AlarmRaised { alarm: alarm.kind, text: alarm.text }, counters, dated);
        } else {
            if let Some(open) = self.memory.open_alarm(code, instance) {
                open.cleared_at = Some(dated.happened);
            }
            self.fact(record, PumpEventKind::AlarmCleared { alarm: alarm.kind }, counters, dated);
        }
    }

    pub(super) fn fact(&mut self, record: u32, kind: PumpEventKind, counters: Counters, dated: Dated) {
        self.end_run();
        let fact = self.recorded_fact(record, kind, counters, dated);
        self.staged.push(fact);
    }

    pub(super) fn recorded_fact(
        &self,
        record: u32,
        kind: PumpEventKind,
        counters: Counters,
        dated: Dated,
    ) -> super::PumpFact {
        super::PumpFact {
            identity: format!("{}/{}/{record}", self.allowed.serial, self.memory.epoch),
            event: PumpEvent {
                serial: self.allowed.serial.clone(),
                record: Some(record),
                epoch: self.memory.epoch,
                kind,
                volume_infused: counters.volume_infused_ml.map(|volume| Quantity::new(volume, "mL")),
                rate: counters.rate_ml_h.map(|rate| Quantity::new(rate, "mL/h")),
                samples: None,
            },
            happened: dated.happened,
            basis: dated.basis,
            device_clock: dated.device_clock,
        }
    }
}
