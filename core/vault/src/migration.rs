//! From any released version of the file to the present one: `prepare`, `init`, `upgrade`, `finish`.
//!
//! The version is `PRAGMA user_version`. Each step runs in one transaction that also moves the version, so a power cut leaves
//! the version before or the one after. Before the first step the whole file is copied (encrypted, same key). A file
//! of a newer version is refused before anything is written.

use crate::connection::{self, Role};
use crate::durable_file;
use crate::error::{Doing, Result, VaultError};
use crate::export::copy;
use crate::schema::Schema;
use crate::secret::DataKey;
use libsqlite3_sys as ffi;
use rusqlite::{Connection, TransactionBehavior};
use std::path::{Path, PathBuf};

/// Makes a new file with the present schema.
pub(crate) fn create(path: &Path, key: &DataKey, schema: &Schema) -> Result<Connection> {
    let mut connection = connection::keyed(path, key, Role::Creator)?;
    connection::settle(&connection, Role::Creator)?;
    init(&mut connection, schema)?;
    Ok(connection)
}

/// Opens a file of any released version as the writer, brought to the present version.
pub(crate) fn open(path: &Path, key: &DataKey, schema: &Schema) -> Result<Connection> {
    let mut connection = connection::keyed(path, key, Role::Writer)?;
    let found = prepare(&connection, schema)?;
    connection::settle(&connection, Role::Writer)?;
    if found < schema.version {
        back_up(&connection, path, key, found)?;
        upgrade(&mut connection, schema, found)?;
        finish(&connection)?;
    }
    Ok(connection)
}

/// Where the copy from before an upgrade lies.
pub(crate) fn backup_path(path: &Path, version: u32) -> PathBuf {
    path.with_extension(format!("before-v{}.db", version + 1))
}

fn version_of(connection: &Connection) -> Result<u32> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0)).doing("reading the version")
}

/// Answers the file's version, or refuses it; writes nothing.
fn prepare(connection: &Connection, schema: &Schema) -> Result<u32> {
    match version_of(connection)? {
        // Version 0 is a file that never finished being created, or is none of ours.
        0 => Err(VaultError::Damaged { what: "the database", code: 0 }),
        found if found > schema.version => Err(VaultError::NewerFile { found, supported: schema.version }),
        found => Ok(found),
    }
}

fn init(connection: &mut Connection, schema: &Schema) -> Result<()> {
    in_one_transaction(connection, schema.create, schema.version).doing("creating the tables")
}

fn in_one_transaction(connection: &mut Connection, sql: &str, version: u32) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(sql)?;
    transaction.pragma_update(None, "user_version", version)?;
    transaction.commit()
}

fn back_up(connection: &Connection, path: &Path, key: &DataKey, found: u32) -> Result<()> {
    let backup = backup_path(path, found);
    // One of an upgrade that was cut short is made anew, because the file may have grown since.
    durable_file::remove(&backup)?;
    // Not `VACUUM INTO`: its copy has SQLCipher's default settings, not those of this connection.
    copy(connection, key, &backup, found)?;
    durable_file::sync_folder(backup.parent().unwrap_or(Path::new(".")))
}

fn upgrade(connection: &mut Connection, schema: &Schema, found: u32) -> Result<()> {
    for step in schema.steps.iter().filter(|step| step.to > found) {
        in_one_transaction(connection, step.sql, step.to).map_err(|error| {
            match VaultError::from_sql("upgrading", &error) {
                VaultError::Database { code, .. } => VaultError::Upgrade { from: step.to - 1, to: step.to, code },
                other => other,
            }
        })?;
    }
    Ok(())
}

/// What must hold after every upgrade.
fn finish(connection: &Connection) -> Result<()> {
    let broken = connection
        .prepare("PRAGMA foreign_key_check")
        .and_then(|mut check| check.exists([]))
        .doing("checking the upgrade")?;
    if broken {
        return Err(VaultError::Damaged { what: "the upgraded database", code: ffi::SQLITE_CONSTRAINT });
    }
    Ok(())
}

#[cfg(test)]
#[path = "migration_tests.rs"]
mod tests;
