//! What of the locked phone's inbox is not in the journal: a part that could not be read, or one that waits. It stands on today's
//! screen, because a reading that is missing without a word would look like nothing having happened.
//!
//! A pump's record is asked for again by itself. What a thermometer or a cuff sent once is gone: only a person can measure anew.

use crate::error::HomelineError;
use crate::moment::Moment;
use crate::screen::{Emphasis, Row};
use crate::store::Store;
use crate::words;
use chrono::{DateTime, Duration, Utc};
use homeline_vault::{Vault, VaultError};

/// When a part was last found that could not be read.
const DAMAGED: &str = "inbox.damaged";
/// It is told for so long: whoever looks at the screen once a day sees it.
const TOLD_FOR: Duration = Duration::days(3);

/// Remembers that a part could not be read.
pub(crate) fn found_damaged(vault: &Vault, now: DateTime<Utc>) -> Result<(), VaultError> {
    vault.write(move |tx| tx.set_setting(DAMAGED, &now))
}

/// Rows of what is not in the journal; `waits` is why the rest was not folded in.
pub(crate) fn rows(store: &Store, moment: &Moment, waits: Option<&HomelineError>) -> Result<Vec<Row>, HomelineError> {
    let texts = moment.texts;
    let found: Option<DateTime<Utc>> = store.vault()?.read(|tx| tx.setting(DAMAGED))?;
    let mut rows = Vec::new();
    if let Some(found) = found.filter(|found| *found > moment.now - TOLD_FOR) {
        let mut row = Row::new("inbox-damaged", texts.say("inbox.damaged"));
        row.time = Some(moment.shown(found));
        row.details =
            ["inbox.damaged.pump", "inbox.damaged.readings", "inbox.damaged.call"].map(|key| texts.say(key)).into();
        rows.push(row);
    }
    if let Some(waits) = waits {
        let mut row = Row::new("inbox-waits", texts.say("inbox.waits"));
        row.details = vec![words::capitalised(&format!("{}.", waits.what)), waits.remedy.clone()];
        rows.push(row);
    }
    Ok(rows
        .into_iter()
        .map(|mut row| {
            row.emphasis = Emphasis::Attention;
            row.private_title = Some(texts.say("inbox.private"));
            row.with_spoken_sentence()
        })
        .collect())
}
