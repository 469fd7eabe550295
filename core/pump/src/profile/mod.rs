//! The pump profile: which IEEE 11073-10101 codes mean what (written out in `docs/pump-profile.md`).
//!
//! The Generic Health Sensor service carries any coded observation and defines no pump. The codes are those that hospital
//! pumps send by the IHE device profiles (DEC, IPEC, ACM); that alarms and events travel as compound observations is ours.
//! An alarm code that is not in the table is an alarm all the same, with its number and the pump's own text. Test and
//! demonstration data, invalid, questionable and calibrating values never become a statement.

/// What a pump says beside its statements.
mod detail;

pub use detail::{Detail, code as detail_code, detail};

use crate::wire::medical_number::MedicalNumber;
use crate::wire::observation::{Observation, Value};
use crate::wire::{Fault, WireError};
use homeline_model::AlarmKind;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The codes (IEEE 11073-10101, "MDC").
pub mod code {
    /// MDC_FLOW_FLUID_PUMP_CURRENT: rate delivered now.
    pub const RATE: u32 = 158_014;
    /// MDC_VOL_FLUID_TBI: volume to be infused, as programmed.
    pub const VOLUME_TO_BE_INFUSED: u32 = 157_884;
    /// MDC_VOL_FLUID_TBI_REMAIN: what of it is left.
    pub const VOLUME_REMAINING: u32 = 157_872;
    /// MDC_VOL_FLUID_DELIV_TOTAL: infused since this infusion began.
    pub const VOLUME_INFUSED: u32 = 157_993;
    /// MDC_TIME_PD_REMAIN: time left.
    pub const TIME_REMAINING: u32 = 157_916;
    /// MDC_DEV_PUMP_CURRENT_DELIVERY_STATUS.
    pub const DELIVERY_STATUS: u32 = 158_005;
    /// MDC_ATTR_EVT_COND: an event, and the condition of an alarm.
    pub const EVENT: u32 = 68_487;
    /// MDC_EVT_ALARM.
    pub const ALARM: u32 = 196_616;
    /// MDC_ATTR_EVENT_PHASE.
    pub const EVENT_PHASE: u32 = 68_481;
    /// MDC_ATTR_ALARM_STATE.
    pub const ALARM_STATE: u32 = 68_482;
    /// MDC_ATTR_ALARM_INACTIVATION_STATE: what is silenced.
    pub const INACTIVATION_STATE: u32 = 68_483;
    /// MDC_ATTR_ALARM_PRIORITY.
    pub const ALARM_PRIORITY: u32 = 68_484;
    /// MDC_ATTR_ALERT_TEXT.
    pub const ALERT_TEXT: u32 = 68_546;
    /// MDC_EVT_PUMP_DELIV_START.
    pub const DELIVERY_STARTED: u32 = 197_288;
    /// MDC_EVT_PUMP_DELIV_STOP.
    pub const DELIVERY_STOPPED: u32 = 197_290;
    /// MDC_EVT_PUMP_DELIV_COMP.
    pub const DELIVERY_COMPLETED: u32 = 197_292;
    /// MDC_EVT_PUMP_PROG_CLEARED.
    pub const PROGRAM_CLEARED: u32 = 197_296;
}

/// Units, low 16 bits of the code as they are on the air.
pub mod unit {
    /// MDC_DIM_MILLI_L_PER_HR (265266).
    pub const MILLILITRE_PER_HOUR: u16 = 0x0C32;
    /// MDC_DIM_MILLI_L (263762).
    pub const MILLILITRE: u16 = 0x0652;
    /// MDC_DIM_SEC (264320).
    pub const SECOND: u16 = 0x0880;
    /// MDC_DIM_MIN (264352).
    pub const MINUTE: u16 = 0x08A0;
}

/// How urgent the pump calls its alarm (IHE ACM, MDC_ATTR_ALARM_PRIORITY).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlarmPriority {
    /// `PN`: a message.
    None,
    /// `PL`.
    Low,
    /// `PM`.
    Medium,
    /// `PH`.
    High,
    /// Not said.
    Unknown,
}

/// Whether the pump delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// It delivers.
    Delivering,
    /// It does not.
    NotDelivering,
    /// It is about to change.
    Transitioning,
}

/// What happened to the delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryEvent {
    /// It started, or went on.
    Started,
    /// It stopped.
    Stopped,
    /// All is in.
    Completed,
    /// The programme was cleared: the next start is another infusion.
    Cleared,
}

/// The counters that an event carries; `None` is not said or not available.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Infused since this infusion began, mL.
    pub volume_infused_ml: Option<Decimal>,
    /// Rate then, mL/h.
    pub rate_ml_h: Option<Decimal>,
}

/// One alarm as the pump states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmStatement {
    /// The condition's code.
    pub code: u32,
    /// Which one of several with this code, where the protocol tells them apart.
    pub instance: Option<u16>,
    /// Which, in our words.
    pub kind: AlarmKind,
    /// It is on; `false` is its end.
    pub active: bool,
    /// Its sound is paused at the pump; the alarm is on all the same.
    pub sound_paused: bool,
    /// How urgent.
    pub priority: AlarmPriority,
    /// The pump's own words.
    pub text: String,
}

/// What an observation says about the pump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statement {
    /// Rate now, mL/h.
    Rate(Option<Decimal>),
    /// Infused since this infusion began, mL.
    VolumeInfused(Option<Decimal>),
    /// Programmed, mL.
    VolumeToBeInfused(Option<Decimal>),
    /// Left of it, mL.
    VolumeRemaining(Option<Decimal>),
    /// Time left, seconds.
    TimeRemaining(Option<u32>),
    /// Whether it delivers.
    Delivery(Delivery),
    /// Something happened to the delivery.
    Event(DeliveryEvent, Counters),
    /// An alarm.
    Alarm(AlarmStatement, Counters),
    /// Test or demonstration data, or a value that the pump itself does not trust.
    NotUsable,
    /// Something that the profile gives no meaning.
    Other(Option<u32>),
}

/// The longest alarm text that is kept, in characters: a pump's display has fewer.
const LONGEST_TEXT: usize = 200;

/// What the observation says. Refuses a value whose unit is not the profile's: a volume in another unit would be a wrong
/// number with a right name.
pub fn statement(observation: &Observation<'_>) -> Result<Statement, WireError> {
    if observation.status.test_data() {
        return Ok(Statement::NotUsable);
    }
    let Some(code) = observation.code else { return Ok(Statement::Other(None)) };
    let usable = observation.status.usable();
    match (code, &observation.value) {
        // An alarm is not silenced because its values are questionable.
        (code::ALARM, Value::Compound(parts)) => alarm(parts.iter()),
        (code::EVENT, Value::Compound(parts)) => event(parts.iter()),
        (code::EVENT, Value::Discrete(event)) => Ok(match delivery_event(*event) {
            Some(event) => Statement::Event(event, Counters::default()),
            None => Statement::Other(Some(*event)),
        }),
        (code::DELIVERY_STATUS, Value::Text(token)) if usable => Ok(match *token {
            "pump-delivery-status-delivering" => Statement::Delivery(Delivery::Delivering),
            "pump-delivery-status-not-delivering" => Statement::Delivery(Delivery::NotDelivering),
            "pump-delivery-status-transitioning" => Statement::Delivery(Delivery::Transitioning),
            _ => Statement::Other(Some(code)),
        }),
        (_, Value::Numeric { unit, number }) => {
            // A programmed rate or a set volume under the code of a measured one is a setting, not a delivery.
            if observation.status.setting() && code != code::VOLUME_TO_BE_INFUSED {
                return Ok(Statement::Other(Some(code)));
            }
            let number = if usable { *number } else { MedicalNumber::NotANumber };
            numeric(code, *unit, number)
        }
        _ => Ok(Statement::Other(Some(code))),
    }
}

fn numeric(code: u32, unit: u16, number: MedicalNumber) -> Result<Statement, WireError> {
    Ok(match code {
        code::RATE => Statement::Rate(amount(number, unit, unit::MILLILITRE_PER_HOUR, "rate")?),
        code::VOLUME_INFUSED => Statement::VolumeInfused(amount(number, unit, unit::MILLILITRE, "volume infused")?),
        code::VOLUME_TO_BE_INFUSED => {
            Statement::VolumeToBeInfused(amount(number, unit, unit::MILLILITRE, "volume to be infused")?)
        }
        code::VOLUME_REMAINING => {
            Statement::VolumeRemaining(amount(number, unit, unit::MILLILITRE, "volume remaining")?)
        }
        code::TIME_REMAINING => Statement::TimeRemaining(seconds(number, unit, "time remaining")?),
        other => Statement::Other(Some(other)),
    })
}

/// A volume or a rate in its unit; a negative one is not available, whatever it meant.
fn amount(number: MedicalNumber, unit: u16, expected: u16, field: &'static str) -> Result<Option<Decimal>, WireError> {
    if unit == expected {
        Ok(number.available().filter(|amount| !amount.is_sign_negative() || amount.is_zero()))
    } else {
        Err(not_our_unit(field, unit))
    }
}

/// A time in whole seconds.
fn seconds(number: MedicalNumber, unit: u16, field: &'static str) -> Result<Option<u32>, WireError> {
    let seconds_each = match unit {
        unit::SECOND => Decimal::ONE,
        unit::MINUTE => Decimal::from(60),
        unit => return Err(not_our_unit(field, unit)),
    };
    let seconds = number.available().and_then(|time| time.checked_mul(seconds_each));
    Ok(seconds.and_then(|seconds| u32::try_from(seconds.trunc()).ok()))
}

fn not_our_unit(field: &'static str, unit: u16) -> WireError {
    WireError { field, offset: None, fault: Fault::Unit { unit } }
}

fn delivery_event(code: u32) -> Option<DeliveryEvent> {
    match code {
        code::DELIVERY_STARTED => Some(DeliveryEvent::Started),
        code::DELIVERY_STOPPED => Some(DeliveryEvent::Stopped),
        code::DELIVERY_COMPLETED => Some(DeliveryEvent::Completed),
        code::PROGRAM_CLEARED => Some(DeliveryEvent::Cleared),
        _ => None,
    }
}

impl Counters {
    fn take(&mut self, code: u32, value: &Value<'_>) -> Result<(), WireError> {
        if let Value::Numeric { unit, number } = value {
            match numeric(code, *unit, *number)? {
                Statement::VolumeInfused(volume) => self.volume_infused_ml = volume,
                Statement::Rate(rate) => self.rate_ml_h = rate,
                Statement::VolumeToBeInfused(_)
                | Statement::VolumeRemaining(_)
                | Statement::TimeRemaining(_)
                | Statement::Delivery(_)
                | Statement::Event(..)
                | Statement::Alarm(..)
                | Statement::NotUsable
                | Statement::Other(_) => {}
            }
        }
        Ok(())
    }
}

fn event<'a>(parts: impl Iterator<Item = (u32, Value<'a>)>) -> Result<Statement, WireError> {
    let (mut event, mut counters) = (None, Counters::default());
    for (code, value) in parts {
        match (code, &value) {
            (code::EVENT, Value::Discrete(what)) => event = Some(*what),
            _ => counters.take(code, &value)?,
        }
    }
    Ok(match event.map(|code| (code, delivery_event(code))) {
        Some((_, Some(event))) => Statement::Event(event, counters),
        Some((code, None)) => Statement::Other(Some(code)),
        None => Statement::Other(Some(code::EVENT)),
    })
}

fn alarm<'a>(parts: impl Iterator<Item = (u32, Value<'a>)>) -> Result<Statement, WireError> {
    let mut condition = 0;
    let (mut ended, mut inactive, mut sound_paused) = (false, false, false);
    let mut priority = AlarmPriority::Unknown;
    let mut text = String::new();
    let mut counters = Counters::default();
    for (code, value) in parts {
        match (code, &value) {
            (code::EVENT, Value::Discrete(what)) => condition = *what,
            (code::EVENT_PHASE, Value::Text(phase)) => ended = *phase == "end",
            // Latched is still on: it waits for a person at the pump.
            (code::ALARM_STATE, Value::Text(state)) => inactive = *state == "inactive",
            (code::INACTIVATION_STATE, Value::Text(state)) => sound_paused = *state != "enabled",
            (code::ALARM_PRIORITY, Value::Text(urgency)) => {
                priority = match *urgency {
                    "PH" => AlarmPriority::High,
                    "PM" => AlarmPriority::Medium,
                    "PL" => AlarmPriority::Low,
                    "PN" => AlarmPriority::None,
                    _ => AlarmPriority::Unknown,
                }
            }
            (code::ALERT_TEXT, Value::Text(words)) => text = displayable(words),
            _ => counters.take(code, &value)?,
        }
    }
    let statement = AlarmStatement {
        code: condition,
        instance: None,
        kind: alarm_kind(condition),
        active: !ended && !inactive,
        sound_paused,
        priority,
        text,
    };
    Ok(Statement::Alarm(statement, counters))
}

/// What the code means. A code that is not in the table is an alarm that we do not know, not no alarm.
pub fn alarm_kind(code: u32) -> AlarmKind {
    match code {
        196_940 => AlarmKind::OcclusionDownstream,   // MDC_EVT_FLUID_LINE_OCCL
        196_802 => AlarmKind::BatteryLow,            // MDC_EVT_BATT_LO
        196_800 => AlarmKind::BatteryDepleted,       // MDC_EVT_BATT_FAIL
        196_804 | 196_678 => AlarmKind::SystemFault, // MDC_EVT_BATT_MALF, MDC_EVT_MALF
        196_634 => AlarmKind::ReservoirEmpty,        // MDC_EVT_EMPTY
        197_334 => AlarmKind::ReservoirLow,          // MDC_EVT_VOL_INFUS_NEAR_COMP
        other => AlarmKind::Unknown(other),
    }
}

fn displayable(words: &str) -> String {
    let mut shown = String::with_capacity(words.len().min(LONGEST_TEXT));
    shown.extend(words.chars().filter(|c| !c.is_control()).take(LONGEST_TEXT));
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::observation::{Codes, Status, Tlvs};

    fn numeric_observation(code: u32, unit: u16, number: MedicalNumber, status: u16) -> Observation<'static> {
        Observation {
            record: None,
            code: Some(code),
            time: None,
            duration: None,
            status: Status(status),
            id: None,
            patient: None,
            supplemental: Codes::default(),
            derived_from: Codes::default(),
            member_of: Codes::default(),
            tlvs: Tlvs::default(),
            value: Value::Numeric { unit, number },
        }
    }

    const TEN: MedicalNumber = MedicalNumber::Value(Decimal::TEN);

    #[test]
    fn each_code_has_its_meaning_and_its_unit() {
        let says = |code, unit| statement(&numeric_observation(code, unit, TEN, 0));
        assert_eq!(says(code::RATE, unit::MILLILITRE_PER_HOUR), Ok(Statement::Rate(Some(Decimal::TEN))));
        assert_eq!(says(code::VOLUME_INFUSED, unit::MILLILITRE), Ok(Statement::VolumeInfused(Some(Decimal::TEN))));
        assert_eq!(says(code::TIME_REMAINING, unit::MINUTE), Ok(Statement::TimeRemaining(Some(600))));
        assert_eq!(says(1234, unit::MINUTE), Ok(Statement::Other(Some(1234))));
    }

    #[test]
    fn a_volume_in_another_unit_is_refused() {
        assert_eq!(
            statement(&numeric_observation(code::VOLUME_INFUSED, unit::MILLILITRE_PER_HOUR, TEN, 0)),
            Err(not_our_unit("volume infused", unit::MILLILITRE_PER_HOUR))
        );
    }

    #[test]
    fn test_data_is_never_clinical_and_a_questionable_value_is_not_available() {
        let says = |status| statement(&numeric_observation(code::RATE, unit::MILLILITRE_PER_HOUR, TEN, status));
        assert_eq!(says(1 << 4), Ok(Statement::NotUsable));
        for bit in 0..4 {
            assert_eq!(says(1 << bit), Ok(Statement::Rate(None)), "status bit {bit}");
        }
    }

    #[test]
    fn a_setting_is_not_a_delivery_and_a_negative_rate_is_not_available() {
        assert_eq!(
            statement(&numeric_observation(code::RATE, unit::MILLILITRE_PER_HOUR, TEN, 1 << 7)),
            Ok(Statement::Other(Some(code::RATE)))
        );
        let minus = MedicalNumber::Value(-Decimal::ONE);
        assert_eq!(
            statement(&numeric_observation(code::RATE, unit::MILLILITRE_PER_HOUR, minus, 0)),
            Ok(Statement::Rate(None))
        );
    }

    #[test]
    fn an_unknown_alarm_surfaces_with_its_number_and_the_pumps_text() {
        let parts = [
            (code::EVENT, Value::Discrete(424_242)),
            (code::EVENT_PHASE, Value::Text("start")),
            (code::ALARM_PRIORITY, Value::Text("PH")),
            (code::INACTIVATION_STATE, Value::Text("audio-paused")),
            (code::ALERT_TEXT, Value::Text("E-11\u{7} key stuck")),
        ];
        let Ok(Statement::Alarm(alarm, _)) = alarm(parts.into_iter()) else { panic!("an alarm") };
        assert_eq!(alarm.kind, AlarmKind::Unknown(424_242));
        assert_eq!(alarm.text, "E-11 key stuck");
        assert_eq!(alarm.priority, AlarmPriority::High);
        assert!(alarm.active && alarm.sound_paused);
    }

    #[test]
    fn a_latched_alarm_is_on_until_its_end() {
        let active = |phase, state| {
            let parts = [
                (code::EVENT, Value::Discrete(196_940)),
                (code::EVENT_PHASE, Value::Text(phase)),
                (code::ALARM_STATE, Value::Text(state)),
            ];
            matches!(alarm(parts.into_iter()), Ok(Statement::Alarm(alarm, _)) if alarm.active)
        };
        assert!(active("start", "active"));
        assert!(active("update", "latched"));
        assert!(!active("end", "latched"));
        assert!(!active("update", "inactive"));
    }
}
