//! A few read-only connections, opened when first needed, the last used first (its page cache is warm).

use crate::connection::{self, Role};
use crate::error::{Doing, Result, VaultError};
use crate::secret::DataKey;
use crate::transaction::ReadTx;
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A phone shows one screen; a second connection serves sync, a third the report.
const MOST: usize = 3;

#[derive(Debug)]
pub(crate) struct Readers {
    path: PathBuf,
    key: DataKey,
    pool: Mutex<Pool>,
    returned: Condvar,
}

#[derive(Debug, Default)]
struct Pool {
    idle: Vec<Connection>,
    open: usize,
}

impl Readers {
    pub(crate) fn new(path: PathBuf, key: DataKey) -> Self {
        Self { path, key, pool: Mutex::default(), returned: Condvar::new() }
    }

    /// Runs `work` on one snapshot.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&ReadTx<'_>) -> Result<T>) -> Result<T> {
        let lease = Lease { connection: Some(self.take()?), readers: self };
        let connection = lease.connection.as_ref().ok_or(VaultError::Closed)?;
        let run = |sql: &str| connection.prepare_cached(sql).and_then(|mut s| s.execute([])).doing("reading");
        run("BEGIN")?;
        let done = work(&ReadTx { connection });
        run("ROLLBACK")?;
        done
    }

    /// Closes the idle ones; called when nobody reads any more.
    pub(crate) fn clear(&mut self) {
        *self.pool() = Pool::default();
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        // The pool is whole at every moment, so a panic elsewhere leaves it usable.
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Result<Connection> {
        let mut pool = self.pool();
        loop {
            if let Some(connection) = pool.idle.pop() {
                return Ok(connection);
            }
            if pool.open < MOST {
                pool.open += 1;
                drop(pool);
                return self.open().inspect_err(|_| self.pool().open -= 1);
            }
            pool = self.returned.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn open(&self) -> Result<Connection> {
        let connection = connection::keyed(&self.path, &self.key, Role::Reader)?;
        connection::settle(&connection, Role::Reader)?;
        Ok(connection)
    }
}

/// Gives the connection back, also when the reading code panics.
struct Lease<'a> {
    connection: Option<Connection>,
    readers: &'a Readers,
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let mut pool = self.readers.pool();
        match self.connection.take() {
            Some(connection) if connection.is_autocommit() => pool.idle.push(connection),
            // Its snapshot could not be ended: a new one is opened in its place.
            Some(_) | None => pool.open -= 1,
        }
        drop(pool);
        self.readers.returned.notify_one();
    }
}
