//! Small forms of the RESTful API that a push reads and writes.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::store::OutboxRow;

/// Whether a row's bytes are a resource of the row's type and id.
pub(super) fn is_well_formed(row: &OutboxRow) -> bool {
    serde_json::from_slice::<Value>(&row.json).is_ok_and(|resource| {
        let text = |name: &str| resource.get(name).and_then(Value::as_str);
        text("resourceType") == Some(&row.resource_type) && text("id") == Some(&row.id.to_string())
    })
}

/// A version as an entity tag; FHIR's are weak.
pub(super) fn etag(version: &str) -> String {
    format!("W/\"{version}\"")
}

/// `…/Type/id/_history/4` names version 4.
pub(super) fn version_in_location(location: &str) -> Option<String> {
    location.rsplit_once("/_history/").map(|(_, version)| version.to_owned()).filter(|version| !version.is_empty())
}

/// The id in `…/Type/id` or `…/Type/id/_history/4`.
pub(super) fn id_in_location(location: &str, resource_type: &str) -> Option<String> {
    let resource = location.rsplit_once("/_history/").map_or(location, |(resource, _)| resource);
    let mut parts = resource.rsplit('/');
    let id = parts.next().filter(|id| !id.is_empty())?;
    (parts.next() == Some(resource_type)).then(|| id.to_owned())
}

/// A FHIR instant.
pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

/// `identifier=system|value` of the identifier that holds the row's own id, percent-encoded.
pub(super) fn identifier_query(row: &OutboxRow) -> Option<String> {
    let resource: Value = serde_json::from_slice(&row.json).ok()?;
    let identifier = resource.get("identifier")?;
    let all: Cow<'_, [Value]> = match identifier.as_array() {
        Some(list) => Cow::Borrowed(list),
        None => Cow::Owned(vec![identifier.clone()]),
    };
    let own = row.id.to_string();
    all.iter().find_map(|identifier| {
        let value = identifier.get("value")?.as_str()?;
        if !value.ends_with(&own) {
            return None;
        }
        let system = identifier.get("system").and_then(Value::as_str).unwrap_or_default();
        Some(format!("identifier={}", encode(&format!("{system}|{value}"))))
    })
}

/// Percent-encodes everything but RFC 3986 unreserved characters.
pub(crate) fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// Equal but for `meta`, which servers write, and `text`, which some generate.
pub(super) fn same_content(ours: &[u8], theirs: &[u8]) -> bool {
    let plain = |bytes: &[u8]| -> Option<Map<String, Value>> {
        let mut object: Map<String, Value> = serde_json::from_slice(bytes).ok()?;
        object.remove("meta");
        object.remove("text");
        Some(object)
    };
    match (plain(ours), plain(theirs)) {
        (Some(ours), Some(theirs)) => ours == theirs,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Lane;
    use uuid::Uuid;

    fn row(json: &str) -> OutboxRow {
        OutboxRow {
            position: 1,
            resource_type: "Observation".into(),
            id: Uuid::from_u128(7),
            json: json.as_bytes().to_vec(),
            lane: Lane::Routine,
            enqueued_at: DateTime::UNIX_EPOCH,
            base_version: None,
        }
    }

    #[test]
    fn a_row_is_what_its_type_and_id_say() {
        let id = Uuid::from_u128(7);
        assert!(is_well_formed(&row(&format!(r#"{{"resourceType":"Observation","id":"{id}"}}"#))));
        for bad in ["", "[]", r#"{"resourceType":"Observation"}"#, r#"{"resourceType":"Task","id":"x"}"#] {
            assert!(!is_well_formed(&row(bad)), "{bad}");
        }
    }

    #[test]
    fn locations_name_id_and_version() {
        let location = "http://x/fhir/Observation/abc/_history/4";
        assert_eq!(id_in_location(location, "Observation").as_deref(), Some("abc"));
        assert_eq!(id_in_location("Observation/abc", "Observation").as_deref(), Some("abc"));
        assert_eq!(id_in_location("Observation/abc", "Task"), None);
        assert_eq!(version_in_location(location).as_deref(), Some("4"));
        assert_eq!(version_in_location("Observation/abc"), None);
    }

    #[test]
    fn the_identifier_that_is_ours_is_the_condition() {
        let own = Uuid::from_u128(7);
        let list = format!(r#"{{"identifier":[{{"value":"lab-1"}},{{"system":"urn:h","value":"{own}"}}]}}"#);
        assert_eq!(identifier_query(&row(&list)), Some(format!("identifier=urn%3Ah%7C{own}")));
        let single = format!(r#"{{"identifier":{{"value":"urn:uuid:{own}"}}}}"#);
        assert_eq!(identifier_query(&row(&single)), Some(format!("identifier=%7Curn%3Auuid%3A{own}")));
        assert_eq!(identifier_query(&row("{}")), None);
    }

    #[test]
    fn content_is_compared_without_what_servers_write() {
        let ours = br#"{"id":"a","status":"final"}"#;
        assert!(same_content(
            ours,
            br#"{"status":"final","id":"a","meta":{"versionId":"3"},"text":{"status":"generated"}}"#
        ));
        assert!(!same_content(ours, br#"{"id":"a","status":"amended"}"#));
        assert!(!same_content(ours, b"<html>"));
    }
}
