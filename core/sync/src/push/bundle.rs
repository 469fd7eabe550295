//! The bundle of a push and the answers to its entries (R4 §3.1.0.11).
//!
//! The bundle is put together from the rows' own bytes, never parsed and written anew: what is hashed and shown at
//! home is what the server gets, byte for byte, each time.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;

use crate::profile::UploadMode;
use crate::store::{Ack, OutboxRow};
use crate::transport::version_of_etag;

use super::forms;

/// Writes the bundle; the rows are well-formed JSON.
pub(super) fn build(base: &str, mode: UploadMode, rows: &[OutboxRow]) -> Vec<u8> {
    let kind = if mode == UploadMode::Transaction { "transaction" } else { "batch" };
    let mut body = format!(r#"{{"resourceType":"Bundle","type":"{kind}","entry":["#).into_bytes();
    for (at, row) in rows.iter().enumerate() {
        if at > 0 {
            body.push(b',');
        }
        let address = format!("{}/{}", row.resource_type, row.id);
        let mut request = json!({"method": "PUT", "url": address});
        if let (Some(base), Some(request)) = (&row.base, request.as_object_mut()) {
            request.insert("ifMatch".into(), json!(forms::etag(&base.version)));
        }
        body.extend_from_slice(format!(r#"{{"fullUrl":{},"resource":"#, json!(format!("{base}/{address}"))).as_bytes());
        body.extend_from_slice(&row.json);
        body.extend_from_slice(format!(r#","request":{request}}}"#).as_bytes());
    }
    body.extend_from_slice(b"]}");
    body
}

/// The answer to one entry.
#[derive(Debug, PartialEq)]
pub(super) struct EntryAnswer {
    pub(super) status: u16,
    version_id: Option<String>,
    last_updated: Option<DateTime<Utc>>,
}

impl EntryAnswer {
    pub(super) fn into_ack(self, row: &OutboxRow) -> Ack {
        Ack {
            position: row.position,
            server_id: row.id.to_string(),
            version_id: self.version_id,
            last_updated: self.last_updated,
        }
    }
}

#[derive(Deserialize)]
struct ResponseBundle {
    #[serde(rename = "resourceType")]
    resource_type: String,
    #[serde(default)]
    entry: Vec<ResponseEntry>,
}

#[derive(Deserialize)]
struct ResponseEntry {
    response: Option<EntryResponse>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EntryResponse {
    status: String,
    etag: Option<String>,
    location: Option<String>,
    last_modified: Option<String>,
}

/// Reads one answer per entry sent; `None` when the bundle does not account for every one of them.
pub(super) fn read_answers(body: &[u8], sent: usize) -> Option<Vec<EntryAnswer>> {
    let bundle: ResponseBundle = serde_json::from_slice(body).ok()?;
    if bundle.resource_type != "Bundle" || bundle.entry.len() != sent {
        return None;
    }
    bundle.entry.into_iter().map(|entry| entry.response.and_then(read_answer)).collect()
}

fn read_answer(response: EntryResponse) -> Option<EntryAnswer> {
    let status = response.status.split_whitespace().next()?.parse().ok()?;
    let version_id = response
        .etag
        .as_deref()
        .and_then(version_of_etag)
        .or_else(|| response.location.as_deref().and_then(forms::version_in_location));
    Some(EntryAnswer { status, version_id, last_updated: response.last_modified.as_deref().and_then(forms::instant) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Base, Lane};
    use serde_json::Value;
    use uuid::Uuid;

    fn row(id: u128, json: &str, base_version: Option<&str>) -> OutboxRow {
        OutboxRow {
            position: 1,
            resource_type: "Observation".into(),
            id: Uuid::from_u128(id),
            json: json.as_bytes().to_vec(),
            lane: Lane::Routine,
            enqueued_at: DateTime::UNIX_EPOCH,
            base: base_version.map(|version| Base { version: version.to_owned(), json: None }),
        }
    }

    #[test]
    fn the_rows_bytes_stand_in_the_bundle_unchanged() {
        let odd = r#"{ "resourceType":"Observation",  "value": 1.50 }"#;
        let body = build("https://x/r4", UploadMode::Transaction, &[row(1, odd, None), row(2, odd, Some("7"))]);
        let text = String::from_utf8(body).expect("UTF-8");
        assert_eq!(text.matches(odd).count(), 2);
        let parsed: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(
            parsed["entry"][1]["request"],
            json!({"method": "PUT", "ifMatch": "W/\"7\"", "url": "Observation/00000000-0000-0000-0000-000000000002"})
        );
        assert_eq!(parsed["type"], "transaction");
    }

    #[test]
    fn answers_are_read_by_place_and_an_incomplete_account_is_none() {
        let body = br#"{"resourceType":"Bundle","entry":[
            {"response":{"status":"201 Created","etag":"W/\"1\"","lastModified":"2026-03-01T08:00:00.000Z"}},
            {"response":{"status":"200","location":"Observation/x/_history/4"}}]}"#;
        let answers = read_answers(body, 2).expect("two");
        let read: Vec<_> = answers.iter().map(|answer| (answer.status, answer.version_id.as_deref())).collect();
        assert_eq!(read, [(201, Some("1")), (200, Some("4"))]);
        assert_eq!(read_answers(body, 3), None);
        assert_eq!(read_answers(b"{}", 0), None);
        assert_eq!(read_answers(br#"{"resourceType":"Bundle","entry":[{}]}"#, 1), None);
    }
}
