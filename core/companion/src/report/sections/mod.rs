//! The sections of the report: each makes its part of the document from the material, and from nothing else.
//!
//! The first page says in short what the details list. To show more, write a section and name it here.

mod about;
mod alarms;
mod doses;
mod measurements;
mod orders;
mod outcomes;
mod own_words;
mod reactions;
mod site;
mod stock;

use super::document::{Block, Cell, Column, Document, Footnote, Holds};
use super::material::Material;
use crate::texts::Texts;
use homeline_clinical::Language;
use homeline_model::{AuthorRole, Entry, Source};

/// A report is read by the care team: it is in English, whatever the language of the phone is.
pub(super) const LANGUAGE: Texts = Texts { language: Language::English };

/// Keys of footnotes, so that a section and the note that it stands on cannot drift apart.
mod note {
    pub(super) const PLANNED: &str = "planned";
    pub(super) const ON_TIME: &str = "on-time";
    pub(super) const SOURCES: &str = "sources";
    pub(super) const PUMP: &str = "pump";
    pub(super) const REACTIONS: &str = "reactions";
    pub(super) const CHARTS: &str = "charts";
    pub(super) const DEVICE_DAYS: &str = "device-days";
    pub(super) const OUTCOMES: &str = "outcomes";
    pub(super) const STOCK: &str = "stock";
    pub(super) const LEFT_OUT: &str = "left-out";
}

/// Who said a thing, and how it is known: two columns for files, one for paper.
const SOURCE_COLUMNS: [Column; 3] = [
    Column::new("said_by", "Source", Holds::Words),
    Column::in_files("source", Holds::Words),
    Column::in_files("name", Holds::Words),
];

/// The whole document.
pub(crate) fn compose(material: &Material) -> Document {
    let plan = &material.plan;
    let alarms = alarms::facts(material);
    let reactions = reactions::facts(material);
    let charts = measurements::charts(material);
    let lines = site::line_words(material);
    let born = plan.patient.birth_date.map(|born| format!("Born {}", born.format("%-d %B %Y")));
    let title = (!plan.title.trim().is_empty()).then(|| plan.title.clone());
    let mut document = Document {
        patient: plan.patient.name.clone(),
        subtitles: title.into_iter().chain(born).chain(lines).collect(),
        warnings: Vec::new(),
        from: material.from,
        to: material.to,
        written_at: material.local(material.moment.now),
        front: Vec::new(),
        details: Vec::new(),
        footnotes: about::footnotes(material),
        closing: about::closing(material),
    };
    if !plan.patient.allergies.is_empty() {
        document.warnings.push(format!("Allergies: {}", plan.patient.allergies.join(", ")));
    }
    document.front = vec![
        orders::section(material),
        doses::missed(material),
        alarms::front(material, &alarms),
        reactions::front(&reactions),
        measurements::front(&charts),
        site::pictures(material),
        stock::front(material),
        own_words::front(material),
    ];
    document.details = vec![
        doses::section(material),
        alarms::pump_runs(material),
        alarms::section(&alarms),
        reactions::section(&reactions),
        measurements::section(material, charts),
        reactions::advice(material),
        site::section(material),
        stock::section(material),
        outcomes::section(material, &alarms, &reactions),
        own_words::section(material),
        about::section(material),
    ];
    // A heading over nothing says nothing; "none" is said by the section itself where it matters.
    for sections in [&mut document.front, &mut document.details] {
        sections.retain(|section| !section.blocks.is_empty());
    }
    document
}

/// `self`, `caregiver`, `care team`, `pump`: by whom or by what a fact is known.
fn source_word(role: AuthorRole, source: Source) -> &'static str {
    match (source, role) {
        (Source::Pump, _) => "pump",
        (Source::VitalSignDevice, _) => "device",
        (Source::CareTeam, _) | (Source::ByHand, AuthorRole::CareTeam) => "care team",
        (Source::ByHand, AuthorRole::Patient) => "self",
        (Source::ByHand, AuthorRole::Caregiver) => "caregiver",
        (Source::ByHand, AuthorRole::Device) => "device",
        (Source::App, _) | (Source::ByHand, AuthorRole::App) => "Homeline",
    }
}

/// `self, Rosa Ibarra`; a thing has no name of its own here.
fn said_by(word: &str, name: &str) -> String {
    match word {
        "self" | "caregiver" | "care team" if !name.trim().is_empty() => format!("{word}, {name}"),
        _ => word.to_owned(),
    }
}

/// The cells under [`SOURCE_COLUMNS`].
fn source_cells(role: AuthorRole, source: Source, name: &str) -> [Cell; 3] {
    let word = source_word(role, source);
    [Cell::new(said_by(word, name)), Cell::new(word), Cell::new(name)]
}

/// The cells under [`SOURCE_COLUMNS`] for an entry.
fn source_of(entry: &Entry) -> [Cell; 3] {
    source_cells(entry.author.role, entry.source, &entry.author.name)
}

/// Who said it, in brackets at the end of a sentence.
fn by(entry: &Entry) -> String {
    said_by(source_word(entry.author.role, entry.source), &entry.author.name)
}

/// When an entry happened, on the clock of its place.
fn happened(entry: &Entry) -> Cell {
    Cell::moment(entry.times.happened.local())
}

/// `3 h 5 min`, `45 min`, `2 days 4 h`.
fn length_words(minutes: i64) -> String {
    let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    let day_word = if days == 1 { "day" } else { "days" };
    match (days, hours, rest) {
        (0, 0, rest) => format!("{rest} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, rest) => format!("{hours} h {rest} min"),
        (days, 0, _) => format!("{days} {day_word}"),
        (days, hours, _) => format!("{days} {day_word} {hours} h"),
    }
}

/// `1 dose`, `2 doses`.
fn counted(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

/// The first few sentences, and how many more there are and where.
fn at_most(mut sentences: Vec<String>, most: usize, rest_stands: &str) -> Block {
    let more = sentences.len().saturating_sub(most);
    sentences.truncate(most);
    if more > 0 {
        sentences.push(format!("{more} more in {rest_stands}."));
    }
    Block::List(sentences)
}

/// A footnote.
fn footnote(key: &'static str, text: impl Into<String>) -> Footnote {
    Footnote { key, text: text.into() }
}

/// A sentence as it ends: one full stop.
fn sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with(['.', '!', '?', '”']) { text.to_owned() } else { format!("{text}.") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_said_in_its_two_largest_units() {
        let said = [0, 45, 60, 185, 1440, 1700, 4320].map(length_words);
        assert_eq!(said, ["0 min", "45 min", "1 h", "3 h 5 min", "1 day", "1 day 4 h", "3 days"]);
    }

    #[test]
    fn the_pump_is_the_source_of_what_it_recorded_whoever_carried_it() {
        assert_eq!(source_word(AuthorRole::Patient, Source::Pump), "pump");
        assert_eq!(said_by(source_word(AuthorRole::Caregiver, Source::ByHand), "Luis"), "caregiver, Luis");
        assert_eq!(said_by(source_word(AuthorRole::Device, Source::Pump), "SIM-1"), "pump");
    }

    #[test]
    fn a_list_says_how_many_it_does_not_show() {
        let Block::List(lines) = at_most(vec!["a".into(), "b".into(), "c".into()], 1, "the list below") else {
            panic!()
        };
        assert_eq!(lines, ["a", "2 more in the list below."]);
    }
}
