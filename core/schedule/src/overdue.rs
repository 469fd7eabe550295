//! What should have been done and was not recorded, after any gap: a phone that was off for weeks owes the exact list.

use crate::agenda::{AgendaInput, agenda};
use crate::agenda_item::{AgendaItem, ItemState};
use crate::span::Span;
use chrono::{DateTime, TimeDelta, Utc};

/// Ordered duties that were planned at or after `since`, whose window has closed by `now`, and about which nobody
/// recorded anything; oldest first. The entries of the input must reach back to `since`.
pub fn overdue(input: &AgendaInput<'_>, since: DateTime<Utc>, now: DateTime<Utc>) -> Vec<AgendaItem> {
    let mut found = Vec::new();
    let end = now.checked_add_signed(TimeDelta::seconds(1)).unwrap_or(now);
    let mut from = since;
    while from < end {
        let page = agenda(input, now, Span::new(from, end));
        found.extend(page.items.into_iter().filter(is_overdue));
        match page.next.filter(|next| *next > from) {
            Some(next) => from = next,
            None => break,
        }
    }
    found
}

fn is_overdue(item: &AgendaItem) -> bool {
    item.occurrence.is_some() && matches!(item.state, ItemState::Late | ItemState::NotRecorded)
}
