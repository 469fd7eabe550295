//! Fetching what is new.
//!
//! Each type has a cursor in server time. A search asks from the cursor minus an overlap of ten minutes, because a
//! server stamps a transaction when it begins and shows it when it commits: asking from the newest row seen lost
//! 400 of 423 rows of a real server, four times out of four. What the overlap brings again is recognised by version
//! and costs nothing. The cursor is the server's time of the first page and is saved together with the rows of the
//! last. A search that is cut short goes on behind the last page that was stored, as long as the server sorts.
//!
//! When there are cursors already, all of it is asked in one batch, so that a pull with nothing new is one request.
//! A server that offers no batch is asked one by one.
//!
//! Deletions come from the history where a server offers a short one, and from a comparison of ids where it does not. A
//! server that was put back from a backup is noticed (the newest row we know is missing or older there): it is read
//! anew in full, and what it lost of ours waits to be sent again. A search that comes back empty is no proof that
//! everything was deleted: that is taken for lost rights, and nothing is removed.

mod deletions;
mod follow;
mod page;
mod plan;
mod prefetch;
mod query;
mod restored;
mod sweep;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Url;

use crate::error::SyncError;
use crate::outcome::Outcome;
use crate::profile::ServerProfile;
use crate::store::{KnownVersion, MirrorPage, MirrorStore, MirroredResource, ResourceKey, ServerMemory};
use crate::transport::{Answer, Call, Transport};

pub use plan::PullPlan;
pub(crate) use plan::is_id;

use page::Page;

/// How far behind the cursor a search begins. Ten minutes is longer than any transaction of a server that still
/// answers.
const OVERLAP: TimeDelta = TimeDelta::minutes(10);

/// A cursor that was set back.
const BEGINNING: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// Where a search that was cut short goes on.
fn so_far(key: &str) -> String {
    format!("{key} so far")
}

/// When a search that was cut short began.
fn begun(key: &str) -> String {
    format!("{key} begun")
}

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
    /// Requests made.
    pub requests: usize,
    /// Everything was read, not only what changed.
    pub full: bool,
    /// The server seems to have been put back from a backup; everything was read again.
    pub server_restored: bool,
    /// Records of ours that the server had taken and lost; they wait to be sent again.
    pub lost: usize,
    /// Deletions were looked for: by history or by a comparison of ids.
    pub deletions_checked: bool,
    /// Types that could not be searched, with the HTTP status.
    pub unreachable_types: BTreeMap<String, u16>,
    /// Types that the server does not offer.
    pub not_offered: BTreeSet<String>,
    /// Types that came back empty although we hold some; nothing of them was removed.
    pub suspiciously_empty: BTreeSet<String>,
    /// Why it ended early; `None` when it came to its end.
    pub stopped: Option<SyncError>,
}

pub(crate) async fn run<S>(transport: &Transport, plan: &PullPlan, store: &S) -> PullReport
where
    S: MirrorStore + ServerMemory + ?Sized,
{
    let mut run = Run::new(transport, plan, store);
    let ended = run.everything().await;
    run.report.stopped = ended.err();
    run.report
}

/// Looks, before anything is sent, whether the server was put back from a backup, and remembers it. What is sent becomes
/// the newest record that is known to be there: afterwards nothing would tell that older ones are missing.
pub(crate) async fn look_before_sending<S>(transport: &Transport, plan: &PullPlan, store: &S) -> Result<(), SyncError>
where
    S: MirrorStore + ServerMemory + ?Sized,
{
    Run::new(transport, plan, store).look_before_sending().await
}

struct Run<'a, S: ?Sized> {
    transport: &'a Transport,
    store: &'a S,
    plan: &'a PullPlan,
    profile: ServerProfile,
    report: PullReport,
    /// Followed resources that something pulled refers to.
    referenced: BTreeSet<ResourceKey>,
    /// Answers that one batch has brought, by address.
    prefetched: BTreeMap<String, Answer>,
    /// The server's time of the newest answer.
    server_now: Option<DateTime<Utc>>,
}

/// What a page changes beside the rows that it brought.
#[derive(Default)]
struct Beside {
    deletions: Vec<ResourceKey>,
    lost: Vec<ResourceKey>,
    cursors: Vec<(String, DateTime<Utc>)>,
}

impl<'a, S> Run<'a, S>
where
    S: MirrorStore + ServerMemory + ?Sized,
{
    fn new(transport: &'a Transport, plan: &'a PullPlan, store: &'a S) -> Self {
        Self {
            transport,
            store,
            plan,
            profile: ServerProfile::default(),
            report: PullReport::default(),
            referenced: BTreeSet::new(),
            prefetched: BTreeMap::new(),
            server_now: None,
        }
    }

    /// Takes over what earlier runs found out about the server.
    fn recall(&mut self) -> Result<(), SyncError> {
        self.profile = self.store.profile(self.transport.address().as_str())?.unwrap_or_default();
        self.transport.set_gzip(self.profile.gzip);
        Ok(())
    }

    async fn everything(&mut self) -> Result<(), SyncError> {
        self.recall()?;
        let deletions_from = self.oldest_cursor()?;
        self.report.full = deletions_from.is_none();
        if self.plan.is_full() {
            self.begin_anew()?;
        } else {
            self.note_where_deletions_begin(deletions_from)?;
        }
        if !self.report.full {
            self.prefetch_what_is_new().await?;
        }
        self.check_access().await?;
        if self.newest_is_missing().await? {
            self.server_was_restored()?;
        }
        let brought = if deletions_from.is_none() { self.first_pull().await? } else { BTreeSet::new() };
        self.all_types(&brought).await?;
        if self.report.server_restored && !self.report.full {
            // Noticed on the way: what was read from the cursors on cannot be all.
            self.server_was_restored()?;
            self.all_types(&BTreeSet::new()).await?;
        }
        self.follow_references().await?;
        self.find_deletions(deletions_from).await?;
        self.sweep(deletions_from.is_none()).await
    }

    /// Forgets how far each search has come.
    fn begin_anew(&mut self) -> Result<(), SyncError> {
        self.report.full = true;
        self.prefetched.clear();
        let mut cursors = Vec::new();
        for query in self.plan.queries() {
            let key = self.cursor_key(&self.plan.address(query));
            let marks = [so_far(&key), begun(&key), key, self.sweep_key(query)];
            cursors.extend(marks.map(|mark| (mark, BEGINNING)));
        }
        self.apply(Page::default(), Beside { cursors, ..Beside::default() })
    }

    fn remember(&mut self, change: impl FnOnce(&mut ServerProfile)) -> Result<(), SyncError> {
        let mut profile = self.profile.clone();
        change(&mut profile);
        profile.gzip = self.transport.gzip();
        if profile != self.profile {
            self.store.remember(self.transport.address().as_str(), &profile)?;
            self.profile = profile;
        }
        Ok(())
    }

    /// GET of an address below the base, or of a link of the server's; out of the batch where that has brought it.
    async fn get(&mut self, address: &str) -> Result<Answer, SyncError> {
        if let Some(answer) = self.prefetched.remove(address) {
            return Ok(answer);
        }
        self.report.requests += 1;
        let is_link = Url::parse(address).is_ok();
        let url = if is_link { self.transport.address().same_origin(address)? } else { self.transport.url(address)? };
        self.transport.call(Call::get(url)).await
    }

    /// Reads the Patient: is the record still open to this sign-in?
    async fn check_access(&mut self) -> Result<(), SyncError> {
        let answer = self.get(&self.patient_address()).await?;
        match answer.status {
            200..=299 => Ok(()),
            403 | 404 | 410 => Err(SyncError::AccessLost { status: answer.status }),
            status => Err(SyncError::Refused { status, outcome: Outcome::parse(&answer.body) }),
        }
    }

    fn patient_address(&self) -> String {
        format!("Patient/{}", self.plan.patient_id())
    }

    fn cursor_key(&self, what: &str) -> String {
        format!("{} {what}", self.transport.address().as_str())
    }

    /// How far a search has come; `None`: it has not begun.
    fn cursor(&self, key: &str) -> Result<Option<DateTime<Utc>>, SyncError> {
        Ok(self.store.cursor(key)?.filter(|time| *time > BEGINNING))
    }

    fn oldest_cursor(&self) -> Result<Option<DateTime<Utc>>, SyncError> {
        let mut oldest = None;
        for query in self.plan.queries() {
            let cursor = self.cursor(&self.cursor_key(&self.plan.address(query)))?;
            oldest = match (oldest, cursor) {
                (Some(a), Some(b)) => Some(std::cmp::min::<DateTime<Utc>>(a, b)),
                (a, b) => a.or(b),
            };
        }
        Ok(oldest)
    }

    async fn all_types(&mut self, already: &BTreeSet<&str>) -> Result<(), SyncError> {
        for query in self.plan.queries().iter().filter(|query| !already.contains(query.resource_type)) {
            if self.profile.may_search(query.resource_type) {
                self.pull_type(query).await?;
            } else {
                self.report.not_offered.insert(query.resource_type.to_owned());
            }
        }
        Ok(())
    }

    /// Stores what of a page is new, with what goes beside it, in one transaction.
    fn apply(&mut self, page: Page, beside: Beside) -> Result<(), SyncError> {
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
        let Beside { deletions, lost, cursors } = beside;
        self.report.deleted += deletions.len();
        self.report.lost += lost.len();
        let page = MirrorPage { resources, unreadable: page.unreadable, deletions, lost, cursors };
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
