//! Which version of each order this phone's people lived by, and when: kept beside the mirror, which holds the present
//! version only.
//!
//! A version counts from when it arrived here. Before that, nobody at home could know of it.

use chrono::{DateTime, Duration, Utc};
use homeline_model::{CarePlan, Order, OrderVersion};
use homeline_vault::{ReadTx, VaultError, WriteTx};
use serde_json::Value;

const VERSIONS: &str = "plan.versions";
/// As far as any screen or report looks back.
const KEPT_FOR: Duration = Duration::days(800);

/// The versions as kept. One that this program cannot read any more is left out: its doses are still in the journal.
pub(crate) fn load(tx: &ReadTx<'_>) -> Result<Vec<OrderVersion>, VaultError> {
    let kept: Vec<Value> = tx.setting(VERSIONS)?.unwrap_or_default();
    Ok(kept.into_iter().filter_map(|version| serde_json::from_value(version).ok()).collect())
}

/// Keeps the versions, in the transaction that brings the plan.
pub(crate) fn keep(tx: &mut WriteTx<'_>, versions: &[OrderVersion]) -> Result<(), VaultError> {
    tx.set_setting(VERSIONS, versions)
}

/// The versions after `new` took the place of `old` at `now`.
pub(crate) fn advance(old: Option<&CarePlan>, new: &CarePlan, now: DateTime<Utc>) -> Vec<OrderVersion> {
    let Some(old) = old else { return Vec::new() };
    let (mut present, mut versions): (Vec<OrderVersion>, Vec<OrderVersion>) =
        old.versions.iter().cloned().partition(|version| version.until.is_none());
    let mut end = |order: &Order, present: &mut Vec<OrderVersion>| {
        let place = present.iter().position(|version| version.order.id == order.id);
        let from = place.and_then(|place| present.swap_remove(place).from);
        versions.push(OrderVersion { order: order.clone(), from, until: Some(now) });
    };
    for order in &new.orders {
        let before = old.order(&order.id);
        if before == Some(order) {
            continue;
        }
        if let Some(before) = before {
            end(before, &mut present);
        }
        present.push(OrderVersion { order: order.clone(), from: Some(now), until: None });
    }
    for gone in old.orders.iter().filter(|order| new.order(&order.id).is_none()) {
        end(gone, &mut present);
    }
    versions.retain(|version| version.until.is_some_and(|until| until > now - KEPT_FOR));
    versions.extend(present);
    versions
}
