//! Triage at the moment of writing: what the rules say to the new entries, and which of it is new.

use chrono::{DateTime, Utc};
use homeline_clinical::{Language, triage};
use homeline_model::{Advice, CarePlan, Entry, EntryBody};

/// What the rules say to `new` entries beside the `recent` ones.
pub(crate) struct Answer {
    /// To be shown now, highest first: what the new entries gave rise to, also when the same advice stood before.
    pub(crate) spoken: Vec<Advice>,
    /// To be written into the journal: advice that does not stand there yet at this level. An open alert is never
    /// lowered, and it is not repeated either.
    pub(crate) unrecorded: Vec<Advice>,
}

pub(crate) fn answer(plan: &CarePlan, recent: &[Entry], new: &[Entry], now: DateTime<Utc>) -> Answer {
    let open: Vec<Advice> = recent
        .iter()
        .filter_map(|entry| match &entry.body {
            EntryBody::Advice(advice) => Some(advice.clone()),
            _ => None,
        })
        .collect();
    let before = triage(plan, recent, &open, now, Language::English);
    let all: Vec<Entry> = recent.iter().chain(new).cloned().collect();
    let spoken: Vec<Advice> = triage(plan, &all, &open, now, Language::English)
        .into_iter()
        .filter(|advice| !before.contains(advice))
        .collect();
    let unrecorded = spoken
        .iter()
        .filter(|advice| !open.iter().any(|stands| stands.rule == advice.rule && stands.level >= advice.level))
        .cloned()
        .collect();
    Answer { spoken, unrecorded }
}
