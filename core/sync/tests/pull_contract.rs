//! Pull against a server that really stores: ours always, a real one when `HOMELINE_FHIR_SERVER` names it. Wild
//! servers are scripted.

mod support;

use homeline_sync::testing::MemoryStore;
use homeline_sync::{HistoryMode, Limits, MirrorStore, ServerMemory, SyncError};
use serde_json::{Value, json};
use uuid::Uuid;

use homeline_home::care_team_server::CareTeamServer;
use support::gateway::{Action, Gateway, answer};
use support::server::{Embedded, Server};
use support::{block_on, client, client_with, observation, plan, row};

scenarios![
    the_first_pull_brings_the_plan_and_the_next_only_what_changed,
    without_everything_the_searches_bring_the_same,
    many_pages_bring_every_row_once,
    a_broken_pull_moves_no_cursor_and_the_next_one_completes,
    a_deletion_is_seen_in_the_history,
    a_full_pull_finds_a_deletion_without_history,
    our_own_writes_come_back_as_no_news,
    people_outside_of_the_compartment_are_followed,
    a_patient_that_is_not_there_is_lost_access,
    every_shipped_plan_is_pulled_whole,
];

fn small_pages() -> Limits {
    Limits { page_rows: 40, ..Limits::default() }
}

fn order(server: &Server, id: &str, dose: &str) -> Value {
    json!({"resourceType": "MedicationRequest", "id": id, "status": "active", "intent": "order",
           "medicationCodeableConcept": {"text": "ceftriaxone"}, "dosageInstruction": [{"text": dose}],
           "subject": {"reference": format!("Patient/{}", server.patient)}})
}

fn ids(store: &MemoryStore, resource_type: &str) -> Vec<String> {
    store.ids(resource_type).expect("ids")
}

fn fresh_id() -> String {
    Uuid::new_v4().to_string()
}

fn the_first_pull_brings_the_plan_and_the_next_only_what_changed(server: &Server) {
    let (kept, changed) = (fresh_id(), fresh_id());
    server.put(&order(server, &kept, "once"));
    server.put(&order(server, &changed, "once"));
    let store = MemoryStore::new();
    let client = client(&server.base);
    let plan = plan(&server.patient);
    let report = block_on(client.pull(&plan, &store));
    assert_eq!((report.stopped.clone(), report.full), (None, true));
    assert_eq!(report.unreachable_types.len(), 0, "{:?}", report.unreachable_types);
    assert_eq!(ids(&store, "MedicationRequest").len(), 2);
    assert_eq!(ids(&store, "Patient"), std::slice::from_ref(&server.patient));

    server.later(60);
    server.put(&order(server, &changed, "twice"));
    let report = block_on(client.pull(&plan, &store));
    assert_eq!((report.stopped, report.new_or_changed, report.full), (None, 1, false));
    let held = store.mirror().into_iter().find(|resource| resource.key.id == changed).expect("mirrored");
    assert!(held.json.contains("twice"));

    let report = block_on(client.pull(&plan, &store));
    assert_eq!((report.stopped, report.new_or_changed), (None, 0));
}

fn without_everything_the_searches_bring_the_same(server: &Server) {
    server.put(&order(server, &fresh_id(), "once"));
    server.put(&observation(Uuid::new_v4(), &server.patient, "weight"));
    let gateway = Gateway::before(&server.base, |seen| {
        if seen.target.contains("everything") { answer(404, "{}") } else { Action::Forward }
    });
    let store = MemoryStore::new();
    let report = block_on(client(&gateway.base()).pull(&plan(&server.patient), &store));
    assert_eq!((report.stopped, report.new_or_changed), (None, 3));
    assert!(gateway.seen().iter().all(|seen| seen.head.to_ascii_lowercase().contains("cache-control: no-cache")));
}

fn many_pages_bring_every_row_once(server: &Server) {
    let push = MemoryStore::new();
    for _ in 0..130 {
        push.enqueue(row(&observation(Uuid::new_v4(), &server.patient, "pain")));
    }
    assert_eq!(block_on(client(&server.base).push(&push)).acked, 130);
    let store = MemoryStore::new();
    let gateway = Gateway::before(&server.base, |seen| {
        if seen.target.contains("everything") && !seen.target.contains("_count=200") {
            answer(404, "{}")
        } else {
            Action::Forward
        }
    });
    let report = block_on(client_with(&gateway.base(), small_pages()).pull(&plan(&server.patient), &store));
    assert_eq!((report.stopped, ids(&store, "Observation").len()), (None, 130));
    assert_eq!(report.new_or_changed, 131, "every row and the patient, once");
}

fn a_broken_pull_moves_no_cursor_and_the_next_one_completes(server: &Server) {
    let push = MemoryStore::new();
    for _ in 0..90 {
        push.enqueue(row(&observation(Uuid::new_v4(), &server.patient, "pain")));
    }
    assert_eq!(block_on(client(&server.base).push(&push)).acked, 90);
    let mut pages = 0;
    let gateway = Gateway::before(&server.base, move |seen| {
        if seen.target.contains("everything") {
            return answer(404, "{}");
        }
        // The first page of a search names its type, a further one may be opaque.
        let is_observation = seen.target.contains("/Observation?") || seen.target.contains("_getpages");
        pages += usize::from(is_observation);
        if is_observation && pages == 2 { Action::LoseAnswer } else { Action::Forward }
    });
    let store = MemoryStore::new();
    let client = client_with(&gateway.base(), small_pages());
    let report = block_on(client.pull(&plan(&server.patient), &store));
    assert_eq!(report.stopped, Some(SyncError::Unanswered));
    // How far it came is noted apart from the cursor.
    let of_observations =
        |key: &String| key.contains("Observation") && !key.ends_with(" so far") && !key.ends_with(" begun");
    assert!(!store.cursors().keys().any(of_observations), "{:?}", store.cursors());
    gateway.now(|_| Action::Forward);
    let report = block_on(client.pull(&plan(&server.patient), &store));
    assert_eq!((report.stopped, ids(&store, "Observation").len()), (None, 90));
}

fn a_deletion_is_seen_in_the_history(server: &Server) {
    let (kept, removed) = (fresh_id(), fresh_id());
    server.put(&order(server, &kept, "once"));
    server.put(&order(server, &removed, "once"));
    let store = MemoryStore::new();
    let client = client(&server.base);
    block_on(client.pull(&plan(&server.patient), &store));
    server.later(60);
    server.delete(&format!("MedicationRequest/{removed}"));
    let report = block_on(client.pull(&plan(&server.patient), &store));
    assert_eq!((report.stopped, report.deleted, report.deletions_checked), (None, 1, true));
    assert_eq!(ids(&store, "MedicationRequest"), [kept]);
    let report = block_on(client.pull(&plan(&server.patient), &store));
    assert_eq!((report.stopped, report.deleted), (None, 0), "once");
}

fn a_full_pull_finds_a_deletion_without_history(server: &Server) {
    let (kept, removed) = (fresh_id(), fresh_id());
    server.put(&order(server, &removed, "once"));
    server.put(&order(server, &kept, "once"));
    let gateway = Gateway::before(&server.base, |seen| {
        if seen.target.contains("_history") { answer(403, "{}") } else { Action::Forward }
    });
    let store = MemoryStore::new();
    let client = client(&gateway.base());
    block_on(client.pull(&plan(&server.patient), &store));
    server.later(60);
    server.delete(&format!("MedicationRequest/{removed}"));
    let report = block_on(client.pull(&plan(&server.patient), &store));
    assert_eq!((report.stopped, report.deletions_checked), (None, false), "not looked for is not called looked for");
    let profile = store.profile(client.address().as_str()).expect("profile").expect("remembered");
    assert_eq!(profile.history, HistoryMode::None);
    let report = block_on(client.pull(&plan(&server.patient).full(), &store));
    assert_eq!((report.stopped, report.deleted, report.deletions_checked), (None, 1, true));
    assert_eq!(ids(&store, "MedicationRequest"), [kept]);
}

fn our_own_writes_come_back_as_no_news(server: &Server) {
    let store = MemoryStore::new();
    for _ in 0..3 {
        store.enqueue(row(&observation(Uuid::new_v4(), &server.patient, "pain")));
    }
    let client = client(&server.base);
    let report = block_on(client.sync(&plan(&server.patient), &store));
    assert_eq!((report.stopped().cloned(), report.push.acked), (None, 3));
    // Where the server does not tell the version that a write made, our own records are news once.
    let news = if server.dialect.tells_versions { (1, 3) } else { (4, 0) };
    assert_eq!((report.pull.new_or_changed, report.pull.already_known), news, "our records are not, the patient is");
}

fn people_outside_of_the_compartment_are_followed(server: &Server) {
    let (nurse, clinic, team) = (fresh_id(), fresh_id(), fresh_id());
    server.put(&json!({"resourceType": "Practitioner", "id": nurse}));
    server.put(&json!({"resourceType": "Organization", "id": clinic, "name": "Infusion clinic"}));
    server.put(&json!({"resourceType": "CareTeam", "id": team, "status": "active",
        "subject": {"reference": format!("Patient/{}", server.patient)},
        "managingOrganization": [{"reference": format!("Organization/{clinic}")}],
        "participant": [{"member": {"reference": format!("Practitioner/{nurse}")}}]}));
    let gateway = Gateway::before(&server.base, |seen| {
        if seen.target.contains("everything") { answer(404, "{}") } else { Action::Forward }
    });
    let store = MemoryStore::new();
    let client = client(&gateway.base());
    assert_eq!(block_on(client.pull(&plan(&server.patient), &store)).stopped, None);
    assert_eq!((ids(&store, "Practitioner"), ids(&store, "Organization")), (vec![nurse.clone()], vec![clinic]));

    server.later(60);
    server.put(&json!({"resourceType": "Practitioner", "id": nurse, "telecom": [{"system": "phone", "value": "1"}]}));
    assert_eq!(block_on(client.pull(&plan(&server.patient), &store)).new_or_changed, 1, "and their changes");
}

fn a_patient_that_is_not_there_is_lost_access(server: &Server) {
    let report = block_on(client(&server.base).pull(&plan(&fresh_id()), &MemoryStore::new()));
    assert_eq!(report.stopped, Some(SyncError::AccessLost { status: 404 }));
}

fn every_shipped_plan_is_pulled_whole(server: &Server) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/home/plans");
    let mut plans = 0;
    for file in std::fs::read_dir(folder).expect("the plans") {
        let path = file.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        plans += 1;
        let bundle: Value = serde_json::from_slice(&std::fs::read(&path).expect("a plan")).expect("JSON");
        server.load(&bundle);
        let key = |resource: &Value| {
            format!("{}/{}", resource["resourceType"].as_str().unwrap_or(""), resource["id"].as_str().unwrap_or(""))
        };
        let sent: Vec<String> =
            bundle["entry"].as_array().expect("entries").iter().map(|entry| key(&entry["resource"])).collect();
        let patient = sent.iter().find_map(|key| key.strip_prefix("Patient/")).expect("a patient").to_owned();
        for everything in [true, false] {
            let gateway = Gateway::before(&server.base, move |seen| {
                if seen.target.contains("everything") && !everything { answer(404, "{}") } else { Action::Forward }
            });
            let store = MemoryStore::new();
            let report = block_on(client(&gateway.base()).pull(&plan(&patient), &store));
            assert_eq!(report.stopped, None, "{}", path.display());
            let pulled: Vec<String> =
                store.mirror().iter().map(|one| format!("{}/{}", one.key.resource_type, one.key.id)).collect();
            let missing: Vec<&String> = sent.iter().filter(|key| !pulled.contains(key)).collect();
            assert!(missing.is_empty(), "{} lacks {missing:?} with $everything {everything}", path.display());
        }
    }
    assert!(plans >= 8, "{plans} plans");
}

// What real servers do and ours does not.

/// A searchset of observations: id, seconds of server time.
fn searchset(rows: &[(&str, i64)], now: i64, more: Value) -> Value {
    let time = |seconds| chrono::DateTime::from_timestamp(seconds, 0).expect("in range").to_rfc3339();
    let entries: Vec<Value> = rows
        .iter()
        .map(|(id, seconds)| {
            json!({"resource": {"resourceType": "Observation", "id": id, "meta": {"versionId": "1", "lastUpdated": time(*seconds)}}})
        })
        .collect();
    let mut bundle = json!({"resourceType": "Bundle", "type": "searchset", "entry": entries, "link": []});
    if now > 0 {
        bundle["meta"] = json!({"lastUpdated": time(now)});
    }
    if let (Some(object), Some(more)) = (bundle.as_object_mut(), more.as_object()) {
        object.extend(more.clone());
    }
    bundle
}

/// A server that knows observations only; `answer_search` gets the target of each search for them.
fn only_observations(mut answer_search: impl FnMut(&str) -> Action + Send + 'static) -> Gateway {
    Gateway::alone(move |seen| {
        if seen.target.starts_with("/fhir/Observation?") || seen.target.contains("page=") {
            answer_search(&seen.target)
        } else if seen.target.ends_with("/Patient/p") {
            answer(200, json!({"resourceType": "Patient", "id": "p"}))
        } else if seen.target.contains("?patient=p")
            || seen.target.contains("?subject=p")
            || seen.target.contains("_id=p")
        {
            answer(200, searchset(&[], 0, json!({})))
        } else if let Some(id) = seen.target.strip_prefix("/fhir/Observation/") {
            answer(200, json!({"resourceType": "Observation", "id": id}))
        } else {
            answer(404, "{}")
        }
    })
}

#[test]
fn a_row_that_was_committed_late_with_an_early_time_is_not_lost() {
    let mut calls = 0;
    let gateway = only_observations(move |target| {
        calls += 1;
        match calls {
            1 => answer(200, searchset(&[("a", 10_000), ("b", 10_000)], 10_001, json!({}))),
            _ => {
                // The cursor is 10,001 s; ten minutes earlier is 02:36:41.
                assert!(target.contains("_lastUpdated=ge1970-01-01T02%3A36%3A41.000Z"), "{target}");
                let rows = [("late", 9_900), ("a", 10_000), ("b", 10_000), ("same-instant", 10_000)];
                answer(200, searchset(&rows, 10_060, json!({})))
            }
        }
    });
    let store = MemoryStore::new();
    let client = client(&gateway.base());
    assert_eq!(block_on(client.pull(&plan("p"), &store)).stopped, None);
    let report = block_on(client.pull(&plan("p"), &store));
    assert_eq!((report.stopped, report.new_or_changed, report.already_known), (None, 2, 2));
    assert_eq!(ids(&store, "Observation"), ["a", "b", "late", "same-instant"]);
}

#[test]
fn a_link_to_another_server_is_not_followed_and_moves_no_cursor() {
    let gateway = only_observations(|_| {
        answer(
            200,
            searchset(
                &[("a", 10_000)],
                10_001,
                json!({"link": [{"relation": "next", "url": "http://127.0.0.1:1/fhir?page=2"}]}),
            ),
        )
    });
    let store = MemoryStore::new();
    let report = block_on(client(&gateway.base()).pull(&plan("p"), &store));
    assert_eq!(report.stopped, Some(SyncError::WrongOrigin));
    assert!(store.cursors().keys().all(|key| !key.contains("Observation")));
}

#[test]
fn an_expired_page_begins_the_search_anew() {
    let mut calls = 0;
    let gateway = only_observations(move |target| {
        calls += 1;
        match (calls, target.contains("page=")) {
            (2, true) => answer(410, "{}"),
            (_, true) => answer(200, searchset(&[("b", 10_002)], 10_003, json!({}))),
            (_, false) => answer(
                200,
                searchset(&[("a", 10_000)], 10_003, json!({"link": [{"relation": "next", "url": "/fhir?page=2"}]})),
            ),
        }
    });
    let store = MemoryStore::new();
    let report = block_on(client(&gateway.base()).pull(&plan("p"), &store));
    assert_eq!((report.stopped, report.new_or_changed, report.already_known), (None, 2, 1));
}

#[test]
fn pages_that_never_end_are_given_up() {
    let gateway = only_observations(|_| {
        answer(200, searchset(&[("a", 10_000)], 10_003, json!({"link": [{"relation": "next", "url": "/fhir?page=2"}]})))
    });
    let limits = Limits { pages: 20, ..Limits::default() };
    let report = block_on(client_with(&gateway.base(), limits).pull(&plan("p"), &MemoryStore::new()));
    assert_eq!(report.stopped, Some(SyncError::EndlessPages { resource_type: "Observation".into() }));
}

#[test]
fn a_server_without_paging_is_asked_on_from_its_last_row() {
    const ROWS: [(&str, i64); 5] = [("a", 100), ("b", 200), ("c", 300), ("d", 300), ("e", 400)];
    let gateway = only_observations(|target| {
        let from = target
            .split("_lastUpdated=ge")
            .nth(1)
            .and_then(|rest| rest.split('&').next())
            .map(|text| text.replace("%3A", ":"));
        let from =
            from.and_then(|text| chrono::DateTime::parse_from_rfc3339(&text).ok()).map_or(0, |time| time.timestamp());
        let rows: Vec<_> = ROWS.iter().copied().filter(|(_, at)| *at >= from).take(2).collect();
        answer(200, searchset(&rows, 0, json!({})))
    });
    let store = MemoryStore::new();
    let limits = Limits { page_rows: 2, ..Limits::default() };
    let report = block_on(client_with(&gateway.base(), limits).pull(&plan("p"), &store));
    // c and d share an instant that fills the page: the third row of that instant could never be asked for, so this
    // is given up loudly.
    assert_eq!(report.stopped, Some(SyncError::EndlessPages { resource_type: "Observation".into() }));
    assert_eq!(ids(&store, "Observation"), ["a", "b", "c", "d"]);

    let limits = Limits { page_rows: 3, ..Limits::default() };
    let gateway = only_observations(|target| {
        let from = target
            .split("_lastUpdated=ge")
            .nth(1)
            .and_then(|rest| rest.split('&').next())
            .map(|text| text.replace("%3A", ":"));
        let from =
            from.and_then(|text| chrono::DateTime::parse_from_rfc3339(&text).ok()).map_or(0, |time| time.timestamp());
        let rows: Vec<_> = ROWS.iter().copied().filter(|(_, at)| *at >= from).take(3).collect();
        answer(200, searchset(&rows, 0, json!({})))
    });
    let store = MemoryStore::new();
    let report = block_on(client_with(&gateway.base(), limits).pull(&plan("p"), &store));
    assert_eq!((report.stopped, ids(&store, "Observation").len()), (None, 5));
}

#[test]
fn an_entry_that_cannot_be_read_is_kept_raw_and_the_others_arrive() {
    let gateway = only_observations(|_| {
        let mut bundle = searchset(&[("a", 10_000), ("b", 10_000)], 10_001, json!({}));
        bundle["entry"][0]["resource"] = json!({"resourceType": "Observation", "id": 17});
        answer(200, bundle)
    });
    let store = MemoryStore::new();
    let report = block_on(client(&gateway.base()).pull(&plan("p"), &store));
    assert_eq!((report.stopped, report.unreadable, ids(&store, "Observation")), (None, 1, vec!["b".to_owned()]));
    assert_eq!(store.unreadable().len(), 1);
}

#[test]
fn a_type_that_is_refused_does_not_keep_the_others_away() {
    let server = Server::embedded();
    server.put(&order(&server, "o", "once"));
    let gateway = Gateway::before(&server.base, |seen| {
        if seen.target.contains("/Device?") || seen.target.contains("everything") {
            answer(403, "{}")
        } else if seen.target.contains("/Task?") {
            answer(500, "{}")
        } else {
            Action::Forward
        }
    });
    let store = MemoryStore::new();
    let report = block_on(client(&gateway.base()).pull(&plan(&server.patient), &store));
    assert_eq!((report.stopped, ids(&store, "MedicationRequest").len()), (None, 1));
    let unreachable: Vec<_> = report.unreachable_types.into_iter().collect();
    assert_eq!(unreachable, [("Device".to_owned(), 403), ("Task".to_owned(), 500)]);
}

#[test]
fn an_empty_answer_to_a_full_pull_removes_nothing() {
    let server = Server::embedded();
    server.put(&order(&server, "o", "once"));
    let store = MemoryStore::new();
    let gateway = Gateway::before(&server.base, |_| Action::Forward);
    let client = client(&gateway.base());
    block_on(client.pull(&plan(&server.patient), &store));
    gateway.now(|seen| {
        if seen.target.contains("/MedicationRequest?") {
            answer(200, searchset(&[], 10, json!({})))
        } else {
            Action::Forward
        }
    });
    let report = block_on(client.pull(&plan(&server.patient).full(), &store));
    assert_eq!(report.suspiciously_empty.into_iter().collect::<Vec<_>>(), ["MedicationRequest"]);
    assert_eq!(ids(&store, "MedicationRequest").len(), 1);
}

#[test]
fn a_server_put_back_from_a_backup_is_noticed_and_read_anew() {
    let mut server = Server::embedded();
    server.put(&order(&server, "kept", "once"));
    let store = MemoryStore::new();
    let client = client(&server.base);
    let plan = plan(&server.patient);
    block_on(client.pull(&plan, &store));
    let Embedded { server: running, seconds, folder } = server.embedded.take().expect("embedded");
    let file = folder.path().join("team.ndjson");
    let backup = std::fs::read(&file).expect("a file");

    seconds.fetch_add(3_600, std::sync::atomic::Ordering::SeqCst);
    running.put(order_of(&server.patient, "lost", "once")).expect("stored");
    assert_eq!(block_on(client.pull(&plan, &store)).new_or_changed, 1);
    let mut config = Embedded::config(&folder, &seconds);
    config.port = client
        .address()
        .as_str()
        .rsplit(':')
        .next()
        .and_then(|rest| rest.split('/').next()?.parse().ok())
        .expect("a port");
    running.stop();
    std::fs::write(&file, backup).expect("put back");
    let restored = CareTeamServer::start(config).expect("the same port");

    let report = block_on(client.pull(&plan, &store));
    assert_eq!((report.stopped, report.server_restored, report.full), (None, true, true));
    assert_eq!(ids(&store, "MedicationRequest"), ["kept"], "what the server lost is gone from the mirror");
    assert!(!block_on(client.pull(&plan, &store)).server_restored, "once");
    restored.stop();
}

fn order_of(patient: &str, id: &str, dose: &str) -> Value {
    json!({"resourceType": "MedicationRequest", "id": id, "status": "active", "intent": "order",
           "dosageInstruction": [{"text": dose}], "subject": {"reference": format!("Patient/{patient}")}})
}

#[test]
fn a_server_whose_clock_went_back_is_read_anew() {
    let mut calls = 0;
    let gateway = only_observations(move |target| {
        calls += 1;
        match (calls, target.contains("_lastUpdated=")) {
            (1, _) => answer(200, searchset(&[("a", 100_000)], 100_001, json!({}))),
            (_, true) => answer(200, searchset(&[], 50_000, json!({}))),
            (_, false) => answer(200, searchset(&[("a", 100_000), ("b", 49_000)], 50_000, json!({}))),
        }
    });
    let store = MemoryStore::new();
    let client = client(&gateway.base());
    block_on(client.pull(&plan("p"), &store));
    let report = block_on(client.pull(&plan("p"), &store));
    assert_eq!((report.stopped, report.server_restored), (None, true));
    assert_eq!(ids(&store, "Observation"), ["a", "b"]);
}

#[test]
fn an_answer_beyond_the_limit_is_cut_and_smaller_pages_are_asked_for() {
    let server = Server::embedded();
    for place in 0..60 {
        server.put(&order(&server, &format!("o{place}"), &"x".repeat(300)));
    }
    let limits = Limits { response_bytes: 16_000, ..Limits::default() };
    let store = MemoryStore::new();
    let report = block_on(client_with(&server.base, limits).pull(&plan(&server.patient), &store));
    assert_eq!((report.stopped, ids(&store, "MedicationRequest").len()), (None, 60));
}

#[test]
fn a_token_lets_in_and_its_loss_asks_for_a_sign_in() {
    use homeline_sync::{Authorization, BearerToken};
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let mut config = homeline_home::care_team_server::ServerConfig::new(folder.path().join("team.ndjson"));
    config.require_token = Some("let-me-in".into());
    let server = CareTeamServer::start(config).expect("started");
    server.put(json!({"resourceType": "Patient", "id": "p"})).expect("stored");
    let mut client = client(&server.base_url());
    let store = MemoryStore::new();
    assert!(block_on(client.capability()).expect("open to all").is_r4);
    assert_eq!(block_on(client.pull(&plan("p"), &store)).stopped, Some(SyncError::NeedsSignIn));
    client.set_authorization(&Authorization::Bearer(BearerToken::new("let-me-in".into()))).expect("a token");
    assert_eq!(block_on(client.pull(&plan("p"), &store)).stopped, None);
    let bad = Authorization::Bearer(BearerToken::new("with\nnewline".into()));
    assert_eq!(client.set_authorization(&bad), Err(SyncError::BadToken));
}

#[test]
fn a_page_of_html_in_place_of_the_server_is_told() {
    let gateway = Gateway::alone(|_| Action::Answer {
        status: 200,
        headers: "Content-Type: text/html\r\n",
        body: "<html>Sign in to the network</html>".into(),
    });
    let client = client(&gateway.base());
    let told = SyncError::NotFhir { status: 200, content_type: "text/html".into() };
    assert_eq!(block_on(client.capability()), Err(told.clone()));
    assert_eq!(block_on(client.pull(&plan("p"), &MemoryStore::new())).stopped, Some(told));
}
