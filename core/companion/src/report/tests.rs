//! The report of a year, made from a plan of the simulated home and a journal that is written here.

use super::document::{Block, Document, Table};
use super::material::Material;
use super::{Consent, csv, html, pdf, sections};
use crate::agenda;
use crate::moment::Moment;
use chrono::{DateTime, Duration, NaiveDate, Utc};
use homeline_model::{
    Administration, AdministrationStatus, Author, AuthorRole, Decimal, Entry, EntryBody, EntryId, EntryTimes, Happened,
    OccurrenceId, OrderRef, Quantity, Question, Severity, SiteFinding, SkipDecision, Source, Symptom, TimeBasis, Unit,
    Uuid, Vital, VitalKind, ZoneId, ZoneTable,
};
use homeline_schedule::{AgendaKind, Span, adherence};
use std::sync::Arc;

const PLAN: &str = include_str!("../../../../tests/home/plans/vancomycin-elastomeric.json");

/// A journal on its way.
struct Journal {
    entries: Vec<Entry>,
}

impl Journal {
    fn write(&mut self, at: DateTime<Utc>, of: Option<(OrderRef, OccurrenceId)>, body: EntryBody) {
        let number = u128::try_from(self.entries.len()).unwrap();
        let happened = Happened { at, zone: ZoneId::utc(), offset_seconds: 0, basis: TimeBasis::PhoneClock };
        self.entries.push(Entry {
            id: EntryId(Uuid::from_u128(number + 1)),
            patient: homeline_model::PatientId::new("vanc-patient").unwrap(),
            author: Author { role: AuthorRole::Patient, person: None, name: "Rosa Ibarra".into() },
            source: Source::ByHand,
            times: EntryTimes { happened, recorded_at: at, device_clock: None },
            order: of.as_ref().map(|(order, _)| order.clone()),
            occurrence: of.map(|(_, occurrence)| occurrence),
            infusion: None,
            amends: None,
            private: false,
            body,
        });
    }
}

/// Two doses a day, six vital signs, a site check, a symptom and a note: more than anybody writes.
fn material(days: i64) -> Material {
    let plan = Arc::new(homeline_fhir::import_plan(PLAN.as_bytes(), None).unwrap().plan);
    let mut ordered = (*plan).clone();
    for dosage in ordered.orders.iter_mut().flat_map(|order| &mut order.dosages) {
        if let Some(repeat) = dosage.timing.as_mut().and_then(|timing| timing.repeat.as_mut()) {
            let start = Some(homeline_model::FhirDateTime::Date("2020-01-01".parse().unwrap()));
            repeat.bounds = Some(homeline_model::Bounds::Period { start, end: None });
        }
    }
    let plan = Arc::new(ordered);
    let now: DateTime<Utc> = "2026-11-23T22:00:00Z".parse().unwrap();
    let zone = Arc::new(ZoneTable::fixed(ZoneId::utc(), 0));
    let moment = Moment {
        now,
        monotonic_ms: 0,
        here: zone.clone(),
        followed: zone.clone(),
        home: zone,
        routine: Arc::default(),
        texts: crate::texts::Texts::default(),
    };
    let to: NaiveDate = now.date_naive();
    let from = to - Duration::days(days - 1);
    let midnight = |day: NaiveDate| day.and_time(chrono::NaiveTime::MIN).and_utc();
    let span = Span::new(midnight(from), midnight(to + Duration::days(1)));
    let mut journal = Journal { entries: Vec::new() };
    let planned = homeline_schedule::agenda(&agenda::input(&plan, &[], &moment), now, span).items;
    for (number, item) in planned.iter().filter(|item| item.kind == AgendaKind::Medication).enumerate() {
        let Some(occurrence) = &item.occurrence else { continue };
        let of = Some((occurrence.order.clone(), occurrence.id));
        let mut said = Administration::new(AdministrationStatus::Completed);
        said.started_at = Some(item.start + Duration::minutes(7));
        said.ended_at = Some(item.start + Duration::minutes(97));
        match number % 20 {
            // Nobody wrote it down.
            0 => continue,
            1 => {
                said = Administration::new(AdministrationStatus::Skipped);
                said.reason = Some("the line was blocked".into());
                said.skip_decision = Some(SkipDecision::CareTeam);
            }
            2 => {
                said.status = AdministrationStatus::Partial;
                said.volume_given = Some(Quantity::new("180".parse().unwrap(), "mL"));
                said.reason = Some("it leaked at the connector".into());
            }
            _ => {}
        }
        journal.write(item.start + Duration::minutes(97), of, EntryBody::Administration(said));
    }
    for day in 0..days {
        let morning = span.from + Duration::days(day) + Duration::hours(8);
        let vital = |vital, value: &str, code: &str| {
            let unit = if code == "Cel" { Unit::with_display("Cel", "°C") } else { Unit::ucum(code) };
            EntryBody::Vital(Vital { vital, value: Quantity { value: value.parse().unwrap(), unit } })
        };
        let tenths = Decimal::new(360 + (day * 7 % 17), 1).to_string();
        for hour in [0, 12] {
            let at = morning + Duration::hours(hour);
            journal.write(at, None, vital(VitalKind::Temperature, &tenths, "Cel"));
            journal.write(at, None, vital(VitalKind::Pulse, &(70 + day % 20).to_string(), "/min"));
            journal.write(at, None, vital(VitalKind::SystolicBloodPressure, "118", "mm[Hg]"));
            journal.write(at, None, vital(VitalKind::DiastolicBloodPressure, "76", "mm[Hg]"));
        }
        let severity = [Severity::Mild, Severity::Moderate, Severity::Severe][usize::try_from(day % 3).unwrap()];
        let symptom = ["nausea", "headache", "chills", "rash"][usize::try_from(day % 4).unwrap()];
        journal.write(
            morning + Duration::hours(1),
            None,
            EntryBody::Symptom(Symptom {
                symptom: symptom.into(),
                present: day % 5 != 0,
                severity: Some(severity),
                note: Some("after breakfast, gone by noon".into()),
            }),
        );
        let findings = ["redness", "swelling", "pain"]
            .map(|finding| SiteFinding { finding: finding.into(), present: day % 9 == 0 })
            .to_vec();
        journal.write(
            morning + Duration::hours(2),
            None,
            EntryBody::SiteCheck { findings, photos: Vec::new(), site: None, length: None },
        );
        let text = "A long day. ".repeat(40);
        journal.write(morning + Duration::hours(3), None, EntryBody::Note { text });
        if day % 7 == 0 {
            let text = format!("Question of day {day}: may I swim?");
            journal.write(morning + Duration::hours(4), None, EntryBody::Question(Question { text }));
        }
    }
    journal.entries.sort_by_key(|entry| entry.times.happened.at);
    let view = |span| homeline_schedule::agenda(&agenda::input(&plan, &journal.entries, &moment), now, span).items;
    let items = view(span);
    Material {
        adherence: adherence(&items, &moment.here, now),
        ahead: view(Span::new(now, now + super::material::AHEAD)),
        items,
        runs: Vec::new(),
        pictures: Vec::new(),
        pictures_taken: 0,
        me: Author { role: AuthorRole::Patient, person: None, name: "Rosa Ibarra".into() },
        consent: Consent::default(),
        private_left_out: 2,
        notes_left_out: 0,
        server: None,
        entries: journal.entries,
        plan,
        moment,
        from,
        to,
        span,
    }
}

fn table<'a>(document: &'a Document, key: &str) -> &'a Table {
    document.tables().find(|table| table.key == key).unwrap_or_else(|| panic!("no table {key}"))
}

#[test]
fn the_page_of_a_year_is_below_a_megabyte_and_each_format_has_the_same_counts() {
    let material = material(365);
    assert!(material.entries.len() > 4_500, "{}", material.entries.len());
    let document = sections::compose(&material);
    let page = html::render(&document);
    assert!(page.len() < 1_000_000, "{} bytes", page.len());

    let orders = table(&document, "orders");
    let counts: Vec<&str> = orders.rows[0].iter().map(|cell| cell.shown.as_str()).collect();
    // 730 planned; of 20 in a row one is not recorded, one left out, one in part.
    assert_eq!(&counts[1..9], ["730", "693", "656", "0", "0", "37", "37", "37"]);
    let row = counts[1..9].iter().map(|count| format!(">{count}</td>")).collect::<Vec<_>>();
    let after = page.split_once("Doses planned and recorded").unwrap().1;
    let mut rest = after;
    for cell in row {
        rest = rest.split_once(&cell).unwrap_or_else(|| panic!("{cell} is not on the page")).1;
    }
    let files = csv::files(&document).unwrap();
    let file = |name: &str| {
        let file = files.iter().find(|file| file.name == name).unwrap();
        String::from_utf8(file.bytes.clone()).unwrap()
    };
    assert!(file("orders.csv").contains("vancomycin 1.25 g,730,693,656,0,0,37,37,37,"), "{}", file("orders.csv"));
    assert_eq!(file("doses.csv").lines().count(), 731, "files have every row");
    assert!(page.contains("The newest 120 of 730 are shown here."));

    let paper = pdf::texts(&document).concat();
    for count in &counts[1..9] {
        assert!(paper.contains(count), "{count}");
    }
}

#[test]
fn the_first_page_of_a_year_is_one_page() {
    for days in [1, 7, 90, 365] {
        let mut material = material(days);
        material.pictures = (0..4).map(picture).collect();
        let document = sections::compose(&material);
        let first = document.details.first().unwrap().title.clone();
        assert_eq!(pdf::sheet_of(&document, &first), Some(1), "{days} days");
    }
}

#[test]
fn the_details_of_the_first_page_are_sentences_with_when_why_and_who() {
    let document = sections::compose(&material(7));
    let lines = |key: &str| -> Vec<String> {
        let section = document.sections().find(|section| section.key == key).unwrap();
        section
            .blocks
            .iter()
            .flat_map(|block| match block {
                Block::List(lines) => lines.clone(),
                Block::Text(text) => vec![text.clone()],
                Block::Table(_) | Block::Charts(_) | Block::Pictures(_) => Vec::new(),
            })
            .collect()
    };
    let missed = lines("missed").join("\n");
    assert!(missed.contains("1 left out, 1 in part or stopped, 1 not recorded"), "{missed}");
    assert!(missed.contains("because “it leaked at the connector” (self, Rosa Ibarra)."), "{missed}");
    let reactions = lines("reactions").join("\n");
    assert!(reactions.contains("after the start of vancomycin 1.25 g"), "{reactions}");
    assert_eq!(lines("questions"), ["Question of day 0: may I swim?"]);
}

#[test]
fn every_column_of_every_file_is_explained() {
    let explained = include_str!("../../../../docs/report.md");
    let document = sections::compose(&material(7));
    for table in document.tables() {
        let heading = format!("### `{}.csv`", table.key);
        let part = explained.split_once(&heading).unwrap_or_else(|| panic!("docs/report.md lacks {heading}")).1;
        let part = part.split("\n### ").next().unwrap_or_default();
        for column in &table.columns {
            assert!(part.contains(&format!("`{}`", column.key)), "{heading} lacks {}", column.key);
        }
    }
}

#[test]
fn a_letter_that_no_font_has_and_a_picture_that_is_none_stop_no_pdf() {
    let mut material = material(3);
    material.write_note("头痛 and عربى \u{1F600} \u{7}\u{0} fine");
    material.pictures = vec![picture(0)];
    let document = sections::compose(&material);
    let pdf = pdf::render(&document).unwrap();
    assert!(pdf.starts_with(b"%PDF-1.7"));
    assert!(pdf::texts(&document).concat().contains("fonts do not have"));
}

/// A file that says it is a picture.
fn picture(number: u128) -> super::document::Picture {
    super::document::Picture {
        attachment: homeline_model::AttachmentId(Uuid::from_u128(number)),
        content_type: "image/jpeg".into(),
        caption: "Mon 23 Nov 08:45: Skin around the line".into(),
        bytes: Arc::new(b"not a picture".to_vec()),
    }
}

impl Material {
    /// One more note.
    fn write_note(&mut self, text: &str) {
        let mut entry = self.entries.last().unwrap().clone();
        entry.id = EntryId(Uuid::from_u128(1 << 100));
        entry.body = EntryBody::Note { text: text.to_owned() };
        self.entries.push(entry);
    }
}

/// Writes the report of a year in every format into the folder that `HOMELINE_REPORT_SAMPLES` names, to be looked at.
#[test]
fn emits_a_year_to_be_looked_at() {
    let Some(folder) = std::env::var_os("HOMELINE_REPORT_SAMPLES") else { return };
    let folder = std::path::PathBuf::from(folder);
    let document = sections::compose(&material(365));
    std::fs::write(folder.join("year.html"), html::render(&document)).unwrap();
    std::fs::write(folder.join("year.pdf"), pdf::render(&document).unwrap()).unwrap();
}
