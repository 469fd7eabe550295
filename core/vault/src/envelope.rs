//! The envelope: a small file beside the database that holds the data key, wrapped in up to three ways.
//!
//! * **hardware**: a random secret that the key store sealed, stretched by HKDF. Opens without a person.
//! * **passcode**: HKDF of that secret joined with Argon2id of the passcode, so that a copied file cannot be guessed at. With
//!   a passcode set, there is no hardware wrap: the passcode would be for show. On a terminal there is no secret.
//! * **recovery**: HKDF of the printed code.
//!
//! Two copies are kept and the newest valid one counts, so that one damaged or half-written file locks nobody out. Both hold
//! the same when a write returns: an old passcode does not live on in the older copy. Each wrap is AES-256-GCM with its own
//! head (key id, kind, cost, salt) as associated data. During a rotation two keys are listed; the database opens with
//! exactly one of them.

use crate::durable_file;
use crate::error::{Result, VaultError};
use crate::hex;
use crate::key_store::Protection;
use crate::passcode::{PasscodeCost, stretch};
use crate::recovery::RecoveryCode;
use crate::secret::{self, DataKey, Key, Passcode};
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::path::Path;
use uuid::Uuid;
use zeroize::Zeroizing;

/// The envelope's own format.
const VERSION: u32 = 1;
pub(crate) const FILE: &str = "envelope.json";
pub(crate) const COPY: &str = "envelope.copy.json";

/// How a vault is opened.
#[derive(Debug, Clone, Copy)]
pub enum Unlock<'a> {
    /// By the key store alone; only for a vault without a passcode.
    Hardware,
    /// By the passcode, together with the key store where there is one.
    Passcode(&'a Passcode),
    /// By the printed code, when phone or passcode are lost.
    Recovery(&'a RecoveryCode),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Envelope {
    version: u32,
    generation: u64,
    keys: Vec<KeyRecord>,
}

/// One data key, wrapped.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct KeyRecord {
    id: Uuid,
    /// Neither is stored in a SQLCipher file, and a wrong one looks like a wrong key.
    cipher_page_size: u32,
    cipher_hmac_algorithm: String,
    wraps: Vec<Wrap>,
    /// The recovery code's key for backups, sealed by the data key: a backup can be made without typing the code.
    #[serde(with = "hex")]
    backup_key: Vec<u8>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Wrap {
    Hardware {
        #[serde(with = "hex")]
        secret: Vec<u8>,
        #[serde(with = "hex")]
        sealed: Vec<u8>,
    },
    Passcode {
        cost: PasscodeCost,
        #[serde(with = "hex")]
        salt: Vec<u8>,
        /// Empty on a terminal.
        #[serde(with = "hex")]
        secret: Vec<u8>,
        #[serde(with = "hex")]
        sealed: Vec<u8>,
    },
    Recovery {
        #[serde(with = "hex")]
        sealed: Vec<u8>,
    },
}

impl Wrap {
    /// Everything but the sealed key: what the seal is bound to.
    fn head(&self, id: Uuid) -> Vec<u8> {
        let mut bare = self.clone();
        bare.sealed_mut().clear();
        let json = serde_json::to_string(&bare).expect("numbers and hex have a JSON form");
        format!("homeline envelope {VERSION}|{id}|{json}").into_bytes()
    }

    fn sealed_mut(&mut self) -> &mut Vec<u8> {
        match self {
            Self::Hardware { sealed, .. } | Self::Passcode { sealed, .. } | Self::Recovery { sealed } => sealed,
        }
    }

    fn close(mut self, id: Uuid, with: &Key, data_key: &DataKey) -> Result<Self> {
        let head = self.head(id);
        *self.sealed_mut() = with.seal(&head, &data_key.to_bytes())?;
        Ok(self)
    }

    fn open(&self, id: Uuid, with: &Key) -> Option<DataKey> {
        let (Self::Hardware { sealed, .. } | Self::Passcode { sealed, .. } | Self::Recovery { sealed }) = self;
        DataKey::from_bytes(&with.unseal(&self.head(id), sealed)?)
    }
}

/// `hardware` is empty on a terminal.
fn passcode_key(hardware: &[u8], passcode: &Passcode, salt: &[u8], cost: &PasscodeCost) -> Result<Key> {
    let stretched = stretch(passcode, salt, cost)?;
    Ok(secret::derive(&Zeroizing::new([hardware, stretched.as_slice()].concat()), "homeline passcode wrap"))
}

impl KeyRecord {
    /// Wraps `data_key` for a person with `passcode`, or for the hardware alone, and for `recovery`.
    pub(crate) fn new(
        data_key: &DataKey,
        protection: &Protection,
        passcode: Option<&Passcode>,
        cost: PasscodeCost,
        recovery: &RecoveryCode,
    ) -> Result<Self> {
        let mut record = Self {
            id: Uuid::from_bytes(secret::random()?),
            cipher_page_size: crate::schema::PAGE_BYTES,
            cipher_hmac_algorithm: crate::schema::HMAC_ALGORITHM.to_owned(),
            wraps: Vec::new(),
            backup_key: Vec::new(),
        };
        record.set_passcode(data_key, protection, passcode, cost)?;
        record.set_recovery(data_key, recovery)?;
        Ok(record)
    }

    /// Replaces the hardware or passcode wrap.
    pub(crate) fn set_passcode(
        &mut self,
        data_key: &DataKey,
        protection: &Protection,
        passcode: Option<&Passcode>,
        cost: PasscodeCost,
    ) -> Result<()> {
        let (secret, wrapped) = match protection {
            Protection::Hardware(store) => {
                let secret = Zeroizing::new(secret::random::<32>()?);
                let wrapped = store.wrap(secret.as_slice())?;
                (Zeroizing::new(secret.to_vec()), wrapped)
            }
            Protection::PasscodeAlone => (Zeroizing::default(), Vec::new()),
        };
        let wrap = match (protection, passcode) {
            (_, Some(passcode)) => {
                let salt = secret::random::<16>()?.to_vec();
                let key = passcode_key(&secret, passcode, &salt, &cost)?;
                Wrap::Passcode { cost, salt, secret: wrapped, sealed: Vec::new() }.close(self.id, &key, data_key)?
            }
            (Protection::Hardware(_), None) => {
                let key = secret::derive(&secret, "homeline hardware wrap");
                Wrap::Hardware { secret: wrapped, sealed: Vec::new() }.close(self.id, &key, data_key)?
            }
            (Protection::PasscodeAlone, None) => return Err(VaultError::PasscodeRequired),
        };
        self.wraps.retain(|old| matches!(old, Wrap::Recovery { .. }));
        self.wraps.push(wrap);
        Ok(())
    }

    /// Replaces the recovery wrap.
    pub(crate) fn set_recovery(&mut self, data_key: &DataKey, recovery: &RecoveryCode) -> Result<()> {
        let key = recovery.derive("homeline recovery wrap");
        let wrap = Wrap::Recovery { sealed: Vec::new() }.close(self.id, &key, data_key)?;
        self.backup_key =
            data_key.derive("backup key").seal(b"homeline backup key", recovery.derive("homeline backup").bytes())?;
        self.wraps.retain(|old| !matches!(old, Wrap::Recovery { .. }));
        self.wraps.push(wrap);
        Ok(())
    }

    /// The key that the recovery code opens in a backup.
    pub(crate) fn backup_key(&self, data_key: &DataKey) -> Result<Key> {
        data_key
            .derive("backup key")
            .unseal(b"homeline backup key", &self.backup_key)
            .and_then(|bytes| Key::from_slice(&bytes))
            .ok_or(VaultError::Damaged { what: "the envelope", code: 0 })
    }

    /// Takes the data key out.
    fn open(&self, protection: &Protection, unlock: Unlock<'_>) -> Result<DataKey> {
        let hardware_secret = |wrapped: &[u8]| match protection {
            Protection::Hardware(store) => Ok(Zeroizing::new(store.unwrap(wrapped)?)),
            Protection::PasscodeAlone => Err(VaultError::KeyUnavailable),
        };
        match unlock {
            Unlock::Hardware => {
                let Some((wrap, secret)) = self.wraps.iter().find_map(|wrap| match wrap {
                    Wrap::Hardware { secret, .. } => Some((wrap, secret)),
                    Wrap::Passcode { .. } | Wrap::Recovery { .. } => None,
                }) else {
                    return Err(VaultError::PasscodeRequired);
                };
                let key = secret::derive(&hardware_secret(secret)?, "homeline hardware wrap");
                wrap.open(self.id, &key).ok_or(VaultError::KeyInvalidated)
            }
            Unlock::Passcode(passcode) => {
                let Some((wrap, cost, salt, secret)) = self.wraps.iter().find_map(|wrap| match wrap {
                    Wrap::Passcode { cost, salt, secret, .. } => Some((wrap, cost, salt, secret)),
                    Wrap::Hardware { .. } | Wrap::Recovery { .. } => None,
                }) else {
                    return Err(VaultError::NoPasscodeSet);
                };
                let hardware = if secret.is_empty() { Zeroizing::default() } else { hardware_secret(secret)? };
                let key = passcode_key(&hardware, passcode, salt, cost)?;
                wrap.open(self.id, &key).ok_or(VaultError::WrongPasscode)
            }
            Unlock::Recovery(code) => {
                let key = code.derive("homeline recovery wrap");
                let wrap = self.wraps.iter().find(|wrap| matches!(wrap, Wrap::Recovery { .. }));
                wrap.and_then(|wrap| wrap.open(self.id, &key)).ok_or(VaultError::WrongRecoveryCode)
            }
        }
    }
}

#[derive(Serialize, Deserialize)]
struct OnDisk<T> {
    envelope: T,
    #[serde(with = "hex")]
    sha256: Vec<u8>,
}

impl Envelope {
    pub(crate) fn new(record: KeyRecord) -> Self {
        Self { version: VERSION, generation: 0, keys: vec![record] }
    }

    /// The newest valid copy.
    pub(crate) fn read(dir: &Path) -> Result<Self> {
        let mut found = false;
        let mut best: Option<Self> = None;
        for name in [FILE, COPY] {
            let Some(bytes) = durable_file::read(&dir.join(name))? else { continue };
            found = true;
            if let Some(envelope) = Self::parse(&bytes)?
                && best.as_ref().is_none_or(|other| other.generation < envelope.generation)
            {
                best = Some(envelope);
            }
        }
        match best {
            Some(envelope) => Ok(envelope),
            None if found => Err(VaultError::Damaged { what: "the envelope", code: 0 }),
            None => Err(VaultError::Missing { what: FILE }),
        }
    }

    /// `None` when damaged.
    fn parse(bytes: &[u8]) -> Result<Option<Self>> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let Ok(disk) = serde_json::from_slice::<OnDisk<&RawValue>>(bytes) else { return Ok(None) };
        let text = disk.envelope.get();
        if digest(&SHA256, text.as_bytes()).as_ref() != disk.sha256 {
            return Ok(None);
        }
        if let Ok(Version { version }) = serde_json::from_str(text)
            && version > VERSION
        {
            return Err(VaultError::NewerFile { found: version, supported: VERSION });
        }
        Ok(serde_json::from_str(text).ok())
    }

    /// Writes the next generation into both copies, one after the other.
    pub(crate) fn write(&mut self, dir: &Path) -> Result<()> {
        self.generation += 1;
        let text = serde_json::to_string(self).map_err(|_| VaultError::BadValue { field: "envelope" })?;
        let sha256 = digest(&SHA256, text.as_bytes()).as_ref().to_vec();
        let envelope = RawValue::from_string(text).map_err(|_| VaultError::BadValue { field: "envelope" })?;
        let json =
            serde_json::to_vec(&OnDisk { envelope, sha256 }).map_err(|_| VaultError::BadValue { field: "envelope" })?;
        for name in [FILE, COPY] {
            durable_file::replace(dir, name, &json)?;
        }
        Ok(())
    }

    /// Every data key that `unlock` opens, with its record: two only after an interrupted rotation.
    pub(crate) fn unlock(&self, protection: &Protection, unlock: Unlock<'_>) -> Result<Vec<(KeyRecord, DataKey)>> {
        let mut open = Vec::new();
        let mut last = VaultError::Damaged { what: "the envelope", code: 0 };
        for record in &self.keys {
            match record.open(protection, unlock) {
                Ok(key) => open.push((record.clone(), key)),
                Err(error) => last = error,
            }
        }
        if open.is_empty() { Err(last) } else { Ok(open) }
    }

    /// Lists one more key, for a rotation.
    pub(crate) fn add(&mut self, record: KeyRecord) {
        self.keys.push(record);
    }

    /// Keeps only this key. Answers whether there were others.
    pub(crate) fn keep_only(&mut self, record: &KeyRecord) -> bool {
        let others = self.keys.len() > 1;
        self.keys = vec![record.clone()];
        others
    }
}

#[cfg(test)]
#[path = "envelope_tests.rs"]
mod tests;
