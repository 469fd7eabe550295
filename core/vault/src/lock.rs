//! One vault, one owner: an advisory lock on a file of its own, freed by the system when the process ends, however it ends.

use crate::error::{Doing, Result, VaultError};
use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

const FILE: &str = "lock";

/// Held as long as the vault is open.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
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
            Ok(()) => Ok(Self { file }),
            Err(TryLockError::WouldBlock) => Err(VaultError::AlreadyOpen),
            Err(TryLockError::Error(error)) => Err(VaultError::from_io("locking the vault", &error)),
        }
    }
}

impl Drop for Lock {
    /// Closing would not be enough: a process that is being started from this one holds a copy of the file for a moment, and
    /// with it the lock. Unlocking takes it from the copies too.
    fn drop(&mut self) {
        // What fails here is mended by closing.
        let _ = self.file.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_is_let_go_is_free_although_a_starting_process_has_a_copy_of_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let lock = Lock::take(folder.path()).unwrap();
        assert_eq!(Lock::take(folder.path()).unwrap_err(), VaultError::AlreadyOpen);
        let _copy = lock.file.try_clone().unwrap();
        drop(lock);
        assert!(Lock::take(folder.path()).is_ok());
    }
}
