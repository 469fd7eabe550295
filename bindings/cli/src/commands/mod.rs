//! One file for each group of commands; this one opens the vault and hands out.

mod account;
mod card;
mod caregiver;
mod clinical;
mod dose;
mod form;
mod gatt;
mod infusion;
mod insight;
mod journal;
mod message;
mod plan;
mod report;
mod routine;
mod screen;
mod security;
mod sync;
mod timing;
mod travel;
mod vault;

pub use vault::write_whole;

use crate::arguments::{Arguments, Command, PumpCommand};
use crate::failure::Failure;
use crate::output::{Output, write_screen};
use crate::{host, passcode};
use chrono::{DateTime, Utc};
use homeline_companion::{Config, Credentials, Homeline, KeyProtection};
use std::future::Future;
use std::path::PathBuf;

/// What every command needs.
pub struct Session {
    vault: Option<PathBuf>,
    passcode_fd: Option<i32>,
    recovery: bool,
    /// Where results go.
    pub output: Output,
}

/// Runs one command.
pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    let session = Session {
        vault: arguments.vault,
        passcode_fd: arguments.passcode_fd,
        recovery: arguments.recovery,
        output: Output { json: arguments.json },
    };
    match arguments.command {
        Command::Init { name, role } => vault::init(&session, name, role).await,
        Command::Plan(command) => plan::run(&session, command).await,
        Command::Today => session.screen(async |homeline| homeline.agenda().today().await).await,
        Command::Act { which, no, at } => dose::act(&session, &which, no, at).await,
        Command::Dose(command) => dose::run(&session, command).await,
        Command::Log(command) => journal::log(&session, command).await,
        Command::Form(command) => form::run(&session, command).await,
        Command::Sites => session.screen(async |homeline| homeline.sites().screen().await).await,
        Command::Card(arguments) => card::run(&session, arguments).await,
        Command::Journal(arguments) => journal::show(&session, arguments).await,
        Command::Search { words, limit } => journal::search(&session, words.join(" "), limit).await,
        Command::Pump { command: None } => session.screen(async |homeline| homeline.pump().screen().await).await,
        Command::Pump { command: Some(PumpCommand::CheckIn(seen)) } => infusion::check_in(&session, seen).await,
        Command::Infusion(command) => infusion::run(&session, command).await,
        Command::Notifications { budget, now } => plan::notifications(&session, budget, now).await,
        Command::Overdue => session.screen(async |homeline| homeline.agenda().overdue().await).await,
        Command::Insight => insight::run(&session).await,
        Command::Travel(command) => travel::run(&session, command).await,
        Command::Routine(command) => routine::run(&session, command).await,
        Command::Message(command) => message::run(&session, command).await,
        Command::Caregiver(command) => caregiver::run(&session, command).await,
        Command::Audit { days } => session.screen(async |homeline| homeline.caregivers().audit(days).await).await,
        Command::Sync(arguments) => sync::run(&session, arguments).await,
        Command::Enrol(arguments) => account::enrol(&session, arguments).await,
        Command::SignIn(arguments) => account::sign_in(&session, arguments).await,
        Command::Account(command) => account::run(&session, command).await,
        Command::Report(arguments) => report::run(&session, arguments).await,
        Command::Export { out } => vault::export(&session, out).await,
        Command::Security(command) => security::run(&session, command).await,
        Command::Screen { screen, entry } => screen::show(&session, screen, entry).await,
        Command::Language { language } => screen::language(&session, language).await,
        Command::Clinician => session.screen(async |homeline| homeline.clinician().screen().await).await,
        Command::Gatt(command) => gatt::run(command),
        Command::Score { instrument } => clinical::score(instrument),
        Command::Triage { plan, now } => clinical::triage(&plan, now.as_deref()),
        Command::LintText => clinical::lint_text(),
        Command::Timing(arguments) => timing::run(arguments),
        #[cfg(feature = "demo")]
        Command::Demo(arguments) => crate::demo::run(arguments, session.output).await,
    }
}

/// A time of the command line.
fn time(option: &str, text: Option<String>) -> Result<Option<DateTime<Utc>>, Failure> {
    text.map(|text| {
        DateTime::parse_from_rfc3339(&text)
            .map(|time| time.with_timezone(&Utc))
            .map_err(|_| Failure::usage(format!("{option} {text}: give a time like 2026-11-23T08:05:00-06:00")))
    })
    .transpose()
}

impl Session {
    /// The vault's folder: `--vault`, or the user's data folder.
    pub fn folder(&self) -> Result<PathBuf, Failure> {
        if let Some(folder) = &self.vault {
            return Ok(folder.clone());
        }
        let data = std::env::var_os("XDG_DATA_HOME")
            .map(PathBuf::from)
            .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share")));
        data.map(|data| data.join("homeline")).ok_or_else(|| Failure::usage("no folder is known: give --vault DIR"))
    }

    /// The descriptor to read a passcode from.
    pub fn passcode_fd(&self) -> Option<i32> {
        self.passcode_fd
    }

    /// How a terminal keeps a vault.
    pub fn config(&self) -> Result<Config, Failure> {
        Ok(Config::new(self.folder()?, KeyProtection::PasscodeAlone))
    }

    /// What opens the vault: the passcode, or with `--recovery` the recovery code.
    fn credentials(&self) -> Result<Credentials, Failure> {
        Ok(if self.recovery {
            Credentials::Recovery(passcode::read_recovery_code(self.passcode_fd)?)
        } else {
            Credentials::Passcode(passcode::read(self.passcode_fd, "Passcode", false)?)
        })
    }

    /// Opens the vault, does the work, closes it. The vault is closed also when the work fails.
    pub async fn with_vault<T, F>(&self, work: impl FnOnce(Homeline) -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let config = self.config()?;
        if !Homeline::exists(&config.vault) {
            return Err(Failure::Failed(format!(
                "there is no vault in {}: make one with `homeline init --name NAME`, or name its folder with --vault",
                config.vault.display()
            )));
        }
        let homeline = Homeline::open(config, host::ports(), self.credentials()?).await?;
        let result = work(homeline.clone()).await;
        let closed = homeline.close().await;
        let value = result?;
        closed?;
        Ok(value)
    }

    /// Shows one screen.
    async fn screen(
        &self,
        get: impl AsyncFnOnce(Homeline) -> Result<homeline_companion::Screen, homeline_companion::HomelineError>,
    ) -> Result<(), Failure> {
        let screen = self.with_vault(async |homeline| Ok(get(homeline).await?)).await?;
        self.output.answer(&screen, |out| write_screen(out, &screen))
    }
}
