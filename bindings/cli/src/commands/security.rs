//! Passcode, recovery code, verification, backup, a new key.

use super::Session;
use crate::arguments::SecurityCommand;
use crate::failure::Failure;
use crate::{host, passcode};
use homeline_companion::{Homeline, Work};
use serde_json::json;

/// `homeline security …`
pub async fn run(session: &Session, command: SecurityCommand) -> Result<(), Failure> {
    match command {
        SecurityCommand::Verify => {
            let report = session.with_vault(async |homeline: Homeline| Ok(homeline.security().verify().await?)).await?;
            session.output.answer(&report, |out| {
                if report.findings.is_empty() {
                    writeln!(out, "{} entries verified: nothing was changed and nothing is missing.", report.entries)?;
                }
                for finding in &report.findings {
                    writeln!(out, "{finding}")?;
                }
                Ok(())
            })?;
            if report.findings.is_empty() {
                Ok(())
            } else {
                Err(Failure::Failed("the verification found something".to_owned()))
            }
        }
        SecurityCommand::Passcode { new_passcode_fd } => {
            session
                .with_vault(async |homeline: Homeline| {
                    let passcode = passcode::read_new(new_passcode_fd)?;
                    Ok(homeline.security().set_passcode(Some(passcode)).await?)
                })
                .await?;
            session.output.answer(&json!({ "passcode": "changed" }), |out| writeln!(out, "The passcode is changed."))
        }
        SecurityCommand::RecoveryCode => {
            let code = session
                .with_vault(async |homeline: Homeline| Ok(homeline.security().new_recovery_code().await?))
                .await?;
            session.output.answer(&json!({ "recovery_code": code }), |out| {
                writeln!(out, "The new recovery code (write it on paper now, the old one is void):\n\n    {code}")
            })
        }
        SecurityCommand::Backup { file } => {
            let place = file.clone();
            let made = session
                .with_vault(async |homeline: Homeline| Ok(homeline.security().back_up(place, Work::default()).await?))
                .await?;
            let answer = json!({ "backup": file, "entries": made.entries });
            session.output.answer(&answer, |out| {
                writeln!(
                    out,
                    "Wrote {}: {} entries, encrypted. It opens with the recovery code of today; keep it elsewhere.",
                    file.display(),
                    made.entries
                )
            })
        }
        SecurityCommand::Restore { file, new_passcode_fd } => {
            let config = session.config()?;
            let folder = config.vault.clone();
            let code = passcode::read_recovery_code(session.passcode_fd())?;
            let passcode = passcode::read_new(new_passcode_fd)?;
            let homeline = Homeline::restore(config, host::ports(), file, code, Some(passcode)).await?;
            let entries = homeline.journal().count().await?;
            homeline.close().await?;
            session.output.answer(&json!({ "vault": folder, "entries": entries }), |out| {
                writeln!(out, "Made the vault in {} from the backup: {entries} entries.", folder.display())
            })
        }
        SecurityCommand::NewDataKey { new_passcode_fd } => {
            let credentials = session.credentials()?;
            let passcode = passcode::read_new(new_passcode_fd)?;
            let code = Homeline::new_data_key(session.config()?, host::ports(), credentials, Some(passcode)).await?;
            session.output.answer(&json!({ "recovery_code": code }), |out| {
                writeln!(
                    out,
                    "The vault has a new key. The old passcode and recovery code open nothing any more.\n\
                     The new recovery code (write it on paper now):\n\n    {code}"
                )
            })
        }
    }
}
