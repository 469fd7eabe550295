//! The pump's numbered record: a ring of what happened, each with the clock's reading then.

use super::delivery::Happening;
use super::encode::{self, Body, Stamp};
use super::pump_clock::PumpClock;
use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use std::collections::VecDeque;

/// What a record says.
#[derive(Debug, Clone)]
pub(super) enum Content {
    Happening(Happening),
    /// The counter, told now and then while it runs.
    Progress,
}

#[derive(Debug)]
struct Record {
    number: u32,
    reading: NaiveDateTime,
    timeline: u32,
    content: Content,
    counter_ml: Decimal,
    rate_ml_h: Decimal,
}

#[derive(Debug)]
pub(super) struct RecordStore {
    next: u32,
    capacity: usize,
    records: VecDeque<Record>,
}

impl RecordStore {
    pub(super) fn from(first: u32) -> Self {
        Self { next: first, capacity: 10_000, records: VecDeque::new() }
    }

    pub(super) fn append(&mut self, clock: &PumpClock, content: Content, counter_ml: Decimal, rate_ml_h: Decimal) {
        let record = Record {
            number: self.next,
            reading: clock.reading(),
            timeline: clock.timeline(),
            content,
            counter_ml,
            rate_ml_h,
        };
        self.next += 1;
        self.records.push_back(record);
        self.shrink(self.capacity);
    }

    pub(super) fn shrink(&mut self, capacity: usize) {
        self.capacity = capacity;
        while self.records.len() > capacity {
            self.records.pop_front();
        }
    }

    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// The records from this number on, as stored observations.
    pub(super) fn stored_from(&self, number: u32, clock: &PumpClock) -> Vec<Vec<u8>> {
        self.records.iter().filter(|record| record.number >= number).map(|record| record.encode(clock)).collect()
    }
}

impl Record {
    fn encode(&self, clock: &PumpClock) -> Vec<u8> {
        let stamp = Stamp { reading: self.reading, current_timeline: self.timeline == clock.timeline() };
        let body = match &self.content {
            Content::Progress => Body::volume_infused(self.counter_ml),
            Content::Happening(Happening::RateChanged) => Body::rate(self.rate_ml_h),
            Content::Happening(happening) => happening_body(happening, self.counter_ml, self.rate_ml_h),
        };
        let mut bytes = self.number.to_le_bytes().to_vec();
        bytes.extend(body.stamped(stamp).encode());
        bytes
    }
}

/// The observation of something that happened, with the counters of that moment.
pub(super) fn happening_body(happening: &Happening, counter_ml: Decimal, rate_ml_h: Decimal) -> Body {
    let event = |code| Body::event(code, counter_ml, rate_ml_h);
    match happening {
        Happening::Started => event(encode::DELIVERY_STARTED),
        Happening::Stopped => event(encode::DELIVERY_STOPPED),
        Happening::Completed => event(encode::DELIVERY_COMPLETED),
        Happening::Cleared => event(encode::PROGRAM_CLEARED),
        Happening::RateChanged => Body::rate(rate_ml_h),
        Happening::AlarmOn(alarm) => Body::alarm(alarm, "start", "active", Some(counter_ml)),
        Happening::AlarmOff(alarm) => Body::alarm(alarm, "end", "inactive", Some(counter_ml)),
    }
}
