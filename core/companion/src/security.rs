//! Passcode, recovery code, and the proof that nothing was changed.

use crate::access::Access;
use crate::error::HomelineError;
use crate::homeline::{Inner, KeyProtection};
use homeline_vault::{Passcode, VaultError};
use serde::Serialize;
use std::sync::Arc;

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerificationReport {
    /// Entries whose hash and place in the chain were checked.
    pub entries: u64,
    /// What is wrong, in plain words; empty when all is as it was written.
    pub findings: Vec<String>,
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

    /// Checks every entry's hash and its place in the chain, and the file page by page. Takes seconds on a large journal.
    pub async fn verify(&self) -> Result<VerificationReport, HomelineError> {
        self.inner
            .allowed(Access::Own, |store, _| {
                let vault = store.vault()?;
                match vault.verify() {
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
                }
            })
            .await
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
