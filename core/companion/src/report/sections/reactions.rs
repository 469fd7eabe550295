//! What was felt: each symptom with the time since the start of the dose before it, and the advice that was shown.
//!
//! The time says which dose came before, and not that the dose caused it: that is for a clinician to judge.

use super::LANGUAGE;
use super::{SOURCE_COLUMNS, at_most, by, happened, length_words, note, sentence, source_of};
use crate::report::document::{Block, Cell, Column, Holds, Section, Table, moment_words, on_front, on_paper};
use crate::report::material::Material;
use crate::words;
use chrono::{DateTime, Duration, FixedOffset};
use homeline_model::{Entry, EntryBody, EntryId, EntryKind, Severity};

/// The most reactions that the first page names.
const NAMED: usize = 3;
/// A symptom that comes later than this after the last start is shown without one.
const SINCE_START: Duration = Duration::hours(72);

const COLUMNS: [Column; 8] = [
    Column::new("happened", "When", Holds::Time),
    Column::new("symptom", "Symptom", Holds::Words),
    Column::new("answer", "Answer", Holds::Words),
    Column::new("since_start", "Since the start of the dose before", Holds::Words),
    Column::in_files("minutes_since_start", Holds::Number),
    Column::in_files("dose", Holds::Words),
    Column::in_files("dose_started", Holds::Time),
    Column::in_files("own_words", Holds::Words),
];

const ADVICE_COLUMNS: [Column; 6] = [
    Column::new("shown", "When", Holds::Time),
    Column::new("level", "How soon", Holds::Words),
    Column::new("because", "Because", Holds::Words),
    Column::new("rule", "Rule", Holds::Words),
    Column::in_files("advice", Holds::Words),
    Column::in_files("rule_source", Holds::Words),
];

/// One answer about a symptom.
pub(super) struct ReactionFact<'a> {
    entry: &'a Entry,
    name: String,
    pub(super) present: bool,
    severity: Option<Severity>,
    answer: String,
    own_words: Option<&'a str>,
    pub(super) since: Option<SinceStart>,
}

/// The dose before.
pub(super) struct SinceStart {
    dose: String,
    started: DateTime<FixedOffset>,
    minutes: i64,
}

impl SinceStart {
    fn words(&self) -> String {
        format!("{} after the start of {}", length_words(self.minutes), self.dose)
    }
}

/// All answers of the days, oldest first.
pub(super) fn facts(material: &Material) -> Vec<ReactionFact<'_>> {
    let mut starts: Vec<(DateTime<FixedOffset>, &str)> =
        material.doses().filter_map(|item| Some((material.local(item.started_at?), item.title.as_str()))).collect();
    starts.sort_by_key(|(at, _)| *at);
    let fact = |entry| of_entry(material, &starts, entry);
    material.of_kinds(&[EntryKind::Symptom]).filter_map(fact).collect()
}

fn of_entry<'a>(
    material: &Material,
    starts: &[(DateTime<FixedOffset>, &str)],
    entry: &'a Entry,
) -> Option<ReactionFact<'a>> {
    let EntryBody::Symptom(symptom) = &entry.body else { return None };
    let at = entry.times.happened.local();
    let linked = entry.occurrence.and_then(|id| {
        let item = material.items.iter().find(|item| item.occurrence.as_ref().is_some_and(|of| of.id == id))?;
        Some((material.local(item.started_at?), item.title.as_str()))
    });
    let before = || {
        let last = starts.partition_point(|(started, _)| *started <= at).checked_sub(1)?;
        starts.get(last).copied().filter(|(started, _)| at - started <= SINCE_START)
    };
    let since = linked.filter(|(started, _)| *started <= at).or_else(before).map(|(started, dose)| SinceStart {
        dose: dose.to_owned(),
        started,
        minutes: (at - started).num_minutes(),
    });
    let said = words::entry(LANGUAGE, Some(&material.plan), entry);
    Some(ReactionFact {
        entry,
        name: said.title,
        present: symptom.present,
        severity: symptom.severity,
        answer: said.state.unwrap_or_default(),
        own_words: symptom.note.as_deref(),
        since,
    })
}

/// The first page: the strongest, and of these the newest.
pub(super) fn front(facts: &[ReactionFact<'_>]) -> Section {
    let section = Section::new("reactions", "Reactions, and the time since the start")
        .noted(&[note::REACTIONS])
        .made_of(facts.iter().map(|fact| fact.entry.id));
    let mut felt: Vec<&ReactionFact<'_>> = facts.iter().filter(|fact| fact.present).collect();
    if felt.is_empty() {
        let answered = if facts.is_empty() {
            "No symptom was written down."
        } else {
            "Symptoms were asked for, and none was there."
        };
        return section.with(Block::Text(answered.to_owned()));
    }
    felt.sort_by_key(|fact| std::cmp::Reverse((fact.severity, fact.entry.times.happened.at)));
    let sentences = felt
        .iter()
        .map(|fact| {
            let since = fact.since.as_ref().map(|since| format!(", {}", since.words())).unwrap_or_default();
            let own = fact.own_words.map(|own| format!("; “{}”", on_front(own))).unwrap_or_default();
            let at = moment_words(fact.entry.times.happened.local());
            sentence(&format!("{at}, {}, {}{since}{own} ({})", fact.name, fact.answer, by(fact.entry)))
        })
        .collect();
    section.with(at_most(sentences, NAMED, "the list of symptoms"))
}

/// The details: every answer, also "no".
pub(super) fn section(facts: &[ReactionFact<'_>]) -> Section {
    let section = Section::new("symptoms", "Symptoms").noted(&[note::REACTIONS, note::SOURCES]);
    if facts.is_empty() {
        return section;
    }
    let rows = facts.iter().map(|fact| {
        let own = fact.own_words.map(|own| format!("; “{}”", on_paper(own))).unwrap_or_default();
        let mut cells = vec![
            happened(fact.entry),
            Cell::new(&fact.name),
            Cell::with_value(format!("{}{own}", fact.answer), &fact.answer),
            Cell::from(fact.since.as_ref().map(SinceStart::words)),
            Cell::from(fact.since.as_ref().map(|since| since.minutes)),
            Cell::from(fact.since.as_ref().map(|since| &since.dose)),
            fact.since.as_ref().map_or_else(Cell::empty, |since| Cell::moment(since.started)),
            Cell::from(fact.own_words),
        ];
        cells.extend(source_of(fact.entry));
        cells
    });
    section.with(Block::Table(Table {
        key: "symptoms",
        caption: "Each answer about a symptom, with the time since the start of the dose before it".to_owned(),
        columns: COLUMNS.iter().chain(&SOURCE_COLUMNS).copied().collect(),
        rows: rows.collect(),
    }))
}

/// The details: advice that was shown at home.
pub(super) fn advice(material: &Material) -> Section {
    let section = Section::new("advice", "Advice that was shown");
    let mut entries: Vec<EntryId> = Vec::new();
    let mut rows = Vec::new();
    for entry in material.of_kinds(&[EntryKind::Advice]) {
        let EntryBody::Advice(advice) = &entry.body else { continue };
        entries.push(entry.id);
        rows.push(vec![
            happened(entry),
            Cell::new(words::advice_level(LANGUAGE, advice.level)),
            Cell::new(advice.because.join(" ")),
            Cell::new(&advice.rule),
            Cell::new(advice.text.join(" ")),
            Cell::new(&advice.source),
        ]);
    }
    if rows.is_empty() {
        return section;
    }
    section.made_of(entries).with(Block::Table(Table {
        key: "advice",
        caption: "Each time that Homeline said whom to call, and why".to_owned(),
        columns: ADVICE_COLUMNS.to_vec(),
        rows,
    }))
}
