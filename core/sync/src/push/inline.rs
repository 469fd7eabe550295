//! Pictures for servers that take no Binary: inside of the resource that shows them.
//!
//! A Binary stands outside of the Patient compartment, so that a sign-in with `patient/` scopes may be refused it. It goes
//! ahead of the rest, alone. Where the server refuses it, the attachment that names it carries the bytes itself, and both
//! rows are settled by one answer.

use std::collections::BTreeMap;

use serde_json::Value;
use uuid::Uuid;

use crate::error::SyncError;
use crate::outcome::Outcome;
use crate::profile::{IdMode, Support};
use crate::store::{Ack, OutboxRow, OutboxStore, ParkReason, ServerMemory};

use super::{Run, Suspect, forms};

/// The type that goes ahead.
pub(super) const BINARY: &str = "Binary";

/// A Binary that the server refused, until somebody carries it.
pub(super) struct Refused {
    row: OutboxRow,
    status: u16,
    outcome: Outcome,
    /// Base64, as it stands in the row.
    data: Value,
}

/// A row with the pictures of others inside.
pub(super) struct Carrier {
    row: OutboxRow,
    /// Binaries that it carries.
    carried: Vec<Uuid>,
}

impl<S> Run<'_, S>
where
    S: OutboxStore + ServerMemory + ?Sized,
{
    /// Sends a Binary, or keeps it for the row that shows it.
    pub(super) async fn send_binary(&mut self, row: OutboxRow) -> Result<(), SyncError> {
        if self.learned.binary == Support::No {
            self.keep_for_carrier(row, 0, Outcome::default());
            return Ok(());
        }
        let Some(answer) = self.put(&row, &row.json, None).await? else { return Ok(()) };
        match answer.status {
            200..=299 => {
                self.learned.binary = Support::Yes;
                self.taken(&row, &answer)
            }
            413 => self.park(&row, ParkReason::TooLarge, 413, &Outcome::parse(&answer.body)),
            status => {
                if matches!(status, 403 | 404 | 405 | 415 | 501) {
                    self.learned.binary = Support::No;
                }
                self.keep_for_carrier(row, status, Outcome::parse(&answer.body));
                Ok(())
            }
        }
    }

    fn keep_for_carrier(&mut self, row: OutboxRow, status: u16, outcome: Outcome) {
        let data =
            serde_json::from_slice::<Value>(&row.json).ok().and_then(|mut json| Some(json.get_mut("data")?.take()));
        self.binaries.insert(row.id, Refused { row, status, outcome, data: data.unwrap_or_default() });
    }

    /// The row as it is, or with the refused pictures inside that it names.
    pub(super) fn carrying(&self, row: OutboxRow) -> Result<OutboxRow, Box<Carrier>> {
        if self.binaries.is_empty() {
            return Ok(row);
        }
        let Ok(mut resource) = serde_json::from_slice::<Value>(&row.json) else { return Ok(row) };
        let mut carried = Vec::new();
        put_inside(&mut resource, &self.binaries, &mut carried);
        if carried.is_empty() {
            return Ok(row);
        }
        Err(Box::new(Carrier { row: OutboxRow { json: resource.to_string().into_bytes(), ..row }, carried }))
    }

    /// Sends a row with pictures inside; its answer settles them too.
    pub(super) async fn send_carrier(&mut self, carrier: Box<Carrier>) -> Result<Option<Suspect>, SyncError> {
        let acked_before = self.report.acked;
        let suspect = match self.learned.ids {
            IdMode::Servers => self.create_under_server_id(carrier.row).await?,
            IdMode::Unproven | IdMode::Ours => self.put_row(carrier.row).await?,
        };
        if self.report.acked > acked_before {
            let carried = carrier.carried.iter().filter_map(|id| self.binaries.remove(id));
            let acks: Vec<Ack> = carried
                .map(|refused| Ack {
                    position: refused.row.position,
                    server_id: refused.row.id.to_string(),
                    version_id: None,
                    last_updated: None,
                })
                .collect();
            self.ack(&acks)?;
        }
        Ok(suspect)
    }

    /// At the end of the outbox: Binaries that no row carried. They wait when other rows do, for one of those may show
    /// them, and are set aside otherwise.
    pub(super) fn leave_binaries(&mut self) -> Result<(), SyncError> {
        let others_wait = self.report.held_back > 0;
        for refused in std::mem::take(&mut self.binaries).into_values() {
            if others_wait {
                self.hold_back(&refused.row);
            } else {
                self.park(&refused.row, ParkReason::Refused, refused.status, &refused.outcome)?;
            }
        }
        Ok(())
    }
}

/// Puts the bytes in place of every `url` that names a refused Binary.
fn put_inside(value: &mut Value, binaries: &BTreeMap<Uuid, Refused>, carried: &mut Vec<Uuid>) {
    match value {
        Value::Object(object) => {
            let named = object.get("url").and_then(Value::as_str).and_then(forms::binary_in_url);
            if let Some((id, refused)) = named.and_then(|id| Some((id, binaries.get(&id)?))) {
                object.remove("url");
                object.insert("data".into(), refused.data.clone());
                carried.push(id);
            }
            object.values_mut().for_each(|child| put_inside(child, binaries, carried));
        }
        Value::Array(items) => items.iter_mut().for_each(|child| put_inside(child, binaries, carried)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
