//! The file of the server: one line of JSON for each committed request, appended and synced before the answer.
//!
//! A line is a whole transaction, so a torn write can only cost the last, unanswered one: it is cut off at the next
//! start and reported. A broken line anywhere else is damage, and the file is refused untouched.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::ServerError;
use super::records::Version;

/// A last line that was cut off because it had not been written whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TornTail {
    /// Number of the line, from 1.
    pub line: usize,
    /// Bytes cut off.
    pub bytes: u64,
}

#[derive(Serialize)]
struct LineToWrite<'a> {
    changes: &'a [Version],
}

#[derive(Deserialize)]
struct LineToRead {
    changes: Vec<Version>,
}

pub(super) struct Log {
    path: PathBuf,
    file: File,
}

impl Log {
    /// Opens or makes the file and hands every stored change to `replay`, oldest first.
    pub(super) fn open(
        path: &Path,
        mut replay: impl FnMut(Vec<Version>),
    ) -> Result<(Self, Option<TornTail>), ServerError> {
        let fault = |source| ServerError::File { path: path.to_owned(), source };
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(fault)?;
        // Two servers appending to one file would each overwrite the other's idea of the newest version.
        file.try_lock().map_err(|_| ServerError::FileInUse { path: path.to_owned() })?;
        let mut whole: u64 = 0;
        let mut torn = None;
        let mut reader = BufReader::new(&file);
        let mut bytes = Vec::new();
        for line in 1.. {
            bytes.clear();
            let read = reader.read_until(b'\n', &mut bytes).map_err(fault)?;
            if read == 0 {
                break;
            }
            let length = u64::try_from(read).unwrap_or(u64::MAX);
            if bytes.last() != Some(&b'\n') {
                torn = Some(TornTail { line, bytes: length });
                break;
            }
            let parsed: LineToRead = serde_json::from_slice(&bytes).map_err(|source| ServerError::DamagedLine {
                path: path.to_owned(),
                line,
                source,
            })?;
            replay(parsed.changes);
            whole += length;
        }
        if torn.is_some() {
            file.set_len(whole).map_err(fault)?;
            file.sync_data().map_err(fault)?;
        }
        file.seek(SeekFrom::End(0)).map_err(fault)?;
        Ok((Self { path: path.to_owned(), file }, torn))
    }

    /// Returns when the changes are on disk.
    pub(super) fn append(&mut self, changes: &[Version]) -> Result<(), ServerError> {
        let fault = |source| ServerError::File { path: self.path.clone(), source };
        let mut line = serde_json::to_vec(&LineToWrite { changes }).map_err(|source| fault(source.into()))?;
        line.push(b'\n');
        let before = self.file.metadata().map_err(fault)?.len();
        let written = self.file.write_all(&line).and_then(|()| self.file.sync_data());
        if let Err(source) = written {
            // A half line in the middle would make the file unreadable at the next start.
            self.file.set_len(before).map_err(fault)?;
            return Err(fault(source));
        }
        Ok(())
    }
}
