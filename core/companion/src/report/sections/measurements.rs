//! Vital signs and symptoms over the days, as charts and as a list. A unit is never converted: values typed in two units
//! are two charts.

use super::LANGUAGE;
use super::{SOURCE_COLUMNS, counted, happened, note, source_of};
use crate::report::document::{
    Block, Cell, Chart, Column, Holds, Section, SectionKind, Series, Table, Vertical, moment_words,
};
use crate::report::material::Material;
use crate::words;
use homeline_clinical::{Language, vital_name};
use homeline_model::{Decimal, Entry, EntryBody, EntryKind, Severity, VitalKind};
use std::collections::BTreeMap;

/// The most charts on the first page: one row.
const ON_FRONT: usize = 2;
/// The most symptoms in the chart: the most frequent ones.
const SYMPTOMS: usize = 6;

const COLUMNS: [Column; 4] = [
    Column::new("happened", "When", Holds::Time),
    Column::new("what", "What", Holds::Words),
    Column::new("value", "Value", Holds::Number),
    Column::in_files("unit", Holds::Words),
];

/// One reading.
struct Reading<'a> {
    entry: &'a Entry,
    kind: VitalKind,
    value: Decimal,
    unit: &'a str,
}

fn readings(material: &Material) -> Vec<Reading<'_>> {
    let of_vitals = material.of_kinds(&[EntryKind::Vital]).filter_map(|entry| {
        let EntryBody::Vital(vital) = &entry.body else { return None };
        Some(Reading { entry, kind: vital.vital, value: vital.value.value, unit: &vital.value.unit.display })
    });
    of_vitals.collect()
}

/// Charts in the order in which a nurse asks; both blood pressures are one.
const ORDER: [&[VitalKind]; 8] = [
    &[VitalKind::Temperature],
    &[VitalKind::Pulse],
    &[VitalKind::SystolicBloodPressure, VitalKind::DiastolicBloodPressure],
    &[VitalKind::Pain],
    &[VitalKind::Weight],
    &[VitalKind::OxygenSaturation],
    &[VitalKind::RespiratoryRate],
    &[VitalKind::Glucose],
];

/// All charts: what was measured at least twice, and the symptoms.
pub(super) fn charts(material: &Material) -> Vec<Chart> {
    let readings = readings(material);
    let mut charts = Vec::new();
    for kinds in ORDER {
        let mut by_unit: BTreeMap<&str, Vec<&Reading<'_>>> = BTreeMap::new();
        for reading in readings.iter().filter(|reading| kinds.contains(&reading.kind)) {
            by_unit.entry(reading.unit).or_default().push(reading);
        }
        charts.extend(by_unit.iter().filter_map(|(unit, readings)| vital_chart(material, kinds, unit, readings)));
    }
    // The symptoms come second, so that they are on the first page.
    if let Some(symptoms) = symptom_chart(material) {
        charts.insert(charts.len().min(1), symptoms);
    }
    charts
}

fn vital_chart(material: &Material, kinds: &[VitalKind], unit: &str, readings: &[&Reading<'_>]) -> Option<Chart> {
    let mut series = Vec::new();
    let mut said = Vec::new();
    for kind in kinds {
        let of_kind: Vec<&&Reading<'_>> = readings.iter().filter(|reading| reading.kind == *kind).collect();
        let (Some(lowest), Some(highest), Some(newest)) = (
            of_kind.iter().min_by_key(|reading| reading.value),
            of_kind.iter().max_by_key(|reading| reading.value),
            of_kind.last(),
        ) else {
            continue;
        };
        if of_kind.len() < 2 {
            continue;
        }
        let name = vital_name(*kind, Language::English);
        said.push(format!(
            "{name}: {} values, {} to {}, newest {} ({})",
            of_kind.len(),
            lowest.value,
            highest.value,
            newest.value,
            moment_words(newest.entry.times.happened.local())
        ));
        let points = of_kind
            .iter()
            .filter_map(|reading| Some((day_of(material, reading.entry), f64::try_from(reading.value).ok()?)));
        series.push(Series { name: name.to_owned(), points: points.collect() });
    }
    let names: Vec<&str> = kinds.iter().map(|kind| vital_name(*kind, Language::English)).collect();
    let title = match names.as_slice() {
        [one] => format!("{one}, {unit}"),
        _ => format!("Blood pressure, {unit}"),
    };
    (!series.is_empty()).then(|| Chart {
        title,
        words: format!("{}.", said.join(". ")),
        vertical: Vertical::Values,
        series,
        from: material.from,
        to: material.to,
    })
}

fn symptom_chart(material: &Material) -> Option<Chart> {
    /// Day and strength.
    type Marks = Vec<(f64, Option<Severity>)>;
    let mut by_name: BTreeMap<String, Marks> = BTreeMap::new();
    for entry in material.of_kinds(&[EntryKind::Symptom]) {
        let EntryBody::Symptom(symptom) = &entry.body else { continue };
        if symptom.present {
            let name = words::entry(LANGUAGE, None, entry).title;
            by_name.entry(name).or_default().push((day_of(material, entry), symptom.severity));
        }
    }
    let mut rows: Vec<(String, Marks)> = by_name.into_iter().collect();
    rows.sort_by_key(|(name, marks)| (std::cmp::Reverse(marks.len()), name.clone()));
    let shown = rows.len().min(SYMPTOMS);
    let said: Vec<String> = rows
        .iter()
        .map(|(name, marks)| {
            let severe = marks.iter().filter(|(_, severity)| *severity == Some(Severity::Severe)).count();
            let severe = match severe {
                0 => String::new(),
                severe => format!(", {severe} of them severe"),
            };
            format!("{name} {}{severe}", counted(marks.len(), "time", "times"))
        })
        .collect();
    rows.truncate(SYMPTOMS);
    let series = rows.iter().enumerate().map(|(row, (name, marks))| Series {
        name: name.clone(),
        points: marks.iter().map(|(day, severity)| (*day, row_value(row, *severity))).collect(),
    });
    let series: Vec<Series> = series.collect();
    (shown > 0).then(|| Chart {
        title: "Symptoms: a bigger dot is stronger".to_owned(),
        words: format!("{}.", said.join("; ")),
        vertical: Vertical::Names(rows.iter().map(|(name, _)| name.clone()).collect()),
        series,
        from: material.from,
        to: material.to,
    })
}

/// The row, and the size in its tenths. What was not rated is as small as what is mild.
fn row_value(row: usize, severity: Option<Severity>) -> f64 {
    let tenths = match severity {
        Some(Severity::Mild) | None => 1,
        Some(Severity::Moderate) => 2,
        Some(Severity::Severe) => 3,
    };
    f64::from(u32::try_from(row).unwrap_or(u32::MAX)) + f64::from(tenths) / 10.0
}

/// Days since the first day began, on the clock of the place.
fn day_of(material: &Material, entry: &Entry) -> f64 {
    let local = entry.times.happened.local().naive_local();
    let seconds = (local - material.from.and_time(chrono::NaiveTime::MIN)).num_seconds();
    f64::from(i32::try_from(seconds).unwrap_or(i32::MAX)) / 86_400.0
}

/// The first page: one row of charts.
pub(super) fn front(charts: &[Chart]) -> Section {
    let section =
        Section::new("charts", "Vital signs and symptoms").of_kind(SectionKind::VitalSigns).noted(&[note::CHARTS]);
    let shown: Vec<Chart> = charts.iter().take(ON_FRONT).cloned().collect();
    if shown.is_empty() { section } else { section.with(Block::Charts(shown)) }
}

/// The details: the other charts, and every value.
pub(super) fn section(material: &Material, charts: Vec<Chart>) -> Section {
    let mut section = Section::new("measurements", "Vital signs")
        .of_kind(SectionKind::VitalSigns)
        .noted(&[note::CHARTS, note::SOURCES]);
    let others: Vec<Chart> = charts.into_iter().skip(ON_FRONT).collect();
    if !others.is_empty() {
        section = section.with(Block::Charts(others));
    }
    let readings = readings(material);
    if readings.is_empty() {
        return section;
    }
    let rows = readings.iter().map(|reading| {
        let mut cells = vec![
            happened(reading.entry),
            Cell::new(vital_name(reading.kind, Language::English)),
            Cell::with_value(format!("{} {}", reading.value, reading.unit), reading.value),
            Cell::new(reading.unit),
        ];
        cells.extend(source_of(reading.entry));
        cells
    });
    section.made_of(readings.iter().map(|reading| reading.entry.id)).with(Block::Table(Table {
        key: "measurements",
        caption: "Each vital sign in the unit in which it was typed or sent".to_owned(),
        columns: COLUMNS.iter().chain(&SOURCE_COLUMNS).copied().collect(),
        rows: rows.collect(),
    }))
}
