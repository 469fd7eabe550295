//! The database as SQL: tables, indexes, pragmas, each with its reason. Public for benchmarks and for tests of migrations only;
//! programs use [`crate::Vault`].
//!
//! Times are UTC milliseconds, ids of ours are the 16 bytes of their UUID. The vault reads of an entry what its columns
//! need (`Entry`'s own fields, the status of an administration) and keeps the rest as the JSON it was given, byte
//! for byte: the hash chain is over those bytes.

/// Page size in bytes: SQLCipher 4's own default, and a flash page.
pub const PAGE_BYTES: u32 = 4096;

/// The page MAC. SHA-256 instead of the default SHA-512 halves the CPU of a full scan, because phones have SHA-256
/// instructions; the MAC is most of what SQLCipher costs.
pub const HMAC_ALGORITHM: &str = "HMAC_SHA256";

/// The version that [`CREATE`] makes, in `PRAGMA user_version`.
pub const VERSION: u32 = 2;

/// The present schema, for a new file.
pub const CREATE: &str = include_str!("schema.sql");

/// Which connections a pragma is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// Every connection, before the first page is read. SQLCipher only.
    Cipher,
    /// Every connection.
    All,
    /// The one writer.
    Writer,
    /// The readers.
    Readers,
}

/// One setting of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Pragma {
    /// For which connections.
    pub on: On,
    /// Its name.
    pub name: &'static str,
    /// Its value, as SQL.
    pub value: &'static str,
    /// Why.
    pub reason: &'static str,
}

const fn pragma(on: On, name: &'static str, value: &'static str, reason: &'static str) -> Pragma {
    Pragma { on, name, value, reason }
}

/// Every setting, in the order in which it is made.
pub const PRAGMAS: &[Pragma] = &[
    pragma(On::Cipher, "cipher_page_size", "4096", "the file does not hold it; a wrong one looks like a wrong key"),
    pragma(On::Cipher, "cipher_hmac_algorithm", HMAC_ALGORITHM, "0.48 of the CPU of a full scan with HMAC_SHA512"),
    pragma(On::Cipher, "cipher_memory_security", "OFF", "ON costs 9 times a search and 4 times an opening, for little"),
    pragma(On::All, "busy_timeout", "5000", "a reader waits for the end of a checkpoint instead of failing"),
    pragma(On::Writer, "journal_mode", "WAL", "readers read while the writer writes; one fsync for each commit"),
    pragma(On::All, "synchronous", "FULL", "NORMAL loses a third of the acknowledged commits at a power cut"),
    pragma(On::All, "fullfsync", "ON", "on Apple a plain fsync does not reach the flash; elsewhere it does nothing"),
    pragma(On::All, "checkpoint_fullfsync", "ON", "as fullfsync, for checkpoints"),
    pragma(On::All, "cache_size", "-16000", "16 MB of decrypted pages: 0.6 of the CPU of paging the timeline"),
    pragma(On::All, "temp_store", "MEMORY", "a sort never writes plain rows to disk"),
    pragma(On::All, "foreign_keys", "ON", "a row names only what exists"),
    pragma(On::All, "trusted_schema", "OFF", "a schema that somebody changed cannot call functions"),
    pragma(On::Writer, "journal_size_limit", "16777216", "after a long transaction the WAL gives its space back"),
    pragma(On::Readers, "query_only", "ON", "a reader cannot write, whatever the code does"),
];

/// One upgrade of the schema.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// The version after it; one more than before.
    pub to: u32,
    /// What it does. Never edited after a release: it must do then what it does now.
    pub sql: &'static str,
}

/// A schema with its history.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// The present version.
    pub version: u32,
    /// Makes a new file of the present version.
    pub create: &'static str,
    /// From each released version to the next, in order.
    pub steps: &'static [Step],
}

/// Every step since the first release.
const STEPS: &[Step] = &[Step {
    to: 2,
    sql: "
CREATE TABLE alarm (
    id TEXT NOT NULL,
    fire_at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    occurrence_id BLOB,
    content TEXT NOT NULL,
    planned_at INTEGER NOT NULL,
    handed_at INTEGER,
    pending_at INTEGER,
    fired_at INTEGER,
    seen_at INTEGER,
    acted_at INTEGER,
    withdrawn_at INTEGER,
    PRIMARY KEY (id, fire_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX alarm_by_time ON alarm (fire_at, id);",
}];

/// The vault's schema.
pub const SCHEMA: Schema = Schema { version: VERSION, create: CREATE, steps: STEPS };
