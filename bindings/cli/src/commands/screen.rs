//! `homeline screen`, `homeline language`: the screens of the phones that have no command of their own.

use super::Session;
use crate::arguments::ScreenName;
use crate::failure::Failure;
use crate::output::write_screen;
use homeline_companion::{Consent, Homeline};
use homeline_model::EntryId;
use serde_json::json;

/// As many as a phone can hold.
const BUDGET: u32 = 64;
/// A week, as reports are written by default.
const DAYS: u32 = 7;

/// `homeline screen`
pub async fn show(session: &Session, screen: ScreenName, entry: Option<EntryId>) -> Result<(), Failure> {
    let screen = session
        .with_vault(async |homeline: Homeline| {
            Ok(match screen {
                ScreenName::Entry => {
                    let entry =
                        entry.ok_or_else(|| Failure::usage("name the entry: its id stands in `journal --json`"))?;
                    homeline.journal().entry_screen(entry).await?
                }
                ScreenName::Messages => homeline.messages().threads().await?,
                ScreenName::Reminders => homeline.reminders().screen(BUDGET).await?,
                ScreenName::Forms => homeline.forms().screen().await?,
                ScreenName::Travel => homeline.travel().screen().await?,
                ScreenName::Sync => homeline.sync().screen().await?,
                ScreenName::Report => homeline.report().preview(DAYS, Consent::default()).await?,
                ScreenName::Devices => homeline.vital_devices().screen().await?,
                ScreenName::Settings => homeline.settings().screen().await?,
            })
        })
        .await?;
    session.output.answer(&screen, |out| write_screen(out, &screen))
}

/// `homeline language`
pub async fn language(session: &Session, language: String) -> Result<(), Failure> {
    let tag = (language != "plan").then_some(language);
    let chosen = tag.clone();
    session.with_vault(async |homeline: Homeline| Ok(homeline.settings().set_language(tag).await?)).await?;
    session.output.answer(&json!({ "language": chosen }), |out| match &chosen {
        Some(tag) => writeln!(out, "Screens and advice are now in `{tag}`, as far as there are texts in it."),
        None => writeln!(out, "Screens and advice follow the care plan's language."),
    })
}
