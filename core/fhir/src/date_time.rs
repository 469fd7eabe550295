//! FHIR's dates and times, <https://hl7.org/fhir/R4/datatypes.html#dateTime>.

use crate::fault::Fault;
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, SecondsFormat, Utc};
use homeline_model::{FhirDateTime, Happened};

/// Reads a day or an instant. Year, year-month and a time without offset are too vague to plan with.
pub(crate) fn date_time(text: &str, path: &str) -> Result<FhirDateTime, Fault> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(FhirDateTime::Instant(instant));
    }
    match date(text) {
        Some(day) => Ok(FhirDateTime::Date(day)),
        None => Err(Fault::at(
            path,
            "must be a day (2026-11-23) or an instant with its offset (2026-11-23T08:00:00-06:00): \
             ask the care team to correct it",
        )),
    }
}

/// Reads a day written in full.
pub(crate) fn date(text: &str) -> Option<NaiveDate> {
    (text.len() == 10).then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten()
}

/// Reads an instant with its offset.
pub(crate) fn instant(text: &str, path: &str) -> Result<DateTime<Utc>, Fault> {
    match DateTime::parse_from_rfc3339(text) {
        Ok(instant) => Ok(instant.with_timezone(&Utc)),
        Err(_) => Err(Fault::at(
            path,
            "must be an instant with its offset, such as 2026-11-23T08:00:00-06:00: ask the care team to correct it",
        )),
    }
}

/// Reads `time`, e.g. `08:00:00`. R4 has no 24:00.
pub(crate) fn time(text: &str, path: &str) -> Result<NaiveTime, Fault> {
    let whole = text.get(..8).and_then(|clock| NaiveTime::parse_from_str(clock, "%H:%M:%S").ok());
    let fraction = text.get(8..).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    // A leap second is no time to give a dose at.
    match whole.filter(|_| fraction).filter(|time| chrono::Timelike::nanosecond(time) < 1_000_000_000) {
        Some(time) => Ok(time),
        None => Err(Fault::at(path, "must be a time such as 08:00:00: ask the care team to correct it")),
    }
}

/// Writes an instant in UTC.
pub(crate) fn of_instant(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Writes an instant with the offset that held where the person was. FHIR knows whole minutes of offset only: an
/// offset with seconds (local mean times) is written in UTC.
pub(crate) fn of_local(instant: DateTime<Utc>, offset_seconds: i32) -> String {
    match FixedOffset::east_opt(offset_seconds)
        .filter(|_| offset_seconds % 60 == 0 && offset_seconds.abs() <= 14 * 3600)
    {
        Some(offset) => instant.with_timezone(&offset).to_rfc3339_opts(SecondsFormat::AutoSi, true),
        None => of_instant(instant),
    }
}

/// Writes when something happened, as the person's clock showed it.
pub(crate) fn of_happened(happened: &Happened) -> String {
    of_local(happened.at, happened.offset_seconds)
}

/// Whether FHIR can hold the instant: its years have four digits.
pub(crate) fn is_writable(instant: DateTime<Utc>) -> bool {
    (1..=9998).contains(&chrono::Datelike::year(&instant))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_offset_and_a_bare_month_are_refused() {
        for text in ["2026-11", "2026", "2026-11-23T08:00:00", "2026-11-23T08:00-06:00", "23.11.2026", "2026-11-31", ""]
        {
            assert!(date_time(text, "event[0]").is_err(), "{text}");
        }
        assert!(matches!(date_time("2026-11-23", "x"), Ok(FhirDateTime::Date(_))));
        assert!(matches!(date_time("2026-11-23T08:00:00.5+05:30", "x"), Ok(FhirDateTime::Instant(_))));
    }

    #[test]
    fn a_day_has_no_24_o_clock() {
        for text in ["24:00:00", "08:00", "8:00:00", "08:00:60", "08:00:00Z", "ñ8:00:00", ""] {
            assert!(time(text, "timeOfDay[0]").is_err(), "{text}");
        }
        assert!(time("23:59:59", "timeOfDay[0]").is_ok());
    }

    #[test]
    fn an_offset_with_seconds_is_written_in_utc() {
        let at = "2026-11-23T13:00:00Z".parse().unwrap();
        assert_eq!(of_local(at, 19_800), "2026-11-23T18:30:00+05:30");
        assert_eq!(of_local(at, -17_762), "2026-11-23T13:00:00Z");
        assert_eq!(of_local(at, 0), "2026-11-23T13:00:00Z");
    }
}
