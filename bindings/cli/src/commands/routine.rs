//! The patient's own day.

use super::Session;
use crate::arguments::RoutineCommand;
use crate::failure::Failure;
use homeline_companion::RoutineEvent;
use homeline_model::EventTiming;
use serde_json::json;
use std::io::Write;

/// `homeline routine …`
pub async fn run(session: &Session, command: RoutineCommand) -> Result<(), Failure> {
    let events = session
        .with_vault(async |homeline| {
            if let RoutineCommand::Set { event, time } = command {
                homeline.routine().set(event, time).await?;
            }
            Ok(homeline.routine().events().await?)
        })
        .await?;
    session.output.answer(&json!({ "events": events }), |out| write_events(out, &events))
}

fn write_events(out: &mut dyn Write, events: &[RoutineEvent]) -> std::io::Result<()> {
    if events.is_empty() {
        return writeln!(out, "Nothing was told yet. Orders that hang on meals or sleep wait for it.");
    }
    for RoutineEvent { event, time } in events {
        writeln!(out, "{}  {}", time.format("%H:%M"), name(*event))?;
    }
    Ok(())
}

/// As a person says it; other events have the name of FHIR's code.
fn name(event: EventTiming) -> String {
    match event {
        EventTiming::Waking => "waking".to_owned(),
        EventTiming::Breakfast => "breakfast".to_owned(),
        EventTiming::Lunch => "lunch".to_owned(),
        EventTiming::Dinner => "dinner".to_owned(),
        EventTiming::BeforeSleep => "bedtime".to_owned(),
        other => serde_json::to_value(other).ok().and_then(|code| code.as_str().map(str::to_owned)).unwrap_or_default(),
    }
}
