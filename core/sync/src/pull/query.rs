//! One type, page by page, and the first pull by `$everything`.

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::error::SyncError;
use crate::push::encode;
use crate::store::{MirrorStore, ServerMemory};

use super::plan::PullQuery;
use super::{BEGINNING, Beside, OVERLAP, Page, Run, begun, so_far};

/// Times that a search is begun anew because its pages expired on the server.
const RESTARTS: usize = 3;
/// Fewest rows asked for per page when pages turn out too large.
const FEWEST_ROWS: usize = 10;

/// In place of a media type: JSON came, and it is no Bundle.
pub(super) const NO_BUNDLE: &str = "JSON, no Bundle";
/// By how much a page may grow for rows of one instant.
const MOST_ROWS_FACTOR: usize = 64;

/// How a search ended.
pub(super) enum Search {
    /// All pages were read.
    Done,
    /// The server refused the search.
    Refused(u16),
}

/// One page, or why there is none.
pub(super) enum Fetched {
    Page(Page),
    Refused(u16),
}

/// One search, as it was asked.
struct Asked<'a> {
    resource_type: &'a str,
    address: &'a str,
    since: Option<DateTime<Utc>>,
    purpose: Purpose<'a>,
}

/// What the pages of a search are for.
#[derive(Clone, Copy)]
enum Purpose<'a> {
    /// The rows are stored, and the cursor of this key with them.
    Rows { key: &'a str },
    /// Only which ids there are.
    Ids,
}

/// A running search.
pub(super) struct Progress {
    pub(super) server_time: Option<DateTime<Utc>>,
    newest_row: Option<DateTime<Utc>>,
    /// Ids of matching resources.
    pub(super) seen: BTreeSet<String>,
    /// Every row so far was as new as the one before it, or newer: what lies behind the newest is read.
    is_sorted: bool,
    total: Option<usize>,
    per_page: usize,
    /// A page had a link to the next: where the links end, the rows end.
    has_links: bool,
    asked_from: Option<DateTime<Utc>>,
    /// A full page of rows of one instant brought nothing new.
    is_stuck: bool,
}

/// Where a search goes on.
enum Onward {
    Link(String),
    /// The server does not page: ask from the last row on.
    From(DateTime<Utc>),
    /// The end, unless there are rows after this instant: then the server caps its answers below what is asked.
    EndUnlessAfter(DateTime<Utc>),
    End,
}

impl Progress {
    fn new(per_page: usize, since: Option<DateTime<Utc>>) -> Self {
        Self {
            server_time: None,
            newest_row: None,
            seen: BTreeSet::new(),
            is_sorted: true,
            total: None,
            per_page,
            has_links: false,
            asked_from: since,
            is_stuck: false,
        }
    }

    /// Notes a page and says where to go on.
    fn take(&mut self, page: &Page, resource_type: &str) -> Onward {
        self.server_time = self.server_time.or(page.server_time);
        self.total = self.total.or(page.total);
        let seen_before = self.seen.len();
        for resource in page.resources.iter().filter(|resource| resource.key.resource_type == resource_type) {
            self.seen.insert(resource.key.id.clone());
            self.is_sorted &=
                resource.version.last_updated.is_some() && resource.version.last_updated >= self.newest_row;
            self.newest_row = self.newest_row.max(resource.version.last_updated);
        }
        if let Some(link) = &page.next {
            self.has_links = true;
            return Onward::Link(link.clone());
        }
        let Some(newest) = self.newest_row.filter(|_| !self.has_links) else { return Onward::End };
        let brought_nothing = self.seen.len() == seen_before;
        // A server without paging cuts the answer off at the count and says nothing.
        let is_full = page.entries >= self.per_page && self.total.is_none_or(|total| total > self.seen.len());
        if !is_full {
            return if self.is_stuck && brought_nothing { Onward::EndUnlessAfter(newest) } else { Onward::End };
        }
        self.is_stuck = brought_nothing && self.asked_from == Some(newest);
        if self.is_stuck {
            // More rows share one instant than a page holds.
            self.per_page = self.per_page.saturating_mul(2);
        }
        self.asked_from = Some(newest);
        Onward::From(newest)
    }
}

impl<S> Run<'_, S>
where
    S: MirrorStore + ServerMemory + ?Sized,
{
    /// Everything about the patient in one go, where the server offers it. Answers the types it brought: these have
    /// their cursor, saved with the last page. A type that did not come may be empty or may be left out by this
    /// server; its own search tells.
    pub(super) async fn first_pull(&mut self) -> Result<BTreeSet<&'static str>, SyncError> {
        let begun = self.cursor_key("everything");
        if self.store.cursor(&begun)?.is_some() {
            // It was cut short, and cannot go on in the middle: the searches can.
            return Ok(BTreeSet::new());
        }
        let rows = self.transport.limits().page_rows;
        let mut address = format!("{}/$everything?_count={rows}", self.patient_address());
        let mut server_time = None;
        let mut brought = BTreeSet::new();
        for _ in 0..self.transport.limits().pages {
            let page = match self.fetch(&address).await {
                Ok(Fetched::Page(page)) => page,
                // Not offered, too much at once, or its pages expired: the searches that follow do it all.
                Ok(Fetched::Refused(_))
                | Err(SyncError::TooLarge { .. } | SyncError::Unavailable { status: 500, .. }) => {
                    return Ok(BTreeSet::new());
                }
                Err(other) => return Err(other),
            };
            server_time = server_time.or(page.server_time);
            let queries = self.plan.queries().iter().filter(|query| query.in_compartment);
            brought.extend(queries.map(|query| query.resource_type).filter(|resource_type| {
                page.resources.iter().any(|resource| resource.key.resource_type == *resource_type)
            }));
            if let Some(link) = page.next.as_deref() {
                address = self.transport.address().same_origin(link)?.into();
                let cursors = vec![(begun.clone(), server_time.unwrap_or(BEGINNING))];
                self.apply(page, Beside { cursors, ..Beside::default() })?;
                continue;
            }
            let Some(time) = server_time else {
                self.apply(page, Beside::default())?;
                return Ok(BTreeSet::new());
            };
            let queries = self.plan.queries().iter().filter(|query| brought.contains(query.resource_type));
            let cursors = queries.map(|query| (self.cursor_key(&self.plan.address(query)), time)).collect();
            self.apply(page, Beside { cursors, ..Beside::default() })?;
            return Ok(brought);
        }
        Err(SyncError::EndlessPages { resource_type: "Patient".into() })
    }

    pub(super) async fn pull_type(&mut self, query: &PullQuery) -> Result<(), SyncError> {
        let address = self.plan.address(query);
        let ended = self.search(query.resource_type, &address).await;
        self.note_unreachable(query.resource_type, ended)
    }

    /// A type that cannot be read does not keep the others away.
    pub(super) fn note_unreachable(
        &mut self,
        resource_type: &str,
        ended: Result<Search, SyncError>,
    ) -> Result<(), SyncError> {
        let status = match ended {
            Ok(Search::Done) => return Ok(()),
            Ok(Search::Refused(status)) => status,
            // The server stumbles over this type, or one row of it is beyond all bounds: the others go on.
            Err(SyncError::Unavailable { status: 500, .. }) => 500,
            Err(SyncError::TooLarge { .. }) => 413,
            Err(other) => return Err(other),
        };
        self.report.unreachable_types.insert(resource_type.to_owned(), status);
        Ok(())
    }

    /// Reads a search without cursor or deletions: for resources that are asked for by id.
    pub(super) async fn read_once(&mut self, address: &str) -> Result<Search, SyncError> {
        let mut onward = search_address(address, None, self.transport.limits().page_rows.max(1));
        for _ in 0..self.transport.limits().pages {
            let page = match self.fetch(&onward).await? {
                Fetched::Page(page) => page,
                Fetched::Refused(status) => return Ok(Search::Refused(status)),
            };
            let next = page.next.clone();
            self.apply(page, Beside::default())?;
            match next {
                Some(link) => onward = self.transport.address().same_origin(&link)?.into(),
                None => return Ok(Search::Done),
            }
        }
        Err(SyncError::EndlessPages { resource_type: address.split('?').next().unwrap_or(address).to_owned() })
    }

    /// From when on a search asks: the overlap before its cursor, or the last row that was stored of a search that was
    /// cut short. No overlap there: the cursor will be the time at which the first try began, and the overlap before that.
    pub(super) fn since(&self, key: &str) -> Result<Option<DateTime<Utc>>, SyncError> {
        Ok(self.cursor(key)?.map(|time| time - OVERLAP).max(self.cursor(&so_far(key))?))
    }

    /// Reads a whole search and saves its cursor with the last page.
    pub(super) async fn search(&mut self, resource_type: &str, address: &str) -> Result<Search, SyncError> {
        let key = self.cursor_key(address);
        let since = self.since(&key)?;
        let asked = Asked { resource_type, address, since, purpose: Purpose::Rows { key: &key } };
        let (ended, progress, page) = self.read_pages(&asked, self.transport.limits().page_rows.max(1)).await?;
        if matches!(ended, Search::Done) {
            self.finish(&key, page, &progress)?;
        }
        Ok(ended)
    }

    /// Reads which ids a search finds.
    pub(super) async fn read_ids(
        &mut self,
        resource_type: &str,
        address: &str,
        rows: usize,
    ) -> Result<(Search, Progress), SyncError> {
        let asked = Asked { resource_type, address, since: None, purpose: Purpose::Ids };
        let (ended, progress, _) = self.read_pages(&asked, rows).await?;
        Ok((ended, progress))
    }

    /// Reads pages until the last, which is answered and not stored yet. Begins anew when pages expire, and with smaller
    /// ones when they are too large.
    async fn read_pages(&mut self, asked: &Asked<'_>, rows: usize) -> Result<(Search, Progress, Page), SyncError> {
        let mut rows = rows;
        let mut restarts = 0;
        while restarts < RESTARTS {
            let mut progress = Progress::new(rows, asked.since);
            match self.read_on(asked, rows, &mut progress).await {
                Ok(Some((ended, page))) => return Ok((ended, progress, page)),
                Ok(None) => restarts += 1,
                Err(SyncError::TooLarge { .. }) if rows > FEWEST_ROWS => rows = (rows / 4).max(FEWEST_ROWS),
                Err(other) => return Err(other),
            }
        }
        Err(SyncError::EndlessPages { resource_type: asked.resource_type.to_owned() })
    }

    /// `None`: a page had expired, begin anew. What was stored meanwhile is recognised the next time.
    async fn read_on(
        &mut self,
        asked: &Asked<'_>,
        rows: usize,
        progress: &mut Progress,
    ) -> Result<Option<(Search, Page)>, SyncError> {
        let mut onward = search_address(asked.address, asked.since.map(|since| ("ge", since)), rows);
        for at in 0..self.transport.limits().pages {
            let page = match self.fetch(&onward).await? {
                Fetched::Page(page) => page,
                Fetched::Refused(404 | 410) if at > 0 => return Ok(None),
                Fetched::Refused(status) => return Ok(Some((Search::Refused(status), Page::default()))),
            };
            match progress.take(&page, asked.resource_type) {
                Onward::Link(link) => onward = self.transport.address().same_origin(&link)?.into(),
                Onward::From(newest) => {
                    onward = search_address(asked.address, Some(("ge", newest)), progress.per_page);
                }
                Onward::EndUnlessAfter(newest) => {
                    let after = search_address(asked.address, Some(("gt", newest)), 1);
                    if matches!(self.fetch(&after).await?, Fetched::Page(rest) if rest.entries > 0) {
                        break;
                    }
                    return Ok(Some((Search::Done, page)));
                }
                Onward::End => return Ok(Some((Search::Done, page))),
            }
            if progress.per_page > rows.saturating_mul(MOST_ROWS_FACTOR) {
                break;
            }
            if let Purpose::Rows { key } = asked.purpose {
                let mark = progress.newest_row.filter(|_| progress.is_sorted);
                // A server that turns out not to sort: what was noted before says nothing.
                let mut cursors = vec![(so_far(key), mark.unwrap_or(BEGINNING))];
                if let (None, Some(now)) = (self.cursor(&begun(key))?, progress.server_time) {
                    cursors.push((begun(key), now));
                }
                self.apply(page, Beside { cursors, ..Beside::default() })?;
            }
        }
        Err(SyncError::EndlessPages { resource_type: asked.resource_type.to_owned() })
    }

    /// Applies the last page with the cursor.
    fn finish(&mut self, key: &str, page: Page, progress: &Progress) -> Result<(), SyncError> {
        let previous = self.cursor(key)?;
        let begun_at = self.cursor(&begun(key))?;
        let cursor = match (begun_at.or(progress.server_time), previous) {
            (Some(now), Some(previous)) if now + OVERLAP < previous => {
                // The server's clock went back further than the overlap reaches.
                self.report.server_restored = true;
                Some(now)
            }
            (Some(now), Some(previous)) => Some(now.max(previous)),
            (Some(now), None) => Some(now),
            // No time of the server's own: only its rows tell it. Never a proxy's Date.
            (None, previous) => progress.newest_row.max(previous),
        };
        let mut cursors: Vec<_> = cursor.map(|time| (key.to_owned(), time)).into_iter().collect();
        if begun_at.is_some() || self.cursor(&so_far(key))?.is_some() {
            cursors.extend([(so_far(key), BEGINNING), (begun(key), BEGINNING)]);
        }
        self.apply(page, Beside { cursors, ..Beside::default() })
    }

    pub(super) async fn fetch(&mut self, address: &str) -> Result<Fetched, SyncError> {
        let answer = self.get(address).await?;
        if !answer.is_success() {
            return Ok(Fetched::Refused(answer.status));
        }
        self.report.pages += 1;
        let page = Page::read(&answer.body)
            .ok_or_else(|| SyncError::NotFhir { status: answer.status, content_type: NO_BUNDLE.into() })?;
        self.server_now = self.server_now.max(page.server_time);
        Ok(Fetched::Page(page))
    }
}

/// The address of a search, relative to the base.
pub(super) fn search_address(address: &str, bound: Option<(&str, DateTime<Utc>)>, rows: usize) -> String {
    let mut relative = format!("{address}&_sort=_lastUpdated&_count={rows}");
    if let Some((comparison, time)) = bound {
        let time = time.to_rfc3339_opts(SecondsFormat::Millis, true);
        relative.push_str(&format!("&_lastUpdated={}", encode(&format!("{comparison}{time}"))));
    }
    relative
}
