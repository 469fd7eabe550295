//! Triage at the moment of writing: what the rules say to the new entries, which of it is new, and which advice is open.
//!
//! Advice opens when it is written and is closed by a clinician's acknowledgement alone: a message of the care team that
//! names it. No later value and no later entry lowers it. Which advice is open is kept in the vault, in the transaction
//! that opens or closes it.
//!
//! The last days of the journal are held in memory, so that one entry costs the rules and no reading from disk, however
//! long the journal is (`docs/performance.md`).

use crate::error::HomelineError;
use crate::infusions::run::{Recorded, recorded};
use crate::moment::Moment;
use crate::screen::{Emphasis, Row};
use crate::texts::Texts;
use chrono::{DateTime, Duration, Utc};
use homeline_clinical::{Language, is_trend, triage};
use homeline_model::{Advice, AdviceLevel, CarePlan, Entry, EntryBody, EntryId, EntryKind};
use homeline_vault::{Direction, ReadTx, TimelineQuery, Vault, VaultError, WriteTx};
use std::cell::OnceCell;
use std::collections::HashSet;

/// How far back triage looks: the longest window of a rule is a week (weight).
pub(crate) const REACH: Duration = Duration::days(8);
/// How much more than that may be held before it is read anew.
const SLACK: Duration = Duration::days(2);
/// The ids of the entries whose advice is open.
const OPEN: &str = "triage.open";

/// The kinds of entry that rules speak to.
const SPOKEN_TO: [EntryKind; 6] = [
    EntryKind::Administration,
    EntryKind::Symptom,
    EntryKind::Vital,
    EntryKind::SiteCheck,
    EntryKind::PumpEvent,
    EntryKind::DeviceCheck,
];
/// The kinds that they read: a flush is a step, and chills after it are told.
const READ: [EntryKind; 7] = [
    EntryKind::Administration,
    EntryKind::StepDone,
    EntryKind::Symptom,
    EntryKind::Vital,
    EntryKind::SiteCheck,
    EntryKind::PumpEvent,
    EntryKind::DeviceCheck,
];

/// What the rules say to new entries.
#[derive(Default)]
pub(crate) struct Answer {
    /// To be shown now, highest first: what the new entries gave rise to, also when the same advice stood before.
    pub(crate) spoken: Vec<Advice>,
    /// To be written into the journal: advice that is not open yet at this level.
    pub(crate) unrecorded: Vec<Advice>,
}

/// Advice that no clinician has closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenAdvice {
    pub(crate) entry: EntryId,
    pub(crate) advice: Advice,
}

/// What triage remembers between two entries.
pub(crate) struct Memory {
    /// Everything that rules read, from here on.
    since: DateTime<Utc>,
    recent: Vec<Entry>,
    /// What the pumps' records of these entries say, once somebody asked.
    recorded: OnceCell<Vec<Recorded>>,
    open: Vec<OpenAdvice>,
}

/// Whether triage has to be asked about the entries at all.
pub(crate) fn speaks_to(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| SPOKEN_TO.contains(&entry.kind()))
}

impl Memory {
    /// Reads it from the vault.
    pub(crate) fn load(vault: &Vault, moment: &Moment) -> Result<Self, HomelineError> {
        let since = moment.now - REACH;
        Ok(vault.read(|tx| {
            let recent = all(tx, &READ, Some(since))?;
            let open = match tx.setting::<Vec<EntryId>>(OPEN)? {
                Some(ids) => {
                    let mut open = Vec::new();
                    for id in ids {
                        open.extend(tx.entry(id)?.as_ref().and_then(OpenAdvice::of));
                    }
                    open
                }
                None => still_open(Vec::new(), &all(tx, &[EntryKind::Advice, EntryKind::Message], None)?),
            };
            Ok(Self { since, recent, recorded: OnceCell::new(), open })
        })?)
    }

    /// Whether it holds what is asked for now, and not much more.
    pub(crate) fn fits(&self, moment: &Moment) -> bool {
        let needed = moment.now - REACH;
        self.since <= needed && needed - self.since <= SLACK
    }

    /// What the rules say to `new` entries beside those that are remembered.
    pub(crate) fn answer(&mut self, plan: &CarePlan, new: &[Entry], moment: &Moment) -> Answer {
        let (now, language) = (moment.now, moment.texts.language);
        let open: Vec<Advice> = self.open.iter().map(|open| open.advice.clone()).collect();
        let before = triage(plan, &self.recent, &open, now, language);
        let held = self.recent.len();
        self.remember(new);
        let spoken: Vec<Advice> = triage(plan, &self.recent, &open, now, language)
            .into_iter()
            .filter(|advice| !before.contains(advice))
            .collect();
        // Not written yet: what cannot be written is not remembered.
        self.recent.truncate(held);
        let unrecorded = spoken
            .iter()
            .filter(|advice| !open.iter().any(|stands| stands.rule == advice.rule && stands.level >= advice.level))
            .cloned()
            .collect();
        Answer { spoken, unrecorded }
    }

    fn remember(&mut self, entries: &[Entry]) {
        let known: HashSet<EntryId> = entries.iter().map(|entry| entry.id).collect();
        let known: HashSet<EntryId> =
            self.recent.iter().map(|entry| entry.id).filter(|id| known.contains(id)).collect();
        let news = entries.iter().filter(|entry| READ.contains(&entry.kind()) && !known.contains(&entry.id));
        let held = self.recent.len();
        self.recent.extend(news.cloned());
        if self.recent.iter().skip(held).any(|entry| entry.kind() == EntryKind::PumpEvent) {
            self.recorded.take();
        }
    }

    /// What is open once the entries are written; `None` when they change nothing in it.
    pub(crate) fn open_after(&self, entries: &[Entry]) -> Option<Vec<OpenAdvice>> {
        let open = still_open(self.open.clone(), entries);
        (open != self.open).then_some(open)
    }

    /// Takes in what is on disk now.
    pub(crate) fn written(&mut self, entries: &[Entry], open: Option<Vec<OpenAdvice>>) {
        self.remember(entries);
        if let Some(open) = open {
            self.open = open;
        }
    }

    /// The entries of the last days that rules read.
    pub(crate) fn recent(&self) -> &[Entry] {
        &self.recent
    }

    /// The infusions of their pumps' records.
    pub(crate) fn recorded(&self) -> &[Recorded] {
        self.recorded.get_or_init(|| recorded(&self.recent))
    }

    /// The entries, taken out.
    pub(crate) fn into_recent(self) -> Vec<Entry> {
        self.recent
    }

    /// The open advice, the most urgent first.
    pub(crate) fn open(&self) -> Vec<OpenAdvice> {
        let mut open = self.open.clone();
        open.sort_by_key(|open| std::cmp::Reverse(open.advice.level));
        open
    }
}

/// Keeps which advice is open.
pub(crate) fn put_open(tx: &mut WriteTx<'_>, open: &[OpenAdvice]) -> Result<(), VaultError> {
    tx.set_setting(OPEN, &open.iter().map(|open| open.entry).collect::<Vec<EntryId>>())
}

impl OpenAdvice {
    fn of(entry: &Entry) -> Option<Self> {
        match &entry.body {
            // A notice of a trend is no alert of triage: it neither raises nor keeps one.
            EntryBody::Advice(advice) if !is_trend(advice) => Some(Self { entry: entry.id, advice: advice.clone() }),
            _ => None,
        }
    }

    /// Advice that stands until a clinician closes it, as a row: the number to call is its title.
    pub(crate) fn row(&self, texts: Texts) -> Row {
        let mut lines = self.advice.text.iter().cloned();
        let mut row = Row::new(format!("advice/{}", self.entry), lines.next().unwrap_or_default());
        row.state = Some(texts.say("advice.open"));
        row.details.extend(lines);
        row.details.extend(self.advice.because.iter().cloned());
        row.emphasis = if self.advice.level >= AdviceLevel::CallNow { Emphasis::Urgent } else { Emphasis::Attention };
        row.private_title = Some(texts.say("private.call"));
        row.with_spoken_sentence()
    }
}

/// What is open after `entries`, taken in their order. An acknowledgement closes the advice that it names, and what stands
/// then of the same rule at the same level or below.
fn still_open(mut open: Vec<OpenAdvice>, entries: &[Entry]) -> Vec<OpenAdvice> {
    for entry in entries {
        if let Some(advice) = OpenAdvice::of(entry)
            && !open.iter().any(|stands| stands.entry == advice.entry)
        {
            open.push(advice);
        }
        let EntryBody::Message(message) = &entry.body else { continue };
        for closed in &message.acknowledges {
            let Some(closed) = open.iter().find(|stands| stands.entry == *closed).cloned() else { continue };
            open.retain(|stands| stands.advice.rule != closed.advice.rule || stands.advice.level > closed.advice.level);
        }
    }
    open
}

/// The language that the patient's advice is in.
pub(crate) fn language_of(plan: &CarePlan) -> Language {
    plan.patient.language.as_deref().map_or(Language::English, Language::from_tag)
}

fn all(tx: &ReadTx<'_>, kinds: &[EntryKind], from: Option<DateTime<Utc>>) -> Result<Vec<Entry>, VaultError> {
    let kinds = kinds.to_vec();
    tx.timeline_whole(TimelineQuery { kinds, from, direction: Direction::OldestFirst, ..TimelineQuery::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeline_model::{
        Author, AuthorRole, EntryTimes, Happened, Message, MessageDirection, PatientId, Source, TimeBasis, Uuid, ZoneId,
    };

    fn entry(id: u128, body: EntryBody) -> Entry {
        let at = "2026-11-23T13:00:00Z".parse().unwrap();
        Entry {
            id: EntryId(Uuid::from_u128(id)),
            patient: PatientId::new("p1").unwrap(),
            author: Author { role: AuthorRole::App, person: None, name: "Homeline".into() },
            source: Source::App,
            times: EntryTimes {
                happened: Happened { at, zone: ZoneId::utc(), offset_seconds: 0, basis: TimeBasis::PhoneClock },
                recorded_at: at,
                device_clock: None,
            },
            order: None,
            occurrence: None,
            infusion: None,
            amends: None,
            private: false,
            body,
        }
    }

    fn advice(id: u128, rule: &str, level: AdviceLevel) -> Entry {
        let advice =
            Advice { rule: rule.into(), level, text: vec!["Call.".into()], because: Vec::new(), source: String::new() };
        entry(id, EntryBody::Advice(advice))
    }

    fn acknowledgement(id: u128, closes: u128) -> Entry {
        entry(
            id,
            EntryBody::Message(Message {
                direction: MessageDirection::FromTeam,
                with: "Nurse".into(),
                person: None,
                text: String::new(),
                in_response_to: None,
                communication: Some("c".into()),
                acknowledges: vec![EntryId(Uuid::from_u128(closes))],
                topic: None,
                urgent: false,
                attached: Vec::new(),
            }),
        )
    }

    fn ids(open: &[OpenAdvice]) -> Vec<u128> {
        open.iter().map(|open| open.entry.0.as_u128()).collect()
    }

    #[test]
    fn an_acknowledgement_closes_what_it_names_and_nothing_more_urgent_and_nothing_later() {
        let low = advice(1, "N12", AdviceLevel::MessageToday);
        let high = advice(2, "N12", AdviceLevel::CallNow);
        let other = advice(3, "N01", AdviceLevel::CallNow);
        let all = [low, high, other];
        assert_eq!(ids(&still_open(Vec::new(), &all)), [1, 2, 3]);
        let open = still_open(Vec::new(), &all);
        assert_eq!(ids(&still_open(open.clone(), &[acknowledgement(9, 1)])), [2, 3]);
        assert_eq!(ids(&still_open(open.clone(), &[acknowledgement(9, 2)])), [3], "the higher one closes the lower");
        assert_eq!(ids(&still_open(open.clone(), &[acknowledgement(9, 77)])), [1, 2, 3], "it names nothing known");
        let again = advice(4, "N12", AdviceLevel::CallNow);
        assert_eq!(ids(&still_open(open, &[acknowledgement(9, 2), again])), [3, 4]);
    }

    #[test]
    fn the_number_to_call_is_the_title_and_a_locked_phone_tells_nothing() {
        let open = OpenAdvice::of(&advice(1, "N01", AdviceLevel::CallNow)).unwrap();
        let row = open.row(Texts::default());
        assert_eq!((row.title.as_str(), row.emphasis), ("Call.", Emphasis::Urgent));
        assert_eq!(row.private_title.as_deref(), Some("Call your team"));
    }
}
