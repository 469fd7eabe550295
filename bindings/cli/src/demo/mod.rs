//! `homeline demo`: a patient's whole day through the real core, in a simulated home.
//!
//! Real: vault, journal, schedule, triage, pump session, sync, report. Simulated: the clock, the pump behind the radio
//! port, the patient's hands, and (unless `--server` names another) the care team's FHIR server, a small subset in this
//! process that says so itself.

mod day;
mod hands;
mod home;
mod story;
mod transcript;

use crate::arguments::DemoArguments;
use crate::failure::Failure;
use crate::host::HostClock;
use crate::output::Output;
use day::Day;
use homeline_companion::{Clock, Homeline};
use homeline_home::care_team::{CareTeam, TeamError};
use homeline_home::plans;
use std::path::PathBuf;

/// The passcode of a demonstration's vault, so that anybody can open it afterwards.
pub const PASSCODE: &str = "homeline demo 2026";

impl From<TeamError> for Failure {
    fn from(error: TeamError) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Plays the day.
pub async fn run(arguments: DemoArguments, output: Output) -> Result<(), Failure> {
    let plan = plans::named(&arguments.plan).ok_or_else(|| {
        Failure::usage(format!("--plan {}: it must be one of {}", arguments.plan, plans::names().join(", ")))
    })?;
    let folder = prepare(arguments.out)?;
    let clock = day::clock_at_start(plan)?;
    let team = match &arguments.server {
        None => {
            let clock = clock.clone();
            CareTeam::embedded(&folder.join("care-team.ndjson"), move || clock.now())?
        }
        Some(url) => CareTeam::at(url)?,
    };
    let embedded = arguments.server.is_none();
    let mut day =
        Day::begin(&arguments.plan, plan, clock, team, &folder, arguments.seed, !output.json, embedded).await?;
    let lived = day.live().await;
    let summary = match lived {
        Ok(()) => day.finish(&folder).await,
        Err(failure) => {
            day.abandon().await;
            Err(failure)
        }
    }?;
    output.answer(&summary, |out| {
        writeln!(out)?;
        writeln!(out, "Report      {}", summary.report.display())?;
        writeln!(out, "Transcript  {}", summary.transcript.display())?;
        writeln!(out, "Vault       {}", summary.vault.display())?;
        writeln!(out)?;
        writeln!(out, "Look into it (the passcode is: {PASSCODE})")?;
        writeln!(out, "  homeline --vault {} journal", summary.vault.display())
    })
}

/// The folder of the results: the one named, which must hold no vault, or a fresh one.
fn prepare(out: Option<PathBuf>) -> Result<PathBuf, Failure> {
    let folder = match out {
        Some(folder) => folder,
        None => {
            let now = HostClock::new().now().map_err(|error| Failure::Failed(error.to_string()))?;
            let stamp = now.format("%Y%m%d-%H%M%S");
            let folder = PathBuf::from(format!("homeline-demo-{stamp}"));
            if folder.exists() {
                return Err(Failure::Failed(format!("{} exists already: give --out DIR", folder.display())));
            }
            folder
        }
    };
    if Homeline::exists(&folder) || Homeline::exists(&folder.join("vault")) {
        return Err(Failure::Failed(format!(
            "{} holds a vault already: name another folder with --out; nothing was changed",
            folder.display()
        )));
    }
    std::fs::create_dir_all(&folder).map_err(|error| Failure::file(&folder, "made", &error))?;
    Ok(folder)
}
