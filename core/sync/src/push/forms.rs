//! Small forms of the RESTful API that a push reads and writes.

use std::borrow::Cow;
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use uuid::Uuid;

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

/// `Binary/uuid`, relative.
pub(super) fn binary_in_url(url: &str) -> Option<Uuid> {
    Uuid::try_parse(url.strip_prefix("Binary/")?).ok()
}

/// Rows in an order in which a resource that another row refers to goes before it, and otherwise as they are.
pub(super) fn references_first(rows: Vec<OutboxRow>) -> Vec<OutboxRow> {
    let mut left: Vec<(OutboxRow, BTreeSet<Uuid>)> = rows
        .into_iter()
        .map(|row| {
            let mut named = BTreeSet::new();
            if let Ok(resource) = serde_json::from_slice(&row.json) {
                collect_references(&resource, &mut named);
            }
            named.remove(&row.id);
            (row, named)
        })
        .collect();
    let mut ordered = Vec::with_capacity(left.len());
    loop {
        let waiting: BTreeSet<Uuid> = left.iter().map(|(row, _)| row.id).collect();
        let (ready, blocked): (Vec<_>, Vec<_>) = left.into_iter().partition(|(_, named)| named.is_disjoint(&waiting));
        if ready.is_empty() {
            // They refer to each other in a circle: no order is better than the one they have.
            ordered.extend(blocked.into_iter().map(|(row, _)| row));
            return ordered;
        }
        ordered.extend(ready.into_iter().map(|(row, _)| row));
        left = blocked;
    }
}

fn collect_references(value: &Value, found: &mut BTreeSet<Uuid>) {
    match value {
        Value::Object(object) => {
            let reference = object.get("reference").and_then(Value::as_str);
            if let Some(id) = reference.and_then(|text| Uuid::try_parse(text.split('/').nth(1)?).ok()) {
                found.insert(id);
            }
            object.values().for_each(|child| collect_references(child, found));
        }
        Value::Array(items) => items.iter().for_each(|child| collect_references(child, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
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

    fn row(json: &str) -> OutboxRow {
        OutboxRow {
            position: 1,
            resource_type: "Observation".into(),
            id: Uuid::from_u128(7),
            json: json.as_bytes().to_vec(),
            lane: Lane::Routine,
            enqueued_at: DateTime::UNIX_EPOCH,
            base: None,
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
    fn what_is_referred_to_goes_first_and_a_circle_keeps_its_order() {
        let of = |id: u128, target: u128| OutboxRow {
            id: Uuid::from_u128(id),
            ..row(&format!(r#"{{"hasMember":[{{"reference":"Observation/{}"}}]}}"#, Uuid::from_u128(target)))
        };
        let order = |rows: Vec<OutboxRow>| -> Vec<u128> {
            references_first(rows).into_iter().map(|row| row.id.as_u128()).collect()
        };
        assert_eq!(order(vec![of(1, 2), of(2, 3), of(3, 9)]), [3, 2, 1]);
        assert_eq!(order(vec![of(1, 2), of(2, 1), of(3, 3)]), [3, 1, 2]);
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
