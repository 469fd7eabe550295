//! Writing into the journal and reading it.

use super::Session;
use super::plan::read_at_most;
use crate::arguments::{JournalArguments, LogCommand, SeverityArgument};
use crate::failure::Failure;
use crate::output::{write_advice, write_rows};
use chrono::NaiveDate;
use homeline_companion::{Homeline, JournalFilter, LONGEST_TEXT, Logged, Place};
use homeline_model::{EntryKind, OrderId, Severity};
use serde_json::json;
use std::path::Path;

/// The largest picture that is read from a file.
const LARGEST_PICTURE: usize = 32 << 20;

/// `homeline log …`
pub async fn log(session: &Session, command: LogCommand) -> Result<(), Failure> {
    if let LogCommand::Symptom { symptom, .. } = &command
        && symptom == "list"
    {
        return list_symptoms(session);
    }
    let photo = match &command {
        LogCommand::Photo { file, .. } => Some(read_at_most(file, LARGEST_PICTURE)?),
        LogCommand::Symptom { .. }
        | LogCommand::Vital { .. }
        | LogCommand::Note { .. }
        | LogCommand::Question { .. } => None,
    };
    let logged: Vec<Logged> = session
        .with_vault(async |homeline: Homeline| {
            let journal = homeline.journal();
            Ok(match command {
                LogCommand::Symptom { symptom, severity, absent, note } => {
                    let severity = severity.map(|severity| match severity {
                        SeverityArgument::Mild => Severity::Mild,
                        SeverityArgument::Moderate => Severity::Moderate,
                        SeverityArgument::Severe => Severity::Severe,
                    });
                    vec![journal.symptom(symptom, !absent, severity, note).await?]
                }
                LogCommand::Vital { value } => journal.vital(value.join(" ")).await?,
                LogCommand::Note { words, private } => vec![journal.note(text(words)?, private).await?],
                LogCommand::Photo { caption, .. } => vec![journal.photo(photo.unwrap_or_default(), caption).await?],
                LogCommand::Question { words } => vec![journal.question(text(words)?).await?],
            })
        })
        .await?;
    let advice: Vec<_> = logged.iter().flat_map(|logged| logged.advice.clone()).collect();
    let entries: Vec<_> = logged.iter().map(|logged| logged.entry).collect();
    session.output.answer(&json!({ "entries": entries, "advice": advice }), |out| {
        writeln!(out, "Recorded.")?;
        write_advice(out, &advice)
    })
}

fn list_symptoms(session: &Session) -> Result<(), Failure> {
    let symptoms = homeline_companion::symptoms();
    session.output.answer(&symptoms, |out| {
        for symptom in &symptoms {
            writeln!(out, "{:<28} {}", symptom.key, symptom.name)?;
        }
        Ok(())
    })
}

/// Words of the command line; a single `-` is standard input.
fn text(words: Vec<String>) -> Result<String, Failure> {
    if words != ["-"] {
        return Ok(words.join(" "));
    }
    // One byte more than is taken, so that the core says what is too long.
    let bytes = read_at_most(Path::new("-"), 64 * LONGEST_TEXT)?;
    String::from_utf8(bytes).map_err(|error| {
        Failure::input(
            "text",
            format!("it is not UTF-8 from byte {} on: save it as UTF-8", error.utf8_error().valid_up_to()),
        )
    })
}

/// `homeline journal`
pub async fn show(session: &Session, arguments: JournalArguments) -> Result<(), Failure> {
    let kinds = arguments
        .kind
        .iter()
        .map(|name| {
            EntryKind::parse(name).ok_or_else(|| {
                let known: Vec<&str> = EntryKind::ALL.iter().map(|kind| kind.as_str()).collect();
                Failure::usage(format!("--kind {name}: it must be one of {}", known.join(", ")))
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    let order = arguments.order.map(OrderId::new).transpose().map_err(|error| Failure::usage(error.to_string()))?;
    let after = arguments.after.map(|place| place.parse::<Place>()).transpose()?;
    let page = session
        .with_vault(async |homeline: Homeline| {
            let day = async |date: Option<NaiveDate>, next: bool| -> Result<_, Failure> {
                let date = date.and_then(|date| if next { date.succ_opt() } else { Some(date) });
                Ok(match date {
                    Some(date) => Some(homeline.journal().first_instant(date).await?),
                    None => None,
                })
            };
            let filter = JournalFilter {
                kinds,
                order,
                from: day(arguments.from, false).await?,
                until: day(arguments.to, true).await?,
            };
            Ok(homeline.journal().timeline(filter, after, arguments.limit).await?)
        })
        .await?;
    session.output.answer(&page, |out| {
        if page.rows.is_empty() {
            writeln!(out, "No entry.")?;
        }
        write_rows(out, &page.rows, &mut 0)?;
        match page.next {
            Some(place) => writeln!(out, "\nMore: --after {place}"),
            None => Ok(()),
        }
    })
}

/// `homeline search`
pub async fn search(session: &Session, words: String, limit: u32) -> Result<(), Failure> {
    let rows = session.with_vault(async |homeline| Ok(homeline.journal().search(words, limit).await?)).await?;
    session.output.answer(&json!({ "rows": rows }), |out| {
        if rows.is_empty() {
            writeln!(out, "Nothing found.")?;
        }
        write_rows(out, &rows, &mut 0)
    })
}
