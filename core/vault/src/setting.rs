//! Small values by name: settings, and drafts of what is being typed. Both are JSON.

use crate::error::{Doing, Result, VaultError};
use crate::transaction::{ReadTx, WriteTx};
use rusqlite::OptionalExtension;
use serde::Serialize;
use serde::de::DeserializeOwned;

impl ReadTx<'_> {
    /// A setting; `None` when it was never set.
    pub fn setting<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>> {
        self.value("SELECT json FROM setting WHERE key = ?1", key, "setting")
    }

    /// A draft; `None` when there is none.
    pub fn draft<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>> {
        self.value("SELECT json FROM draft WHERE key = ?1", key, "draft")
    }

    /// The names of all drafts.
    pub fn drafts(&self) -> Result<Vec<String>> {
        self.connection
            .prepare_cached("SELECT key FROM draft ORDER BY key")
            .and_then(|mut select| select.query_map([], |row| row.get(0))?.collect())
            .doing("reading the drafts")
    }

    fn value<T: DeserializeOwned>(&self, sql: &str, key: &str, field: &'static str) -> Result<Option<T>> {
        let json: Option<String> = self
            .connection
            .prepare_cached(sql)
            .and_then(|mut select| select.query_row([key], |row| row.get(0)).optional())
            .doing("reading a value")?;
        json.map(|json| serde_json::from_str(&json).map_err(|_| VaultError::BadValue { field })).transpose()
    }
}

impl WriteTx<'_> {
    /// Sets a setting.
    pub fn set_setting<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<()> {
        let sql =
            "INSERT INTO setting (key, json) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET json = excluded.json";
        self.set_value(sql, key, value, "setting")
    }

    /// Forgets a setting; one that is not there is fine.
    pub fn remove_setting(&mut self, key: &str) -> Result<()> {
        self.remove_value("DELETE FROM setting WHERE key = ?1", key)
    }

    /// Keeps a draft.
    pub fn set_draft<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<()> {
        let sql = "INSERT INTO draft (key, json) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET json = excluded.json";
        self.set_value(sql, key, value, "draft")
    }

    /// Forgets a draft; one that is not there is fine.
    pub fn remove_draft(&mut self, key: &str) -> Result<()> {
        self.remove_value("DELETE FROM draft WHERE key = ?1", key)
    }

    fn set_value<T: Serialize + ?Sized>(&self, sql: &str, key: &str, value: &T, field: &'static str) -> Result<()> {
        let json = serde_json::to_string(value).map_err(|_| VaultError::BadValue { field })?;
        self.connection
            .prepare_cached(sql)
            .and_then(|mut insert| insert.execute([key, &json]))
            .doing("keeping a value")?;
        Ok(())
    }

    fn remove_value(&self, sql: &str, key: &str) -> Result<()> {
        self.connection.prepare_cached(sql).and_then(|mut delete| delete.execute([key])).doing("removing a value")?;
        Ok(())
    }
}
