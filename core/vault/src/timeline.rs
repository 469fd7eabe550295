//! The journal by pages, and by words.
//!
//! Pages are keyset pages on (happened_at, id): the next page starts behind the last row seen, so page 10 000 costs what page 1
//! costs, and an entry that arrives while somebody scrolls neither repeats nor hides another.

use crate::error::{Result, VaultError};
use crate::transaction::ReadTx;
use chrono::{DateTime, Utc};
use homeline_model::{Entry, EntryId, EntryKind, OrderId};
use rusqlite::params_from_iter;
use rusqlite::types::Value;

/// The largest page.
pub const MAX_PAGE: u32 = 500;

/// Which way a timeline runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From now into the past.
    NewestFirst,
    /// From the past to now.
    OldestFirst,
}

/// The place of a row in the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PageKey {
    /// When it happened.
    pub happened_at: DateTime<Utc>,
    /// The entry; decides between two of the same millisecond.
    pub id: EntryId,
}

/// What is asked of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineQuery {
    /// Only these kinds; empty is all.
    pub kinds: Vec<EntryKind>,
    /// Only this order.
    pub order: Option<OrderId>,
    /// Only what happened then or later.
    pub from: Option<DateTime<Utc>>,
    /// Only what happened before.
    pub until: Option<DateTime<Utc>>,
    /// Which way.
    pub direction: Direction,
    /// Behind this row: [`TimelinePage::next`] of the page before.
    pub after: Option<PageKey>,
    /// Rows on the page, 1 to [`MAX_PAGE`].
    pub limit: u32,
}

impl Default for TimelineQuery {
    /// The newest 50 of everything.
    fn default() -> Self {
        Self {
            kinds: Vec::new(),
            order: None,
            from: None,
            until: None,
            direction: Direction::NewestFirst,
            after: None,
            limit: 50,
        }
    }
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelinePage {
    /// The rows.
    pub entries: Vec<Entry>,
    /// Where the next page starts; `None` on the last one.
    pub next: Option<PageKey>,
}

impl ReadTx<'_> {
    /// One page of the timeline.
    pub fn timeline(&self, query: &TimelineQuery) -> Result<TimelinePage> {
        if query.limit == 0 || query.limit > MAX_PAGE {
            let (bytes, limit) = (u64::from(query.limit), u64::from(MAX_PAGE));
            return Err(VaultError::TooLarge { field: "limit", bytes, limit });
        }
        let (sql, values) = page_sql(query);
        let mut entries = self.entries(&sql, params_from_iter(values))?;
        // One row more than asked says whether there is a next page.
        let limit = usize::try_from(query.limit).map_err(|_| VaultError::BadValue { field: "limit" })?;
        let more = entries.len() > limit;
        entries.truncate(limit);
        let next = entries
            .last()
            .filter(|_| more)
            .map(|entry| PageKey { happened_at: milliseconds(entry.times.happened.at), id: entry.id });
        Ok(TimelinePage { entries, next })
    }

    /// All pages of a query, one after the other. For spans that a use case reads whole: a screen takes pages.
    pub fn timeline_whole(&self, mut query: TimelineQuery) -> Result<Vec<Entry>> {
        query.limit = MAX_PAGE;
        let mut entries = Vec::new();
        loop {
            let page = self.timeline(&query)?;
            entries.extend(page.entries);
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(entries),
            }
        }
    }

    /// The newest `limit` entries that hold every word of `text`, the last word also as the beginning of one. Accents and case do
    /// not matter. Text without a word finds nothing.
    pub fn search(&self, text: &str, limit: u32) -> Result<Vec<Entry>> {
        let Some(expression) = match_expression(text) else { return Ok(Vec::new()) };
        self.entries(
            "SELECT json FROM entry_fts JOIN entry ON entry.number = entry_fts.rowid
             WHERE entry_fts MATCH ?1 ORDER BY happened_at DESC, id DESC LIMIT ?2",
            (expression, limit.min(MAX_PAGE)),
        )
    }
}

/// The precision of the column.
fn milliseconds(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.timestamp_millis()).unwrap_or(at)
}

fn page_sql(query: &TimelineQuery) -> (String, Vec<Value>) {
    let (compare, order) = match query.direction {
        Direction::NewestFirst => ("<", "DESC"),
        Direction::OldestFirst => (">", "ASC"),
    };
    let mut values: Vec<Value> = Vec::new();
    let mut shared = String::new();
    if let Some(order) = &query.order {
        shared.push_str(" AND order_id = ?");
        values.push(order.as_str().to_owned().into());
    }
    if let Some(from) = query.from {
        shared.push_str(" AND happened_at >= ?");
        values.push(from.timestamp_millis().into());
    }
    if let Some(until) = query.until {
        shared.push_str(" AND happened_at < ?");
        values.push(until.timestamp_millis().into());
    }
    if let Some(after) = query.after {
        shared.push_str(&format!(" AND (happened_at, id) {compare} (?, ?)"));
        values.push(after.happened_at.timestamp_millis().into());
        values.push(after.id.0.as_bytes().to_vec().into());
    }
    let limit = Value::from(i64::from(query.limit) + 1);
    let tail = format!("ORDER BY happened_at {order}, id {order} LIMIT ?");
    let mut kinds = query.kinds.clone();
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.len() < 2 {
        if let Some(kind) = kinds.first() {
            shared.push_str(" AND kind = ?");
            values.push(kind.as_str().to_owned().into());
        }
        values.push(limit);
        return (format!("SELECT json FROM entry WHERE 1{shared} {tail}"), values);
    }
    // One index walk for each kind, merged: `kind IN (…)` would sort everything before the first row.
    let mut all = Vec::new();
    let mut parts = Vec::new();
    for kind in kinds {
        parts.push(format!(
            "SELECT * FROM (SELECT json, happened_at, id FROM entry WHERE 1{shared} AND kind = ? {tail})"
        ));
        all.extend(values.iter().cloned());
        all.push(kind.as_str().to_owned().into());
        all.push(limit.clone());
    }
    all.push(limit);
    (format!("SELECT json FROM ({}) {tail}", parts.join(" UNION ALL ")), all)
}

/// An FTS5 expression from what a person typed. Each word goes as a quoted string, so nothing typed is read as syntax.
fn match_expression(text: &str) -> Option<String> {
    let words: Vec<String> = text
        .split(|c: char| c.is_whitespace() || c.is_control() || c == '"')
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .map(|word| format!("\"{word}\""))
        .collect();
    (!words.is_empty()).then(|| format!("{}*", words.join(" AND ")))
}
