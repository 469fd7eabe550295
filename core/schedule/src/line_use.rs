//! Which lines were used, so that a flush "when not in use" knows that it is not needed.
//!
//! Only what a person recorded counts, only through a line of one lumen (which lumen a dose took is not known), and only
//! where the order has flushes of its own: anything else may have left the line unflushed.

use crate::agenda::Records;
use chrono::{DateTime, Utc};
use homeline_model::{AccessDeviceId, AdministrationStatus, CarePlan, FlushPlan};

/// The uses of all lines.
pub(crate) struct LineUses(Vec<(AccessDeviceId, DateTime<Utc>)>);

impl LineUses {
    pub fn of(plan: &CarePlan, journal: &Records) -> Self {
        let mut uses = Vec::new();
        for record in journal.values() {
            let (Some(order), Some(standing)) = (&record.order, record.standing()) else { continue };
            let used = match standing.administration.status {
                AdministrationStatus::Completed | AdministrationStatus::Partial | AdministrationStatus::Stopped => true,
                // It is flushed when it ends.
                AdministrationStatus::InProgress | AdministrationStatus::Skipped | AdministrationStatus::Unknown => {
                    false
                }
            };
            let order =
                plan.order(&order.id).filter(|order| matches!(&order.flush, FlushPlan::List(l) if !l.is_empty()));
            let device = order.and_then(|order| order.access_device.as_ref());
            let one_lumen =
                |id: &AccessDeviceId| plan.access_devices.iter().any(|d| d.id == *id && d.lumens == Some(1));
            if let Some(device) = device.filter(|device| used && one_lumen(device)) {
                let at = standing.administration.ended_at.unwrap_or(standing.happened_at);
                uses.push((device.clone(), at));
            }
        }
        Self(uses)
    }

    /// Whether the line was used after `since` and up to `until`.
    pub fn was_used(&self, device: &AccessDeviceId, since: DateTime<Utc>, until: DateTime<Utc>) -> bool {
        self.0.iter().any(|(used, at)| used == device && since < *at && *at <= until)
    }
}
