//! The journal: entries are appended and read. There is no way to change or remove one, here or in SQL (two triggers).

use crate::chain::ChainLink;
use crate::error::{Doing, Result, VaultError};
use crate::transaction::{ReadTx, WriteTx, column, count, hash, instant, uuid};
use chrono::{DateTime, Utc};
use homeline_model::{AdministrationStatus, DeviceId, Entry, EntryBody, EntryId, OccurrenceId, OrderId};
use rusqlite::{OptionalExtension, Params, Row};

/// The largest entry taken, in bytes of its JSON. A day of notes is a few thousand; a photo is an attachment.
pub const MAX_ENTRY_BYTES: u64 = 256 * 1024;

/// The planner does not know that the partial index covers the query, and would take the one by kind: it is told.
const ADMINISTRATIONS: &str = "SELECT id, order_id, occurrence_id, happened_at, administration_status, amends
     FROM entry INDEXED BY administration_by_time
     WHERE kind = 'administration' AND happened_at >= ?1 AND happened_at < ?2 ORDER BY happened_at";

/// What [`WriteTx::append`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// It is new.
    New,
    /// The same entry was there already: a second tap, a second try. Nothing was written.
    Already,
}

/// One statement about a dose, as the adherence index has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdministrationRow {
    /// The entry.
    pub entry: EntryId,
    /// Its order.
    pub order: Option<OrderId>,
    /// Its occurrence.
    pub occurrence: Option<OccurrenceId>,
    /// When it happened.
    pub happened_at: DateTime<Utc>,
    /// What it says.
    pub status: AdministrationStatus,
    /// The statement that it corrects.
    pub amends: Option<EntryId>,
}

impl WriteTx<'_> {
    /// Appends an entry of this device: row, search words and the next link of the chain. Errors when the id is there with
    /// other content, when the amended entry is not there, and when it is larger than [`MAX_ENTRY_BYTES`].
    pub fn append(&mut self, entry: &Entry) -> Result<Appended> {
        let json = to_json(entry)?;
        if self.is_same(entry.id, &json)? {
            return Ok(Appended::Already);
        }
        if let Some(amends) = entry.amends
            && !self.has_entry(amends)?
        {
            return Err(VaultError::AmendedEntryMissing { id: entry.id, amends });
        }
        let head = match self.head {
            Some(head) => head,
            None => self.head(self.device)?,
        };
        let next = head.after(self.device, &json);
        let link =
            ChainLink { device: self.device, sequence: next.sequence, previous: Some(head.hash), hash: next.hash };
        self.insert(entry, &json, Some(&link))?;
        self.head = Some(next);
        Ok(Appended::New)
    }

    /// Appends an entry of another device, come by sync, with its link as told. Its chain is not verified here, and what it
    /// amends may come later.
    pub fn append_foreign(&mut self, entry: &Entry, link: Option<&ChainLink>) -> Result<Appended> {
        let json = to_json(entry)?;
        if self.is_same(entry.id, &json)? {
            return Ok(Appended::Already);
        }
        if let Some(link) = link
            && (link.device == self.device || self.hash_at(link.device, link.sequence)?.is_some())
        {
            // A place in a chain is taken once; our own chain is written by nobody else.
            return Err(VaultError::EntryConflict { id: entry.id });
        }
        self.insert(entry, &json, link)?;
        Ok(Appended::New)
    }

    fn is_same(&self, id: EntryId, json: &str) -> Result<bool> {
        let there: Option<String> = self
            .connection
            .prepare_cached("SELECT json FROM entry WHERE id = ?1")
            .and_then(|mut select| select.query_row([id.0.as_bytes()], |row| row.get(0)).optional())
            .doing("looking for the entry")?;
        match there {
            None => Ok(false),
            Some(there) if there == json => Ok(true),
            Some(_) => Err(VaultError::EntryConflict { id }),
        }
    }

    fn insert(&self, entry: &Entry, json: &str, link: Option<&ChainLink>) -> Result<()> {
        let sequence = link.map(|link| column(link.sequence, "sequence")).transpose()?;
        self.connection
            .prepare_cached(
                "INSERT INTO entry (id, kind, order_id, occurrence_id, happened_at, recorded_at, amends,
                     administration_status, device, device_sequence, previous_hash, hash, json)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            )
            .and_then(|mut insert| {
                insert.execute((
                    entry.id.0.as_bytes(),
                    entry.kind().as_str(),
                    entry.order.as_ref().map(|order| order.id.as_str()),
                    entry.occurrence.as_ref().map(|id| id.0.as_bytes()),
                    entry.times.happened.at.timestamp_millis(),
                    entry.times.recorded_at.timestamp_millis(),
                    entry.amends.as_ref().map(|id| id.0.as_bytes()),
                    administration_status(entry),
                    link.map(|link| *link.device.0.as_bytes()),
                    sequence,
                    link.and_then(|link| link.previous),
                    link.map(|link| link.hash),
                    json,
                ))
            })
            .doing("appending the entry")?;
        let words = entry.search_text();
        if !words.is_empty() {
            self.connection
                .prepare_cached("INSERT INTO entry_fts (rowid, words) VALUES (last_insert_rowid(), ?1)")
                .and_then(|mut insert| insert.execute([words]))
                .doing("indexing the entry")?;
        }
        Ok(())
    }
}

impl ReadTx<'_> {
    /// One entry.
    pub fn entry(&self, id: EntryId) -> Result<Option<Entry>> {
        Ok(self.entries("SELECT json FROM entry WHERE id = ?1", [id.0.as_bytes()])?.pop())
    }

    /// Whether the entry is there.
    pub fn has_entry(&self, id: EntryId) -> Result<bool> {
        self.connection
            .prepare_cached("SELECT 1 FROM entry WHERE id = ?1")
            .and_then(|mut select| select.exists([id.0.as_bytes()]))
            .doing("looking for the entry")
    }

    /// How many entries there are.
    pub fn entry_count(&self) -> Result<u64> {
        self.connection
            .query_row("SELECT count(*) FROM entry", [], |row| row.get(0))
            .doing("counting the entries")
            .and_then(count)
    }

    /// The entries that amend this one directly, in the order in which they came.
    pub fn amendments_of(&self, id: EntryId) -> Result<Vec<Entry>> {
        self.entries("SELECT json FROM entry WHERE amends = ?1 ORDER BY number", [id.0.as_bytes()])
    }

    /// Everything recorded about one occurrence, oldest first.
    pub fn entries_of_occurrence(&self, occurrence: OccurrenceId) -> Result<Vec<Entry>> {
        self.entries(
            "SELECT json FROM entry WHERE occurrence_id = ?1 ORDER BY happened_at, number",
            [occurrence.0.as_bytes()],
        )
    }

    /// The statements about doses that happened in `from..until`, oldest first. Answered by a covering index alone.
    pub fn administrations(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Vec<AdministrationRow>> {
        let mut select = self.connection.prepare_cached(ADMINISTRATIONS).doing("reading the administrations")?;
        let mut rows =
            select.query((from.timestamp_millis(), until.timestamp_millis())).doing("reading the administrations")?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().doing("reading the administrations")? {
            found.push(administration(row)?);
        }
        Ok(found)
    }

    /// Up to `limit` entries of `device`'s chain behind `sequence`, in the chain's order: what another device or an export
    /// needs, with each entry's link.
    pub fn entries_of_device_since(
        &self,
        device: DeviceId,
        sequence: u64,
        limit: u32,
    ) -> Result<Vec<(ChainLink, Entry)>> {
        let read = "reading the chain";
        let mut select = self
            .connection
            .prepare_cached(
                "SELECT device_sequence, previous_hash, hash, json FROM entry
                 WHERE device = ?1 AND device_sequence > ?2 ORDER BY device_sequence LIMIT ?3",
            )
            .doing(read)?;
        let mut rows = select.query((device.0.as_bytes(), column(sequence, "sequence")?, limit)).doing(read)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().doing(read)? {
            let sequence = count(row.get(0).doing(read)?)?;
            let previous: Option<Vec<u8>> = row.get(1).doing(read)?;
            let own: Vec<u8> = row.get(2).doing(read)?;
            let previous = previous.map(|bytes| hash(&bytes)).transpose()?;
            let link = ChainLink { device, sequence, previous, hash: hash(&own)? };
            found.push((link, from_json(&row.get::<_, String>(3).doing(read)?)?));
        }
        Ok(found)
    }

    /// The entries whose JSON is the first column of `sql`.
    pub(crate) fn entries(&self, sql: &str, params: impl Params) -> Result<Vec<Entry>> {
        let mut select = self.connection.prepare_cached(sql).doing("reading entries")?;
        let mut rows = select.query(params).doing("reading entries")?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().doing("reading entries")? {
            let json = row.get_ref(0).doing("reading entries")?;
            found.push(from_json(json.as_str().map_err(|_| VaultError::Damaged { what: "an entry", code: 0 })?)?);
        }
        Ok(found)
    }
}

fn administration(row: &Row<'_>) -> Result<AdministrationRow> {
    let read = "reading the administrations";
    let id = |place| -> Result<Option<uuid::Uuid>> {
        row.get::<_, Option<Vec<u8>>>(place).doing(read)?.map(|bytes| uuid(&bytes)).transpose()
    };
    let damaged = || VaultError::Damaged { what: "an administration", code: 0 };
    let order: Option<String> = row.get(1).doing(read)?;
    let status: String = row.get(4).doing(read)?;
    Ok(AdministrationRow {
        entry: EntryId(id(0)?.ok_or_else(damaged)?),
        order: order.map(OrderId::new).transpose().map_err(|_| damaged())?,
        occurrence: id(2)?.map(OccurrenceId),
        happened_at: instant(row.get(3).doing(read)?)?,
        status: serde_json::from_value(status.into()).map_err(|_| damaged())?,
        amends: id(5)?.map(EntryId),
    })
}

/// The status as its JSON form, e.g. `in-progress`.
fn administration_status(entry: &Entry) -> Option<String> {
    let EntryBody::Administration(administration) = &entry.body else { return None };
    let status = serde_json::to_value(administration.status).ok()?;
    status.as_str().map(str::to_owned)
}

fn to_json(entry: &Entry) -> Result<String> {
    let json = serde_json::to_string(entry).map_err(|_| VaultError::BadValue { field: "entry" })?;
    let bytes = u64::try_from(json.len()).unwrap_or(u64::MAX);
    if bytes > MAX_ENTRY_BYTES {
        return Err(VaultError::TooLarge { field: "entry", bytes, limit: MAX_ENTRY_BYTES });
    }
    Ok(json)
}

pub(crate) fn from_json(json: &str) -> Result<Entry> {
    serde_json::from_str(json).map_err(|_| VaultError::Damaged { what: "an entry", code: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_adherence_query_touches_no_table_row() {
        let plain = rusqlite::Connection::open_in_memory().unwrap();
        plain.execute_batch(crate::schema::CREATE).unwrap();
        let told: String =
            plain.query_row(&format!("EXPLAIN QUERY PLAN {ADMINISTRATIONS}"), [1, 2], |row| row.get(3)).unwrap();
        assert!(told.contains("COVERING INDEX administration_by_time (happened_at>? AND happened_at<?)"), "{told}");
    }
}
