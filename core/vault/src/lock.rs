//! One vault, one owner: an advisory lock on a file of its own, freed by the system when the process ends, however it ends.

use crate::error::{Doing, Result, VaultError};
use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

const FILE: &str = "lock";

/// Held as long as the vault is open.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    pub(crate) fn take(dir: &Path) -> Result<Self> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(dir.join(FILE))
            .doing("opening the lock file")?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(VaultError::AlreadyOpen),
            Err(TryLockError::Error(error)) => Err(VaultError::from_io("locking the vault", &error)),
        }
    }
}
