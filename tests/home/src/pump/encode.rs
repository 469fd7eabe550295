//! Bytes as the specifications lay them out: observations of the Generic Health Sensor service, FLOAT, stamps, segments,
//! features, temperature.

use super::delivery::Alarm;
use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

pub(super) const RATE: u32 = 158_014;
pub(super) const VOLUME_INFUSED: u32 = 157_993;
pub(super) const VOLUME_REMAINING: u32 = 157_872;
pub(super) const VOLUME_TO_BE_INFUSED: u32 = 157_884;
pub(super) const TIME_REMAINING: u32 = 157_916;
pub(super) const DELIVERY_STATUS: u32 = 158_005;
pub(super) const EVENT: u32 = 68_487;
pub(super) const ALARM: u32 = 196_616;
pub(super) const DELIVERY_STARTED: u32 = 197_288;
pub(super) const DELIVERY_STOPPED: u32 = 197_290;
pub(super) const DELIVERY_COMPLETED: u32 = 197_292;
pub(super) const PROGRAM_CLEARED: u32 = 197_296;
const EVENT_PHASE: u32 = 68_481;
const ALARM_STATE: u32 = 68_482;
const ALARM_PRIORITY: u32 = 68_484;
const ALERT_TEXT: u32 = 68_546;
const MILLILITRE: u16 = 0x0652;
const MILLILITRE_PER_HOUR: u16 = 0x0C32;
const SECOND: u16 = 0x0880;

/// A reading of the pump's clock.
#[derive(Debug, Clone, Copy)]
pub struct Stamp {
    /// The reading.
    pub reading: NaiveDateTime,
    /// The clock was not set since.
    pub current_timeline: bool,
}

/// An observation before it has its length.
#[derive(Debug, Clone)]
pub struct Body {
    class: u8,
    code: u32,
    stamp: Option<Stamp>,
    value: Vec<u8>,
}

impl Body {
    /// A numeric observation: class 1.
    pub fn numeric(code: u32, unit: u16, value: Decimal, places: u32) -> Self {
        Self { class: 1, code, stamp: None, value: numeric_value(unit, value, places) }
    }

    /// A text: class 3.
    pub fn text(code: u32, text: &str) -> Self {
        Self { class: 3, code, stamp: None, value: text_value(text) }
    }

    /// The rate, mL/h, to a tenth.
    pub fn rate(rate_ml_h: Decimal) -> Self {
        Self::numeric(RATE, MILLILITRE_PER_HOUR, rate_ml_h, 1)
    }

    /// The counter, mL, to a hundredth.
    pub fn volume_infused(counter_ml: Decimal) -> Self {
        Self::numeric(VOLUME_INFUSED, MILLILITRE, counter_ml, 2)
    }

    /// What is left, mL.
    pub fn volume_remaining(left_ml: Decimal) -> Self {
        Self::numeric(VOLUME_REMAINING, MILLILITRE, left_ml, 2)
    }

    /// What is programmed, mL: a setting.
    pub fn volume_to_be_infused(volume_ml: Decimal) -> Self {
        Self::numeric(VOLUME_TO_BE_INFUSED, MILLILITRE, volume_ml, 2)
    }

    /// The time left.
    pub fn time_remaining(seconds: u64) -> Self {
        Self::numeric(TIME_REMAINING, SECOND, Decimal::from(seconds), 0)
    }

    /// Something happened to the delivery: a compound of the event and the counters.
    pub fn event(code: u32, counter_ml: Decimal, rate_ml_h: Decimal) -> Self {
        let mut parts = Parts::default();
        parts.push(EVENT, 2, code.to_le_bytes().to_vec());
        parts.push(VOLUME_INFUSED, 1, numeric_value(MILLILITRE, counter_ml, 2));
        parts.push(RATE, 1, numeric_value(MILLILITRE_PER_HOUR, rate_ml_h, 1));
        Self { class: 7, code: EVENT, stamp: None, value: parts.encode() }
    }

    /// An alarm: a compound of condition, phase, state, priority, text.
    pub fn alarm(alarm: &Alarm, phase: &str, state: &str, counter_ml: Option<Decimal>) -> Self {
        let mut parts = Parts::default();
        parts.push(EVENT, 2, alarm.code.to_le_bytes().to_vec());
        parts.push(EVENT_PHASE, 3, text_value(phase));
        parts.push(ALARM_STATE, 3, text_value(state));
        parts.push(ALARM_PRIORITY, 3, text_value(alarm.priority));
        parts.push(ALERT_TEXT, 3, text_value(alarm.text));
        if let Some(counter_ml) = counter_ml {
            parts.push(VOLUME_INFUSED, 1, numeric_value(MILLILITRE, counter_ml, 2));
        }
        Self { class: 7, code: ALARM, stamp: None, value: parts.encode() }
    }

    /// With the clock's reading.
    pub fn stamped(mut self, stamp: Stamp) -> Self {
        self.stamp = Some(stamp);
        self
    }

    /// The bytes: class, length of the whole, flags, type, time, value.
    pub fn encode(&self) -> Vec<u8> {
        let flags: u16 = if self.stamp.is_some() { 0b11 } else { 0b01 };
        let mut rest = flags.to_le_bytes().to_vec();
        rest.extend(self.code.to_le_bytes());
        if let Some(stamp) = self.stamp {
            rest.extend(elapsed_time(stamp));
        }
        rest.extend(&self.value);
        let length = u16::try_from(rest.len() + 3).expect("an observation of this pump is far shorter than 64 KiB");
        let mut bytes = vec![self.class];
        bytes.extend(length.to_le_bytes());
        bytes.extend(rest);
        bytes
    }
}

#[derive(Default)]
struct Parts {
    count: u8,
    bytes: Vec<u8>,
}

impl Parts {
    fn push(&mut self, code: u32, class: u8, value: Vec<u8>) {
        self.count += 1;
        self.bytes.extend(code.to_le_bytes());
        self.bytes.push(class);
        self.bytes.extend(value);
    }

    fn encode(self) -> Vec<u8> {
        let mut bytes = vec![self.count];
        bytes.extend(self.bytes);
        bytes
    }
}

fn numeric_value(unit: u16, value: Decimal, places: u32) -> Vec<u8> {
    let mut bytes = unit.to_le_bytes().to_vec();
    bytes.extend(float(value, places));
    bytes
}

fn text_value(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).expect("a text of this pump is a few words");
    let mut bytes = length.to_le_bytes().to_vec();
    bytes.extend(text.as_bytes());
    bytes
}

/// FLOAT with so many decimal places, rounded down: a counter never tells more than went in.
pub fn float(value: Decimal, places: u32) -> [u8; 4] {
    let scaled = (value * Decimal::from(10_u32.pow(places))).trunc();
    let mantissa = scaled.to_i32().filter(|mantissa| mantissa.abs() < 0x7F_FFF0).expect("a reading fits 24 bits");
    let [low, middle, high, _] = mantissa.to_le_bytes();
    let exponent = i8::try_from(places).map(|places| -places).expect("few decimal places");
    [low, middle, high, exponent.to_le_bytes()[0]]
}

/// The nine bytes of a clock reading: whole seconds since 2000, in UTC, set by hand.
pub fn elapsed_time(stamp: Stamp) -> [u8; 9] {
    let epoch =
        NaiveDate::from_ymd_opt(2000, 1, 1).and_then(|date| date.and_hms_opt(0, 0, 0)).expect("a date that exists");
    let seconds = u64::try_from(stamp.reading.signed_duration_since(epoch).num_seconds()).unwrap_or(0);
    let [a, b, c, d, e, f, ..] = seconds.to_le_bytes();
    let flags = 0b10 | if stamp.current_timeline { 0b10_0000 } else { 0 };
    [flags, a, b, c, d, e, f, 4, 0]
}

/// Health Sensor Features of a pump.
pub fn features(specialization: u16) -> Vec<u8> {
    let types =
        [RATE, VOLUME_INFUSED, VOLUME_REMAINING, VOLUME_TO_BE_INFUSED, TIME_REMAINING, DELIVERY_STATUS, EVENT, ALARM];
    let mut bytes = vec![1, 8];
    for code in types {
        bytes.extend(code.to_le_bytes());
    }
    bytes.push(1);
    bytes.extend(specialization.to_le_bytes());
    bytes.push(1);
    bytes
}

/// Cuts an observation into packets for this MTU: a header byte each, at most MTU − 4 bytes of it. `counter` goes on.
pub fn segments(body: &[u8], mtu: u16, counter: &mut u8) -> Vec<Vec<u8>> {
    let room = usize::from(mtu.max(23)) - 4;
    let last = body.len().div_ceil(room).saturating_sub(1);
    body.chunks(room)
        .enumerate()
        .map(|(place, piece)| {
            let mut packet = vec![u8::from(place == 0) | u8::from(place == last) << 1 | *counter << 2];
            packet.extend_from_slice(piece);
            *counter = (*counter + 1) % 64;
            packet
        })
        .collect()
}

/// Temperature Measurement in °C to a tenth, with time, taken in the mouth.
pub fn temperature(celsius: Decimal, at: NaiveDateTime) -> Vec<u8> {
    let mut bytes = vec![0b110];
    bytes.extend(float(celsius, 1));
    bytes.extend(u16::try_from(at.year()).unwrap_or(0).to_le_bytes());
    for field in [at.month(), at.day(), at.hour(), at.minute(), at.second()] {
        bytes.push(u8::try_from(field).unwrap_or(0));
    }
    bytes.push(6);
    bytes
}
