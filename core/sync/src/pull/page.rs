//! One page of a searchset or history, with every resource kept exactly as received.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::store::{KnownVersion, MirroredResource, ResourceKey};

use super::plan::is_id;

/// A page as it was read.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) resources: Vec<MirroredResource>,
    /// Entries without readable type or id.
    pub(super) unreadable: Vec<String>,
    /// Deletions and other writes of a history page, in its order.
    pub(super) writes: Vec<HistoryWrite>,
    /// Link to the page that follows.
    pub(super) next: Option<String>,
    pub(super) total: Option<usize>,
    /// `Bundle.meta.lastUpdated`: the server's own time of this answer.
    pub(super) server_time: Option<DateTime<Utc>>,
    /// Entries of any kind.
    pub(super) entries: usize,
    /// It is a history: a server that knows none may answer with an empty search instead.
    pub(super) is_history: bool,
}

/// One entry of a history.
#[derive(Debug)]
pub(super) struct HistoryWrite {
    pub(super) key: ResourceKey,
    pub(super) deleted: bool,
    pub(super) at: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
struct Bundle<'a> {
    #[serde(rename = "resourceType")]
    resource_type: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    meta: Option<Meta>,
    total: Option<usize>,
    #[serde(default)]
    link: Vec<Link>,
    #[serde(default, borrow)]
    entry: Vec<Entry<'a>>,
}

#[derive(Deserialize)]
struct Link {
    relation: Option<String>,
    url: Option<String>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(rename = "fullUrl")]
    full_url: Option<String>,
    #[serde(borrow)]
    resource: Option<&'a RawValue>,
    search: Option<Search>,
    request: Option<Request>,
    response: Option<Response>,
}

#[derive(Deserialize)]
struct Search {
    mode: Option<String>,
}

#[derive(Deserialize)]
struct Request {
    method: Option<String>,
    url: Option<String>,
}

#[derive(Deserialize)]
struct Response {
    #[serde(rename = "lastModified")]
    last_modified: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Meta {
    version_id: Option<String>,
    last_updated: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    resource_type: String,
    id: String,
    #[serde(default)]
    meta: Option<Meta>,
}

impl Page {
    /// Reads a Bundle; `None` when it is none. One entry that cannot be read does not spoil the others.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let bundle: Bundle<'_> = serde_json::from_slice(body).ok()?;
        if bundle.resource_type != "Bundle" {
            return None;
        }
        let mut page = Self {
            total: bundle.total,
            server_time: bundle.meta.and_then(|meta| instant(meta.last_updated.as_deref())),
            entries: bundle.entry.len(),
            is_history: bundle.kind.as_deref() == Some("history"),
            next: bundle
                .link
                .into_iter()
                .find(|link| link.relation.as_deref() == Some("next"))
                .and_then(|link| link.url),
            ..Self::default()
        };
        for entry in bundle.entry {
            page.add(&entry);
        }
        Some(page)
    }

    fn add(&mut self, entry: &Entry<'_>) {
        if let Some(write) = history_write(entry) {
            self.writes.push(write);
        }
        let Some(raw) = entry.resource else { return };
        if entry.search.as_ref().and_then(|search| search.mode.as_deref()) == Some("outcome") {
            return;
        }
        match read_resource(raw.get()) {
            Some(resource) if resource.key.resource_type == "OperationOutcome" => {}
            Some(resource) => self.resources.push(resource),
            None => self.unreadable.push(raw.get().to_owned()),
        }
    }
}

/// Type, id and version of a resource, beside its text.
pub(super) fn read_resource(json: &str) -> Option<MirroredResource> {
    let head: Head = serde_json::from_str(json).ok()?;
    let is_type = head.resource_type.bytes().all(|b| b.is_ascii_alphabetic()) && !head.resource_type.is_empty();
    if !is_type || !is_id(&head.id) {
        return None;
    }
    let meta = head.meta.unwrap_or_default();
    Some(MirroredResource {
        key: ResourceKey { resource_type: head.resource_type, id: head.id },
        version: KnownVersion { version_id: meta.version_id, last_updated: instant(meta.last_updated.as_deref()) },
        json: json.to_owned(),
    })
}

fn history_write(entry: &Entry<'_>) -> Option<HistoryWrite> {
    let request = entry.request.as_ref()?;
    let deleted = request.method.as_deref() == Some("DELETE");
    let address = [request.url.as_deref(), entry.full_url.as_deref()];
    let key = address.into_iter().flatten().find_map(key_in_address)?;
    let at = instant(entry.response.as_ref().and_then(|response| response.last_modified.as_deref()));
    Some(HistoryWrite { key, deleted, at })
}

/// `Type/id`, at the end of an absolute address or with a version behind it.
fn key_in_address(address: &str) -> Option<ResourceKey> {
    let bare = address.split_once("/_history/").map_or(address, |(bare, _)| bare);
    let mut parts = bare.rsplit('/');
    let id = parts.next().filter(|id| is_id(id))?;
    let resource_type = parts.next().filter(|name| name.starts_with(|c: char| c.is_ascii_uppercase()))?;
    Some(ResourceKey { resource_type: resource_type.to_owned(), id: id.to_owned() })
}

fn instant(text: Option<&str>) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text?).ok().map(|time| time.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_keep_their_text() {
        let raw = r#"{ "resourceType": "Observation", "id":"a", "valueQuantity": {"value": 37.50}, "meta":{"versionId":"2"} }"#;
        let page = Page::read(format!(r#"{{"resourceType":"Bundle","entry":[{{"resource":{raw}}}]}}"#).as_bytes())
            .expect("a bundle");
        let only = page.resources.first().expect("one resource");
        assert_eq!((only.json.as_str(), only.version.version_id.as_deref()), (raw, Some("2")));
    }

    #[test]
    fn an_entry_that_cannot_be_read_is_kept_beside_the_others() {
        let page = Page::read(
            br#"{"resourceType":"Bundle","entry":[
                {"resource":{"resourceType":"Observation","id":"a"}},
                {"resource":{"id":7}}, {"resource":[1]}, {"resource":{"resourceType":"Observation","id":"not an id"}},
                {"resource":{"resourceType":"OperationOutcome"},"search":{"mode":"outcome"}},
                {"resource":{"resourceType":"Observation","id":"b"}}]}"#,
        )
        .expect("a bundle");
        let ids: Vec<_> = page.resources.iter().map(|resource| resource.key.id.as_str()).collect();
        assert_eq!((ids, page.unreadable.len()), (vec!["a", "b"], 3));
    }

    #[test]
    fn deletions_are_read_out_of_a_history() {
        let page = Page::read(
            br#"{"resourceType":"Bundle","entry":[
                {"fullUrl":"http://x/fhir/Task/t","request":{"method":"DELETE","url":"Task/t/_history/2"},
                 "response":{"status":"204","lastModified":"2026-03-01T08:00:00.000+00:00"}},
                {"fullUrl":"http://x/fhir/Task/u","request":{"method":"POST","url":"Task"}}]}"#,
        )
        .expect("a bundle");
        let read: Vec<_> =
            page.writes.iter().map(|write| (write.key.id.as_str(), write.deleted, write.at.is_some())).collect();
        assert_eq!(read, [("t", true, true), ("u", false, false)]);
    }

    #[test]
    fn another_resource_is_no_page() {
        assert!(Page::read(br#"{"resourceType":"OperationOutcome"}"#).is_none());
        assert!(Page::read(b"<html>").is_none());
    }
}
