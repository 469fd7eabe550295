//! What devices for vital signs say, as the vital signs of the journal.
//!
//! A [`Sensor`] is one characteristic of the Bluetooth SIG's services for thermometer, cuff, oximeter, scale and battery; a
//! generic health sensor sends the same as coded observations. The value keeps the unit and the digits that were sent. What
//! is a patient's and what is not is decided here, once: [`Reading::vitals`] gives no value of a demonstration or a test,
//! none that the device calls invalid, questionable, not available or an early estimate, and none that is only on its way
//! (an intermediate temperature, the pressure in a cuff, the faster and slower average beside the normal one). Everything
//! that was sent stays in [`Reading::measurements`], with its flags.
//!
//! Whose reading it is, is not known here: [`Reading::user`] is the device's own number for the person.
//!
//! [`Sensor`]: crate::vitals::Sensor
//! [`Reading::vitals`]: crate::vitals::Reading::vitals
//! [`Reading::measurements`]: crate::vitals::Reading::measurements
//! [`Reading::user`]: crate::vitals::Reading::user

/// Coded observations of a generic health sensor.
mod coded;
/// The characteristics of the services for vital signs.
mod sensor;

pub use coded::of_observation;
pub use sensor::Sensor;

use crate::wire::timestamp::ElapsedTime;
use chrono::NaiveDateTime;
use homeline_model::{Quantity, Vital, VitalKind};
use rust_decimal::Decimal;

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the vital sign of its name")]
pub enum Measured {
    BodyTemperature,
    Systolic,
    Diastolic,
    MeanArterial,
    Pulse,
    OxygenSaturation,
    Weight,
    /// Pressure in the cuff while it measures: not a blood pressure.
    CuffPressure,
    /// Charge of the device's battery.
    Battery,
}

/// One value of a reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measurement {
    /// What was measured.
    pub what: Measured,
    /// With the digits that were sent; `None` is not available, and never zero.
    pub value: Option<Decimal>,
    /// The unit that was sent, in UCUM; `None` is a unit that has no UCUM code here, and then there is no value.
    pub unit: Option<&'static str>,
    /// The patient's, as far as the device says: may go into the journal.
    pub clinical: bool,
    /// What the device says of it, e.g. `test-data`, `irregular-pulse`, `site-mouth` (all of them: `docs/cli.md`).
    pub flags: Vec<&'static str>,
}

/// What a device's own clock says, as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceTime {
    /// A date and time without a zone.
    DateTime(NaiveDateTime),
    /// A stamp of the Elapsed Time service.
    Elapsed(ElapsedTime),
}

impl DeviceTime {
    /// The clock's reading, without a zone; `None` of a clock that counts and knows no date.
    pub fn reading(&self) -> Option<NaiveDateTime> {
        match self {
            Self::DateTime(reading) => Some(*reading),
            Self::Elapsed(stamp) => (!stamp.tick_counter).then(|| stamp.reading()),
        }
    }

    /// The reading in ISO 8601, with `Z` or an offset where the clock tells its zone and without one where it does not;
    /// `None` of a clock that counts and knows no date. An offset that no zone has is left out.
    pub fn iso8601(&self) -> Option<String> {
        let reading = self.reading()?;
        let zone = match self {
            Self::DateTime(_) => String::new(),
            Self::Elapsed(stamp) if stamp.utc => "Z".to_owned(),
            Self::Elapsed(stamp) => match stamp.offset_minutes {
                Some(minutes @ -1080..=1080) => {
                    let sign = if minutes < 0 { '-' } else { '+' };
                    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
                }
                _ => String::new(),
            },
        };
        Some(format!("{}{zone}", reading.format("%Y-%m-%dT%H:%M:%S%.f")))
    }
}

/// What one value of a characteristic said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The device's own clock; `None` when it has none or did not set it.
    pub at: Option<DeviceTime>,
    /// The device's number for the person; `None` is not sent or not known.
    pub user: Option<u8>,
    /// All that was measured, in the order of the bytes.
    pub measurements: Vec<Measurement>,
}

impl Reading {
    /// The vital signs that may go into the journal.
    pub fn vitals(&self) -> impl Iterator<Item = Vital> + '_ {
        self.measurements.iter().filter_map(Measurement::vital)
    }
}

impl Measurement {
    /// As a vital sign of the journal; `None` when it is not one, not available or not a patient's.
    pub fn vital(&self) -> Option<Vital> {
        let vital = match self.what {
            Measured::BodyTemperature => VitalKind::Temperature,
            Measured::Systolic => VitalKind::SystolicBloodPressure,
            Measured::Diastolic => VitalKind::DiastolicBloodPressure,
            Measured::Pulse => VitalKind::Pulse,
            Measured::OxygenSaturation => VitalKind::OxygenSaturation,
            Measured::Weight => VitalKind::Weight,
            Measured::MeanArterial | Measured::CuffPressure | Measured::Battery => return None,
        };
        let value = self.value.filter(|_| self.clinical)?;
        Some(Vital { vital, value: Quantity::new(value, self.unit?) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::timestamp::TimeSource;

    #[test]
    fn a_time_has_the_zone_that_its_clock_tells_and_no_other() {
        let stamp = ElapsedTime {
            milliseconds: 848_736_000_000,
            microseconds: 0,
            tick_counter: false,
            utc: true,
            offset_minutes: None,
            current_timeline: true,
            set_by: TimeSource::Manual,
        };
        let shown = |stamp| DeviceTime::Elapsed(stamp).iso8601();
        assert_eq!(shown(stamp).as_deref(), Some("2026-11-23T08:00:00Z"));
        assert_eq!(shown(ElapsedTime { utc: false, ..stamp }).as_deref(), Some("2026-11-23T08:00:00"));
        let local = ElapsedTime { utc: false, offset_minutes: Some(-210), milliseconds: 848_736_000_250, ..stamp };
        assert_eq!(shown(local).as_deref(), Some("2026-11-23T08:00:00.250-03:30"));
        assert_eq!(shown(ElapsedTime { tick_counter: true, ..stamp }), None);
        let reading = "2026-11-23T08:30:05".parse().unwrap();
        assert_eq!(DeviceTime::DateTime(reading).iso8601().as_deref(), Some("2026-11-23T08:30:05"));
    }
}
