//! The hash chain: each entry's hash covers the entry before it, so that a change, a gap or a swap shows.
//!
//! `hash = SHA-256("homeline entry 1" ‖ previous hash ‖ device ‖ sequence ‖ JSON as stored)`, with 32 zero bytes before the first
//! entry and the sequence as 8 big-endian bytes from 1. One chain for each device: two phones write without asking each
//! other. A chain is verified on its own device; entries of others are kept with the link they came with.

use crate::error::{Doing, Result, VaultError};
use crate::transaction::{ReadTx, count, hash, uuid};
use homeline_model::{DeviceId, Entry};
use ring::digest::{Context, SHA256};
use rusqlite::OptionalExtension;

/// The place of an entry in its device's chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainLink {
    /// Whose chain.
    pub device: DeviceId,
    /// From 1, without gaps on its own device.
    pub sequence: u64,
    /// Hash of the entry before; `None` where it was not told.
    pub previous: Option<[u8; 32]>,
    /// Hash of this entry.
    pub hash: [u8; 32],
}

/// The end of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) sequence: u64,
    pub(crate) hash: [u8; 32],
}

impl Head {
    /// Before the first entry.
    pub(crate) const START: Self = Self { sequence: 0, hash: [0; 32] };

    /// The head after one more entry.
    pub(crate) fn after(&self, device: DeviceId, json: &str) -> Self {
        let sequence = self.sequence + 1;
        let mut context = Context::new(&SHA256);
        context.update(b"homeline entry 1");
        context.update(&self.hash);
        context.update(device.0.as_bytes());
        context.update(&sequence.to_be_bytes());
        context.update(json.as_bytes());
        let hash = context.finish().as_ref().try_into().expect("SHA-256 has 32 bytes");
        Self { sequence, hash }
    }
}

impl ReadTx<'_> {
    /// The end of `device`'s chain here.
    pub(crate) fn head(&self, device: DeviceId) -> Result<Head> {
        let row = self
            .connection
            .prepare_cached(
                "SELECT device_sequence, hash FROM entry WHERE device = ?1 ORDER BY device_sequence DESC LIMIT 1",
            )
            .and_then(|mut select| {
                select
                    .query_row([device.0.as_bytes()], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))
                    .optional()
            })
            .doing("reading the chain's end")?;
        row.map_or(Ok(Head::START), |(sequence, bytes)| Ok(Head { sequence: count(sequence)?, hash: hash(&bytes)? }))
    }

    /// The hash at one place of `device`'s chain.
    pub(crate) fn hash_at(&self, device: DeviceId, sequence: u64) -> Result<Option<[u8; 32]>> {
        if sequence == 0 {
            return Ok(Some(Head::START.hash));
        }
        let Ok(sequence) = i64::try_from(sequence) else { return Ok(None) };
        self.connection
            .prepare_cached("SELECT hash FROM entry WHERE device = ?1 AND device_sequence = ?2")
            .and_then(|mut select| {
                select.query_row((device.0.as_bytes(), sequence), |row| row.get::<_, Option<Vec<u8>>>(0)).optional()
            })
            .doing("reading the chain")?
            .flatten()
            .map(|bytes| hash(&bytes))
            .transpose()
    }

    /// Recomputes `device`'s whole chain. Answers how many entries it has; errors with the first that does not fit,
    /// by its sequence, its hashes, or an id in its JSON that is not the row's.
    pub fn verify_chain(&self, device: DeviceId) -> Result<u64> {
        let mut select = self
            .connection
            .prepare_cached(
                "SELECT device_sequence, previous_hash, hash, json, id FROM entry WHERE device = ?1 ORDER BY device_sequence",
            )
            .doing("verifying the chain")?;
        let mut rows = select.query([device.0.as_bytes()]).doing("verifying the chain")?;
        let mut head = Head::START;
        while let Some(row) = rows.next().doing("verifying the chain")? {
            let read = |error| VaultError::from_sql("verifying the chain", &error);
            let sequence = count(row.get(0).map_err(read)?)?;
            let previous: Option<Vec<u8>> = row.get(1).map_err(read)?;
            let stored: Vec<u8> = row.get(2).map_err(read)?;
            let json: String = row.get(3).map_err(read)?;
            let id: Vec<u8> = row.get(4).map_err(read)?;
            let next = head.after(device, &json);
            let same_entry = serde_json::from_str::<Entry>(&json).is_ok_and(|entry| entry.id.0.as_bytes() == &id[..]);
            if sequence != next.sequence
                || stored != next.hash
                || previous.as_deref() != Some(&head.hash)
                || !same_entry
            {
                return Err(VaultError::ChainBroken { sequence: next.sequence });
            }
            head = next;
        }
        Ok(head.sequence)
    }

    /// The device whose chain this installation continues.
    pub(crate) fn own_device(&self) -> Result<DeviceId> {
        let bytes: Vec<u8> =
            self.connection.query_row("SELECT device FROM vault", [], |row| row.get(0)).doing("reading the device")?;
        uuid(&bytes).map(DeviceId)
    }
}
