//! The port to the platform's key store: Android Keystore or StrongBox, iOS Secure Enclave or Keychain.
//!
//! The vault never sees the hardware's key: it hands over a small secret and gets back a blob that only this phone can
//! open. The counter is what a file cannot hold: kept by the key store, it never goes down, so an old copy of the
//! files, put back, shows.

use crate::error::VaultError;
use std::fmt;
use std::sync::Arc;

/// Why the key store did not answer. Both leave every file as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyStoreError {
    /// Not now: the phone was not unlocked since its start, the prompt was cancelled, the service is busy.
    #[error("the key store is not available now")]
    Unavailable,
    /// Never again: the screen lock was removed or biometrics were enrolled anew.
    #[error("the key store's key is gone")]
    Invalidated,
}

impl From<KeyStoreError> for VaultError {
    fn from(error: KeyStoreError) -> Self {
        match error {
            KeyStoreError::Unavailable => Self::KeyUnavailable,
            KeyStoreError::Invalidated => Self::KeyInvalidated,
        }
    }
}

/// The platform's key store. Called on the caller's thread, outside of every transaction and with no lock held.
pub trait KeyStore: Send + Sync {
    /// Seals `secret` (32 bytes) under a key that does not leave the hardware.
    fn wrap(&self, secret: &[u8]) -> Result<Vec<u8>, KeyStoreError>;

    /// Opens what [`KeyStore::wrap`] sealed. A blob of another phone or a changed one is
    /// [`KeyStoreError::Invalidated`].
    fn unwrap(&self, wrapped: &[u8]) -> Result<Vec<u8>, KeyStoreError>;

    /// The counter's value; 0 when it was never set.
    fn counter(&self) -> Result<u64, KeyStoreError>;

    /// Moves the counter up to `value`. A lower value than the present one changes nothing.
    fn set_counter(&self, value: u64) -> Result<(), KeyStoreError>;
}

/// What stands between a copied file and its content.
#[derive(Clone)]
pub enum Protection {
    /// The phone's hardware, alone or together with a passcode: a copied file cannot be guessed at elsewhere.
    Hardware(Arc<dyn KeyStore>),
    /// The passcode alone, for terminals without a key store. Weaker, and shown so: whoever copies the files can try passcodes
    /// at the speed that Argon2id leaves them, and an old copy of all files, put back, does not show.
    PasscodeAlone,
}

impl Protection {
    /// One sentence for a person.
    pub fn summary(&self) -> &'static str {
        match self {
            Self::Hardware(_) => "protected by this device's key store",
            Self::PasscodeAlone => {
                "protected by the passcode alone: choose a long one, a copy of the files can be guessed at"
            }
        }
    }
}

impl fmt::Debug for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hardware(_) => "Hardware",
            Self::PasscodeAlone => "PasscodeAlone",
        })
    }
}
