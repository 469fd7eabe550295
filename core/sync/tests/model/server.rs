//! A FHIR server in memory, in one of many dialects, that does what the demonstration's server is too well-behaved for:
//! it stamps a write when it begins and shows it later, is put back from a backup, and hands out ids of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use homeline_sync::testing::{Carried, Reply};
use serde_json::{Map, Value, json};

pub const BASE: &str = "https://team.example/fhir";
pub const PATIENT: &str = "rosa";
/// The types that the model moves; the plan of the pull is narrowed to them.
pub const TYPES: [&str; 7] =
    ["Patient", "MedicationRequest", "Consent", "Communication", "Task", "MedicationAdministration", "Observation"];
/// What this server finds fault with, wherever it stands in a resource.
pub const POISON: &str = "poison";

/// Rows of a page of `$everything`, whatever was asked.
const ROWS_OF_EVERYTHING: usize = 6;

/// Where deletions can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum History {
    System,
    Type,
    Nowhere,
}

/// What servers do differently, each right in its own eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    pub transactions: bool,
    pub batches: bool,
    pub gzip: bool,
    pub everything: bool,
    pub history: History,
    /// `PUT` creates; otherwise it hands out ids of its own.
    pub takes_our_ids: bool,
    /// Pages have links to the next; otherwise answers are cut off at the count.
    pub pages: bool,
    /// `Bundle.meta.lastUpdated` is told.
    pub tells_time: bool,
}

#[derive(Debug)]
struct Version {
    number: u64,
    /// Server time, milliseconds.
    at: i64,
    deleted: bool,
    /// Without `meta`.
    content: Value,
    /// As it is sent, with `meta`.
    text: String,
    /// Its entry in a history.
    in_history: String,
}

type Key = (String, String);

/// What a backup holds.
#[derive(Debug, Clone, Default)]
pub struct Records {
    rows: BTreeMap<Key, Vec<Arc<Version>>>,
    /// Every version in the order in which it could be seen.
    order: Vec<(Key, Arc<Version>)>,
    handed_out: u64,
}

impl Records {
    /// Ids are never handed out again, whatever was put back.
    pub fn keep_handing_out(&mut self, other: &Self) {
        self.handed_out = self.handed_out.max(other.handed_out);
    }
}

pub struct Server {
    pub dialect: Dialect,
    pub records: Records,
    /// Server time, milliseconds.
    pub clock: i64,
}

/// A refusal.
struct Fault(u16);

pub fn instant(at: i64) -> String {
    time(at).to_rfc3339_opts(SecondsFormat::Millis, true)
}

pub fn time(at: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at).expect("within the range of chrono")
}

impl Server {
    pub fn new(dialect: Dialect, clock: i64) -> Self {
        Self { dialect, records: Records::default(), clock }
    }

    /// The team writes one of its own resources.
    pub fn put_by_team(&mut self, resource: &Value) {
        let key = key_of(resource).expect("the team names what it writes");
        let stamp = self.clock;
        self.store(&key, resource.clone(), stamp);
    }

    pub fn delete_by_team(&mut self, key: &Key) {
        let Some(last) = self.records.rows.get(key).and_then(|versions| versions.last()).filter(|last| !last.deleted)
        else {
            return;
        };
        let (number, at) = (last.number + 1, self.clock.max(last.at));
        let in_history = history_entry(key, "DELETE", at);
        let version = Version { number, at, deleted: true, content: Value::Null, text: String::new(), in_history };
        self.admit(key, version);
    }

    /// The current content, without `meta`.
    pub fn content(&self, key: &Key) -> Option<&Value> {
        self.live(key).map(|version| &version.content)
    }

    /// Type, id, content and text as sent of everything that is there.
    pub fn all(&self) -> impl Iterator<Item = (&Key, &Value, &str)> {
        self.records.rows.keys().filter_map(|key| {
            let version = self.live(key)?;
            Some((key, &version.content, version.text.as_str()))
        })
    }

    /// Ids in the order in which resources of a type were first seen.
    pub fn arrivals(&self, resource_type: &str) -> Vec<String> {
        let first =
            self.records.order.iter().filter(|((kind, _), version)| kind == resource_type && version.number == 1);
        first.map(|((_, id), _)| id.clone()).collect()
    }

    fn live(&self, key: &Key) -> Option<&Arc<Version>> {
        self.records.rows.get(key)?.last().filter(|version| !version.deleted)
    }

    fn admit(&mut self, key: &Key, version: Version) {
        let version = Arc::new(version);
        self.records.rows.entry(key.clone()).or_default().push(Arc::clone(&version));
        self.records.order.push((key.clone(), version));
    }

    /// Stores content as a new version; the same content is the same version.
    fn store(&mut self, key: &Key, mut content: Value, stamp: i64) -> Arc<Version> {
        if let Some(object) = content.as_object_mut() {
            object.remove("meta");
        }
        let last = self.records.rows.get(key).and_then(|versions| versions.last());
        if let Some(same) = last.filter(|last| !last.deleted && last.content == content) {
            return Arc::clone(same);
        }
        let (number, at) = last.map_or((1, stamp), |last| (last.number + 1, stamp.max(last.at)));
        let mut sent = content.clone();
        if let Some(object) = sent.as_object_mut() {
            object.insert("meta".into(), json!({"versionId": number.to_string(), "lastUpdated": instant(at)}));
        }
        let in_history = history_entry(key, "PUT", at);
        let version = Version { number, at, deleted: false, content, text: sent.to_string(), in_history };
        self.admit(key, version);
        let versions = self.records.rows.get(key).and_then(|versions| versions.last());
        Arc::clone(versions.expect("it was just admitted"))
    }

    /// Carries out a request that began at `stamp`.
    pub fn answer(&mut self, request: &Carried, stamp: i64) -> Reply {
        self.carry_out(request, stamp).unwrap_or_else(|Fault(status)| refusal(status))
    }

    fn carry_out(&mut self, request: &Carried, stamp: i64) -> Result<Reply, Fault> {
        if request.is_packed && !self.dialect.gzip {
            return Err(Fault(415));
        }
        let body = request.body.as_deref().map(|body| unpacked(body, request.is_packed));
        let relative = request.url.strip_prefix(BASE).ok_or(Fault(404))?.trim_start_matches('/');
        let body: Option<Value> = body.map(|body| serde_json::from_slice(&body).map_err(|_| Fault(400))).transpose()?;
        match (request.method.as_str(), body) {
            ("GET", None) => self.read(relative).map(|text| Reply { body: text.into_bytes(), ..ok() }),
            ("POST", Some(bundle)) if relative.is_empty() => self.bundle(&bundle, stamp),
            ("PUT", Some(resource)) => self.put(relative, resource, request.if_match.as_deref(), stamp),
            ("POST", Some(resource)) => self.create(relative, resource, request.if_none_exist.as_deref(), stamp),
            _ => Err(Fault(405)),
        }
    }

    fn put(&mut self, target: &str, resource: Value, if_match: Option<&str>, stamp: i64) -> Result<Reply, Fault> {
        let (kind, id) = target.split_once('/').ok_or(Fault(404))?;
        let key = (kind.to_owned(), id.to_owned());
        let last = self.records.rows.get(&key).and_then(|versions| versions.last());
        if last.is_none() && !self.dialect.takes_our_ids {
            return Err(Fault(405));
        }
        let held = last.filter(|last| !last.deleted).map(|last| format!("W/\"{}\"", last.number));
        if if_match.is_some() && if_match != held.as_deref() {
            return Err(Fault(412));
        }
        // Another write came between: servers with optimistic locks say so.
        if last.is_some_and(|last| last.at > stamp) {
            return Err(Fault(409));
        }
        check(&resource)?;
        let is_new = held.is_none();
        let version = self.store(&key, resource, stamp);
        Ok(written(&key, &version, is_new))
    }

    fn create(&mut self, kind: &str, resource: Value, condition: Option<&str>, stamp: i64) -> Result<Reply, Fault> {
        check(&resource)?;
        let value =
            condition.and_then(|condition| condition.rsplit_once("%7C")).map(|(_, value)| value.replace("%3A", ":"));
        let found = value.and_then(|value| {
            let fits = |content: &Value| content["identifier"][0]["value"].as_str() == Some(value.as_str());
            self.records.rows.keys().find(|key| key.0 == kind && self.live(key).is_some_and(|live| fits(&live.content)))
        });
        if let Some(key) = found.cloned() {
            let version = Arc::clone(self.live(&key).expect("it was found"));
            return Ok(written(&key, &version, false));
        }
        self.records.handed_out += 1;
        let id = format!("s-{}", self.records.handed_out);
        let mut resource = resource;
        resource["id"] = json!(id);
        let key = (kind.to_owned(), id);
        let version = self.store(&key, resource, stamp);
        Ok(written(&key, &version, true))
    }

    fn bundle(&mut self, bundle: &Value, stamp: i64) -> Result<Reply, Fault> {
        let is_transaction = bundle["type"] == "transaction";
        if !(if is_transaction { self.dialect.transactions } else { self.dialect.batches }) {
            return Err(Fault(501));
        }
        let before = is_transaction.then(|| self.records.clone());
        let mut answers = Vec::new();
        for entry in bundle["entry"].as_array().into_iter().flatten() {
            let request = &entry["request"];
            let url = request["url"].as_str().ok_or(Fault(400))?;
            let answered = match request["method"].as_str() {
                Some("GET") => {
                    self.read(url).map(|text| format!(r#"{{"resource":{text},"response":{{"status":"200 OK"}}}}"#))
                }
                Some("PUT") => {
                    self.put(url, entry["resource"].clone(), request["ifMatch"].as_str(), stamp).map(|reply| {
                        let response = json!({"status": reply.status.to_string(), "etag": reply.etag,
                        "lastModified": reply.last_modified.map(|at| instant(at.timestamp_millis()))});
                        json!({"response": response}).to_string()
                    })
                }
                _ => Err(Fault(400)),
            };
            match (answered, &before) {
                (Ok(answer), _) => answers.push(answer),
                (Err(fault), Some(before)) => {
                    self.records = before.clone();
                    return Err(if fault.0 == 422 { Fault(400) } else { fault });
                }
                (Err(Fault(status)), None) => answers.push(format!(r#"{{"response":{{"status":"{status}"}}}}"#)),
            }
        }
        let body = format!(r#"{{"resourceType":"Bundle","type":"response","entry":[{}]}}"#, answers.join(","));
        Ok(Reply { body: body.into_bytes(), ..ok() })
    }

    fn read(&self, target: &str) -> Result<String, Fault> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let parameters: BTreeMap<&str, String> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name, decoded(value)))
            .collect();
        let steps: Vec<&str> = path.split('/').collect();
        match steps.as_slice() {
            ["metadata"] => Ok(self.statement()),
            ["_history"] if self.dialect.history == History::System => Ok(self.history(None, None, &parameters)),
            [kind, "_history"] if self.dialect.history == History::Type => {
                Ok(self.history(Some(kind), None, &parameters))
            }
            ["_history"] | [_, "_history"] => Err(Fault(404)),
            [kind] => Ok(self.search(kind, &parameters)),
            ["Patient", PATIENT, "$everything"] if self.dialect.everything => Ok(self.everything(&parameters)),
            ["Patient", _, "$everything"] => Err(Fault(501)),
            [kind, id] => match self.records.rows.get(&((*kind).to_owned(), (*id).to_owned())) {
                None => Err(Fault(404)),
                Some(versions) => {
                    versions.last().filter(|last| !last.deleted).map(|last| last.text.clone()).ok_or(Fault(410))
                }
            },
            [kind, id, "_history"] => {
                let known = self.records.rows.contains_key(&((*kind).to_owned(), (*id).to_owned()));
                if known { Ok(self.history(Some(kind), Some(id), &parameters)) } else { Err(Fault(404)) }
            }
            _ => Err(Fault(404)),
        }
    }

    fn statement(&self) -> String {
        let codes = [(self.dialect.transactions, "transaction"), (self.dialect.batches, "batch")];
        let offered: Vec<Value> =
            codes.iter().filter(|(offered, _)| *offered).map(|(_, code)| json!({"code": code})).collect();
        json!({"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1",
               "rest": [{"mode": "server", "interaction": offered}]})
        .to_string()
    }

    /// By time, then by id: the order that pages need.
    fn search(&self, kind: &str, parameters: &BTreeMap<&str, String>) -> String {
        let bound = parameters.get("_lastUpdated").map(|bound| bound.split_at_checked(2).expect("two letters"));
        let bound = bound.map(|(comparison, from)| (comparison == "gt", milliseconds(from)));
        let fits = |at: i64| bound.is_none_or(|(is_later, from)| at > from || (!is_later && at == from));
        let ids: Option<Vec<&str>> = parameters.get("_id").map(|ids| ids.split(',').collect());
        let mut rows: Vec<(i64, &str, &str)> = self
            .records
            .rows
            .range((kind.to_owned(), String::new())..)
            .take_while(|((found, _), _)| found == kind)
            .filter_map(|((_, id), versions)| {
                let last = versions.last().filter(|last| !last.deleted && fits(last.at))?;
                let asked = ids.as_ref().is_none_or(|ids| ids.contains(&id.as_str()));
                asked.then_some((last.at, id.as_str(), last.text.as_str()))
            })
            .collect();
        rows.sort_unstable();
        let count: usize = parameters.get("_count").and_then(|count| count.parse().ok()).unwrap_or(10);
        // A page goes on behind a row, and not at a number: what is deleted meanwhile moves no other out of sight.
        let behind = parameters.get("_behind").and_then(|place| place.split_once('~'));
        let behind = behind.and_then(|(at, id)| Some((at.parse::<i64>().ok()?, id)));
        rows.retain(|(at, id, _)| behind.is_none_or(|behind| (*at, *id) > behind));
        let last = rows.get(count.saturating_sub(1)).filter(|_| self.dialect.pages && rows.len() > count);
        let next = last.map(|(at, id, _)| {
            let kept = parameters.iter().filter(|(name, _)| **name != "_behind");
            let query: Vec<String> =
                kept.map(|(name, value)| format!("{name}={}", value.replace(':', "%3A"))).collect();
            format!("{BASE}/{kind}?{}&_behind={at}~{id}", query.join("&"))
        });
        self.page("searchset", rows.iter().take(count).map(|(_, _, text)| format!(r#"{{"resource":{text}}}"#)), next)
    }

    fn everything(&self, parameters: &BTreeMap<&str, String>) -> String {
        let behind = parameters.get("_behind").and_then(|place| place.split_once('~'));
        let rows = self.all().filter(|((kind, id), ..)| {
            TYPES.contains(&kind.as_str()) && behind.is_none_or(|behind| (kind.as_str(), id.as_str()) > behind)
        });
        let mut rows = rows.peekable();
        let page: Vec<(&Key, &str)> =
            rows.by_ref().take(ROWS_OF_EVERYTHING).map(|(key, _, text)| (key, text)).collect();
        let last = page.last().filter(|_| rows.peek().is_some());
        let next = last.map(|((kind, id), _)| format!("{BASE}/Patient/{PATIENT}/$everything?_behind={kind}~{id}"));
        self.page("searchset", page.iter().map(|(_, text)| format!(r#"{{"resource":{text}}}"#)), next)
    }

    fn history(&self, kind: Option<&str>, id: Option<&str>, parameters: &BTreeMap<&str, String>) -> String {
        let since = parameters.get("_since").map_or(0, |since| milliseconds(since));
        let rows = self.records.order.iter().rev().filter(|((found, found_id), version)| {
            kind.is_none_or(|kind| kind == found) && id.is_none_or(|id| id == found_id) && version.at >= since
        });
        self.page("history", rows.map(|(_, version)| version.in_history.clone()), None)
    }

    fn page(&self, kind: &str, entries: impl Iterator<Item = String>, next: Option<String>) -> String {
        let time = if self.dialect.tells_time {
            format!(r#""meta":{{"lastUpdated":"{}"}},"#, instant(self.clock))
        } else {
            String::new()
        };
        let link = next.map_or_else(String::new, |url| format!(r#""link":[{{"relation":"next","url":"{url}"}}],"#));
        let entries: Vec<String> = entries.collect();
        format!(r#"{{"resourceType":"Bundle","type":"{kind}",{time}{link}"entry":[{}]}}"#, entries.join(","))
    }
}

fn history_entry(key: &Key, method: &str, at: i64) -> String {
    json!({"request": {"method": method, "url": format!("{}/{}", key.0, key.1)},
           "response": {"status": "200", "lastModified": instant(at)}})
    .to_string()
}

fn milliseconds(text: &str) -> i64 {
    DateTime::parse_from_rfc3339(text).expect("sync writes instants").timestamp_millis()
}

fn key_of(resource: &Value) -> Option<Key> {
    Some((resource["resourceType"].as_str()?.to_owned(), resource["id"].as_str()?.to_owned()))
}

fn check(resource: &Value) -> Result<(), Fault> {
    let is_poison = resource.as_object().is_some_and(|object: &Map<String, Value>| object.contains_key(POISON));
    if is_poison { Err(Fault(422)) } else { Ok(()) }
}

fn ok() -> Reply {
    Reply { status: 200, ..Reply::default() }
}

fn refusal(status: u16) -> Reply {
    let body = json!({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "value"}]});
    Reply { status, body: body.to_string().into_bytes(), ..Reply::default() }
}

fn written(key: &Key, version: &Version, is_new: bool) -> Reply {
    Reply {
        status: if is_new { 201 } else { 200 },
        etag: Some(format!("W/\"{}\"", version.number)),
        location: Some(format!("{BASE}/{}/{}/_history/{}", key.0, key.1, version.number)),
        last_modified: Some(time(version.at)),
        body: version.text.clone().into_bytes(),
    }
}

/// The body as it was before packing.
pub fn unpacked(body: &[u8], is_packed: bool) -> Vec<u8> {
    if !is_packed {
        return body.to_vec();
    }
    let mut plain = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(body), &mut plain).expect("sync packs what it sends");
    plain
}

fn decoded(text: &str) -> String {
    text.replace("%3A", ":").replace("%2B", "+").replace("%2C", ",")
}
