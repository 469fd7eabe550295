//! When doses really started, for orders whose time counts from the last actual start.
//!
//! The journal names a dose by its id, and an id cannot be read backwards. So the number of a dose is looked for around the
//! one that is planned nearest: some steps as a rule, and never more than the drift of years.

use crate::elapsed::Elapsed;
use crate::record::records;
use crate::slot::Nominal;
use chrono::{DateTime, Utc};
use homeline_model::{Entry, EntryBody, OccurrenceId, Order, OrderId, TimePolicy};

/// A dose of 8 hours that is 20 minutes late every time is so many periods behind its plan after more than twenty years.
const FARTHEST: i64 = 1_024;

/// One dose that really started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActualStart {
    /// Of which order.
    pub order: OrderId,
    /// Which dose.
    pub occurrence: OccurrenceId,
    /// When, as the standing statement of a person says.
    pub at: DateTime<Utc>,
}

/// The actual starts that the journal knows of orders whose time counts from them, by time. Empty, and free, when the plan
/// has no such order.
pub fn actual_starts(orders: &[Order], entries: &[Entry]) -> Vec<ActualStart> {
    let counts = |id: &OrderId| {
        orders.iter().any(|order| order.id == *id && order.time_policy == TimePolicy::ElapsedFromLastStart)
    };
    let of_such_an_order = |entry: &&Entry| {
        matches!(entry.body, EntryBody::Administration(_))
            && entry.order.as_ref().is_some_and(|order| counts(&order.id))
    };
    let concerned: Vec<Entry> = entries.iter().filter(of_such_an_order).cloned().collect();
    let records = records(&concerned);
    let mut starts: Vec<ActualStart> = concerned
        .iter()
        .filter_map(|entry| {
            let (occurrence, order) = (entry.occurrence?, entry.order.as_ref()?);
            Some(ActualStart { order: order.id.clone(), occurrence, at: records.get(&occurrence)?.started_at()? })
        })
        .collect();
    starts.sort_by_key(|start| (start.at, start.occurrence));
    starts.dedup_by_key(|start| start.occurrence);
    starts
}

/// Counts anew from each start. `id_of` gives the id of a dose.
pub(crate) fn count_from<'a>(
    elapsed: &mut Elapsed,
    starts: impl Iterator<Item = &'a ActualStart>,
    id_of: impl Fn(Nominal) -> OccurrenceId,
) {
    for start in starts {
        let at = start.at.timestamp();
        let nearest = elapsed.nearest_to(at);
        let mut outward = (0..=FARTHEST).flat_map(|step| [nearest - step, nearest + step]);
        let is_meant = |number: &i64| *number >= 0 && id_of(Nominal::Ordinal(*number)) == start.occurrence;
        if let Some(number) = outward.find(is_meant) {
            elapsed.restart(number, at);
        }
    }
}
