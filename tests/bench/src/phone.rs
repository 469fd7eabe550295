//! A phone whose hardware costs nothing: what is measured is Homeline.

use chrono::{DateTime, Utc};
use homeline_companion::{Clock, KeyStore, KeyStoreError, PortError, Ports, ZoneRules};
use homeline_home::StepClock;
use homeline_model::{ZoneId, ZoneTable};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A phone whose hardware costs nothing: what is measured is Homeline.
pub(crate) struct Phone {
    pub(crate) clock: StepClock,
    counter: AtomicU64,
}

impl Clock for Phone {
    fn now(&self) -> Result<DateTime<Utc>, PortError> {
        Ok(self.clock.now())
    }
    fn monotonic_ms(&self) -> Result<u64, PortError> {
        Ok(self.clock.monotonic_ms())
    }
}

impl ZoneRules for Phone {
    fn current_zone(&self) -> Result<ZoneId, PortError> {
        Ok(ZoneId::utc())
    }
    fn table(&self, zone: &ZoneId, _: DateTime<Utc>, _: DateTime<Utc>) -> Result<ZoneTable, PortError> {
        Ok(ZoneTable::fixed(zone.clone(), if *zone == ZoneId::utc() { 0 } else { -6 * 3600 }))
    }
}

impl KeyStore for Phone {
    fn wrap(&self, secret: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        Ok(secret.to_vec())
    }
    fn unwrap(&self, wrapped: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        Ok(wrapped.to_vec())
    }
    fn counter(&self) -> Result<u64, KeyStoreError> {
        Ok(self.counter.load(Ordering::SeqCst))
    }
    fn set_counter(&self, value: u64) -> Result<(), KeyStoreError> {
        self.counter.fetch_max(value, Ordering::SeqCst);
        Ok(())
    }
}

impl Phone {
    /// One whose clock shows `at`.
    pub(crate) fn at(at: DateTime<Utc>) -> Arc<Self> {
        Arc::new(Self { clock: StepClock::at(at), counter: AtomicU64::new(0) })
    }

    /// What it lends.
    pub(crate) fn ports(self: &Arc<Self>) -> Ports {
        Ports {
            clock: self.clone(),
            zones: self.clone(),
            key_store: self.clone(),
            bluetooth: None,
            notifications: None,
            browser: None,
            observer: None,
        }
    }
}
