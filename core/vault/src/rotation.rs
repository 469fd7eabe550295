//! A new data key for an old journal: after a phone was lost, or a key may have been seen.
//!
//! The order of the steps is what makes it safe. A verified copy under the new key lies beside the old file; the envelope lists both
//! keys; the copy takes the old file's name, which is atomic; only then does the envelope forget the old key. A power cut
//! at any moment leaves a file that one of the listed keys opens, and the next opening tidies up.

use crate::durable_file::{self, PARTIAL};
use crate::envelope::{Envelope, KeyRecord, Unlock};
use crate::error::{Result, VaultError};
use crate::export::export;
use crate::lock::Lock;
use crate::long_work::LongWork;
use crate::recovery::RecoveryCode;
use crate::seal::{History, SealedHead};
use crate::secret::{DataKey, Passcode};
use crate::transaction::ReadTx;
use crate::vault::{DATABASE, Vault, VaultConfig, look_back, open_database};
use chrono::{DateTime, Utc};

/// How far a rotation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Begun,
    Copied,
    HeadSealedForBoth,
    BothKeysListed,
    OldFileClosed,
    Renamed,
    OldKeyForgotten,
    Done,
}

impl Vault {
    /// Gives a closed vault a new data key. Everything is copied and verified first, so it takes room for a second copy and some
    /// seconds. Answers the new recovery code; the old one opens nothing any more. `passcode` is the one from now on.
    ///
    /// The blocks of the old file are freed, not overwritten: flash keeps its own copies. Whoever has the old key and the raw flash
    /// chip may still read what was written until now.
    pub fn rotate(
        config: &VaultConfig,
        unlock: Unlock<'_>,
        passcode: Option<&Passcode>,
        now: DateTime<Utc>,
    ) -> Result<RecoveryCode> {
        rotate(config, unlock, passcode, now, &mut |_| Ok(()))
    }
}

/// `reached` is told of each step and may stop there, as a power cut would.
fn rotate(
    config: &VaultConfig,
    unlock: Unlock<'_>,
    passcode: Option<&Passcode>,
    now: DateTime<Utc>,
    reached: &mut dyn FnMut(Step) -> Result<()>,
) -> Result<RecoveryCode> {
    let (dir, protection) = (&config.dir, &config.protection);
    if !Vault::exists(dir) {
        return Err(VaultError::Missing { what: DATABASE });
    }
    let _lock = Lock::take(dir)?;
    let mut envelope = Envelope::read(dir)?;
    let path = dir.join(DATABASE);
    let (connection, old_record, old) = open_database(&path, &envelope, protection, unlock)?;
    if envelope.keep_only(&old_record) {
        envelope.write(dir)?;
    }
    let device = ReadTx { connection: &connection }.own_device()?;
    if let (History::RolledBack { missing }, _) = look_back(dir, &connection, &old, protection, device)? {
        return Err(VaultError::RolledBack { missing });
    }
    let recovery = RecoveryCode::random()?;
    let new = DataKey::random()?;
    let new_record = KeyRecord::new(&new, protection, passcode, config.passcode_cost, &recovery)?;
    reached(Step::Begun)?;

    let copy = dir.join(format!("{DATABASE}{PARTIAL}"));
    durable_file::remove(&copy)?;
    export(&connection, &old, &new, &copy, device, &LongWork::default())?;
    reached(Step::Copied)?;

    let head = ReadTx { connection: &connection }.head(device)?;
    SealedHead::write(dir, &[&old, &new], protection, device, head, now)?;
    reached(Step::HeadSealedForBoth)?;
    envelope.add(new_record.clone());
    envelope.write(dir)?;
    reached(Step::BothKeysListed)?;

    // Its WAL goes into the old file now: a WAL left behind would lie beside a file of another key.
    connection.close().map_err(|(_, error)| VaultError::from_sql("closing the database", &error))?;
    reached(Step::OldFileClosed)?;
    durable_file::rename(&copy, &path)?;
    reached(Step::Renamed)?;

    envelope.keep_only(&new_record);
    envelope.write(dir)?;
    reached(Step::OldKeyForgotten)?;
    SealedHead::write(dir, &[&new], protection, device, head, now)?;
    reached(Step::Done)?;
    Ok(recovery)
}

#[cfg(test)]
#[path = "rotation_tests.rs"]
mod tests;
