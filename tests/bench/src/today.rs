//! Today's view, and all trends of the plan, through the public API, on one year of journal and on ten.

use crate::arguments::Arguments;
use crate::contest::{Goal, Measure, Shown, turns};
use crate::error::BenchError;
use crate::journal::{JournalMaker, TEN_YEARS, present, readings};
use crate::journals::{Journals, append_to_vault, fill};
use crate::phone::Phone;
use chrono::{DateTime, Utc};
use homeline_companion::{Config, Created, Credentials, Homeline, HomelineError, KeyProtection, NewProfile};
use homeline_home::plans;
use homeline_model::AuthorRole;
use homeline_vault::{Protection, Unlock, Vault, VaultConfig};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A patient at home on vancomycin every 12 hours, with a vault.
pub(crate) struct Home {
    folder: PathBuf,
    phone: Arc<Phone>,
    runtime: tokio::runtime::Runtime,
}

impl Home {
    /// A vault that was begun at `since`, with the plan in it. The clock then shows [`present`].
    pub(crate) fn create(folder: &Path, since: DateTime<Utc>) -> Result<Self, BenchError> {
        let phone = Phone::at(since);
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let home = Self { folder: folder.to_owned(), phone, runtime };
        let profile = NewProfile { name: "Rosa".to_owned(), role: AuthorRole::Patient };
        let plan = plans::named("vancomycin-elastomeric").unwrap_or_default();
        home.runtime.block_on(async {
            let Created { homeline, .. } = Homeline::create(home.config(), home.phone.ports(), profile, None).await?;
            homeline.plan().import(plan.as_bytes().to_vec()).await?;
            home.phone.clock.advance(present() - since);
            homeline.close().await
        })?;
        Ok(home)
    }

    fn config(&self) -> Config {
        Config::new(&self.folder, KeyProtection::Hardware)
    }

    /// The vault beneath, opened by the key store.
    pub(crate) fn vault(&self) -> Result<Vault, BenchError> {
        self.vault_by(Unlock::Hardware)
    }

    /// The vault beneath.
    pub(crate) fn vault_by(&self, unlock: Unlock<'_>) -> Result<Vault, BenchError> {
        let config = VaultConfig::new(&self.folder, Protection::Hardware(self.phone.clone()));
        Ok(Vault::open(&config, unlock)?)
    }

    /// What the journal takes on disk.
    pub(crate) fn database_bytes(&self) -> Result<u64, BenchError> {
        Ok(std::fs::metadata(self.folder.join("journal.db"))?.len())
    }

    /// Homeline on it.
    pub(crate) fn open(&self) -> Result<Homeline, BenchError> {
        self.wait(Homeline::open(self.config(), self.phone.ports(), Credentials::KeyStore))
    }

    /// Waits for an answer.
    pub(crate) fn wait<T>(&self, call: impl Future<Output = Result<T, HomelineError>>) -> Result<T, BenchError> {
        Ok(self.runtime.block_on(call)?)
    }

    fn trends(&self, homeline: &Homeline) -> Result<Duration, BenchError> {
        let begun = Instant::now();
        let report = self.runtime.block_on(homeline.insight().trends())?;
        let took = begun.elapsed();
        if report.notices.is_empty() && report.silent.is_empty() {
            return Err(BenchError::Nothing { operation: "all trends" });
        }
        Ok(took)
    }

    fn today(&self, homeline: &Homeline) -> Result<Duration, BenchError> {
        let begun = Instant::now();
        let screen = self.runtime.block_on(homeline.agenda().today())?;
        let took = begun.elapsed();
        if screen.sections.iter().all(|section| section.rows.iter().all(|row| row.actions.is_empty())) {
            return Err(BenchError::Nothing { operation: "today's view" });
        }
        Ok(took)
    }
}

/// Today's view and all trends: ten years in the place of ours, one year in the place of plain, so that the ratio says how flat it is.
pub(crate) fn measure(folder: &Path, ten: &mut Journals, arguments: &Arguments) -> Result<Vec<Measure>, BenchError> {
    let year = TEN_YEARS / 10;
    let one = Home::create(&folder.join("one-year"), present() - year)?;
    let vault = one.vault()?;
    let entries = arguments.entries / 10;
    fill(&vault, &mut JournalMaker::new(present() - year, entries, arguments.seed)?, entries)?;
    append_to_vault(&vault, readings()?)?;
    vault.close(present())?;
    append_to_vault(ten.vault()?, readings()?)?;

    ten.close_vault()?;
    let homes = [&ten.home, &one];
    let open = [ten.home.open()?, one.open()?];
    let line = |what: &str, goal| {
        let goal = Goal::Within(Duration::from_millis(goal));
        Measure::new(format!("{what}, 10 years beside 1 year"), goal, Shown::MinAndMedian)
    };
    let mut measures = vec![line("today's view", 10), line("all trends of the plan", 5)];
    for round in 0..=usize::try_from(arguments.rounds).unwrap_or(usize::MAX - 1) {
        for turn in turns(round, 2) {
            let took = [homes[turn].today(&open[turn])?, homes[turn].trends(&open[turn])?];
            if round > 0 {
                for (measure, took) in measures.iter_mut().zip(took) {
                    measure.times[turn].push(took);
                }
            }
        }
    }
    for (home, homeline) in homes.iter().zip(open) {
        home.runtime.block_on(homeline.close())?;
    }
    Ok(measures)
}
