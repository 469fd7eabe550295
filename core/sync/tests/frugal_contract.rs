//! What an exchange costs: requests, bytes and time, and that a run which was cut short goes on where it was.

mod support;

use std::time::Duration;

use homeline_sync::testing::MemoryStore;
use homeline_sync::{Limits, MirrorStore, OutboxStore, ServerMemory, Support, SyncError};
use serde_json::{Value, json};
use uuid::Uuid;

use support::gateway::{Action, Gateway, answer};
use support::server::Server;
use support::{block_on, client, client_with, observation, plan, row, waiting};

scenarios![
    an_exchange_with_nothing_new_is_at_most_three_requests,
    a_server_without_batches_is_asked_one_by_one_and_that_is_remembered,
    large_requests_go_packed,
    a_server_that_reads_no_gzip_gets_plain_bytes_and_that_is_remembered,
    a_push_whose_time_is_up_goes_on_with_the_next,
    a_pull_that_was_cut_short_goes_on_behind_the_last_page,
];

fn an_exchange_with_nothing_new_is_at_most_three_requests(server: &Server) {
    let store = MemoryStore::new();
    let gateway = Gateway::before(&server.base, |_| Action::Forward);
    let client = client(&gateway.base());
    let plan = plan(&server.patient);
    store.enqueue(row(&observation(Uuid::new_v4(), &server.patient, "weight")));
    assert_eq!(block_on(client.sync(&plan, &store)).stopped(), None);
    // The second finds out about batches, and how deletions are told.
    server.later(60);
    assert_eq!(block_on(client.sync(&plan, &store)).stopped(), None);
    let before = gateway.seen().len();
    server.later(60);
    let report = block_on(client.sync(&plan, &store));
    assert_eq!((report.stopped(), report.pull.new_or_changed), (None, 0));
    let requests = gateway.seen().len() - before;
    assert!(requests <= 3, "{requests} requests");

    server.later(60);
    server.put(&observation(Uuid::new_v4(), &server.patient, "by the team"));
    let report = block_on(client.sync(&plan, &store));
    assert_eq!((report.stopped(), report.pull.new_or_changed), (None, 1), "and a batch brings what is new");
}

fn a_server_without_batches_is_asked_one_by_one_and_that_is_remembered(server: &Server) {
    let gateway =
        Gateway::before(&server.base, |seen| if seen.is_bundle() { answer(403, "{}") } else { Action::Forward });
    let store = MemoryStore::new();
    let client = client(&gateway.base());
    let plan = plan(&server.patient);
    assert_eq!(block_on(client.pull(&plan, &store)).stopped, None);
    server.later(60);
    server.put(&observation(Uuid::new_v4(), &server.patient, "by the team"));
    for news in [1, 0] {
        let report = block_on(client.pull(&plan, &store));
        assert_eq!((report.stopped, report.new_or_changed), (None, news));
    }
    assert_eq!(gateway.bundles().len(), 1, "it is not tried again");
}

fn large_requests_go_packed(server: &Server) {
    let (store, _) = waiting(50, &server.patient);
    let gateway = Gateway::before(&server.base, |_| Action::Forward);
    assert_eq!(block_on(client(&gateway.base()).push(&store)).acked, 50);
    let seen = gateway.bundles().pop().expect("a bundle");
    assert!(seen.raw.len() * 4 < seen.body.len(), "{} of {} bytes", seen.raw.len(), seen.body.len());
    assert_eq!(server.observations().len(), 50);
}

fn a_server_that_reads_no_gzip_gets_plain_bytes_and_that_is_remembered(server: &Server) {
    let (store, _) = waiting(30, &server.patient);
    let gateway =
        Gateway::before(&server.base, |seen| if seen.is_packed() { answer(400, "{}") } else { Action::Forward });
    let client = client(&gateway.base());
    let report = block_on(client.push(&store));
    assert_eq!((report.acked, report.parked, report.stopped), (30, 0, None));
    let profile = store.profile(client.address().as_str()).expect("profile").expect("remembered");
    assert_eq!(profile.gzip, Support::No);
    (0..30).for_each(|_| {
        store.enqueue(row(&observation(Uuid::new_v4(), &server.patient, "pain")));
    });
    assert_eq!(block_on(client.push(&store)).acked, 30);
    assert_eq!(gateway.seen().iter().filter(|seen| seen.is_packed()).count(), 1);
}

fn a_push_whose_time_is_up_goes_on_with_the_next(server: &Server) {
    let (store, _) = waiting(250, &server.patient);
    // Every run may begin one request: the second would begin beyond the bytes.
    let client = client_with(&server.base, Limits { run_bytes: 1, ..Limits::default() });
    let mut runs = 0;
    loop {
        let report = block_on(client.push(&store));
        runs += 1;
        assert!(runs <= 10, "it does not come to an end");
        if report.stopped.is_none() {
            break;
        }
        assert_eq!(report.stopped, Some(SyncError::RunSpent));
        assert_eq!((report.unknown, report.parked), (0, 0));
    }
    assert_eq!((server.observations().len(), store.counts().expect("counts").waiting), (250, 0));
    let no_time = client_with(&server.base, Limits { run: Duration::ZERO, ..Limits::default() });
    store.enqueue(row(&observation(Uuid::new_v4(), &server.patient, "pain")));
    assert_eq!(block_on(no_time.push(&store)).stopped, Some(SyncError::RunSpent), "nothing begins without time");
}

fn a_pull_that_was_cut_short_goes_on_behind_the_last_page(server: &Server) {
    const ROWS: usize = 400;
    let push = MemoryStore::new();
    // In bundles of a few, so that not all rows share one instant.
    for _ in 0..ROWS / 10 {
        for _ in 0..10 {
            push.enqueue(row(&observation(Uuid::new_v4(), &server.patient, "pain")));
        }
        assert_eq!(block_on(client(&server.base).push(&push)).acked, 10);
        server.later(1);
    }
    let gateway = Gateway::before(&server.base, |seen| {
        if seen.target.contains("everything") { answer(404, "{}") } else { Action::Forward }
    });
    let store = MemoryStore::new();
    let plan = plan(&server.patient);
    // Some pages of observations in one run.
    let small = Limits { page_rows: 20, run_bytes: 110_000, ..Limits::default() };
    let mut runs = 0;
    let mut began_at: Vec<String> = Vec::new();
    while store.ids("Observation").expect("ids").len() < ROWS {
        let before = gateway.seen().len();
        let report = block_on(client_with(&gateway.base(), small).pull(&plan, &store));
        assert_eq!(report.stopped, Some(SyncError::RunSpent));
        // What is asked for in a batch has no address of its own.
        let asked = gateway.seen().split_off(before);
        let first = asked.iter().find(|seen| seen.target.contains("/Observation?"));
        began_at.extend(first.map(|seen| from_when(&seen.target)));
        runs += 1;
        assert!(runs <= 40, "it does not come to an end");
    }
    assert!(runs > 1, "it was cut short");
    assert!(began_at.is_sorted_by(|one, next| one < next), "each begins behind the one before: {began_at:?}");
    // What came between the begin of the first run and the end of the last is not lost to the cursor.
    server.put(&observation(Uuid::new_v4(), &server.patient, "late"));
    assert_eq!(block_on(client(&gateway.base()).pull(&plan, &store)).new_or_changed, 1);
}

/// The instant from which on a search asks; empty for the beginning.
fn from_when(target: &str) -> String {
    target.split_once("_lastUpdated=ge").map(|(_, instant)| instant.to_owned()).unwrap_or_default()
}

#[test]
fn a_type_that_the_server_does_not_offer_is_not_asked_for() {
    let server = Server::embedded();
    let gateway = Gateway::before(&server.base, |seen| {
        if seen.target.ends_with("/metadata") {
            let resource = |name| json!({"type": name, "interaction": [{"code": "search-type"}]});
            let resources: Vec<Value> = ["Patient", "MedicationRequest"].into_iter().map(resource).collect();
            let rest = json!([{"mode": "server", "resource": resources, "interaction": [{"code": "batch"}]}]);
            answer(200, json!({"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "rest": rest}))
        } else if seen.target.contains("everything") {
            answer(404, "{}")
        } else {
            Action::Forward
        }
    });
    let store = MemoryStore::new();
    store.enqueue(row(&observation(Uuid::new_v4(), &server.patient, "pain")));
    store.enqueue(row(&observation(Uuid::new_v4(), &server.patient, "pain")));
    let client = client(&gateway.base());
    let report = block_on(client.sync(&plan(&server.patient), &store));
    assert_eq!((report.stopped(), report.push.acked), (None, 2));
    assert!(report.pull.not_offered.contains("Observation") && !report.pull.not_offered.contains("Patient"));
    assert!(gateway.seen().iter().all(|seen| !seen.target.contains("/Observation?")));
    assert!(gateway.bundles().iter().all(|seen| seen.text().contains(r#""type":"batch""#)), "it offers no transaction");
    block_on(client.sync(&plan(&server.patient), &store));
    assert_eq!(gateway.seen().iter().filter(|seen| seen.target.ends_with("/metadata")).count(), 1, "asked once");
}

#[test]
fn a_server_of_another_version_of_fhir_is_told_at_once() {
    let gateway =
        Gateway::alone(|_| answer(200, json!({"resourceType": "CapabilityStatement", "fhirVersion": "5.0.0"})));
    let (store, _) = waiting(3, "p");
    let report = block_on(client(&gateway.base()).sync(&plan("p"), &store));
    assert_eq!(report.stopped(), Some(&SyncError::NotR4 { version: "5.0.0".into() }));
    assert_eq!((gateway.seen().len(), store.counts().expect("counts").waiting), (1, 3));
}
