//! The vault as the rest of Homeline holds it: open it, write, read, close.

use crate::ballast;
use crate::chain::Head;
use crate::durable_file::{self, PARTIAL};
use crate::envelope::{self, Envelope, KeyRecord, Unlock};
use crate::error::{Doing, Result, VaultError};
use crate::journal::Appended;
use crate::key_store::Protection;
use crate::lock::Lock;
use crate::long_work::LongWork;
use crate::migration;
use crate::outbox::NewOutboxItem;
use crate::passcode::PasscodeCost;
use crate::readers::Readers;
use crate::recovery::RecoveryCode;
use crate::schema::SCHEMA;
use crate::seal::{History, SealedHead};
use crate::secret::{DataKey, Passcode};
use crate::timeline::{TimelinePage, TimelineQuery};
use crate::transaction::{ReadTx, WriteTx};
use crate::writer::{Writer, checkpoint};
use chrono::{DateTime, TimeDelta, Utc};
use homeline_model::{DeviceId, Entry};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) const DATABASE: &str = "journal.db";
/// There from the first moment of a creation to its last: what lies beside it was never a vault.
const CREATING: &str = "creating";
/// How long the newest entries may lie unsealed.
const SEAL_EVERY: TimeDelta = TimeDelta::minutes(15);

/// Where a vault is and what protects it.
#[derive(Debug, Clone)]
pub struct VaultConfig {
    /// Its folder, with nothing else in it.
    pub dir: PathBuf,
    /// The key store, or the passcode alone.
    pub protection: Protection,
    /// What one guess at a passcode costs, for passcodes set from now on.
    pub passcode_cost: PasscodeCost,
}

impl VaultConfig {
    /// With the default passcode cost.
    pub fn new(dir: impl Into<PathBuf>, protection: Protection) -> Self {
        Self { dir: dir.into(), protection, passcode_cost: PasscodeCost::default() }
    }
}

/// What [`Vault::verify`] looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Entries in the journal, of all devices.
    pub entries: u64,
    /// Entries in this device's chain, each hash recomputed.
    pub chain: u64,
}

/// An open vault. Shared by reference between threads; every call blocks until it is done. Dropping it finishes what waits
/// and closes the file, but seals no head: [`Vault::close`] does.
#[derive(Debug)]
pub struct Vault {
    config: VaultConfig,
    pub(crate) key: DataKey,
    envelope: Mutex<(Envelope, KeyRecord)>,
    state: Mutex<State>,
    // In this order they are dropped: readers, then the writer with its checkpoint, then the lock.
    readers: Readers,
    writer: Writer,
    _lock: Lock,
}

/// What was sealed last, and when.
pub(crate) type Sealed = (Head, DateTime<Utc>);

#[derive(Debug, Clone, Copy)]
struct State {
    device: DeviceId,
    history: History,
    sealed: Option<Sealed>,
}

impl Vault {
    /// Whether there is a vault in `dir`. Reads names only.
    pub fn exists(dir: &Path) -> bool {
        !dir.join(CREATING).exists() && [DATABASE, envelope::FILE, envelope::COPY].iter().any(|f| dir.join(f).exists())
    }

    /// Makes a new vault for `device` and opens it. The recovery code is shown once and kept nowhere.
    ///
    /// Errors when there is one already ([`VaultError::AlreadyExists`]) and when neither a key store nor a passcode protects
    /// it ([`VaultError::PasscodeRequired`]). A creation that was cut short left nothing; it is begun anew.
    pub fn create(
        config: &VaultConfig,
        passcode: Option<&Passcode>,
        device: DeviceId,
        now: DateTime<Utc>,
    ) -> Result<(Self, RecoveryCode)> {
        let recovery = RecoveryCode::random()?;
        let key = DataKey::random()?;
        let record = KeyRecord::new(&key, &config.protection, passcode, config.passcode_cost, &recovery)?;
        let lock = begin_creation(&config.dir)?;
        let path = config.dir.join(DATABASE);
        let connection = migration::create(&path, &key, &SCHEMA)?;
        connection
            .execute(
                "INSERT INTO vault (one, device, created_at) VALUES (1, ?1, ?2)",
                (device.0.as_bytes(), now.timestamp_millis()),
            )
            .doing("creating the vault")?;
        let vault = Self::establish(config, lock, connection, key, record, device, now)?;
        Ok((vault, recovery))
    }

    /// The last steps of a creation, over a database that is there: envelope, seal, marker.
    pub(crate) fn establish(
        config: &VaultConfig,
        lock: Lock,
        connection: Connection,
        key: DataKey,
        record: KeyRecord,
        device: DeviceId,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let dir = &config.dir;
        let mut envelope = Envelope::new(record.clone());
        envelope.write(dir)?;
        checkpoint(&connection)?;
        let head = ReadTx { connection: &connection }.head(device)?;
        SealedHead::write(dir, &[&key], &config.protection, device, head, now)?;
        ballast::fill(dir)?;
        durable_file::remove(&dir.join(CREATING))?;
        durable_file::sync_folder(dir)?;
        let state = State { device, history: History::Intact, sealed: Some((head, now)) };
        Self::assemble(config, lock, connection, key, (envelope, record), state)
    }

    /// Opens a vault.
    ///
    /// Each reason why it cannot be opened is its own [`VaultError`], and each leaves the files as they are. An old copy
    /// that was put back opens for reading: see [`Vault::history`].
    pub fn open(config: &VaultConfig, unlock: Unlock<'_>) -> Result<Self> {
        let dir = &config.dir;
        let path = dir.join(DATABASE);
        if !Self::exists(dir) {
            return Err(VaultError::Missing { what: DATABASE });
        }
        let lock = Lock::take(dir)?;
        let mut envelope = Envelope::read(dir)?;
        if !path.exists() {
            return Err(VaultError::Missing { what: DATABASE });
        }
        let (connection, record, key) = open_database(&path, &envelope, &config.protection, unlock)?;
        let device = ReadTx { connection: &connection }.own_device()?;
        let (history, sealed) = look_back(dir, &connection, &key, &config.protection, device)?;
        if envelope.keep_only(&record) {
            // A rotation was cut short; the database has shown which key is the one.
            envelope.write(dir)?;
        }
        remove_partial(dir)?;
        // The reserve was given back on a full disk; without room for it the vault opens all the same.
        let _ = ballast::fill(dir);
        Self::assemble(config, lock, connection, key, (envelope, record), State { device, history, sealed })
    }

    fn assemble(
        config: &VaultConfig,
        lock: Lock,
        connection: Connection,
        key: DataKey,
        envelope: (Envelope, KeyRecord),
        state: State,
    ) -> Result<Self> {
        Ok(Self {
            config: config.clone(),
            readers: Readers::new(config.dir.join(DATABASE), key.clone()),
            writer: Writer::start(connection, state.device, config.dir.clone())?,
            key,
            envelope: Mutex::new(envelope),
            state: Mutex::new(state),
            _lock: lock,
        })
    }

    /// Seals the head, finishes what waits, moves the WAL into the file and lets go of it. Opening again is cheap.
    pub fn close(mut self, now: DateTime<Utc>) -> Result<()> {
        let sealed = match self.history() {
            History::Intact => self.seal_head(now),
            History::RolledBack { .. } => Ok(()),
        };
        self.readers.clear();
        self.writer.close().and(sealed)
    }

    /// The device whose chain is written here.
    pub fn device(&self) -> DeviceId {
        self.state().device
    }

    /// The vault's folder.
    pub fn dir(&self) -> &Path {
        &self.config.dir
    }

    /// Runs `work` in one transaction on the writer thread. When it returns `Ok`, all of it is on disk; when `work` or the commit
    /// fails, nothing of it is. Do not call the vault from inside `work`: use what it is given.
    pub fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut WriteTx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match self.history() {
            History::Intact => self.writer.write(work),
            History::RolledBack { missing } => Err(VaultError::RolledBack { missing }),
        }
    }

    /// Runs `work` on one consistent snapshot, on the caller's thread, beside any writing. Do not call [`Vault::read`] from inside `work`.
    pub fn read<T>(&self, work: impl FnOnce(&ReadTx<'_>) -> Result<T>) -> Result<T> {
        self.readers.read(work)
    }

    /// Appends one entry of this device with what is to be sent about it. Durable when it returns. On a full disk the
    /// reserve is given back and the append tried once more.
    pub fn append(&self, entry: &Entry, outbox: Vec<NewOutboxItem>) -> Result<Appended> {
        let once = |entry: Entry, outbox: Vec<NewOutboxItem>| {
            self.write(move |transaction| {
                let appended = transaction.append(&entry)?;
                if appended == Appended::New {
                    for item in &outbox {
                        transaction.enqueue(item)?;
                    }
                }
                Ok(appended)
            })
        };
        match once(entry.clone(), outbox.clone()) {
            Err(VaultError::DiskFull { room_made: true }) => once(entry.clone(), outbox),
            done => done,
        }
    }

    /// One page of the timeline.
    pub fn timeline(&self, query: &TimelineQuery) -> Result<TimelinePage> {
        self.read(|snapshot| snapshot.timeline(query))
    }

    /// See [`ReadTx::search`].
    pub fn search(&self, text: &str, limit: u32) -> Result<Vec<Entry>> {
        self.read(|snapshot| snapshot.search(text, limit))
    }

    /// Sets, changes or removes the passcode: the data key is wrapped anew, nothing else is touched. The old passcode opens
    /// nothing when this returns. Without a key store a passcode cannot be removed.
    pub fn set_passcode(&self, passcode: Option<&Passcode>) -> Result<()> {
        let mut record = self.envelope().1.clone();
        record.set_passcode(&self.key, &self.config.protection, passcode, self.config.passcode_cost)?;
        self.replace_record(record)
    }

    /// Makes a new recovery code; the old one opens nothing when this returns.
    pub fn new_recovery_code(&self) -> Result<RecoveryCode> {
        let code = RecoveryCode::random()?;
        let mut record = self.envelope().1.clone();
        record.set_recovery(&self.key, &code)?;
        self.replace_record(record)?;
        Ok(code)
    }

    fn replace_record(&self, record: KeyRecord) -> Result<()> {
        let mut held = self.envelope();
        let mut envelope = held.0.clone();
        envelope.keep_only(&record);
        envelope.write(&self.config.dir)?;
        *held = (envelope, record);
        Ok(())
    }

    /// Whether this is the newest state that was sealed.
    pub fn history(&self) -> History {
        self.state().history
    }

    /// A person has seen that an old copy was put back, and goes on from it. `device` is a new id with a chain of its own, because the
    /// old chain has other entries elsewhere.
    pub fn accept_history(&self, device: DeviceId, now: DateTime<Utc>) -> Result<()> {
        self.writer.write(move |transaction| {
            transaction.connection.execute("UPDATE vault SET device = ?1", [device.0.as_bytes()]).doing("going on")?;
            Ok(())
        })?;
        self.writer.set_device(device)?;
        self.state().device = device;
        self.seal_head(now)?;
        self.state().history = History::Intact;
        Ok(())
    }

    /// Seals the head: at lock, before a backup, when the app goes to the background. Calls the key store.
    pub fn seal_head(&self, now: DateTime<Utc>) -> Result<()> {
        let device = self.device();
        let head = self.read(|snapshot| snapshot.head(device))?;
        SealedHead::write(&self.config.dir, &[&self.key], &self.config.protection, device, head, now)?;
        self.state().sealed = Some((head, now));
        Ok(())
    }

    /// Seals the head if there is something unsealed for 15 minutes or more. Answers whether it did. Call it as often as you like.
    pub fn seal_head_if_due(&self, now: DateTime<Utc>) -> Result<bool> {
        let State { device, history, sealed } = *self.state();
        if history != History::Intact {
            return Ok(false);
        }
        if let Some((head, at)) = sealed
            // A clock that was set back makes it due: waiting for the old time could take for ever.
            && ((now >= at && now - at < SEAL_EVERY) || self.read(|snapshot| snapshot.head(device))? == head)
        {
            return Ok(false);
        }
        self.seal_head(now)?;
        Ok(true)
    }

    /// Checks everything: SQLite's structure, every page's MAC, every hash of this device's chain. Reads the whole file
    /// (about 7 s for ten years), while writing waits.
    pub fn verify(&self) -> Result<Verified> {
        self.verify_watched(&LongWork::default())
    }

    /// The same as a long piece of work, in three parts: structure, pages, chain.
    ///
    /// Errors: [`VaultError::Cancelled`] as well.
    pub fn verify_watched(&self, work: &LongWork) -> Result<Verified> {
        work.expect(3);
        let (device, work) = (self.device(), work.clone());
        self.writer.direct(move |connection| {
            work.on(connection, |connection| verify_database(connection, device, &|| work.advance(1)))
        })
    }

    pub(crate) fn writer(&self) -> &Writer {
        &self.writer
    }

    pub(crate) fn record(&self) -> KeyRecord {
        self.envelope().1.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn envelope(&self) -> MutexGuard<'_, (Envelope, KeyRecord)> {
        self.envelope.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes the folder for a new vault, or refuses when there is one.
pub(crate) fn begin_creation(dir: &Path) -> Result<Lock> {
    std::fs::create_dir_all(dir).doing("creating the vault's folder")?;
    if Vault::exists(dir) {
        return Err(VaultError::AlreadyExists);
    }
    let lock = Lock::take(dir)?;
    durable_file::replace(dir, CREATING, b"")?;
    let wal = format!("{DATABASE}-wal");
    let shared_memory = format!("{DATABASE}-shm");
    for leftover in [DATABASE, &wal, &shared_memory, envelope::FILE, envelope::COPY, crate::seal::FILE] {
        durable_file::remove(&dir.join(leftover))?;
    }
    Ok(lock)
}

/// Opens the database with whichever key fits: after an interrupted rotation there are two.
pub(crate) fn open_database(
    path: &Path,
    envelope: &Envelope,
    protection: &Protection,
    unlock: Unlock<'_>,
) -> Result<(Connection, KeyRecord, DataKey)> {
    let mut refusal = None;
    for (record, key) in envelope.unlock(protection, unlock)? {
        match migration::open(path, &key, &SCHEMA) {
            Ok(connection) => return Ok((connection, record, key)),
            // The key is the right one (its wrap is authenticated), so what does not fit is the file, or the other key is its.
            Err(error) => refusal = refusal.or(Some(error)),
        }
    }
    Err(refusal.unwrap_or(VaultError::Damaged { what: "the envelope", code: 0 }))
}

/// Compares the journal with its seal and the seal with the key store's counter.
pub(crate) fn look_back(
    dir: &Path,
    connection: &Connection,
    key: &DataKey,
    protection: &Protection,
    device: DeviceId,
) -> Result<(History, Option<Sealed>)> {
    let snapshot = ReadTx { connection };
    let seal = SealedHead::read(dir, key)?;
    if !SealedHead::is_newest(seal.as_ref(), protection)? {
        return Ok((History::RolledBack { missing: 0 }, None));
    }
    let Some(seal) = seal else { return Ok((History::RolledBack { missing: 0 }, None)) };
    if seal.device == device && snapshot.hash_at(device, seal.sequence)? == Some(seal.head().hash) {
        return Ok((History::Intact, Some((seal.head(), seal.sealed_at))));
    }
    let present = snapshot.head(seal.device)?;
    Ok((History::RolledBack { missing: seal.sequence.saturating_sub(present.sequence) }, None))
}

/// SQLite's own check, SQLCipher's check of every page, and the chain. `part_done` is told after each, and may end it.
pub(crate) fn verify_database(
    connection: &Connection,
    device: DeviceId,
    part_done: &dyn Fn() -> Result<()>,
) -> Result<Verified> {
    let damaged = |code| VaultError::Damaged { what: "the database", code };
    checkpoint(connection)?;
    let told: Vec<String> = connection
        .prepare("PRAGMA integrity_check(1)")
        .and_then(|mut check| check.query_map([], |row| row.get(0))?.collect())
        .doing("checking the database")?;
    if told != ["ok"] {
        return Err(damaged(libsqlite3_sys::SQLITE_CORRUPT));
    }
    part_done()?;
    let pages =
        connection.prepare("PRAGMA cipher_integrity_check").and_then(|mut check| check.exists([])).doing("checking")?;
    if pages {
        return Err(damaged(libsqlite3_sys::SQLITE_NOTADB));
    }
    part_done()?;
    let snapshot = ReadTx { connection };
    let verified = Verified { entries: snapshot.entry_count()?, chain: snapshot.verify_chain(device)? };
    part_done()?;
    Ok(verified)
}

/// Files that were being written when the power went.
fn remove_partial(dir: &Path) -> Result<()> {
    for folder in [dir.to_owned(), dir.join(crate::attachment::FOLDER)] {
        let Ok(names) = std::fs::read_dir(&folder) else { continue };
        for name in names.flatten() {
            if name.file_name().to_string_lossy().ends_with(PARTIAL) {
                durable_file::remove(&name.path())?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "vault_tests.rs"]
mod tests;
