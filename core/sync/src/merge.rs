//! Two edits of one resource become one: for what two phones may both change (rights, settings, drafts), never for an
//! entry of the journal, which has one writer.
//!
//! Field by field against the state that both began from. A field that one side changed has that side's value; a field
//! that both changed to different values is a conflict, and then nothing is merged. Objects are gone into; a list is
//! one value, because its items have no names by which they could be told apart. `meta` and `text` are the server's.

use serde_json::{Map, Value};

/// What servers write themselves.
const OF_THE_SERVER: [&str; 2] = ["meta", "text"];

/// Merges `ours` and `theirs`, which both began as `base`. Answers the resource to send, or the paths of the fields
/// that both sides changed.
///
/// # Errors
/// The paths, such as `Consent.provision.period`; empty when one of the three is no JSON object.
pub fn three_way(base: &[u8], ours: &[u8], theirs: &[u8]) -> Result<Vec<u8>, Vec<String>> {
    let read = |bytes: &[u8]| serde_json::from_slice::<Map<String, Value>>(bytes).map_err(|_| Vec::new());
    let (base, ours, theirs) = (read(base)?, read(ours)?, read(theirs)?);
    let name = ours.get("resourceType").and_then(Value::as_str).unwrap_or("resource").to_owned();
    let mut conflicts = Vec::new();
    let mut merged = objects(&base, &ours, &theirs, &name, &mut conflicts);
    if !conflicts.is_empty() {
        return Err(conflicts);
    }
    for field in OF_THE_SERVER {
        match theirs.get(field) {
            Some(value) => merged.insert(field.to_owned(), value.clone()),
            None => merged.remove(field),
        };
    }
    Ok(Value::Object(merged).to_string().into_bytes())
}

fn objects(
    base: &Map<String, Value>,
    ours: &Map<String, Value>,
    theirs: &Map<String, Value>,
    path: &str,
    conflicts: &mut Vec<String>,
) -> Map<String, Value> {
    let mut merged = Map::new();
    for field in ours.keys().chain(theirs.keys().filter(|field| !ours.contains_key(*field))) {
        if OF_THE_SERVER.contains(&field.as_str()) {
            continue;
        }
        let (was, here, there) = (base.get(field), ours.get(field), theirs.get(field));
        let kept = if here == there || there == was {
            here.cloned()
        } else if here == was {
            there.cloned()
        } else if let (Some(Value::Object(here)), Some(Value::Object(there))) = (here, there) {
            let nothing = Map::new();
            let was = was.and_then(Value::as_object).unwrap_or(&nothing);
            Some(Value::Object(objects(was, here, there, &format!("{path}.{field}"), conflicts)))
        } else {
            conflicts.push(format!("{path}.{field}"));
            None
        };
        if let Some(kept) = kept {
            merged.insert(field.clone(), kept);
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn merged(base: &Value, ours: &Value, theirs: &Value) -> Result<Value, Vec<String>> {
        let bytes = |value: &Value| value.to_string().into_bytes();
        three_way(&bytes(base), &bytes(ours), &bytes(theirs)).map(|out| serde_json::from_slice(&out).expect("JSON"))
    }

    #[test]
    fn edits_of_different_fields_are_both_kept() {
        let base = json!({"resourceType": "Consent", "status": "active", "provision": {"period": {"end": "2026-12-01"}}, "old": 1});
        let ours =
            json!({"resourceType": "Consent", "status": "inactive", "provision": {"period": {"end": "2026-12-01"}}});
        let theirs = json!({"resourceType": "Consent", "status": "active", "old": 1, "new": true, "meta": {"versionId": "2"},
                            "provision": {"period": {"end": "2026-12-24"}}});
        assert_eq!(
            merged(&base, &ours, &theirs),
            Ok(json!({"resourceType": "Consent", "status": "inactive", "new": true, "meta": {"versionId": "2"},
                      "provision": {"period": {"end": "2026-12-24"}}}))
        );
    }

    #[test]
    fn the_same_edit_on_both_sides_is_no_conflict() {
        let base = json!({"resourceType": "Consent", "status": "active"});
        let both = json!({"resourceType": "Consent", "status": "inactive"});
        assert_eq!(merged(&base, &both, &both), Ok(both.clone()));
    }

    #[test]
    fn two_edits_of_one_field_are_a_conflict_with_its_path_and_nothing_is_merged() {
        let version = |end: &str, actors: Value| json!({"resourceType": "Consent", "provision": {"period": {"end": end}, "actor": actors}});
        assert_eq!(
            merged(&version("a", json!([1])), &version("b", json!([1, 2])), &version("c", json!([1, 3]))),
            Err(vec!["Consent.provision.actor".to_owned(), "Consent.provision.period.end".to_owned()])
        );
    }

    #[test]
    fn a_removal_against_an_edit_is_a_conflict() {
        let with = |value: Value| json!({"resourceType": "Consent", "note": value});
        assert_eq!(
            merged(&with(json!("a")), &json!({"resourceType": "Consent"}), &with(json!("b"))),
            Err(vec!["Consent.note".to_owned()])
        );
    }

    #[test]
    fn what_is_no_object_is_not_merged() {
        assert_eq!(three_way(b"[]", b"{}", b"{}"), Err(Vec::new()));
    }
}
