//! One SQLite file under one of three settings, written and read by the vault's own statements.

use crate::error::BenchError;
use homeline_model::{Entry, EntryBody};
use homeline_vault::schema::{CREATE, On, PRAGMAS};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Params, TransactionBehavior};
use std::path::{Path, PathBuf};

/// Which settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settings {
    /// The vault's.
    Ours,
    /// The vault's without a key.
    Plain,
    /// A passphrase and nothing else: SQLCipher as it comes.
    DefaultSqlcipher,
}

/// The vault's own statements (`core/vault/src/journal.rs`, `timeline.rs`).
pub(crate) const NEWEST_PAGE: &str = "SELECT json FROM entry WHERE 1 ORDER BY happened_at DESC, id DESC LIMIT ?";
pub(crate) const PAGE: &str =
    "SELECT json FROM entry WHERE 1 AND (happened_at, id) < (?, ?) ORDER BY happened_at DESC, id DESC LIMIT ?";
pub(crate) const SEARCH: &str = "SELECT json FROM entry_fts JOIN entry ON entry.number = entry_fts.rowid
     WHERE entry_fts MATCH ?1 ORDER BY happened_at DESC, id DESC LIMIT ?2";
pub(crate) const ADHERENCE: &str = "SELECT id, order_id, occurrence_id, happened_at, administration_status, amends
     FROM entry INDEXED BY administration_by_time
     WHERE kind = 'administration' AND happened_at >= ?1 AND happened_at < ?2 ORDER BY happened_at";
const FIND: &str = "SELECT json FROM entry WHERE id = ?1";
const INSERT: &str = "INSERT INTO entry (id, kind, order_id, occurrence_id, happened_at, recorded_at, amends,
         administration_status, device, device_sequence, previous_hash, hash, json)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
const INSERT_WORDS: &str = "INSERT INTO entry_fts (rowid, words) VALUES (last_insert_rowid(), ?1)";

/// An entry as the columns hold it.
pub(crate) struct Row {
    id: [u8; 16],
    kind: &'static str,
    order: Option<String>,
    occurrence: Option<[u8; 16]>,
    happened_at: i64,
    recorded_at: i64,
    status: Option<String>,
    json: String,
    words: String,
}

impl Row {
    /// The JSON work of an append, which the vault does inside of it.
    pub(crate) fn of(entry: &Entry) -> Result<Self, BenchError> {
        let status = match &entry.body {
            EntryBody::Administration(administration) => {
                serde_json::to_value(administration.status)?.as_str().map(str::to_owned)
            }
            _ => None,
        };
        Ok(Self {
            id: *entry.id.0.as_bytes(),
            kind: entry.kind().as_str(),
            order: entry.order.as_ref().map(|order| order.id.as_str().to_owned()),
            occurrence: entry.occurrence.map(|id| *id.0.as_bytes()),
            happened_at: entry.times.happened.at.timestamp_millis(),
            recorded_at: entry.times.recorded_at.timestamp_millis(),
            status,
            json: serde_json::to_string(entry)?,
            words: entry.search_text(),
        })
    }
}

/// The file, open.
pub(crate) struct Database {
    path: PathBuf,
    settings: Settings,
    connection: Connection,
    appended: i64,
}

impl Database {
    /// A new file with the vault's tables.
    pub(crate) fn create(path: PathBuf, settings: Settings) -> Result<Self, BenchError> {
        let connection = open(&path, settings)?;
        connection.execute_batch(CREATE)?;
        Ok(Self { path, settings, connection, appended: 0 })
    }

    /// Another connection to the same file, as an app that has just started has it.
    pub(crate) fn open_again(&self) -> Result<Connection, BenchError> {
        open(&self.path, self.settings)
    }

    /// A connection with an empty cache in place of this one.
    pub(crate) fn reopen(&mut self) -> Result<(), BenchError> {
        self.connection = self.open_again()?;
        Ok(())
    }

    /// The connection.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Appends all in one durable transaction.
    pub(crate) fn append(&mut self, rows: &[Row]) -> Result<(), BenchError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for row in rows {
            let there: Option<String> =
                transaction.prepare_cached(FIND)?.query_row([row.id], |found| found.get(0)).optional()?;
            debug_assert!(there.is_none(), "ids are random");
            self.appended += 1;
            // As long and as random as a hash: what the chain costs in space is the same for all.
            let hash = [row.id, row.id].concat();
            transaction.prepare_cached(INSERT)?.execute((
                row.id,
                row.kind,
                &row.order,
                row.occurrence,
                row.happened_at,
                row.recorded_at,
                None::<[u8; 16]>,
                &row.status,
                [7_u8; 16],
                self.appended,
                &hash,
                &hash,
                &row.json,
            ))?;
            if !row.words.is_empty() {
                transaction.prepare_cached(INSERT_WORDS)?.execute([&row.words])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// Moves the WAL into the file, where there is one; answers the file's bytes.
    pub(crate) fn settle(&self) -> Result<u64, BenchError> {
        if self.settings != Settings::DefaultSqlcipher {
            self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        }
        Ok(std::fs::metadata(&self.path)?.len())
    }
}

fn open(path: &Path, settings: Settings) -> Result<Connection, BenchError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.set_prepared_statement_cache_capacity(64);
    let chosen: &[On] = match settings {
        Settings::Ours => {
            let raw = format!("PRAGMA key = \"x'{}'\"", "5a".repeat(48));
            connection.query_row(&raw, [], |_| Ok(()))?;
            &[On::Cipher, On::All, On::Writer]
        }
        Settings::Plain => &[On::All, On::Writer],
        Settings::DefaultSqlcipher => {
            connection.query_row("PRAGMA key = 'a passphrase that a person remembers'", [], |_| Ok(()))?;
            &[]
        }
    };
    for pragma in PRAGMAS.iter().filter(|pragma| chosen.contains(&pragma.on)) {
        let mut statement = connection.prepare(&format!("PRAGMA {} = {}", pragma.name, pragma.value))?;
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
    }
    Ok(connection)
}

/// Reads the JSON column of every row; answers the bytes, so that the work cannot be left out.
pub(crate) fn read_json(connection: &Connection, sql: &str, params: impl Params) -> Result<u64, BenchError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        bytes += u64::try_from(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?.len()).unwrap_or(u64::MAX);
    }
    Ok(bytes)
}

/// Reads the entries of every row, as the vault does.
pub(crate) fn read_entries(connection: &Connection, sql: &str, params: impl Params) -> Result<Vec<Entry>, BenchError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(serde_json::from_str(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?);
    }
    Ok(entries)
}
