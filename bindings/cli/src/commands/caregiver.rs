//! Caregivers: rights, invitations, requests.

use super::Session;
use crate::arguments::CaregiverCommand;
use crate::failure::Failure;
use chrono::{DateTime, FixedOffset, Utc};
use homeline_companion::{Homeline, Invitation, NewCaregiver};
use homeline_model::RequestOutcome;
use serde_json::json;
use std::io::Read;
use std::path::Path;

fn instant(time: DateTime<FixedOffset>) -> DateTime<Utc> {
    time.with_timezone(&Utc)
}

/// `homeline caregiver …`
pub async fn run(session: &Session, command: CaregiverCommand) -> Result<(), Failure> {
    match command {
        CaregiverCommand::List => session.screen(async |homeline| homeline.caregivers().screen().await).await,
        CaregiverCommand::Requests => session.screen(async |homeline| homeline.caregivers().requests().await).await,
        CaregiverCommand::Invite { name, relationship, rights, until } => {
            let new = NewCaregiver { name, relationship, rights, until: until.map(instant) };
            let invitation =
                session.with_vault(async |homeline: Homeline| Ok(homeline.caregivers().invite(new).await?)).await?;
            invited(session, &invitation)
        }
        CaregiverCommand::Invitation { person } => {
            let invitation = session
                .with_vault(async |homeline: Homeline| Ok(homeline.caregivers().invitation(person).await?))
                .await?;
            invited(session, &invitation)
        }
        CaregiverCommand::Rights { person, rights, until } => {
            let answer = json!({ "person": person, "rights": rights });
            session
                .with_vault(async |homeline: Homeline| {
                    Ok(homeline.caregivers().set_rights(person, rights, until.map(instant)).await?)
                })
                .await?;
            changed(session, &answer)
        }
        CaregiverCommand::Revoke { person } => {
            let answer = json!({ "person": person, "rights": [] });
            session.with_vault(async |homeline: Homeline| Ok(homeline.caregivers().revoke(person).await?)).await?;
            changed(session, &answer)
        }
        CaregiverCommand::Join { invitation } => {
            let invitation = read(&invitation)?;
            session
                .with_vault(async |homeline: Homeline| Ok(homeline.caregivers().join(invitation, None).await?))
                .await?;
            session
                .output
                .answer(&json!({ "joined": true }), |out| writeln!(out, "Joined. `homeline sync` fetches the record."))
        }
        CaregiverCommand::Ask { to, due, words } => {
            let words = words.join(" ");
            let logged = session
                .with_vault(async |homeline: Homeline| Ok(homeline.caregivers().ask(to, words, instant(due)).await?))
                .await?;
            session.output.answer(&json!({ "request": logged.entry }), |out| {
                writeln!(out, "Saved here. Their phone knows of it after both have synced.")
            })
        }
        CaregiverCommand::Done { request } => answer(session, request, RequestOutcome::Done, None).await,
        CaregiverCommand::Refuse { request, reason } => answer(session, request, RequestOutcome::Refused, reason).await,
    }
}

async fn answer(
    session: &Session,
    request: homeline_model::EntryId,
    outcome: RequestOutcome,
    note: Option<String>,
) -> Result<(), Failure> {
    let logged = session
        .with_vault(async |homeline: Homeline| Ok(homeline.caregivers().answer(request, outcome, note).await?))
        .await?;
    session.output.answer(&json!({ "entry": logged.entry }), |out| writeln!(out, "Saved."))
}

fn changed(session: &Session, answer: &serde_json::Value) -> Result<(), Failure> {
    session.output.answer(answer, |out| {
        writeln!(out, "Holds here now. On their phone after this one and theirs have synced. `homeline sync` sends it.")
    })
}

fn invited(session: &Session, invitation: &Invitation) -> Result<(), Failure> {
    session.output.answer(invitation, |out| {
        writeln!(
            out,
            "On the caregiver's machine: `homeline init --role caregiver`, then `homeline caregiver join -` with:"
        )?;
        let text = serde_json::to_string(invitation).map_err(std::io::Error::other)?;
        writeln!(out, "{text}")?;
        writeln!(out, "Sync this vault first: `homeline sync`.")
    })
}

fn read(path: &Path) -> Result<Invitation, Failure> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).map(|_| ())
    } else {
        std::fs::read_to_string(path).map(|read| text = read)
    };
    read.map_err(|error| Failure::file(path, "read", &error))?;
    serde_json::from_str(&text).map_err(|error| {
        Failure::usage(format!(
            "{}: it is no invitation (line {}): give what `caregiver invite --json` printed",
            path.display(),
            error.line()
        ))
    })
}
