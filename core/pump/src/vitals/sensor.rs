//! The characteristics of the Bluetooth SIG's services for vital signs: one value is one [`Reading`].

use super::{DeviceTime, Measured, Measurement, Reading};
use crate::radio::Characteristic;
use crate::wire::battery::{self, BatteryCharge, BatteryStatus, BatteryUse};
use crate::wire::blood_pressure::{self, BloodPressure};
use crate::wire::medical_number::MedicalNumber;
use crate::wire::pulse_oximeter::{self, Continuous, MeasurementStatus, Oximetry, SensorStatus, SpotCheck};
use crate::wire::thermometer::{self, Temperature, TemperatureSite};
use crate::wire::{WireError, weight_scale};
use chrono::NaiveDateTime;
use rust_decimal::Decimal;

/// A characteristic that carries vital signs, or the battery of what measures them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sensor {
    /// Temperature Measurement.
    Temperature,
    /// Intermediate Temperature: not settled yet.
    IntermediateTemperature,
    /// Blood Pressure Measurement.
    BloodPressure,
    /// Intermediate Cuff Pressure: while the cuff deflates.
    CuffPressure,
    /// PLX Spot-Check Measurement.
    OximeterSpotCheck,
    /// PLX Continuous Measurement.
    OximeterContinuous,
    /// Weight Measurement.
    Weight,
    /// Battery Level.
    BatteryLevel,
    /// Battery Level Status.
    BatteryLevelStatus,
}

impl Sensor {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Temperature,
        Self::IntermediateTemperature,
        Self::BloodPressure,
        Self::CuffPressure,
        Self::OximeterSpotCheck,
        Self::OximeterContinuous,
        Self::Weight,
        Self::BatteryLevel,
        Self::BatteryLevelStatus,
    ];

    /// Its characteristic.
    pub fn characteristic(self) -> Characteristic {
        Characteristic(match self {
            Self::Temperature => 0x2A1C,
            Self::IntermediateTemperature => 0x2A1E,
            Self::BloodPressure => 0x2A35,
            Self::CuffPressure => 0x2A36,
            Self::OximeterSpotCheck => 0x2A5E,
            Self::OximeterContinuous => 0x2A5F,
            Self::Weight => 0x2A9D,
            Self::BatteryLevel => 0x2A19,
            Self::BatteryLevelStatus => 0x2BED,
        })
    }

    /// The sensor behind a characteristic; `None` when it carries none.
    pub fn of(characteristic: Characteristic) -> Option<Self> {
        Self::ALL.into_iter().find(|sensor| sensor.characteristic() == characteristic)
    }

    /// Reads one value. Refuses what is malformed as a whole.
    pub fn read(self, value: &[u8]) -> Result<Reading, WireError> {
        Ok(match self {
            Self::Temperature => temperature(thermometer::decode(value)?, false),
            Self::IntermediateTemperature => temperature(thermometer::decode(value)?, true),
            Self::BloodPressure => blood_pressure(&blood_pressure::decode(value)?),
            Self::CuffPressure => cuff_pressure(&blood_pressure::decode(value)?),
            Self::OximeterSpotCheck => spot_check(&pulse_oximeter::spot_check(value)?),
            Self::OximeterContinuous => continuous(&pulse_oximeter::continuous(value)?),
            Self::Weight => {
                let weight = weight_scale::decode(value)?;
                let measurement = Measurement {
                    what: Measured::Weight,
                    value: weight.value,
                    unit: Some(weight.unit),
                    clinical: true,
                    flags: Vec::new(),
                };
                reading(weight.at, weight.user, vec![measurement])
            }
            Self::BatteryLevel => {
                let percent = Some(Decimal::from(battery::level(value)?));
                reading(None, None, vec![battery_measurement(percent, Vec::new())])
            }
            Self::BatteryLevelStatus => {
                let status = battery::status(value)?;
                reading(
                    None,
                    None,
                    vec![battery_measurement(status.percent.map(Decimal::from), battery_flags(&status))],
                )
            }
        })
    }
}

fn reading(at: Option<NaiveDateTime>, user: Option<u8>, measurements: Vec<Measurement>) -> Reading {
    const UNKNOWN_USER: u8 = 0xFF;
    Reading { at: at.map(DeviceTime::DateTime), user: user.filter(|user| *user != UNKNOWN_USER), measurements }
}

fn temperature(read: Temperature, intermediate: bool) -> Reading {
    let site = read.site.map(|site| match site {
        TemperatureSite::Armpit => "site-armpit",
        TemperatureSite::Body => "site-body",
        TemperatureSite::Ear => "site-ear",
        TemperatureSite::Finger => "site-finger",
        TemperatureSite::GastroIntestinalTract => "site-gastrointestinal-tract",
        TemperatureSite::Mouth => "site-mouth",
        TemperatureSite::Rectum => "site-rectum",
        TemperatureSite::Toe => "site-toe",
        TemperatureSite::EarDrum => "site-eardrum",
    });
    let measurement = Measurement {
        what: Measured::BodyTemperature,
        value: read.value,
        unit: Some(read.unit),
        clinical: !intermediate,
        flags: intermediate.then_some("intermediate").into_iter().chain(site).collect(),
    };
    reading(read.at, None, vec![measurement])
}

fn blood_pressure(read: &BloodPressure) -> Reading {
    let measurement = |what, number: MedicalNumber, unit| Measurement {
        what,
        value: number.available(),
        unit: Some(unit),
        clinical: true,
        flags: read.status.names().collect(),
    };
    let unit = read.unit.ucum();
    let mut measurements = vec![
        measurement(Measured::Systolic, read.systolic, unit),
        measurement(Measured::Diastolic, read.diastolic, unit),
        measurement(Measured::MeanArterial, read.mean_arterial, unit),
    ];
    measurements.extend(read.pulse.map(|pulse| measurement(Measured::Pulse, pulse, "/min")));
    reading(read.at, read.user, measurements)
}

fn cuff_pressure(read: &BloodPressure) -> Reading {
    let measurement = Measurement {
        what: Measured::CuffPressure,
        value: read.systolic.available(),
        unit: Some(read.unit.ucum()),
        clinical: false,
        flags: core::iter::once("intermediate").chain(read.status.names()).collect(),
    };
    reading(read.at, read.user, vec![measurement])
}

/// Saturation and pulse of one average, both under the same flags.
struct Average {
    available: bool,
    clinical: bool,
    flags: Vec<&'static str>,
}

impl Average {
    fn new(measurement: MeasurementStatus, sensor: SensorStatus) -> Self {
        Self {
            available: !measurement.not_available(),
            clinical: measurement.usable() && sensor.usable(),
            flags: measurement.names().chain(sensor.names()).collect(),
        }
    }

    fn measurements(&self, value: Oximetry, average: Option<&'static str>) -> [Measurement; 2] {
        let measurement = |what, number: MedicalNumber, unit| Measurement {
            what,
            value: number.available().filter(|_| self.available),
            unit: Some(unit),
            clinical: self.clinical && average.is_none(),
            flags: average.into_iter().chain(self.flags.iter().copied()).collect(),
        };
        [
            measurement(Measured::OxygenSaturation, value.saturation, "%"),
            measurement(Measured::Pulse, value.pulse, "/min"),
        ]
    }
}

fn spot_check(read: &SpotCheck) -> Reading {
    let mut average = Average::new(read.measurement, read.sensor);
    if read.clock_not_set {
        average.flags.push("clock-not-set");
    }
    let at = read.at.filter(|_| !read.clock_not_set);
    reading(at, None, average.measurements(read.value, None).into())
}

fn continuous(read: &Continuous) -> Reading {
    let average = Average::new(read.measurement, read.sensor);
    let averages = [(Some(read.normal), None), (read.fast, Some("fast")), (read.slow, Some("slow"))];
    let values = averages.into_iter().filter_map(|(value, name)| value.map(|value| average.measurements(value, name)));
    reading(None, None, values.flatten().collect())
}

fn battery_measurement(percent: Option<Decimal>, flags: Vec<&'static str>) -> Measurement {
    Measurement { what: Measured::Battery, value: percent, unit: Some("%"), clinical: false, flags }
}

fn battery_flags(status: &BatteryStatus) -> Vec<&'static str> {
    let charge = status.charge.map(|charge| match charge {
        BatteryCharge::Good => "charge-good",
        BatteryCharge::Low => "charge-low",
        BatteryCharge::Critical => "charge-critical",
    });
    let usage = status.usage.map(|usage| match usage {
        BatteryUse::Charging => "charging",
        BatteryUse::Discharging => "discharging",
        BatteryUse::Idle => "idle",
    });
    let also = [
        (!status.present, "battery-absent"),
        (status.wired_power == Some(true), "wired-power"),
        (status.wireless_power == Some(true), "wireless-power"),
        (status.charging_fault, "charging-fault"),
        (status.service_required == Some(true), "service-required"),
        (status.battery_fault, "battery-fault"),
    ];
    let also = also.into_iter().filter(|(set, _)| *set).map(|(_, name)| name);
    charge.into_iter().chain(usage).chain(also).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeline_model::{Vital, VitalKind};

    fn said(reading: &Reading) -> Vec<String> {
        let shown = |value: Option<Decimal>| value.map_or("-".to_owned(), |value| value.to_string());
        let line = |m: &Measurement| {
            let flags = m.flags.join(" ");
            format!("{:?} {} {} {flags}", m.what, shown(m.value), m.unit.unwrap_or("?"))
        };
        reading.measurements.iter().map(|m| line(m).trim_end().to_owned()).collect()
    }

    fn vitals(sensor: Sensor, bytes: &[u8]) -> Vec<(VitalKind, String)> {
        let read = sensor.read(bytes).unwrap();
        read.vitals().map(|Vital { vital, value }| (vital, value.to_string())).collect()
    }

    #[test]
    fn a_cuff_gives_three_pressures_and_the_pulse_each_with_its_doubts() {
        let bytes = [0b1_1110, 118, 0, 76, 0, 90, 0, 0xEA, 7, 11, 23, 8, 30, 5, 72, 0, 0xFF, 0b100, 0];
        let read = Sensor::BloodPressure.read(&bytes).unwrap();
        assert_eq!(
            said(&read),
            [
                "Systolic 118 mm[Hg] irregular-pulse",
                "Diastolic 76 mm[Hg] irregular-pulse",
                "MeanArterial 90 mm[Hg] irregular-pulse",
                "Pulse 72 /min irregular-pulse",
            ]
        );
        assert_eq!(read.user, None, "0xFF is not known");
        assert_eq!(read.vitals().count(), 3, "the journal has no mean arterial pressure");
    }

    #[test]
    fn the_pressure_in_a_cuff_and_an_intermediate_temperature_are_no_vital_signs() {
        let cuff = [0, 160, 0, 0xFF, 0x07, 0xFF, 0x07];
        assert_eq!(said(&Sensor::CuffPressure.read(&cuff).unwrap()), ["CuffPressure 160 mm[Hg] intermediate"]);
        assert!(vitals(Sensor::CuffPressure, &cuff).is_empty());
        let warm = [0, 0x7A, 0x01, 0, 0xFF];
        assert!(vitals(Sensor::IntermediateTemperature, &warm).is_empty());
        assert_eq!(vitals(Sensor::Temperature, &warm), [(VitalKind::Temperature, "37.8 Cel".into())]);
    }

    #[test]
    fn demonstration_and_test_data_and_what_the_oximeter_doubts_never_become_clinical() {
        for bit in [6, 10, 11, 12, 13, 14, 15] {
            let [low, high] = (1_u16 << bit).to_le_bytes();
            assert!(vitals(Sensor::OximeterSpotCheck, &[0b10, 97, 0, 72, 0, low, high]).is_empty(), "status bit {bit}");
            assert!(
                vitals(Sensor::OximeterContinuous, &[0b100, 97, 0, 72, 0, low, high]).is_empty(),
                "status bit {bit}"
            );
        }
        for bit in [1, 3, 7, 8, 11, 13, 14, 15] {
            let [a, b, c, _] = (1_u32 << bit).to_le_bytes();
            assert!(vitals(Sensor::OximeterSpotCheck, &[0b100, 97, 0, 72, 0, a, b, c]).is_empty(), "sensor bit {bit}");
        }
        let both = [(VitalKind::OxygenSaturation, "97 %".into()), (VitalKind::Pulse, "72 /min".into())];
        assert_eq!(vitals(Sensor::OximeterSpotCheck, &[0b10, 97, 0, 72, 0, 0x80, 1]), both);
    }

    #[test]
    fn an_invalid_saturation_has_no_value_and_says_so() {
        let read = Sensor::OximeterSpotCheck.read(&[0b10, 97, 0, 72, 0, 0, 0x80]).unwrap();
        assert_eq!(said(&read), ["OxygenSaturation - % invalid", "Pulse - /min invalid"]);
    }

    #[test]
    fn of_three_averages_only_the_normal_one_is_a_vital_sign() {
        let bytes = [0b11, 97, 0, 72, 0, 96, 0, 74, 0, 98, 0, 70, 0];
        let read = Sensor::OximeterContinuous.read(&bytes).unwrap();
        assert_eq!(read.measurements.len(), 6);
        assert_eq!(said(&read)[2..4], ["OxygenSaturation 96 % fast", "Pulse 74 /min fast"]);
        assert_eq!(read.vitals().count(), 2);
    }

    #[test]
    fn a_clock_that_was_not_set_gives_no_time() {
        let read = |flags| {
            let bytes = [flags, 97, 0, 72, 0, 0xEA, 7, 11, 23, 8, 30, 5];
            Sensor::OximeterSpotCheck.read(&bytes).unwrap().at
        };
        assert!(read(0b1).is_some());
        assert_eq!(read(0b1_0001), None);
    }

    #[test]
    fn a_weight_has_its_user_and_a_battery_is_no_vital_sign() {
        let read = Sensor::Weight.read(&[0b100, 0x40, 0x38, 2]).unwrap();
        assert_eq!((said(&read), read.user), (vec!["Weight 72.000 kg".to_owned()], Some(2)));
        let read = Sensor::BatteryLevelStatus.read(&[0b10, 0xC1, 0x01, 9]).unwrap();
        assert_eq!(said(&read), ["Battery 9 % charge-critical discharging"]);
        assert!(vitals(Sensor::BatteryLevel, &[55]).is_empty());
    }

    #[test]
    fn every_sensor_is_found_by_its_characteristic() {
        for sensor in Sensor::ALL {
            assert_eq!(Sensor::of(sensor.characteristic()), Some(sensor));
        }
        assert_eq!(Sensor::of(Characteristic::LIVE), None);
    }
}
