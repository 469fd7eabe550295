//! Which resources are still there: a comparison of ids, for servers that offer no history of deletions.
//!
//! The ids alone are asked for, of one patient, seldom. A type that comes back empty although some of it is here is taken
//! for lost rights: nothing is removed.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::error::SyncError;
use crate::profile::HistoryMode;
use crate::store::{MirrorStore, ResourceKey, ServerMemory};

use super::plan::PullQuery;
use super::query::Search;
use super::{BEGINNING, Beside, Page, Run};

/// Ids are small: so many pages of rows fit into one page of ids.
const PAGES_IN_ONE: usize = 5;

impl<S> Run<'_, S>
where
    S: MirrorStore + ServerMemory + ?Sized,
{
    pub(super) fn sweep_key(&self, query: &PullQuery) -> String {
        self.cursor_key(&format!("{} ids", query.resource_type))
    }

    /// Compares the ids of every type whose time has come.
    pub(super) async fn sweep(&mut self, is_first: bool) -> Result<(), SyncError> {
        let Some(now) = self.newest_server_time()? else { return Ok(()) };
        for query in self.plan.queries() {
            if !self.profile.may_search(query.resource_type) {
                continue;
            }
            let is_due = self.is_due(query, now)?;
            let is_begun = self.store.cursor(&self.sweep_key(query))?.is_some();
            if is_first && !is_begun && !self.profile.compare_sent.contains(query.resource_type) {
                // Everything was read just now.
                let cursors = vec![(self.sweep_key(query), now)];
                self.apply(Page::default(), Beside { cursors, ..Beside::default() })?;
            } else if is_due {
                self.compare(query, now).await?;
            }
        }
        Ok(())
    }

    fn is_due(&self, query: &PullQuery, now: DateTime<Utc>) -> Result<bool, SyncError> {
        if self.report.full || self.profile.compare_sent.contains(query.resource_type) {
            return Ok(true);
        }
        let last = self.store.cursor(&self.sweep_key(query))?;
        let never_finished = last.is_some_and(|last| last <= BEGINNING);
        let is_old = last.is_none_or(|last| now - last >= query.sweep_every);
        Ok(never_finished || (self.profile.history == HistoryMode::None && is_old))
    }

    /// The server's time, by its answers or by the newest cursor.
    fn newest_server_time(&self) -> Result<Option<DateTime<Utc>>, SyncError> {
        let mut newest = self.server_now;
        for query in self.plan.queries() {
            newest = newest.max(self.cursor(&self.cursor_key(&self.plan.address(query)))?);
        }
        Ok(newest)
    }

    async fn compare(&mut self, query: &PullQuery, now: DateTime<Utc>) -> Result<(), SyncError> {
        let resource_type = query.resource_type;
        // `meta` for servers that do not page: their rows are asked on from the time of the last.
        let plain = self.plan.address(query);
        let address = format!("{plain}&_elements=id,meta");
        let rows = self.transport.limits().page_rows.max(1).saturating_mul(PAGES_IN_ONE);
        let read = match self.read_ids(resource_type, &address, rows).await {
            // Not every server knows `_elements`: then whole rows tell the ids.
            Ok((Search::Refused(400 | 422), _)) => self.read_ids(resource_type, &plain, rows / PAGES_IN_ONE).await,
            read => read,
        };
        let seen = match read {
            Ok((Search::Done, progress)) => progress.seen,
            Ok((ended, _)) => return self.note_unreachable(resource_type, Ok(ended)),
            Err(error) => return self.note_unreachable(resource_type, Err(error)),
        };
        let missing = |ids: Vec<String>| -> Vec<ResourceKey> { keys_without(resource_type, ids, &seen) };
        let held = self.store.ids(resource_type)?;
        let mut deletions = Vec::new();
        if seen.is_empty() && !held.is_empty() {
            self.report.suspiciously_empty.insert(resource_type.to_owned());
        } else {
            deletions = missing(held);
        }
        let lost = if self.profile.compare_sent.contains(resource_type) {
            let missing = missing(self.store.sent_ids(resource_type)?);
            self.lost(missing).await?
        } else {
            Vec::new()
        };
        let cursors = vec![(self.sweep_key(query), now)];
        self.apply(Page::default(), Beside { deletions, lost, cursors })?;
        self.report.deletions_checked = true;
        self.remember(|profile| {
            profile.compare_sent.remove(resource_type);
        })
    }
}

fn keys_without(resource_type: &str, ids: Vec<String>, seen: &BTreeSet<String>) -> Vec<ResourceKey> {
    ids.into_iter()
        .filter(|id| !seen.contains(id))
        .map(|id| ResourceKey { resource_type: resource_type.to_owned(), id })
        .collect()
}
