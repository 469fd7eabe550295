//! Messages with the care team.

use super::Session;
use crate::arguments::{DraftCommand, MessageArguments, MessageCommand, RecipientArgument};
use crate::failure::Failure;
use crate::output::write_rows;
use homeline_companion::{Homeline, MessageSent, NewMessage, Recipient};
use serde_json::json;

impl From<MessageArguments> for NewMessage {
    fn from(arguments: MessageArguments) -> Self {
        let to = match arguments.to {
            RecipientArgument::Pharmacist => Recipient::Pharmacist,
            RecipientArgument::Nurse => Recipient::Nurse,
        };
        Self {
            topic: arguments.topic,
            urgent: arguments.urgent,
            thread: arguments.reply,
            with_latest: arguments.with_latest,
            attach: arguments.attach,
            ..Self::new(to, arguments.words.join(" "))
        }
    }
}

/// `homeline message …`
pub async fn run(session: &Session, command: MessageCommand) -> Result<(), Failure> {
    match command {
        MessageCommand::Send(arguments) => {
            let sent = session
                .with_vault(async |homeline: Homeline| Ok(homeline.messages().write(arguments.into()).await?))
                .await?;
            queued(session, &sent)
        }
        MessageCommand::Check(arguments) => {
            session.screen(async |homeline| homeline.messages().compose(arguments.into()).await).await
        }
        MessageCommand::Threads => session.screen(async |homeline| homeline.messages().threads().await).await,
        MessageCommand::Show { thread } => {
            session.screen(async |homeline| homeline.messages().thread(thread).await).await
        }
        MessageCommand::Draft(command) => draft(session, command).await,
        MessageCommand::Search { words, limit } => {
            let words = words.join(" ");
            let rows = session
                .with_vault(async |homeline: Homeline| Ok(homeline.messages().search(words, limit).await?))
                .await?;
            rows_answer(session, &rows)
        }
        MessageCommand::List => {
            let rows = session.with_vault(async |homeline: Homeline| Ok(homeline.messages().list(100).await?)).await?;
            rows_answer(session, &rows)
        }
    }
}

fn rows_answer(session: &Session, rows: &[homeline_companion::Row]) -> Result<(), Failure> {
    session.output.answer(&json!({ "rows": rows }), |out| {
        if rows.is_empty() {
            writeln!(out, "No message.")?;
        }
        write_rows(out, rows, &mut 0)
    })
}

fn queued(session: &Session, sent: &MessageSent) -> Result<(), Failure> {
    let answer = json!({ "entry": sent.logged.entry, "before_you_wait": sent.before_you_wait });
    session.output.answer(&answer, |out| {
        writeln!(out, "Saved here. Not sent yet: your team has not seen it. `homeline sync` sends it.")?;
        for line in &sent.before_you_wait {
            writeln!(out, "{line}")?;
        }
        Ok(())
    })
}

async fn draft(session: &Session, command: DraftCommand) -> Result<(), Failure> {
    match command {
        DraftCommand::Keep { id, message } => {
            let id = session
                .with_vault(async |homeline: Homeline| Ok(homeline.messages().keep_draft(id, message.into()).await?))
                .await?;
            session.output.answer(&json!({ "draft": id }), |out| writeln!(out, "Kept as {id}. Not sent."))
        }
        DraftCommand::List => {
            let drafts = session.with_vault(async |homeline: Homeline| Ok(homeline.messages().drafts().await?)).await?;
            session.output.answer(&json!({ "drafts": drafts }), |out| {
                if drafts.is_empty() {
                    writeln!(out, "No draft.")?;
                }
                for draft in &drafts {
                    writeln!(out, "{}  {}", draft.id, draft.message.text)?;
                }
                Ok(())
            })
        }
        DraftCommand::Send { id } => {
            let sent =
                session.with_vault(async |homeline: Homeline| Ok(homeline.messages().send_draft(id).await?)).await?;
            queued(session, &sent)
        }
        DraftCommand::Discard { id } => {
            session.with_vault(async |homeline: Homeline| Ok(homeline.messages().discard_draft(id).await?)).await?;
            session.output.answer(&json!({ "discarded": id }), |out| writeln!(out, "Gone."))
        }
    }
}
