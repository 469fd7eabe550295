//! A reserve of disk space. On a full disk SQLite cannot even delete; the vault then gives its reserve back, so that the dose
//! that is being logged can still be written.

use crate::durable_file::{self, PARTIAL};
use crate::error::{Doing, Result};
use std::io::Write;
use std::path::Path;

const FILE: &str = "reserve";
/// Room for some hundred entries with their search words, in bytes.
const BYTES: usize = 4 * 1024 * 1024;

/// Sets the reserve aside, if it is not there.
pub(crate) fn fill(dir: &Path) -> Result<()> {
    let path = dir.join(FILE);
    if path.exists() {
        return Ok(());
    }
    let partial = dir.join(format!("{FILE}{PARTIAL}"));
    let written = durable_file::create(&partial).and_then(|mut file| {
        // Not zeros: a file system that compresses would keep nothing free.
        let noise = crate::secret::random::<4096>()?;
        for _ in 0..BYTES / noise.len() {
            file.write_all(&noise).doing("setting the reserve aside")?;
        }
        file.sync_all().doing("setting the reserve aside")
    });
    match written {
        Ok(()) => durable_file::rename(&partial, &path),
        Err(error) => durable_file::remove(&partial).and(Err(error)),
    }
}

/// Gives the reserve back. Answers whether there was one.
pub(crate) fn release(dir: &Path) -> bool {
    std::fs::remove_file(dir.join(FILE)).is_ok()
}
