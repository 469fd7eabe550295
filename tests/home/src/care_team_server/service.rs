//! The server without its network: records, log, clock and the scripted team.

use std::sync::Arc;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use serde_json::{Value, json};

use super::bundle;
use super::fault::Fault;
use super::interaction::{self, Context};
use super::log::Log;
use super::records::{Method, Records, Staging, Version, instant};
use super::request::{Reply, Request, Verb};
use super::{ServerClock, ServerError, capability, page};

/// What the team does when a resource of a type comes in; answers the resources it puts.
pub(super) type Handler = Box<dyn Fn(&Value) -> Vec<Value> + Send>;

pub(super) struct Service {
    pub(super) records: Records,
    pub(super) log: Log,
    pub(super) clock: ServerClock,
    pub(super) handlers: Vec<(String, Handler)>,
    pub(super) last_time: DateTime<Utc>,
}

impl Service {
    /// Server time: whole milliseconds, and never backwards, whatever the clock does.
    fn now(&mut self) -> DateTime<Utc> {
        let read = (self.clock)();
        let whole = read.duration_trunc(TimeDelta::milliseconds(1)).unwrap_or(read);
        self.last_time = self.last_time.max(whole);
        self.last_time
    }

    /// Carries out one interaction from the network.
    pub(super) fn answer(&mut self, request: &Request, base: &str) -> Reply {
        self.carry_out(request, base).unwrap_or_else(|fault| Reply::from(&fault))
    }

    fn carry_out(&mut self, request: &Request, base: &str) -> Result<Reply, Fault> {
        let now = self.now();
        let context = Context { base, now };
        match (request.verb, request.path.as_slice()) {
            (Verb::Get, [one]) if one == "metadata" => Ok(Reply::ok(capability::statement(base, &instant(now)))),
            (Verb::Get, _) => interaction::read(&self.records, request, &context),
            (Verb::Post, []) => {
                let body = request.body.as_ref().ok_or_else(|| Fault::invalid("A POST to the base takes a Bundle."))?;
                let outcome = bundle::carry_out(&self.records, body, &context)?;
                self.commit(outcome.changes).map_err(|error| storage(&error))?;
                Ok(outcome.reply)
            }
            _ => {
                let mut staging = Staging::new(&self.records, now);
                let written = interaction::write(&mut staging, request, None)?;
                let changes = staging.into_changes();
                self.commit(changes).map_err(|error| storage(&error))?;
                Ok(written.as_ref().map_or_else(Reply::gone_already, Reply::from))
            }
        }
    }

    pub(super) fn page(&self, base: &str) -> String {
        page::render(&self.records, base)
    }

    /// Makes changes durable and visible, then lets the team react to what is new.
    fn commit(&mut self, changes: Vec<Version>) -> Result<(), ServerError> {
        if changes.is_empty() {
            return Ok(());
        }
        self.log.append(&changes)?;
        let reactions: Vec<Value> = changes
            .iter()
            .filter(|version| version.number == 1)
            .filter_map(|version| version.resource.as_ref().map(|resource| (version, resource)))
            .flat_map(|(version, resource)| {
                self.handlers
                    .iter()
                    .filter(move |(kind, _)| *kind == version.resource_type)
                    .flat_map(move |(_, handler)| handler(resource))
            })
            .collect();
        self.records.admit(changes);
        if !reactions.is_empty() {
            self.put_as_team(reactions)?;
        }
        Ok(())
    }

    /// Writes resources of the team's own, all or none; no handler sees them.
    pub(super) fn put_as_team(&mut self, resources: Vec<Value>) -> Result<Vec<Value>, ServerError> {
        let now = self.now();
        let mut staging = Staging::new(&self.records, now);
        let mut stored = Vec::with_capacity(resources.len());
        for resource in resources {
            let text = |name: &str| resource.get(name).and_then(Value::as_str).map(str::to_owned);
            let kind = text("resourceType").ok_or(ServerError::Refused {
                status: 400,
                reason: "the resource has no resourceType".into(),
                expression: Some("resourceType".into()),
            })?;
            let written = match text("id") {
                Some(id) => staging.update(&kind, &id, resource, None),
                None => staging.create(&kind, resource, None),
            };
            stored.extend(written?.version.resource);
        }
        let changes = staging.into_changes();
        if !changes.is_empty() {
            self.log.append(&changes)?;
            self.records.admit(changes);
        }
        Ok(stored)
    }

    /// The newest message from home that no message of anybody answers yet.
    pub(super) fn newest_unanswered(&self) -> Option<&Value> {
        let answered = |id: &str| {
            let reference = format!("Communication/{id}");
            self.records.current("Communication").any(|(_, message)| {
                message.get("inResponseTo").and_then(Value::as_array).is_some_and(|targets| {
                    targets.iter().any(|target| target.get("reference").and_then(Value::as_str) == Some(&*reference))
                })
            })
        };
        self.records
            .history()
            .iter()
            .rev()
            .filter(|version: &&Arc<Version>| version.resource_type == "Communication" && version.number == 1)
            .filter(|version| version.method != Method::Delete)
            .filter_map(|version| self.records.latest("Communication", &version.id)?.resource.as_ref())
            .find(|message| {
                from_home(message) && message.get("id").and_then(Value::as_str).is_some_and(|id| !answered(id))
            })
    }

    /// A reply of the team's to a message.
    pub(super) fn reply_to(&mut self, message: &Value, sender: &str, text: &str) -> Result<Value, ServerError> {
        let id = message.get("id").and_then(Value::as_str).unwrap_or_default();
        let sent = instant(self.now());
        let mut reply = json!({
            "resourceType": "Communication", "status": "completed",
            "inResponseTo": [{"reference": format!("Communication/{id}")}],
            "sender": {"reference": sender}, "sent": sent, "payload": [{"contentString": text}],
        });
        if let Some(object) = reply.as_object_mut() {
            for same in ["subject", "category", "topic"] {
                if let Some(value) = message.get(same) {
                    object.insert(same.into(), value.clone());
                }
            }
            if let Some(value) = message.get("sender") {
                object.insert("recipient".into(), json!([value]));
            }
        }
        let stored = self.put_as_team(vec![reply])?;
        Ok(stored.into_iter().next().unwrap_or_default())
    }
}

/// Written by the patient or a caregiver, not by the team.
fn from_home(message: &Value) -> bool {
    message
        .pointer("/sender/reference")
        .and_then(Value::as_str)
        .is_some_and(|sender| sender.starts_with("Patient/") || sender.starts_with("RelatedPerson/"))
}

fn storage(error: &ServerError) -> Fault {
    Fault::new(500, "exception", error.to_string())
}
