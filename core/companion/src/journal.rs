//! The journal: writing things down, and reading them again.

use crate::access::Access;
use crate::error::{ErrorKind, HomelineError};
use crate::homeline::Inner;
use crate::infusion::Infusions;
use crate::messages;
use crate::moment::Moment;
use crate::ports::Change;
use crate::screen::{Emphasis, Row, Screen};
use crate::store::{Logged, Statement, Store};
use crate::{entry_screen, photo, words};
use chrono::{DateTime, Duration, NaiveDate, TimeZone, Utc};
use homeline_model::{
    AttachmentId, Entry, EntryBody, EntryId, EntryKind, InfusionMoment, OrderId, Question, Severity, Symptom,
    SymptomCourse, TimeBasis, Uuid,
};
use homeline_vault::{Direction, PageKey, TimelineQuery};
use serde::Serialize;
use std::collections::HashSet;
use std::sync::Arc;

/// The longest note, message or question, in bytes of UTF-8. About twelve printed pages.
pub const LONGEST_TEXT: usize = 64 * 1024;
/// The most entries on one page.
pub const LARGEST_PAGE: u32 = 500;
/// How far back a complaint is offered to be closed.
const OPEN_SYMPTOMS: Duration = Duration::days(14);
/// How much later than now a time may be said to be: clocks differ a little.
const FUTURE_SLACK: Duration = Duration::minutes(2);

/// Which part of the journal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JournalFilter {
    /// Only these kinds; empty is all.
    pub kinds: Vec<EntryKind>,
    /// Only what belongs to this order.
    pub order: Option<OrderId>,
    /// From this instant on.
    pub from: Option<DateTime<Utc>>,
    /// Before this instant.
    pub until: Option<DateTime<Utc>>,
}

/// A place in the journal from which a page goes on; opaque.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place(pub(crate) PageKey);

/// One page, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JournalPage {
    /// The rows as shown.
    pub rows: Vec<Row>,
    /// Where the next page begins; `None` at the end.
    #[serde(serialize_with = "place_as_text")]
    pub next: Option<Place>,
}

fn place_as_text<S: serde::Serializer>(place: &Option<Place>, serializer: S) -> Result<S::Ok, S::Error> {
    place.map(|place| place.to_string()).serialize(serializer)
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0.happened_at.timestamp_millis(), self.0.id)
    }
}

impl std::str::FromStr for Place {
    type Err = HomelineError;
    fn from_str(text: &str) -> Result<Self, HomelineError> {
        let parsed = text.split_once('.').and_then(|(at, id)| {
            let happened_at = Utc.timestamp_millis_opt(at.parse().ok()?).single()?;
            Some(Self(PageKey { happened_at, id: id.parse().ok()? }))
        });
        parsed.ok_or_else(|| {
            HomelineError::input("place", "this is not a place in the journal", "Take the one that a page ended with.")
        })
    }
}

/// The journal.
#[derive(Clone)]
pub struct Journal {
    pub(crate) inner: Arc<Inner>,
}

impl Journal {
    /// Own words. At most [`LONGEST_TEXT`] bytes. `private` stays at home: it is never sent.
    pub async fn note(&self, text: String, private: bool) -> Result<Logged, HomelineError> {
        let text = checked_text("note", text)?;
        self.log(Statement { private, ..Statement::by_hand(EntryBody::Note { text }) }).await
    }

    /// A question for the next contact with the team.
    pub async fn question(&self, text: String) -> Result<Logged, HomelineError> {
        let text = checked_text("question", text)?;
        self.log(Statement::by_hand(EntryBody::Question(Question { text }))).await
    }

    /// A complaint, or that it is not there (`present: false`). `symptom` is a key of [`crate::symptoms()`].
    pub async fn symptom(
        &self,
        symptom: String,
        present: bool,
        severity: Option<Severity>,
        note: Option<String>,
    ) -> Result<Logged, HomelineError> {
        let symptom = words::symptom_key(&symptom)?;
        let note = note.map(|note| checked_text("note", note)).transpose()?;
        self.log(Statement::by_hand(EntryBody::Symptom(Symptom { symptom, present, severity, note }))).await
    }

    /// A vital sign as typed, e.g. `37.8 C`, `100.4 F`, `118/76`, `72 kg`. A blood pressure makes two entries. The unit
    /// is kept as typed and never converted before it is compared.
    pub async fn vital(&self, text: String) -> Result<Vec<Logged>, HomelineError> {
        let vitals = words::vitals(&text)?;
        let mut logged = Vec::new();
        for vital in vitals {
            logged.push(self.log(Statement::by_hand(EntryBody::Vital(vital))).await?);
        }
        Ok(logged)
    }

    /// How a complaint went on: when it was gone, what was done about it, or both. The complaint stays as it was written.
    ///
    /// Errors: `NotFound` (no such complaint), `BadInput` (nothing said; a time before it or still to come).
    pub async fn symptom_course(
        &self,
        symptom: EntryId,
        ended_at: Option<DateTime<Utc>>,
        action: Option<String>,
    ) -> Result<Logged, HomelineError> {
        let action = action.map(|action| checked_text("action", action)).transpose()?;
        if ended_at.is_none() && action.is_none() {
            return Err(HomelineError::input("symptom", "nothing is said", "Say when it was gone, or what you did."));
        }
        let logged = self
            .inner
            .allowed(Access::Log, move |store, moment| {
                let found = store.vault()?.read(|tx| tx.entry(symptom))?;
                let Some((complaint, EntryBody::Symptom(said))) = found.map(|entry| (entry.clone(), entry.body)) else {
                    return Err(HomelineError::new(
                        ErrorKind::NotFound,
                        "symptom.missing",
                        "there is no such complaint in the journal",
                        "Take the one that is listed.",
                    ));
                };
                if let Some(ended) = ended_at {
                    not_to_come("ended", ended, moment.now)?;
                    if ended < complaint.times.happened.at {
                        return Err(HomelineError::input("ended", "it is before the begin", "Give a later time."));
                    }
                }
                let course = SymptomCourse { of: symptom, symptom: said.symptom, ended_at, action };
                let mut statement = Statement::by_hand(EntryBody::SymptomCourse(course));
                statement.order = complaint.order;
                statement.occurrence = complaint.occurrence;
                statement.infusion = complaint.infusion;
                statement.private = complaint.private;
                statement.happened_at = ended_at.map(|at| (at, TimeBasis::Typed));
                store.record(moment, statement)
            })
            .await?;
        self.inner.announce(Change::Journal);
        Ok(logged)
    }

    /// Complaints of the last days that nobody said to be gone, newest first. It is not known whether they are still there.
    pub async fn open_symptoms(&self) -> Result<Vec<Row>, HomelineError> {
        self.inner
            .allowed(Access::See("journal"), |store, moment| {
                let page = store.vault()?.timeline(&TimelineQuery {
                    kinds: vec![EntryKind::Symptom, EntryKind::SymptomCourse],
                    from: Some(moment.now - OPEN_SYMPTOMS),
                    direction: Direction::NewestFirst,
                    limit: LARGEST_PAGE,
                    ..TimelineQuery::default()
                })?;
                let ended: HashSet<EntryId> = page
                    .entries
                    .iter()
                    .filter_map(|entry| match &entry.body {
                        EntryBody::SymptomCourse(course) => course.ended_at.map(|_| course.of),
                        _ => entry.amends,
                    })
                    .collect();
                let open = page.entries.into_iter().filter(|entry| {
                    matches!(&entry.body, EntryBody::Symptom(symptom) if symptom.present) && !ended.contains(&entry.id)
                });
                rows(store, moment, &open.collect::<Vec<_>>())
            })
            .await
    }

    /// Mood, in own words.
    pub async fn mood(&self, text: String, private: bool) -> Result<Logged, HomelineError> {
        let text = checked_text("mood", text)?;
        self.log(Statement { private, ..Statement::by_hand(EntryBody::Mood { text }) }).await
    }

    /// A picture (JPEG or PNG, at most 20 MB). Place and camera data are taken out before it is sealed.
    pub async fn photo(&self, bytes: Vec<u8>, caption: Option<String>) -> Result<Logged, HomelineError> {
        let picture = photo::without_metadata(&bytes)?;
        let caption = caption.map(|caption| checked_text("caption", caption)).transpose()?;
        let logged = self
            .inner
            .allowed(Access::Log, move |store, moment| {
                store.require_plan()?;
                let attachment = AttachmentId(Uuid::new_v4());
                let content_type = picture.content_type.to_owned();
                let sealed =
                    store.vault()?.seal_attachment(attachment, &content_type, &mut picture.bytes.as_slice())?;
                let statement = Statement::by_hand(EntryBody::Photo { attachment, content_type, caption });
                store.record_photo(moment, statement, sealed, &picture.bytes)
            })
            .await?;
        self.inner.announce(Change::Journal);
        Ok(logged)
    }

    /// The sealed picture of an entry, opened.
    pub async fn picture(&self, attachment: AttachmentId) -> Result<Vec<u8>, HomelineError> {
        self.inner
            .allowed(Access::See("journal"), move |store, _| {
                let mut bytes = Vec::new();
                let mut reader = store.vault()?.open_attachment(attachment)?;
                std::io::Read::read_to_end(&mut reader, &mut bytes).map_err(|error| {
                    HomelineError::new(
                        ErrorKind::Damaged,
                        "vault.attachment",
                        format!("the picture cannot be opened ({})", error.kind()),
                        "Its entry is still there; take a new picture.",
                    )
                })?;
                Ok(bytes)
            })
            .await
    }

    /// One page, newest first. `size` is at most [`LARGEST_PAGE`].
    pub async fn timeline(
        &self,
        filter: JournalFilter,
        after: Option<Place>,
        size: u32,
    ) -> Result<JournalPage, HomelineError> {
        if size == 0 || size > LARGEST_PAGE {
            return Err(HomelineError::input(
                "size",
                format!("a page has 1 to {LARGEST_PAGE} entries"),
                "Ask for fewer.",
            ));
        }
        self.inner
            .allowed(Access::See("journal"), move |store, moment| {
                let page = store.vault()?.timeline(&TimelineQuery {
                    kinds: filter.kinds,
                    order: filter.order,
                    from: filter.from,
                    until: filter.until,
                    direction: Direction::NewestFirst,
                    after: after.map(|place| place.0),
                    limit: size,
                })?;
                let rows = rows(store, moment, &page.entries)?;
                Ok(JournalPage { rows, next: page.next.map(Place) })
            })
            .await
    }

    /// Entries in which all words occur, newest first; the last word may be only begun.
    pub async fn search(&self, words: String, limit: u32) -> Result<Vec<Row>, HomelineError> {
        if words.trim().is_empty() {
            return Err(HomelineError::input("words", "there is no word to search for", "Give at least one."));
        }
        self.inner
            .allowed(Access::See("journal"), move |store, moment| {
                let found = store.vault()?.search(&words, limit.clamp(1, LARGEST_PAGE))?;
                rows(store, moment, &found)
            })
            .await
    }

    /// One entry as it was written, and the entries that amend it, oldest first.
    pub async fn entry(&self, id: EntryId) -> Result<Option<(Entry, Vec<Entry>)>, HomelineError> {
        self.inner
            .allowed(Access::See("journal"), move |store, _| {
                Ok(store.vault()?.read(|tx| {
                    let Some(entry) = tx.entry(id)? else { return Ok(None) };
                    Ok(Some((entry, tx.amendments_of(id)?)))
                })?)
            })
            .await
    }

    /// One entry as a screen: as it was written, what was corrected later, and when, by whom and about what it is. An action
    /// `picture.open:<attachment>` stands for [`Journal::picture`].
    ///
    /// Errors: `NotFound`.
    pub async fn entry_screen(&self, id: EntryId) -> Result<Screen, HomelineError> {
        self.inner.allowed(Access::See("journal"), move |store, moment| entry_screen::screen(store, moment, id)).await
    }

    /// The first instant of a day where the phone is.
    pub async fn first_instant(&self, day: NaiveDate) -> Result<DateTime<Utc>, HomelineError> {
        let moment = self.inner.moment().await?;
        homeline_schedule::zone::day_span(&moment.here, day).map(|span| span.from).ok_or_else(|| {
            HomelineError::input("day", "this day does not exist in this zone", "Give the day before or after it.")
        })
    }

    /// A time as a person types it: `now`, `14:05` (today), `2026-11-23 14:05`, both by the clock of the place, or RFC 3339.
    pub async fn time(&self, typed: String) -> Result<DateTime<Utc>, HomelineError> {
        let moment = self.inner.moment().await?;
        let whole = || DateTime::parse_from_rfc3339(typed.trim()).ok().map(|at| at.with_timezone(&Utc));
        let now = || (typed.trim() == "now").then_some(moment.now);
        moment
            .by_the_clock(&typed)
            .or_else(whole)
            .or_else(now)
            .ok_or_else(|| HomelineError::input("time", "it is not a time", "Give it like 14:05, or 2026-11-23 14:05."))
    }

    /// How many entries there are.
    pub async fn count(&self) -> Result<u64, HomelineError> {
        self.inner.allowed(Access::See("journal"), |store, _| Ok(store.vault()?.read(|tx| tx.entry_count())?)).await
    }

    async fn log(&self, statement: Statement) -> Result<Logged, HomelineError> {
        let logged = self.inner.allowed(Access::Log, move |store, moment| store.record(moment, statement)).await?;
        self.inner.announce(Change::Journal);
        Ok(logged)
    }
}

pub(crate) fn checked_text(field: &str, text: String) -> Result<String, HomelineError> {
    if text.trim().is_empty() {
        return Err(HomelineError::input(field, "it is empty", "Write at least one word."));
    }
    if text.len() > LONGEST_TEXT {
        return Err(HomelineError::input(
            field,
            format!("it has {} kB, the most is {} kB", text.len() / 1024, LONGEST_TEXT / 1024),
            "Shorten it, or split it into several.",
        ));
    }
    Ok(text)
}

/// Entries as rows of the timeline, each with its place in the dose that it belongs to.
pub(crate) fn rows(store: &Store, moment: &Moment, entries: &[Entry]) -> Result<Vec<Row>, HomelineError> {
    let (vault, plan) = (store.vault()?, store.plan().cloned());
    let mut infusions = Infusions::default();
    entries
        .iter()
        .map(|entry| {
            let noticed = match &plan {
                Some(plan) => infusions.moment(&vault, plan, entry)?,
                None => None,
            };
            let mut row = row(moment, plan.as_deref(), entry, noticed.as_ref());
            if let Some(plan) = &plan {
                messages::question_actions(store, moment.texts, &vault, plan, entry, &mut row)?;
            }
            Ok(row)
        })
        .collect()
}

/// Errors with the field when a time is still to come.
pub(crate) fn not_to_come(field: &str, at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), HomelineError> {
    if at > now + FUTURE_SLACK {
        return Err(HomelineError::input(
            field,
            "the time is still to come",
            "Record what has happened, not what will.",
        ));
    }
    Ok(())
}

/// An entry as a row of the timeline.
pub(crate) fn row(
    moment: &Moment,
    plan: Option<&homeline_model::CarePlan>,
    entry: &Entry,
    noticed: Option<&InfusionMoment>,
) -> Row {
    let (texts, today) = (moment.texts, moment.local(moment.now).date_naive());
    let said = words::entry(texts, plan, entry);
    let mut row = Row::new(entry.id.to_string(), said.title);
    row.time = Some(texts.time(entry.times.happened.local(), today));
    row.state = said.state;
    row.details = said.details;
    row.emphasis = said.emphasis;
    row.details.extend(noticed.map(|noticed| words::infusion_moment(texts, noticed, entry.times.happened.at)));
    if entry.amends.is_some() {
        row.details.push(texts.say("journal.corrects"));
    }
    if entry.private {
        row.details.push(texts.say("journal.stays"));
    }
    if row.emphasis == Emphasis::Plain && entry.author.role != homeline_model::AuthorRole::Patient {
        row.details.push(texts.fill("journal.by", &[("name", &entry.author.name)]));
    }
    row.with_spoken_sentence()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_of_ten_megabytes_is_refused_and_the_error_says_what_to_do() {
        let error = checked_text("note", "a".repeat(10 * 1024 * 1024)).unwrap_err();
        assert_eq!(error.field.as_deref(), Some("note"));
        assert_eq!(
            error.to_string(),
            "note: it has 10240 kB, the most is 64 kB. Shorten it, or split it into several."
        );
    }

    #[test]
    fn a_place_comes_back_from_its_text() {
        let id = EntryId(Uuid::from_u128(7));
        let place = Place(PageKey { happened_at: "2026-11-23T13:00:00.123Z".parse().unwrap(), id });
        assert_eq!(place.to_string().parse::<Place>().unwrap(), place);
        assert!("yesterday".parse::<Place>().is_err());
    }
}
