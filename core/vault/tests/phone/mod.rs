//! A phone for tests: a folder, a key store that can be locked, reset or lost, and entries to write.
#![allow(dead_code, reason = "each test binary uses its own part of the phone")]

use chrono::{DateTime, TimeDelta, Utc};
use homeline_model::{
    Administration, AdministrationStatus, Author, AuthorRole, DeviceId, Entry, EntryBody, EntryId, EntryTimes,
    Happened, OccurrenceId, OrderId, OrderRef, PatientId, Source, TimeBasis, ZoneId,
};
use homeline_vault::{
    KeyStore, KeyStoreError, Lane, NewOutboxItem, Passcode, PasscodeCost, Protection, RecoveryCode, Unlock, Vault,
    VaultConfig, VaultError,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use tempfile::TempDir;
use uuid::Uuid;

/// A key store in memory. Its wrap is no cryptography: what is tested is what the vault does with it.
#[derive(Debug, Default)]
pub struct FakeKeyStore {
    state: AtomicU8,
    counter: AtomicU64,
}

impl FakeKeyStore {
    pub fn lock(&self) {
        self.state.store(1, Ordering::SeqCst);
    }
    pub fn unlock(&self) {
        self.state.store(0, Ordering::SeqCst);
    }
    pub fn invalidate(&self) {
        self.state.store(2, Ordering::SeqCst);
    }
    /// As if the process had been killed before the counter moved.
    pub fn set_back_by_one(&self) {
        self.counter.fetch_sub(1, Ordering::SeqCst);
    }
    fn answer(&self) -> Result<(), KeyStoreError> {
        match self.state.load(Ordering::SeqCst) {
            0 => Ok(()),
            1 => Err(KeyStoreError::Unavailable),
            _ => Err(KeyStoreError::Invalidated),
        }
    }
}

const PAD: u8 = 0x5a;

impl KeyStore for FakeKeyStore {
    fn wrap(&self, secret: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        self.answer()?;
        Ok(secret.iter().map(|byte| byte ^ PAD).collect())
    }
    fn unwrap(&self, wrapped: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        self.answer()?;
        Ok(wrapped.iter().map(|byte| byte ^ PAD).collect())
    }
    fn counter(&self) -> Result<u64, KeyStoreError> {
        self.answer()?;
        Ok(self.counter.load(Ordering::SeqCst))
    }
    fn set_counter(&self, value: u64) -> Result<(), KeyStoreError> {
        self.answer()?;
        self.counter.fetch_max(value, Ordering::SeqCst);
        Ok(())
    }
}

/// One phone with its folder, gone when dropped.
pub struct Phone {
    folder: TempDir,
    pub keys: Arc<FakeKeyStore>,
}

impl Phone {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), keys: Arc::default() }
    }

    pub fn dir(&self) -> PathBuf {
        self.folder.path().join("vault")
    }

    pub fn outside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn config(&self) -> VaultConfig {
        config(&self.dir(), self.keys.clone())
    }

    pub fn create(&self) -> Vault {
        self.create_with(None).0
    }

    pub fn create_with(&self, passcode: Option<&Passcode>) -> (Vault, RecoveryCode) {
        Vault::create(&self.config(), passcode, device(1), now()).unwrap()
    }

    pub fn open(&self) -> Result<Vault, VaultError> {
        Vault::open(&self.config(), Unlock::Hardware)
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.dir().join(name)
    }

    /// Every file that holds data, by name, so that a test can show that nothing was touched.
    pub fn bytes(&self) -> Vec<(String, Vec<u8>)> {
        bytes(&self.dir())
    }
}

pub fn config(dir: &Path, keys: Arc<FakeKeyStore>) -> VaultConfig {
    VaultConfig { passcode_cost: PasscodeCost::MINIMUM, ..VaultConfig::new(dir, Protection::Hardware(keys)) }
}

pub fn bytes(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> = ["journal.db", "envelope.json", "envelope.copy.json", "head.json", "reserve"]
        .into_iter()
        .filter_map(|name| std::fs::read(dir.join(name)).ok().map(|bytes| (name.to_owned(), bytes)))
        .collect();
    all.sort();
    all
}

/// The tests' own clock.
pub fn now() -> DateTime<Utc> {
    "2026-11-23T13:00:00Z".parse().unwrap()
}

pub fn minutes(count: i64) -> TimeDelta {
    TimeDelta::minutes(count)
}

pub fn device(number: u128) -> DeviceId {
    DeviceId(Uuid::from_u128(0xD000 + number))
}

pub fn entry_id(number: u64) -> EntryId {
    EntryId(Uuid::from_u128(0xE000_0000_0000 + u128::from(number)))
}

pub fn occurrence(number: u128) -> OccurrenceId {
    OccurrenceId(Uuid::from_u128(0xC000 + number))
}

/// Note `number`, a minute after the one before.
pub fn note(number: u64, text: &str) -> Entry {
    let at = now() + minutes(i64::try_from(number).unwrap());
    Entry {
        id: entry_id(number),
        patient: PatientId::new("p1").unwrap(),
        author: Author { role: AuthorRole::Patient, person: None, name: "Rosa".into() },
        source: Source::ByHand,
        times: EntryTimes {
            happened: Happened { at, zone: ZoneId::utc(), offset_seconds: 0, basis: TimeBasis::PhoneClock },
            recorded_at: at,
            device_clock: None,
        },
        order: None,
        occurrence: None,
        infusion: None,
        amends: None,
        private: false,
        body: EntryBody::Note { text: text.into() },
    }
}

/// A statement about a dose.
pub fn dose(number: u64, order: &str, of: OccurrenceId, status: AdministrationStatus) -> Entry {
    Entry {
        order: Some(OrderRef { id: OrderId::new(order).unwrap(), version: None }),
        occurrence: Some(of),
        body: EntryBody::Administration(Administration::new(status)),
        ..note(number, "")
    }
}

/// What is to be sent about an entry.
pub fn outgoing(entry: &Entry) -> NewOutboxItem {
    NewOutboxItem {
        lane: Lane::Ordinary,
        entry: Some(entry.id),
        resource_type: "Observation".into(),
        resource_id: entry.id.to_string(),
        payload: format!("{{\"id\":\"{}\"}}", entry.id),
        queued_at: now(),
    }
}
