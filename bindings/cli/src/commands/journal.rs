//! Writing into the journal and reading it.

use super::plan::read_at_most;
use super::{Session, form};
use crate::arguments::{JournalArguments, LogCommand, SeverityArgument};
use crate::failure::Failure;
use crate::output::{write_advice, write_rows};
use chrono::NaiveDate;
use homeline_companion::{Homeline, JournalFilter, LONGEST_TEXT, Logged, Place};
use homeline_model::{EntryKind, OrderId, Severity};
use serde_json::json;
use std::future::Future;
use std::path::Path;

/// The largest picture that is read from a file.
const LARGEST_PICTURE: usize = 32 << 20;

/// `homeline log …`
pub async fn log(session: &Session, command: LogCommand) -> Result<(), Failure> {
    match command {
        LogCommand::Symptom { symptom: Some(symptom), .. } if symptom == "list" => list_symptoms(session),
        LogCommand::Check(answers) => form::answer(session, "check", Vec::new(), answers).await,
        LogCommand::Site(answers) => form::answer(session, "site", Vec::new(), answers).await,
        LogCommand::Sites { sites, form: answers } => {
            let given = if sites.is_empty() { Vec::new() } else { vec![("sites".to_owned(), sites)] };
            form::answer(session, "sites", given, answers).await
        }
        LogCommand::Fluid { fluid, what, form: answers } => {
            form::answer(session, "fluid", fluid_answers(&fluid, what)?, answers).await
        }
        LogCommand::Pain { score, place, form: answers } => {
            let given = [("score", score), ("where", place)];
            form::answer(session, "pain", given_answers(given), answers).await
        }
        LogCommand::Symptom { symptom, began, ended, did, severity, absent: false, note }
            if symptom.is_none() || began.is_some() || ended.is_some() || did.is_some() =>
        {
            let severity = severity.map(|severity| severity_key(severity).to_owned());
            let given = [
                ("symptom", symptom),
                ("severity", severity),
                ("began", began),
                ("ended", ended),
                ("action", did),
                ("note", note),
            ];
            form::answer(session, "symptom", given_answers(given), form::asked()).await
        }
        LogCommand::Symptom { symptom: Some(symptom), severity, absent, note, began: None, ended: None, did: None } => {
            write(session, async |homeline| {
                let severity = severity.map(severity_of);
                Ok(vec![homeline.journal().symptom(symptom, !absent, severity, note).await?])
            })
            .await
        }
        LogCommand::Symptom { .. } => {
            Err(Failure::usage("--absent says that it is not there: it goes with the symptom and --note alone"))
        }
        LogCommand::Course { symptom, ended, did } => course(session, symptom, ended, did).await,
        LogCommand::Vital { value } => {
            write(session, async |homeline| Ok(homeline.journal().vital(value.join(" ")).await?)).await
        }
        LogCommand::Note { words, private } => {
            let words = text(words)?;
            write(session, async |homeline| Ok(vec![homeline.journal().note(words, private).await?])).await
        }
        LogCommand::Mood { words, private } => {
            let words = text(words)?;
            write(session, async |homeline| Ok(vec![homeline.journal().mood(words, private).await?])).await
        }
        LogCommand::Photo { file, caption } => {
            let photo = read_at_most(&file, LARGEST_PICTURE)?;
            write(session, async |homeline| Ok(vec![homeline.journal().photo(photo, caption).await?])).await
        }
        LogCommand::Question { words } => {
            let words = text(words)?;
            write(session, async |homeline| Ok(vec![homeline.journal().question(words).await?])).await
        }
    }
}

/// Writes, and says what the rules answer.
async fn write<F>(session: &Session, work: impl FnOnce(Homeline) -> F) -> Result<(), Failure>
where
    F: Future<Output = Result<Vec<Logged>, Failure>>,
{
    let logged = session.with_vault(work).await?;
    recorded(session, &logged)
}

/// Says that it was written, and what the rules answer.
pub fn recorded(session: &Session, logged: &[Logged]) -> Result<(), Failure> {
    let advice: Vec<_> = logged.iter().flat_map(|logged| logged.advice.clone()).collect();
    let entries: Vec<_> = logged.iter().map(|logged| logged.entry).collect();
    session.output.answer(&json!({ "entries": entries, "advice": advice }), |out| {
        writeln!(out, "Recorded.")?;
        write_advice(out, &advice)
    })
}

fn severity_of(severity: SeverityArgument) -> Severity {
    match severity {
        SeverityArgument::Mild => Severity::Mild,
        SeverityArgument::Moderate => Severity::Moderate,
        SeverityArgument::Severe => Severity::Severe,
    }
}

fn severity_key(severity: SeverityArgument) -> &'static str {
    match severity {
        SeverityArgument::Mild => "mild",
        SeverityArgument::Moderate => "moderate",
        SeverityArgument::Severe => "severe",
    }
}

/// The answers that were given on the command line.
fn given_answers<const N: usize>(given: [(&str, Option<String>); N]) -> Vec<form::Given> {
    given.into_iter().filter_map(|(question, answer)| Some((question.to_owned(), vec![answer?]))).collect()
}

/// `in 250 mL`
fn fluid_answers(words: &[String], what: Option<String>) -> Result<Vec<form::Given>, Failure> {
    let Some((direction, volume)) = words.split_first() else {
        return if what.is_some() {
            Err(Failure::usage("--what goes with `in` or `out` and how much"))
        } else {
            Ok(Vec::new())
        };
    };
    let question = match direction.as_str() {
        "in" => "what-in",
        "out" => "what-out",
        _ => return Err(Failure::usage("say `in` or `out`, then how much, e.g. `homeline log fluid in 250 mL`")),
    };
    Ok(given_answers([("direction", Some(direction.clone())), (question, what), ("volume", Some(volume.join(" ")))]))
}

/// `homeline log course`
async fn course(
    session: &Session,
    symptom: Option<String>,
    ended: Option<String>,
    did: Option<String>,
) -> Result<(), Failure> {
    let Some(symptom) = symptom else {
        if ended.is_some() || did.is_some() {
            return Err(Failure::usage("name the symptom by its number in `homeline log course`"));
        }
        let rows = session.with_vault(async |homeline: Homeline| Ok(homeline.journal().open_symptoms().await?)).await?;
        return session.output.answer(&json!({ "rows": rows }), |out| {
            if rows.is_empty() {
                return writeln!(out, "No symptom of the last two weeks is open.");
            }
            writeln!(out, "Nobody said yet that these are gone:")?;
            for (number, row) in (1..).zip(&rows) {
                let state = row.state.as_deref().unwrap_or_default();
                writeln!(out, "{number:>3}  {}  {}, {state}", row.time.as_deref().unwrap_or_default(), row.title)?;
            }
            writeln!(out, "Say it with: homeline log course NUMBER --ended now --did WORDS")
        });
    };
    write(session, async |homeline| {
        let rows = homeline.journal().open_symptoms().await?;
        let by_number = symptom.parse::<usize>().ok().and_then(|number| rows.get(number.checked_sub(1)?));
        let by_id = || rows.iter().find(|row| symptom.len() >= 4 && row.id.starts_with(&symptom));
        let row = by_number.or_else(by_id).ok_or_else(|| {
            Failure::usage(format!("no symptom `{symptom}` is open: name one by its number in `homeline log course`"))
        })?;
        let entry = row.id.parse().map_err(|_| Failure::usage("this is no entry of the journal"))?;
        let ended = match ended {
            None => None,
            Some(typed) => Some(homeline.journal().time(typed).await?),
        };
        Ok(vec![homeline.journal().symptom_course(entry, ended, did).await?])
    })
    .await
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
