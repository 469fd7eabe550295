//! The same alarm again and again: something for the pharmacist, who knows bag, set and filter. It is counted and shown, and
//! never explained; a question for the team is suggested once.

use crate::error::HomelineError;
use crate::moment::Moment;
use crate::screen::{Action, Emphasis, Row};
use crate::store::{Logged, Statement, Store};
use crate::texts::Texts;
use crate::words;
use chrono::{DateTime, Duration, FixedOffset, Utc};
use homeline_model::{AlarmKind, CarePlan, Entry, EntryBody, EntryId, PumpEventKind, Question, Uuid};
use std::collections::{BTreeMap, HashSet};
use std::fmt::Display;

/// The verb of an action that writes the question down.
pub(crate) const ASK: &str = "pump.ask";
/// The verb of an action that leaves it.
pub(crate) const LEAVE: &str = "pump.leave";
const ASKED: &str = "pump.patterns";
/// So often within [`WITHIN`]. Not the plan's: a second one within an hour is a call already (rule N11), and this is for
/// those that come day after day.
const TIMES: usize = 3;
/// In this stretch.
const WITHIN: Duration = Duration::days(7);

/// What was asked or left, and when.
type Asked = Vec<(String, DateTime<Utc>)>;

/// An alarm that came again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// Pump and alarm.
    pub(crate) key: String,
    pub(crate) serial: String,
    pub(crate) alarm: AlarmKind,
    /// Oldest first.
    pub(crate) times: Vec<DateTime<FixedOffset>>,
    pub(crate) entries: Vec<EntryId>,
}

impl Pattern {
    /// "The pump can't push: 3 times within 7 days".
    pub(crate) fn title(&self, texts: Texts) -> String {
        let alarm = words::capitalised(&words::alarm_words(texts, &self.alarm));
        let values = [("number", &self.times.len() as &dyn Display), ("alarm", &alarm), ("days", &WITHIN.num_days())];
        texts.fill("pattern.title", &values)
    }

    fn when(&self, texts: Texts) -> String {
        self.times.iter().map(|at| texts.day_and_time(*at)).collect::<Vec<_>>().join(", ")
    }

    /// Which pump it was, and when.
    fn place(&self, texts: Texts) -> String {
        texts.fill("pattern.pump", &[("serial", &self.serial), ("times", &self.when(texts))])
    }
}

/// The densest week of each alarm of each pump, where it holds enough of them.
pub(crate) fn patterns<'a>(entries: impl Iterator<Item = &'a Entry>) -> Vec<Pattern> {
    let mut raised: BTreeMap<String, (String, AlarmKind, Vec<&Entry>)> = BTreeMap::new();
    let mut records = HashSet::new();
    for entry in entries {
        let EntryBody::PumpEvent(event) = &entry.body else { continue };
        let PumpEventKind::AlarmRaised { alarm, .. } = &event.kind else { continue };
        // A record that came live and again from the pump's history is one alarm.
        let again = event.record.is_some_and(|record| !records.insert((&event.serial, event.epoch, record)));
        if again || *alarm == AlarmKind::InfusionComplete {
            continue;
        }
        let name = match alarm {
            AlarmKind::Unknown(code) => format!("unknown-{code}"),
            known => serde_json::to_value(known).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default(),
        };
        let of = raised.entry(format!("{name}:{}", event.serial));
        of.or_insert_with(|| (event.serial.clone(), alarm.clone(), Vec::new())).2.push(entry);
    }
    let densest = |mut told: Vec<&'a Entry>| {
        told.sort_by_key(|entry| entry.times.happened.at);
        let mut best: Vec<&Entry> = Vec::new();
        let mut first = 0;
        for last in 0..told.len() {
            let at = |place: usize| told.get(place).map(|entry| entry.times.happened.at);
            while at(first).zip(at(last)).is_some_and(|(from, to)| to.signed_duration_since(from) > WITHIN) {
                first += 1;
            }
            let week = told.get(first..=last).unwrap_or_default();
            if week.len() >= best.len() {
                best = week.to_vec();
            }
        }
        best
    };
    let found = raised.into_iter().filter_map(|(key, (serial, alarm, told))| {
        let told = densest(told);
        (told.len() >= TIMES).then(|| Pattern {
            key,
            serial,
            alarm,
            times: told.iter().map(|entry| entry.times.happened.local()).collect(),
            entries: told.iter().map(|entry| entry.id).collect(),
        })
    });
    found.collect()
}

fn now(store: &Store, moment: &Moment) -> Result<Vec<Pattern>, HomelineError> {
    let recent = store.recent(moment)?;
    Ok(patterns(recent.iter().filter(|entry| entry.times.happened.at > moment.now - WITHIN)))
}

/// Rows of the patterns of the last week that nobody has asked about or left.
pub(crate) fn rows(store: &Store, moment: &Moment) -> Result<Vec<Row>, HomelineError> {
    let asked: Asked = store.vault()?.read(|tx| tx.setting(ASKED))?.unwrap_or_default();
    let open = |pattern: &Pattern| !asked.iter().any(|(key, at)| *key == pattern.key && *at > moment.now - WITHIN);
    Ok(now(store, moment)?.iter().filter(|pattern| open(pattern)).map(|pattern| row(pattern, moment.texts)).collect())
}

fn row(pattern: &Pattern, texts: Texts) -> Row {
    let title = texts.fill("pattern.ask-about", &[("pattern", &pattern.title(texts))]);
    let mut row = Row::new(format!("pattern/{}", pattern.key), title);
    row.details.push(pattern.place(texts));
    row.details.push(texts.say("pattern.pharmacist"));
    row.emphasis = Emphasis::Attention;
    row.actions = vec![
        Action {
            id: format!("{ASK}:{}", pattern.key),
            label: texts.say("pattern.write"),
            emphasis: Emphasis::Attention,
        },
        Action { id: format!("{LEAVE}:{}", pattern.key), label: texts.say("suggestion.no"), emphasis: Emphasis::Quiet },
    ];
    row.private_title = Some(texts.say("private.device-has"));
    row.with_spoken_sentence()
}

/// Rows of every pattern of the last week, for the screen of trends.
pub(crate) fn insight_rows(store: &Store, moment: &Moment, plan: &CarePlan) -> Result<Vec<Row>, HomelineError> {
    let pharmacist = plan.contacts.iter().find(|contact| contact.purpose == homeline_model::ContactPurpose::Pharmacist);
    let texts = moment.texts;
    let shown = |pattern: &Pattern| {
        let mut row = Row::new(format!("pattern/{}", pattern.key), pattern.title(texts));
        row.details.push(pattern.place(texts));
        row.details.extend(pharmacist.map(|contact| format!("{}: {}", contact.label, contact.phone)));
        row.emphasis = Emphasis::Attention;
        row.with_spoken_sentence()
    };
    Ok(now(store, moment)?.iter().map(shown).collect())
}

/// Writes the question down; a second tap answers as the first.
pub(crate) fn ask(store: &mut Store, moment: &Moment, key: &str) -> Result<Logged, HomelineError> {
    let found = named(store, moment, key)?;
    let texts = moment.texts;
    let text = texts.fill(
        "pattern.question",
        &[("serial", &found.serial), ("pattern", &found.title(texts)), ("times", &found.when(texts))],
    );
    // The same alarms are the same question, however often it is tapped.
    let id = found.entries.last().map(|last| EntryId(Uuid::new_v5(&last.0, b"pump-pattern")));
    if let Some(entry) = id
        && store.vault()?.read(|tx| tx.has_entry(entry))?
    {
        return Ok(Logged { entry, advice: Vec::new() });
    }
    let asked = asked_now(store, moment, key)?;
    let statement = Statement { id, ..Statement::by_hand(EntryBody::Question(Question { text })) };
    store.record_all(moment, vec![statement], None, move |tx| tx.set_setting(ASKED, &asked))
}

/// Leaves it for a week. Answers with the alarm that it was suggested from.
pub(crate) fn leave(store: &Store, moment: &Moment, key: &str) -> Result<Logged, HomelineError> {
    let found = named(store, moment, key)?;
    let asked = asked_now(store, moment, key)?;
    store.vault()?.write(move |tx| tx.set_setting(ASKED, &asked))?;
    let entry = found.entries.last().copied().ok_or_else(not_so_often)?;
    Ok(Logged { entry, advice: Vec::new() })
}

fn not_so_often() -> HomelineError {
    HomelineError::input("action", "this alarm did not come so often", "Look at today's screen again.")
}

fn named(store: &Store, moment: &Moment, key: &str) -> Result<Pattern, HomelineError> {
    now(store, moment)?.into_iter().find(|pattern| pattern.key == key).ok_or_else(not_so_often)
}

fn asked_now(store: &Store, moment: &Moment, key: &str) -> Result<Asked, HomelineError> {
    let mut asked: Asked = store.vault()?.read(|tx| tx.setting(ASKED))?.unwrap_or_default();
    asked.retain(|(of, at)| of != key && *at > moment.now - WITHIN);
    asked.push((key.to_owned(), moment.now));
    Ok(asked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeline_model::{Author, AuthorRole, EntryTimes, Happened, PatientId, PumpEvent, Source, TimeBasis, ZoneId};

    fn alarm(record: u32, hour: i64, alarm: AlarmKind) -> Entry {
        let at = DateTime::from_timestamp(1_795_438_800, 0).unwrap() + Duration::hours(hour);
        Entry {
            id: EntryId(Uuid::from_u128(u128::from(record))),
            patient: PatientId::new("p1").unwrap(),
            author: Author { role: AuthorRole::Device, person: None, name: "Pump".into() },
            source: Source::Pump,
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
            body: EntryBody::PumpEvent(PumpEvent {
                serial: "SIM-1".into(),
                record: Some(record),
                epoch: 0,
                kind: PumpEventKind::AlarmRaised { alarm, text: String::new() },
                volume_infused: None,
                rate: None,
                samples: None,
            }),
        }
    }

    #[test]
    fn the_third_of_one_kind_within_a_week_is_a_pattern_and_the_second_is_none() {
        let occlusion = |record, hour| alarm(record, hour, AlarmKind::OcclusionDownstream);
        let three = [occlusion(1, 0), occlusion(2, 24), occlusion(3, 168)];
        let found = patterns(three.iter());
        assert_eq!((found.len(), found[0].times.len()), (1, 3));
        assert_eq!(found[0].title(Texts::default()), "The pump can't push: 3 times within 7 days");
        assert_eq!(patterns(three[..2].iter()), []);
        assert_eq!(patterns([occlusion(1, 0), occlusion(2, 24), occlusion(3, 169)].iter()), [], "more than a week");
        assert_eq!(patterns([occlusion(1, 0), occlusion(2, 24), occlusion(2, 24)].iter()), [], "one record told twice");
        let mixed = [occlusion(1, 0), occlusion(2, 1), alarm(3, 2, AlarmKind::AirInLine)];
        assert_eq!(patterns(mixed.iter()), [], "of several kinds");
        let ends = [1, 2, 3].map(|record| alarm(record, i64::from(record), AlarmKind::InfusionComplete));
        assert_eq!(patterns(ends.iter()), [], "an end is no fault");
    }
}
