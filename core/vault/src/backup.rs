//! A backup: one encrypted file that opens with the recovery code, on any phone.
//!
//! First line: magic, the file's own key sealed by a key of the recovery code, as JSON. Then one sealed stream (see `stream`): a manifest
//! with lengths and SHA-256 sums, the database, the attachments. The database in it is a verified copy under a data key of its own,
//! which lies in the manifest, so a lost backup says nothing about the phone's key. The whole file is read back and
//! compared before it takes the place of an older one; a restore goes into an empty folder and is verified before it is a vault.

use crate::attachment::FOLDER;
use crate::durable_file::{self, PARTIAL};
use crate::envelope::KeyRecord;
use crate::error::{Doing, Result, VaultError};
use crate::export::export;
use crate::hex;
use crate::long_work::LongWork;
use crate::migration;
use crate::recovery::RecoveryCode;
use crate::schema::SCHEMA;
use crate::secret::{DataKey, Key, Passcode};
use crate::stream::{Opener, Sealer};
use crate::transaction::ReadTx;
use crate::vault::{DATABASE, Vault, VaultConfig, Verified, begin_creation, verify_database};
use chrono::{DateTime, Utc};
use homeline_model::DeviceId;
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use zeroize::Zeroizing;

const VERSION: u32 = 1;
const ABOUT: &[u8] = b"homeline backup 1";
/// The longest first line and the longest manifest that are read, in bytes.
const MAX_HEAD: u64 = 4096;
const MAX_MANIFEST: u32 = 64 * 1024 * 1024;

#[derive(Serialize, Deserialize)]
struct Head {
    homeline_backup: u32,
    #[serde(with = "hex")]
    key: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Manifest {
    made_at: DateTime<Utc>,
    device: DeviceId,
    entries: u64,
    chain: u64,
    #[serde(with = "hex")]
    data_key: Vec<u8>,
    /// The database first, then the attachments.
    files: Vec<Packed>,
}

#[derive(Serialize, Deserialize)]
struct Packed {
    name: String,
    bytes: u64,
    #[serde(with = "hex")]
    sha256: Vec<u8>,
}

fn damaged() -> VaultError {
    VaultError::Damaged { what: "the backup", code: 0 }
}

impl Vault {
    /// Writes a backup to `path`, which it replaces only when the new one has been read back whole. Needs room for two
    /// copies. It opens with the recovery code of now; after a new code make a new backup.
    pub fn backup_to(&self, path: &Path, now: DateTime<Utc>) -> Result<Verified> {
        self.backup_watched(path, now, &LongWork::default())
    }

    /// The same as a long piece of work, told in bytes: once as they are packed, once as they are read back.
    ///
    /// Errors: [`VaultError::Cancelled`] as well; an older backup is then still there.
    pub fn backup_watched(&self, path: &Path, now: DateTime<Utc>, work: &LongWork) -> Result<Verified> {
        let folder = path.parent().ok_or(VaultError::BadValue { field: "backup path" })?;
        let name = path.file_name().ok_or(VaultError::BadValue { field: "backup path" })?.to_string_lossy();
        let copy = self.dir().join(format!("backup.db{PARTIAL}"));
        let partial = folder.join(format!("{name}{PARTIAL}"));
        let made = self.pack(&copy, &partial, now, work);
        durable_file::remove(&copy)?;
        match made {
            Ok(verified) => durable_file::rename(&partial, path).map(|()| verified),
            Err(error) => durable_file::remove(&partial).and(Err(error)),
        }
    }

    fn pack(&self, copy: &Path, partial: &Path, now: DateTime<Utc>, work: &LongWork) -> Result<Verified> {
        let key = DataKey::random()?;
        let device = self.device();
        durable_file::remove(copy)?;
        let verified = self.writer().direct({
            let (old, new, copy, work) = (self.key.clone(), key.clone(), copy.to_owned(), work.clone());
            move |connection| export(connection, &old, &new, &copy, device, &work)
        })?;
        let mut files = vec![(copy.to_owned(), packed(DATABASE, copy)?)];
        for (_, name, _) in self.read(|snapshot| snapshot.attachment_rows("ORDER BY file", []))? {
            let path = self.dir().join(FOLDER).join(&name);
            files.push((path.clone(), packed(&name, &path)?));
        }
        let (paths, files): (Vec<_>, Vec<_>) = files.into_iter().unzip();
        work.expect(2 * files.iter().map(|file| file.bytes).sum::<u64>());
        let manifest = Manifest {
            made_at: now,
            device,
            entries: verified.entries,
            chain: verified.chain,
            data_key: key.to_bytes().to_vec(),
            files,
        };
        let file_key = Key::random()?;
        let form = |_| VaultError::BadValue { field: "backup" };
        let json = Zeroizing::new(serde_json::to_vec(&manifest).map_err(form)?);
        let sealed = self.record().backup_key(&self.key)?.seal(ABOUT, file_key.bytes())?;
        let head = serde_json::to_string(&Head { homeline_backup: VERSION, key: sealed }).map_err(form)?;

        let mut out = durable_file::create(partial)?;
        out.write_all(format!("{head}\n").as_bytes()).doing("writing the backup")?;
        let mut sealer = Sealer::new(&file_key, ABOUT.to_vec(), out)?;
        let length = u32::try_from(json.len()).ok().filter(|length| *length <= MAX_MANIFEST);
        sealer.write(&length.ok_or(VaultError::BadValue { field: "backup" })?.to_be_bytes())?;
        sealer.write(&json)?;
        for path in paths {
            let mut from = File::open(path).doing("writing the backup")?;
            let mut buffer = vec![0; 64 * 1024];
            loop {
                let count = from.read(&mut buffer).doing("writing the backup")?;
                if count == 0 {
                    break;
                }
                sealer.write(buffer.get(..count).unwrap_or_default())?;
                work.advance(count as u64)?;
            }
        }
        sealer.finish()?.sync_all().doing("writing the backup")?;

        let backup_key = self.record().backup_key(&self.key)?;
        let (mut opener, read_back) = open(partial, &backup_key)?;
        for file in &read_back.files {
            unpack(&mut opener, file, &mut io::sink(), &|bytes| work.advance(bytes))?;
        }
        end(&mut opener)?;
        Ok(verified)
    }

    /// Makes a vault from a backup in `config.dir`, which holds none, and opens it. `device` is a new id with a chain of its own: the old
    /// phone may still write to the old one. The recovery code stays the one of the backup.
    ///
    /// Errors: [`VaultError::WrongRecoveryCode`], [`VaultError::AlreadyExists`], [`VaultError::Damaged`], [`VaultError::NewerFile`].
    pub fn restore(
        path: &Path,
        recovery: &RecoveryCode,
        config: &VaultConfig,
        passcode: Option<&Passcode>,
        device: DeviceId,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let (mut opener, manifest) = open(path, &recovery.derive("homeline backup"))?;
        let key = DataKey::from_bytes(&manifest.data_key).ok_or_else(damaged)?;
        let record = KeyRecord::new(&key, &config.protection, passcode, config.passcode_cost, recovery)?;
        let dir = &config.dir;
        let lock = begin_creation(dir)?;
        for (number, file) in manifest.files.iter().enumerate() {
            let to = match number {
                0 => dir.join(DATABASE),
                // Names of ours are hex; a made-up one must not lead out of the folder.
                _ if hex::decode(&file.name).is_some() => dir.join(FOLDER).join(&file.name),
                _ => return Err(damaged()),
            };
            std::fs::create_dir_all(to.parent().unwrap_or(dir)).doing("restoring")?;
            let mut out = durable_file::create(&to)?;
            unpack(&mut opener, file, &mut out, &|_| Ok(()))?;
            out.sync_all().doing("restoring")?;
        }
        end(&mut opener)?;
        let connection = migration::open(&dir.join(DATABASE), &key, &SCHEMA)?;
        let verified = verify_database(&connection, manifest.device, &|| Ok(()))?;
        let expected = Verified { entries: manifest.entries, chain: manifest.chain };
        if verified != expected || (ReadTx { connection: &connection }).own_device()? != manifest.device {
            return Err(damaged());
        }
        connection.execute("UPDATE vault SET device = ?1", [device.0.as_bytes()]).doing("restoring")?;
        Self::establish(config, lock, connection, key, record, device, now)
    }
}

fn packed(name: &str, path: &Path) -> Result<Packed> {
    let mut file = File::open(path).doing("reading what is backed up")?;
    let mut digest = Digest(Context::new(&SHA256));
    let bytes = io::copy(&mut file, &mut digest).doing("reading what is backed up")?;
    Ok(Packed { name: name.to_owned(), bytes, sha256: digest.0.finish().as_ref().to_vec() })
}

struct Digest(Context);

impl Write for Digest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads head and manifest.
fn open(path: &Path, backup_key: &Key) -> Result<(Opener<BufReader<File>>, Manifest)> {
    let mut file = match File::open(path) {
        Ok(file) => BufReader::new(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(VaultError::Missing { what: "the backup" });
        }
        Err(error) => return Err(VaultError::from_io("opening the backup", &error)),
    };
    let mut line = Vec::new();
    file.by_ref().take(MAX_HEAD).read_until(b'\n', &mut line).doing("reading the backup")?;
    let head: Head = serde_json::from_slice(&line).map_err(|_| damaged())?;
    if head.homeline_backup > VERSION {
        return Err(VaultError::NewerFile { found: head.homeline_backup, supported: VERSION });
    }
    let key = backup_key.unseal(ABOUT, &head.key).and_then(|key| Key::from_slice(&key));
    let key = key.ok_or(VaultError::WrongRecoveryCode)?;
    let mut opener = Opener::new(&key, ABOUT.to_vec(), file).map_err(|_| damaged())?;
    let mut length = [0; 4];
    opener.read_exact(&mut length).map_err(|_| damaged())?;
    let length = u32::from_be_bytes(length);
    if length > MAX_MANIFEST {
        return Err(damaged());
    }
    let mut json = Zeroizing::new(Vec::new());
    opener.by_ref().take(u64::from(length)).read_to_end(&mut json).map_err(|_| damaged())?;
    let manifest: Manifest = serde_json::from_slice(&json).map_err(|_| damaged())?;
    Ok((opener, manifest))
}

/// `part_done` is told of the bytes of each part, and may end it.
fn unpack(
    from: &mut Opener<BufReader<File>>,
    file: &Packed,
    to: &mut dyn Write,
    part_done: &dyn Fn(u64) -> Result<()>,
) -> Result<()> {
    let mut digest = Digest(Context::new(&SHA256));
    let mut left = file.bytes;
    let mut buffer = vec![0; 64 * 1024];
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let part = buffer.get_mut(..most).unwrap_or_default();
        from.read_exact(part).map_err(|_| damaged())?;
        digest.0.update(part);
        to.write_all(part).doing("restoring")?;
        left -= u64::try_from(most).unwrap_or(left);
        part_done(most as u64)?;
    }
    if digest.0.finish().as_ref() == file.sha256 { Ok(()) } else { Err(damaged()) }
}

/// Nothing may follow, and the last chunk must have been the last.
fn end(opener: &mut Opener<BufReader<File>>) -> Result<()> {
    match opener.read(&mut [0]) {
        Ok(0) => Ok(()),
        Ok(_) | Err(_) => Err(damaged()),
    }
}
