//! What must hold when everything is well again.

use std::collections::{BTreeMap, BTreeSet};

use homeline_sync::{OutboxStore, ParkReason};
use serde_json::Value;

use super::server::TYPES;
use super::world::{RIGHTS, World, home_id};

/// Every promise that does not hold, in words.
pub fn broken(world: &World) -> Vec<String> {
    let mut broken = Vec::new();
    every_entry_is_on_the_server_exactly_once(world, &mut broken);
    every_phone_has_exactly_what_the_server_has(world, &mut broken);
    nothing_waits_and_only_what_is_at_fault_is_set_aside(world, &mut broken);
    what_is_known_is_no_news(world, &mut broken);
    messages_arrived_in_order(world, &mut broken);
    edits_of_different_fields_are_all_there(world, &mut broken);
    broken
}

fn by_home_id(world: &World) -> BTreeMap<String, Vec<&Value>> {
    let mut found: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for (_, content, _) in world.server.all() {
        found.entry(home_id(content)).or_default().push(content);
    }
    found
}

fn every_entry_is_on_the_server_exactly_once(world: &World, broken: &mut Vec<String>) {
    let on_server = by_home_id(world);
    for phone in &world.phones {
        for written in &phone.journal {
            let id = written.id.to_string();
            let found = on_server.get(&id).map_or(&[][..], Vec::as_slice);
            let state = |one: &Value| one["state"].as_u64().unwrap_or(0);
            match found {
                _ if written.is_poison => {}
                [one] if state(one) == written.state || world.deleted.contains(&id) => {}
                [one] => broken.push(format!(
                    "{}/{id} of phone {} is on the server in state {}, not {}",
                    written.resource_type,
                    phone.number,
                    state(one),
                    written.state
                )),
                [] if world.deleted.contains(&id) => {}
                [] => broken.push(format!("{}/{id} of phone {} is lost", written.resource_type, phone.number)),
                more => broken.push(format!("{}/{id} is on the server {} times", written.resource_type, more.len())),
            }
        }
    }
}

fn every_phone_has_exactly_what_the_server_has(world: &World, broken: &mut Vec<String>) {
    for phone in &world.phones {
        let mirror: BTreeMap<(String, String), String> =
            phone.kept().mirror().into_iter().map(|held| ((held.key.resource_type, held.key.id), held.json)).collect();
        let own: BTreeSet<String> = phone.journal.iter().map(|written| written.id.to_string()).collect();
        for (key, content, text) in world.server.all().filter(|((kind, _), ..)| TYPES.contains(&kind.as_str())) {
            match mirror.get(key) {
                Some(held) if held == text => {}
                // An edit of ours that was taken is known by its version and comes back with the next change.
                _ if own.contains(&home_id(content)) || key.1 == RIGHTS.to_string() => {}
                Some(_) => broken.push(format!("phone {} holds an older state of {key:?}", phone.number)),
                None => broken.push(format!("phone {} does not have {key:?}", phone.number)),
            }
        }
        for key in mirror.keys().filter(|key| world.server.content(key).is_none()) {
            broken.push(format!("phone {} still has {key:?}, which is gone", phone.number));
        }
    }
}

fn nothing_waits_and_only_what_is_at_fault_is_set_aside(world: &World, broken: &mut Vec<String>) {
    for phone in &world.phones {
        let counts = phone.kept().counts().expect("a store in memory");
        if counts.waiting > 0 {
            broken.push(format!("phone {} still has {} rows waiting", phone.number, counts.waiting));
        }
        for parked in phone.kept().parked() {
            let id = phone.rows.get(&parked.position).copied().unwrap_or_default();
            let is_at_fault = phone.journal.iter().any(|written| written.id == id && written.is_poison)
                || (parked.reason == ParkReason::Conflict && id == RIGHTS)
                || (parked.reason == ParkReason::Gone && world.deleted.contains(&id.to_string()));
            if !is_at_fault {
                broken.push(format!("phone {} set {id} aside: {parked:?}", phone.number));
            }
        }
    }
}

fn what_is_known_is_no_news(world: &World, broken: &mut Vec<String>) {
    for phone in &world.phones {
        let stale = phone.stale_news();
        if !stale.is_empty() {
            broken.push(format!("phone {} took for news what it had: {stale:?}", phone.number));
        }
    }
}

/// Where nothing was refused, deleted or lost by the server, each phone's messages came in the order of writing. One that a
/// server fails on does not hold up the next.
fn messages_arrived_in_order(world: &World, broken: &mut Vec<String>) {
    if world.was_restored || world.was_sick || !world.deleted.is_empty() || !world.server.dialect.takes_our_ids {
        return;
    }
    let arrived = world.server.arrivals("Communication");
    for phone in &world.phones {
        let written: Vec<String> = phone
            .journal
            .iter()
            .filter(|written| written.resource_type == "Communication")
            .map(|written| written.id.to_string())
            .collect();
        let came: Vec<&String> = arrived.iter().filter(|id| written.contains(id)).collect();
        if came != written.iter().collect::<Vec<_>>() {
            broken.push(format!("messages of phone {} came as {came:?}", phone.number));
        }
    }
}

fn edits_of_different_fields_are_all_there(world: &World, broken: &mut Vec<String>) {
    if world.was_restored {
        return;
    }
    let rights = world.server.content(&("Consent".to_owned(), RIGHTS.to_string()));
    for phone in &world.phones {
        let acked: BTreeSet<i64> = phone.kept().acked().iter().map(|ack| ack.position).collect();
        let last = phone.rights.iter().rfind(|(position, _)| acked.contains(position)).map(|(_, value)| *value);
        let held = rights.and_then(|rights| rights[format!("phone{}", phone.number)].as_u64());
        if last != held {
            broken.push(format!("rights of phone {} are {held:?}, not {last:?}", phone.number));
        }
    }
}
