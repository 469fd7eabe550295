//! What leaves the vault: the visit report and the export, in the clear, and the backup, encrypted.

use crate::call::call;
use crate::crossing::{BackedUp, Consent, Exported, ReportFormat, ReportWritten, Screen};
use crate::error::HomelineError;
use crate::homeline::{Config, Credentials, Homeline};
use crate::ports::Platform;
use crate::work::{self, Work};
use homeline_companion as companion;
use std::path::PathBuf;
use std::sync::Arc;

#[uniffi::export]
impl Homeline {
    /// The first page of the report of the last `days` days as a screen, before it is written.
    ///
    /// Errors: `BadInput` (days), `NotFound` (no plan).
    pub async fn report_screen(&self, days: u32, consent: Consent) -> Result<Screen, HomelineError> {
        call(self.inner.report().preview(days, consent)).await
    }

    /// Writes the visit report of the last `days` days with today, 1 to 400, to `place`: a file, or for `Csv` a folder that
    /// does not exist yet. It is in the clear. `work` counts three parts: read, composed, written.
    ///
    /// Errors: `BadInput` (days), `NotFound` (no plan), `AlreadyExists`, `DiskFull`, `Platform`, `Cancelled`.
    #[uniffi::method(default(work = None))]
    pub async fn write_report(
        &self,
        days: u32,
        consent: Consent,
        format: ReportFormat,
        place: String,
        work: Option<Arc<Work>>,
    ) -> Result<ReportWritten, HomelineError> {
        call(self.inner.report().write(days, consent, format, PathBuf::from(place), work::of(work))).await
    }

    /// Writes everything, in the clear, into a folder that does not exist yet: `bundle.json` (FHIR R4), `journal.ndjson` and
    /// `attachments`. `work` counts entries.
    ///
    /// Errors: `AlreadyExists`, `DiskFull`, `Platform`, `Cancelled`.
    #[uniffi::method(default(work = None))]
    pub async fn export_to(&self, folder: String, work: Option<Arc<Work>>) -> Result<Exported, HomelineError> {
        call(self.inner.export().to_folder(PathBuf::from(folder), work::of(work))).await
    }

    /// Writes a backup, one encrypted file, to `place`; an older one there is replaced when the new one was read back whole.
    /// It opens with the recovery code of now, on any phone. Needs room for two copies; `work` counts bytes.
    ///
    /// Errors: `DiskFull`, `ReadOnly`, `Platform`, `Damaged` (nothing is backed up then), `Cancelled`.
    #[uniffi::method(default(work = None))]
    pub async fn back_up(&self, place: String, work: Option<Arc<Work>>) -> Result<BackedUp, HomelineError> {
        call(self.inner.security().back_up(PathBuf::from(place), work::of(work))).await
    }
}

/// Makes a vault from a backup in the folder of `config`, which holds none, and opens it. The recovery code of the time of
/// the backup opens it, and stays; `passcode` is the one from now on. Nothing half-done stays when it fails.
///
/// Errors: `NotFound` (no backup), `WrongCredential`, `AlreadyExists`, `BadInput` (weak passcode, or none where it is the
/// only protection), `Damaged`, `NewerFormat`, `DiskFull`, `ReadOnly`, `KeyUnavailable`.
#[uniffi::export]
pub async fn restore_homeline(
    config: Config,
    platform: Platform,
    backup: String,
    recovery_code: String,
    passcode: Option<String>,
) -> Result<Arc<Homeline>, HomelineError> {
    let passcode = passcode.map(companion::Passcode::new);
    let (config, ports, backup) = (config.into(), platform.into(), PathBuf::from(backup));
    let inner = call(companion::Homeline::restore(config, ports, backup, recovery_code, passcode)).await?;
    Ok(Arc::new(Homeline { inner }))
}

/// Gives a closed vault a new data key: after a phone was lost, or a key may have been seen. Takes room for a second copy
/// and some seconds. Answers the new recovery code, which is kept nowhere; the old one and the old passcode open nothing any
/// more, but for backups that were made before.
///
/// Errors: as `Homeline.open`, and `BadInput` (weak passcode, or none where it is the only protection).
#[uniffi::export]
pub async fn new_data_key(
    config: Config,
    platform: Platform,
    credentials: Credentials,
    passcode: Option<String>,
) -> Result<String, HomelineError> {
    let passcode = passcode.map(companion::Passcode::new);
    call(companion::Homeline::new_data_key(config.into(), platform.into(), credentials.into(), passcode)).await
}
