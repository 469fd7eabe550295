//! Resources outside of the patient's compartment that pulled ones refer to: who the nurse is, what is in the bag.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::error::SyncError;
use crate::store::{MirrorStore, MirroredResource, ResourceKey, ServerMemory};

use super::Run;
use super::plan::{FOLLOWED_TYPES, is_id};

/// Ids in one search: keeps the address far below what servers and proxies take (8,000 characters).
const IDS_PER_SEARCH: usize = 50;
/// A role refers to a person and an organisation, that to its parent: more steps are a server's circle.
const STEPS: usize = 4;

/// Notes references to followed types.
pub(super) fn collect(resource: &MirroredResource, found: &mut BTreeSet<ResourceKey>) {
    if let Ok(value) = serde_json::from_str::<Value>(&resource.json) {
        walk(&value, found);
    }
}

fn walk(value: &Value, found: &mut BTreeSet<ResourceKey>) {
    match value {
        Value::Object(object) => {
            if let Some(key) = object.get("reference").and_then(Value::as_str).and_then(followed) {
                found.insert(key);
            }
            object.values().for_each(|child| walk(child, found));
        }
        Value::Array(items) => items.iter().for_each(|child| walk(child, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A relative reference to a followed type; absolute ones may lead to other servers.
fn followed(reference: &str) -> Option<ResourceKey> {
    let bare = reference.split_once("/_history/").map_or(reference, |(bare, _)| bare);
    let (resource_type, id) = bare.split_once('/')?;
    (FOLLOWED_TYPES.contains(&resource_type) && is_id(id))
        .then(|| ResourceKey { resource_type: resource_type.to_owned(), id: id.to_owned() })
}

impl<S> Run<'_, S>
where
    S: MirrorStore + ServerMemory + ?Sized,
{
    /// Fetches what is referred to and not here yet, and what changed of what is here.
    pub(super) async fn follow_references(&mut self) -> Result<(), SyncError> {
        let mut asked: BTreeSet<ResourceKey> = BTreeSet::new();
        for _ in 0..STEPS {
            let wanted: Vec<ResourceKey> = self.referenced.difference(&asked).cloned().collect();
            let known = self.store.known(&wanted)?;
            let missing: Vec<ResourceKey> =
                wanted.iter().zip(known).filter(|(_, known)| known.is_none()).map(|(key, _)| key.clone()).collect();
            asked.extend(wanted);
            if missing.is_empty() {
                break;
            }
            for resource_type in FOLLOWED_TYPES {
                let ids = missing.iter().filter(|key| key.resource_type == *resource_type).map(|key| key.id.clone());
                for address in addresses(resource_type, &ids.collect::<Vec<_>>()) {
                    let ended = self.read_once(&address).await;
                    self.note_unreachable(resource_type, ended)?;
                }
            }
        }
        for (resource_type, address) in self.followed_searches()? {
            let ended = self.search(resource_type, &address).await;
            self.note_unreachable(resource_type, ended)?;
        }
        Ok(())
    }

    /// The searches that bring what changed of the followed resources that are here.
    pub(super) fn followed_searches(&self) -> Result<Vec<(&'static str, String)>, SyncError> {
        let mut searches = Vec::new();
        for resource_type in FOLLOWED_TYPES {
            let held = self.store.ids(resource_type)?;
            searches.extend(addresses(resource_type, &held).map(|address| (*resource_type, address)));
        }
        Ok(searches)
    }
}

fn addresses<'a>(resource_type: &'a str, ids: &'a [String]) -> impl Iterator<Item = String> + 'a {
    ids.chunks(IDS_PER_SEARCH).map(move |some| format!("{resource_type}?_id={}", some.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::KnownVersion;

    #[test]
    fn references_to_people_and_places_are_found_wherever_they_stand() {
        let resource = MirroredResource {
            key: ResourceKey { resource_type: "CareTeam".into(), id: "t".into() },
            version: KnownVersion::default(),
            json: r#"{"participant":[{"member":{"reference":"Practitioner/rn"}},
                      {"member":{"reference":"https://elsewhere.example/Practitioner/x"}}],
                      "managingOrganization":[{"reference":"Organization/o/_history/2"}],
                      "subject":{"reference":"Patient/p"}}"#
                .into(),
        };
        let mut found = BTreeSet::new();
        collect(&resource, &mut found);
        let names: Vec<String> = found.iter().map(|key| format!("{}/{}", key.resource_type, key.id)).collect();
        assert_eq!(names, ["Organization/o", "Practitioner/rn"]);
    }
}
