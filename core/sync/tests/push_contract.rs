//! Push against a server that really stores: ours always, a real one when `HOMELINE_FHIR_SERVER` names it.

mod support;

use homeline_sync::testing::MemoryStore;
use homeline_sync::{Base, IdMode, Lane, OutboxStore, ParkReason, ServerMemory, SyncError, UploadMode};
use serde_json::{Value, json};
use uuid::Uuid;

use support::gateway::{Action, Gateway, answer};
use support::server::Server;
use support::{block_on, client, client_with, impatient, observation, poison, row, waiting};

scenarios![
    everything_arrives_once_and_a_replay_changes_nothing,
    one_poison_in_a_hundred_is_set_aside_and_the_rest_arrives,
    a_lost_answer_is_unknown_and_the_replay_makes_no_duplicate,
    a_lost_request_loses_nothing,
    a_server_that_asks_to_wait_gets_the_same_bytes_later,
    a_page_of_html_is_not_taken_for_an_answer,
    a_server_that_refuses_transactions_gets_batches,
    a_server_that_refuses_bundles_gets_rows_one_by_one,
    a_forward_reference_is_given_a_second_chance,
    an_update_follows_its_create_in_order,
    a_conflict_with_a_known_base_is_set_aside_and_nothing_overwritten,
    a_stale_base_with_our_own_content_is_taken,
    a_server_that_hands_out_ids_gets_conditional_creates_and_no_duplicates,
    a_row_that_the_server_stumbles_over_does_not_hold_up_the_others,
];

fn everything_arrives_once_and_a_replay_changes_nothing(server: &Server) {
    let (store, ids) = waiting(250, &server.patient);
    let client = client(&server.base);
    let report = block_on(client.push(&store));
    assert_eq!((report.acked, report.parked, report.stopped), (250, 0, None));
    assert!(report.requests <= 3, "{} requests", report.requests);
    let before = server.observations();
    assert_eq!(before.len(), 250);

    let again = MemoryStore::new();
    for id in &ids {
        again.enqueue(row(&observation(*id, &server.patient, "temperature")));
    }
    let report = block_on(client.push(&again));
    assert_eq!((report.acked, report.stopped), (250, None));
    let after = server.observations();
    assert_eq!(after.len(), 250, "no duplicates");
    if !server.dialect.keeps_unchanged {
        return;
    }
    assert!(after == before, "no new versions");
    // Not the time: HAPI leaves it out where nothing was written.
    let versions = |store: &MemoryStore| -> Vec<_> {
        store.acked().into_iter().map(|ack| (ack.server_id, ack.version_id)).collect()
    };
    assert!(versions(&again) == versions(&store), "the same versions are acknowledged");
}

fn one_poison_in_a_hundred_is_set_aside_and_the_rest_arrives(server: &Server) {
    let store = MemoryStore::new();
    let bad = Uuid::new_v4();
    for place in 0..100 {
        let resource = if place == 57 {
            poison(bad, &server.patient)
        } else {
            observation(Uuid::new_v4(), &server.patient, "temperature")
        };
        store.enqueue(row(&resource));
    }
    let strict = server.strict();
    let report = block_on(client(&strict.base()).push(&store));
    assert_eq!((report.acked, report.parked, report.stopped.clone()), (99, 1, None));
    // 2·log2(100) for the bisection, the row alone, its second chance.
    assert!(report.requests <= 17, "{} requests", report.requests);
    let parked = store.parked();
    assert_eq!((parked.len(), parked[0].position, parked[0].reason), (1, 58, ParkReason::Refused));
    assert!(!parked[0].outcome.is_empty(), "the server's words are kept");
    assert!(!parked[0].reason.remedy().is_empty());
    assert_eq!(server.observations().len(), 99);
}

fn a_lost_answer_is_unknown_and_the_replay_makes_no_duplicate(server: &Server) {
    let (store, _) = waiting(30, &server.patient);
    let gateway = Gateway::before(&server.base, |_| Action::LoseAnswer);
    let client = client(&gateway.base());
    let report = block_on(client.push(&store));
    assert_eq!((report.acked, report.unknown, report.stopped), (0, 30, Some(SyncError::Unanswered)));
    let counts = store.counts().expect("counts");
    assert_eq!((counts.waiting, counts.unknown, counts.parked), (30, 30, 0));
    assert_eq!(server.observations().len(), 30, "they did arrive");

    gateway.now(|_| Action::Forward);
    let report = block_on(client.push(&store));
    assert_eq!((report.acked, report.stopped), (30, None));
    assert_eq!(store.counts().expect("counts").unknown, 0);
    let versions = server.observations();
    assert_eq!(versions.len(), 30, "{versions:?}");
    if server.dialect.keeps_unchanged {
        let (_, held) = server.get(&format!("Observation/{}/_history", versions[0].0));
        assert_eq!(held["entry"].as_array().map(Vec::len), Some(1), "one version");
    }
}

fn a_lost_request_loses_nothing(server: &Server) {
    let (store, _) = waiting(150, &server.patient);
    let mut bundles = 0;
    let gateway = Gateway::before(&server.base, move |_| {
        bundles += 1;
        if bundles == 2 { Action::LoseRequest } else { Action::Forward }
    });
    let client = client(&gateway.base());
    let report = block_on(client.push(&store));
    assert_eq!((report.acked, report.unknown, report.stopped), (100, 50, Some(SyncError::Unanswered)));
    let report = block_on(client.push(&store));
    assert_eq!((report.acked, report.stopped), (50, None));
    assert_eq!(server.observations().len(), 150);
}

fn a_server_that_asks_to_wait_gets_the_same_bytes_later(server: &Server) {
    let (store, _) = waiting(5, &server.patient);
    let gateway = Gateway::before(&server.base, |_| Action::Answer {
        status: 429,
        headers: "Retry-After: 7\r\n",
        body: String::new(),
    });
    let client = client(&gateway.base());
    let report = block_on(client.push(&store));
    let seven = Some(std::time::Duration::from_secs(7));
    assert_eq!(report.stopped, Some(SyncError::Throttled { retry_after: seven }));
    assert_eq!(store.counts().expect("counts").unknown, 0, "a refusal to work is no unknown outcome");
    gateway.now(|_| Action::Forward);
    assert_eq!(block_on(client.push(&store)).acked, 5);
    let bundles = gateway.bundles();
    assert_eq!(bundles.len(), 2);
    assert_eq!(bundles[0].body, bundles[1].body);
}

fn a_page_of_html_is_not_taken_for_an_answer(server: &Server) {
    let (store, _) = waiting(3, &server.patient);
    let gateway = Gateway::before(&server.base, |_| Action::Answer {
        status: 200,
        headers: "Content-Type: text/html; charset=utf-8\r\n",
        body: "<html>Welcome to our hotel</html>".into(),
    });
    let client = client(&gateway.base());
    let report = block_on(client.push(&store));
    assert_eq!(report.stopped, Some(SyncError::NotFhir { status: 200, content_type: "text/html".into() }));
    assert_eq!(store.counts().expect("counts").waiting, 3);
    gateway.now(|_| Action::Forward);
    assert_eq!(block_on(client.push(&store)).acked, 3);
}

fn a_server_that_refuses_transactions_gets_batches(server: &Server) {
    let store = MemoryStore::new();
    let resources = (0..20).map(|place| {
        let id = Uuid::new_v4();
        if place == 4 { poison(id, &server.patient) } else { observation(id, &server.patient, "pain") }
    });
    resources.for_each(|resource| {
        store.enqueue(row(&resource));
    });
    let strict = server.strict();
    let gateway = Gateway::before(&strict.base(), |seen| {
        if seen.is_bundle() && seen.text().contains(r#""type":"transaction""#) {
            answer(403, json!({"resourceType": "OperationOutcome", "issue": []}))
        } else {
            Action::Forward
        }
    });
    let client = client(&gateway.base());
    let report = block_on(client.push(&store));
    assert_eq!((report.acked, report.parked, report.stopped), (19, 1, None));
    let profile = store.profile(client.address().as_str()).expect("profile").expect("remembered");
    assert_eq!(profile.upload, UploadMode::Batch);
}

fn a_server_that_refuses_bundles_gets_rows_one_by_one(server: &Server) {
    let (store, _) = waiting(8, &server.patient);
    let gateway =
        Gateway::before(&server.base, |seen| if seen.is_bundle() { answer(403, "{}") } else { Action::Forward });
    let client = client(&gateway.base());
    assert_eq!(block_on(client.push(&store)).acked, 8);
    assert_eq!(gateway.bundles().len(), 2, "transaction and batch were tried once each");
    store.enqueue(row(&observation(Uuid::new_v4(), &server.patient, "pain")));
    store.enqueue(row(&observation(Uuid::new_v4(), &server.patient, "pain")));
    assert_eq!(block_on(client.push(&store)).acked, 2);
    assert_eq!(gateway.bundles().len(), 2, "the mode is remembered");
    assert_eq!(server.observations().len(), 10);
}

fn a_forward_reference_is_given_a_second_chance(server: &Server) {
    let store = MemoryStore::new();
    let (early, late) = (Uuid::new_v4(), Uuid::new_v4());
    let mut referring = observation(early, &server.patient, "pain");
    referring["hasMember"] = json!([{"reference": format!("Observation/{late}")}]);
    let rows = [
        referring,
        poison(Uuid::new_v4(), &server.patient),
        observation(Uuid::new_v4(), &server.patient, "pain"),
        observation(late, &server.patient, "pain"),
    ];
    rows.iter().for_each(|resource| {
        store.enqueue(row(resource));
    });
    let strict = server.strict();
    let report = block_on(client(&strict.base()).push(&store));
    assert_eq!((report.acked, report.parked, report.stopped), (3, 1, None));
    assert_eq!(store.parked()[0].position, 2, "only the poison is set aside");
}

fn an_update_follows_its_create_in_order(server: &Server) {
    let store = MemoryStore::new();
    let id = Uuid::new_v4();
    let mut amended = observation(id, &server.patient, "weight");
    amended["status"] = json!("entered-in-error");
    store.enqueue(row(&observation(id, &server.patient, "weight")));
    store.enqueue(row(&amended));
    let report = block_on(client(&server.base).push(&store));
    assert_eq!((report.acked, report.stopped), (2, None));
    let (_, held) = server.get(&format!("Observation/{id}"));
    assert_eq!(held["status"], json!("entered-in-error"));
    assert_eq!(store.acked()[1].version_id.as_deref(), held["meta"]["versionId"].as_str());
}

fn a_conflict_with_a_known_base_is_set_aside_and_nothing_overwritten(server: &Server) {
    let id = Uuid::new_v4();
    let first = server.put(&observation(id, &server.patient, "first"));
    server.put(&observation(id, &server.patient, "theirs"));
    let store = MemoryStore::new();
    let mut ours = row(&observation(id, &server.patient, "ours"));
    ours.base = Some(Base { version: version_of(&first), json: None });
    store.enqueue(ours);
    store.enqueue(row(&observation(Uuid::new_v4(), &server.patient, "another")));
    let report = block_on(client(&server.base).push(&store));
    assert_eq!((report.acked, report.parked, report.stopped), (1, 1, None));
    assert_eq!(store.parked()[0].reason, ParkReason::Conflict);
    assert_eq!(server.get(&format!("Observation/{id}")).1["code"]["text"], "theirs");
}

fn a_stale_base_with_our_own_content_is_taken(server: &Server) {
    let id = Uuid::new_v4();
    let first = server.put(&observation(id, &server.patient, "first"));
    let arrived = server.put(&observation(id, &server.patient, "ours"));
    let store = MemoryStore::new();
    let mut ours = row(&observation(id, &server.patient, "ours"));
    ours.base = Some(Base { version: version_of(&first), json: None });
    store.enqueue(ours);
    let report = block_on(client(&server.base).push(&store));
    assert_eq!((report.acked, report.parked, report.stopped), (1, 0, None));
    assert_eq!(store.acked()[0].version_id, Some(version_of(&arrived)), "an earlier try had arrived");
}

fn version_of(held: &Value) -> String {
    held["meta"]["versionId"].as_str().expect("a version").to_owned()
}

fn a_server_that_hands_out_ids_gets_conditional_creates_and_no_duplicates(server: &Server) {
    let store = MemoryStore::new();
    let (first, second) = (Uuid::new_v4(), Uuid::new_v4());
    let mut referring = observation(second, &server.patient, "pain");
    referring["hasMember"] = json!([{"reference": format!("Observation/{first}")}]);
    let mut amended = observation(first, &server.patient, "pain");
    amended["status"] = json!("amended");
    for resource in [observation(first, &server.patient, "pain"), referring, amended] {
        store.enqueue(row(&resource));
    }
    let mut lost = false;
    let gateway = Gateway::before(&server.base, move |seen| {
        let names_ours = [first, second].iter().any(|id| seen.target.contains(&id.to_string()));
        if seen.is_bundle() || (seen.method == "PUT" && names_ours) {
            answer(405, json!({"resourceType": "OperationOutcome", "issue": []}))
        } else if seen.method == "POST" && !lost {
            lost = true;
            Action::LoseAnswer
        } else {
            Action::Forward
        }
    });
    let client = client(&gateway.base());
    assert_eq!(block_on(client.push(&store)).stopped, Some(SyncError::Unanswered));
    let report = block_on(client.push(&store));
    assert_eq!((report.acked, report.parked, report.stopped), (3, 0, None));
    let profile = store.profile(client.address().as_str()).expect("profile").expect("remembered");
    assert_eq!(profile.ids, IdMode::Servers);

    assert_eq!(server.observations().len(), 2, "one each, although one answer was lost");
    let server_id = |id| store.server_id("Observation", id).expect("server_id").expect("acked");
    let (_, held) = server.get(&format!("Observation/{}", server_id(first)));
    assert_eq!(held["status"], "amended");
    let (_, held) = server.get(&format!("Observation/{}", server_id(second)));
    assert_eq!(held["hasMember"][0]["reference"], format!("Observation/{}", server_id(first)));
}

fn a_row_that_the_server_stumbles_over_does_not_hold_up_the_others(server: &Server) {
    let store = MemoryStore::new();
    for place in 0..9 {
        let text = if place == 3 { "stumbling-block" } else { "pain" };
        store.enqueue(row(&observation(Uuid::new_v4(), &server.patient, text)));
    }
    let gateway = Gateway::before(&server.base, |seen| {
        if seen.text().contains("stumbling-block") { answer(500, "{}") } else { Action::Forward }
    });
    let report = block_on(client(&gateway.base()).push(&store));
    assert_eq!((report.acked, report.held_back, report.parked, report.stopped), (8, 1, 0, None));
    assert_eq!(store.counts().expect("counts").waiting, 1);
}

#[test]
fn a_server_that_is_only_sick_is_left_alone_after_a_few_tries() {
    let (store, _) = waiting(64, "p");
    let gateway = Gateway::alone(|_| answer(500, "{}"));
    let report = block_on(client(&gateway.base()).push(&store));
    assert_eq!(report.stopped, Some(SyncError::Unavailable { status: 500, retry_after: None }));
    assert!(report.requests <= 10, "{} requests", report.requests);
    assert_eq!(store.counts().expect("counts").parked, 0);
}

#[test]
fn safety_messages_go_first_and_between_two_batches() {
    let server = Server::embedded();
    let (store, _) = waiting(120, &server.patient);
    let mut urgent = row(&observation(Uuid::new_v4(), &server.patient, "alarm"));
    urgent.lane = Lane::Safety;
    store.enqueue(urgent);
    let gateway = Gateway::before(&server.base, |_| Action::Forward);
    assert_eq!(block_on(client(&gateway.base()).push(&store)).acked, 121);
    let first = gateway.seen().first().map(support::gateway::Seen::text).expect("a request");
    assert!(first.contains("alarm") && !first.contains("temperature"));
}

#[test]
fn a_safety_message_may_refer_to_a_record_that_still_waits() {
    let server = Server::embedded();
    let store = MemoryStore::new();
    let (record, alarm) = (Uuid::new_v4(), Uuid::new_v4());
    store.enqueue(row(&observation(record, &server.patient, "record")));
    let mut urgent = row(&observation(alarm, &server.patient, "alarm"));
    urgent.lane = Lane::Safety;
    store.enqueue(urgent);
    let mut record_is_there = false;
    let gateway = Gateway::before(&server.base, move |seen| {
        let dangling = seen.text().contains("alarm") && !record_is_there;
        record_is_there |= seen.text().contains("record");
        if dangling { answer(400, "{}") } else { Action::Forward }
    });
    let report = block_on(client(&gateway.base()).push(&store));
    assert_eq!((report.acked, report.parked, report.stopped), (2, 0, None));
}

#[test]
fn a_newer_row_never_overtakes_an_older_one_that_was_held_back() {
    let server = Server::embedded();
    let store = MemoryStore::new();
    let id = Uuid::new_v4();
    store.enqueue(row(&observation(id, &server.patient, "older")));
    store.enqueue(row(&observation(id, &server.patient, "newer")));
    let gateway =
        Gateway::before(
            &server.base,
            |seen| {
                if seen.text().contains("older") { answer(500, "{}") } else { Action::Forward }
            },
        );
    let client = client(&gateway.base());
    let report = block_on(client.push(&store));
    assert_eq!((report.acked, report.held_back), (0, 2));
    gateway.now(|_| Action::Forward);
    assert_eq!(block_on(client.push(&store)).acked, 2);
    assert_eq!(server.get(&format!("Observation/{id}")).1["code"]["text"], "newer");
}

#[test]
fn a_request_that_is_too_large_is_halved_until_it_fits() {
    let server = Server::embedded();
    let (store, _) = waiting(100, &server.patient);
    let gateway = Gateway::before(&server.base, |seen| {
        if seen.body.len() > 10_000 {
            Action::Answer { status: 413, headers: "", body: String::new() }
        } else {
            Action::Forward
        }
    });
    let client = client(&gateway.base());
    let report = block_on(client.push(&store));
    assert_eq!((report.acked, report.parked, report.stopped), (100, 0, None));
    assert_eq!(server.observations().len(), 100);
}

#[test]
fn a_row_that_alone_is_too_large_is_set_aside() {
    let (store, _) = waiting(1, "p");
    let gateway = Gateway::alone(|_| Action::Answer { status: 413, headers: "", body: String::new() });
    let report = block_on(client(&gateway.base()).push(&store));
    assert_eq!((report.parked, report.stopped), (1, None));
    assert_eq!(store.parked()[0].reason, ParkReason::TooLarge);
}

#[test]
fn a_time_out_is_unknown_and_the_next_bundle_is_smaller() {
    let server = Server::embedded();
    let (store, _) = waiting(100, &server.patient);
    let gateway = Gateway::before(&server.base, |_| Action::Hang);
    let client = client_with(&gateway.base(), impatient());
    let report = block_on(client.push(&store));
    assert_eq!((report.unknown, report.stopped), (100, Some(SyncError::Unanswered)));
    gateway.now(|_| Action::Forward);
    assert_eq!(block_on(client.push(&store)).acked, 100);
    let sizes: Vec<_> = gateway.bundles().iter().map(|seen| seen.text().matches("fullUrl").count()).collect();
    assert_eq!(sizes, [100, 50, 50]);
}

#[test]
fn without_a_network_nothing_is_sent_and_nothing_unknown() {
    let mut server = Server::embedded();
    let (store, _) = waiting(10, &server.patient);
    let client = client(&server.base);
    let embedded = server.embedded.as_mut().expect("embedded");
    embedded.server.go_offline();
    let report = block_on(client.push(&store));
    assert_eq!((report.acked, report.unknown, report.stopped), (0, 0, Some(SyncError::Offline)));
    embedded.server.go_online().expect("back");
    assert_eq!(block_on(client.push(&store)).acked, 10);
}

#[test]
fn a_needed_sign_in_stops_the_push_and_loses_nothing() {
    let (store, _) = waiting(10, "p");
    let gateway = Gateway::alone(|_| Action::Answer { status: 401, headers: "", body: String::new() });
    let report = block_on(client(&gateway.base()).push(&store));
    assert_eq!((report.requests, report.stopped), (1, Some(SyncError::NeedsSignIn)));
    assert_eq!(store.counts().expect("counts").waiting, 10);
}

#[test]
fn a_type_that_may_not_be_written_waits_and_is_asked_about_once() {
    let server = Server::embedded();
    let store = MemoryStore::new();
    for _ in 0..3 {
        let id = Uuid::new_v4();
        store.enqueue(row(&json!({"resourceType": "Task", "id": id, "status": "requested", "intent": "order"})));
        store.enqueue(row(&observation(Uuid::new_v4(), &server.patient, "pain")));
    }
    let gateway = Gateway::before(&server.base, |seen| {
        if seen.is_bundle() || seen.target.contains("/Task") { answer(403, "{}") } else { Action::Forward }
    });
    let client = client(&gateway.base());
    let report = block_on(client.push(&store));
    assert_eq!((report.acked, report.held_back, report.parked, report.stopped), (3, 3, 0, None));
    assert_eq!(report.forbidden_types.into_iter().collect::<Vec<_>>(), ["Task"]);
    assert_eq!(gateway.seen().iter().filter(|seen| seen.target.contains("/Task")).count(), 1);
}

#[test]
fn an_answer_that_does_not_account_for_every_row_is_unknown() {
    let (store, _) = waiting(4, "p");
    let gateway = Gateway::alone(|_| {
        answer(
            200,
            json!({"resourceType": "Bundle", "type": "transaction-response", "entry": [{"response": {"status": "201"}}]}),
        )
    });
    let report = block_on(client(&gateway.base()).push(&store));
    assert_eq!((report.acked, report.unknown), (0, 4));
    assert!(matches!(report.stopped, Some(SyncError::NotFhir { .. })));
}

#[test]
fn a_row_that_is_not_what_it_says_is_never_sent() {
    let server = Server::embedded();
    let (store, _) = waiting(1, &server.patient);
    let mut broken = row(&observation(Uuid::new_v4(), &server.patient, "pain"));
    broken.json = b"{\"resourceType\":\"Observation\"".to_vec();
    store.enqueue(broken);
    let gateway = Gateway::before(&server.base, |_| Action::Forward);
    let report = block_on(client(&gateway.base()).push(&store));
    assert_eq!((report.acked, report.parked, gateway.seen().len()), (1, 1, 1));
    assert_eq!(store.parked()[0].reason, ParkReason::Malformed);
}
