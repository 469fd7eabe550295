//! What the report is made from: plan, agenda and journal of its days, with nothing in it that nobody agreed to show.

use super::consent::{Allowed, Consent, allowed};
use super::document::{Picture, moment_words};
use crate::agenda::{self, STATEMENTS_BEFORE};
use crate::error::HomelineError;
use crate::infusions::run::{Run, recorded, runs};
use crate::moment::Moment;
use crate::store::Store;
use chrono::{DateTime, Duration, FixedOffset, NaiveDate, Utc};
use homeline_model::{AttachmentId, Author, CarePlan, Entry, EntryBody, EntryKind};
use homeline_schedule::{Adherence, AgendaItem, AgendaKind, Span, adherence};
use homeline_vault::{Direction, TimelineQuery};
use std::sync::Arc;

/// The most pictures in one report: what stands side by side on paper.
const PICTURES: usize = 4;
/// How far the report looks ahead for planned doses, to set beside what comes.
pub(crate) const AHEAD: Duration = Duration::days(14);

/// Everything that the sections are made from.
pub(crate) struct Material {
    pub(crate) plan: Arc<CarePlan>,
    pub(crate) moment: Moment,
    /// Who writes the report.
    pub(crate) me: Author,
    pub(crate) from: NaiveDate,
    pub(crate) to: NaiveDate,
    /// The instants of these days.
    pub(crate) span: Span,
    /// What was planned in these days.
    pub(crate) items: Vec<AgendaItem>,
    /// Doses and their counts.
    pub(crate) adherence: Adherence,
    /// What is planned after now.
    pub(crate) ahead: Vec<AgendaItem>,
    /// The journal of these days, oldest first, in the newest wording.
    pub(crate) entries: Vec<Entry>,
    /// Infusions by pumps and by looks at devices.
    pub(crate) runs: Vec<Run>,
    /// Oldest first.
    pub(crate) pictures: Vec<Picture>,
    /// How many pictures there are in these days.
    pub(crate) pictures_taken: usize,
    pub(crate) consent: Consent,
    pub(crate) private_left_out: usize,
    pub(crate) notes_left_out: usize,
    /// The care team's server.
    pub(crate) server: Option<String>,
}

impl Material {
    /// Reads the last `days` days with today.
    pub(crate) fn gather(store: &Store, moment: &Moment, days: u32, consent: Consent) -> Result<Self, HomelineError> {
        let moment = &Moment { texts: super::sections::LANGUAGE, ..moment.clone() };
        let plan = store.require_plan()?;
        let me = store.author(&plan);
        let to = moment.local(moment.now).date_naive();
        let from = to - Duration::days(i64::from(days) - 1);
        let day = |date| homeline_schedule::zone::day_span(&moment.here, date);
        let span =
            Span::new(day(from).map_or(moment.now, |span| span.from), day(to).map_or(moment.now, |span| span.to));
        let doses = agenda::dose_entries(store, span.from - STATEMENTS_BEFORE)?;
        let doses = without_private(doses, consent);
        let items = agenda::view_of(store, moment, span, &doses)?.agenda.items;
        let ahead = agenda::view_of(store, moment, Span::new(moment.now, moment.now + AHEAD), &doses)?.agenda.items;
        let Allowed { entries, private_left_out, notes_left_out } =
            allowed(entries_between(store, span.from, span.to)?, consent, &me);
        let photos: Vec<&Entry> = entries.iter().filter(|entry| entry.kind() == EntryKind::Photo).collect();
        let pictures_taken = photos.len();
        let pictures = chosen(&photos).into_iter().filter_map(|entry| picture(store, entry).transpose());
        let pictures = pictures.collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            adherence: adherence(&items, &moment.here, moment.now),
            runs: runs(&plan, &items, &recorded(&entries), &entries, moment),
            plan,
            moment: moment.clone(),
            me,
            from,
            to,
            span,
            items,
            ahead,
            entries,
            pictures,
            pictures_taken,
            consent,
            private_left_out,
            notes_left_out,
            server: store.profile.server.clone(),
        })
    }

    /// The clock on the wall where the phone is.
    pub(crate) fn local(&self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        self.moment.local(at)
    }

    /// Entries of some kinds, oldest first.
    pub(crate) fn of_kinds(&self, kinds: &'static [EntryKind]) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| kinds.contains(&entry.kind()))
    }

    /// Drugs that were to be given by now, pre-medication with them.
    pub(crate) fn doses(&self) -> impl Iterator<Item = &AgendaItem> {
        self.items.iter().filter(|item| {
            item.start <= self.moment.now && matches!(item.kind, AgendaKind::Medication | AgendaKind::Premedication)
        })
    }
}

/// Statements about doses without the private ones. The chain of corrections is the schedule's to follow, so nothing else
/// is taken out here.
fn without_private(mut entries: Vec<Entry>, consent: Consent) -> Vec<Entry> {
    entries.retain(|entry| consent.private_entries || !entry.private);
    entries
}

fn entries_between(store: &Store, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<Entry>, HomelineError> {
    let query = TimelineQuery {
        from: Some(from),
        until: Some(to),
        direction: Direction::OldestFirst,
        ..TimelineQuery::default()
    };
    Ok(store.vault()?.read(|tx| tx.timeline_whole(query))?)
}

/// The first and the newest, and between them those that lie evenly: how it changed is what the nurse looks for.
fn chosen<'a>(photos: &[&'a Entry]) -> Vec<&'a Entry> {
    let last = photos.len().saturating_sub(1);
    if photos.len() <= PICTURES {
        return photos.to_vec();
    }
    (0..PICTURES).filter_map(|place| photos.get(place * last / (PICTURES - 1)).copied()).collect()
}

fn picture(store: &Store, entry: &Entry) -> Result<Option<Picture>, HomelineError> {
    let EntryBody::Photo { attachment, content_type, caption } = &entry.body else { return Ok(None) };
    let shows = caption.as_deref().unwrap_or("Picture");
    Ok(Some(Picture {
        attachment: *attachment,
        content_type: content_type.clone(),
        caption: format!("{}: {shows}", moment_words(entry.times.happened.local())),
        bytes: Arc::new(opened(store, *attachment)?),
    }))
}

fn opened(store: &Store, attachment: AttachmentId) -> Result<Vec<u8>, HomelineError> {
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut store.vault()?.open_attachment(attachment)?, &mut bytes).map_err(|error| {
        HomelineError::new(
            crate::ErrorKind::Damaged,
            "vault.attachment",
            format!("a picture cannot be opened ({})", error.kind()),
            "Its entry is still there.",
        )
    })?;
    Ok(bytes)
}
