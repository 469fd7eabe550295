//! Opening and unlocking: with the raw key, with the whole vault around it, and by passcode.

use crate::arguments::Arguments;
use crate::contest::{Goal, Measure, Shown, contest};
use crate::database::{Database, NEWEST_PAGE, read_json};
use crate::error::BenchError;
use crate::fewer;
use crate::journals::Journals;
use homeline_vault::{Passcode, TimelineQuery, Unlock};
use std::time::{Duration, Instant};

/// All measures of opening.
pub(crate) fn measure(journals: &mut Journals, arguments: &Arguments) -> Result<Vec<Measure>, BenchError> {
    let first_page = |database: &Database| {
        let connection = database.open_again()?;
        read_json(&connection, NEWEST_PAGE, [51])
    };
    let raw = contest(
        Measure::new("open and first page, SQL", Goal::Within(Duration::from_millis(1)), Shown::MinAndMedian),
        fewer(arguments.rounds, 10),
        [&mut |_| first_page(&journals.ours), &mut |_| first_page(&journals.plain), &mut |_| {
            first_page(&journals.peer)
        }],
    )?;

    journals.close_vault()?;
    let by_key_store = opened(journals, "open and first page, API", Unlock::Hardware, fewer(arguments.rounds, 10))?;
    let passcode = Passcode::new("482913");
    journals.vault()?.set_passcode(Some(&passcode))?;
    journals.close_vault()?;
    let unlock = Unlock::Passcode(&passcode);
    let by_passcode = opened(journals, "unlock by passcode and first page, API", unlock, fewer(arguments.rounds, 40))?;
    let vault = journals.home.vault_by(unlock)?;
    vault.set_passcode(None)?;
    vault.close(crate::journal::present())?;
    Ok(vec![raw, by_key_store, by_passcode])
}

fn opened(journals: &Journals, name: &str, unlock: Unlock<'_>, rounds: u32) -> Result<Measure, BenchError> {
    let mut measure = Measure::new(name, Goal::None, Shown::MinAndMedian);
    for _ in 0..rounds {
        let begun = Instant::now();
        let vault = journals.home.vault_by(unlock)?;
        let page = vault.timeline(&TimelineQuery::default())?;
        measure.times[0].push(begun.elapsed());
        if page.entries.is_empty() {
            return Err(BenchError::Nothing { operation: "the first page" });
        }
        vault.close(crate::journal::present())?;
    }
    Ok(measure)
}
