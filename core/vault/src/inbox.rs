//! The inbox of a locked vault: it can be written without a key that opens anything, and read with the vault alone.
//!
//! A pump goes on talking while the phone is locked. What it says is sealed to the vault's public key (HPKE, RFC 9180: X25519,
//! HKDF-SHA256, AES-256-GCM) and appended to a file; the private key lies in the encrypted database. At the next unlocking it is
//! folded into the journal, in order and once.
//!
//! | file in `inbox/` | what |
//! |---|---|
//! | `key.json` | the public key, and the inbox secret, wrapped by the key store |
//! | `state` | what a locked phone must know to go on, sealed under the inbox secret |
//! | `0000000001.seal` … | one process's items: magic, encapsulated key, then length, its complement and the sealed item, again and again |
//! | `….damaged` | what could not be read, kept |
//!
//! * An item is on disk when [`Inbox::append`] returns. Each is sealed with its place in its file, so items cannot be swapped,
//!   repeated or left out in the middle. An end that is missing is a write that never returned.
//! * With an **inbox secret** only this phone can write: it is the pre-shared key of every file, wrapped by a key of the key
//!   store that needs nobody's presence. Without one (a terminal) whoever can write into the folder can seal an item too.
//! * Folding is marked in the transaction of what was folded. A file whose mark is complete is removed, and known again if an old
//!   copy of it is put back.
//! * Inbox and vault share one lock: one of them is open.

use crate::durable_file;
use crate::error::{Doing, Result, VaultError};
use crate::hex;
use crate::key_store::KeyStore;
use crate::lock::Lock;
use crate::secret::{Key, random};
use crate::transaction::WriteTx;
use crate::vault::Vault;
use hpke::aead::{AeadCtxS, AesGcm256};
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, PskBundle, Serializable};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const FOLDER: &str = "inbox";
const KEY_FILE: &str = "key.json";
const STATE_FILE: &str = "state";
const SEALED: &str = "seal";
const DAMAGED: &str = "damaged";
const MAGIC: &[u8; 8] = b"HLINBOX1";
/// Bytes of an encapsulated X25519 key; it is new for each file, and so names it.
const ENCAPSULATED: usize = 32;
const HEADER: usize = MAGIC.len() + ENCAPSULATED;
const INFO: &[u8] = b"homeline inbox 1";
const ABOUT_STATE: &[u8] = b"homeline inbox state 1";
/// The largest item. A report of a hundred records with their memory has some 60 KB.
const LARGEST_ITEM: usize = 4 << 20;
/// A file that has grown to this is followed by another, so that one is read into memory at a time.
const LARGEST_FILE: u64 = 8 << 20;
/// Names of the settings that hold the private key, the secret, and what was folded.
const PRIVATE_KEY: &str = "inbox.private-key";
const SECRET: &str = "inbox.secret";
const FOLDED: &str = "inbox.folded";
/// So many files that were folded are known again. Beyond them a repeat shows by the ids of its entries.
const REMEMBERED: usize = 256;

type Aead = AesGcm256;
type Kdf = HkdfSha256;
type X25519 = X25519HkdfSha256;

#[derive(Serialize, Deserialize)]
struct KeyFile {
    homeline_inbox: u32,
    #[serde(with = "hex")]
    public_key: Vec<u8>,
    /// The inbox secret as the key store wrapped it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wrapped_secret: Option<String>,
}

/// What was folded of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Folded {
    /// The file's encapsulated key, hex.
    id: String,
    items: usize,
}

fn crypto(doing: &'static str) -> VaultError {
    VaultError::Crypto { doing }
}

fn damaged(what: &'static str) -> VaultError {
    VaultError::Damaged { what, code: 0 }
}

/// A pre-shared key of 32 bytes, or none.
fn pre_shared(secret: Option<&Key>) -> Option<Key> {
    secret.map(|secret| secret.derive("inbox pre-shared key"))
}

/// The inbox of a locked vault, open for writing.
pub struct Inbox {
    folder: PathBuf,
    public_key: <X25519 as Kem>::PublicKey,
    secret: Option<Key>,
    open: Option<Segment>,
    _lock: Lock,
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox").field("open", &self.open.is_some()).finish_non_exhaustive()
    }
}

struct Segment {
    file: File,
    length: u64,
    context: AeadCtxS<Aead, Kdf, X25519>,
}

impl Inbox {
    /// Opens the inbox beside the vault in `dir`. `key_store` is the one that [`Vault::prepare_inbox`] was given.
    ///
    /// Errors: [`VaultError::Missing`] when the vault was never opened by a Homeline that has an inbox;
    /// [`VaultError::AlreadyOpen`] while vault or inbox are open; [`VaultError::KeyUnavailable`] before the phone's first unlock
    /// since its start.
    pub fn open(dir: &Path, key_store: Option<&dyn KeyStore>) -> Result<Self> {
        let folder = dir.join(FOLDER);
        let missing = VaultError::Missing { what: "inbox/key.json" };
        let bytes = durable_file::read(&folder.join(KEY_FILE))?.ok_or(missing)?;
        let lock = Lock::take(dir)?;
        let file: KeyFile = serde_json::from_slice(&bytes).map_err(|_| damaged("the inbox's key"))?;
        let public_key =
            <X25519 as Kem>::PublicKey::from_bytes(&file.public_key).map_err(|_| damaged("the inbox's key"))?;
        let secret = match (&file.wrapped_secret, key_store) {
            (None, _) => None,
            // Sealing without the secret would be for nothing: the vault takes only what was sealed with it.
            (Some(_), None) => return Err(VaultError::KeyUnavailable),
            (Some(wrapped), Some(store)) => {
                let wrapped = hex::decode(wrapped).ok_or_else(|| damaged("the inbox's key"))?;
                let secret = Zeroizing::new(store.unwrap(&wrapped)?);
                Some(Key::from_slice(&secret).ok_or_else(|| damaged("the inbox's key"))?)
            }
        };
        Ok(Self { folder, public_key, secret, open: None, _lock: lock })
    }

    /// What [`Vault::set_inbox_state`] or [`Inbox::set_state`] kept last; `None` when there is none that can be read.
    pub fn state(&self) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let Some(secret) = &self.secret else { return Ok(None) };
        let sealed = durable_file::read(&self.folder.join(STATE_FILE))?;
        Ok(sealed.and_then(|sealed| state_key(secret).unseal(ABOUT_STATE, &sealed)))
    }

    /// Keeps what a locked phone must know to go on. Without an inbox secret nothing is kept: it would be in the clear.
    pub fn set_state(&self, state: &[u8]) -> Result<()> {
        match &self.secret {
            Some(secret) => write_state(&self.folder, secret, state),
            None => Ok(()),
        }
    }

    /// Appends one item. It is on disk when this returns; when it fails, nothing of it is read later.
    pub fn append(&mut self, item: &[u8]) -> Result<()> {
        if item.len() > LARGEST_ITEM {
            return Err(VaultError::BadValue { field: "inbox item" });
        }
        let mut segment = match self.open.take() {
            Some(segment) if segment.length < LARGEST_FILE => segment,
            Some(_) | None => self.begin()?,
        };
        // On any failure the file is left as it is, and the next item begins another: the sealing context has gone on.
        let sealed = segment.context.seal(item, &[]).map_err(|_| crypto("sealing for the inbox"))?;
        let length = u32::try_from(sealed.len()).map_err(|_| VaultError::BadValue { field: "inbox item" })?;
        let frame = [&length.to_le_bytes(), &(!length).to_le_bytes(), sealed.as_slice()].concat();
        segment.file.write_all(&frame).and_then(|()| segment.file.sync_data()).doing("writing to the inbox")?;
        segment.length = segment.length.saturating_add(frame.len() as u64);
        self.open = Some(segment);
        Ok(())
    }

    fn begin(&self) -> Result<Segment> {
        let psk = pre_shared(self.secret.as_ref());
        let mode = match &psk {
            Some(psk) => OpModeS::Psk(bundle(psk)?),
            None => OpModeS::Base,
        };
        let (encapsulated, context) = hpke::setup_sender::<Aead, Kdf, X25519>(&mode, &self.public_key, INFO)
            .map_err(|_| crypto("sealing for the inbox"))?;
        let newest = numbers(&self.folder)?.last().copied().unwrap_or(0);
        let path = self.folder.join(name(newest.saturating_add(1)));
        let header = [MAGIC.as_slice(), &encapsulated.to_bytes()].concat();
        let mut file = durable_file::create(&path)?;
        file.write_all(&header).and_then(|()| file.sync_all()).doing("writing to the inbox")?;
        durable_file::sync_folder(&self.folder)?;
        Ok(Segment { file, length: HEADER as u64, context })
    }
}

fn bundle(psk: &Key) -> Result<PskBundle<'_>> {
    PskBundle::new(psk.bytes(), INFO).map_err(|_| crypto("sealing for the inbox"))
}

fn state_key(secret: &Key) -> Key {
    secret.derive("inbox state")
}

fn write_state(folder: &Path, secret: &Key, state: &[u8]) -> Result<()> {
    durable_file::replace(folder, STATE_FILE, &state_key(secret).seal(ABOUT_STATE, state)?)
}

fn name(number: u64) -> String {
    format!("{number:010}.{SEALED}")
}

/// Numbers of all files that there ever were in the folder and still are, lowest first.
fn numbers(folder: &Path) -> Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder).doing("listing the inbox")? {
        let path = entry.doing("listing the inbox")?.path();
        if path.extension().is_some_and(|ext| ext == SEALED || ext == DAMAGED) {
            numbers.extend(path.file_stem().and_then(|stem| stem.to_str()?.parse::<u64>().ok()));
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers)
}

/// One file of the inbox, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    number: u64,
    id: String,
    /// Items that were folded before, and are not among `items`.
    folded: usize,
    /// What is to be folded, in order.
    pub items: Vec<Vec<u8>>,
    /// Something in it could not be read; what is before it is in `items`, the rest is lost.
    pub damaged: bool,
}

impl Parcel {
    /// To be called in the transaction that keeps the first `items` of [`Parcel::items`]: a repeat leaves them out.
    pub fn mark(&self, tx: &mut WriteTx<'_>, items: usize) -> Result<()> {
        let mut marks: Vec<Folded> = tx.setting(FOLDED)?.unwrap_or_default();
        marks.retain(|mark| mark.id != self.id);
        marks.push(Folded { id: self.id.clone(), items: self.folded.saturating_add(items) });
        let old = marks.len().saturating_sub(REMEMBERED);
        marks.drain(..old);
        tx.set_setting(FOLDED, &marks)
    }
}

impl Vault {
    /// Makes the inbox, or mends it: the public key beside the vault, the private key inside. With a key store the inbox has a
    /// secret, which only this phone can unwrap, while it is locked too: a key that needs nobody's presence.
    ///
    /// To be called after what waits was folded: nothing is changed while something waits, or it could not be read any more.
    /// Without a key store a secret that there is stays.
    pub fn prepare_inbox(&self, key_store: Option<&dyn KeyStore>) -> Result<()> {
        let folder = self.dir().join(FOLDER);
        fs::create_dir_all(&folder).doing("making the inbox")?;
        if !self.inbox()?.is_empty() {
            return Ok(());
        }
        let public_key = self.inbox_public_key()?;
        let present = durable_file::read(&folder.join(KEY_FILE))?
            .and_then(|bytes| serde_json::from_slice::<KeyFile>(&bytes).ok())
            .filter(|file| file.public_key == public_key);
        let kept: Option<String> = self.read(|tx| tx.setting(SECRET))?;
        let known = present.as_ref().and_then(|file| file.wrapped_secret.clone()).zip(kept.clone());
        // What the key store no longer opens, or opens to something else, is made anew.
        let fits = |(wrapped, kept): &(String, String)| key_store.is_none_or(|store| unwraps_to(store, wrapped, kept));
        let wrapped = match (known.filter(fits), key_store) {
            (Some((wrapped, _)), _) => Some(wrapped),
            (None, Some(store)) => {
                let secret = Key::random()?;
                let wrapped = hex::encode(&store.wrap(secret.bytes())?);
                let kept = hex::encode(secret.bytes());
                self.write(move |tx| tx.set_setting(SECRET, &kept))?;
                Some(wrapped)
            }
            (None, None) if kept.is_some() => {
                // The vault of another phone: its key store is not here.
                self.write(|tx| tx.remove_setting(SECRET))?;
                None
            }
            (None, None) => None,
        };
        if present.is_some_and(|file| file.wrapped_secret == wrapped) {
            return Ok(());
        }
        let file = KeyFile { homeline_inbox: 1, public_key, wrapped_secret: wrapped };
        let json = serde_json::to_vec(&file).map_err(|_| VaultError::BadValue { field: "inbox key" })?;
        durable_file::replace(&folder, KEY_FILE, &json)
    }

    /// The public key; its private key is made when there is none.
    fn inbox_public_key(&self) -> Result<Vec<u8>> {
        let private_key: Option<String> = self.read(|tx| tx.setting(PRIVATE_KEY))?;
        let private_key = match private_key {
            Some(private_key) => parse_private(&private_key)?,
            None => {
                let seed = Zeroizing::new(random::<32>()?);
                let (private_key, _) = X25519::derive_keypair(seed.as_slice());
                let hex = hex::encode(&private_key.to_bytes());
                self.write(move |tx| tx.set_setting(PRIVATE_KEY, &hex))?;
                private_key
            }
        };
        Ok(X25519::sk_to_pk(&private_key).to_bytes().to_vec())
    }

    /// Keeps what a locked phone must know to go on, for [`Inbox::state`]. Without an inbox secret nothing is kept.
    pub fn set_inbox_state(&self, state: &[u8]) -> Result<()> {
        match self.inbox_secret()? {
            Some(secret) => write_state(&self.dir().join(FOLDER), &secret, state),
            None => Ok(()),
        }
    }

    /// What the inbox holds, in the order in which it was written, without what was folded. Files that are folded whole are
    /// removed.
    pub fn inbox(&self) -> Result<Vec<Parcel>> {
        let folder = self.dir().join(FOLDER);
        if !folder.exists() {
            return Ok(Vec::new());
        }
        let (private_key, marks): (Option<String>, Option<Vec<Folded>>) =
            self.read(|tx| Ok((tx.setting(PRIVATE_KEY)?, tx.setting(FOLDED)?)))?;
        let Some(private_key) = private_key else { return Ok(Vec::new()) };
        let private_key = parse_private(&private_key)?;
        let psk = pre_shared(self.inbox_secret()?.as_ref());
        let marks: BTreeMap<String, usize> = marks.unwrap_or_default().into_iter().map(|m| (m.id, m.items)).collect();
        let mut parcels = Vec::new();
        for number in numbers(&folder)? {
            let Some(bytes) = durable_file::read(&folder.join(name(number)))? else { continue };
            let mut parcel = open_parcel(number, &bytes, &private_key, psk.as_ref());
            if let Some(folded) = marks.get(&parcel.id) {
                parcel.folded = *folded;
                parcel.items.drain(..(*folded).min(parcel.items.len()));
            }
            if parcel.items.is_empty() {
                self.inbox_done(&parcel)?;
            }
            if parcel.damaged || !parcel.items.is_empty() {
                parcels.push(parcel);
            }
        }
        Ok(parcels)
    }

    /// Removes a file whose items are all folded; a damaged one is set aside. To be called after the commit.
    pub fn inbox_done(&self, parcel: &Parcel) -> Result<()> {
        let folder = self.dir().join(FOLDER);
        let path = folder.join(name(parcel.number));
        if !parcel.damaged {
            return durable_file::remove(&path);
        }
        if path.exists() { durable_file::rename(&path, &path.with_extension(DAMAGED)) } else { Ok(()) }
    }

    fn inbox_secret(&self) -> Result<Option<Key>> {
        let secret: Option<String> = self.read(|tx| tx.setting(SECRET))?;
        Ok(secret.and_then(|hex| Key::from_slice(&Zeroizing::new(hex::decode(&hex)?))))
    }
}

fn unwraps_to(store: &dyn KeyStore, wrapped: &str, kept: &str) -> bool {
    let unwrapped = hex::decode(wrapped).and_then(|wrapped| store.unwrap(&wrapped).ok());
    unwrapped.is_some_and(|secret| hex::encode(&Zeroizing::new(secret)) == *kept)
}

fn parse_private(text: &str) -> Result<<X25519 as Kem>::PrivateKey> {
    hex::decode(text)
        .map(Zeroizing::new)
        .and_then(|bytes| <X25519 as Kem>::PrivateKey::from_bytes(&bytes).ok())
        .ok_or_else(|| damaged("the inbox's private key"))
}

/// Opens what can be opened. A cut at the end is a write that never returned; anything else that does not open is damage.
fn open_parcel(number: u64, bytes: &[u8], private_key: &<X25519 as Kem>::PrivateKey, psk: Option<&Key>) -> Parcel {
    let mut parcel = Parcel { number, id: String::new(), folded: 0, items: Vec::new(), damaged: false };
    let Some((header, mut rest)) = bytes.split_at_checked(HEADER) else {
        // Its first item was never written.
        return parcel;
    };
    let (magic, encapsulated) = header.split_at(MAGIC.len());
    parcel.id = hex::encode(encapsulated);
    let context = (magic == MAGIC).then(|| {
        let encapsulated = <X25519 as Kem>::EncappedKey::from_bytes(encapsulated).ok()?;
        let mode = match psk {
            Some(psk) => OpModeR::Psk(bundle(psk).ok()?),
            None => OpModeR::Base,
        };
        hpke::setup_receiver::<Aead, Kdf, X25519>(&mode, private_key, &encapsulated, INFO).ok()
    });
    let Some(mut context) = context.flatten() else {
        parcel.damaged = true;
        return parcel;
    };
    while let Some((lengths, behind)) = rest.split_first_chunk::<8>() {
        if rest.iter().all(|byte| *byte == 0) {
            // Room that was given and not written.
            break;
        }
        let [a, b, c, d, complement @ ..] = *lengths;
        let length = u32::from_le_bytes([a, b, c, d]);
        if length != !u32::from_le_bytes(complement) {
            parcel.damaged = true;
            break;
        }
        let Some((sealed, next)) = usize::try_from(length).ok().and_then(|length| behind.split_at_checked(length))
        else {
            break;
        };
        let Ok(item) = context.open(sealed, &[]) else {
            parcel.damaged = true;
            break;
        };
        parcel.items.push(item);
        rest = next;
    }
    parcel
}

#[cfg(test)]
#[path = "inbox_tests.rs"]
mod tests;
