//! The line and its site: what was found, pictures side by side, and the days that each line was in place.

use super::LANGUAGE;
use super::{SOURCE_COLUMNS, counted, happened, note, source_of};
use crate::report::document::{Block, Cell, Column, Holds, Section, SectionKind, Table, on_paper};
use crate::report::material::Material;
use crate::words;
use chrono::{Duration, NaiveDate};
use homeline_model::{AccessDevice, AttachmentId, Entry, EntryBody, EntryId, EntryKind};

const CHECK_COLUMNS: [Column; 4] = [
    Column::new("happened", "When", Holds::Time),
    Column::new("yes", "Answered yes", Holds::Words),
    Column::new("no", "Answered no", Holds::Words),
    Column::in_files("pictures", Holds::Number),
];

const PICTURE_COLUMNS: [Column; 3] = [
    Column::new("taken", "Taken", Holds::Time),
    Column::new("shows", "Shows", Holds::Words),
    Column::in_files("attachment_id", Holds::Words),
];

const DEVICE_COLUMNS: [Column; 6] = [
    Column::new("line", "Line", Holds::Words),
    Column::new("inserted", "Inserted", Holds::Time),
    Column::new("removed", "Removed", Holds::Time),
    Column::new("device_days", "Device-days", Holds::Number),
    Column::in_files("kind", Holds::Words),
    Column::in_files("lumens", Holds::Number),
];

/// Days on which a line was in place, from `from` to `to`, both inclusive. The day of insertion counts, the day of removal
/// does not. `None` when nobody says when it was inserted.
fn device_days(line: &AccessDevice, from: NaiveDate, to: NaiveDate) -> Option<i64> {
    let first = line.inserted?.max(from);
    let last = line.removed.map_or(to, |removed| (removed - Duration::days(1)).min(to));
    Some(((last - first).num_days() + 1).max(0))
}

/// Lines that were in place in these days, or of which nobody says when.
fn in_place(material: &Material) -> impl Iterator<Item = &AccessDevice> {
    material.plan.access_devices.iter().filter(|line| {
        let begun = line.inserted.is_none_or(|inserted| inserted <= material.to);
        let ended = line.removed.is_some_and(|removed| removed <= material.from);
        begun && !ended
    })
}

/// Device-days of all lines, and whether each line's days are known.
pub(super) fn all_device_days(material: &Material) -> (i64, bool) {
    let days: Vec<Option<i64>> = in_place(material).map(|line| device_days(line, material.from, material.to)).collect();
    (days.iter().flatten().sum(), days.iter().all(Option::is_some))
}

/// The lines that are in now, for the head of the report.
pub(super) fn line_words(material: &Material) -> Vec<String> {
    let still_in = |line: &&AccessDevice| line.removed.is_none_or(|removed| removed > material.to);
    let said = |line: &AccessDevice| match line.inserted {
        Some(inserted) => {
            let days = (material.to - inserted).num_days() + 1;
            format!("{}, day {days} in place (inserted {})", line.name, inserted.format("%-d %B %Y"))
        }
        None => format!("{}, day of insertion not known", line.name),
    };
    in_place(material).filter(still_in).map(said).collect()
}

/// The first page: the first and the newest picture, and those between.
pub(super) fn pictures(material: &Material) -> Section {
    let section = Section::new("pictures", "Pictures of the site");
    if material.pictures.is_empty() {
        return section;
    }
    let mut section = section.with(Block::Pictures(material.pictures.clone()));
    if material.pictures_taken > material.pictures.len() {
        section = section.with(Block::Text(format!(
            "{} of {} pictures: the first, the newest, and what lies evenly between.",
            material.pictures.len(),
            material.pictures_taken
        )));
    }
    let shown: Vec<AttachmentId> = material.pictures.iter().map(|picture| picture.attachment).collect();
    let entries = photos(material).filter(|(_, attachment, _)| shown.contains(attachment)).map(|(entry, ..)| entry.id);
    section.made_of(entries)
}

fn photos(material: &Material) -> impl Iterator<Item = (&Entry, AttachmentId, Option<&str>)> {
    material.of_kinds(&[EntryKind::Photo]).filter_map(|entry| match &entry.body {
        EntryBody::Photo { attachment, caption, .. } => Some((entry, *attachment, caption.as_deref())),
        _ => None,
    })
}

/// The details: site checks, pictures taken, lines with their days.
pub(super) fn section(material: &Material) -> Section {
    let mut section =
        Section::new("site", "Line and site").of_kind(SectionKind::Devices).noted(&[note::DEVICE_DAYS, note::SOURCES]);
    let devices: Vec<Vec<Cell>> = in_place(material).map(|line| device_row(material, line)).collect();
    if !devices.is_empty() {
        section = section.with(Block::Table(Table {
            key: "devices",
            caption: "Lines in place in these days".to_owned(),
            columns: DEVICE_COLUMNS.to_vec(),
            rows: devices,
        }));
    }
    let checks: Vec<(EntryId, Vec<Cell>)> = material.of_kinds(&[EntryKind::SiteCheck]).filter_map(check_row).collect();
    if !checks.is_empty() {
        let (entries, rows): (Vec<EntryId>, _) = checks.into_iter().unzip();
        section = section.made_of(entries).with(Block::Table(Table {
            key: "site_checks",
            caption: "Each look at the site; what was not answered is in neither column".to_owned(),
            columns: CHECK_COLUMNS.iter().chain(&SOURCE_COLUMNS).copied().collect(),
            rows,
        }));
    }
    let pictures: Vec<Vec<Cell>> = photos(material)
        .map(|(entry, attachment, caption)| {
            let shows = caption.unwrap_or("Picture");
            let mut cells = vec![happened(entry), Cell::with_value(on_paper(shows), shows), Cell::new(attachment)];
            cells.extend(source_of(entry));
            cells
        })
        .collect();
    if !pictures.is_empty() {
        section = section.with(Block::Table(Table {
            key: "pictures",
            caption: "Each picture that was taken".to_owned(),
            columns: PICTURE_COLUMNS.iter().chain(&SOURCE_COLUMNS).copied().collect(),
            rows: pictures,
        }));
    }
    section
}

fn device_row(material: &Material, line: &AccessDevice) -> Vec<Cell> {
    let day = |date: NaiveDate| Cell::with_value(date.format("%-d %b %Y"), date);
    let kind = serde_json::to_value(line.kind).ok().and_then(|kind| kind.as_str().map(str::to_owned));
    vec![
        Cell::new(&line.name),
        line.inserted.map_or_else(|| Cell::with_value("not known", ""), day),
        line.removed.map_or_else(|| Cell::with_value("in place", ""), day),
        device_days(line, material.from, material.to).map_or_else(|| Cell::with_value("not known", ""), Cell::new),
        Cell::from(kind),
        Cell::from(line.lumens),
    ]
}

fn check_row(entry: &Entry) -> Option<(EntryId, Vec<Cell>)> {
    let EntryBody::SiteCheck { findings, photos, site, length } = &entry.body else { return None };
    let answered = |present: bool| {
        let keys: Vec<String> = findings
            .iter()
            .filter(|finding| finding.present == present)
            .map(|finding| finding.finding.replace('-', " "))
            .collect();
        if keys.is_empty() { "nothing".to_owned() } else { keys.join(", ") }
    };
    let mut yes = answered(true);
    if !photos.is_empty() {
        yes.push_str(&format!("; {}", counted(photos.len(), "picture", "pictures")));
    }
    if let Some(length) = length {
        yes.push_str(&format!("; catheter outside {length}"));
    }
    if let Some(site) = site {
        yes = format!("{}: {yes}", words::site_names(LANGUAGE, std::slice::from_ref(site)));
    }
    let mut cells = vec![
        happened(entry),
        Cell::with_value(words::capitalised(&yes), answered(true)),
        Cell::with_value(words::capitalised(&answered(false)), answered(false)),
        Cell::new(photos.len()),
    ];
    cells.extend(source_of(entry));
    Some((entry.id, cells))
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeline_model::{AccessDeviceId, AccessDeviceKind};

    fn line(inserted: Option<&str>, removed: Option<&str>) -> AccessDevice {
        let day = |text: &str| text.parse().unwrap();
        AccessDevice {
            id: AccessDeviceId::new("line").unwrap(),
            kind: AccessDeviceKind::Picc,
            name: "PICC".into(),
            inserted: inserted.map(day),
            removed: removed.map(day),
            lumens: None,
            lumen_uses: Vec::new(),
        }
    }

    #[test]
    fn the_day_of_insertion_is_a_device_day_and_the_day_of_removal_is_not() {
        let week =
            |line: &AccessDevice| device_days(line, "2026-11-17".parse().unwrap(), "2026-11-23".parse().unwrap());
        assert_eq!(week(&line(Some("2026-10-01"), None)), Some(7));
        assert_eq!(week(&line(Some("2026-11-20"), None)), Some(4));
        assert_eq!(week(&line(Some("2026-10-01"), Some("2026-11-20"))), Some(3));
        assert_eq!(week(&line(Some("2026-11-20"), Some("2026-11-20"))), Some(0));
        assert_eq!(week(&line(Some("2026-12-01"), None)), Some(0));
        assert_eq!(week(&line(None, None)), None, "unknown is not zero");
    }
}
