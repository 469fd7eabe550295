//! Vital signs as coded observations of a generic health sensor.

use super::{DeviceTime, Measured, Measurement, Reading};
use crate::nomenclature::{self, vital};
use crate::wire::observation::{Observation, Value};

/// The device's word for "any patient", or "not known".
const ANY_PATIENT: u8 = 0xFF;

/// The vital signs that an observation tells, alone or as parts of a compound; a bundle gives one reading for each of its
/// members, for each may be of another time and person. Empty when it tells none.
pub fn of_observation(observation: &Observation<'_>) -> Vec<Reading> {
    let readings: Vec<Reading> = match &observation.value {
        Value::Bundle(members) => members.iter().map(|member| reading(&member.within(observation))).collect(),
        _ => vec![reading(observation)],
    };
    readings.into_iter().filter(|reading| !reading.measurements.is_empty()).collect()
}

fn reading(observation: &Observation<'_>) -> Reading {
    let measurements = match (&observation.value, observation.code) {
        (Value::Compound(parts), _) => {
            parts.iter().filter_map(|(code, value)| measurement(observation, code, &value)).collect()
        }
        (value, Some(code)) => measurement(observation, code, value).into_iter().collect(),
        (_, None) => Vec::new(),
    };
    Reading {
        at: observation.time.map(DeviceTime::Elapsed),
        user: observation.patient.filter(|patient| *patient != ANY_PATIENT),
        measurements,
    }
}

fn measurement(observation: &Observation<'_>, code: u32, value: &Value<'_>) -> Option<Measurement> {
    let Value::Numeric { unit, number } = value else { return None };
    let status = observation.status;
    let unit = nomenclature::ucum(*unit);
    let value = number.available().filter(|_| unit.is_some());
    Some(Measurement {
        what: measured(code)?,
        value: value.filter(|_| !status.not_available() && !status.invalid()),
        unit,
        clinical: status.usable() && !status.setting() && !status.early_estimate(),
        flags: status.names().collect(),
    })
}

fn measured(code: u32) -> Option<Measured> {
    Some(match code {
        vital::BODY_TEMPERATURE => Measured::BodyTemperature,
        vital::OXYGEN_SATURATION => Measured::OxygenSaturation,
        vital::OXIMETER_PULSE => Measured::Pulse,
        vital::SYSTOLIC => Measured::Systolic,
        vital::DIASTOLIC => Measured::Diastolic,
        vital::MEAN_ARTERIAL => Measured::MeanArterial,
        vital::BODY_WEIGHT => Measured::Weight,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeline_model::VitalKind;

    /// A numeric observation: code, status, unit, mantissa, exponent of −1.
    fn body(code: u32, status: u16, unit: u16, mantissa: u16) -> Vec<u8> {
        let mut body = vec![1, 17, 0, 0b1001, 0];
        body.extend(code.to_le_bytes());
        body.extend(status.to_le_bytes());
        body.extend(unit.to_le_bytes());
        body.extend(mantissa.to_le_bytes());
        body.extend([0, 0xFF]);
        body
    }

    fn vitals(bytes: &[u8]) -> Vec<(VitalKind, String)> {
        let readings = of_observation(&Observation::live(bytes).unwrap());
        readings.iter().flat_map(Reading::vitals).map(|vital| (vital.vital, vital.value.to_string())).collect()
    }

    #[test]
    fn a_temperature_keeps_unit_and_digits() {
        let says = vitals(&body(vital::BODY_TEMPERATURE, 0, 0x17A0, 378));
        assert_eq!(says, [(VitalKind::Temperature, "37.8 Cel".into())]);
        let says = vitals(&body(vital::BODY_TEMPERATURE, 0, 0x1140, 1004));
        assert_eq!(says, [(VitalKind::Temperature, "100.4 [degF]".into())]);
    }

    #[test]
    fn test_data_doubts_settings_and_estimates_are_no_vital_signs() {
        for bit in [0, 1, 2, 3, 4, 5, 7] {
            assert!(vitals(&body(vital::BODY_TEMPERATURE, 1 << bit, 0x17A0, 378)).is_empty(), "status bit {bit}");
        }
    }

    #[test]
    fn a_unit_that_is_not_known_gives_no_value() {
        assert!(vitals(&body(vital::BODY_TEMPERATURE, 0, 0x1234, 378)).is_empty());
    }

    #[test]
    fn the_parts_of_a_blood_pressure_are_found() {
        let mut bytes = vec![7, 0, 0, 1, 0];
        bytes.extend(vital::BLOOD_PRESSURE.to_le_bytes());
        bytes.push(3);
        for (code, pressure) in [(vital::SYSTOLIC, 118), (vital::DIASTOLIC, 76), (vital::MEAN_ARTERIAL, 90)] {
            bytes.extend(u32::to_le_bytes(code));
            bytes.extend([1, 0x20, 0x0F, pressure, 0, 0, 0]);
        }
        bytes[1] = u8::try_from(bytes.len()).unwrap();
        let both = [
            (VitalKind::SystolicBloodPressure, "118 mm[Hg]".into()),
            (VitalKind::DiastolicBloodPressure, "76 mm[Hg]".into()),
        ];
        assert_eq!(vitals(&bytes), both);
    }

    #[test]
    fn members_of_a_bundle_are_readings_of_their_own() {
        let mut bytes = vec![0xFF, 0, 0, 0b10_0000, 0, 1, 2];
        bytes.extend(body(vital::OXYGEN_SATURATION, 0, 0x0220, 970));
        bytes.extend(body(1234, 0, 0x0220, 970));
        bytes[1] = u8::try_from(bytes.len()).unwrap();
        let readings = of_observation(&Observation::live(&bytes).unwrap());
        assert_eq!(readings.len(), 1, "what is no vital sign is no reading");
        assert_eq!(readings[0].user, Some(1));
    }
}
