//! The port between a pump's protocol and what the session makes of it: bytes in, the same few facts out.
//!
//! The session knows links, records, alarms and clocks; it knows no vendor's bytes. An [`Adapter`] is the other half: it
//! takes the values of one protocol and gives [`Heard`], which are statements in the words of [`crate::profile`] and
//! numbered records of them. Every value that a pump sends goes through it, and every request that is written to one is made
//! by it. Two are in the tree. [`HealthSensorAdapter`] is the profile of `docs/pump-profile.md`;
//! [`InsulinAdapter`] is the Insulin Delivery Service, which shares not one characteristic with it, and whose states, alarms
//! and records come out as the same facts. A vendor's protocol is written as a third.
//!
//! What an adapter promises:
//! * It is pure, and one value gives the same facts whenever it is taken after the same values.
//! * It makes no request but those of [`Ask`], none of which changes what a pump does; [`crate::radio::AllowedWrite`] is where
//!   they are let through, byte for byte.
//! * A value that is malformed, or whose end-to-end protection does not fit, is refused whole, and nothing of it is told.
//! * It says which models and firmware it was tested with. Another one is listened to, and the person is told.
//! * What it learnt from records and needs for the next ones is in [`AdapterMemory`], which outlives the process.
//! * What the protocol does not say is not made up. Amounts in another unit than the profile's (insulin's international
//!   units) are not converted: they are in the decoded values, and not among the facts of the ledger.
//!
//! [`Adapter`]: crate::adapter::Adapter
//! [`AdapterMemory`]: crate::adapter::AdapterMemory
//! [`Ask`]: crate::adapter::Ask
//! [`Heard`]: crate::adapter::Heard
//! [`HealthSensorAdapter`]: crate::adapter::HealthSensorAdapter
//! [`InsulinAdapter`]: crate::adapter::InsulinAdapter

/// The firmware that an adapter was tested with.
mod firmware;
/// The pump profile over the Generic Health Sensor service.
mod health_sensor;
/// The Insulin Delivery Service.
mod insulin;
/// Records that come in two.
mod two_parts;

pub use firmware::{Tested, is_tested};
pub use health_sensor::HealthSensorAdapter;
pub use insulin::InsulinAdapter;
pub use two_parts::FirstPart;

use crate::profile::Statement;
use crate::radio::Characteristic;
use crate::wire::WireError;
use crate::wire::control_point::ControlAnswer;
use crate::wire::record_access::RecordAccessAnswer;
use crate::wire::timestamp::CurrentElapsedTime;
use chrono::NaiveDateTime;
use homeline_model::PumpProtocol;
use serde::{Deserialize, Serialize};

/// What may be asked of a pump, in any protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// How many records there are from this number on.
    CountRecords {
        /// The number.
        from: u32,
    },
    /// The records from this number on.
    ReportRecords {
        /// The number.
        from: u32,
    },
    /// No more of the report that runs.
    AbortReport,
    /// Values as they happen.
    StartLive,
}

/// A request: where to, and which bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The control point.
    pub characteristic: Characteristic,
    /// What is written.
    pub value: Vec<u8>,
}

/// What a value said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// The pump says this of now.
    Live(Statement),
    /// The pump's record says this of then.
    Recorded(Record),
    /// A part of the record was lost on its way: ask for it again.
    RecordLost,
    /// A live value was lost on its way: it may have been an alarm, and the record has it.
    LiveLost,
    /// Something changed that is not in this value: read this characteristic.
    ReadAgain(Characteristic),
    /// The record has more than it had: ask for it.
    RecordGrew,
    /// Every alarm that is on was named since live values began.
    AlarmsNamed,
    /// No alarm is on.
    NoAlarm,
    /// The pump's clock, now.
    Clock(CurrentElapsedTime),
    /// The device says that it is something else than an infusion pump.
    NotAPump,
    /// The end-to-end counters of the two sides do not agree: nothing more of this connection can be trusted.
    OutOfStep,
    /// The answer to a request to the record.
    Answer(RecordAccessAnswer),
    /// The answer to the request for live values.
    LiveAnswer(ControlAnswer),
}

/// One numbered record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its number.
    pub number: u32,
    /// The pump's own clock then; `None` when the record does not tell it.
    pub reading: Option<NaiveDateTime>,
    /// That clock was not set since: the reading can be compared with the clock of now.
    pub current_timeline: bool,
    /// What it says; `None` when it came whole and says what its protocol does not allow. It would say so again.
    pub statement: Option<Statement>,
    /// The same for the same record whenever it is fetched: another one under the same number is another record.
    pub fingerprint: u64,
}

/// One characteristic to listen to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subscription {
    /// Which.
    pub characteristic: Characteristic,
    /// Indications, where it has both.
    pub indications: bool,
    /// The pump is listened to all the same when it refuses.
    pub courtesy: bool,
}

/// What an adapter learnt from the records up to the last that was taken, and needs to read the next one. Kept with the
/// session's memory, and empty for a protocol whose records stand alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdapterMemory {
    /// The clock from which records are counted; `None` until one is told, and after it was lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<NaiveDateTime>,
    /// The clock was lost or set since that reference.
    #[serde(default)]
    pub old_timeline: bool,
    /// The first of two parts, whose second has not come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_part: Option<FirstPart>,
}

/// The adapter of a protocol, for a pump that keeps to its standard.
pub fn of(protocol: PumpProtocol) -> Box<dyn Adapter> {
    match protocol {
        PumpProtocol::HealthSensor => Box::new(HealthSensorAdapter::default()),
        PumpProtocol::InsulinDelivery => Box::new(InsulinAdapter::default()),
    }
}

/// FNV-1a (<http://www.isthe.com/chongo/tech/comp/fnv/>) over the bytes of a record: tells records apart, protects nothing.
fn fingerprint(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

/// One protocol.
pub trait Adapter: Send {
    /// The service that such a pump advertises.
    fn service(&self) -> u16;

    /// What such a pump must have.
    fn required(&self) -> &'static [Characteristic];

    /// The models and firmware that it was tested with.
    fn tested_with(&self) -> &'static [Tested];

    /// What tells the features of the pump: read first, after the serial number.
    fn features(&self) -> Characteristic;

    /// What is listened to, in this order, before anything is written.
    fn subscriptions(&self) -> &'static [Subscription];

    /// Where its records come.
    fn records(&self) -> Characteristic;

    /// What tells the pump's clock of now; `None` where only records tell it.
    fn clock(&self) -> Option<Characteristic>;

    /// What must be read to know how the pump is, where it tells only changes; empty where it tells by itself.
    fn present(&self) -> &'static [Characteristic];

    /// A finished report says how many records it sent. Where it does not, they are counted before.
    fn report_tells_its_number(&self) -> bool;

    /// A new connection: counters and what was half received begin anew. What was learnt of the pump stays.
    fn connected(&mut self);

    /// What it learnt from records so far.
    fn memory(&self) -> AdapterMemory;

    /// Goes back to what it had learnt then: the records after that come again.
    fn restore(&mut self, memory: AdapterMemory);

    /// The bytes of a request; `None` when the protocol has no need of it.
    fn request(&mut self, ask: Ask) -> Option<Request>;

    /// Takes a value that was read, indicated or notified, and tells all that it says. Refuses what is malformed as a whole,
    /// before anything of it is told. A characteristic of another service says nothing.
    fn take(
        &mut self,
        characteristic: Characteristic,
        value: &[u8],
        tell: &mut dyn FnMut(Heard),
    ) -> Result<(), WireError>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{Delivery, DeliveryEvent};
    use crate::wire::insulin;
    use homeline_model::AlarmKind;

    /// What is heard of a few values, in one word each.
    fn story(adapter: &mut dyn Adapter, values: &[(Characteristic, Vec<u8>)]) -> Vec<String> {
        let mut told = Vec::new();
        for (characteristic, value) in values {
            adapter.take(*characteristic, value, &mut |heard| told.push(heard)).unwrap();
        }
        told.iter().filter_map(word).collect()
    }

    fn word(heard: &Heard) -> Option<String> {
        let says = |statement: &Statement| match statement {
            Statement::Delivery(Delivery::Delivering) => Some("delivers".to_owned()),
            Statement::Delivery(Delivery::NotDelivering) => Some("does not deliver".to_owned()),
            Statement::Event(DeliveryEvent::Started, _) => Some("started".to_owned()),
            Statement::Event(DeliveryEvent::Stopped, _) => Some("stopped".to_owned()),
            Statement::Alarm(alarm, _) => {
                let kind = if alarm.kind == AlarmKind::OcclusionDownstream { "occlusion" } else { "another alarm" };
                Some(format!("{kind} {}", if alarm.active { "on" } else { "off" }))
            }
            _ => None,
        };
        match heard {
            Heard::Live(statement) => says(statement),
            Heard::Recorded(record) => {
                let at = record.reading.map_or("?".to_owned(), |reading| reading.format("%H:%M").to_string());
                record.statement.as_ref().and_then(says).map(|says| format!("{} {at} {says}", record.number))
            }
            _ => None,
        }
    }

    /// An observation of the profile in one packet; a stored one has a number and a time in minutes after 08:00.
    fn observation(stored: Option<(u32, u64)>, class: u8, code: u32, value: &[u8]) -> Vec<u8> {
        let mut body = vec![class, 0, 0, if stored.is_some() { 0b11 } else { 0b01 }, 0];
        body.extend(code.to_le_bytes());
        if let Some((_, minutes)) = stored {
            body.push(0x22);
            body.extend(&(848_736_000_u64 + minutes * 60).to_le_bytes()[..6]);
            body.extend([4, 0]);
        }
        body.extend(value);
        body[1] = u8::try_from(body.len()).unwrap();
        let record = stored.map_or(Vec::new(), |(record, _)| record.to_le_bytes().to_vec());
        [&[0b11], record.as_slice(), body.as_slice()].concat()
    }

    fn alarm(phase: &str) -> Vec<u8> {
        let mut value = vec![2];
        value.extend(68_487_u32.to_le_bytes());
        value.push(2);
        value.extend(196_940_u32.to_le_bytes());
        value.extend(68_481_u32.to_le_bytes());
        value.push(3);
        value.extend(u16::try_from(phase.len()).unwrap().to_le_bytes());
        value.extend(phase.as_bytes());
        value
    }

    #[test]
    fn two_protocols_that_share_no_byte_tell_the_same_story() {
        let (live, stored) = (Characteristic::LIVE, Characteristic::STORED);
        let status = b"\x1f\0pump-delivery-status-delivering";
        let sensor = story(
            &mut HealthSensorAdapter::default(),
            &[
                (live, observation(None, 3, 158_005, status)),
                (stored, observation(Some((1, 0)), 2, 68_487, &197_288_u32.to_le_bytes())),
                (stored, observation(Some((2, 30)), 7, 196_616, &alarm("start"))),
                (stored, observation(Some((3, 30)), 2, 68_487, &197_290_u32.to_le_bytes())),
                (stored, observation(Some((4, 41)), 7, 196_616, &alarm("end"))),
            ],
        );

        let record = |sequence: u32, kind: u16, minutes: u16, data: &[u8]| {
            let head = [kind.to_le_bytes().as_slice(), &sequence.to_le_bytes(), &(minutes * 60).to_le_bytes()].concat();
            (insulin::HISTORY, [head.as_slice(), data].concat())
        };
        let pump = story(
            &mut InsulinAdapter::default(),
            &[
                (insulin::FEATURES, vec![0xFF, 0xFF, 0, 100, 0, 0b10, 0, 0]),
                (insulin::STATUS, vec![0x55, 0x96, 0xD2, 0xF4, 1]),
                record(0, 0x000F, 0, &[0x33, 0xEA, 7, 11, 23, 8, 0, 0, 0, 0]),
                record(1, 0x0303, 0, &[0x33, 0x55]),
                record(2, 0x033F, 30, &[0, 7, 0, 0x3C, 0, 0x33]),
                record(3, 0x0303, 30, &[0x55, 0x33]),
                record(4, 0x033F, 41, &[0, 7, 0, 0x3C, 0, 0x55]),
            ],
        );
        assert_eq!(
            sensor,
            ["delivers", "1 08:00 started", "2 08:30 occlusion on", "3 08:30 stopped", "4 08:41 occlusion off"]
        );
        assert_eq!(pump, sensor);
    }

    #[test]
    fn both_ask_for_records_in_their_own_bytes() {
        let ask = Ask::ReportRecords { from: 31 };
        let request = HealthSensorAdapter::default().request(ask).unwrap();
        assert_eq!((request.characteristic.0, request.value), (0x2A52, vec![7, 3, 1, 31, 0, 0, 0]));
        let request = InsulinAdapter::default().request(ask).unwrap();
        assert_eq!((request.characteristic.0, request.value), (0x2B27, vec![0x33, 0x55, 0x0F, 31, 0, 0, 0]));
    }
}
