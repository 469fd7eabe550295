//! A key store in memory that can be locked, or lose its key, as a phone's can.

use homeline_companion::{KeyStore, KeyStoreError};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How the key store is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyState {
    Here,
    Locked,
    Lost,
}

/// It keeps the secrets themselves: what the stories are about is not cryptography.
pub(super) struct MemoryKeys(Mutex<State>);

struct State {
    is: KeyState,
    secrets: BTreeMap<Vec<u8>, Vec<u8>>,
    counter: u64,
}

impl MemoryKeys {
    pub(super) fn new() -> Self {
        Self(Mutex::new(State { is: KeyState::Here, secrets: BTreeMap::new(), counter: 0 }))
    }

    /// Locks it, unlocks it, or loses the key for good.
    pub(super) fn set(&self, is: KeyState) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if is == KeyState::Lost {
            state.secrets.clear();
        }
        state.is = if is == KeyState::Lost { KeyState::Here } else { is };
    }

    fn unlocked(&self) -> Result<MutexGuard<'_, State>, KeyStoreError> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.is == KeyState::Locked { Err(KeyStoreError::Unavailable) } else { Ok(state) }
    }
}

impl KeyStore for MemoryKeys {
    fn wrap(&self, secret: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        let mut state = self.unlocked()?;
        let handle = format!("key {}", state.secrets.len()).into_bytes();
        state.secrets.insert(handle.clone(), secret.to_vec());
        Ok(handle)
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        self.unlocked()?.secrets.get(wrapped).cloned().ok_or(KeyStoreError::Invalidated)
    }

    fn counter(&self) -> Result<u64, KeyStoreError> {
        Ok(self.unlocked()?.counter)
    }

    fn set_counter(&self, value: u64) -> Result<(), KeyStoreError> {
        let mut state = self.unlocked()?;
        state.counter = state.counter.max(value);
        Ok(())
    }
}
