//! One row alone: the plain PUT, the conditional create for servers that keep no ids of ours, and what to do when
//! the server holds another version.
//!
//! A row whose base the server has left behind is merged field by field with what is there; a row without a base is
//! ours alone to write, and is never merged.

use serde_json::Value;
use uuid::Uuid;

use crate::error::SyncError;
use crate::merge;
use crate::outcome::Outcome;
use crate::profile::IdMode;
use crate::store::{Ack, OutboxRow, OutboxStore, ParkReason, ServerMemory};
use crate::transport::{Answer, Call};

use super::{Run, SICK_ROWS_TOLERATED, Suspect, forms};

/// Times that a row is sent again because another write came between.
const RACES_TOLERATED: usize = 5;

impl<S> Run<'_, S>
where
    S: OutboxStore + ServerMemory + ?Sized,
{
    /// Sends one row; answers it as a suspect when the server finds fault with it.
    pub(super) async fn send_alone(&mut self, row: OutboxRow) -> Result<Option<Suspect>, SyncError> {
        if self.report.forbidden_types.contains(&row.resource_type) {
            self.hold_back(&row);
            return Ok(None);
        }
        let row = match self.carrying(row) {
            Ok(row) => row,
            Err(carrier) => return Box::pin(self.send_carrier(carrier)).await,
        };
        if self.learned.ids == IdMode::Servers && !self.is_edit_of_theirs(&row)? {
            return self.create_under_server_id(row).await;
        }
        self.put_row(row).await
    }

    /// An edit of a resource that came from the server: its id is the server's already.
    fn is_edit_of_theirs(&self, row: &OutboxRow) -> Result<bool, SyncError> {
        Ok(row.base.is_some() && self.store.server_id(&row.resource_type, row.id)?.is_none())
    }

    /// PUT under our id, and what its answer means.
    pub(super) async fn put_row(&mut self, row: OutboxRow) -> Result<Option<Suspect>, SyncError> {
        let if_match = row.base.as_ref().map(|base| base.version.as_str());
        let Some(answer) = self.put(&row, &row.json, if_match).await? else { return Ok(None) };
        match answer.status {
            200..=299 => self.taken(&row, &answer).map(|()| None),
            409 | 412 => self.after_conflict(row).await,
            413 => Ok(Some(self.suspect(row, &answer, ParkReason::TooLarge))),
            // Until something was accepted under an id of ours, the id itself may be what is refused.
            400 | 403 | 404 | 405 | 422 if self.learned.ids == IdMode::Unproven => {
                self.try_server_id(row, answer).await
            }
            403 => self.forbid(row, &answer),
            404 | 410 => Ok(Some(self.suspect(row, &answer, ParkReason::Gone))),
            _ => Ok(Some(self.suspect(row, &answer, ParkReason::Refused))),
        }
    }

    /// PUT under our id. `None`: the server stumbled over it, and the row is held back.
    pub(super) async fn put(
        &mut self,
        row: &OutboxRow,
        body: &[u8],
        if_match: Option<&str>,
    ) -> Result<Option<Answer>, SyncError> {
        let url = self.transport.url(&format!("{}/{}", row.resource_type, row.id))?;
        let mut call = Call::put(url, body.to_vec());
        if let Some(version) = if_match {
            call = call.header("if-match", &forms::etag(version));
        }
        self.call_for(row, call).await
    }

    /// A call on behalf of one row, whose missing answer is recorded.
    async fn call_for(&mut self, row: &OutboxRow, call: Call) -> Result<Option<Answer>, SyncError> {
        match self.call(call).await {
            Err(SyncError::Unanswered) => {
                self.mark_unknown(std::slice::from_ref(row))?;
                Err(SyncError::Unanswered)
            }
            Err(SyncError::Unavailable { status: 500, retry_after }) => {
                self.sick_answers += 1;
                if self.sick_answers >= SICK_ROWS_TOLERATED {
                    return Err(SyncError::Unavailable { status: 500, retry_after });
                }
                self.hold_back(row);
                Ok(None)
            }
            Err(other) => Err(other),
            Ok(answer) => Ok(Some(answer)),
        }
    }

    pub(super) fn taken(&mut self, row: &OutboxRow, answer: &Answer) -> Result<(), SyncError> {
        let ack = acknowledgement(row, answer, row.id.to_string());
        self.learn_ids(row);
        self.ack(&[ack])
    }

    fn suspect(&self, row: OutboxRow, answer: &Answer, reason: ParkReason) -> Suspect {
        Suspect {
            row,
            status: answer.status,
            outcome: Outcome::parse(&answer.body),
            reason,
            acked_before: self.report.acked,
        }
    }

    /// Both sides changed the same fields: they are named, for a person to settle.
    fn conflict(&self, row: OutboxRow, held: &Answer, fields: &[String]) -> Suspect {
        let outcome = Outcome::of_fields("conflict", fields);
        Suspect { outcome, ..self.suspect(row, held, ParkReason::Conflict) }
    }

    /// Not allowed (403). With a token of which nothing else is known, the whole type waits for a better day. A sign-in
    /// said what it may do, so a refusal of its server is final until the next sign-in, and of this record only.
    fn forbid(&mut self, row: OutboxRow, answer: &Answer) -> Result<Option<Suspect>, SyncError> {
        if self.transport.scopes().is_some() {
            return Ok(Some(self.suspect(row, answer, ParkReason::NotGranted)));
        }
        self.report.forbidden_types.insert(row.resource_type.clone());
        self.hold_back(&row);
        Ok(None)
    }

    /// The server holds another version, or another write came between: looks, and decides.
    async fn after_conflict(&mut self, row: OutboxRow) -> Result<Option<Suspect>, SyncError> {
        for _ in 0..RACES_TOLERATED {
            let url = self.transport.url(&format!("{}/{}", row.resource_type, row.id))?;
            let Some(held) = self.call_for(&row, Call::get(url)).await? else { return Ok(None) };
            let held_version = held.version_id.clone().or_else(|| version_in_body(&held.body));
            let (body, if_match) = match held.status {
                200..=299 if forms::same_content(&row.json, &held.body) => {
                    return self.taken(&row, &held).map(|()| None);
                }
                200..=299 => match &row.base {
                    Some(base) if held_version.as_ref() != Some(&base.version) => {
                        match base.json.as_ref().map(|base| merge::three_way(base, &row.json, &held.body)) {
                            Some(Ok(merged)) => (merged, held_version),
                            Some(Err(fields)) => return Ok(Some(self.conflict(row, &held, &fields))),
                            None => return Ok(Some(self.suspect(row, &held, ParkReason::Conflict))),
                        }
                    }
                    // Ours alone to write: what is there is an older state of it, or the base we know.
                    _ => (row.json.clone(), held_version),
                },
                404 if row.base.is_none() => (row.json.clone(), None),
                _ => return Ok(Some(self.suspect(row, &held, ParkReason::Gone))),
            };
            let Some(answer) = self.put(&row, &body, if_match.as_deref()).await? else { return Ok(None) };
            match answer.status {
                200..=299 => return self.taken(&row, &answer).map(|()| None),
                409 | 412 => {}
                _ => return Ok(Some(self.suspect(row, &answer, ParkReason::Refused))),
            }
        }
        // Somebody writes it over and over; it waits for the next run.
        self.hold_back(&row);
        Ok(None)
    }

    /// The PUT was refused by a server of which nothing is known yet: perhaps it only wants to hand out the ids.
    async fn try_server_id(&mut self, row: OutboxRow, refused: Answer) -> Result<Option<Suspect>, SyncError> {
        if self.store.server_id(&row.resource_type, row.id)?.is_some() {
            // An earlier state of it was taken, and what that taught was not saved any more: a create would find that
            // state and change nothing.
            self.learned.ids = IdMode::Servers;
            return self.create_under_server_id(row).await;
        }
        let Some(condition) = forms::identifier_query(&row) else {
            if refused.status == 403 {
                return self.forbid(row, &refused);
            }
            return Ok(Some(self.suspect(row, &refused, ParkReason::Refused)));
        };
        let Some(answer) = self.conditional_create(&row, &condition).await? else { return Ok(None) };
        match answer.status {
            200..=299 => {
                self.learned.ids = IdMode::Servers;
                self.taken_under_server_id(&row, &answer).map(|()| None)
            }
            403 => self.forbid(row, &answer),
            // Both are refused: the fault is the record's, and the first refusal says more about it.
            _ => Ok(Some(self.suspect(row, &refused, ParkReason::Refused))),
        }
    }

    pub(super) async fn create_under_server_id(&mut self, row: OutboxRow) -> Result<Option<Suspect>, SyncError> {
        let answer = match self.store.server_id(&row.resource_type, row.id)? {
            Some(server_id) => {
                let body = self.with_server_ids(&row, Some(&server_id))?;
                let url = self.transport.url(&format!("{}/{server_id}", row.resource_type))?;
                self.call_for(&row, Call::put(url, body)).await?
            }
            None => match forms::identifier_query(&row) {
                Some(condition) => self.conditional_create(&row, &condition).await?,
                None => {
                    self.park(&row, ParkReason::NeedsOurIds, 0, &Outcome::default())?;
                    return Ok(None);
                }
            },
        };
        let Some(answer) = answer else { return Ok(None) };
        match answer.status {
            200..=299 => self.taken_under_server_id(&row, &answer).map(|()| None),
            403 => self.forbid(row, &answer),
            409 | 412 => {
                // Two of ours at once (another phone), or identifiers that are not unique there: the next run sees
                // which.
                self.hold_back(&row);
                Ok(None)
            }
            // Put back from a backup, and not compared yet: it may have lost the very record that this one follows.
            404 | 405 | 410 if self.learned.compare_sent.contains(&row.resource_type) => {
                self.hold_back(&row);
                Ok(None)
            }
            404 | 410 => Ok(Some(self.suspect(row, &answer, ParkReason::Gone))),
            413 => Ok(Some(self.suspect(row, &answer, ParkReason::TooLarge))),
            _ => Ok(Some(self.suspect(row, &answer, ParkReason::Refused))),
        }
    }

    async fn conditional_create(&mut self, row: &OutboxRow, condition: &str) -> Result<Option<Answer>, SyncError> {
        let body = self.with_server_ids(row, None)?;
        let url = self.transport.url(&row.resource_type)?;
        self.call_for(row, Call::post(url, body).header("if-none-exist", condition)).await
    }

    fn taken_under_server_id(&mut self, row: &OutboxRow, answer: &Answer) -> Result<(), SyncError> {
        let server_id = answer
            .location
            .as_deref()
            .and_then(|location| forms::id_in_location(location, &row.resource_type))
            .or_else(|| text_at(&answer.body, "/id"));
        let Some(server_id) = server_id else {
            // Taken, but under which name? The condition will find it in the next run.
            self.mark_unknown(std::slice::from_ref(row))?;
            return Err(SyncError::NotFhir { status: answer.status, content_type: "no Location".into() });
        };
        let ack = acknowledgement(row, answer, server_id);
        self.ack(&[ack])
    }

    /// The row with the server's id in place of ours, its references too, as far as earlier acks tell them.
    fn with_server_ids(&self, row: &OutboxRow, own: Option<&str>) -> Result<Vec<u8>, SyncError> {
        let Ok(mut resource) = serde_json::from_slice::<Value>(&row.json) else { return Ok(row.json.clone()) };
        if let Some(object) = resource.as_object_mut() {
            match own {
                Some(id) => object.insert("id".into(), id.into()),
                None => object.remove("id"),
            };
        }
        self.replace_references(&mut resource)?;
        Ok(resource.to_string().into_bytes())
    }

    fn replace_references(&self, value: &mut Value) -> Result<(), SyncError> {
        match value {
            Value::Object(object) => {
                if let Some(Value::String(reference)) = object.get_mut("reference") {
                    let ours = reference.split_once('/').and_then(|(kind, id)| Some((kind, Uuid::try_parse(id).ok()?)));
                    if let Some((kind, id)) = ours
                        && let Some(server_id) = self.store.server_id(kind, id)?
                    {
                        *reference = format!("{kind}/{server_id}");
                    }
                }
                object.values_mut().try_for_each(|child| self.replace_references(child))
            }
            Value::Array(items) => items.iter_mut().try_for_each(|child| self.replace_references(child)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
        }
    }
}

fn acknowledgement(row: &OutboxRow, answer: &Answer, server_id: String) -> Ack {
    let location = answer.location.as_deref();
    Ack {
        position: row.position,
        server_id,
        version_id: answer
            .version_id
            .clone()
            .or_else(|| location.and_then(forms::version_in_location))
            .or_else(|| version_in_body(&answer.body)),
        last_updated: text_at(&answer.body, "/meta/lastUpdated")
            .and_then(|text| forms::instant(&text))
            .or(answer.last_modified),
    }
}

fn version_in_body(body: &[u8]) -> Option<String> {
    text_at(body, "/meta/versionId")
}

fn text_at(body: &[u8], pointer: &str) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    value.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
}
