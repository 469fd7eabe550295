//! Recording a dose: the actions of today's rows, named by number or id.

use super::{Session, time};
use crate::arguments::{DoseCommand, WhichDose};
use crate::failure::Failure;
use crate::output::write_advice;
use homeline_companion::{ActionInput, Homeline, Row, Screen, is_when_needed};
use serde_json::json;

/// `homeline dose …`
pub async fn run(session: &Session, command: DoseCommand) -> Result<(), Failure> {
    let (which, verb, input) = match command {
        DoseCommand::Start { which, lot, at, anyway } => {
            let input = ActionInput { lot, at: time("--at", at)?, ..ActionInput::default() };
            (which, if anyway { "dose.insist/start" } else { "dose.start" }.to_owned(), input)
        }
        DoseCommand::Step { step, which } => (which, format!("step.done/{step}"), ActionInput::default()),
        DoseCommand::Finish { which, at, anyway } => {
            let input = ActionInput { at: time("--at", at)?, ..ActionInput::default() };
            (which, if anyway { "dose.insist/finish" } else { "dose.finish" }.to_owned(), input)
        }
        DoseCommand::Stop { which, reason, volume } => {
            let volume_ml = volume
                .map(|volume| {
                    volume
                        .parse()
                        .map_err(|_| Failure::usage(format!("--volume {volume}: give a number of mL, e.g. 42.5")))
                })
                .transpose()?;
            let input = ActionInput { reason: Some(reason), volume_ml, ..ActionInput::default() };
            (which, "dose.stop".to_owned(), input)
        }
        DoseCommand::Skip { which, reason, care_team_said } => {
            let input = ActionInput { reason: Some(reason), care_team_said, ..ActionInput::default() };
            (which, "dose.skip".to_owned(), input)
        }
    };
    let (title, step, logged) = session
        .with_vault(async |homeline: Homeline| {
            let today = homeline.agenda().today().await?;
            let row = find(&today, &which)?;
            let action = action_of(row, &verb)?;
            let label = row.actions.iter().find(|offered| offered.id == action && verb.starts_with("step."));
            let step = label.map(|step| step.label.clone());
            let logged = homeline.agenda().act(action, input).await?;
            Ok((row.title.clone(), step, logged))
        })
        .await?;
    let answer = json!({ "entry": logged.entry, "dose": title, "advice": logged.advice });
    session.output.answer(&answer, |out| {
        match step {
            Some(step) => writeln!(out, "{title}. {step}")?,
            None => writeln!(out, "Recorded: {title}.")?,
        }
        write_advice(out, &logged.advice)
    })
}

/// `homeline act`
pub async fn act(session: &Session, which: &str, no: bool, at: Option<String>) -> Result<(), Failure> {
    let input = ActionInput { at: time("--at", at)?, ..ActionInput::default() };
    let (title, label, logged) = session
        .with_vault(async |homeline: Homeline| {
            let today = homeline.agenda().today().await?;
            let offered: Vec<&Row> = today.rows().filter(|row| !row.actions.is_empty()).collect();
            let numbered = which.parse::<usize>().ok().and_then(|number| offered.get(number.checked_sub(1)?).copied());
            let found = match numbered {
                Some(row) => (if no { row.actions.last() } else { row.actions.first() }).map(|action| (row, action)),
                None => offered
                    .iter()
                    .find_map(|row| row.actions.iter().find(|action| action.id == which).map(|action| (*row, action))),
            };
            let (row, action) = found.ok_or_else(|| {
                Failure::usage(format!("no row or action `{which}` in `homeline today`: take a number there"))
            })?;
            let logged = homeline.agenda().act(action.id.clone(), input).await?;
            Ok((row.title.clone(), action.label.clone(), logged))
        })
        .await?;
    let answer = json!({ "entry": logged.entry, "row": title, "action": label, "advice": logged.advice });
    session.output.answer(&answer, |out| {
        writeln!(out, "{title} – {label}.")?;
        write_advice(out, &logged.advice)
    })
}

/// The row of a dose: by number, by the beginning of its id, or the one that is open now.
fn find<'a>(today: &'a Screen, which: &WhichDose) -> Result<&'a Row, Failure> {
    let rows: Vec<&Row> = today.rows().filter(|row| !row.actions.is_empty()).collect();
    match &which.dose {
        // What is taken when needed is meant only by whoever names it.
        None => match planned_rows(today).as_slice() {
            [] => Err(Failure::Failed("no dose is open today".to_owned())),
            [only] => Ok(only),
            [first, ..] if first.state.as_deref().is_some_and(|state| !state.starts_with("planned")) => Ok(first),
            _ => Err(Failure::usage("several doses are planned: name one by its number in `homeline today`")),
        },
        Some(text) => {
            if let Ok(number) = text.parse::<usize>()
                && let Some(row) = number.checked_sub(1).and_then(|index| rows.get(index))
            {
                return Ok(row);
            }
            // By its id also one that is done: it may have to be corrected.
            let mut found = today.rows().filter(|row| text.len() >= 4 && row.id.starts_with(text.as_str()));
            match (found.next(), found.next()) {
                (Some(row), None) => Ok(row),
                _ => Err(Failure::usage(format!("no dose `{text}` in `homeline today`: name one by its number there"))),
            }
        }
    }
}

/// The rows of doses with actions, without those that are taken when needed.
fn planned_rows(today: &Screen) -> Vec<&Row> {
    let sections = today.sections.iter().filter(|section| !is_when_needed(section));
    sections.flat_map(|section| &section.rows).filter(|row| is_a_dose(row)).collect()
}

/// Whether a row stands for a dose or a duty, and not for what a pump says.
fn is_a_dose(row: &Row) -> bool {
    row.actions.iter().any(|action| action.id.starts_with("dose.") || action.id.starts_with("step."))
}

/// The action of a row that a verb means. The id after the verb is the row's own, whatever the row offers now, so that
/// a second start answers as the first.
fn action_of(row: &Row, verb: &str) -> Result<String, Failure> {
    if let Some(step) = verb.strip_prefix("step.done/") {
        let next = row.actions.iter().find(|action| action.id.starts_with("step.done:"));
        return match next {
            Some(action) if step == "next" || action.id.ends_with(&format!(":{step}")) => Ok(action.id.clone()),
            Some(action) => {
                let expected = action.id.rsplit(':').next().unwrap_or_default();
                Err(Failure::Failed(format!("the next step of this dose is `{expected}` ({})", action.label)))
            }
            None => Err(Failure::Failed("this dose has no step that is open".to_owned())),
        };
    }
    // What insists says after the id on what.
    Ok(match verb.split_once('/') {
        Some((verb, what)) => format!("{verb}:{}:{what}", row.id),
        None => format!("{verb}:{}", row.id),
    })
}
