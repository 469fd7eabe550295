//! Secrets as types: they do not print, and they are wiped when dropped.
//!
//! Two kinds of key never mix: the **data key** (random, made once, opens the data) and **wrapping keys** (derived from what
//! a person or the phone holds, open only the data key). Everything below the data key is an HKDF-SHA256 sub-key
//! (RFC 5869) with its purpose as `info`, so that no key serves two ends.

use crate::error::{Result, VaultError};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use ring::rand::{SecureRandom, SystemRandom};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Fills `N` bytes from the system's generator.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| VaultError::Crypto { doing: "drawing random numbers" })?;
    Ok(bytes)
}

/// 256 bits that open something.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Key(Box<[u8; 32]>);

impl Key {
    pub(crate) fn random() -> Result<Self> {
        let mut bytes = random::<32>()?;
        let key = Self(Box::new(bytes));
        bytes.zeroize();
        Ok(key)
    }

    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        Some(Self(Box::new(bytes.try_into().ok()?)))
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// HKDF-SHA256 with an empty salt (the input is uniformly random) and `purpose` as info.
    pub(crate) fn derive(&self, purpose: &str) -> Self {
        derive(self.0.as_slice(), purpose)
    }

    fn aead(&self) -> LessSafeKey {
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, self.0.as_slice()).expect("AES-256 takes 32 bytes"))
    }

    /// AES-256-GCM under a fresh random nonce: nonce ‖ ciphertext ‖ tag. Used for few, small secrets per key, far below
    /// the 2^32 messages that SP 800-38D §8.3 allows for random nonces.
    pub(crate) fn seal(&self, about: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
        let nonce = random::<NONCE_LEN>()?;
        let mut sealed = Zeroizing::new(plain.to_vec());
        let tag = self
            .aead()
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(about), &mut sealed)
            .map_err(|_| VaultError::Crypto { doing: "sealing" })?;
        Ok([&nonce[..], &sealed[..], tag.as_ref()].concat())
    }

    /// What [`Key::seal`] made; `None` when key, `about` or a bit of it is another.
    pub(crate) fn unseal(&self, about: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
        let mut body = Zeroizing::new(body.to_vec());
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let length = self.aead().open_in_place(nonce, Aad::from(about), &mut body).ok()?.len();
        body.truncate(length);
        Some(body)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(redacted)")
    }
}

struct ThirtyTwo;

impl KeyType for ThirtyTwo {
    fn len(&self) -> usize {
        32
    }
}

/// HKDF-SHA256 (RFC 5869), empty salt, of any uniformly random or already stretched input.
pub(crate) fn derive(input: &[u8], purpose: &str) -> Key {
    let mut bytes = [0; 32];
    Salt::new(HKDF_SHA256, &[])
        .extract(input)
        .expand(&[purpose.as_bytes()], ThirtyTwo)
        .and_then(|okm| okm.fill(&mut bytes))
        .expect("32 bytes are within HKDF's 255 blocks");
    let key = Key(Box::new(bytes));
    bytes.zeroize();
    key
}

/// The key of everything in one vault, with the salt that SQLCipher writes into the file's first 16 bytes.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct DataKey {
    key: Key,
    salt: [u8; 16],
}

impl DataKey {
    pub(crate) fn random() -> Result<Self> {
        Ok(Self { key: Key::random()?, salt: random()? })
    }

    pub(crate) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new([self.key.bytes().as_slice(), &self.salt].concat())
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (key, salt) = bytes.split_at_checked(32)?;
        Some(Self { key: Key::from_slice(key)?, salt: salt.try_into().ok()? })
    }

    /// A key for one purpose.
    pub(crate) fn derive(&self, purpose: &str) -> Key {
        self.key.derive(purpose)
    }

    /// SQLCipher's raw key form, `x'<64 hex key><32 hex salt>'`: no passphrase stretching, 0.2 ms instead of 100.
    pub(crate) fn raw_key(&self) -> Zeroizing<String> {
        let key = self.derive("db");
        let mut text = Zeroizing::new(String::with_capacity(3 + 96));
        text.push_str("x'");
        for byte in key.bytes().iter().chain(&self.salt) {
            for nibble in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(nibble), 16).expect("a nibble is a hex digit"));
            }
        }
        text.push('\'');
        text
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(redacted)")
    }
}

/// What the patient types to open the journal.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Passcode(String);

impl Passcode {
    /// Takes the passcode as typed. It is used as its UTF-8 bytes; nothing is trimmed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// How many characters it has.
    pub fn characters(&self) -> usize {
        self.0.chars().count()
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Passcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passcode(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hkdf_gives_the_known_answer_of_rfc_5869_case_3() {
        // Test case 3: empty salt and info; the first 32 of its 42 bytes.
        let okm = derive(&[0x0b; 22], "");
        let hex: String = okm.bytes().iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
    }

    #[test]
    fn a_sealed_secret_opens_only_with_its_key_and_purpose_and_every_bit_counts() {
        let key = Key::random().unwrap();
        let sealed = key.seal(b"about", b"secret").unwrap();
        assert_eq!(key.unseal(b"about", &sealed).unwrap().as_slice(), b"secret");
        assert!(key.unseal(b"other", &sealed).is_none());
        assert!(Key::random().unwrap().unseal(b"about", &sealed).is_none());
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(key.unseal(b"about", &changed).is_none(), "bit {bit}");
        }
        assert!(key.unseal(b"about", &sealed[..5]).is_none());
    }

    #[test]
    fn secrets_do_not_print() {
        let data_key = DataKey::random().unwrap();
        let shown = format!("{:?} {data_key:?} {:?}", Passcode::new("4711"), data_key.derive("db"));
        assert_eq!(shown, "Passcode(redacted) DataKey(redacted) Key(redacted)");
    }

    #[test]
    fn a_data_key_comes_back_from_its_bytes_and_has_sqlciphers_form() {
        let key = DataKey::random().unwrap();
        let bytes = key.to_bytes();
        assert_eq!(bytes.len(), 48);
        assert_eq!(*DataKey::from_bytes(&bytes).unwrap().raw_key(), *key.raw_key());
        assert_eq!(key.raw_key().len(), 99);
        assert!(DataKey::from_bytes(&bytes[..47]).is_none());
    }
}
