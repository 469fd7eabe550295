//! Reads and writes of single resources, search, history and `$everything`
//! (R4 RESTful API, <https://hl7.org/fhir/R4/http.html>).

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::fault::Fault;
use super::kinds::{self, KINDS};
use super::records::{Records, Staging, Version, Written, instant};
use super::request::{Reply, Request, Verb};
use super::search::{self, Criteria};
use super::validation;

/// What every read needs to know beside the records.
pub(super) struct Context<'a> {
    pub(super) base: &'a str,
    pub(super) now: DateTime<Utc>,
}

/// Carries out a read.
pub(super) fn read(records: &Records, request: &Request, context: &Context<'_>) -> Result<Reply, Fault> {
    let path: Vec<&str> = request.path.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["_history"] => history(records, None, request, context),
        [kind] => {
            known(kind)?;
            search_type(records, kind, request, context)
        }
        [kind, "_history"] => {
            known(kind)?;
            history(records, Some((kind, None)), request, context)
        }
        ["Patient", id, "$everything"] => everything(records, id, request, context),
        [kind, id] => {
            known(kind)?;
            latest(records, kind, id)
        }
        [kind, id, "_history"] => {
            known(kind)?;
            if records.versions(kind, id).is_empty() {
                return Err(missing(kind, id));
            }
            history(records, Some((kind, Some(id))), request, context)
        }
        [kind, id, "_history", number] => {
            known(kind)?;
            one_version(records, kind, id, number)
        }
        _ => Err(Fault::not_found("There is nothing at this address.")),
    }
}

/// Carries out a write in the staging area.
pub(super) fn write(
    staging: &mut Staging<'_>,
    request: &Request,
    reserved: Option<String>,
) -> Result<Option<Written>, Fault> {
    let path: Vec<&str> = request.path.iter().map(String::as_str).collect();
    let body = || request.body.clone().ok_or_else(|| Fault::invalid("The request carries no resource."));
    match (request.verb, path.as_slice()) {
        (Verb::Post, [kind]) => {
            known(kind)?;
            if let Some(condition) = &request.if_none_exist
                && let Some(existing) = existing(staging, kind, condition)?
            {
                return Ok(Some(existing));
            }
            staging.create(kind, body()?, reserved).map(Some)
        }
        (Verb::Put, [kind, id]) => {
            known(kind)?;
            staging.update(kind, id, body()?, request.if_match.as_deref()).map(Some)
        }
        (Verb::Delete, [kind, id]) => {
            known(kind)?;
            staging.delete(kind, id, request.if_match.as_deref())
        }
        _ => Err(Fault::new(405, "not-supported", "This server does not offer this interaction at this address.")),
    }
}

/// The one resource that a conditional create finds, or none (R4 §3.1.0.8.1).
pub(super) fn existing(staging: &Staging<'_>, kind: &str, condition: &str) -> Result<Option<Written>, Fault> {
    let parameters = super::request::parameters(condition.trim_start_matches('?'))?;
    let found = staging.matches(kind, &Criteria::parse(kind, &parameters)?);
    match found.as_slice() {
        [] => Ok(None),
        [id] => Ok(staging.as_found(kind, id)),
        _ => Err(Fault::new(412, "multiple-matches", "More than one resource fits ifNoneExist.")),
    }
}

fn known(kind: &str) -> Result<(), Fault> {
    kinds::find(kind).map(|_| ()).ok_or_else(|| validation::unknown_type(kind))
}

fn missing(kind: &str, id: &str) -> Fault {
    Fault::not_found(format!("There is no {kind}/{id}."))
}

fn latest(records: &Records, kind: &str, id: &str) -> Result<Reply, Fault> {
    let version = records.latest(kind, id).ok_or_else(|| missing(kind, id))?;
    if version.resource.is_none() {
        return Err(Fault::new(410, "deleted", format!("{kind}/{id} was deleted.")));
    }
    Ok(Reply::version(200, version))
}

fn one_version(records: &Records, kind: &str, id: &str, number: &str) -> Result<Reply, Fault> {
    let version = records
        .versions(kind, id)
        .iter()
        .find(|version| version.number.to_string() == number)
        .ok_or_else(|| missing(kind, id))?;
    if version.resource.is_none() {
        return Err(Fault::new(410, "deleted", format!("{kind}/{id} was deleted with this version.")));
    }
    Ok(Reply::version(200, version))
}

fn search_type(records: &Records, kind: &str, request: &Request, context: &Context<'_>) -> Result<Reply, Fault> {
    let criteria = Criteria::parse(kind, &request.query)?;
    let rows = records.current(kind).filter(|(version, resource)| criteria.fit(version, resource)).collect();
    Ok(searchset(rows, &criteria, request, context))
}

fn searchset(rows: Vec<(&Version, &Value)>, criteria: &Criteria, request: &Request, context: &Context<'_>) -> Reply {
    let total = criteria.after.is_none().then_some(rows.len());
    let (page, next) = criteria.page(rows);
    let entries: Vec<Value> = page
        .into_iter()
        .map(|(version, resource)| {
            json!({"fullUrl": format!("{}/{}/{}", context.base, version.resource_type, version.id),
                   "resource": resource, "search": {"mode": "match"}})
        })
        .collect();
    let mut bundle = bundle("searchset", entries, request, context, next.map(|key| key.to_parameter()));
    if let (Some(total), Some(object)) = (total, bundle.as_object_mut()) {
        object.insert("total".into(), json!(total));
    }
    Reply::ok(bundle)
}

fn bundle(
    kind: &str,
    entries: Vec<Value>,
    request: &Request,
    context: &Context<'_>,
    next: Option<(String, String)>,
) -> Value {
    let mut links = vec![json!({"relation": "self", "url": link(context.base, request, None)})];
    if let Some(cursor) = next {
        links.push(json!({"relation": "next", "url": link(context.base, request, Some(cursor))}));
    }
    json!({"resourceType": "Bundle", "type": kind, "meta": {"lastUpdated": instant(context.now)},
           "link": links, "entry": entries})
}

fn link(base: &str, request: &Request, cursor: Option<(String, String)>) -> String {
    let mut pairs: Vec<(String, String)> = request.query.clone();
    if let Some(cursor) = cursor {
        pairs.retain(|(name, _)| *name != cursor.0);
        pairs.push(cursor);
    }
    let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let path =
        request.path.iter().filter(|segment| segment.as_str() != "_search").cloned().collect::<Vec<_>>().join("/");
    if query.is_empty() { format!("{base}/{path}") } else { format!("{base}/{path}?{}", query.join("&")) }
}

/// Percent-encodes everything but RFC 3986 unreserved characters.
fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// History of the server, of a type or of one resource, newest first, with deletions as entries (R4 §3.1.0.15).
fn history(
    records: &Records,
    scope: Option<(&str, Option<&str>)>,
    request: &Request,
    context: &Context<'_>,
) -> Result<Reply, Fault> {
    let mut since = None;
    let mut count = search::count("50")?;
    let mut before = usize::MAX;
    for (name, value) in &request.query {
        match name.as_str() {
            "_since" => since = Some(search::parse_instant("_since", value)?),
            "_count" => count = search::count(value)?,
            "_format" | "_pretty" => {}
            "_cursor" => {
                before = value.parse().map_err(|_| Fault::new(410, "expired", "This page is no longer known."))?;
            }
            other => {
                return Err(Fault::new(400, "not-supported", format!("{other} is not offered for _history.")));
            }
        }
    }
    let mut rows = records.history().iter().enumerate().rev().filter(|(at, version)| {
        *at < before
            && since.is_none_or(|since| version.last_updated >= since)
            && scope.is_none_or(|(kind, id)| version.resource_type == kind && id.is_none_or(|id| version.id == id))
    });
    let page: Vec<_> = rows.by_ref().take(count).collect();
    let next = page.last().filter(|_| rows.next().is_some()).map(|(at, _)| ("_cursor".to_owned(), at.to_string()));
    let entries = page.iter().map(|(_, version)| history_entry(version, context.base)).collect();
    Ok(Reply::ok(bundle("history", entries, request, context, next)))
}

fn history_entry(version: &Version, base: &str) -> Value {
    let address = format!("{}/{}", version.resource_type, version.id);
    let status = match (&version.resource, version.number) {
        (None, _) => "204",
        (Some(_), 1) => "201",
        (Some(_), _) => "200",
    };
    let url =
        if version.method == super::records::Method::Post { version.resource_type.clone() } else { address.clone() };
    let mut entry = json!({
        "fullUrl": format!("{base}/{address}"),
        "request": {"method": version.method.name(), "url": url},
        "response": {"status": status, "etag": version.etag(), "lastModified": version.instant()},
    });
    if let (Some(resource), Some(object)) = (&version.resource, entry.as_object_mut()) {
        object.insert("resource".into(), resource.clone());
    }
    entry
}

/// The patient, everything in the subset about the patient, and what those refer to
/// (<https://hl7.org/fhir/R4/patient-operation-everything.html>).
fn everything(records: &Records, id: &str, request: &Request, context: &Context<'_>) -> Result<Reply, Fault> {
    latest(records, "Patient", id)?;
    let mut parameters = Vec::new();
    let mut since = None;
    for (name, value) in &request.query {
        match name.as_str() {
            "_since" => since = Some(search::parse_instant("_since", value)?),
            "_count" | "_cursor" | "_format" => parameters.push((name.clone(), value.clone())),
            other => {
                return Err(Fault::new(400, "not-supported", format!("{other} is not offered for $everything.")));
            }
        }
    }
    let criteria = Criteria::parse("Patient", &parameters)?;
    let patient = format!("Patient/{id}");
    let mut rows: Vec<(&Version, &Value)> =
        records.current("Patient").filter(|(version, _)| version.id == id).collect();
    for kind in KINDS {
        rows.extend(records.current(kind.name).filter(|(_, resource)| search::is_about(kind, resource, &patient)));
    }
    let mut seen: BTreeSet<String> =
        rows.iter().map(|(version, _)| format!("{}/{}", version.resource_type, version.id)).collect();
    let mut at = 0;
    while let Some((_, resource)) = rows.get(at) {
        let mut targets = Vec::new();
        collect_references(resource, &mut targets);
        for target in targets {
            let Some((kind, id)) = target.split_once('/') else { continue };
            let kept = records
                .latest(kind, id)
                .filter(|_| kind != "Patient")
                .and_then(|version| version.resource.as_ref().map(|resource| (version.as_ref(), resource)));
            if let Some(row) = kept
                && seen.insert(target.to_owned())
            {
                rows.push(row);
            }
        }
        at += 1;
    }
    rows.retain(|(version, _)| since.is_none_or(|since| version.last_updated >= since));
    Ok(searchset(rows, &criteria, request, context))
}

fn collect_references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get("reference") {
                found.push(reference);
            }
            object.values().for_each(|child| collect_references(child, found));
        }
        Value::Array(items) => items.iter().for_each(|child| collect_references(child, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
