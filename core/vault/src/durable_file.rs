//! Writing a small file so that a power cut leaves the old one or the new one, whole.
//!
//! Temporary file, `fsync`, rename over the old, `fsync` of the folder: POSIX promises that a rename is atomic, not that it is
//! on disk before the folder is.

use crate::error::{Doing, Result, VaultError};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Ends the name of a file that is still being written. At opening such files are leftovers.
pub(crate) const PARTIAL: &str = ".part";

/// Replaces `name` in `dir` by `content`, durably.
pub(crate) fn replace(dir: &Path, name: &str, content: &[u8]) -> Result<()> {
    let partial = dir.join(format!("{name}{PARTIAL}"));
    let mut file = create(&partial)?;
    file.write_all(content).and_then(|()| file.sync_all()).doing("writing a file")?;
    drop(file);
    rename(&partial, &dir.join(name))
}

/// A new, empty file that only its owner may read.
pub(crate) fn create(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).doing("creating a file")
}

/// Renames durably.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).doing("renaming a file")?;
    sync_folder(to.parent().unwrap_or(Path::new(".")))
}

/// Makes names in `dir` durable.
pub(crate) fn sync_folder(dir: &Path) -> Result<()> {
    // A folder cannot be opened as a file on Windows, and needs no sync there.
    #[cfg(unix)]
    File::open(dir).and_then(|dir| dir.sync_all()).doing("syncing the folder")?;
    #[cfg(not(unix))]
    let _ = dir;
    Ok(())
}

/// Removes a file; one that is not there is fine.
pub(crate) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(VaultError::from_io("removing a file", &error)),
        _ => Ok(()),
    }
}

/// The file's bytes; `None` when there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(VaultError::from_io("reading a file", &error)),
    }
}
