//! Fetching what is new.
//!
//! Each type has a cursor in server time. A search asks from the cursor minus an overlap of ten minutes, because a
//! server stamps a transaction when it begins and shows it when it commits: asking from the newest row seen lost
//! 400 of 423 rows of a real server, four times out of four. What the overlap brings again is recognised by version
//! and costs nothing. The cursor is the server's time of the first page and is saved together with the rows of the
//! last.
//!
//! Deletions come from the history where a server offers one, and from a full pull where it does not. A server that
//! was put back from a backup is noticed (the newest row we know is missing or older there) and read anew in full.
//! A search that comes back empty is no proof that everything was deleted: that is taken for lost rights, and
//! nothing is removed.

mod deletions;
mod follow;
mod page;
mod plan;
mod query;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use crate::error::SyncError;
use crate::outcome::Outcome;
use crate::store::{KnownVersion, MirrorPage, MirrorStore, MirroredResource, ResourceKey, ServerMemory};
use crate::transport::{Call, Transport};

pub use plan::PullPlan;
pub(crate) use plan::is_id;

use page::Page;

/// How far behind the cursor a search begins. Ten minutes is longer than any transaction of a server that still
/// answers.
const OVERLAP: TimeDelta = TimeDelta::minutes(10);

/// How far a pull came.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PullReport {
    /// Resources stored because they are new or of another version.
    pub new_or_changed: usize,
    /// Resources removed because the server no longer has them.
    pub deleted: usize,
    /// Resources that came again and were known.
    pub already_known: usize,
    /// Entries kept raw because they have no readable type or id.
    pub unreadable: usize,
    /// Pages read.
    pub pages: usize,
    /// Everything was read, not only what changed.
    pub full: bool,
    /// The server seems to have been put back from a backup; everything was read again.
    pub server_restored: bool,
    /// Deletions were looked for: by history or by a full pull.
    pub deletions_checked: bool,
    /// Types that could not be searched, with the HTTP status.
    pub unreachable_types: BTreeMap<String, u16>,
    /// Types that came back empty although we hold some; nothing of them was removed.
    pub suspiciously_empty: BTreeSet<String>,
    /// Why it ended early; `None` when it came to its end.
    pub stopped: Option<SyncError>,
}

pub(crate) async fn run<S>(transport: &Transport, plan: &PullPlan, store: &S) -> PullReport
where
    S: MirrorStore + ServerMemory + ?Sized,
{
    let mut run = Run { transport, store, plan, report: PullReport::default(), referenced: BTreeSet::new() };
    let ended = run.everything().await;
    run.report.stopped = ended.err();
    run.report
}

struct Run<'a, S: ?Sized> {
    transport: &'a Transport,
    store: &'a S,
    plan: &'a PullPlan,
    report: PullReport,
    /// Followed resources that something pulled refers to.
    referenced: BTreeSet<ResourceKey>,
}

/// How to read the types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// From the cursors on.
    SinceCursor,
    /// Everything, and what does not come is removed.
    Whole,
}

impl<S> Run<'_, S>
where
    S: MirrorStore + ServerMemory + ?Sized,
{
    async fn everything(&mut self) -> Result<(), SyncError> {
        self.check_access().await?;
        self.report.server_restored = self.newest_is_missing().await?;
        let deletions_from = self.oldest_cursor()?;
        let whole = self.plan.is_full() || self.report.server_restored;
        let is_first = deletions_from.is_none() && !whole;
        let brought = if is_first { self.first_pull().await? } else { BTreeSet::new() };
        self.report.full = is_first;
        self.all_types(if whole { Extent::Whole } else { Extent::SinceCursor }, &brought).await?;
        if self.report.server_restored && !whole {
            // Noticed on the way: what was read from the cursors on cannot be all.
            self.all_types(Extent::Whole, &BTreeSet::new()).await?;
        }
        self.follow_references().await?;
        self.find_deletions(deletions_from).await
    }

    /// Reads the Patient: is the record still open to this sign-in?
    async fn check_access(&mut self) -> Result<(), SyncError> {
        let url = self.transport.url(&format!("Patient/{}", self.plan.patient_id()))?;
        let answer = self.transport.call(Call::get(url)).await?;
        match answer.status {
            200..=299 => Ok(()),
            403 | 404 | 410 => Err(SyncError::AccessLost { status: answer.status }),
            status => Err(SyncError::Refused { status, outcome: Outcome::parse(&answer.body) }),
        }
    }

    /// Whether the server no longer has, or has an older state of, the newest row that we know.
    async fn newest_is_missing(&mut self) -> Result<bool, SyncError> {
        let Some((key, known)) = self.store.newest()? else { return Ok(false) };
        let url = self.transport.url(&format!("{}/{}", key.resource_type, key.id))?;
        let answer = self.transport.call(Call::get(url)).await?;
        Ok(match answer.status {
            200..=299 => std::str::from_utf8(&answer.body)
                .ok()
                .and_then(page::read_resource)
                .is_some_and(|held| is_older(&held.version, &known)),
            404 => true,
            _ => false,
        })
    }

    fn cursor_key(&self, what: &str) -> String {
        format!("{} {what}", self.transport.address().as_str())
    }

    fn oldest_cursor(&self) -> Result<Option<DateTime<Utc>>, SyncError> {
        let mut oldest = None;
        for query in self.plan.queries() {
            let cursor = self.store.cursor(&self.cursor_key(&self.plan.address(query)))?;
            oldest = match (oldest, cursor) {
                (Some(a), Some(b)) => Some(std::cmp::min::<DateTime<Utc>>(a, b)),
                (a, b) => a.or(b),
            };
        }
        Ok(oldest)
    }

    async fn all_types(&mut self, extent: Extent, already: &BTreeSet<&str>) -> Result<(), SyncError> {
        self.report.full |= extent == Extent::Whole;
        for query in self.plan.queries().iter().filter(|query| !already.contains(query.resource_type)) {
            self.pull_type(query, extent).await?;
        }
        Ok(())
    }

    /// Stores what of a page is new, with its cursors, in one transaction.
    fn apply(
        &mut self,
        page: Page,
        deletions: Vec<ResourceKey>,
        cursors: Vec<(String, DateTime<Utc>)>,
    ) -> Result<(), SyncError> {
        // A page that repeats a resource (history, or a server's slip) counts with its last state.
        let mut latest: BTreeMap<ResourceKey, MirroredResource> = BTreeMap::new();
        for resource in page.resources {
            follow::collect(&resource, &mut self.referenced);
            match latest.get(&resource.key) {
                Some(other) if is_older(&resource.version, &other.version) => {}
                _ => {
                    latest.insert(resource.key.clone(), resource);
                }
            }
        }
        let keys: Vec<ResourceKey> = latest.keys().cloned().collect();
        let known = self.store.known(&keys)?;
        let mut resources = Vec::new();
        for (resource, known) in latest.into_values().zip(known) {
            match known {
                Some(known) if is_same(&resource.version, &known) => self.report.already_known += 1,
                Some(known) if is_older(&resource.version, &known) => {
                    self.report.server_restored = true;
                    resources.push(resource);
                }
                _ => resources.push(resource),
            }
        }
        self.report.new_or_changed += resources.len();
        self.report.unreadable += page.unreadable.len();
        self.report.deleted += deletions.len();
        let page = MirrorPage { resources, unreadable: page.unreadable, deletions, cursors };
        if page != MirrorPage::default() {
            self.store.apply(&page)?;
        }
        Ok(())
    }
}

/// The same version: by id and time, because version numbers start anew on another server.
fn is_same(offered: &KnownVersion, known: &KnownVersion) -> bool {
    (offered.version_id.is_some() || offered.last_updated.is_some())
        && offered.version_id == known.version_id
        && (offered.last_updated == known.last_updated || known.last_updated.is_none())
}

/// Older than what is known: only a server that went back in time has that.
fn is_older(offered: &KnownVersion, known: &KnownVersion) -> bool {
    match (offered.last_updated, known.last_updated) {
        (Some(offered), Some(known)) => offered < known,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(id: &str, seconds: i64) -> KnownVersion {
        KnownVersion { version_id: Some(id.into()), last_updated: DateTime::from_timestamp(seconds, 0) }
    }

    #[test]
    fn a_version_number_of_another_server_is_not_the_same_version() {
        assert!(is_same(&version("1", 10), &version("1", 10)));
        assert!(!is_same(&version("1", 11), &version("1", 10)));
        assert!(!is_same(&KnownVersion::default(), &KnownVersion::default()));
    }

    #[test]
    fn our_own_write_is_known_by_its_version_even_when_its_time_was_not_told() {
        assert!(is_same(&version("1", 10), &KnownVersion { version_id: Some("1".into()), last_updated: None }));
    }

    #[test]
    fn only_a_server_that_went_back_has_older_rows() {
        assert!(is_older(&version("1", 9), &version("2", 10)));
        assert!(!is_older(&version("3", 10), &version("2", 10)));
    }
}
