//! The sealed head: what the journal's end was, kept where putting back old files does not reach.
//!
//! No page scheme notices that a whole file was replaced by an older one. So the chain's end goes, sealed, into a file of its
//! own with a counter, and the same counter goes up in the platform's key store. When the vault opens, a seal behind the
//! key store's counter, or a journal behind the seal, is an old copy. The file is written before the counter, so a crash
//! between the two leaves a seal that is one ahead, which is fine. Without a key store only the second check remains.

use crate::chain::Head;
use crate::durable_file;
use crate::error::{Result, VaultError};
use crate::hex;
use crate::key_store::Protection;
use crate::secret::DataKey;
use chrono::{DateTime, Utc};
use homeline_model::DeviceId;
use serde::{Deserialize, Serialize};
use std::path::Path;

pub(crate) const FILE: &str = "head.json";
const ABOUT: &[u8] = b"homeline head 1";

/// Whether what is here is the newest that was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum History {
    /// It is.
    Intact,
    /// It is older: an old copy was put back. Reading works; writing waits for [`crate::Vault::accept_history`].
    RolledBack {
        /// How many of our own entries are known to be missing; 0 when only the seal itself is behind.
        missing: u64,
    },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SealedHead {
    pub(crate) device: DeviceId,
    pub(crate) sequence: u64,
    #[serde(with = "hex")]
    hash: Vec<u8>,
    counter: u64,
    pub(crate) sealed_at: DateTime<Utc>,
}

/// Under each data key that may open the journal: two only during a rotation.
#[derive(Debug, Default, Serialize, Deserialize)]
struct OnDisk {
    sealed: Vec<String>,
}

impl SealedHead {
    pub(crate) fn head(&self) -> Head {
        Head { sequence: self.sequence, hash: self.hash.as_slice().try_into().unwrap_or([0; 32]) }
    }

    /// Writes the seal, then moves the key store's counter.
    pub(crate) fn write(
        dir: &Path,
        keys: &[&DataKey],
        protection: &Protection,
        device: DeviceId,
        head: Head,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let counter = match protection {
            Protection::Hardware(store) => store.counter()?.saturating_add(1),
            Protection::PasscodeAlone => 0,
        };
        let this = Self { device, sequence: head.sequence, hash: head.hash.to_vec(), counter, sealed_at: now };
        let form = |_| VaultError::BadValue { field: "sealed head" };
        let plain = serde_json::to_vec(&this).map_err(form)?;
        let mut disk = OnDisk::default();
        for key in keys {
            disk.sealed.push(hex::encode(&key.derive("head").seal(ABOUT, &plain)?));
        }
        durable_file::replace(dir, FILE, &serde_json::to_vec(&disk).map_err(form)?)?;
        if let Protection::Hardware(store) = protection {
            store.set_counter(counter)?;
        }
        Ok(())
    }

    /// The seal, if it is there and was made with this key.
    pub(crate) fn read(dir: &Path, key: &DataKey) -> Result<Option<Self>> {
        let Some(bytes) = durable_file::read(&dir.join(FILE))? else { return Ok(None) };
        let Ok(disk) = serde_json::from_slice::<OnDisk>(&bytes) else { return Ok(None) };
        let key = key.derive("head");
        let open = |sealed: &String| key.unseal(ABOUT, &hex::decode(sealed)?);
        let plain = disk.sealed.iter().find_map(open);
        Ok(plain.and_then(|plain| serde_json::from_slice(&plain).ok()))
    }

    /// Whether the seal is the newest that the key store knows of.
    pub(crate) fn is_newest(this: Option<&Self>, protection: &Protection) -> Result<bool> {
        match (this, protection) {
            (None, _) => Ok(false),
            (Some(_), Protection::PasscodeAlone) => Ok(true),
            (Some(seal), Protection::Hardware(store)) => Ok(seal.counter >= store.counter()?),
        }
    }
}
