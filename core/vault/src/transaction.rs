//! What the rest of Homeline holds while it reads or writes: one snapshot, or one transaction. No SQLite type leaves the crate.
//!
//! The methods are beside what they are about: `journal`, `timeline`, `outbox`, `mirror`, `setting`, `attachment`.

use crate::chain::Head;
use crate::error::{Result, VaultError};
use chrono::{DateTime, Utc};
use homeline_model::DeviceId;
use rusqlite::Connection;
use std::ops::Deref;
use uuid::Uuid;

/// One consistent snapshot of the vault.
#[derive(Debug)]
pub struct ReadTx<'c> {
    pub(crate) connection: &'c Connection,
}

/// One write transaction; everything in it is kept, or nothing. It reads what it has written itself.
#[derive(Debug)]
pub struct WriteTx<'c> {
    read: ReadTx<'c>,
    pub(crate) device: DeviceId,
    /// The chain's end as this transaction sees it; read at the first append.
    pub(crate) head: Option<Head>,
}

impl<'c> WriteTx<'c> {
    pub(crate) fn new(connection: &'c Connection, device: DeviceId) -> Self {
        Self { read: ReadTx { connection }, device, head: None }
    }
}

impl<'c> Deref for WriteTx<'c> {
    type Target = ReadTx<'c>;

    fn deref(&self) -> &ReadTx<'c> {
        &self.read
    }
}

/// A stored instant.
pub(crate) fn instant(milliseconds: i64) -> Result<DateTime<Utc>> {
    DateTime::from_timestamp_millis(milliseconds).ok_or(VaultError::Damaged { what: "a stored time", code: 0 })
}

/// A stored UUID.
pub(crate) fn uuid(bytes: &[u8]) -> Result<Uuid> {
    Uuid::from_slice(bytes).map_err(|_| VaultError::Damaged { what: "a stored id", code: 0 })
}

/// A stored hash.
pub(crate) fn hash(bytes: &[u8]) -> Result<[u8; 32]> {
    bytes.try_into().map_err(|_| VaultError::Damaged { what: "a stored hash", code: 0 })
}

/// A stored count; SQLite has signed numbers only.
pub(crate) fn count(stored: i64) -> Result<u64> {
    u64::try_from(stored).map_err(|_| VaultError::Damaged { what: "a stored number", code: 0 })
}

/// A number for a column.
pub(crate) fn column(number: u64, field: &'static str) -> Result<i64> {
    i64::try_from(number).map_err(|_| VaultError::BadValue { field })
}
