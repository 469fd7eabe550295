//! The emergency card.

use super::{Session, write_whole};
use crate::arguments::{CardArguments, CardCommand};
use crate::failure::Failure;
use crate::output::write_screen;
use homeline_companion::{Card, Homeline, LockedCard};
use serde_json::json;

/// `homeline card`
pub async fn run(session: &Session, arguments: CardArguments) -> Result<(), Failure> {
    match arguments.command {
        Some(CardCommand::AllowLocked) => allow(session).await,
        Some(CardCommand::ForbidLocked) => {
            session.with_vault(async |homeline: Homeline| Ok(homeline.card().forbid_locked().await?)).await?;
            session.output.answer(&json!({ "without_unlocking": false }), |out| {
                writeln!(out, "The card can not be seen without unlocking. Its copy beside the vault is removed.")
            })
        }
        None if arguments.locked => locked(session, arguments.er),
        None => match arguments.out {
            Some(file) => {
                let page = session
                    .with_vault(async |homeline: Homeline| Ok(homeline.card().page(arguments.er).await?))
                    .await?;
                write_whole(&file, page.as_bytes())?;
                session.output.answer(&json!({ "card": file }), |out| {
                    writeln!(out, "Wrote {}. It is in the clear: print it, or keep it to yourself.", file.display())
                })
            }
            None => session.screen(async |homeline| homeline.card().screen(arguments.er).await).await,
        },
    }
}

async fn allow(session: &Session) -> Result<(), Failure> {
    let page = session.with_vault(async |homeline: Homeline| Ok(homeline.card().allow_locked().await?)).await?;
    let outside = Card::outside_the_vault();
    let answer = json!({ "without_unlocking": true, "card": page, "outside_the_vault": outside });
    session.output.answer(&answer, |out| {
        writeln!(out, "From now on whoever holds this machine can read the card without your passcode:")?;
        writeln!(out, "  {}", page.display())?;
        writeln!(out, "Outside of the vault, not encrypted, stand:")?;
        for line in outside {
            writeln!(out, "  {line}")?;
        }
        writeln!(out, "Nothing else of your journal. Take it back with `homeline card forbid-locked`.")
    })
}

/// The copy beside the vault: nothing is unlocked, so no passcode is asked for.
fn locked(session: &Session, hand_over: bool) -> Result<(), Failure> {
    let card = LockedCard::read(&session.folder()?)?.ok_or_else(|| {
        Failure::Failed(
            "no card can be seen without unlocking: the patient allows it with `homeline card allow-locked`".to_owned(),
        )
    })?;
    let screen = if hand_over { card.hand_over } else { card.emergency };
    session.output.answer(&screen, |out| write_screen(out, &screen))
}
