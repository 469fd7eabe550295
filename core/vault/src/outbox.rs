//! What waits for the care team's server: oldest first, safety messages in a lane of their own.
//!
//! A row is queued in the transaction of the entry that it carries. A refused one is parked with the reason while the rest
//! goes on; a sent one stays as a line of the record, without its payload. A row whose bytes were handed out is frozen: a later edit of the
//! resource queues behind it, so that an answer always belongs to the bytes that were sent.

use crate::error::{Doing, Result, VaultError};
use crate::transaction::{ReadTx, WriteTx, count, instant, uuid};
use chrono::{DateTime, Utc};
use homeline_model::EntryId;
use rusqlite::{OptionalExtension, Params, Row};

/// Number of an outbox row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutboxId(pub i64);

/// In which queue a row waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Goes first: emergencies, questions that block a dose.
    Safety,
    /// Everything else.
    Ordinary,
}

impl Lane {
    fn number(self) -> i64 {
        match self {
            Self::Safety => 0,
            Self::Ordinary => 1,
        }
    }
}

/// How far a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutboxState {
    /// It will be sent.
    Waiting,
    /// The server refused it; a person or a new version must look at it.
    Parked,
    /// The server has it.
    Sent,
}

/// A row to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOutboxItem {
    /// In which queue.
    pub lane: Lane,
    /// The entry that it carries.
    pub entry: Option<EntryId>,
    /// FHIR resource type.
    pub resource_type: String,
    /// The resource's id: ours, so that a second PUT changes nothing.
    pub resource_id: String,
    /// The resource as JSON.
    pub payload: String,
    /// Now.
    pub queued_at: DateTime<Utc>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxItem {
    /// Its number: the order of queueing.
    pub id: OutboxId,
    /// Its queue.
    pub lane: Lane,
    /// The entry that it carries.
    pub entry: Option<EntryId>,
    /// FHIR resource type.
    pub resource_type: String,
    /// The resource's id.
    pub resource_id: String,
    /// The resource as JSON; `None` once sent.
    pub payload: Option<String>,
    /// How far it is.
    pub state: OutboxState,
    /// Failed tries.
    pub attempts: u32,
    /// When it was queued.
    pub queued_at: DateTime<Utc>,
    /// Not before; `None` is at once.
    pub next_try_at: Option<DateTime<Utc>>,
    /// When it was sent or parked.
    pub settled_at: Option<DateTime<Utc>>,
    /// Why the last try failed or why it is parked.
    pub reason: Option<String>,
    /// The version that the server gave it.
    pub version: Option<String>,
}

/// The one true sentence about sending, as numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OutboxStatus {
    /// Rows that wait.
    pub waiting: u64,
    /// Of the waiting rows, those whose last try ended without an answer.
    pub unknown: u64,
    /// Rows set aside.
    pub parked: u64,
    /// Rows that the server has.
    pub sent: u64,
    /// Since when the oldest waits.
    pub oldest_waiting: Option<DateTime<Utc>>,
    /// When the server last took a row.
    pub last_sent: Option<DateTime<Utc>>,
    /// The last failed try of a row that is not sent: when and why.
    pub last_failure: Option<(DateTime<Utc>, String)>,
}

/// What the server said of a resource that it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentResource {
    /// `meta.versionId`, where it gave one.
    pub version: Option<String>,
    /// The id there; ours nearly always.
    pub server_id: String,
    /// When it took it.
    pub sent_at: DateTime<Utc>,
}

const COLUMNS: &str = "number, lane, entry_id, resource_type, resource_id, payload, state, attempts, queued_at, \
                       next_try_at, settled_at, reason, version_id";
const READ: &str = "reading the outbox";
/// The setting with the number of the row that was sent last.
const LAST_SENT: &str = "outbox.last-sent";

impl ReadTx<'_> {
    /// Up to `limit` rows to send at `now`: the safety lane first, then oldest first. Rows that wait for their next try are left out.
    pub fn outbox_next(&self, limit: u32, now: DateTime<Utc>) -> Result<Vec<OutboxItem>> {
        self.outbox(
            "state = 'waiting' AND (next_try_at IS NULL OR next_try_at <= ?1) ORDER BY lane, number LIMIT ?2",
            (now.timestamp_millis(), limit),
        )
    }

    /// The rows set aside, oldest first.
    pub fn outbox_parked(&self) -> Result<Vec<OutboxItem>> {
        self.outbox("state = 'parked' ORDER BY number", [])
    }

    /// The rows that carry this entry, oldest first.
    pub fn outbox_of_entry(&self, id: EntryId) -> Result<Vec<OutboxItem>> {
        self.outbox("entry_id = ?1 ORDER BY number", [id.0.as_bytes()])
    }

    /// The newest sent row of a resource: which version the server gave it, under which id.
    pub fn outbox_sent(&self, resource_type: &str, resource_id: &str) -> Result<Option<SentResource>> {
        self.connection
            .prepare_cached(
                "SELECT version_id, server_id, settled_at FROM outbox
                 WHERE resource_type = ?1 AND resource_id = ?2 AND state = 'sent' AND reason IS NULL
                 ORDER BY number DESC LIMIT 1",
            )
            .and_then(|mut select| {
                select
                    .query_row([resource_type, resource_id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                    .optional()
            })
            .doing(READ)?
            .map(|(version, server_id, settled_at): (Option<String>, Option<String>, i64)| {
                Ok(SentResource {
                    version,
                    server_id: server_id.unwrap_or_else(|| resource_id.to_owned()),
                    sent_at: instant(settled_at)?,
                })
            })
            .transpose()
    }

    /// Ids on the server of the sent resources of a type, those that it lost left out.
    pub fn outbox_sent_ids(&self, resource_type: &str) -> Result<Vec<String>> {
        let mut select = self
            .connection
            .prepare_cached(
                "SELECT DISTINCT coalesce(server_id, resource_id) FROM outbox
                 WHERE resource_type = ?1 AND state = 'sent' AND reason IS NULL",
            )
            .doing(READ)?;
        let mut rows = select.query([resource_type]).doing(READ)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().doing(READ)? {
            found.push(row.get(0).doing(READ)?);
        }
        Ok(found)
    }

    /// Type, id on the server and version of sent resources that the server keeps under an id of its own, oldest first.
    pub fn outbox_sent_elsewhere(&self) -> Result<Vec<(String, String, Option<String>)>> {
        let mut select = self
            .connection
            .prepare_cached(
                "SELECT resource_type, server_id, version_id FROM outbox
                 WHERE state = 'sent' AND reason IS NULL AND server_id <> resource_id ORDER BY number",
            )
            .doing(READ)?;
        let mut rows = select.query([]).doing(READ)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().doing(READ)? {
            found.push((row.get(0).doing(READ)?, row.get(1).doing(READ)?, row.get(2).doing(READ)?));
        }
        Ok(found)
    }

    /// Type, id on the server and version of the resource that was sent last and is not lost. The phone's clock does not
    /// tell which that is while the number of that row is known: the rows of one exchange have one time, and it may be set
    /// back.
    pub fn outbox_last_sent(&self) -> Result<Option<(String, String, Option<String>)>> {
        let one = |rest: &str, number: Option<i64>| {
            let sql = format!(
                "SELECT resource_type, coalesce(server_id, resource_id), version_id FROM outbox
                 WHERE state = 'sent' AND reason IS NULL AND {rest}"
            );
            self.connection
                .prepare_cached(&sql)
                .and_then(|mut select| {
                    select.query_row([number], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()
                })
                .doing(READ)
        };
        match one("number = ?1", self.setting(LAST_SENT)?)? {
            None => one("?1 IS NULL ORDER BY settled_at DESC, number DESC LIMIT 1", None),
            last => Ok(last),
        }
    }

    /// How sending stands.
    pub fn outbox_status(&self) -> Result<OutboxStatus> {
        let one = |sql: &str| -> Result<Option<i64>> {
            self.connection
                .prepare_cached(sql)
                .and_then(|mut select| select.query_row([], |row| row.get(0)))
                .doing(READ)
        };
        let number = |sql: &str| one(sql).and_then(|found| count(found.unwrap_or(0)));
        let time = |sql: &str| one(sql).and_then(|found| found.map(instant).transpose());
        let mut select = self
            .connection
            .prepare_cached(
                "SELECT tried_at, reason FROM outbox WHERE state <> 'sent' AND reason IS NOT NULL
                 ORDER BY tried_at DESC LIMIT 1",
            )
            .doing(READ)?;
        let mut rows = select.query([]).doing(READ)?;
        let last_failure = match rows.next().doing(READ)? {
            Some(row) => Some((instant(row.get(0).doing(READ)?)?, row.get(1).doing(READ)?)),
            None => None,
        };
        Ok(OutboxStatus {
            waiting: number("SELECT count(*) FROM outbox WHERE state = 'waiting'")?,
            unknown: number("SELECT count(*) FROM outbox WHERE state = 'waiting' AND unknown = 1")?,
            parked: number("SELECT count(*) FROM outbox WHERE state = 'parked'")?,
            sent: number("SELECT count(*) FROM outbox WHERE state = 'sent'")?,
            oldest_waiting: time("SELECT min(queued_at) FROM outbox WHERE state = 'waiting'")?,
            last_sent: time("SELECT max(settled_at) FROM outbox WHERE state = 'sent'")?,
            last_failure,
        })
    }

    fn outbox(&self, tail: &str, params: impl Params) -> Result<Vec<OutboxItem>> {
        let sql = format!("SELECT {COLUMNS} FROM outbox WHERE {tail}");
        let mut select = self.connection.prepare_cached(&sql).doing(READ)?;
        let mut rows = select.query(params).doing(READ)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().doing(READ)? {
            found.push(item(row)?);
        }
        Ok(found)
    }
}

impl WriteTx<'_> {
    /// Queues a row. If an unsent row of the same resource is there that was never handed out, it is replaced by this one
    /// and keeps its place.
    pub fn enqueue(&mut self, item: &NewOutboxItem) -> Result<OutboxId> {
        self.connection
            .prepare_cached(
                "INSERT INTO outbox (lane, entry_id, resource_type, resource_id, payload, state, queued_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, 'waiting', ?6)
                 ON CONFLICT (resource_type, resource_id) WHERE state <> 'sent' AND frozen = 0 DO UPDATE SET
                     lane = min(lane, excluded.lane), entry_id = excluded.entry_id, payload = excluded.payload,
                     state = 'waiting', next_try_at = NULL, settled_at = NULL, reason = NULL, tried_at = NULL
                 RETURNING number",
            )
            .and_then(|mut insert| {
                insert.query_row(
                    (
                        item.lane.number(),
                        item.entry.as_ref().map(|id| id.0.as_bytes()),
                        &item.resource_type,
                        &item.resource_id,
                        &item.payload,
                        item.queued_at.timestamp_millis(),
                    ),
                    |row| row.get(0).map(OutboxId),
                )
            })
            .doing("queueing")
    }

    /// Up to `limit` waiting rows of a lane after `after`, oldest first, at most `bytes` of payload (but at least one row),
    /// no resource twice. What is handed out is frozen.
    pub fn outbox_batch(
        &mut self,
        lane: Lane,
        after: Option<OutboxId>,
        limit: u32,
        bytes: usize,
    ) -> Result<Vec<OutboxItem>> {
        let found = self.outbox(
            "state = 'waiting' AND lane = ?1 AND number > ?2 ORDER BY number LIMIT ?3",
            (lane.number(), after.map_or(i64::MIN, |id| id.0), limit),
        )?;
        let mut batch: Vec<OutboxItem> = Vec::new();
        let mut size = 0;
        for item in found {
            size += item.payload.as_ref().map_or(0, String::len);
            let twice = batch
                .iter()
                .any(|there| there.resource_id == item.resource_id && there.resource_type == item.resource_type);
            if !batch.is_empty() && (size > bytes || twice) {
                break;
            }
            batch.push(item);
        }
        for item in &batch {
            self.settle("UPDATE outbox SET frozen = 1 WHERE number = ?1", item.id, [item.id.0])?;
        }
        Ok(batch)
    }

    /// The server has it, as `version` if it said so, under `server_id` where that is another than ours. The payload is
    /// dropped: the entry and the server hold it.
    pub fn outbox_ack(
        &mut self,
        id: OutboxId,
        at: DateTime<Utc>,
        version: Option<&str>,
        server_id: Option<&str>,
    ) -> Result<()> {
        self.settle(
            "UPDATE outbox SET state = 'sent', payload = NULL, settled_at = ?2, version_id = ?3, server_id = ?4,
                 reason = NULL, unknown = 0
             WHERE number = ?1",
            id,
            (id.0, at.timestamp_millis(), version, server_id),
        )?;
        self.set_setting(LAST_SENT, &id.0)
    }

    /// The server had it and lost it: it was put back from a backup. Answers the entries that the resource carried; what
    /// of them is to be sent again is for the caller to queue.
    pub fn outbox_lost(&mut self, resource_type: &str, server_id: &str) -> Result<Vec<EntryId>> {
        let mut update = self
            .connection
            .prepare_cached(
                "UPDATE outbox SET reason = 'lost by the server'
                 WHERE resource_type = ?1 AND coalesce(server_id, resource_id) = ?2 AND state = 'sent' AND reason IS NULL
                 RETURNING entry_id",
            )
            .doing("noting a loss")?;
        let mut rows = update.query([resource_type, server_id]).doing("noting a loss")?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next().doing("noting a loss")? {
            let entry: Option<Vec<u8>> = row.get(0).doing(READ)?;
            entries.extend(entry.map(|bytes| uuid(&bytes).map(EntryId)).transpose()?);
        }
        Ok(entries)
    }

    /// A try ended without an answer: the server may have it. It goes out again with the same bytes.
    pub fn outbox_unknown(&mut self, id: OutboxId, at: DateTime<Utc>) -> Result<()> {
        self.settle(
            "UPDATE outbox SET unknown = 1, attempts = attempts + 1, tried_at = ?2
             WHERE number = ?1 AND state = 'waiting'",
            id,
            (id.0, at.timestamp_millis()),
        )
    }

    /// A try failed or its outcome is not known: once more, not before `next_try`. `reason` is a code or a short phrase without
    /// personal data.
    pub fn outbox_retry(
        &mut self,
        id: OutboxId,
        at: DateTime<Utc>,
        next_try: DateTime<Utc>,
        reason: &str,
    ) -> Result<()> {
        self.settle(
            "UPDATE outbox SET attempts = attempts + 1, tried_at = ?2, next_try_at = ?3, reason = ?4
             WHERE number = ?1 AND state = 'waiting'",
            id,
            (id.0, at.timestamp_millis(), next_try.timestamp_millis(), reason),
        )
    }

    /// The server refused it for good: set aside with the reason, so that the rest goes on.
    pub fn outbox_park(&mut self, id: OutboxId, at: DateTime<Utc>, reason: &str) -> Result<()> {
        self.settle(
            "UPDATE outbox SET state = 'parked', attempts = attempts + 1, tried_at = ?2, settled_at = ?2, reason = ?3
             WHERE number = ?1 AND state = 'waiting'",
            id,
            (id.0, at.timestamp_millis(), reason),
        )
    }

    /// A parked row waits again.
    pub fn outbox_unpark(&mut self, id: OutboxId) -> Result<()> {
        self.settle(
            "UPDATE outbox SET state = 'waiting', next_try_at = NULL, settled_at = NULL
             WHERE number = ?1 AND state = 'parked'",
            id,
            [id.0],
        )
    }

    fn settle(&self, sql: &str, id: OutboxId, params: impl Params) -> Result<()> {
        let changed =
            self.connection.prepare_cached(sql).and_then(|mut update| update.execute(params)).doing("settling")?;
        if changed == 0 { Err(VaultError::NoSuchRow { what: "outbox", id: id.0 }) } else { Ok(()) }
    }
}

fn item(row: &Row<'_>) -> Result<OutboxItem> {
    let damaged = || VaultError::Damaged { what: "an outbox row", code: 0 };
    let time = |place| row.get::<_, Option<i64>>(place).doing(READ)?.map(instant).transpose();
    let entry: Option<Vec<u8>> = row.get(2).doing(READ)?;
    Ok(OutboxItem {
        id: OutboxId(row.get(0).doing(READ)?),
        lane: if row.get::<_, i64>(1).doing(READ)? == 0 { Lane::Safety } else { Lane::Ordinary },
        entry: entry.map(|bytes| uuid(&bytes).map(EntryId)).transpose()?,
        resource_type: row.get(3).doing(READ)?,
        resource_id: row.get(4).doing(READ)?,
        payload: row.get(5).doing(READ)?,
        state: match row.get_ref(6).doing(READ)?.as_str().map_err(|_| damaged())? {
            "waiting" => OutboxState::Waiting,
            "parked" => OutboxState::Parked,
            "sent" => OutboxState::Sent,
            _ => return Err(damaged()),
        },
        attempts: row.get(7).doing(READ)?,
        queued_at: instant(row.get(8).doing(READ)?)?,
        next_try_at: time(9)?,
        settled_at: time(10)?,
        reason: row.get(11).doing(READ)?,
        version: row.get(12).doing(READ)?,
    })
}
