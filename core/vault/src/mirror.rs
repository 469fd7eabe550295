//! The care team's resources, as received, and how far each pull has come. Both are written in one transaction, so that a
//! cursor never runs ahead of its data.

use crate::error::{Doing, Result};
use crate::transaction::{ReadTx, WriteTx, count, instant};
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Params, Row};

/// One resource as the server sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MirrorRow {
    /// FHIR resource type.
    pub resource_type: String,
    /// `Resource.id`.
    pub id: String,
    /// `meta.versionId`, where the server gives one.
    pub version_id: Option<String>,
    /// `meta.lastUpdated`, where the server gives one.
    pub last_updated: Option<DateTime<Utc>>,
    /// The JSON, byte for byte.
    pub json: String,
    /// The server has deleted it; the last JSON stays.
    pub deleted: bool,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

const COLUMNS: &str = "resource_type, id, version_id, last_updated, json, deleted, received_at";
const READ: &str = "reading the mirror";

impl ReadTx<'_> {
    /// One resource, also when deleted.
    pub fn mirror(&self, resource_type: &str, id: &str) -> Result<Option<MirrorRow>> {
        Ok(self.mirrored("resource_type = ?1 AND id = ?2", [resource_type, id])?.pop())
    }

    /// Every resource of a type that is not deleted, by id.
    pub fn mirror_of_type(&self, resource_type: &str) -> Result<Vec<MirrorRow>> {
        self.mirrored("resource_type = ?1 AND deleted = 0 ORDER BY id", [resource_type])
    }

    /// Which FHIR types are there, with how many that are not deleted, by name.
    pub fn mirror_types(&self) -> Result<Vec<(String, u64)>> {
        let mut select = self
            .connection
            .prepare_cached(
                "SELECT resource_type, count(*) FROM mirror WHERE deleted = 0 AND resource_type GLOB '[A-Z]*'
                 GROUP BY resource_type ORDER BY 1",
            )
            .doing(READ)?;
        let mut rows = select.query([]).doing(READ)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().doing(READ)? {
            found.push((row.get(0).doing(READ)?, count(row.get(1).doing(READ)?)?));
        }
        Ok(found)
    }

    /// The resource that the server changed last, as far as we know, and has not deleted.
    pub fn mirror_newest(&self) -> Result<Option<MirrorRow>> {
        Ok(self
            .mirrored("last_updated IS NOT NULL AND deleted = 0 ORDER BY last_updated DESC, number DESC LIMIT 1", [])?
            .pop())
    }

    /// How far the pull `name` has come; `None` is from the start.
    pub fn cursor(&self, name: &str) -> Result<Option<String>> {
        self.connection
            .prepare_cached("SELECT value FROM cursor WHERE name = ?1")
            .and_then(|mut select| select.query_row([name], |row| row.get(0)).optional())
            .doing("reading the cursor")
    }

    fn mirrored(&self, tail: &str, params: impl Params) -> Result<Vec<MirrorRow>> {
        let mut select =
            self.connection.prepare_cached(&format!("SELECT {COLUMNS} FROM mirror WHERE {tail}")).doing(READ)?;
        let mut rows = select.query(params).doing(READ)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().doing(READ)? {
            found.push(mirror_row(row)?);
        }
        Ok(found)
    }
}

impl WriteTx<'_> {
    /// Keeps a resource as received. Answers `false` when this very version (and deletion) is there already, which an overlapping
    /// pull brings again and again. Without a version the content decides.
    pub fn put_mirror(&mut self, row: &MirrorRow) -> Result<bool> {
        if let Some(there) = self.mirror(&row.resource_type, &row.id)? {
            let same_version = match (&there.version_id, &row.version_id) {
                (Some(a), Some(b)) => a == b,
                _ => there.json == row.json,
            };
            if same_version && there.deleted == row.deleted {
                return Ok(false);
            }
        }
        self.connection
            .prepare_cached(
                "INSERT INTO mirror (resource_type, id, version_id, last_updated, json, deleted, received_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (resource_type, id) DO UPDATE SET version_id = excluded.version_id,
                     last_updated = excluded.last_updated, json = excluded.json, deleted = excluded.deleted,
                     received_at = excluded.received_at",
            )
            .and_then(|mut insert| {
                insert.execute((
                    &row.resource_type,
                    &row.id,
                    &row.version_id,
                    row.last_updated.map(|at| at.timestamp_millis()),
                    &row.json,
                    row.deleted,
                    row.received_at.timestamp_millis(),
                ))
            })
            .doing("keeping a resource")?;
        Ok(true)
    }

    /// Moves the cursor of the pull `name`.
    pub fn set_cursor(&mut self, name: &str, value: &str, at: DateTime<Utc>) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO cursor (name, value, moved_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value, moved_at = excluded.moved_at",
            )
            .and_then(|mut insert| insert.execute((name, value, at.timestamp_millis())))
            .doing("moving the cursor")?;
        Ok(())
    }

    /// Removes the mirrored resources of a type: access was revoked, and what others own leaves this phone. Answers how many.
    /// The journal is not touched.
    pub fn remove_mirror_of(&mut self, resource_type: &str) -> Result<u64> {
        let removed = self
            .connection
            .prepare_cached("DELETE FROM mirror WHERE resource_type = ?1")
            .and_then(|mut delete| delete.execute([resource_type]))
            .doing("removing revoked data")?;
        Ok(u64::try_from(removed).unwrap_or(u64::MAX))
    }
}

fn mirror_row(row: &Row<'_>) -> Result<MirrorRow> {
    Ok(MirrorRow {
        resource_type: row.get(0).doing(READ)?,
        id: row.get(1).doing(READ)?,
        version_id: row.get(2).doing(READ)?,
        last_updated: row.get::<_, Option<i64>>(3).doing(READ)?.map(instant).transpose()?,
        json: row.get(4).doing(READ)?,
        deleted: row.get(5).doing(READ)?,
        received_at: instant(row.get(6).doing(READ)?)?,
    })
}
