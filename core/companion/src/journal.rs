//! The journal: writing things down, and reading them again.

use crate::error::HomelineError;
use crate::homeline::Inner;
use crate::ports::Change;
use crate::screen::{Emphasis, Row};
use crate::store::{Logged, Statement};
use crate::{photo, words};
use chrono::{DateTime, FixedOffset, NaiveDate, TimeZone, Utc};
use homeline_model::{
    AttachmentId, Entry, EntryBody, EntryId, EntryKind, OrderId, Question, Severity, SiteFinding, Symptom, Uuid,
};
use homeline_vault::{Direction, PageKey, TimelineQuery};
use serde::Serialize;
use std::sync::Arc;

/// The longest note, message or question, in bytes of UTF-8. About twelve printed pages.
pub const LONGEST_TEXT: usize = 64 * 1024;
/// The most entries on one page.
pub const LARGEST_PAGE: u32 = 500;

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

    /// The site was looked at. Questions that were not answered are left out.
    pub async fn site_check(&self, findings: Vec<SiteFinding>) -> Result<Logged, HomelineError> {
        for finding in &findings {
            words::site_finding(&finding.finding)?;
        }
        self.log(Statement::by_hand(EntryBody::SiteCheck { findings, photos: Vec::new() })).await
    }

    /// A picture (JPEG or PNG, at most 20 MB). Place and camera data are taken out before it is sealed.
    pub async fn photo(&self, bytes: Vec<u8>, caption: Option<String>) -> Result<Logged, HomelineError> {
        let picture = photo::without_metadata(&bytes)?;
        let caption = caption.map(|caption| checked_text("caption", caption)).transpose()?;
        let logged = self
            .inner
            .with_store(move |store, moment| {
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
            .with_store(move |store, _| {
                let mut bytes = Vec::new();
                let mut reader = store.vault()?.open_attachment(attachment)?;
                std::io::Read::read_to_end(&mut reader, &mut bytes).map_err(|error| {
                    HomelineError::new(
                        crate::ErrorKind::Damaged,
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
            .with_store(move |store, moment| {
                let page = store.vault()?.timeline(&TimelineQuery {
                    kinds: filter.kinds,
                    order: filter.order,
                    from: filter.from,
                    until: filter.until,
                    direction: Direction::NewestFirst,
                    after: after.map(|place| place.0),
                    limit: size,
                })?;
                let today = moment.local(moment.now).date_naive();
                let rows = page.entries.iter().map(|entry| row(store.plan().map(|p| &**p), entry, today)).collect();
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
            .with_store(move |store, moment| {
                let today = moment.local(moment.now).date_naive();
                let found = store.vault()?.search(&words, limit.clamp(1, LARGEST_PAGE))?;
                Ok(found.iter().map(|entry| row(store.plan().map(|p| &**p), entry, today)).collect())
            })
            .await
    }

    /// One entry as it was written, and the entries that amend it, oldest first.
    pub async fn entry(&self, id: EntryId) -> Result<Option<(Entry, Vec<Entry>)>, HomelineError> {
        self.inner
            .with_store(move |store, _| {
                Ok(store.vault()?.read(|tx| {
                    let Some(entry) = tx.entry(id)? else { return Ok(None) };
                    Ok(Some((entry, tx.amendments_of(id)?)))
                })?)
            })
            .await
    }

    /// The first instant of a day where the phone is.
    pub async fn first_instant(&self, day: NaiveDate) -> Result<DateTime<Utc>, HomelineError> {
        let moment = self.inner.moment().await?;
        homeline_schedule::zone::day_span(&moment.here, day).map(|span| span.from).ok_or_else(|| {
            HomelineError::input("day", "this day does not exist in this zone", "Give the day before or after it.")
        })
    }

    /// How many entries there are.
    pub async fn count(&self) -> Result<u64, HomelineError> {
        self.inner.with_store(|store, _| Ok(store.vault()?.read(|tx| tx.entry_count())?)).await
    }

    async fn log(&self, statement: Statement) -> Result<Logged, HomelineError> {
        let logged = self.inner.with_store(move |store, moment| store.record(moment, statement)).await?;
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

/// An entry as a row of the timeline.
pub(crate) fn row(plan: Option<&homeline_model::CarePlan>, entry: &Entry, today: NaiveDate) -> Row {
    let said = words::entry(plan, entry);
    let mut row = Row::new(entry.id.to_string(), said.title);
    row.time = Some(time_shown(entry.times.happened.local(), today));
    row.state = said.state;
    row.details = said.details;
    row.emphasis = said.emphasis;
    if entry.amends.is_some() {
        row.details.push("Corrects an earlier entry.".to_owned());
    }
    if entry.private {
        row.details.push("Stays at home.".to_owned());
    }
    if row.emphasis == Emphasis::Plain && entry.author.role != homeline_model::AuthorRole::Patient {
        row.details.push(format!("By {}.", entry.author.name));
    }
    row.with_spoken_sentence()
}

/// `14:05` today, `Mon 23 Nov 14:05` on any other day.
pub(crate) fn time_shown(at: DateTime<FixedOffset>, today: NaiveDate) -> String {
    if at.date_naive() == today { at.format("%H:%M").to_string() } else { at.format("%a %-d %b %H:%M").to_string() }
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

    #[test]
    fn another_day_is_named() {
        let at = DateTime::parse_from_rfc3339("2026-11-23T08:05:00-06:00").unwrap();
        assert_eq!(time_shown(at, at.date_naive()), "08:05");
        assert_eq!(time_shown(at, at.date_naive().succ_opt().unwrap()), "Mon 23 Nov 08:05");
    }
}
