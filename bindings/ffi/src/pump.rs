//! The pump: listening to it, never steering it.

use crate::call::call;
use crate::crossing::{AlarmKind, AlarmPriority, ClockStatus, Delivery, LinkState, Quantity, RecordRange, Screen};
use crate::error::HomelineError;
use crate::homeline::Homeline;
use crate::values::Timestamp;
use homeline_companion as companion;

/// What the pump says of itself. What was not heard is none.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PumpReadings {
    /// When the last of them was heard, on the phone's clock.
    pub at: Timestamp,
    /// Whether it delivers.
    pub delivery: Option<Delivery>,
    /// Rate, mL/h.
    pub rate: Option<Quantity>,
    /// Infused since this infusion began, mL.
    pub volume_infused: Option<Quantity>,
    /// Left of what was programmed, mL.
    pub volume_remaining: Option<Quantity>,
    /// Programmed, mL.
    pub volume_to_be_infused: Option<Quantity>,
    /// Time left, seconds.
    pub time_remaining_s: Option<u32>,
    /// Battery, percent, 0 to 100.
    pub battery_percent: Option<u32>,
}

impl From<companion::Readings> for PumpReadings {
    fn from(readings: companion::Readings) -> Self {
        let companion::Readings {
            at,
            delivery,
            rate,
            volume_infused,
            volume_remaining,
            volume_to_be_infused,
            time_remaining_s,
            battery_percent,
        } = readings;
        let battery_percent = battery_percent.map(u32::from);
        Self {
            at,
            delivery,
            rate,
            volume_infused,
            volume_remaining,
            volume_to_be_infused,
            time_remaining_s,
            battery_percent,
        }
    }
}

/// An alarm of the pump.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PumpAlarm {
    /// The condition's IEEE 11073-10101 code.
    pub code: u32,
    /// Which one of several with this code, where the pump tells them apart.
    pub instance: Option<u32>,
    /// Which.
    pub kind: AlarmKind,
    /// The pump's own words.
    pub text: String,
    /// How urgent the pump calls it.
    pub priority: AlarmPriority,
    /// When it was raised on the pump.
    pub raised_at: Timestamp,
    /// The record that says so; none while it was only heard live.
    pub raised_record: Option<u32>,
    /// When a person saw it here. That silences nothing on the pump.
    pub seen_at: Option<Timestamp>,
    /// When it was cleared on the pump.
    pub cleared_at: Option<Timestamp>,
}

impl From<companion::AlarmStatus> for PumpAlarm {
    fn from(alarm: companion::AlarmStatus) -> Self {
        let companion::AlarmStatus {
            code,
            instance,
            kind,
            text,
            priority,
            raised_at,
            raised_record,
            seen_at,
            cleared_at,
        } = alarm;
        let instance = instance.map(u32::from);
        Self { code, instance, kind, text, priority, raised_at, raised_record, seen_at, cleared_at }
    }
}

/// The link and the pump, now.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PumpStatus {
    /// How far the link is.
    pub state: LinkState,
    /// The serial number of the care plan.
    pub serial: String,
    /// When the pump was last heard.
    pub last_heard: Option<Timestamp>,
    /// Live and fresh; none is "no live data".
    pub current: Option<PumpReadings>,
    /// The last that was heard since the app started, with its time. Never to be shown as current.
    pub last_known: Option<PumpReadings>,
    /// Alarms that are on and the last few that were, oldest first.
    pub alarms: Vec<PumpAlarm>,
    /// The pump's clock.
    pub clock: Option<ClockStatus>,
    /// Records that could not be fetched.
    pub holes: Vec<RecordRange>,
    /// So many records at the end of its record the pump counted and did not hand over; they are asked for again.
    pub not_handed_over: u32,
    /// Firmware revision as the pump says it; none is not said.
    pub firmware: Option<String>,
    /// Homeline was tested with this model and this firmware. False also when the pump does not say them; none before it was
    /// asked.
    pub firmware_tested: Option<bool>,
    /// Three values in a row could not be read: what the pump says cannot be trusted now.
    pub untrusted: bool,
}

impl From<companion::PumpStatus> for PumpStatus {
    fn from(status: companion::PumpStatus) -> Self {
        let companion::PumpStatus {
            state,
            serial,
            last_heard,
            current,
            last_known,
            alarms,
            clock,
            holes,
            not_handed_over,
            firmware,
            firmware_tested,
            untrusted,
        } = status;
        let (current, last_known) = (current.map(Into::into), last_known.map(Into::into));
        let alarms = alarms.into_iter().map(Into::into).collect();
        Self {
            state,
            serial,
            last_heard,
            current,
            last_known,
            alarms,
            clock,
            holes,
            not_handed_over,
            firmware,
            firmware_tested,
            untrusted,
        }
    }
}

#[uniffi::export]
impl Homeline {
    /// Pairs with the pump of this serial number, which the plan must name. The phone asks for the passkey that the pump shows.
    ///
    /// Errors: `BadInput` (no pump of the plan), `Platform` (no radio), `NotFound` (no plan).
    pub async fn enrol_pump(&self, serial: String) -> Result<(), HomelineError> {
        call(self.inner.pump().enrol(serial)).await
    }

    /// Listens to the pump of this serial number, which was enrolled before.
    ///
    /// Errors: as `enrol_pump`.
    pub async fn listen_to_pump(&self, serial: String) -> Result<(), HomelineError> {
        call(self.inner.pump().listen(serial)).await
    }

    /// Stops listening.
    ///
    /// Errors: `NotFound` (nobody listens).
    pub async fn stop_pump(&self) -> Result<(), HomelineError> {
        call(self.inner.pump().stop()).await
    }

    /// Carries out an action of the pump's screen: a person saw an alarm. That silences nothing on the pump.
    ///
    /// Errors: `BadInput` (not an action), `NotFound` (nobody listens).
    pub async fn act_on_pump(&self, action: String) -> Result<(), HomelineError> {
        call(self.inner.pump().act(action)).await
    }

    /// A person saw the alarm with this code of `pump_status`. That silences nothing on the pump.
    ///
    /// Errors: `NotFound` (nobody listens).
    pub async fn pump_alarm_seen(&self, code: u32) -> Result<(), HomelineError> {
        call(self.inner.pump().alarm_seen(code)).await
    }

    /// When the session wants to hear `RadioEvent.Tick` on the link `pump`, in milliseconds of the monotonic clock of the
    /// platform; none when it waits for the radio alone.
    pub async fn pump_wake_at(&self) -> Result<Option<u64>, HomelineError> {
        call(self.inner.pump().wake_at()).await
    }

    /// What is known of the pump now, and how old it is, as data; none when nobody listens.
    pub async fn pump_status(&self) -> Result<Option<PumpStatus>, HomelineError> {
        Ok(call(self.inner.pump().status()).await?.map(Into::into))
    }

    /// What is known of the pump, how old it is, and its alarms.
    pub async fn pump_screen(&self) -> Result<Screen, HomelineError> {
        call(self.inner.pump().screen()).await
    }
}
