//! What the pump did or said, with the codes of IEEE 11073-10101 where a number is known for certain. A number that is
//! not certain is not sent: our own code says it in words.

use super::observation::{add_amount, component, component_named};
use super::{amount, key_of, observed, words};
use crate::datatype::{CodeableConcept, Coding, Identifier, Reference};
use crate::fault::Fault;
use crate::read::code;
use crate::resource::{Observation, ObservationComponent};
use crate::url;
use homeline_model::{AlarmKind, CarePlan, Decimal, PumpEvent, PumpEventKind, Quantity};

/// MDC_VOL_FLUID_DELIV_TOTAL
pub(super) const VOLUME_INFUSED: &str = "157993";
/// MDC_FLOW_FLUID_PUMP_CURRENT
pub(super) const CURRENT_RATE: &str = "158014";
/// MDC_VOL_FLUID_TBI_REMAIN
pub(super) const VOLUME_REMAINING: &str = "157872";

/// Our code of an event.
pub(super) fn key(kind: &PumpEventKind) -> &'static str {
    match kind {
        PumpEventKind::Started => "pump-started",
        PumpEventKind::Stopped => "pump-stopped",
        PumpEventKind::Completed => "pump-completed",
        PumpEventKind::LinkUp => "pump-link-up",
        PumpEventKind::LinkLost => "pump-link-lost",
        PumpEventKind::RecordGap { .. } => "pump-record-gap",
        PumpEventKind::AlarmRaised { .. } => "pump-alarm-raised",
        PumpEventKind::AlarmCleared { .. } => "pump-alarm-cleared",
        PumpEventKind::AlarmSeen { .. } => "pump-alarm-seen",
        PumpEventKind::Progress => "pump-progress",
    }
}

fn event_code(kind: &PumpEventKind) -> Option<(&'static str, &'static str)> {
    match kind {
        PumpEventKind::Started => Some(("197288", "MDC_EVT_PUMP_DELIV_START")),
        PumpEventKind::Stopped => Some(("197290", "MDC_EVT_PUMP_DELIV_STOP")),
        PumpEventKind::Completed => Some(("197292", "MDC_EVT_PUMP_DELIV_COMP")),
        PumpEventKind::LinkLost => Some(("196748", "MDC_EVT_COMM_LOST")),
        PumpEventKind::AlarmRaised { .. } => Some(("196616", "MDC_EVT_ALARM")),
        PumpEventKind::LinkUp
        | PumpEventKind::RecordGap { .. }
        | PumpEventKind::AlarmCleared { .. }
        | PumpEventKind::AlarmSeen { .. }
        | PumpEventKind::Progress => None,
    }
}

fn alarm_code(alarm: &AlarmKind) -> Option<(&'static str, &'static str)> {
    match alarm {
        AlarmKind::OcclusionDownstream => Some(("196940", "MDC_EVT_FLUID_LINE_OCCL")),
        AlarmKind::BatteryLow => Some(("196802", "MDC_EVT_BATT_LO")),
        AlarmKind::ReservoirEmpty => Some(("196634", "MDC_EVT_EMPTY")),
        AlarmKind::SystemFault => Some(("196678", "MDC_EVT_MALF")),
        AlarmKind::OcclusionUpstream
        | AlarmKind::AirInLine
        | AlarmKind::BatteryDepleted
        | AlarmKind::ReservoirLow
        | AlarmKind::InfusionComplete
        | AlarmKind::DoorOpen
        | AlarmKind::PumpStopped
        | AlarmKind::Unknown(_) => None,
    }
}

pub(super) fn with_mdc(mut concept: CodeableConcept, mdc: Option<(&str, &str)>) -> CodeableConcept {
    concept.coding.extend(mdc.map(|(code, display)| Coding::with_display(url::MDC, code, display)));
    concept
}

fn count(value: u32) -> Quantity {
    Quantity::new(Decimal::from(value), "1")
}

/// Writes the event into an observation that has its key as code.
pub(super) fn write(event: &PumpEvent, mut observation: Observation, plan: Option<&CarePlan>) -> Observation {
    observation.code = observation.code.map(|concept| with_mdc(concept, event_code(&event.kind)));
    observation.device = words(&event.serial).map(|serial| device(serial, plan));
    if let Some(record) = event.record {
        add_amount(&mut observation, observed("record"), &count(record));
    }
    if event.epoch != 0 {
        add_amount(&mut observation, observed("record-epoch"), &count(event.epoch));
    }
    if let Some(volume) = &event.volume_infused {
        let code = with_mdc(observed("volume-infused"), Some((VOLUME_INFUSED, "MDC_VOL_FLUID_DELIV_TOTAL")));
        add_amount(&mut observation, code, volume);
    }
    if let Some(rate) = &event.rate {
        let code = with_mdc(observed("rate"), Some((CURRENT_RATE, "MDC_FLOW_FLUID_PUMP_CURRENT")));
        add_amount(&mut observation, code, rate);
    }
    match &event.kind {
        PumpEventKind::AlarmRaised { alarm, text } => {
            write_alarm(&mut observation, alarm);
            if let Some(text) = words(text) {
                let value_string = Some(text);
                observation.component.push(ObservationComponent { value_string, ..component("alarm-text") });
            }
        }
        PumpEventKind::AlarmCleared { alarm } | PumpEventKind::AlarmSeen { alarm } => {
            write_alarm(&mut observation, alarm)
        }
        PumpEventKind::RecordGap { from, to } => {
            add_amount(&mut observation, observed("from-record"), &count(*from));
            add_amount(&mut observation, observed("to-record"), &count(*to));
        }
        PumpEventKind::Started
        | PumpEventKind::Stopped
        | PumpEventKind::Completed
        | PumpEventKind::LinkUp
        | PumpEventKind::LinkLost
        | PumpEventKind::Progress => {}
    }
    observation
}

fn device(serial: String, plan: Option<&CarePlan>) -> Reference {
    let known = plan.and_then(|plan| plan.delivery_devices.iter().find(|pump| pump.serial.as_deref() == Some(&serial)));
    Reference {
        r#type: Some("Device".to_owned()),
        identifier: Some(Identifier {
            system: Some(url::PUMP_SERIAL.to_owned()),
            value: Some(serial),
            ..Identifier::default()
        }),
        ..known.map(|pump| Reference::to("Device", &pump.id).named(&pump.name)).unwrap_or_default()
    }
}

fn write_alarm(observation: &mut Observation, alarm: &AlarmKind) {
    let key = match alarm {
        AlarmKind::Unknown(number) => {
            add_amount(observation, observed("alarm-number"), &count(*number));
            "unknown".to_owned()
        }
        AlarmKind::OcclusionDownstream
        | AlarmKind::OcclusionUpstream
        | AlarmKind::AirInLine
        | AlarmKind::BatteryLow
        | AlarmKind::BatteryDepleted
        | AlarmKind::ReservoirLow
        | AlarmKind::ReservoirEmpty
        | AlarmKind::InfusionComplete
        | AlarmKind::DoorOpen
        | AlarmKind::PumpStopped
        | AlarmKind::SystemFault => key_of(alarm),
    };
    let value = Some(with_mdc(observed(&key), alarm_code(alarm)));
    observation.component.push(ObservationComponent { value_codeable_concept: value, ..component("alarm") });
}

/// Reads it back.
pub(super) fn read(observation: &Observation) -> Result<PumpEvent, Fault> {
    let key = observation.code.as_ref().and_then(|concept| concept.code_in(url::OBSERVED)).unwrap_or_default();
    let kind = match key {
        "pump-started" => PumpEventKind::Started,
        "pump-stopped" => PumpEventKind::Stopped,
        "pump-completed" => PumpEventKind::Completed,
        "pump-link-up" => PumpEventKind::LinkUp,
        "pump-link-lost" => PumpEventKind::LinkLost,
        "pump-progress" => PumpEventKind::Progress,
        "pump-record-gap" => PumpEventKind::RecordGap {
            from: needed(observation, "from-record")?,
            to: needed(observation, "to-record")?,
        },
        "pump-alarm-raised" => PumpEventKind::AlarmRaised {
            alarm: read_alarm(observation)?,
            text: component_named(observation, "alarm-text")
                .and_then(|found| found.value_string.clone())
                .unwrap_or_default(),
        },
        "pump-alarm-cleared" => PumpEventKind::AlarmCleared { alarm: read_alarm(observation)? },
        "pump-alarm-seen" => PumpEventKind::AlarmSeen { alarm: read_alarm(observation)? },
        _ => return Err(Fault::at("code", "is not a known event of a pump")),
    };
    let quantity = |key: &str| {
        let found = component_named(observation, key).and_then(|found| found.value_quantity.as_ref());
        found.map(|quantity| amount(quantity, &format!("component('{key}')"))).transpose()
    };
    let serial = observation.device.as_ref().and_then(|device| device.identifier.as_ref());
    Ok(PumpEvent {
        serial: serial.and_then(|serial| serial.value.clone()).unwrap_or_default(),
        record: number(observation, "record")?,
        epoch: number(observation, "record-epoch")?.unwrap_or(0),
        kind,
        volume_infused: quantity("volume-infused")?,
        rate: quantity("rate")?,
        // They stay at home: what is sent is the last of them.
        samples: None,
    })
}

fn number(observation: &Observation, key: &str) -> Result<Option<u32>, Fault> {
    let Some(found) = component_named(observation, key).and_then(|found| found.value_quantity.as_ref()) else {
        return Ok(None);
    };
    let path = format!("component('{key}')");
    let value = amount(found, &path)?.value.normalize();
    u32::try_from(value).map(Some).map_err(|_| Fault::at(path, "must be a whole number"))
}

fn needed(observation: &Observation, key: &str) -> Result<u32, Fault> {
    number(observation, key)?.ok_or_else(|| Fault::missing(format!("component('{key}')"), "a record number"))
}

fn read_alarm(observation: &Observation) -> Result<AlarmKind, Fault> {
    let found = component_named(observation, "alarm").and_then(|found| found.value_codeable_concept.as_ref());
    let key = found.and_then(|concept| concept.code_in(url::OBSERVED)).unwrap_or_default();
    if key == "unknown" {
        return Ok(AlarmKind::Unknown(needed(observation, "alarm-number")?));
    }
    code(key, "component('alarm')", "alarm")
}
