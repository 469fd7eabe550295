//! Deletions, out of the history of the server or of each type (R4 §3.1.0.15).
//!
//! A team's server shows the history of all its patients there, unless the token narrows it: of that nothing is
//! kept, and only the ids that we hold are looked at. A history that does not end within a few pages is the whole
//! clinic's: it is left alone from then on, and the comparison of ids finds what is gone (`sweep.rs`).

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::error::SyncError;
use crate::profile::HistoryMode;
use crate::push::encode;
use crate::store::{MirrorStore, ResourceKey, ServerMemory};

use super::page::HistoryWrite;
use super::query::{Fetched, NO_BUNDLE};
use super::{BEGINNING, Beside, OVERLAP, Page, Run};

/// Pages of a history that are read before it is held to be the whole clinic's.
const HISTORY_PAGES: usize = 3;

impl<S> Run<'_, S>
where
    S: MirrorStore + ServerMemory + ?Sized,
{
    /// Looks for deletions since the cursor that this pull started from.
    pub(super) async fn find_deletions(&mut self, from: Option<DateTime<Utc>>) -> Result<(), SyncError> {
        let Some(since) = self.deletions_since(from)? else { return Ok(()) };
        let found = match self.profile.history {
            HistoryMode::Unknown | HistoryMode::System => match self.read_history("_history", &since).await? {
                Some(found) => Some((HistoryMode::System, found)),
                None => self.read_type_histories(&since).await?.map(|found| (HistoryMode::Type, found)),
            },
            HistoryMode::Type => self.read_type_histories(&since).await?.map(|found| (HistoryMode::Type, found)),
            // Asked again when everything is read anew: rights and servers change.
            HistoryMode::None if self.report.full => {
                self.read_history("_history", &since).await?.map(|found| (HistoryMode::System, found))
            }
            HistoryMode::None => None,
        };
        let mode = found.as_ref().map_or(HistoryMode::None, |(mode, _)| *mode);
        self.remember(|profile| profile.history = mode)?;
        let Some((_, history)) = found else { return Ok(()) };
        self.report.deletions_checked = true;
        self.apply_deletions(history, self.cursor_key("deletions"))
    }

    /// Says on the disk from when on deletions have to be looked for, before any cursor moves on: a pull that is cut short
    /// does not come to that. Where a first pull was cut short, nobody knows from when on, and the ids are compared.
    pub(super) fn note_where_deletions_begin(&mut self, from: Option<DateTime<Utc>>) -> Result<(), SyncError> {
        let key = self.cursor_key("deletions");
        let mut cursors = Vec::new();
        if let Some(from) = from {
            if self.profile.history != HistoryMode::None && self.cursor(&key)?.is_none() {
                cursors.push((key, from));
            }
        } else {
            for query in self.plan.queries() {
                if !self.store.ids(query.resource_type)?.is_empty() {
                    cursors.push((self.sweep_key(query), BEGINNING));
                }
            }
        }
        self.apply(Page::default(), Beside { cursors, ..Beside::default() })
    }

    fn deletions_since(&self, from: Option<DateTime<Utc>>) -> Result<Option<String>, SyncError> {
        let since = self.cursor(&self.cursor_key("deletions"))?.or(from);
        Ok(since.map(|since| (since - OVERLAP).to_rfc3339_opts(SecondsFormat::Millis, true)))
    }

    /// The addresses that [`Run::find_deletions`] will begin with, as far as it is known which the server answers.
    pub(super) fn deletion_addresses(&self, from: Option<DateTime<Utc>>) -> Result<Vec<String>, SyncError> {
        let Some(since) = self.deletions_since(from)? else { return Ok(Vec::new()) };
        let histories = match self.profile.history {
            HistoryMode::System => vec!["_history".to_owned()],
            HistoryMode::Type => self.type_histories()?,
            HistoryMode::Unknown | HistoryMode::None => Vec::new(),
        };
        Ok(histories.iter().map(|history| self.history_address(history, &since)).collect())
    }

    fn history_address(&self, history: &str, since: &str) -> String {
        format!("{history}?_since={}&_count={}", encode(since), self.transport.limits().page_rows)
    }

    fn type_histories(&self) -> Result<Vec<String>, SyncError> {
        let mut histories = Vec::new();
        for query in self.plan.queries() {
            if !self.store.ids(query.resource_type)?.is_empty() {
                histories.push(format!("{}/_history", query.resource_type));
            }
        }
        Ok(histories)
    }

    fn apply_deletions(&mut self, history: History, key: String) -> Result<(), SyncError> {
        let latest = newest_writes(history.writes);
        let keys: Vec<ResourceKey> = latest.keys().cloned().collect();
        let known = self.store.known(&keys)?;
        let gone = latest
            .into_iter()
            .zip(known)
            .filter_map(|((key, write), known)| {
                let known = known?;
                // Written again after the deletion, and pulled since.
                let written_later = matches!((write.at, known.last_updated), (Some(at), Some(known)) if known > at);
                (write.deleted && !written_later).then_some(key)
            })
            .collect();
        let cursors = history.server_time.map(|time| (key, time)).into_iter().collect();
        self.apply(Page::default(), Beside { deletions: gone, cursors, ..Beside::default() })
    }

    async fn read_type_histories(&mut self, since: &str) -> Result<Option<History>, SyncError> {
        let mut whole: Option<History> = None;
        for address in self.type_histories()? {
            let Some(one) = self.read_history(&address, since).await? else { return Ok(None) };
            match &mut whole {
                Some(whole) => whole.writes.extend(one.writes),
                None => whole = Some(one),
            }
        }
        Ok(whole)
    }

    /// `None`: not offered, not allowed, or endless.
    async fn read_history(&mut self, address: &str, since: &str) -> Result<Option<History>, SyncError> {
        let mut onward = self.history_address(address, since);
        let mut history = History::default();
        for _ in 0..HISTORY_PAGES {
            let page = match self.fetch(&onward).await {
                Ok(Fetched::Page(page)) if page.is_history => page,
                Ok(Fetched::Page(_)) => return Ok(None),
                Ok(Fetched::Refused(_)) | Err(SyncError::TooLarge { .. } | SyncError::Unavailable { .. }) => {
                    return Ok(None);
                }
                Err(SyncError::NotFhir { content_type, .. }) if content_type == NO_BUNDLE => return Ok(None),
                Err(other) => return Err(other),
            };
            history.server_time = history.server_time.or(page.server_time);
            history.writes.extend(page.writes);
            match page.next.as_deref() {
                Some(link) => onward = self.transport.address().same_origin(link)?.into(),
                None => return Ok(Some(history)),
            }
        }
        Ok(None)
    }
}

#[derive(Default)]
struct History {
    writes: Vec<HistoryWrite>,
    server_time: Option<DateTime<Utc>>,
}

/// The newest write of each resource. Histories come newest first, so of equal times the first counts.
fn newest_writes(writes: Vec<HistoryWrite>) -> BTreeMap<ResourceKey, HistoryWrite> {
    let mut newest: BTreeMap<ResourceKey, HistoryWrite> = BTreeMap::new();
    for write in writes {
        match newest.get(&write.key) {
            Some(other) if write.at <= other.at => {}
            _ => {
                newest.insert(write.key.clone(), write);
            }
        }
    }
    newest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(id: &str, deleted: bool, seconds: i64) -> HistoryWrite {
        HistoryWrite {
            key: ResourceKey { resource_type: "Task".into(), id: id.into() },
            deleted,
            at: DateTime::from_timestamp(seconds, 0),
        }
    }

    #[test]
    fn a_resource_that_was_brought_back_is_not_deleted() {
        let newest =
            newest_writes(vec![write("a", false, 9), write("a", true, 8), write("b", true, 7), write("b", false, 7)]);
        let read: Vec<_> = newest.values().map(|write| (write.key.id.as_str(), write.deleted)).collect();
        assert_eq!(read, [("a", false), ("b", true)]);
    }
}
