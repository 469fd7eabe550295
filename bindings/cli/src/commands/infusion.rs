//! Infusions as they went, and looks at devices that cannot tell.

use super::plan::read_at_most;
use super::{Session, time};
use crate::arguments::{Balloon, CheckInArguments, InfusionCommand};
use crate::failure::Failure;
use crate::output::{write_advice, write_screen};
use homeline_companion::{CheckIn, Homeline};
use homeline_model::{Decimal, OccurrenceId};

/// The largest picture that is read from a file.
const LARGEST_PICTURE: usize = 32 << 20;

/// `homeline infusion …`
pub async fn run(session: &Session, command: InfusionCommand) -> Result<(), Failure> {
    match command {
        InfusionCommand::List { days } => {
            let (records, screen) = session
                .with_vault(async |homeline: Homeline| {
                    let infusions = homeline.infusions();
                    Ok((infusions.list(days).await?, infusions.screen(days).await?))
                })
                .await?;
            session.output.answer(&records, |out| write_screen(out, &screen))
        }
        InfusionCommand::Show { infusion } => {
            let (record, screen) = session
                .with_vault(async |homeline: Homeline| {
                    let infusions = homeline.infusions();
                    Ok((infusions.show(infusion.clone()).await?, infusions.screen_of(infusion.clone()).await?))
                })
                .await?;
            session.output.answer(&record, |out| write_screen(out, &screen))
        }
    }
}

/// `homeline pump check-in`
pub async fn check_in(session: &Session, arguments: CheckInArguments) -> Result<(), Failure> {
    let number = |option: &str, text: Option<String>| -> Result<Option<Decimal>, Failure> {
        text.map(|text| text.parse().map_err(|_| Failure::usage(format!("{option} {text}: give a number, e.g. 42.5"))))
            .transpose()
    };
    let dose = arguments
        .dose
        .map(|id| id.parse::<OccurrenceId>().map_err(|_| Failure::usage(format!("--dose {id}: give the id of a row"))))
        .transpose()?;
    let seen = CheckIn {
        balloon: arguments.balloon.map(Balloon::size),
        remaining_ml: number("--remaining", arguments.remaining)?,
        infused_ml: number("--infused", arguments.infused)?,
        drops_per_minute: arguments.drops,
        rate_ml_h: number("--rate", arguments.rate)?,
        note: arguments.note,
        at: time("--at", arguments.at)?,
    };
    let photo = arguments.photo.map(|file| read_at_most(&file, LARGEST_PICTURE)).transpose()?;
    let checked = session
        .with_vault(async |homeline: Homeline| Ok(homeline.infusions().check_in(dose, seen, photo).await?))
        .await?;
    session.output.answer(&checked, |out| {
        writeln!(out, "Recorded: {}.", checked.dose)?;
        for line in checked.call.iter().chain(&checked.words) {
            writeln!(out, "{line}")?;
        }
        write_advice(out, &checked.logged.advice)
    })
}
