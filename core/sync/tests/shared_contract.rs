//! What others may change, pictures, and a server that was put back from a backup.

mod support;

use homeline_sync::testing::MemoryStore;
use homeline_sync::{Base, MirrorStore, OutboxStore, ParkReason, ServerMemory, Support};
use serde_json::{Value, json};
use uuid::Uuid;

use homeline_home::care_team_server::CareTeamServer;
use support::gateway::Action;
use support::gateway::{Gateway, Seen, answer};
use support::server::{Embedded, Server};
use support::{block_on, client, observation, plan, row};

scenarios![
    edits_of_two_phones_in_different_fields_are_both_kept,
    edits_of_one_field_are_set_aside_and_the_field_is_named,
    a_picture_goes_before_the_record_that_shows_it,
    a_picture_that_may_not_be_a_binary_goes_inside_of_its_record,
    a_reference_under_ids_of_the_servers_waits_for_its_target,
];

fn bytes(resource: &Value) -> Vec<u8> {
    resource.to_string().into_bytes()
}

/// A resource on the server, the edit of another phone on top of it, and ours from the first state on.
fn two_edits(server: &Server, theirs: (&str, Value), ours: (&str, Value)) -> (MemoryStore, Uuid) {
    let id = Uuid::new_v4();
    let first = server.put(&observation(id, &server.patient, "first"));
    let mut edited = first.clone();
    edited[theirs.0] = theirs.1;
    server.put(&edited);
    let mut mine = first.clone();
    mine[ours.0] = ours.1;
    let store = MemoryStore::new();
    let mut waiting = row(&mine);
    let version = first["meta"]["versionId"].as_str().expect("a version").to_owned();
    waiting.base = Some(Base { version, json: Some(bytes(&first)) });
    store.enqueue(waiting);
    (store, id)
}

fn edits_of_two_phones_in_different_fields_are_both_kept(server: &Server) {
    let theirs = ("note", json!([{"text": "theirs"}]));
    let (store, id) = two_edits(server, theirs, ("status", json!("amended")));
    let report = block_on(client(&server.base).push(&store));
    assert_eq!((report.acked, report.parked, report.stopped), (1, 0, None));
    let (_, held) = server.get(&format!("Observation/{id}"));
    assert_eq!((&held["status"], &held["note"][0]["text"]), (&json!("amended"), &json!("theirs")));
}

fn edits_of_one_field_are_set_aside_and_the_field_is_named(server: &Server) {
    let (store, id) = two_edits(server, ("status", json!("cancelled")), ("status", json!("amended")));
    let report = block_on(client(&server.base).push(&store));
    assert_eq!((report.acked, report.parked, report.stopped), (0, 1, None));
    let parked = store.parked().pop().expect("set aside");
    assert_eq!(parked.reason, ParkReason::Conflict);
    assert!(parked.outcome.contains("Observation.status"), "{}", parked.outcome);
    assert_eq!(server.get(&format!("Observation/{id}")).1["status"], "cancelled", "nothing is overwritten");
}

/// A record that shows a picture, and the picture.
fn picture(server: &Server) -> (Value, Value) {
    let (picture, record) = (Uuid::new_v4(), Uuid::new_v4());
    let binary = json!({"resourceType": "Binary", "id": picture, "contentType": "image/png", "data": "aGVsbG8="});
    let shows = json!({"resourceType": "DocumentReference", "id": record, "status": "current",
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": format!("urn:uuid:{record}")}],
        "subject": {"reference": format!("Patient/{}", server.patient)},
        "content": [{"attachment": {"contentType": "image/png", "url": format!("Binary/{picture}")}}]});
    (binary, shows)
}

fn a_picture_goes_before_the_record_that_shows_it(server: &Server) {
    let (binary, shows) = picture(server);
    let store = MemoryStore::new();
    // Even when it was queued behind.
    for resource in [&shows, &binary] {
        store.enqueue(row(resource));
    }
    let gateway = Gateway::before(&server.base, |_| Action::Forward);
    let report = block_on(client(&gateway.base()).push(&store));
    assert_eq!((report.acked, report.parked, report.stopped), (2, 0, None));
    let place = |name: &str| gateway.seen().iter().position(|seen| seen.text().contains(name)).expect(name);
    assert!(place(r#""resourceType":"Binary""#) < place(r#""resourceType":"DocumentReference""#));
}

fn a_picture_that_may_not_be_a_binary_goes_inside_of_its_record(server: &Server) {
    let (binary, shows) = picture(server);
    let store = MemoryStore::new();
    for resource in [&binary, &shows, &observation(Uuid::new_v4(), &server.patient, "pain")] {
        store.enqueue(row(resource));
    }
    let is_binary = |seen: &Seen| seen.text().contains(r#""resourceType":"Binary""#);
    let gateway =
        Gateway::before(&server.base, move |seen| if is_binary(seen) { answer(403, "{}") } else { Action::Forward });
    let client = client(&gateway.base());
    let report = block_on(client.push(&store));
    assert_eq!((report.acked, report.parked, report.held_back, report.stopped), (3, 0, 0, None));
    let (_, held) = server.get(&format!("DocumentReference/{}", shows["id"].as_str().expect("an id")));
    assert_eq!(held["content"][0]["attachment"]["data"], "aGVsbG8=");
    assert!(held["content"][0]["attachment"]["url"].is_null());

    let (binary, shows) = picture(server);
    for resource in [&binary, &shows] {
        store.enqueue(row(resource));
    }
    assert_eq!(block_on(client.push(&store)).acked, 2);
    assert_eq!(gateway.seen().iter().filter(|seen| is_binary(seen)).count(), 1, "asked once, then remembered");
    let profile = store.profile(client.address().as_str()).expect("profile").expect("remembered");
    assert_eq!(profile.binary, Support::No);
}

fn a_reference_under_ids_of_the_servers_waits_for_its_target(server: &Server) {
    let (early, late) = (Uuid::new_v4(), Uuid::new_v4());
    let mut referring = observation(early, &server.patient, "pain");
    referring["hasMember"] = json!([{"reference": format!("Observation/{late}")}]);
    let store = MemoryStore::new();
    for resource in [&referring, &observation(late, &server.patient, "pain")] {
        store.enqueue(row(resource));
    }
    let gateway = Gateway::before(&server.base, move |seen| {
        let names_ours = [early, late].iter().any(|id| seen.target.contains(&id.to_string()));
        if seen.is_bundle() || (seen.method == "PUT" && names_ours) { answer(405, "{}") } else { Action::Forward }
    });
    let report = block_on(client(&gateway.base()).push(&store));
    assert_eq!((report.acked, report.parked, report.stopped), (2, 0, None));
    let server_id = |id| store.server_id("Observation", id).expect("server_id").expect("acked");
    let (_, held) = server.get(&format!("Observation/{}", server_id(early)));
    assert_eq!(held["hasMember"][0]["reference"], format!("Observation/{}", server_id(late)));
}

#[test]
fn a_picture_that_nothing_shows_is_set_aside() {
    let server = Server::embedded();
    let store = MemoryStore::new();
    store.enqueue(row(&picture(&server).0));
    let gateway = Gateway::before(&server.base, |_| answer(403, "{}"));
    let report = block_on(client(&gateway.base()).push(&store));
    assert_eq!((report.parked, report.stopped), (1, None));
}

#[test]
fn what_a_restored_server_lost_of_ours_is_sent_again_and_what_was_deleted_stays_deleted() {
    let mut server = Server::embedded();
    let store = MemoryStore::new();
    let client = client(&server.base);
    let plan = plan(&server.patient);
    let send = |text: &str| {
        let id = Uuid::new_v4();
        store.enqueue(row(&observation(id, &server.patient, text)));
        assert_eq!(block_on(client.sync(&plan, &store)).stopped(), None);
        id
    };
    let (kept, deleted) = (send("kept"), send("deleted"));
    server.later(60);
    server.delete(&format!("Observation/{deleted}"));
    block_on(client.sync(&plan, &store));
    let file = server.embedded.as_ref().expect("embedded").folder.path().join("team.ndjson");
    let backup = std::fs::read(&file).expect("a file");
    server.later(3_600);
    let lost: Vec<Uuid> = (0..3).map(|_| send("lost")).collect();

    let Embedded { server: running, seconds, folder } = server.embedded.take().expect("embedded");
    let mut config = Embedded::config(&folder, &seconds);
    let port = server.base.rsplit(':').next().and_then(|rest| rest.split('/').next()?.parse().ok());
    config.port = port.expect("a port");
    running.stop();
    std::fs::write(&file, backup).expect("put back");
    let restored = CareTeamServer::start(config).expect("the same port");

    let report = block_on(client.sync(&plan, &store));
    assert_eq!(report.stopped(), None);
    assert!(report.pull.server_restored);
    assert_eq!(report.pull.lost, 3);
    assert_eq!(store.counts().expect("counts").waiting, 3, "they wait");
    let report = block_on(client.sync(&plan, &store));
    assert_eq!((report.stopped(), report.push.acked, report.pull.server_restored), (None, 3, false));
    let mut there: Vec<String> = server.observations().into_iter().map(|(id, _)| id).collect();
    let mut expected: Vec<String> = lost.iter().chain([&kept]).map(Uuid::to_string).collect();
    there.sort();
    expected.sort();
    assert_eq!(there, expected);
    let profile = store.profile(client.address().as_str()).expect("profile").expect("remembered");
    assert_eq!(profile.compare_sent.len(), 0, "it is done");
    restored.stop();
}

#[test]
fn without_a_history_a_deletion_is_found_by_the_next_comparison_of_ids() {
    let server = Server::embedded();
    let order = |id: &str| {
        json!({"resourceType": "MedicationRequest", "id": id, "status": "active", "intent": "order",
            "medicationCodeableConcept": {"text": "ceftriaxone"},
            "subject": {"reference": format!("Patient/{}", server.patient)}})
    };
    server.put(&order("removed"));
    server.put(&order("kept"));
    let gateway = Gateway::before(&server.base, |seen| {
        let is_history = seen.target.contains("_history") || seen.text().contains("_history?_since");
        if is_history { answer(404, "{}") } else { Action::Forward }
    });
    let store = MemoryStore::new();
    let client = client(&gateway.base());
    let plan = plan(&server.patient);
    block_on(client.pull(&plan, &store));
    server.later(60);
    server.delete("MedicationRequest/removed");
    for (hours, held) in [(0, 2), (12, 2), (13, 1)] {
        server.later(hours * 3_600);
        assert_eq!(block_on(client.pull(&plan, &store)).stopped, None);
        assert_eq!(store.ids("MedicationRequest").expect("ids").len(), held, "after {hours} hours more");
    }
}
