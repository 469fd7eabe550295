//! What a pump says beside the statements that the session lives on: how it is set, why it does not deliver, what is left in
//! its container. For a screen or a person who looks; nothing of it counts as delivered.

use super::{amount, seconds, unit};
use crate::wire::WireError;
use crate::wire::medical_number::MedicalNumber;
use crate::wire::observation::{Observation, Value};
use rust_decimal::Decimal;

/// Codes of details (IEEE 11073-10101).
pub mod code {
    /// MDC_FLOW_FLUID_PUMP: the rate that is programmed.
    pub const PROGRAMMED_RATE: u32 = 157_784;
    /// MDC_TIME_PD_PROG: the time that is programmed.
    pub const PROGRAMMED_TIME: u32 = 157_996;
    /// MDC_VOL_FLUID_DELIV_SEGMENT: infused in this part of a programme with parts.
    pub const SEGMENT_VOLUME: u32 = 157_992;
    /// MDC_TIME_PD_REMAIN_CONTAINER: time until the container is empty.
    pub const CONTAINER_TIME_LEFT: u32 = 157_997;
    /// MDC_PUMP_INFUSING_STATUS.
    pub const INFUSING_STATUS: u32 = 184_519;
    /// MDC_DEV_PUMP_NOT_DELIVERING_REASON.
    pub const NOT_DELIVERING_REASON: u32 = 158_006;
    /// MDC_DEV_PUMP_PROGRAM_DELIVERY_MODE.
    pub const DELIVERY_MODE: u32 = 158_008;
}

/// One detail. A value that is not available is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail<'a> {
    /// Programmed, mL/h.
    ProgrammedRate(Option<Decimal>),
    /// Programmed, seconds.
    ProgrammedTime(Option<u32>),
    /// Infused in this part, mL.
    SegmentVolume(Option<Decimal>),
    /// Until the container is empty, seconds.
    ContainerTimeLeft(Option<u32>),
    /// It infuses.
    Infusing(bool),
    /// Why it does not deliver: `user`, `alarming`, `powered-off`, or the pump's own token.
    NotDelivering(&'a str),
    /// How it delivers: `continuous`, or the pump's own token.
    Mode(&'a str),
}

/// The detail that an observation tells; `None` when it tells none or is not to be trusted. Refuses a unit that is not the
/// profile's.
pub fn detail<'a>(observation: &Observation<'a>) -> Result<Option<Detail<'a>>, WireError> {
    let (Some(code), true) = (observation.code, observation.status.usable()) else { return Ok(None) };
    match &observation.value {
        Value::Numeric { unit, number } => numeric(code, *unit, *number),
        Value::Text(token) => Ok(text(code, token)),
        _ => Ok(None),
    }
}

fn numeric(code: u32, unit: u16, number: MedicalNumber) -> Result<Option<Detail<'static>>, WireError> {
    Ok(Some(match code {
        code::PROGRAMMED_RATE => {
            Detail::ProgrammedRate(amount(number, unit, unit::MILLILITRE_PER_HOUR, "programmed rate")?)
        }
        code::SEGMENT_VOLUME => Detail::SegmentVolume(amount(number, unit, unit::MILLILITRE, "volume of this part")?),
        code::PROGRAMMED_TIME => Detail::ProgrammedTime(seconds(number, unit, "programmed time")?),
        code::CONTAINER_TIME_LEFT => Detail::ContainerTimeLeft(seconds(number, unit, "time left in the container")?),
        _ => return Ok(None),
    }))
}

fn text(code: u32, token: &str) -> Option<Detail<'_>> {
    let without = |prefix| token.strip_prefix(prefix).unwrap_or(token);
    match (code, token) {
        (code::INFUSING_STATUS, "pump-status-infusing") => Some(Detail::Infusing(true)),
        (code::INFUSING_STATUS, "pump-status-not-infusing") => Some(Detail::Infusing(false)),
        (code::NOT_DELIVERING_REASON, _) => Some(Detail::NotDelivering(without("pump-stopped-"))),
        (code::DELIVERY_MODE, _) => Some(Detail::Mode(without("pump-program-delivery-mode-"))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{Statement, statement};

    /// A live observation of this class and value, with these status bits.
    fn body(class: u8, code: u32, status: u16, value: &[u8]) -> Vec<u8> {
        let mut body = vec![class, 0, 0, 0b1001, 0];
        body.extend(code.to_le_bytes());
        body.extend(status.to_le_bytes());
        body.extend(value);
        body[1] = u8::try_from(body.len()).unwrap();
        body
    }

    fn token(text: &str) -> Vec<u8> {
        [u16::try_from(text.len()).unwrap().to_le_bytes().as_slice(), text.as_bytes()].concat()
    }

    #[test]
    fn a_programmed_rate_is_a_setting_and_no_delivery() {
        let bytes = body(1, code::PROGRAMMED_RATE, 1 << 7, &[0x32, 0x0C, 0x7C, 0x06, 0, 0xFF]);
        let observation = Observation::live(&bytes).unwrap();
        assert_eq!(detail(&observation), Ok(Some(Detail::ProgrammedRate(Some("166.0".parse().unwrap())))));
        assert_eq!(statement(&observation), Ok(Statement::Other(Some(code::PROGRAMMED_RATE))));
        let bytes = body(1, code::PROGRAMMED_RATE, 0, &[0x52, 0x06, 0x7C, 0x06, 0, 0xFF]);
        assert!(detail(&Observation::live(&bytes).unwrap()).is_err(), "millilitres are no rate");
    }

    #[test]
    fn mode_reason_and_status_are_read_and_an_unknown_token_stays_whole() {
        for (code, text, expected) in [
            (code::DELIVERY_MODE, "pump-program-delivery-mode-continuous", Detail::Mode("continuous")),
            (code::NOT_DELIVERING_REASON, "pump-stopped-alarming", Detail::NotDelivering("alarming")),
            (code::NOT_DELIVERING_REASON, "door open", Detail::NotDelivering("door open")),
            (code::INFUSING_STATUS, "pump-status-not-infusing", Detail::Infusing(false)),
        ] {
            let bytes = body(3, code, 0, &token(text));
            assert_eq!(detail(&Observation::live(&bytes).unwrap()), Ok(Some(expected)));
            let doubted = body(3, code, 1 << 1, &token(text));
            assert_eq!(detail(&Observation::live(&doubted).unwrap()), Ok(None));
        }
    }

    #[test]
    fn times_are_seconds_whatever_they_came_in() {
        let bytes = body(1, code::CONTAINER_TIME_LEFT, 0, &[0xA0, 0x08, 90, 0, 0, 0]);
        let observation = Observation::live(&bytes).unwrap();
        assert_eq!(detail(&observation), Ok(Some(Detail::ContainerTimeLeft(Some(5_400)))));
    }
}
