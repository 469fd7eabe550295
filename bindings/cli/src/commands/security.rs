//! Passcode, recovery code, verification.

use super::Session;
use crate::arguments::SecurityCommand;
use crate::failure::Failure;
use crate::passcode;
use homeline_companion::Homeline;
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
    }
}
