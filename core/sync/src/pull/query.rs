//! One type, page by page, and the first pull by `$everything`.

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat, Utc};
use reqwest::Url;

use crate::error::SyncError;
use crate::push::encode;
use crate::store::{MirrorStore, ResourceKey, ServerMemory};
use crate::transport::Call;

use super::plan::PullQuery;
use super::{Extent, OVERLAP, Page, Run};

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
    key: &'a str,
    since: Option<DateTime<Utc>>,
    extent: Extent,
}

/// A running search.
struct Progress {
    server_time: Option<DateTime<Utc>>,
    newest_row: Option<DateTime<Utc>>,
    /// Ids of matching resources.
    seen: BTreeSet<String>,
    rows: usize,
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
            rows: 0,
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
        self.rows += page.entries;
        let seen_before = self.seen.len();
        for resource in page.resources.iter().filter(|resource| resource.key.resource_type == resource_type) {
            self.seen.insert(resource.key.id.clone());
            self.newest_row = self.newest_row.max(resource.version.last_updated);
        }
        if let Some(link) = &page.next {
            self.has_links = true;
            return Onward::Link(link.clone());
        }
        let Some(newest) = self.newest_row.filter(|_| !self.has_links) else { return Onward::End };
        let brought_nothing = self.seen.len() == seen_before;
        // A server without paging cuts the answer off at the count and says nothing.
        let is_full = page.entries >= self.per_page && self.total.is_none_or(|total| total > self.rows);
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
        let rows = self.transport.limits().page_rows;
        let first = format!("Patient/{}/$everything?_count={rows}", self.plan.patient_id());
        let mut url = self.transport.url(&first)?;
        let mut server_time = None;
        let mut brought = BTreeSet::new();
        for _ in 0..self.transport.limits().pages {
            let page = match self.fetch(url).await {
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
                url = self.transport.address().same_origin(link)?;
                self.apply(page, Vec::new(), Vec::new())?;
                continue;
            }
            let Some(time) = server_time else {
                self.apply(page, Vec::new(), Vec::new())?;
                return Ok(BTreeSet::new());
            };
            let queries = self.plan.queries().iter().filter(|query| brought.contains(query.resource_type));
            let cursors = queries.map(|query| (self.cursor_key(&self.plan.address(query)), time)).collect();
            self.apply(page, Vec::new(), cursors)?;
            return Ok(brought);
        }
        Err(SyncError::EndlessPages { resource_type: "Patient".into() })
    }

    pub(super) async fn pull_type(&mut self, query: &PullQuery, extent: Extent) -> Result<(), SyncError> {
        let address = self.plan.address(query);
        let status = match self.search(query.resource_type, &address, extent).await {
            Ok(Search::Done) => return Ok(()),
            Ok(Search::Refused(status)) => status,
            // The server stumbles over this type, or one row of it is beyond all bounds: the others go on.
            Err(SyncError::Unavailable { status: 500, .. }) => 500,
            Err(SyncError::TooLarge { .. }) => 413,
            Err(other) => return Err(other),
        };
        self.report.unreachable_types.insert(query.resource_type.to_owned(), status);
        Ok(())
    }

    /// Reads a search without cursor or deletions: for resources that are asked for by id.
    pub(super) async fn read_once(&mut self, address: &str) -> Result<Search, SyncError> {
        let mut url = self.search_url(address, None, self.transport.limits().page_rows.max(1))?;
        for _ in 0..self.transport.limits().pages {
            let page = match self.fetch(url).await? {
                Fetched::Page(page) => page,
                Fetched::Refused(status) => return Ok(Search::Refused(status)),
            };
            let next = page.next.clone();
            self.apply(page, Vec::new(), Vec::new())?;
            match next {
                Some(link) => url = self.transport.address().same_origin(&link)?,
                None => return Ok(Search::Done),
            }
        }
        Err(SyncError::EndlessPages { resource_type: address.split('?').next().unwrap_or(address).to_owned() })
    }

    /// Reads a whole search and saves its cursor with the last page.
    pub(super) async fn search(
        &mut self,
        resource_type: &str,
        address: &str,
        extent: Extent,
    ) -> Result<Search, SyncError> {
        let key = self.cursor_key(address);
        let cursor = self.store.cursor(&key)?;
        let since = cursor.filter(|_| extent == Extent::SinceCursor).map(|cursor| cursor - OVERLAP);
        let asked = Asked { resource_type, address, key: &key, since, extent };
        let mut rows = self.transport.limits().page_rows.max(1);
        let mut restarts = 0;
        while restarts < RESTARTS {
            match self.read_pages(&asked, rows).await {
                Ok(Some(ended)) => return Ok(ended),
                Ok(None) => restarts += 1,
                Err(SyncError::TooLarge { .. }) if rows > FEWEST_ROWS => rows = (rows / 4).max(FEWEST_ROWS),
                Err(other) => return Err(other),
            }
        }
        Err(SyncError::EndlessPages { resource_type: resource_type.to_owned() })
    }

    /// `None`: a page had expired, begin anew. What was stored meanwhile is recognised the next time.
    async fn read_pages(&mut self, asked: &Asked<'_>, rows: usize) -> Result<Option<Search>, SyncError> {
        let mut progress = Progress::new(rows, asked.since);
        let mut url = self.search_url(asked.address, asked.since.map(|since| ("ge", since)), rows)?;
        for at in 0..self.transport.limits().pages {
            let page = match self.fetch(url).await? {
                Fetched::Page(page) => page,
                Fetched::Refused(404 | 410) if at > 0 => return Ok(None),
                Fetched::Refused(status) => return Ok(Some(Search::Refused(status))),
            };
            match progress.take(&page, asked.resource_type) {
                Onward::Link(link) => url = self.transport.address().same_origin(&link)?,
                Onward::From(newest) => {
                    url = self.search_url(asked.address, Some(("ge", newest)), progress.per_page)?
                }
                Onward::EndUnlessAfter(newest) => {
                    let after = self.search_url(asked.address, Some(("gt", newest)), 1)?;
                    if matches!(self.fetch(after).await?, Fetched::Page(rest) if rest.entries > 0) {
                        break;
                    }
                    self.finish(asked, page, &progress)?;
                    return Ok(Some(Search::Done));
                }
                Onward::End => {
                    self.finish(asked, page, &progress)?;
                    return Ok(Some(Search::Done));
                }
            }
            if progress.per_page > rows.saturating_mul(MOST_ROWS_FACTOR) {
                break;
            }
            self.apply(page, Vec::new(), Vec::new())?;
        }
        Err(SyncError::EndlessPages { resource_type: asked.resource_type.to_owned() })
    }

    /// Applies the last page with the cursor and, after a whole read, with what is no longer there.
    fn finish(&mut self, asked: &Asked<'_>, page: Page, progress: &Progress) -> Result<(), SyncError> {
        let Asked { resource_type, key, extent, .. } = *asked;
        let previous = self.store.cursor(key)?;
        let cursor = match (progress.server_time, previous) {
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
        let mut missing = Vec::new();
        if extent == Extent::Whole {
            let held = self.store.ids(resource_type)?;
            if progress.seen.is_empty() && !held.is_empty() {
                self.report.suspiciously_empty.insert(resource_type.to_owned());
            } else {
                missing = held
                    .into_iter()
                    .filter(|id| !progress.seen.contains(id))
                    .map(|id| ResourceKey { resource_type: resource_type.to_owned(), id })
                    .collect();
            }
            self.report.deletions_checked = true;
        }
        let cursors = cursor.map(|time| (key.to_owned(), time)).into_iter().collect();
        self.apply(page, missing, cursors)
    }

    pub(super) async fn fetch(&mut self, url: Url) -> Result<Fetched, SyncError> {
        let answer = self.transport.call(Call::get(url)).await?;
        if !answer.is_success() {
            return Ok(Fetched::Refused(answer.status));
        }
        self.report.pages += 1;
        Page::read(&answer.body)
            .map(Fetched::Page)
            .ok_or_else(|| SyncError::NotFhir { status: answer.status, content_type: NO_BUNDLE.into() })
    }

    fn search_url(&self, address: &str, bound: Option<(&str, DateTime<Utc>)>, rows: usize) -> Result<Url, SyncError> {
        let mut relative = format!("{address}&_sort=_lastUpdated&_count={rows}");
        if let Some((comparison, time)) = bound {
            let time = time.to_rfc3339_opts(SecondsFormat::Millis, true);
            relative.push_str(&format!("&_lastUpdated={}", encode(&format!("{comparison}{time}"))));
        }
        self.transport.url(&relative)
    }
}
