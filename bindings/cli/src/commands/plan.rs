//! The care plan, and the reminders that come of it.

use super::Session;
use crate::arguments::PlanCommand;
use crate::failure::Failure;
use crate::output::write_screen;
use chrono::{DateTime, Utc};
use homeline_companion::LARGEST_BUNDLE;
use std::io::Read;
use std::path::Path;

/// `homeline plan …`
pub async fn run(session: &Session, command: PlanCommand) -> Result<(), Failure> {
    match command {
        PlanCommand::Import { file } => import(session, &file).await,
        PlanCommand::Show => {
            let screen = session.with_vault(async |homeline| Ok(homeline.plan().screen().await?)).await?;
            session.output.answer(&screen, |out| write_screen(out, &screen))
        }
    }
}

async fn import(session: &Session, file: &Path) -> Result<(), Failure> {
    let bundle = read_at_most(file, LARGEST_BUNDLE)?;
    let imported = session.with_vault(async |homeline| Ok(homeline.plan().import(bundle).await?)).await?;
    session.output.answer(&imported, |out| {
        writeln!(out, "{} orders.", imported.orders)?;
        for change in &imported.changes {
            writeln!(out, "  {change}")?;
        }
        if !imported.unreadable.is_empty() {
            writeln!(out, "Could not be read (kept, never scheduled; ask your nurse):")?;
            for unreadable in &imported.unreadable {
                writeln!(out, "  {}: {}: {}", unreadable.resource, unreadable.field, unreadable.reason)?;
            }
        }
        if !imported.kept.is_empty() {
            let kept: Vec<String> =
                imported.kept.iter().map(|kept| format!("{}/{}", kept.resource_type, kept.id)).collect();
            writeln!(out, "Kept without being read: {}.", kept.join(", "))?;
        }
        Ok(())
    })
}

/// Reads a file (`-` is standard input), but not one that is too large.
pub fn read_at_most(file: &Path, most: usize) -> Result<Vec<u8>, Failure> {
    let read = |source: &mut dyn Read| {
        let mut bytes = Vec::new();
        source.take(most as u64 + 1).read_to_end(&mut bytes).map(|_| bytes)
    };
    let bytes = if file == Path::new("-") {
        read(&mut std::io::stdin().lock())
    } else {
        std::fs::File::open(file).and_then(|mut source| read(&mut source))
    };
    let bytes = bytes.map_err(|error| Failure::file(file, "read", &error))?;
    if bytes.len() > most {
        return Err(Failure::Failed(format!("{} has more than {} MB: that is too large", file.display(), most >> 20)));
    }
    Ok(bytes)
}

/// `homeline notifications`
pub async fn notifications(session: &Session, budget: u32, now: Option<String>) -> Result<(), Failure> {
    let now = super::time("--now", now)?;
    let plan = session
        .with_vault(async |homeline| {
            let reminders = homeline.reminders();
            Ok(match now {
                Some(now) => reminders.plan_as_of(now, budget).await?,
                None => reminders.plan(budget).await?,
            })
        })
        .await?;
    session.output.answer(&plan, |out| {
        for reminder in &plan.notifications {
            writeln!(out, "{:>16}  {}", here(reminder.fire_at), reminder.text)?;
        }
        writeln!(out, "Covered until {}.", here(plan.covered_until))?;
        if plan.left_out > 0 {
            writeln!(out, "{} later ones did not fit: open the app before then.", plan.left_out)?;
        }
        Ok(())
    })
}

/// A time as the clock on the wall shows it where this machine is.
fn here(at: DateTime<Utc>) -> String {
    let zone = jiff::tz::TimeZone::system();
    match jiff::Timestamp::from_second(at.timestamp()) {
        Ok(at) => at.to_zoned(zone).strftime("%a %-d %b %H:%M").to_string(),
        // Years that no clock shows.
        Err(_) => at.to_rfc3339(),
    }
}
