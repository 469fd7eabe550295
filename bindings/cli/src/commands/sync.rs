//! Sending to and fetching from the care team's server.

use super::Session;
use crate::arguments::SyncArguments;
use crate::failure::Failure;
use homeline_companion::Homeline;
use indicatif::ProgressBar;

/// `homeline sync`
pub async fn run(session: &Session, arguments: SyncArguments) -> Result<(), Failure> {
    if arguments.status {
        let state = session.with_vault(async |homeline: Homeline| Ok(homeline.sync().status().await?)).await?;
        return session.output.answer(&state, |out| {
            writeln!(out, "{}", state.sentence)?;
            for aside in &state.set_aside {
                writeln!(out, "Set aside: {}: {}", aside.resource_type, aside.reason)?;
            }
            Ok(())
        });
    }
    if arguments.patient.is_some() && arguments.server.is_none() {
        return Err(Failure::usage("--patient goes with --server"));
    }
    let synced = session
        .with_vault(async |homeline: Homeline| {
            if let Some(server) = arguments.server {
                let patient = match arguments.patient {
                    Some(patient) => patient,
                    None => match homeline.plan().current().await? {
                        Some(plan) => plan.patient.id.to_string(),
                        None => return Err(Failure::usage("give --patient ID with the first --server")),
                    },
                };
                homeline.sync().enrol(server, patient, None).await?;
            }
            if arguments.again {
                homeline.sync().send_again().await?;
            }
            let bar = ProgressBar::new_spinner().with_message("Talking to the care team's server");
            bar.enable_steady_tick(std::time::Duration::from_millis(120));
            let synced = homeline.sync().now().await;
            bar.finish_and_clear();
            Ok(synced?)
        })
        .await?;
    session.output.answer(&synced, |out| {
        writeln!(out, "Sent {}, received {}.", synced.sent, synced.received)?;
        for change in &synced.plan_changes {
            writeln!(out, "  {change}")?;
        }
        writeln!(out, "{}", synced.state.sentence)
    })?;
    match synced.stopped {
        Some(reason) => Err(Failure::Failed(format!("sync stopped: {reason}"))),
        None => Ok(()),
    }
}
