//! Changes of the team that came with a sync stand on today's screen, before every dose, until somebody at this phone says
//! that they have read them.

use crate::error::HomelineError;
use crate::moment::Moment;
use crate::screen::{Action, Emphasis, Row};
use crate::store::{Logged, Store};
use chrono::{DateTime, Duration, Utc};
use homeline_model::{Entry, EntryBody, EntryId, EntryKind};
use homeline_vault::{Direction, TimelineQuery};

/// Up to when changes were read on this phone.
const READ: &str = "plan.read";
/// Older changes are in the journal.
const SHOWN: Duration = Duration::days(30);

fn changes(entry: &Entry) -> &[String] {
    match &entry.body {
        EntryBody::PlanChanged { changes } => changes,
        _ => &[],
    }
}

/// What changed and nobody at this phone has read, newest first. The first plan is no change.
pub(crate) fn rows(store: &Store, moment: &Moment) -> Result<Vec<Row>, HomelineError> {
    let (read, entries) = store.vault()?.read(|tx| {
        let query = TimelineQuery {
            kinds: vec![EntryKind::PlanChanged],
            direction: Direction::OldestFirst,
            ..TimelineQuery::default()
        };
        Ok((tx.setting::<DateTime<Utc>>(READ)?, tx.timeline_whole(query)?))
    })?;
    let Some(first) = entries.first().map(|entry| entry.times.recorded_at) else { return Ok(Vec::new()) };
    let read = read.unwrap_or(first).max(moment.now - SHOWN);
    // Each phone of the home writes down the change that it met: one change is told once.
    let mut known: Vec<&[String]> = Vec::new();
    let mut rows = Vec::new();
    for entry in &entries {
        let lines = changes(entry);
        if entry.times.recorded_at <= read {
            known.push(lines);
            continue;
        }
        if known.contains(&lines) {
            continue;
        }
        known.push(lines);
        let texts = moment.texts;
        let mut row = Row::new(format!("plan-changed/{}", entry.id), texts.say("plan-news.title"));
        row.time = Some(moment.shown(entry.times.recorded_at));
        row.details.extend(lines.iter().cloned());
        row.emphasis = Emphasis::Urgent;
        row.actions.push(Action {
            id: format!("plan.read:{}", entry.id),
            label: texts.say("plan-news.read"),
            emphasis: Emphasis::Attention,
        });
        row.private_title = Some(texts.say("private.plan"));
        rows.push(row.with_spoken_sentence());
    }
    rows.reverse();
    Ok(rows)
}

/// Carries out `plan.read:<entry>`: this change and those before it were read on this phone.
pub(crate) fn read(store: &mut Store, id: &str) -> Result<Logged, HomelineError> {
    let not_an_action =
        || HomelineError::input("action", "this is not an action of a row", "Take the id of a row's action.");
    let id: EntryId = id.parse().map_err(|_| not_an_action())?;
    let vault = store.vault()?;
    let entry = vault.read(|tx| tx.entry(id))?.filter(|entry| entry.kind() == EntryKind::PlanChanged);
    let at = entry.ok_or_else(not_an_action)?.times.recorded_at;
    vault.write(move |tx| {
        let before: Option<DateTime<Utc>> = tx.setting(READ)?;
        tx.set_setting(READ, &before.map_or(at, |before| before.max(at)))
    })?;
    Ok(Logged { entry: id, advice: Vec::new() })
}
