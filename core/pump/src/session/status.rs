//! The live state of the link and the pump, with its age.
//!
//! [`PumpStatus::current`] is there only while the link is live and the values are fresh; everything older is
//! [`PumpStatus::last_known`], with its time. So a screen cannot show an old value as current by forgetting to look.
//!
//! [`PumpStatus::current`]: crate::session::PumpStatus::current
//! [`PumpStatus::last_known`]: crate::session::PumpStatus::last_known

use super::memory::{AlarmStatus, RecordRange};
use crate::profile::Delivery;
use crate::radio::{AdapterState, Characteristic};
use chrono::{DateTime, Utc};
use homeline_model::Quantity;
use rust_decimal::Decimal;

/// How far the link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// Nobody asked to listen.
    Off,
    /// The phone was never paired with the pump.
    NotEnrolled,
    /// The phone's Bluetooth is off or not permitted.
    BluetoothOff(AdapterState),
    /// Looking for the pump.
    Scanning,
    /// Connecting.
    Connecting,
    /// Pairing, or encrypting with the bond that there is.
    Securing,
    /// Finding the pump's services.
    Discovering,
    /// Reading features and clock, and fetching the records since last time.
    Syncing,
    /// Live values come in.
    Live,
    /// Out of reach; the next try comes.
    Backoff {
        /// In so many seconds.
        retry_in_s: u64,
    },
    /// The pairing is gone: a person must pair again, with the passkey.
    BondLost,
    /// This device is not listened to.
    Refused(Refusal),
}

/// Why a device is not listened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Its serial number is not the one of the care plan.
    #[error("its serial number is not the one in the care plan: compare the label on the pump")]
    WrongSerial,
    /// It has the right serial number, and another model than the pump that was paired.
    #[error("it calls itself another model than the pump that was paired: compare the label, and pair again")]
    AnotherModel,
    /// The link is not proven by passkey, number comparison or out of band.
    #[error("the pairing was made without a passkey: remove it in the phone's Bluetooth settings and pair again")]
    NotAuthenticated,
    /// It asks for protection again and again.
    #[error("it asks for pairing again and again: remove it in the phone's Bluetooth settings and pair again")]
    SecurityRepeats,
    /// A characteristic of the profile is missing.
    #[error("it does not speak the pump profile: characteristic {missing:?} is missing")]
    NotThisProfile {
        /// The first that is missing.
        missing: Characteristic,
    },
    /// It does not call itself an infusion pump.
    #[error("it does not call itself an infusion pump")]
    NotAPump,
    /// Its protocol would have us write what is not on the allow-list.
    #[error("to listen to it, Homeline would have to write to it: that is not done")]
    WriteNotAllowed {
        /// Where to.
        characteristic: Characteristic,
    },
    /// What it said of itself could not be read.
    #[error("its characteristic {what:?} could not be read")]
    Unreadable {
        /// Which characteristic.
        what: Characteristic,
    },
}

/// What the pump says of itself. Every value that was not heard is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Readings {
    /// When the last of them was heard, on the phone's clock.
    pub at: DateTime<Utc>,
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
    /// Battery, percent.
    pub battery_percent: Option<u8>,
}

/// How the pump's clock is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockStatus {
    /// Phone clock minus pump clock, in milliseconds.
    pub offset_ms: i64,
    /// How far it is wrong, in milliseconds: the offset with the pump's own zone taken out. Positive is slow.
    pub error_ms: i64,
    /// The pump asks that its clock be set.
    pub needs_setting: bool,
    /// It is more than a minute off, its zone taken out: show it.
    pub off: bool,
}

/// The link and the pump, now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PumpStatus {
    /// How far the link is.
    pub state: LinkState,
    /// The serial number of the care plan.
    pub serial: String,
    /// When the pump was last heard.
    pub last_heard: Option<DateTime<Utc>>,
    /// Live and fresh; `None` is "no live data".
    pub current: Option<Readings>,
    /// The last that was heard since the app started, with its time.
    pub last_known: Option<Readings>,
    /// Alarms that are on and the last few that were, oldest first.
    pub alarms: Vec<AlarmStatus>,
    /// The pump's clock.
    pub clock: Option<ClockStatus>,
    /// Records that could not be fetched.
    pub holes: Vec<RecordRange>,
    /// So many records at the end of its record the pump counted and did not hand over; they are asked for again.
    pub not_handed_over: u32,
    /// Firmware revision as the pump says it; `None` is not said.
    pub firmware: Option<String>,
    /// Homeline was tested with this model and this firmware. False also when the pump does not say them; `None` before it
    /// was asked.
    pub firmware_tested: Option<bool>,
    /// Three values in a row could not be read: what the pump says cannot be trusted now.
    pub untrusted: bool,
}

/// One value and when it was heard.
#[derive(Debug, Clone, Copy)]
struct Heard<T> {
    value: T,
    monotonic_ms: u64,
}

/// The values heard, each with its age.
#[derive(Debug, Clone, Default)]
pub(super) struct Gauge {
    at: Option<(DateTime<Utc>, u64)>,
    delivery: Option<Heard<Delivery>>,
    rate: Option<Heard<Decimal>>,
    volume_infused: Option<Heard<Decimal>>,
    volume_remaining: Option<Heard<Decimal>>,
    volume_to_be_infused: Option<Heard<Decimal>>,
    time_remaining_s: Option<Heard<u32>>,
    battery_percent: Option<Heard<u8>>,
}

/// Which value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Said {
    Delivery(Delivery),
    Rate(Option<Decimal>),
    VolumeInfused(Option<Decimal>),
    VolumeRemaining(Option<Decimal>),
    VolumeToBeInfused(Option<Decimal>),
    TimeRemaining(Option<u32>),
    Battery(u8),
}

impl Gauge {
    pub(super) fn hear(&mut self, said: Said, now: super::Now) {
        self.at = Some((now.wall, now.monotonic_ms));
        let monotonic_ms = now.monotonic_ms;
        fn heard<T>(value: Option<T>, monotonic_ms: u64) -> Option<Heard<T>> {
            value.map(|value| Heard { value, monotonic_ms })
        }
        match said {
            Said::Delivery(value) => self.delivery = heard(Some(value), monotonic_ms),
            Said::Rate(value) => self.rate = heard(value, monotonic_ms),
            Said::VolumeInfused(value) => self.volume_infused = heard(value, monotonic_ms),
            Said::VolumeRemaining(value) => self.volume_remaining = heard(value, monotonic_ms),
            Said::VolumeToBeInfused(value) => self.volume_to_be_infused = heard(value, monotonic_ms),
            Said::TimeRemaining(value) => self.time_remaining_s = heard(value, monotonic_ms),
            Said::Battery(value) => self.battery_percent = heard(Some(value), monotonic_ms),
        }
    }

    /// Everything that was heard, when something was.
    pub(super) fn all(&self) -> Option<Readings> {
        self.since(0)
    }

    /// What was heard at or after `oldest`, when something was. The battery is told rarely and ages slowly: it counts as
    /// long as anything does.
    pub(super) fn since(&self, oldest: u64) -> Option<Readings> {
        let (at, _) = self.at.filter(|(_, monotonic_ms)| *monotonic_ms >= oldest)?;
        fn fresh<T: Copy>(heard: Option<Heard<T>>, oldest: u64) -> Option<T> {
            heard.filter(|heard| heard.monotonic_ms >= oldest).map(|heard| heard.value)
        }
        let millilitres = |heard| fresh(heard, oldest).map(|value| Quantity::new(value, "mL"));
        Some(Readings {
            at,
            delivery: fresh(self.delivery, oldest),
            rate: fresh(self.rate, oldest).map(|value| Quantity::new(value, "mL/h")),
            volume_infused: millilitres(self.volume_infused),
            volume_remaining: millilitres(self.volume_remaining),
            volume_to_be_infused: millilitres(self.volume_to_be_infused),
            time_remaining_s: fresh(self.time_remaining_s, oldest),
            battery_percent: fresh(self.battery_percent, 0),
        })
    }
}
