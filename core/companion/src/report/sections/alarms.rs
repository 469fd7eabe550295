//! What the pump's own record says: its runs, its alarms with what mended them, and the gaps in which it was not heard.

use super::LANGUAGE;
use super::{at_most, counted, length_words, note, said_by, sentence, source_word};
use crate::infusions::pattern::patterns;
use crate::infusions::run::{Interruption, Run};
use crate::infusions::said;
use crate::report::document::{Block, Cell, Column, Holds, Section, SectionKind, Table, moment_words, on_front};
use crate::report::material::Material;
use crate::words;
use chrono::{DateTime, Duration, FixedOffset};
use homeline_model::{AlarmKind, AuthorRole, Entry, EntryBody, EntryId, EntryKind, PumpEvent, PumpEventKind, Source};
use homeline_pump::AgainstPlan;

/// The most alarms that the first page names.
const NAMED: usize = 3;
/// Delivery stops with its alarm, within the resolution of a pump's record.
const TOGETHER: Duration = Duration::minutes(5);
/// How long after an alarm's end a note still tells of it.
const AFTERTHOUGHT: Duration = Duration::minutes(30);

const RUN_COLUMNS: [Column; 18] = [
    Column::new("dose", "Dose", Holds::Words),
    Column::new("run", "Pump ran", Holds::Words),
    Column::new("went_in", "Went in", Holds::Words),
    Column::new("interrupted", "Without delivery", Holds::Words),
    Column::new("beside_hand", "Beside what was written", Holds::Words),
    Column::in_files("started", Holds::Time),
    Column::in_files("ended", Holds::Time),
    Column::in_files("end", Holds::Words),
    Column::in_files("ordered", Holds::Words),
    Column::in_files("certain_ml", Holds::Number),
    Column::in_files("not_certain_ml", Holds::Number),
    Column::in_files("interruptions", Holds::Number),
    Column::in_files("minutes_interrupted", Holds::Number),
    Column::in_files("pump_serial", Holds::Words),
    Column::in_files("known_by", Holds::Words),
    Column::in_files("against_plan", Holds::Words),
    Column::in_files("beyond_plan_limit", Holds::Words),
    Column::in_files("looks", Holds::Words),
];

const COLUMNS: [Column; 10] = [
    Column::new("raised", "When", Holds::Time),
    Column::new("what", "What", Holds::Words),
    Column::new("mended", "What mended it", Holds::Words),
    Column::in_files("pump_words", Holds::Words),
    Column::in_files("seen", Holds::Time),
    Column::in_files("seen_by", Holds::Words),
    Column::in_files("over", Holds::Time),
    Column::in_files("delivery_again", Holds::Time),
    Column::in_files("minutes_without_delivery", Holds::Number),
    Column::in_files("written_then", Holds::Words),
];

/// One alarm, or one stretch in which the pump was not heard.
pub(super) struct AlarmFact {
    raised: DateTime<FixedOffset>,
    what: String,
    /// `None` for a gap.
    pub(super) alarm: Option<AlarmKind>,
    serial: String,
    pump_words: String,
    seen: Option<(DateTime<FixedOffset>, String)>,
    over: Option<DateTime<FixedOffset>>,
    delivery_again: Option<DateTime<FixedOffset>>,
    minutes_without_delivery: Option<i64>,
    written_then: Vec<String>,
    entries: Vec<EntryId>,
}

impl AlarmFact {
    fn new(entry: &Entry, event: &PumpEvent, what: String, alarm: Option<AlarmKind>) -> Self {
        Self {
            raised: entry.times.happened.local(),
            what,
            alarm,
            serial: event.serial.clone(),
            pump_words: String::new(),
            seen: None,
            over: None,
            delivery_again: None,
            minutes_without_delivery: None,
            written_then: Vec::new(),
            entries: vec![entry.id],
        }
    }

    /// What is known of its end. That an alarm is over says only that the pump says so.
    fn mended(&self) -> String {
        let mut parts = Vec::new();
        if let Some((at, who)) = &self.seen {
            parts.push(format!("seen {} ({who})", at.format("%H:%M")));
        }
        if let Some(over) = self.over {
            let word = if self.alarm.is_some() { "over" } else { "heard again" };
            parts.push(format!("{word} after {}", length_words((over - self.raised).num_minutes())));
        }
        if let Some(again) = self.delivery_again {
            parts.push(format!("delivery went on {}", again.format("%H:%M")));
        }
        if let Some(minutes) = self.minutes_without_delivery {
            parts.push(format!("{} without delivery", length_words(minutes)));
        }
        parts.extend(self.written_then.iter().map(|words| format!("written then: “{}”", on_front(words))));
        if parts.is_empty() {
            return "its end is not recorded".to_owned();
        }
        if self.over.is_none() {
            parts.push("its end is not recorded".to_owned());
        }
        parts.join("; ")
    }
}

/// All alarms and gaps of the days, oldest first.
pub(super) fn facts(material: &Material) -> Vec<AlarmFact> {
    let mut facts: Vec<AlarmFact> = Vec::new();
    for entry in material.of_kinds(&[EntryKind::PumpEvent]) {
        let EntryBody::PumpEvent(event) = &entry.body else { continue };
        take(&mut facts, entry, event);
    }
    for fact in &mut facts {
        let stopped = fact.alarm.as_ref().and_then(|alarm| stopped_by(&material.runs, fact, alarm));
        fact.delivery_again = stopped.and_then(|gap| gap.to).map(|at| at.with_timezone(fact.raised.offset()));
        fact.minutes_without_delivery = stopped.and_then(Interruption::minutes);
        if fact.alarm.is_some() {
            let until = fact.over.unwrap_or(fact.raised) + AFTERTHOUGHT;
            for entry in material.of_kinds(&[EntryKind::Note]) {
                let at = entry.times.happened.local();
                let EntryBody::Note { text } = &entry.body else { continue };
                if entry.author.role != AuthorRole::App && (fact.raised..=until).contains(&at) {
                    fact.written_then.push(text.clone());
                    fact.entries.push(entry.id);
                }
            }
        }
    }
    facts
}

fn take(facts: &mut Vec<AlarmFact>, entry: &Entry, event: &PumpEvent) {
    let at = entry.times.happened.local();
    // An alarm may be raised again while an older one of its kind was never told to be over: the newest is meant.
    let open = |facts: &mut Vec<AlarmFact>, alarm: Option<&AlarmKind>| {
        facts
            .iter()
            .rposition(|fact| fact.serial == event.serial && fact.alarm.as_ref() == alarm && fact.over.is_none())
    };
    match &event.kind {
        PumpEventKind::AlarmRaised { alarm, text } => {
            let mut fact = AlarmFact::new(
                entry,
                event,
                words::capitalised(&words::alarm_words(LANGUAGE, alarm)),
                Some(alarm.clone()),
            );
            fact.pump_words.clone_from(text);
            facts.push(fact);
        }
        PumpEventKind::AlarmSeen { alarm } => {
            if let Some(fact) = open(facts, Some(alarm)).and_then(|index| facts.get_mut(index)) {
                // Somebody at home saw it; a record of the pump does not say who.
                let who = match entry.author.role {
                    AuthorRole::Device | AuthorRole::App => "at home".to_owned(),
                    role => said_by(source_word(role, Source::ByHand), &entry.author.name),
                };
                fact.seen.get_or_insert((at, who));
                fact.entries.push(entry.id);
            }
        }
        PumpEventKind::AlarmCleared { alarm } => {
            if let Some(fact) = open(facts, Some(alarm)).and_then(|index| facts.get_mut(index)) {
                fact.over = Some(at);
                fact.entries.push(entry.id);
            }
        }
        PumpEventKind::LinkLost => {
            facts.push(AlarmFact::new(entry, event, "Pump not heard".to_owned(), None));
        }
        // That the pump is heard says something only after it was not.
        PumpEventKind::LinkUp => {
            if let Some(fact) = open(facts, None).and_then(|index| facts.get_mut(index)) {
                fact.over = Some(at);
                fact.entries.push(entry.id);
            }
        }
        PumpEventKind::RecordGap { from, to } => {
            let mut fact =
                AlarmFact::new(entry, event, format!("Records {from} to {to} of the pump are missing"), None);
            // It is no silence that ends: nothing can be heard again.
            fact.serial.clear();
            facts.push(fact);
        }
        PumpEventKind::Started | PumpEventKind::Stopped | PumpEventKind::Completed | PumpEventKind::Progress => {}
    }
}

/// The pause that came with an alarm.
fn stopped_by<'a>(runs: &'a [Run], fact: &AlarmFact, alarm: &AlarmKind) -> Option<&'a Interruption> {
    runs.iter()
        .filter(|run| run.serial == fact.serial)
        .flat_map(|run| &run.interruptions)
        .filter(|gap| gap.alarm.as_ref() == Some(alarm))
        .find(|gap| (gap.from - fact.raised).abs() <= TOGETHER)
}

/// The first page: the newest alarms, and how they ended.
pub(super) fn front(material: &Material, facts: &[AlarmFact]) -> Section {
    let section = Section::new("alarms", "Alarms, and what mended them")
        .of_kind(SectionKind::Devices)
        .noted(&[note::PUMP])
        .made_of(facts.iter().flat_map(|fact| fact.entries.iter().copied()));
    if facts.is_empty() {
        // Without a pump that can be heard there is nothing to say about its alarms.
        let heard = material.of_kinds(&[EntryKind::PumpEvent]).next().is_some();
        return if heard { section.with(Block::Text("The pump recorded no alarm.".to_owned())) } else { section };
    }
    let alarms = facts.iter().filter(|fact| fact.alarm.is_some()).count();
    let gaps = facts.len() - alarms;
    let sentences = facts
        .iter()
        .rev()
        .map(|fact| sentence(&format!("{}, {}: {}", moment_words(fact.raised), fact.what, fact.mended())))
        .collect();
    let totals = format!(
        "{}, and {} in which the pump was not heard or its record has a hole.",
        counted(alarms, "alarm", "alarms"),
        counted(gaps, "stretch", "stretches")
    );
    let again: Vec<String> = patterns(material.of_kinds(&[EntryKind::PumpEvent]))
        .iter()
        .map(|pattern| sentence(&format!("{} (pump {})", pattern.title(LANGUAGE), pattern.serial)))
        .collect();
    let section = if again.is_empty() { section } else { section.with(Block::List(again)) };
    section.with(Block::Text(totals)).with(at_most(sentences, NAMED, "the list of alarms"))
}

/// The details: every alarm and gap.
pub(super) fn section(facts: &[AlarmFact]) -> Section {
    let section = Section::new("alarm-list", "Alarms and gaps").of_kind(SectionKind::Devices).noted(&[note::PUMP]);
    if facts.is_empty() {
        return section;
    }
    let rows = facts.iter().map(|fact| {
        vec![
            Cell::moment(fact.raised),
            Cell::new(&fact.what),
            Cell::new(fact.mended()),
            Cell::new(&fact.pump_words),
            fact.seen.as_ref().map_or_else(Cell::empty, |(at, _)| Cell::moment(*at)),
            Cell::from(fact.seen.as_ref().map(|(_, who)| who)),
            fact.over.map_or_else(Cell::empty, Cell::moment),
            fact.delivery_again.map_or_else(Cell::empty, Cell::moment),
            Cell::from(fact.minutes_without_delivery),
            Cell::new(fact.written_then.join(" / ")),
        ]
    });
    section.with(Block::Table(Table {
        key: "alarms",
        caption: "Each alarm of the pump and each stretch in which it was not heard".to_owned(),
        columns: COLUMNS.to_vec(),
        rows: rows.collect(),
    }))
}

/// The details: every infusion that a pump or a look at a device tells of.
pub(super) fn pump_runs(material: &Material) -> Section {
    let runs = &material.runs;
    let section = Section::new("pump-runs", "What pumps and looks at devices say")
        .of_kind(SectionKind::Devices)
        .noted(&[note::PUMP]);
    if runs.is_empty() {
        return section;
    }
    let entries: Vec<EntryId> = runs.iter().flat_map(|run| run.entries.iter().copied()).collect();
    // What the pump counted on the way is not carried along: its starts, stops and alarms tell the run.
    let told = material
        .of_kinds(&[EntryKind::PumpEvent, EntryKind::DeviceCheck])
        .filter(|entry| !matches!(&entry.body, EntryBody::PumpEvent(event) if event.kind == PumpEventKind::Progress));
    let entries: std::collections::BTreeSet<EntryId> = entries.into_iter().collect();
    let entries: Vec<EntryId> = told.map(|entry| entry.id).filter(|id| entries.contains(id)).collect();
    section.made_of(entries).with(Block::Table(Table {
        key: "pump_runs",
        caption: "Each infusion, by the pump's own record or by looks at the device".to_owned(),
        columns: RUN_COLUMNS.to_vec(),
        rows: runs.iter().map(run_row).collect(),
    }))
}

fn run_row(run: &Run) -> Vec<Cell> {
    let against = said::against_plan(LANGUAGE, run);
    let mut ran = format!("{}, {}", run.span_words(), run.end_words(LANGUAGE));
    if let Some(against) = &against {
        ran.push_str(&format!(" ({against})"));
    }
    let beyond = match run.against {
        AgainstPlan::Early { beyond_limit, .. } | AgainstPlan::Late { beyond_limit, .. } => beyond_limit,
        AgainstPlan::Running | AgainstPlan::NotKnown | AgainstPlan::OnTime | AgainstPlan::Stopped => None,
    };
    let looks: Vec<String> = run
        .looks
        .iter()
        .map(|looking| format!("{}: {}", moment_words(looking.at), said::look(LANGUAGE, looking).join(" ")))
        .collect();
    vec![
        Cell::new(&run.title),
        Cell::new(ran),
        Cell::new(said::went_in(LANGUAGE, run)),
        Cell::new(interruption_words(&run.interruptions)),
        Cell::new(run.difference.join(" ")),
        run.started.map_or_else(Cell::empty, Cell::moment),
        run.ended.map_or_else(Cell::empty, Cell::moment),
        Cell::new(run.end_words(LANGUAGE)),
        Cell::from(run.ordered.as_ref()),
        Cell::from(run.certain_ml),
        Cell::from(run.not_certain_ml()),
        Cell::new(run.interruptions.len()),
        Cell::new(run.minutes_interrupted()),
        Cell::new(&run.serial),
        Cell::new(said::known_by(LANGUAGE, run)),
        Cell::from(against.as_ref()),
        Cell::from(beyond.map(|beyond| if beyond { "yes" } else { "no" })),
        Cell::new(looks.join(" / ")),
    ]
}

/// The longest pauses in words; a pump that pauses for every bag of a year would fill the page.
fn interruption_words(gaps: &[Interruption]) -> String {
    const NAMED_PAUSES: usize = 3;
    let mut longest: Vec<&Interruption> = gaps.iter().collect();
    longest.sort_by_key(|gap| std::cmp::Reverse(gap.minutes().unwrap_or(i64::MAX)));
    longest.truncate(NAMED_PAUSES);
    longest.sort_by_key(|gap| gap.from);
    let mut said: Vec<String> = longest
        .iter()
        .map(|gap| {
            let from = moment_words(gap.from);
            let length = gap.minutes().map_or_else(|| "end not known".to_owned(), length_words);
            let alarm = gap
                .alarm
                .as_ref()
                .map(|alarm| format!(", {}", words::alarm_words(LANGUAGE, alarm)))
                .unwrap_or_default();
            format!("{from} for {length}{alarm}")
        })
        .collect();
    if gaps.len() > NAMED_PAUSES {
        said.push(format!("{} shorter ones", gaps.len() - NAMED_PAUSES));
    }
    if said.is_empty() { "none".to_owned() } else { said.join("; ") }
}
