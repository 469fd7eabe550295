//! `homeline insight`: the trends that the plan asks for.

use super::Session;
use crate::failure::Failure;
use crate::output::write_screen;

/// `homeline insight`
pub async fn run(session: &Session) -> Result<(), Failure> {
    let (report, screen) = session
        .with_vault(async |homeline| {
            let insight = homeline.insight();
            Ok((insight.trends().await?, insight.screen().await?))
        })
        .await?;
    session.output.answer(&report, |out| write_screen(out, &screen))
}
