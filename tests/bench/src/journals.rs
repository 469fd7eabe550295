//! The four files of a run: our vault, and three databases without a vault around them. Every entry goes into all four, so that
//! loading is the measurement of batches, and at the end all hold the same.

use crate::arguments::Arguments;
use crate::contest::{Goal, Measure, Shown, turns};
use crate::database::{Database, Row, Settings};
use crate::error::BenchError;
use crate::journal::{JournalMaker, TEN_YEARS, present};
use crate::today::Home;
use homeline_model::Entry;
use homeline_vault::{Vault, VaultError};
use std::path::Path;
use std::time::{Duration, Instant};

const BATCH: u32 = 10_000;
/// So many of the last batches are counted: those that meet a nearly full journal.
const BATCHES_COUNTED: u32 = 20;

/// All four, loaded alike.
pub(crate) struct Journals {
    /// The home whose vault it is.
    pub(crate) home: Home,
    vault: Option<Vault>,
    /// Our settings.
    pub(crate) ours: Database,
    /// No key.
    pub(crate) plain: Database,
    /// SQLCipher as it comes.
    pub(crate) peer: Database,
    maker: JournalMaker,
}

/// The bytes of each file when it is closed.
#[derive(Debug)]
pub(crate) struct Sizes {
    /// The vault's database.
    pub(crate) vault: u64,
    /// Ours, plain, default SQLCipher.
    pub(crate) files: [u64; 3],
}

/// What one append or batch took.
struct Appended {
    vault: Duration,
    sql: [Duration; 3],
    json: Duration,
}

impl Journals {
    /// Makes and fills the files; answers the times of the last batches.
    pub(crate) fn load(folder: &Path, arguments: &Arguments) -> Result<(Self, Vec<Measure>), BenchError> {
        let begin = present() - TEN_YEARS;
        let home = Home::create(&folder.join("vault"), begin)?;
        let mut journals = Self {
            vault: Some(home.vault()?),
            home,
            ours: Database::create(folder.join("ours.db"), Settings::Ours)?,
            plain: Database::create(folder.join("plain.db"), Settings::Plain)?,
            peer: Database::create(folder.join("peer.db"), Settings::DefaultSqlcipher)?,
            maker: JournalMaker::new(begin, arguments.entries, arguments.seed)?,
        };
        let batch = BATCH.min(arguments.entries / 40);
        let batches = arguments.entries / batch;
        let counted = BATCHES_COUNTED.min(batches);
        let mut times = Times::new(&format!("batch of {batch} in one transaction"), 1.3, Shown::MinAndMedian);
        for number in 0..batches {
            let appended =
                journals.append(usize::try_from(batch).unwrap_or(1), usize::try_from(number).unwrap_or(0))?;
            if number >= batches - counted {
                times.add(&appended);
            }
        }
        for database in [&mut journals.ours, &mut journals.plain, &mut journals.peer] {
            database.settle()?;
            database.reopen()?;
        }
        journals.close_vault()?;
        Ok((journals, times.measures()))
    }

    /// The vault, opened when it is not.
    pub(crate) fn vault(&mut self) -> Result<&Vault, BenchError> {
        if self.vault.is_none() {
            self.vault = Some(self.home.vault()?);
        }
        self.open_vault()
    }

    /// The vault, which is open; can be held beside the other databases.
    pub(crate) fn open_vault(&self) -> Result<&Vault, BenchError> {
        self.vault.as_ref().ok_or(BenchError::Vault(VaultError::Closed))
    }

    /// Lets go of the vault, so that somebody else can open it.
    pub(crate) fn close_vault(&mut self) -> Result<(), BenchError> {
        match self.vault.take() {
            Some(vault) => Ok(vault.close(present())?),
            None => Ok(()),
        }
    }

    /// Single durable appends to the full journal.
    pub(crate) fn measure_appends(&mut self, rounds: u32) -> Result<Vec<Measure>, BenchError> {
        let mut times = Times::new("durable append of one entry", 1.05, Shown::MedianAndP99);
        for round in 0..=usize::try_from(rounds).unwrap_or(usize::MAX - 1) {
            let appended = self.append(1, round)?;
            if round > 0 {
                times.add(&appended);
            }
        }
        Ok(times.measures())
    }

    /// The next `count` entries into all four, whose turn is by `round`.
    fn append(&mut self, count: usize, round: usize) -> Result<Appended, BenchError> {
        let entries = self.maker.next(count);
        let begun = Instant::now();
        let rows = entries.iter().map(Row::of).collect::<Result<Vec<_>, _>>()?;
        let json = begun.elapsed();
        let mut appended = Appended { vault: Duration::ZERO, sql: [Duration::ZERO; 3], json };
        for turn in turns(round, 4) {
            // The vault takes its entries with it to another thread.
            let own: Vec<Entry> = if turn == 3 { entries.clone() } else { Vec::new() };
            let vault = self.vault()?;
            if turn == 3 {
                let begun = Instant::now();
                append_to_vault(vault, own)?;
                appended.vault = begun.elapsed();
                continue;
            }
            let database = match turn {
                0 => &mut self.ours,
                1 => &mut self.plain,
                _ => &mut self.peer,
            };
            let begun = Instant::now();
            database.append(&rows)?;
            appended.sql[turn] = begun.elapsed();
        }
        Ok(appended)
    }

    /// Closes all; answers what they take on disk.
    pub(crate) fn close(mut self) -> Result<Sizes, BenchError> {
        self.close_vault()?;
        Ok(Sizes {
            vault: self.home.database_bytes()?,
            files: [self.ours.settle()?, self.plain.settle()?, self.peer.settle()?],
        })
    }
}

/// Appends to a vault alone.
pub(crate) fn append_to_vault(vault: &Vault, mut entries: Vec<Entry>) -> Result<(), BenchError> {
    if let (1, Some(entry)) = (entries.len(), entries.first()) {
        vault.append(entry, Vec::new())?;
        return Ok(());
    }
    Ok(vault.write(move |transaction| entries.drain(..).try_for_each(|entry| transaction.append(&entry).map(drop)))?)
}

/// Fills a vault with the entries of `maker`, as quickly as it takes them.
pub(crate) fn fill(vault: &Vault, maker: &mut JournalMaker, entries: u32) -> Result<(), BenchError> {
    let mut left = entries;
    while left > 0 {
        let count = left.min(BATCH);
        append_to_vault(vault, maker.next(usize::try_from(count).unwrap_or(1)))?;
        left -= count;
    }
    Ok(())
}

/// Both lines of an append: the statements alone, and with all that the vault does.
struct Times {
    sql: Measure,
    api: Measure,
}

impl Times {
    fn new(operation: &str, goal: f64, shown: Shown) -> Self {
        let line = |kind: &str| Measure::new(format!("{operation}, {kind}"), Goal::Ratio(goal), shown);
        Self { sql: line("SQL"), api: line("API") }
    }

    fn add(&mut self, appended: &Appended) {
        let [ours, plain, peer] = appended.sql;
        self.sql.add([ours, plain, peer]);
        self.api.add([appended.vault, plain + appended.json, peer + appended.json]);
    }

    fn measures(self) -> Vec<Measure> {
        vec![self.sql, self.api]
    }
}
