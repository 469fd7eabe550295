//! R4 `Timing` with its invariants, <https://hl7.org/fhir/R4/datatypes.html#Timing>.
//!
//! A Timing that breaks one of them has no meaning that two readers would agree on, so its order is not scheduled.

use super::code;
use super::quantity::quantity;
use crate::datatype::{Extension, Timing, TimingRepeat};
use crate::date_time;
use crate::fault::{Fault, at, inside};
use crate::number::{decimal, whole};
use crate::url;
use homeline_model::{Bounds, Decimal, EventTiming, FhirDateTime, PeriodUnit, Repeat, Timing as Times};
use serde_json::Number;

/// Reads a Timing. Errors with the first fault.
pub(crate) fn timing(timing: &Timing, path: &str) -> Result<Times, Fault> {
    if !timing.modifier_extension.is_empty() {
        return Err(Fault::at(inside(path, "modifierExtension"), MODIFIER));
    }
    let event = timing
        .event
        .iter()
        .enumerate()
        .map(|(index, text)| date_time::date_time(text, &at(path, "event", index)))
        .collect::<Result<Vec<_>, _>>()?;
    let mut repeat = timing.repeat.as_ref().map(|written| repeat(written, &inside(path, "repeat"))).transpose()?;
    let days = days_of_cycle(&timing.extension, path)?;
    if !days.is_empty() {
        repeat.get_or_insert_default().days_of_cycle = days;
    }
    let code = timing.code.as_ref().and_then(|code| {
        code.coding.iter().find_map(|coding| coding.code.clone()).or_else(|| code.words().map(str::to_owned))
    });
    Ok(Times { event, repeat, code })
}

/// Why an element with a modifier that we do not know is not followed (R4 §2.3.0.6).
pub(crate) const MODIFIER: &str =
    "changes the meaning in a way that this version does not know, so it must not be followed: ask your nurse";

fn repeat(repeat: &TimingRepeat, path: &str) -> Result<Repeat, Fault> {
    let field = |name: &str| inside(path, name);
    let amount = |number: &Option<Number>, name: &str| -> Result<Option<Decimal>, Fault> {
        let Some(number) = number else { return Ok(None) };
        let value = decimal(number, &field(name))?;
        if value.is_sign_negative() && !value.is_zero() {
            return Err(Fault::at(
                field(name),
                "must not be negative (R4 tim-4, tim-5): ask the care team to correct it",
            ));
        }
        Ok(Some(value))
    };
    let count = |number: &Option<Number>, name: &str| -> Result<Option<u32>, Fault> {
        number.as_ref().map(|number| whole(number, 1, &field(name))).transpose()
    };
    let unit = |text: &Option<String>, name: &str| -> Result<Option<PeriodUnit>, Fault> {
        text.as_ref().map(|text| code(text, &field(name), "unit of time")).transpose()
    };

    let read = Repeat {
        bounds: bounds(repeat, path)?,
        count: count(&repeat.count, "count")?,
        count_max: count(&repeat.count_max, "countMax")?,
        duration: amount(&repeat.duration, "duration")?,
        duration_max: amount(&repeat.duration_max, "durationMax")?,
        duration_unit: unit(&repeat.duration_unit, "durationUnit")?,
        frequency: count(&repeat.frequency, "frequency")?,
        frequency_max: count(&repeat.frequency_max, "frequencyMax")?,
        period: amount(&repeat.period, "period")?,
        period_max: amount(&repeat.period_max, "periodMax")?,
        period_unit: unit(&repeat.period_unit, "periodUnit")?,
        day_of_week: codes(&repeat.day_of_week, path, "dayOfWeek", "day of the week")?,
        time_of_day: repeat
            .time_of_day
            .iter()
            .enumerate()
            .map(|(index, text)| date_time::time(text, &at(path, "timeOfDay", index)))
            .collect::<Result<_, _>>()?,
        when: codes(&repeat.when, path, "when", "event of the day")?,
        offset_minutes: repeat.offset.as_ref().map(|number| whole(number, 0, &field("offset"))).transpose()?,
        days_of_cycle: days_of_cycle(&repeat.extension, path)?,
    };
    hold_invariants(&read, path)?;
    Ok(read)
}

/// The invariants of R4, each with its number, and two of arithmetic.
fn hold_invariants(repeat: &Repeat, path: &str) -> Result<(), Fault> {
    let is_meal = |when: &EventTiming| {
        matches!(when, EventTiming::Meal | EventTiming::Breakfast | EventTiming::Lunch | EventTiming::Dinner)
    };
    let has_time = !repeat.time_of_day.is_empty();
    let broken = [
        (repeat.duration.is_some() && repeat.duration_unit.is_none(), "duration", "needs a durationUnit (R4 tim-1)"),
        (repeat.period.is_some() && repeat.period_unit.is_none(), "period", "needs a periodUnit (R4 tim-2)"),
        (repeat.period_max.is_some() && repeat.period.is_none(), "periodMax", "needs a period (R4 tim-6)"),
        (repeat.duration_max.is_some() && repeat.duration.is_none(), "durationMax", "needs a duration (R4 tim-7)"),
        (repeat.count_max.is_some() && repeat.count.is_none(), "countMax", "needs a count (R4 tim-8)"),
        (
            repeat.offset_minutes.is_some() && (repeat.when.is_empty() || repeat.when.iter().any(is_meal)),
            "offset",
            "needs an event in `when` that is not the meal itself (R4 tim-9)",
        ),
        (
            has_time && !repeat.when.is_empty(),
            "timeOfDay",
            "and `when` together leave open which of them counts (R4 tim-10)",
        ),
        (repeat.period == Some(Decimal::ZERO), "period", "of zero never ends"),
        (exceeds(repeat.period, repeat.period_max), "periodMax", "is less than the period"),
        (exceeds(repeat.duration, repeat.duration_max), "durationMax", "is less than the duration"),
        (exceeds(repeat.count, repeat.count_max), "countMax", "is less than the count"),
        (exceeds(repeat.frequency, repeat.frequency_max), "frequencyMax", "is less than the frequency"),
    ];
    match broken.into_iter().find(|(is_broken, ..)| *is_broken) {
        Some((_, element, why)) => {
            Err(Fault::at(inside(path, element), format!("{why}: ask the care team to correct it")))
        }
        None => Ok(()),
    }
}

fn exceeds<T: PartialOrd>(least: Option<T>, most: Option<T>) -> bool {
    matches!((least, most), (Some(least), Some(most)) if least > most)
}

fn codes<T: serde::de::DeserializeOwned>(
    texts: &[String],
    path: &str,
    element: &str,
    what: &str,
) -> Result<Vec<T>, Fault> {
    texts.iter().enumerate().map(|(index, text)| code(text, &at(path, element, index), what)).collect()
}

fn bounds(repeat: &TimingRepeat, path: &str) -> Result<Option<Bounds>, Fault> {
    let unit = |text: &str, path: &str| code::<PeriodUnit>(text, path, "unit of time");
    let bounds = match (&repeat.bounds_duration, &repeat.bounds_range, &repeat.bounds_period) {
        (None, None, None) => return Ok(None),
        (Some(duration), None, None) => {
            let path = inside(path, "boundsDuration");
            let amount = quantity(duration, &path)?;
            if amount.value <= Decimal::ZERO {
                return Err(Fault::at(path, "must be more than zero: ask the care team to correct it"));
            }
            Bounds::Duration { value: amount.value, unit: unit(&amount.unit.code, &path)? }
        }
        (None, Some(range), None) => {
            let path = inside(path, "boundsRange");
            let side = |side: &Option<_>, name| side.as_ref().map(|q| quantity(q, &inside(&path, name))).transpose();
            let (low, high) = (side(&range.low, "low")?, side(&range.high, "high")?);
            let Some(first) = low.as_ref().or(high.as_ref()) else {
                return Err(Fault::missing(path, "the length"));
            };
            let same = low.iter().chain(&high).all(|amount| amount.unit.code == first.unit.code);
            let unit = unit(&first.unit.code, &path)?;
            let (low, high) = (low.map(|amount| amount.value), high.map(|amount| amount.value));
            if !same || exceeds(low, high) || [low, high].iter().flatten().any(|value| *value < Decimal::ZERO) {
                return Err(Fault::at(path, "must go from less to more in one unit: ask the care team to correct it"));
            }
            Bounds::Range { low, high, unit }
        }
        (None, None, Some(period)) => {
            let path = inside(path, "boundsPeriod");
            let side = |text: &Option<String>, name| {
                text.as_ref().map(|text| date_time::date_time(text, &inside(&path, name))).transpose()
            };
            let (start, end) = (side(&period.start, "start")?, side(&period.end, "end")?);
            if ends_before_it_starts(start, end) {
                return Err(Fault::at(path, "ends before it starts (R4 per-1): ask the care team to correct it"));
            }
            Bounds::Period { start, end }
        }
        _ => return Err(Fault::at(inside(path, "bounds[x]"), "is given twice: ask the care team which one counts")),
    };
    Ok(Some(bounds))
}

fn ends_before_it_starts(start: Option<FhirDateTime>, end: Option<FhirDateTime>) -> bool {
    match (start, end) {
        (Some(FhirDateTime::Instant(start)), Some(FhirDateTime::Instant(end))) => end < start,
        (Some(start), Some(end)) => end.date() < start.date(),
        _ => false,
    }
}

fn days_of_cycle(extensions: &[Extension], path: &str) -> Result<Vec<u32>, Fault> {
    let mut days = Vec::new();
    for found in extensions.iter().filter(|extension| extension.url.as_deref() == Some(url::DAYS_OF_CYCLE)) {
        let path = inside(path, "extension('timing-daysOfCycle')");
        for part in found.extension.iter().filter(|part| part.url.as_deref() == Some("day")) {
            match part.value_integer.and_then(|day| u32::try_from(day).ok()).filter(|day| *day >= 1) {
                Some(day) => days.push(day),
                None => return Err(Fault::at(path, "must count its days from 1: ask the care team to correct it")),
            }
        }
    }
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeline_model::DayOfWeek;

    fn read(json: &str) -> Result<Times, Fault> {
        timing(&serde_json::from_str(json).unwrap(), "timing")
    }

    #[test]
    fn each_invariant_of_r4_is_held() {
        let table = [
            ("tim-1", r#"{"repeat": {"duration": 90}}"#, "timing.repeat.duration"),
            ("tim-2", r#"{"repeat": {"period": 1, "frequency": 1}}"#, "timing.repeat.period"),
            ("tim-4", r#"{"repeat": {"duration": -1, "durationUnit": "h"}}"#, "timing.repeat.duration"),
            ("tim-5", r#"{"repeat": {"period": -12, "periodUnit": "h"}}"#, "timing.repeat.period"),
            ("tim-6", r#"{"repeat": {"periodMax": 2, "periodUnit": "d"}}"#, "timing.repeat.periodMax"),
            ("tim-7", r#"{"repeat": {"durationMax": 2, "durationUnit": "h"}}"#, "timing.repeat.durationMax"),
            ("tim-8", r#"{"repeat": {"countMax": 3}}"#, "timing.repeat.countMax"),
            ("tim-9", r#"{"repeat": {"offset": 30, "period": 1, "periodUnit": "d"}}"#, "timing.repeat.offset"),
            ("tim-9", r#"{"repeat": {"offset": 30, "when": ["CM"]}}"#, "timing.repeat.offset"),
            ("tim-10", r#"{"repeat": {"timeOfDay": ["08:00:00"], "when": ["MORN"]}}"#, "timing.repeat.timeOfDay"),
            (
                "per-1",
                r#"{"repeat": {"boundsPeriod": {"start": "2026-12-01", "end": "2026-11-01"}}}"#,
                "timing.repeat.boundsPeriod",
            ),
            (
                "positiveInt",
                r#"{"repeat": {"frequency": 0, "period": 1, "periodUnit": "d"}}"#,
                "timing.repeat.frequency",
            ),
            ("positiveInt", r#"{"repeat": {"count": 1.5}}"#, "timing.repeat.count"),
            ("code", r#"{"repeat": {"period": 1, "periodUnit": "day"}}"#, "timing.repeat.periodUnit"),
            ("code", r#"{"repeat": {"dayOfWeek": ["mon", "Tuesday"]}}"#, "timing.repeat.dayOfWeek[1]"),
            ("code", r#"{"repeat": {"when": ["LUNCH"]}}"#, "timing.repeat.when[0]"),
            ("time", r#"{"repeat": {"timeOfDay": ["8 pm"]}}"#, "timing.repeat.timeOfDay[0]"),
            ("dateTime", r#"{"event": ["2026-11"]}"#, "timing.event[0]"),
            ("zero", r#"{"repeat": {"period": 0, "periodUnit": "h"}}"#, "timing.repeat.period"),
            ("order", r#"{"repeat": {"count": 5, "countMax": 3}}"#, "timing.repeat.countMax"),
            ("bounds", r#"{"repeat": {"boundsDuration": {"value": 0, "code": "d"}}}"#, "timing.repeat.boundsDuration"),
            (
                "bounds",
                r#"{"repeat": {"boundsDuration": {"value": 1, "code": "d"}, "boundsPeriod": {"start": "2026-12-01"}}}"#,
                "timing.repeat.bounds[x]",
            ),
            ("modifier", r#"{"modifierExtension": [{"url": "x", "valueBoolean": true}]}"#, "timing.modifierExtension"),
        ];
        for (rule, json, field) in table {
            match read(json) {
                Ok(_) => panic!("{rule} is not held: {json}"),
                Err(fault) => assert_eq!(fault.field, field, "{rule}: {}", fault.reason),
            }
        }
    }

    #[test]
    fn a_timing_within_the_invariants_is_read_whole() {
        let times = read(
            r#"{"repeat": {"boundsPeriod": {"start": "2026-11-16"}, "count": 84, "duration": 90, "durationUnit": "min",
                "frequency": 2, "period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00", "20:00:00"], "dayOfWeek": ["mon"]},
                "code": {"coding": [{"code": "BID"}]}}"#,
        )
        .unwrap();
        let repeat = times.repeat.unwrap();
        assert_eq!((repeat.count, repeat.frequency, repeat.duration), (Some(84), Some(2), Some(Decimal::from(90))));
        assert_eq!(repeat.day_of_week, [DayOfWeek::Mon]);
        assert_eq!(repeat.time_of_day.len(), 2);
        assert_eq!(times.code.as_deref(), Some("BID"));
        let offset = read(r#"{"repeat": {"when": ["ACM"], "offset": 30}}"#).unwrap().repeat.unwrap();
        assert_eq!(
            (offset.when.as_slice(), offset.offset_minutes),
            ([EventTiming::BeforeBreakfast].as_slice(), Some(30))
        );
    }

    #[test]
    fn days_of_a_cycle_are_read_from_hl7s_extension() {
        let json = r#"{"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/timing-daysOfCycle",
            "extension": [{"url": "day", "valueInteger": 1}, {"url": "day", "valueInteger": 2}]}],
            "repeat": {"period": 28, "periodUnit": "d"}}"#;
        assert_eq!(read(json).unwrap().repeat.unwrap().days_of_cycle, [1, 2]);
        assert!(read(&json.replace("\"valueInteger\": 2", "\"valueInteger\": 0")).is_err());
    }
}
