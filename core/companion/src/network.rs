//! The network thread: one runtime, one client at a time, and the vault as the store that `homeline-sync` works on.

use crate::account::{self, Account, Entry};
use crate::error::{ErrorKind, HomelineError};
use crate::lost_records;
use crate::work::Work;
use chrono::{DateTime, Utc};
use homeline_model::Uuid;
use homeline_sync::{
    Ack, Authorization, BatchLimits, BearerToken, CareTeamClient, ClientConfig, KnownVersion, Limits, MirrorPage,
    MirrorStore, OutboxCounts, OutboxRow, OutboxStore, Parked, PullPlan, PushReport, ResourceKey, ServerAddress,
    ServerMemory, ServerProfile, StoreFault, SyncError, SyncReport, Trust,
};
use homeline_vault::{Lane, MirrorRow, OutboxId, ReadTx, Vault, VaultError};
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

/// In place of a type in the mirror, for what the server sent without one; the mirror lists it under no type.
const UNREADABLE: &str = "(unreadable)";

/// The state of the network thread.
pub(crate) struct Network {
    runtime: Option<tokio::runtime::Runtime>,
}

/// One exchange with the care team's server.
pub(crate) struct Exchange {
    pub(crate) work: Work,
    pub(crate) vault: Arc<Vault>,
    pub(crate) server: String,
    pub(crate) patient: String,
    pub(crate) token: Option<String>,
    pub(crate) now: DateTime<Utc>,
}

impl Network {
    pub(crate) fn new() -> Self {
        // Made on the first use: a phone that never syncs needs no reactor.
        Self { runtime: None }
    }

    /// Pushes what waits, then pulls what is new.
    pub(crate) fn exchange(&mut self, exchange: Exchange) -> Result<SyncReport, HomelineError> {
        let work = exchange.work.clone();
        self.wait_for(async move { work.race(exchange.carry_out()).await? })
    }

    /// Does one job of the network to its end.
    pub(crate) fn wait_for<T>(
        &mut self,
        job: impl Future<Output = Result<T, HomelineError>>,
    ) -> Result<T, HomelineError> {
        if self.runtime.is_none() {
            let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
            self.runtime = Some(built.map_err(|error| {
                HomelineError::new(
                    ErrorKind::Platform,
                    "platform.runtime",
                    format!("the network cannot be used ({})", error.kind()),
                    "Close other apps and try again.",
                )
            })?);
        }
        let runtime = self.runtime.as_ref().ok_or_else(HomelineError::closed)?;
        runtime.block_on(job)
    }
}

impl Exchange {
    /// Signed in where the server wants that; a token that the server refuses is renewed once, and the exchange goes on.
    async fn carry_out(self) -> Result<SyncReport, HomelineError> {
        let address = ServerAddress::parse(&self.server)?;
        let plan = PullPlan::for_patient(&self.patient)?;
        let store = VaultStore { vault: self.vault.clone(), now: self.now };
        let Some(mut account) = account::find(&self.vault, &self.server)? else {
            let authorization = match self.token {
                Some(token) => Authorization::Bearer(BearerToken::new(token)),
                None => Authorization::None,
            };
            let client = client(address, Trust::default(), authorization)?;
            return Ok(client.sync(&plan, &store).await);
        };
        let authorization = match account::enter(&self.vault, &mut account, self.now).await? {
            Entry::With(authorization) => authorization,
            Entry::Not(error) => return Ok(not_begun(error)),
        };
        let mut client = client(address, account.trust()?, authorization)?;
        let first = client.sync(&within(&plan, &account), &store).await;
        if first.stopped() != Some(&SyncError::NeedsSignIn) || account.sign_in.is_none() {
            return Ok(first);
        }
        let authorization = match account::renew(&self.vault, &mut account, self.now).await? {
            Entry::With(authorization) => authorization,
            Entry::Not(error) => return Ok(after(first, not_begun(error))),
        };
        client.set_authorization(&authorization)?;
        let second = client.sync(&within(&plan, &account), &store).await;
        if second.stopped() == Some(&SyncError::NeedsSignIn) {
            account::refused(&self.vault, &mut account, self.now)?;
        }
        Ok(after(first, second))
    }
}

fn client(address: ServerAddress, trust: Trust, authorization: Authorization) -> Result<CareTeamClient, HomelineError> {
    Ok(CareTeamClient::new(ClientConfig { address, trust, authorization, limits: Limits::default() })?)
}

fn within(plan: &PullPlan, account: &Account) -> PullPlan {
    account.scopes().map_or_else(|| plan.clone(), |scopes| plan.clone().within(scopes))
}

fn not_begun(error: SyncError) -> SyncReport {
    SyncReport { push: PushReport { stopped: Some(error), ..PushReport::default() }, ..SyncReport::default() }
}

/// Two runs as one: what both did, and how the second ended.
fn after(first: SyncReport, mut second: SyncReport) -> SyncReport {
    second.push.acked += first.push.acked;
    second.push.parked += first.push.parked;
    second.push.requests += first.push.requests;
    second.traffic.sent += first.traffic.sent;
    second.traffic.received += first.traffic.received;
    second.pull.new_or_changed += first.pull.new_or_changed;
    second.pull.deleted += first.pull.deleted;
    second
}

/// What has no readable type or id stays as it came, under a name made of its text: the same text is the same row.
fn unreadable(json: String, now: DateTime<Utc>) -> MirrorRow {
    MirrorRow {
        resource_type: UNREADABLE.to_owned(),
        id: Uuid::new_v5(&Uuid::NAMESPACE_OID, json.as_bytes()).to_string(),
        version_id: None,
        last_updated: None,
        json,
        deleted: false,
        received_at: now,
    }
}

/// Versions of what the server keeps under an id of its own, by type and that id.
fn sent_elsewhere(tx: &ReadTx<'_>) -> Result<HashMap<(String, String), Option<String>>, VaultError> {
    let sent = tx.outbox_sent_elsewhere()?.into_iter();
    Ok(sent.map(|(resource_type, id, version)| ((resource_type, id), version)).collect())
}

/// The vault, as sync sees it. Every method is one transaction.
struct VaultStore {
    vault: Arc<Vault>,
    now: DateTime<Utc>,
}

fn fault(operation: &'static str) -> impl Fn(VaultError) -> StoreFault {
    move |error| StoreFault { operation, reason: error.to_string() }
}

impl OutboxStore for VaultStore {
    fn next_batch(
        &self,
        lane: homeline_sync::Lane,
        after: Option<i64>,
        limits: BatchLimits,
    ) -> Result<Vec<OutboxRow>, StoreFault> {
        let vault_lane = match lane {
            homeline_sync::Lane::Safety => Lane::Safety,
            homeline_sync::Lane::Routine => Lane::Ordinary,
        };
        let rows = u32::try_from(limits.rows).unwrap_or(u32::MAX);
        let items = self
            .vault
            .write(move |tx| tx.outbox_batch(vault_lane, after.map(OutboxId), rows, limits.bytes))
            .map_err(fault("outbox.next"))?;
        items
            .into_iter()
            .map(|item| {
                let id = item.resource_id.parse().map_err(|_| StoreFault {
                    operation: "outbox.next",
                    reason: format!("row {} has an id that is not ours", item.id.0),
                })?;
                Ok(OutboxRow {
                    position: item.id.0,
                    resource_type: item.resource_type,
                    id,
                    json: item.payload.unwrap_or_default().into_bytes(),
                    lane,
                    enqueued_at: item.queued_at,
                    // Home is the only writer of what it sends: a plain PUT, and a replay changes nothing.
                    base: None,
                })
            })
            .collect()
    }

    fn mark_acked(&self, acks: &[Ack]) -> Result<(), StoreFault> {
        let (acks, now) = (acks.to_vec(), self.now);
        self.vault
            .write(move |tx| {
                for ack in &acks {
                    tx.outbox_ack(OutboxId(ack.position), now, ack.version_id.as_deref(), Some(&ack.server_id))?;
                }
                Ok(())
            })
            .map_err(fault("outbox.ack"))
    }

    fn park(&self, parked: &[Parked]) -> Result<(), StoreFault> {
        let (parked, now) = (parked.to_vec(), self.now);
        self.vault
            .write(move |tx| {
                for row in &parked {
                    let reason = match row.status {
                        // It was never sent.
                        0 => row.reason.remedy().to_owned(),
                        status => format!("{} (HTTP {status}): {}", row.reason.remedy(), row.outcome),
                    };
                    tx.outbox_park(OutboxId(row.position), now, &reason)?;
                }
                Ok(())
            })
            .map_err(fault("outbox.park"))
    }

    fn mark_unknown(&self, positions: &[i64]) -> Result<(), StoreFault> {
        let (positions, now) = (positions.to_vec(), self.now);
        self.vault
            .write(move |tx| {
                for position in &positions {
                    tx.outbox_unknown(OutboxId(*position), now)?;
                }
                Ok(())
            })
            .map_err(fault("outbox.unknown"))
    }

    fn server_id(&self, resource_type: &str, id: Uuid) -> Result<Option<String>, StoreFault> {
        let sent =
            self.vault.read(|tx| tx.outbox_sent(resource_type, &id.to_string())).map_err(fault("outbox.server-id"))?;
        Ok(sent.map(|sent| sent.server_id))
    }

    fn counts(&self) -> Result<OutboxCounts, StoreFault> {
        let status = self.vault.read(|tx| tx.outbox_status()).map_err(fault("outbox.counts"))?;
        Ok(OutboxCounts {
            waiting: status.waiting,
            unknown: status.unknown,
            parked: status.parked,
            oldest_waiting: status.oldest_waiting,
        })
    }
}

impl MirrorStore for VaultStore {
    fn cursor(&self, key: &str) -> Result<Option<DateTime<Utc>>, StoreFault> {
        let text = self.vault.read(|tx| tx.cursor(key)).map_err(fault("mirror.cursor"))?;
        Ok(text.and_then(|text| text.parse().ok()))
    }

    fn known(&self, keys: &[ResourceKey]) -> Result<Vec<Option<KnownVersion>>, StoreFault> {
        self.vault
            .read(|tx| {
                // Read when the first is looked for: it is a look at everything that was ever sent.
                let mut elsewhere: Option<HashMap<(String, String), Option<String>>> = None;
                let mut known = Vec::with_capacity(keys.len());
                for key in keys {
                    let mirrored = tx.mirror(&key.resource_type, &key.id)?.filter(|row| !row.deleted);
                    if let Some(row) = mirrored {
                        known.push(Some(KnownVersion { version_id: row.version_id, last_updated: row.last_updated }));
                        continue;
                    }
                    // What we sent and the server took comes back with a pull: it is known.
                    let version = match tx.outbox_sent(&key.resource_type, &key.id)? {
                        Some(sent) => sent.version,
                        None => {
                            let elsewhere = match &mut elsewhere {
                                Some(read) => read,
                                none => none.insert(sent_elsewhere(tx)?),
                            };
                            elsewhere.get(&(key.resource_type.clone(), key.id.clone())).cloned().flatten()
                        }
                    };
                    known.push(version.map(|version| KnownVersion { version_id: Some(version), last_updated: None }));
                }
                Ok(known)
            })
            .map_err(fault("mirror.known"))
    }

    fn ids(&self, resource_type: &str) -> Result<Vec<String>, StoreFault> {
        let rows = self.vault.read(|tx| tx.mirror_of_type(resource_type)).map_err(fault("mirror.ids"))?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    fn sent_ids(&self, resource_type: &str) -> Result<Vec<String>, StoreFault> {
        self.vault.read(|tx| tx.outbox_sent_ids(resource_type)).map_err(fault("mirror.sent-ids"))
    }

    fn newest(&self) -> Result<Vec<(ResourceKey, KnownVersion)>, StoreFault> {
        let (mirrored, sent) =
            self.vault.read(|tx| Ok((tx.mirror_newest()?, tx.outbox_last_sent()?))).map_err(fault("mirror.newest"))?;
        let mirrored = mirrored.map(|row| {
            let version = KnownVersion { version_id: row.version_id, last_updated: row.last_updated };
            (ResourceKey { resource_type: row.resource_type, id: row.id }, version)
        });
        let sent = sent.map(|(resource_type, id, version_id)| {
            (ResourceKey { resource_type, id }, KnownVersion { version_id, last_updated: None })
        });
        Ok(mirrored.into_iter().chain(sent).collect())
    }

    fn apply(&self, page: &MirrorPage) -> Result<(), StoreFault> {
        let (page, now) = (page.clone(), self.now);
        self.vault
            .write(move |tx| {
                for resource in page.resources {
                    tx.put_mirror(&MirrorRow {
                        resource_type: resource.key.resource_type,
                        id: resource.key.id,
                        version_id: resource.version.version_id,
                        last_updated: resource.version.last_updated,
                        json: resource.json,
                        deleted: false,
                        received_at: now,
                    })?;
                }
                for key in page.deletions {
                    if let Some(mut row) = tx.mirror(&key.resource_type, &key.id)? {
                        row.deleted = true;
                        row.received_at = now;
                        tx.put_mirror(&row)?;
                    }
                }
                let mut lost = Vec::new();
                for key in page.lost {
                    lost.extend(tx.outbox_lost(&key.resource_type, &key.id)?);
                }
                lost_records::note(tx, &lost)?;
                for json in page.unreadable {
                    tx.put_mirror(&unreadable(json, now))?;
                }
                for (key, at) in page.cursors {
                    tx.set_cursor(&key, &at.to_rfc3339(), now)?;
                }
                Ok(())
            })
            .map_err(fault("mirror.apply"))
    }
}

impl ServerMemory for VaultStore {
    fn profile(&self, server: &str) -> Result<Option<ServerProfile>, StoreFault> {
        self.vault.read(|tx| tx.setting(&format!("server/{server}"))).map_err(fault("server.profile"))
    }

    fn remember(&self, server: &str, profile: &ServerProfile) -> Result<(), StoreFault> {
        let (key, profile) = (format!("server/{server}"), profile.clone());
        self.vault.write(move |tx| tx.set_setting(&key, &profile)).map_err(fault("server.remember"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeline_model::DeviceId;
    use homeline_sync::testing::store_contract;
    use homeline_vault::{NewOutboxItem, Passcode, Protection, VaultConfig};

    fn store(folder: &tempfile::TempDir) -> VaultStore {
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("in range");
        let config = VaultConfig::new(folder.path(), Protection::PasscodeAlone);
        let passcode = Passcode::new("correct horse");
        let (vault, _) = Vault::create(&config, Some(&passcode), DeviceId(Uuid::nil()), now).expect("a new vault");
        VaultStore { vault: Arc::new(vault), now }
    }

    fn enqueue(store: &VaultStore, row: OutboxRow) -> i64 {
        let item = NewOutboxItem {
            lane: match row.lane {
                homeline_sync::Lane::Safety => Lane::Safety,
                homeline_sync::Lane::Routine => Lane::Ordinary,
            },
            entry: None,
            resource_type: row.resource_type,
            resource_id: row.id.to_string(),
            payload: String::from_utf8(row.json).expect("UTF-8"),
            queued_at: row.enqueued_at,
        };
        // What waits is on its way at once, so that a newer state does not take its place.
        let id = store.vault.write(move |tx| tx.enqueue(&item)).expect("queued");
        let lane = row.lane;
        store.next_batch(lane, Some(id.0 - 1), BatchLimits { rows: 1, bytes: 1 }).expect("handed out");
        id.0
    }

    #[test]
    fn the_vault_keeps_the_contract_of_the_store() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        store_contract(&store(&folder), enqueue);
    }

    #[test]
    fn what_cannot_be_read_is_kept_once_as_it_came_and_is_listed_under_no_type() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = store(&folder);
        let page = MirrorPage { unreadable: vec!["{ \"id\": 7 }".into()], ..MirrorPage::default() };
        store.apply(&page).expect("kept");
        store.apply(&page).expect("the overlap brings it again");
        let (rows, types) =
            store.vault.read(|tx| Ok((tx.mirror_of_type(UNREADABLE)?, tx.mirror_types()?))).expect("read");
        assert_eq!(rows.iter().map(|row| row.json.as_str()).collect::<Vec<_>>(), ["{ \"id\": 7 }"]);
        assert_eq!(types, []);
    }
}
