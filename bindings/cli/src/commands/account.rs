//! Enrolling at care-team servers, and signing in there with the browser of this machine.

use super::Session;
use crate::arguments::{AccountCommand, EnrolArguments, SignInArguments};
use crate::failure::Failure;
use crate::loopback::Loopback;
use homeline_companion::{AccountState, Homeline, SignInState};
use std::io::{BufRead, IsTerminal, Write};

/// `homeline enrol`
pub async fn enrol(session: &Session, arguments: EnrolArguments) -> Result<(), Failure> {
    let state = session
        .with_vault(async |homeline: Homeline| {
            let accounts = homeline.accounts();
            let invitation = accounts.read_invitation(arguments.link.clone()).await?;
            if !arguments.yes {
                let team =
                    invitation.team.as_deref().map(|team| format!(", which calls itself “{team}”")).unwrap_or_default();
                confirm(&format!(
                    "Records would go to {}{team}. Is that what your care team told you?",
                    invitation.host
                ))?;
            }
            Ok(accounts.enrol(arguments.link).await?)
        })
        .await?;
    session.output.answer(&state, |out| {
        write_state(out, &state)?;
        match state.sign_in {
            SignInState::Needed | SignInState::Ended => writeln!(out, "Next: homeline sign-in"),
            SignInState::NotNeeded | SignInState::SignedIn => writeln!(out, "Next: homeline sync"),
        }
    })
}

/// A question that only a person at a keyboard can answer.
fn confirm(question: &str) -> Result<(), Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage("nobody is here to confirm the server: look at the link, then give --yes"));
    }
    let mut answer = String::new();
    let asked =
        write!(anstream::stderr(), "{question} [y/N] ").and_then(|()| std::io::stdin().lock().read_line(&mut answer));
    match asked {
        Ok(_) if matches!(answer.trim(), "y" | "Y" | "yes") => Ok(()),
        Ok(_) => Err(Failure::Failed("nothing was changed".to_owned())),
        Err(error) => Err(Failure::Failed(format!("the answer could not be read: {error}"))),
    }
}

/// `homeline sign-in`
pub async fn sign_in(session: &Session, arguments: SignInArguments) -> Result<(), Failure> {
    if arguments.client.is_some() && arguments.server.is_none() {
        return Err(Failure::usage("--client goes with --server"));
    }
    let door = Loopback::open(arguments.port)?;
    let state = session
        .with_vault(async |homeline: Homeline| {
            let accounts = homeline.accounts();
            if let (Some(server), Some(client)) = (&arguments.server, &arguments.client) {
                accounts.add(server.clone(), Some(client.clone()), arguments.patient.clone()).await?;
            }
            let page = accounts.begin_sign_in(arguments.server.clone(), door.redirect_uri()).await?;
            show(&page.address, &page.host, !arguments.no_browser);
            loop {
                let redirect = door.wait()?;
                match accounts.finish_sign_in(redirect.address().to_owned()).await {
                    Ok(state) => {
                        redirect.answer("You are signed in. You can close this page and go back to Homeline.");
                        return Ok(state);
                    }
                    // Anybody on this machine can knock here; the right answer may still come.
                    Err(error) if error.code == "sign-in-not-ours" => {
                        redirect.answer("This is no answer of your sign-in.")
                    }
                    Err(error) => {
                        redirect.answer("You are not signed in. Go back to Homeline to see why.");
                        return Err(error.into());
                    }
                }
            }
        })
        .await?;
    session.output.answer(&state, |out| write_state(out, &state))
}

/// The page, for the browser of this machine and for a person without one.
fn show(address: &str, host: &str, open: bool) {
    // Standard error keeps standard output for the answer.
    let _ = writeln!(anstream::stderr(), "Sign in at {host}, with your browser on this machine:\n{address}");
    let browser = std::env::var_os("BROWSER").filter(|browser| !browser.is_empty());
    let browser = browser.unwrap_or_else(|| if cfg!(target_os = "macos") { "open" } else { "xdg-open" }.into());
    if open {
        let silent = std::process::Stdio::null;
        // Where there is none, the address stands above.
        let _ =
            std::process::Command::new(browser).arg(address).stdin(silent()).stdout(silent()).stderr(silent()).spawn();
    }
}

/// `homeline account`
pub async fn run(session: &Session, command: AccountCommand) -> Result<(), Failure> {
    let states = session
        .with_vault(async |homeline: Homeline| {
            let accounts = homeline.accounts();
            match command {
                AccountCommand::List => {}
                AccountCommand::Use { server } => {
                    accounts.use_server(server).await?;
                }
                AccountCommand::SignOut { server } => {
                    accounts.sign_out(server).await?;
                }
            }
            Ok(accounts.list().await?)
        })
        .await?;
    session.output.answer(&states, |out| {
        if states.is_empty() {
            return writeln!(out, "No server of a care team is known. Next: homeline enrol LINK");
        }
        states.iter().try_for_each(|state| write_state(out, state))
    })
}

fn write_state(out: &mut dyn Write, state: &AccountState) -> std::io::Result<()> {
    let team = state.team.as_deref().map(|team| format!(" ({team})")).unwrap_or_default();
    let in_use = if state.in_use { "" } else { ", not in use" };
    writeln!(out, "{}{team}{in_use}: {}", state.server, state.sentence)?;
    if !state.not_let_through.is_empty() {
        writeln!(out, "  The team does not let through: {}. These are kept here.", state.not_let_through.join(", "))?;
    }
    Ok(())
}
