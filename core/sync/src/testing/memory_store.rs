//! The store traits in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::profile::ServerProfile;
use crate::store::{
    Ack, BatchLimits, KnownVersion, Lane, MirrorPage, MirrorStore, MirroredResource, OutboxCounts, OutboxRow,
    OutboxStore, Parked, ResourceKey, ServerMemory, StoreFault,
};

/// Everything in memory; loses it when dropped.
#[derive(Default)]
pub struct MemoryStore {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    rows: BTreeMap<i64, OutboxRow>,
    acked: BTreeMap<i64, Ack>,
    acked_in_order: Vec<i64>,
    parked: BTreeMap<i64, Parked>,
    unknown: BTreeSet<i64>,
    server_ids: BTreeMap<(String, Uuid), String>,
    sent: BTreeMap<ResourceKey, KnownVersion>,
    lost: BTreeSet<ResourceKey>,
    mirror: BTreeMap<ResourceKey, MirroredResource>,
    unreadable: BTreeSet<String>,
    cursors: BTreeMap<String, DateTime<Utc>>,
    profiles: BTreeMap<String, ServerProfile>,
    pages_applied: usize,
    next_position: i64,
}

impl State {
    fn waiting(&self) -> impl Iterator<Item = &OutboxRow> {
        self.rows
            .values()
            .filter(|row| !self.acked.contains_key(&row.position) && !self.parked.contains_key(&row.position))
    }

    fn enqueue(&mut self, mut row: OutboxRow) -> i64 {
        self.next_position += 1;
        row.position = self.next_position;
        self.rows.insert(self.next_position, row);
        self.next_position
    }

    /// Acked rows that the server still has, as far as is known, by their ids there, in the order of their acks.
    fn with_the_server(&self) -> impl DoubleEndedIterator<Item = (ResourceKey, &Ack, &OutboxRow)> {
        self.acked_in_order.iter().filter_map(|position| {
            let ack = self.acked.get(position)?;
            let row = self.rows.get(&ack.position)?;
            let key = ResourceKey { resource_type: row.resource_type.clone(), id: ack.server_id.clone() };
            (!self.lost.contains(&key)).then_some((key, ack, row))
        })
    }
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a row; its position is handed out here.
    pub fn enqueue(&self, row: OutboxRow) -> i64 {
        self.state().enqueue(row)
    }

    /// Positions of the acked rows.
    pub fn acked(&self) -> Vec<Ack> {
        self.state().acked.values().cloned().collect()
    }

    /// Rows set aside.
    pub fn parked(&self) -> Vec<Parked> {
        self.state().parked.values().cloned().collect()
    }

    /// The mirror, by type and id.
    pub fn mirror(&self) -> Vec<MirroredResource> {
        self.state().mirror.values().cloned().collect()
    }

    /// Entries kept raw.
    pub fn unreadable(&self) -> Vec<String> {
        self.state().unreadable.iter().cloned().collect()
    }

    /// How many pages were applied.
    pub fn pages_applied(&self) -> usize {
        self.state().pages_applied
    }

    /// The cursors, for a look from a test.
    pub fn cursors(&self) -> BTreeMap<String, DateTime<Utc>> {
        self.state().cursors.clone()
    }
}

impl OutboxStore for MemoryStore {
    fn next_batch(&self, lane: Lane, after: Option<i64>, limits: BatchLimits) -> Result<Vec<OutboxRow>, StoreFault> {
        let state = self.state();
        let mut batch: Vec<OutboxRow> = Vec::new();
        let mut resources = BTreeSet::new();
        let mut bytes = 0_usize;
        for row in state.waiting().filter(|row| row.lane == lane && after.is_none_or(|after| row.position > after)) {
            bytes = bytes.saturating_add(row.json.len());
            let is_full = batch.len() >= limits.rows.max(1) || (!batch.is_empty() && bytes > limits.bytes);
            if is_full || !resources.insert((row.resource_type.clone(), row.id)) {
                break;
            }
            batch.push(row.clone());
        }
        Ok(batch)
    }

    fn mark_acked(&self, acks: &[Ack]) -> Result<(), StoreFault> {
        let mut state = self.state();
        for ack in acks {
            let Some(row) = state.rows.get(&ack.position) else { continue };
            let resource = (row.resource_type.clone(), row.id);
            if state.acked.contains_key(&ack.position) || state.parked.contains_key(&ack.position) {
                continue;
            }
            let key = ResourceKey { resource_type: resource.0.clone(), id: ack.server_id.clone() };
            let version = KnownVersion { version_id: ack.version_id.clone(), last_updated: ack.last_updated };
            state.lost.remove(&key);
            state.sent.insert(key, version);
            state.server_ids.insert(resource, ack.server_id.clone());
            state.unknown.remove(&ack.position);
            state.acked.insert(ack.position, ack.clone());
            state.acked_in_order.push(ack.position);
        }
        Ok(())
    }

    fn park(&self, parked: &[Parked]) -> Result<(), StoreFault> {
        let mut state = self.state();
        for row in parked {
            if !state.acked.contains_key(&row.position) {
                state.unknown.remove(&row.position);
                state.parked.insert(row.position, row.clone());
            }
        }
        Ok(())
    }

    fn mark_unknown(&self, positions: &[i64]) -> Result<(), StoreFault> {
        let mut state = self.state();
        let waiting: BTreeSet<i64> = state.waiting().map(|row| row.position).collect();
        state.unknown.extend(positions.iter().filter(|position| waiting.contains(position)));
        Ok(())
    }

    fn server_id(&self, resource_type: &str, id: Uuid) -> Result<Option<String>, StoreFault> {
        Ok(self.state().server_ids.get(&(resource_type.to_owned(), id)).cloned())
    }

    fn counts(&self) -> Result<OutboxCounts, StoreFault> {
        let state = self.state();
        let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        Ok(OutboxCounts {
            waiting: count(state.waiting().count()),
            unknown: count(state.unknown.len()),
            parked: count(state.parked.len()),
            oldest_waiting: state.waiting().map(|row| row.enqueued_at).min(),
        })
    }
}

impl MirrorStore for MemoryStore {
    fn cursor(&self, key: &str) -> Result<Option<DateTime<Utc>>, StoreFault> {
        Ok(self.state().cursors.get(key).copied())
    }

    fn known(&self, keys: &[ResourceKey]) -> Result<Vec<Option<KnownVersion>>, StoreFault> {
        let state = self.state();
        let known = |key| state.mirror.get(key).map(|resource| &resource.version).or_else(|| state.sent.get(key));
        Ok(keys.iter().map(|key| known(key).cloned()).collect())
    }

    fn ids(&self, resource_type: &str) -> Result<Vec<String>, StoreFault> {
        let state = self.state();
        Ok(state.mirror.keys().filter(|key| key.resource_type == resource_type).map(|key| key.id.clone()).collect())
    }

    fn sent_ids(&self, resource_type: &str) -> Result<Vec<String>, StoreFault> {
        let state = self.state();
        let ids: BTreeSet<String> = state
            .with_the_server()
            .filter(|(key, ..)| key.resource_type == resource_type)
            .map(|(key, ..)| key.id)
            .collect();
        Ok(ids.into_iter().collect())
    }

    fn newest(&self) -> Result<Vec<(ResourceKey, KnownVersion)>, StoreFault> {
        let state = self.state();
        let last_sent = state.with_the_server().next_back().map(|(key, ack, _)| {
            (key, KnownVersion { version_id: ack.version_id.clone(), last_updated: ack.last_updated })
        });
        let newest = state
            .mirror
            .values()
            .filter(|resource| resource.version.last_updated.is_some())
            .max_by_key(|resource| resource.version.last_updated);
        let newest = newest.map(|resource| (resource.key.clone(), resource.version.clone()));
        Ok(newest.into_iter().chain(last_sent).collect())
    }

    fn apply(&self, page: &MirrorPage) -> Result<(), StoreFault> {
        let mut state = self.state();
        for resource in &page.resources {
            state.sent.remove(&resource.key);
            state.mirror.insert(resource.key.clone(), resource.clone());
        }
        for key in &page.deletions {
            state.sent.remove(key);
            state.mirror.remove(key);
        }
        for key in &page.lost {
            let last = state.with_the_server().rfind(|(sent, ..)| sent == key).map(|(.., row)| row.clone());
            let Some(row) = last else { continue };
            state.sent.remove(key);
            state.server_ids.remove(&(row.resource_type.clone(), row.id));
            state.lost.insert(key.clone());
            let waits = state.waiting().any(|other| other.resource_type == row.resource_type && other.id == row.id);
            if !waits {
                state.enqueue(row);
            }
        }
        state.unreadable.extend(page.unreadable.iter().cloned());
        state.cursors.extend(page.cursors.iter().cloned());
        state.pages_applied += 1;
        Ok(())
    }
}

impl ServerMemory for MemoryStore {
    fn profile(&self, server: &str) -> Result<Option<ServerProfile>, StoreFault> {
        Ok(self.state().profiles.get(server).cloned())
    }

    fn remember(&self, server: &str, profile: &ServerProfile) -> Result<(), StoreFault> {
        self.state().profiles.insert(server.to_owned(), profile.clone());
        Ok(())
    }
}
