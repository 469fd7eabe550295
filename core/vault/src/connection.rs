//! Opening one connection to the encrypted file: key first, cipher settings, guard, pragmas.

use crate::error::{Doing, Result, VaultError};
use crate::provider::PROVIDER_NAME;
use crate::schema::{On, PRAGMAS};
use crate::secret::DataKey;
use libsqlite3_sys as ffi;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use std::ffi::c_int;
use std::path::Path;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Makes the file.
    Creator,
    /// The one that writes.
    Writer,
    /// One of those that read.
    Reader,
}

/// A keyed connection, its pages readable with this key, its pragmas not yet set. Closing it changes nothing on disk, so
/// that a file which turns out to be somebody else's stays as it is.
pub(crate) fn keyed(path: &Path, key: &DataKey, role: Role) -> Result<Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if role == Role::Creator {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let connection = Connection::open_with_flags(path, flags).map_err(|error| cannot_open(path, &error))?;
    let raw = key.raw_key();
    let length = c_int::try_from(raw.len()).expect("99 characters");
    // SAFETY: the handle is open and used by nobody else; SQLCipher copies the key before it returns. The key goes as
    // bytes because SQL text would stay in SQLite's memory unwiped.
    let code = unsafe { ffi::sqlite3_key(connection.handle(), raw.as_ptr().cast(), length) };
    if code != ffi::SQLITE_OK {
        return Err(VaultError::Database { doing: "setting the key", code });
    }
    apply(&connection, On::Cipher)?;
    guard(&connection)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).doing("opening the database")?;
    // The first page that is read decides whether key and file fit.
    connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))
        .map_err(|error| cannot_open(path, &error))?;
    Ok(connection)
}

/// The rest of the settings, once the file is known to be ours.
pub(crate) fn settle(connection: &Connection, role: Role) -> Result<()> {
    apply(connection, On::All)?;
    match role {
        Role::Reader => apply(connection, On::Readers)?,
        Role::Writer | Role::Creator => {
            apply(connection, On::Writer)?;
            connection
                .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)
                .doing("opening the database")?;
        }
    }
    // One transaction uses a few dozen statements; the default of 16 would compile some anew each time.
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

fn apply(connection: &Connection, on: On) -> Result<()> {
    for pragma in PRAGMAS.iter().filter(|pragma| pragma.on == on) {
        let sql = format!("PRAGMA {} = {}", pragma.name, pragma.value);
        let mut statement = connection.prepare(&sql).doing("setting a pragma")?;
        let mut rows = statement.query([]).doing("setting a pragma")?;
        while rows.next().doing("setting a pragma")?.is_some() {}
    }
    Ok(())
}

/// A build that links another SQLite, or SQLCipher with another cryptography, must not touch a journal.
fn guard(connection: &Connection) -> Result<()> {
    let ask = |pragma: &str| {
        connection
            .query_row(pragma, [], |row| row.get::<_, String>(0))
            .optional()
            .doing("asking for the cipher")
            .map(Option::unwrap_or_default)
    };
    let provider = ask("PRAGMA cipher_provider")?;
    if provider.as_bytes() != PROVIDER_NAME.to_bytes() || !ask("PRAGMA cipher_version")?.starts_with("4.") {
        return Err(VaultError::WrongLibrary { provider });
    }
    Ok(())
}

/// SQLite says CANTOPEN for many reasons; a read-only folder is the one that a person can mend.
fn cannot_open(path: &Path, error: &rusqlite::Error) -> VaultError {
    let general = VaultError::from_sql("opening the database", error);
    let VaultError::Database { code, .. } = general else { return general };
    if code & 0xff != ffi::SQLITE_CANTOPEN {
        return general;
    }
    // A WAL database needs its folder writable even to read: ask the folder.
    let probe = path.with_extension("probe");
    match crate::durable_file::create(&probe) {
        Ok(_) => {
            // Best effort: an empty file more or less does no harm.
            let _ = std::fs::remove_file(&probe);
            general
        }
        Err(reason) => reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_without_our_cryptography_is_refused() {
        // Without a key there is no cipher, as with a SQLite that has none.
        let plain = Connection::open_in_memory().unwrap();
        assert_eq!(guard(&plain), Err(VaultError::WrongLibrary { provider: String::new() }));
    }

    #[test]
    fn a_key_of_another_vault_does_not_open_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        let (key, other) = (DataKey::random().unwrap(), DataKey::random().unwrap());
        keyed(&path, &key, Role::Creator).unwrap().execute_batch("CREATE TABLE a (b)").unwrap();
        assert!(matches!(keyed(&path, &other, Role::Reader), Err(VaultError::Damaged { .. })));
        assert!(keyed(&path, &key, Role::Reader).is_ok());
    }

    #[test]
    fn a_reader_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        let key = DataKey::random().unwrap();
        keyed(&path, &key, Role::Creator).unwrap().execute_batch("CREATE TABLE a (b)").unwrap();
        let reader = keyed(&path, &key, Role::Reader).unwrap();
        settle(&reader, Role::Reader).unwrap();
        let written = reader.execute_batch("INSERT INTO a VALUES (1)").doing("writing");
        assert_eq!(written, Err(VaultError::ReadOnly));
    }
}
