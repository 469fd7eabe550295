//! What can go wrong with the vault, one variant for each thing that a person can do something about.
//!
//! No variant holds personal data: ids, field names, counts and SQLite's numbers only. None of them deletes or recreates
//! anything: a vault that does not open stays as it is.

use homeline_model::{AttachmentId, EntryId};
use std::io;

/// An error of the vault. It can be copied, because one failed commit answers several waiting writers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// There is no vault in the folder.
    #[error("there is no vault here: `{what}` is missing; create one, or name the folder that holds it")]
    Missing {
        /// The file that is not there.
        what: &'static str,
    },
    /// A vault is there already; it is not touched.
    #[error("there is a vault here already: open it, or name another folder")]
    AlreadyExists,
    /// Somebody has it open: this process or another.
    #[error("the vault is already open: close the other Homeline first")]
    AlreadyOpen,
    /// The folder cannot be written.
    #[error("the vault's folder is read-only: make it writable")]
    ReadOnly,
    /// The disk is full. What was acknowledged is safe; what was asked last was not written.
    #[error("the disk is full, the last change was not written: free some space, then try again")]
    DiskFull {
        /// The vault gave back its reserve, so one more try with a small entry will work.
        room_made: bool,
    },
    /// The passcode does not open it.
    #[error("wrong passcode: try again")]
    WrongPasscode,
    /// The recovery code is well formed, but does not open this vault.
    #[error("this recovery code belongs to another vault or was replaced by a newer one")]
    WrongRecoveryCode,
    /// The recovery code has a typing error.
    #[error("the recovery code has a typing error ({problem}): compare it with the paper")]
    RecoveryCodeMistyped {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A passcode is needed: this vault has one, or the key store holds no key of its own.
    #[error("a passcode is needed for this vault")]
    PasscodeRequired,
    /// This vault has no passcode.
    #[error("this vault has no passcode: open it without one")]
    NoPasscodeSet,
    /// The passcode's Argon2id cost is below the minimum, or cannot be computed here.
    #[error("the passcode cost `{field}` is {found}, allowed is {minimum} or more (and what this device can compute)")]
    PasscodeCost {
        /// Which cost parameter.
        field: &'static str,
        /// What was asked.
        found: u32,
        /// What is the least.
        minimum: u32,
    },
    /// The platform's key store does not answer now, e.g. before the first unlock after a restart. Try later.
    #[error("the phone's key store is not available now: unlock the phone and try again")]
    KeyUnavailable,
    /// The platform's key is gone for good, e.g. the screen lock was removed. Only the recovery code helps.
    #[error("the phone's key is no longer valid: open with the recovery code")]
    KeyInvalidated,
    /// A newer Homeline wrote it; it is not touched.
    #[error("the vault was written by a newer Homeline (format {found}, this one knows {supported}): update the app")]
    NewerFile {
        /// The file's version.
        found: u32,
        /// The newest that this code knows.
        supported: u32,
    },
    /// A file is damaged or was changed; it is left as it is.
    #[error("`{what}` is damaged (code {code}): it is left as it is; restore a backup")]
    Damaged {
        /// Which part.
        what: &'static str,
        /// SQLite's extended result code, or 0.
        code: i32,
    },
    /// The file is older than what was sealed, i.e. an old copy was put back. It can be read.
    #[error(
        "the vault is an older copy: {missing} of our own entries are missing or the seal is behind; reading works, writing waits until the history is accepted"
    )]
    RolledBack {
        /// How many entries the sealed head is ahead; 0 when only the seal itself is behind.
        missing: u64,
    },
    /// The hash chain does not fit: an entry was changed or is missing.
    #[error("the journal's hash chain breaks at entry number {sequence} of this device")]
    ChainBroken {
        /// The first entry that does not fit.
        sequence: u64,
    },
    /// The program was built with another SQLite or another cryptography.
    #[error(
        "this build links another SQLite (cipher provider `{provider}`): build with the repository's .cargo/config.toml"
    )]
    WrongLibrary {
        /// What `PRAGMA cipher_provider` said.
        provider: String,
    },
    /// A schema step failed; the file is as it was before.
    #[error("the vault could not be brought from format {from} to {to} (code {code}): it is as it was")]
    Upgrade {
        /// The version that the file has.
        from: u32,
        /// The version that was to be.
        to: u32,
        /// SQLite's extended result code.
        code: i32,
    },
    /// An entry with this id is there, with other content. Entries are never overwritten: amend it.
    #[error("entry {id} is there already with other content: write an amendment with an id of its own")]
    EntryConflict {
        /// The entry.
        id: EntryId,
    },
    /// The entry that is to be corrected is not in the journal.
    #[error("entry {id} amends {amends}, which is not in the journal")]
    AmendedEntryMissing {
        /// The new entry.
        id: EntryId,
        /// The one that is not there.
        amends: EntryId,
    },
    /// A value is larger than the vault takes.
    #[error("`{field}` has {bytes} bytes, at most {limit} are taken: shorten it")]
    TooLarge {
        /// Which value.
        field: &'static str,
        /// How large it is.
        bytes: u64,
        /// How large it may be.
        limit: u64,
    },
    /// A stored or given value does not have the form that it must have.
    #[error("`{field}` cannot be read or written in its form")]
    BadValue {
        /// Which value.
        field: &'static str,
    },
    /// There is no such attachment, or its file is gone.
    #[error("attachment {id} is not here")]
    AttachmentMissing {
        /// Which.
        id: AttachmentId,
    },
    /// The attachment was changed, cut or damaged.
    #[error("attachment {id} is damaged at chunk {chunk}")]
    AttachmentDamaged {
        /// Which.
        id: AttachmentId,
        /// The first chunk that does not verify, from 0.
        chunk: u32,
    },
    /// There is no such row, e.g. an outbox item that was never queued.
    #[error("`{what}` number {id} is not there")]
    NoSuchRow {
        /// Which table.
        what: &'static str,
        /// The row's number.
        id: i64,
    },
    /// A long piece of work was taken back by whoever asked for it.
    #[error("the work was taken back; nothing half-done was kept")]
    Cancelled,
    /// The vault was closed.
    #[error("the vault is closed: open it again")]
    Closed,
    /// The work given to the vault panicked; its changes were rolled back.
    #[error("a write was abandoned by a fault in the program; nothing of it was kept")]
    Abandoned,
    /// The system's random numbers or a key could not be made.
    #[error("the system's cryptography failed while {doing}")]
    Crypto {
        /// What was being done.
        doing: &'static str,
    },
    /// The file system refused.
    #[error("the file system refused while {doing} ({kind})")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The kind of refusal.
        kind: io::ErrorKind,
    },
    /// SQLite refused for a reason that has no variant of its own.
    #[error("the database refused while {doing} (code {code})")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// SQLite's extended result code.
        code: i32,
    },
}

/// The crate's result.
pub type Result<T, E = VaultError> = std::result::Result<T, E>;

impl VaultError {
    /// An error of the file system, as the variant that a person can act on.
    pub(crate) fn from_io(doing: &'static str, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { room_made: false },
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => Self::ReadOnly,
            kind => Self::Io { doing, kind },
        }
    }

    /// An error of SQLite, as the variant that a person can act on.
    pub(crate) fn from_sql(doing: &'static str, error: &rusqlite::Error) -> Self {
        use libsqlite3_sys as ffi;
        let code = match error {
            rusqlite::Error::SqliteFailure(failure, _) => failure.extended_code,
            rusqlite::Error::SqlInputError { error, .. } => error.extended_code,
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..) => return Self::Damaged { what: "a stored value", code: 0 },
            _ => 0,
        };
        match code & 0xff {
            ffi::SQLITE_FULL => Self::DiskFull { room_made: false },
            ffi::SQLITE_CORRUPT | ffi::SQLITE_NOTADB => Self::Damaged { what: "the database", code },
            ffi::SQLITE_READONLY => Self::ReadOnly,
            _ => Self::Database { doing, code },
        }
    }
}

/// Names what was being done when SQLite or the file system refused.
pub(crate) trait Doing<T> {
    fn doing(self, what: &'static str) -> Result<T>;
}

impl<T> Doing<T> for rusqlite::Result<T> {
    fn doing(self, what: &'static str) -> Result<T> {
        self.map_err(|error| VaultError::from_sql(what, &error))
    }
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, what: &'static str) -> Result<T> {
        self.map_err(|error| VaultError::from_io(what, &error))
    }
}
