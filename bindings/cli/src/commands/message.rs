//! Messages with the care team.

use super::Session;
use crate::arguments::{MessageCommand, RecipientArgument};
use crate::failure::Failure;
use crate::output::write_rows;
use homeline_companion::{Homeline, Recipient};
use serde_json::json;

/// `homeline message …`
pub async fn run(session: &Session, command: MessageCommand) -> Result<(), Failure> {
    match command {
        MessageCommand::Send { to, words } => {
            let to = match to {
                RecipientArgument::Pharmacist => Recipient::Pharmacist,
                RecipientArgument::Nurse => Recipient::Nurse,
            };
            let logged = session
                .with_vault(async |homeline: Homeline| Ok(homeline.messages().send(to, words.join(" ")).await?))
                .await?;
            session.output.answer(&json!({ "entry": logged.entry }), |out| {
                writeln!(out, "Saved here. Not sent yet: your team has not seen it. `homeline sync` sends it.")
            })
        }
        MessageCommand::List => {
            let rows = session.with_vault(async |homeline: Homeline| Ok(homeline.messages().list(100).await?)).await?;
            session.output.answer(&json!({ "rows": rows }), |out| {
                if rows.is_empty() {
                    writeln!(out, "No message.")?;
                }
                write_rows(out, &rows, &mut 0)
            })
        }
    }
}
