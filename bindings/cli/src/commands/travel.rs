//! Journeys.

use super::Session;
use crate::arguments::TravelCommand;
use crate::failure::Failure;
use chrono::{DateTime, FixedOffset};
use homeline_companion::{Homeline, HomelineError, Journey, JourneyDose, JourneyOrder, TravelState};
use homeline_model::{TimePolicy, ZoneId};
use serde_json::json;
use std::io::Write;

/// `homeline travel …`
pub async fn run(session: &Session, command: TravelCommand) -> Result<(), Failure> {
    match command {
        TravelCommand::Show => {
            let state = session.with_vault(async |homeline| Ok(homeline.travel().state().await?)).await?;
            session.output.answer(&state, |out| write_state(out, &state))
        }
        TravelCommand::Preview { zone, at, doses } => {
            let journey = session
                .with_vault(async |homeline| {
                    let zone = or_here(&homeline, zone).await?;
                    Ok(homeline.travel().preview(zone, at.map(|at| at.to_utc()), doses).await?)
                })
                .await?;
            session.output.answer(&journey, |out| write_journey(out, &journey))
        }
        TravelCommand::Accept { zone } => {
            let (state, logged) = session
                .with_vault(async |homeline| {
                    let zone = or_here(&homeline, zone).await?;
                    let logged = homeline.travel().accept(zone).await?;
                    Ok((homeline.travel().state().await?, logged))
                })
                .await?;
            let answer = json!({ "entry": logged.map(|logged| logged.entry), "state": state });
            session.output.answer(&answer, |out| write_state(out, &state))
        }
    }
}

/// The zone that was told, or the one in which this machine is.
async fn or_here(homeline: &Homeline, zone: Option<ZoneId>) -> Result<ZoneId, HomelineError> {
    match zone {
        Some(zone) => Ok(zone),
        None => Ok(homeline.travel().state().await?.here),
    }
}

fn write_state(out: &mut dyn Write, state: &TravelState) -> std::io::Result<()> {
    writeln!(out, "Doses follow the clock of {}. Home is {}.", state.followed, state.home)?;
    if state.to_accept {
        writeln!(out, "This machine is in {}. Look at what changes: homeline travel preview", state.here)?;
        writeln!(out, "Then, if that is right for you and your team: homeline travel accept")?;
    }
    Ok(())
}

fn write_journey(out: &mut dyn Write, journey: &Journey) -> std::io::Result<()> {
    writeln!(out, "From the clock of {} to that of {}. Nothing is changed yet.", journey.from, journey.to)?;
    for order in &journey.orders {
        write_order(out, order)?;
    }
    if journey.orders.is_empty() {
        writeln!(out, "No dose is planned.")?;
    }
    Ok(())
}

fn write_order(out: &mut dyn Write, order: &JourneyOrder) -> std::io::Result<()> {
    let travels = match order.policy {
        TimePolicy::WallClock => "by the clock where you are",
        TimePolicy::HomeZone => "by the clock at home",
        TimePolicy::Elapsed => "by hours",
        TimePolicy::ElapsedFromLastStart => "by hours from the last start",
    };
    writeln!(out, "\n{} ({travels}{})", order.title, if order.moves { "" } else { ": nothing moves" })?;
    for dose in &order.doses {
        writeln!(out, "  now {:>16}   there {:>16}", shown(dose.now, dose.day_only), shown(dose.there, dose.day_only))?;
        for line in remarks(dose, order.minimum_interval_minutes) {
            writeln!(out, "    {line}")?;
        }
    }
    Ok(())
}

fn remarks(dose: &JourneyDose, minimum: Option<u32>) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(minutes) = dose.minutes_after_previous.filter(|_| dose.too_close) {
        let (hours, minutes) = (minutes / 60, minutes % 60);
        let least = minimum.map(|least| format!(", the plan says at least {} h {} min", least / 60, least % 60));
        let least = least.unwrap_or_default();
        lines.push(format!("Only {hours} h {minutes} min after the dose before{least}. Ask your nurse."));
    }
    if dose.already_past {
        lines.push("By the clock there its time is over already. Ask your nurse.".to_owned());
    }
    lines
}

fn shown(at: Option<DateTime<FixedOffset>>, day_only: bool) -> String {
    match at {
        None => "no such day".to_owned(),
        Some(at) if day_only => at.format("%a %-d %b").to_string(),
        Some(at) => at.format("%a %-d %b %H:%M").to_string(),
    }
}
