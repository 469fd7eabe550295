//! Time as facts need it: when it happened, when it was recorded, and what a device's own clock said.

use crate::zone::ZoneId;
use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// How the instant of a fact is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimeBasis {
    /// Logged as it happened: the phone's clock at that moment.
    PhoneClock,
    /// A person said when it was.
    Typed,
    /// A device's own clock, moved by the offset between its clock and the phone's.
    DeviceClockCorrected,
    /// A device's own clock, as it is: the offset is not known.
    DeviceClockRaw,
}

/// When something happened, where on the clock of the place, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happened {
    /// The instant.
    pub at: DateTime<Utc>,
    /// The IANA zone in which the person was.
    pub zone: ZoneId,
    /// The zone's offset from UTC at that instant, in seconds east; kept so that history reads the same under new zone rules.
    pub offset_seconds: i32,
    /// How the instant is known.
    pub basis: TimeBasis,
}

impl Happened {
    /// The instant with the offset that held then: what the person's clock showed.
    pub fn local(&self) -> DateTime<FixedOffset> {
        let offset = FixedOffset::east_opt(self.offset_seconds)
            .unwrap_or(FixedOffset::east_opt(0).expect("zero is within a day"));
        self.at.with_timezone(&offset)
    }
}

/// What a device's own clock said about a fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceClock {
    /// The device's reading as it is, without a zone: its clock is rarely right and never rewritten.
    pub reading: chrono::NaiveDateTime,
    /// Phone clock minus device clock when they were last compared, in milliseconds; `None` when never compared.
    pub offset_ms: Option<i64>,
}

/// The three times of a journal entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryTimes {
    /// When it happened.
    pub happened: Happened,
    /// When it was written down.
    pub recorded_at: DateTime<Utc>,
    /// What the device's own clock said; only for device data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_clock: Option<DeviceClock>,
}

/// A FHIR `dateTime` that is precise enough to plan with: a day, or an instant with its offset (R4 §2.24.0.1). Year
/// and year-month are too coarse for an order and are reported as unreadable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FhirDateTime {
    /// An instant with its offset.
    Instant(DateTime<FixedOffset>),
    /// A civil day.
    Date(NaiveDate),
}

impl FhirDateTime {
    /// The civil day as written.
    pub fn date(&self) -> NaiveDate {
        match self {
            Self::Instant(instant) => instant.date_naive(),
            Self::Date(date) => *date,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_shows_the_clock_of_the_place_even_under_new_zone_rules() {
        let happened = Happened {
            at: "2026-11-23T13:00:00Z".parse().unwrap(),
            zone: ZoneId::new("America/New_York").unwrap(),
            offset_seconds: -5 * 3600,
            basis: TimeBasis::PhoneClock,
        };
        assert_eq!(happened.local().to_rfc3339(), "2026-11-23T08:00:00-05:00");
    }

    #[test]
    fn a_day_and_an_instant_both_read_from_json() {
        assert!(matches!(serde_json::from_str("\"2026-11-23\"").unwrap(), FhirDateTime::Date(_)));
        assert!(matches!(serde_json::from_str("\"2026-11-23T08:00:00-05:00\"").unwrap(), FhirDateTime::Instant(_)));
    }
}
