//! A whole copy of the database under another key, verified before anybody relies on it. For rotation and backup.
//!
//! Never `PRAGMA rekey`: it answers OK although its commit failed (`sqlite3_rekey_v2` drops the result of `sqlite3BtreeCommit`
//! in SQLCipher 4.19 and 4.20), in up to a third of simulated power cuts.

use crate::attachment;
use crate::error::{Doing, Result, VaultError};
use crate::long_work::LongWork;
use crate::migration;
use crate::schema::{On, PRAGMAS, SCHEMA};
use crate::secret::DataKey;
use crate::transaction::ReadTx;
use crate::vault::{Verified, verify_database};
use crate::writer::checkpoint;
use homeline_model::DeviceId;
use rusqlite::Connection;
use std::fs::File;
use std::path::Path;

const DOING: &str = "copying the database";

/// Writes a copy of `from` (whose key is `old`) to `path` under `new`, with the attachments' keys wrapped anew, synced and verified: the
/// same rows, every page's MAC, the whole chain.
pub(crate) fn export(
    from: &Connection,
    old: &DataKey,
    new: &DataKey,
    path: &Path,
    device: DeviceId,
    work: &LongWork,
) -> Result<Verified> {
    let going = || work.check();
    let (before, counted) = work.on(from, |from| {
        let before = verify_database(from, device, &going)?;
        let counted = row_counts(from)?;
        copy(from, new, path, SCHEMA.version)?;
        Ok((before, counted))
    })?;
    let copy = migration::open(path, new, &SCHEMA)?;
    rewrap(&copy, old, new)?;
    let after = work.on(&copy, |copy| verify_database(copy, device, &going))?;
    if after != before || row_counts(&copy)? != counted {
        return Err(VaultError::Damaged { what: "the copy of the database", code: 0 });
    }
    checkpoint(&copy)?;
    copy.close().map_err(|(_, error)| VaultError::from_sql(DOING, &error))?;
    File::open(path).and_then(|file| file.sync_all()).doing(DOING)?;
    Ok(after)
}

/// Writes every row of `from` to `path` under `key`, synced, not verified. `version` is what `from` has.
pub(crate) fn copy(from: &Connection, key: &DataKey, path: &Path, version: u32) -> Result<()> {
    let text = path.to_str().ok_or(VaultError::BadValue { field: "the vault's path" })?;
    // An attached file is opened with the flags of the first, which do not create; an empty file is a new database.
    crate::durable_file::create(path)?;
    from.execute("ATTACH DATABASE ?1 AS copy KEY ?2", (text, key.raw_key().as_str())).doing(DOING)?;
    let copied = || -> rusqlite::Result<()> {
        for pragma in PRAGMAS.iter().filter(|pragma| pragma.on == On::Cipher) {
            from.prepare(&format!("PRAGMA copy.{} = {}", pragma.name, pragma.value))?.query([])?.next()?;
        }
        from.query_row("SELECT sqlcipher_export('copy')", [], |_| Ok(()))?;
        // The version is not among what is exported.
        from.pragma_update(Some("copy"), "user_version", version)
    };
    let done = copied().doing(DOING);
    from.execute("DETACH DATABASE copy", []).doing(DOING).and(done)?;
    File::open(path).and_then(|file| file.sync_all()).doing(DOING)
}

fn rewrap(copy: &Connection, old: &DataKey, new: &DataKey) -> Result<()> {
    for (info, file, wrapped) in (ReadTx { connection: copy }).attachment_rows("", [])? {
        let damaged = VaultError::AttachmentDamaged { id: info.id, chunk: 0 };
        let key = attachment::unwrap(old, info.id, &wrapped).ok_or(damaged)?;
        copy.execute(
            "UPDATE attachment SET wrapped_key = ?2 WHERE file = ?1",
            (file, attachment::wrap(new, info.id, &key)?),
        )
        .doing(DOING)?;
    }
    Ok(())
}

fn row_counts(connection: &Connection) -> Result<Vec<(String, i64)>> {
    let names: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
        .and_then(|mut select| select.query_map([], |row| row.get(0))?.collect())
        .doing(DOING)?;
    names
        .into_iter()
        .map(|name| {
            let count = connection.query_row(&format!("SELECT count(*) FROM \"{name}\""), [], |row| row.get(0));
            Ok((name, count.doing(DOING)?))
        })
        .collect()
}
