//! Passcode, recovery code, backup, and the proof that nothing was changed.

use crate::access::Access;
use crate::error::HomelineError;
use crate::homeline::{Inner, KeyProtection};
use crate::work::Work;
use homeline_vault::{Passcode, VaultError};
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerificationReport {
    /// Entries whose hash and place in the chain were checked.
    pub entries: u64,
    /// What is wrong, in plain words; empty when all is as it was written.
    pub findings: Vec<String>,
}

/// What a backup holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BackedUp {
    /// Entries of the journal, each verified.
    pub entries: u64,
}

/// Keys and proofs.
#[derive(Clone)]
pub struct Security {
    pub(crate) inner: Arc<Inner>,
}

impl Security {
    /// Sets another passcode, or none where the hardware key protects alone. Only the wrapped key is written anew.
    ///
    /// Errors: `BadInput` (too short).
    pub async fn set_passcode(&self, passcode: Option<Passcode>) -> Result<(), HomelineError> {
        long_enough(passcode.as_ref(), self.inner.protection)?;
        self.inner.allowed(Access::Own, move |store, _| Ok(store.vault()?.set_passcode(passcode.as_ref())?)).await
    }

    /// A new recovery code; the old one is void from now on. It is shown once and kept nowhere.
    pub async fn new_recovery_code(&self) -> Result<String, HomelineError> {
        self.inner
            .allowed(Access::Own, |store, _| Ok(store.vault()?.new_recovery_code()?.to_printed().to_string()))
            .await
    }

    /// Checks every entry's hash and its place in the chain, and the file page by page. Takes seconds on a large journal;
    /// what is wrong is an answer, not an error.
    pub async fn verify(&self) -> Result<VerificationReport, HomelineError> {
        self.verify_watched(Work::default()).await
    }

    /// The same as a long piece of work in three parts: structure, pages, chain.
    ///
    /// Errors: `Cancelled`.
    pub async fn verify_watched(&self, work: Work) -> Result<VerificationReport, HomelineError> {
        let vault = self.inner.allowed(Access::Own, |store, _| store.vault()).await?;
        self.inner
            .long(&work, move |work| match vault.verify_watched(&work.of_vault) {
                Ok(verified) => Ok(VerificationReport { entries: verified.entries, findings: Vec::new() }),
                Err(
                    error @ (VaultError::ChainBroken { .. }
                    | VaultError::Damaged { .. }
                    | VaultError::RolledBack { .. }),
                ) => {
                    let entries = vault.read(|tx| tx.entry_count())?;
                    Ok(VerificationReport { entries, findings: vec![error.to_string()] })
                }
                Err(error) => Err(error.into()),
            })
            .await
    }

    /// Writes a backup, one encrypted file, to `path`; an older one there is replaced when the new one was read back whole.
    /// It opens with the recovery code of now, on any phone: see [`Homeline::restore`](crate::Homeline::restore). Needs room
    /// for two copies; `work` counts bytes.
    ///
    /// Errors: `DiskFull`, `ReadOnly`, `Platform`, `Damaged` (nothing is backed up then), `Cancelled`.
    pub async fn back_up(&self, path: PathBuf, work: Work) -> Result<BackedUp, HomelineError> {
        let (vault, now) = self
            .inner
            .allowed(Access::Manage, |store, moment| {
                let vault = store.vault()?;
                vault.seal_head(moment.now)?;
                Ok((vault, moment.now))
            })
            .await?;
        let job = move |work: &Work| Ok(vault.backup_watched(&path, now, &work.of_vault)?);
        Ok(BackedUp { entries: self.inner.long(&work, job).await?.entries })
    }

    /// Seals the head of the journal's chain now: to be called when the app goes to the background or is locked.
    pub async fn seal(&self) -> Result<(), HomelineError> {
        self.inner.allowed(Access::Own, |store, moment| Ok(store.vault()?.seal_head(moment.now)?)).await
    }
}

/// A passcode that protects alone can be guessed at on a copied file: at least 8 characters (NIST SP 800-63B (2017),
/// §5.1.1.2). With the phone's hardware key behind it, guesses are slow and few: at least 4 (SP 800-63B-4, §3.2.10).
pub(crate) fn long_enough(passcode: Option<&Passcode>, protection: KeyProtection) -> Result<(), HomelineError> {
    let least = match protection {
        KeyProtection::PasscodeAlone => 8,
        KeyProtection::Hardware => 4,
    };
    match passcode {
        Some(passcode) if passcode.characters() < least => Err(HomelineError::input(
            "passcode",
            format!("it has fewer than {least} characters"),
            "Take a longer one, e.g. four words.",
        )),
        Some(_) | None => Ok(()),
    }
}
