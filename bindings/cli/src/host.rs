//! This machine as the platform: its clocks, its zone, no hardware key and no radio.

use crate::zones::HostZones;
use chrono::{DateTime, Utc};
use homeline_companion::{Clock, KeyStore, KeyStoreError, PortError, Ports};
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The machine's clocks.
pub struct HostClock {
    started: Instant,
}

impl HostClock {
    /// The clocks, the monotonic one counting from now.
    pub fn new() -> Self {
        Self { started: Instant::now() }
    }
}

impl Clock for HostClock {
    fn now(&self) -> Result<DateTime<Utc>, PortError> {
        let fault =
            || PortError { port: "clock".to_owned(), reason: "it stands before 1970 or after 262000".to_owned() };
        let since = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| fault())?;
        let millis = i64::try_from(since.as_millis()).map_err(|_| fault())?;
        DateTime::from_timestamp_millis(millis).ok_or_else(fault)
    }

    fn monotonic_ms(&self) -> Result<u64, PortError> {
        Ok(u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX))
    }
}

/// A terminal has no hardware key: the passcode protects alone, and `init` says so.
pub struct NoKeyStore;

impl KeyStore for NoKeyStore {
    fn wrap(&self, _secret: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        Err(KeyStoreError::Unavailable)
    }
    fn unwrap(&self, _wrapped: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        Err(KeyStoreError::Unavailable)
    }
    fn counter(&self) -> Result<u64, KeyStoreError> {
        Err(KeyStoreError::Unavailable)
    }
    fn set_counter(&self, _value: u64) -> Result<(), KeyStoreError> {
        Err(KeyStoreError::Unavailable)
    }
}

/// What this machine lends.
pub fn ports() -> Ports {
    Ports {
        clock: Arc::new(HostClock::new()),
        zones: Arc::new(HostZones { here: None }),
        key_store: Arc::new(NoKeyStore),
        bluetooth: None,
        notifications: None,
        browser: None,
        observer: None,
    }
}
