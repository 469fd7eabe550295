//! Files that a person asked for, in the clear: there whole or not at all. They are written beside their place and moved
//! there when done, so that a half one is never taken for one.

use crate::error::{ErrorKind, HomelineError};
use std::path::{Path, PathBuf};

/// What could not be written, and why.
pub(crate) fn failed(what: &str, error: &std::io::Error) -> HomelineError {
    let kind = if error.kind() == std::io::ErrorKind::StorageFull { ErrorKind::DiskFull } else { ErrorKind::Platform };
    HomelineError::new(
        kind,
        "file.not-written",
        format!("{what} cannot be written ({})", error.kind()),
        "Name another place; nothing half-done was kept.",
    )
}

fn beside(place: &Path) -> PathBuf {
    let mut unfinished = place.as_os_str().to_owned();
    unfinished.push(".unfinished");
    PathBuf::from(unfinished)
}

/// Writes a file; one that is there already is replaced.
pub(crate) fn file(what: &str, place: &Path, bytes: &[u8]) -> Result<(), HomelineError> {
    let unfinished = beside(place);
    std::fs::write(&unfinished, bytes).and_then(|()| std::fs::rename(&unfinished, place)).map_err(|error| {
        let _ = std::fs::remove_file(&unfinished);
        failed(what, &error)
    })
}

/// Fills a folder that does not exist yet.
pub(crate) fn folder<T>(
    what: &str,
    place: &Path,
    fill: impl FnOnce(&Path) -> Result<T, HomelineError>,
) -> Result<T, HomelineError> {
    if place.exists() {
        return Err(HomelineError::new(
            ErrorKind::AlreadyExists,
            "file.exists",
            format!("the folder for {what} exists already"),
            "Name one that does not exist yet: nothing is overwritten.",
        ));
    }
    let unfinished = beside(place);
    let filled = std::fs::create_dir_all(&unfinished)
        .map_err(|error| failed(what, &error))
        .and_then(|()| fill(&unfinished))
        .and_then(|filled| std::fs::rename(&unfinished, place).map(|()| filled).map_err(|error| failed(what, &error)));
    if filled.is_err() {
        let _ = std::fs::remove_dir_all(&unfinished);
    }
    filled
}
