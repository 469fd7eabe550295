//! Transaction and batch (R4 §3.1.0.11, <https://hl7.org/fhir/R4/http.html#transaction>).
//!
//! A transaction is carried out in the order DELETE, POST, PUT, GET whatever the order of its entries, and `urn:uuid`
//! references become the addresses that the server handed out. One refused entry refuses the whole and is
//! named by its place. A batch answers each entry for itself.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use uuid::Uuid;

use super::fault::Fault;
use super::interaction::{self, Context};
use super::records::{Records, Staging, Version, Written};
use super::request::{Reply, Request, Verb};

/// What a bundle changes, and how it is answered once that is on disk.
pub(super) struct Outcome {
    pub(super) changes: Vec<Version>,
    pub(super) reply: Reply,
}

/// Carries out a bundle.
pub(super) fn carry_out(records: &Records, bundle: &Value, context: &Context<'_>) -> Result<Outcome, Fault> {
    if bundle.get("resourceType").and_then(Value::as_str) != Some("Bundle") {
        return Err(Fault::invalid("A POST to the base takes a Bundle.").at("resourceType"));
    }
    let entries = match bundle.get("entry") {
        None => &[][..],
        Some(Value::Array(entries)) => entries.as_slice(),
        Some(_) => return Err(Fault::invalid("entry is a list.").at("Bundle.entry")),
    };
    match bundle.get("type").and_then(Value::as_str) {
        Some("transaction") => transaction(records, entries, context),
        Some("batch") => Ok(batch(records, entries, context)),
        _ => Err(Fault::unprocessable("type is transaction or batch.", "Bundle.type")),
    }
}

fn transaction(records: &Records, entries: &[Value], context: &Context<'_>) -> Result<Outcome, Fault> {
    let place = |at: usize| move |fault: Fault| within_entry(fault, at);
    let mut requests = Vec::with_capacity(entries.len());
    let mut addresses = BTreeSet::new();
    for (at, entry) in entries.iter().enumerate() {
        let request = entry_request(entry).map_err(place(at))?;
        if matches!(request.verb, Verb::Put | Verb::Delete) && !addresses.insert(request.path.clone()) {
            return Err(place(at)(Fault::invalid("The same resource is written twice in one transaction.")));
        }
        requests.push(request);
    }
    let mut staging = Staging::new(records, context.now);
    let new_ids = resolve_references(&staging, entries, &mut requests)?;

    let mut writes: Vec<(usize, &Request)> = requests.iter().enumerate().filter(|(_, r)| r.verb != Verb::Get).collect();
    writes.sort_by_key(|(_, request)| match request.verb {
        Verb::Delete => 0,
        Verb::Post => 1,
        Verb::Put => 2,
        Verb::Get => 3,
    });
    let mut replies: BTreeMap<usize, Value> = BTreeMap::new();
    for (at, request) in writes {
        let reserved = new_ids.get(&at).cloned();
        let written = interaction::write(&mut staging, request, reserved).map_err(place(at))?;
        replies.insert(at, response_entry(&written_reply(written)));
    }
    let changes = staging.into_changes();
    for (at, request) in requests.iter().enumerate().filter(|(_, request)| request.verb == Verb::Get) {
        // Reads inside of a transaction that also writes would have to see the staged state; nobody here needs it.
        if !changes.is_empty() {
            return Err(place(at)(Fault::new(
                501,
                "not-supported",
                "GET is not offered in a transaction that writes.",
            )));
        }
        let reply = interaction::read(records, request, context).map_err(place(at))?;
        replies.insert(at, read_entry(reply));
    }
    let body = json!({"resourceType": "Bundle", "type": "transaction-response",
                      "entry": replies.into_values().collect::<Vec<_>>()});
    Ok(Outcome { changes, reply: Reply::ok(body) })
}

/// Replaces `urn:uuid` references to other entries; answers the ids that POST entries will get.
fn resolve_references(
    staging: &Staging<'_>,
    entries: &[Value],
    requests: &mut [Request],
) -> Result<BTreeMap<usize, String>, Fault> {
    let mut addresses: BTreeMap<String, String> = BTreeMap::new();
    let mut new_ids = BTreeMap::new();
    for (at, (entry, request)) in entries.iter().zip(requests.iter()).enumerate() {
        let address = match (request.verb, request.path.as_slice()) {
            (Verb::Post, [kind]) => {
                let found = request
                    .if_none_exist
                    .as_deref()
                    .map(|condition| interaction::existing(staging, kind, condition))
                    .transpose()
                    .map_err(|fault| within_entry(fault, at))?
                    .flatten();
                let id = found.map_or_else(
                    || {
                        let id = Uuid::new_v4().to_string();
                        new_ids.insert(at, id.clone());
                        id
                    },
                    |found| found.version.id,
                );
                format!("{kind}/{id}")
            }
            (_, [kind, id]) => format!("{kind}/{id}"),
            _ => continue,
        };
        if let Some(full_url) = entry.get("fullUrl").and_then(Value::as_str).filter(|url| url.starts_with("urn:")) {
            addresses.insert(full_url.to_owned(), address);
        }
    }
    for (at, request) in requests.iter_mut().enumerate() {
        if let Some(body) = &mut request.body {
            replace_urns(body, &addresses).map_err(|fault| within_entry(fault, at))?;
        }
    }
    Ok(new_ids)
}

fn replace_urns(value: &mut Value, addresses: &BTreeMap<String, String>) -> Result<(), Fault> {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get_mut("reference")
                && reference.starts_with("urn:uuid:")
            {
                *reference = addresses.get(reference.as_str()).cloned().ok_or_else(|| {
                    Fault::invalid("A urn:uuid reference points to no entry of this bundle.").at("reference")
                })?;
            }
            object.values_mut().try_for_each(|child| replace_urns(child, addresses))
        }
        Value::Array(items) => items.iter_mut().try_for_each(|child| replace_urns(child, addresses)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

fn batch(records: &Records, entries: &[Value], context: &Context<'_>) -> Outcome {
    let mut staging = Staging::new(records, context.now);
    let replies: Vec<Value> = entries
        .iter()
        .map(|entry| {
            let answered = entry_request(entry).and_then(|request| {
                if request.verb == Verb::Get {
                    interaction::read(records, &request, context).map(read_entry)
                } else {
                    interaction::write(&mut staging, &request, None)
                        .map(|written| response_entry(&written_reply(written)))
                }
            });
            answered.unwrap_or_else(
                |fault| json!({"response": {"status": status_line(fault.status), "outcome": fault.outcome()}}),
            )
        })
        .collect();
    let body = json!({"resourceType": "Bundle", "type": "batch-response", "entry": replies});
    Outcome { changes: staging.into_changes(), reply: Reply::ok(body) }
}

fn entry_request(entry: &Value) -> Result<Request, Fault> {
    let request = entry.get("request").ok_or_else(|| Fault::invalid("The entry has no request.").at("request"))?;
    let text = |name: &str| request.get(name).and_then(Value::as_str);
    let verb = Verb::parse(text("method").ok_or_else(|| Fault::invalid("method is required.").at("request.method"))?)?;
    let url = text("url").ok_or_else(|| Fault::invalid("url is required.").at("request.url"))?;
    let (path, query) = Request::target(url)?;
    Ok(Request {
        verb,
        path,
        query,
        if_match: text("ifMatch").map(str::to_owned),
        if_none_exist: text("ifNoneExist").map(str::to_owned),
        body: entry.get("resource").cloned(),
    })
}

fn within_entry(mut fault: Fault, at: usize) -> Fault {
    let inside = fault.expression.take();
    fault.text = format!("Entry {at} of the bundle: {}", fault.text);
    fault.at(match inside.as_deref().map(|path| path.split_once('.').unwrap_or(("", path))) {
        Some(("request", element)) => format!("Bundle.entry[{at}].request.{element}"),
        Some((_, element)) => format!("Bundle.entry[{at}].resource.{element}"),
        None => format!("Bundle.entry[{at}]"),
    })
}

fn written_reply(written: Option<Written>) -> Reply {
    written.as_ref().map_or_else(Reply::gone_already, Reply::from)
}

fn response_entry(reply: &Reply) -> Value {
    let mut response = json!({"status": status_line(reply.status)});
    if let Some(object) = response.as_object_mut() {
        let fields = [("etag", &reply.etag), ("lastModified", &reply.last_modified), ("location", &reply.location)];
        for (name, value) in fields {
            if let Some(value) = value {
                object.insert(name.into(), json!(value));
            }
        }
    }
    json!({"response": response})
}

fn read_entry(reply: Reply) -> Value {
    let mut entry = response_entry(&reply);
    if let (Some(body), Some(object)) = (reply.body, entry.as_object_mut()) {
        object.insert("resource".into(), body);
    }
    entry
}

fn status_line(status: u16) -> String {
    let reason = match status {
        200 => " OK",
        201 => " Created",
        204 => " No Content",
        _ => "",
    };
    format!("{status}{reason}")
}
