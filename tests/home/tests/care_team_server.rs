//! The care-team server as a client on the network sees it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::DateTime;
use homeline_home::care_team_server::{CareTeamServer, ServerConfig, ServerError};
use serde_json::{Value, json};
use tempfile::TempDir;

struct Home {
    server: CareTeamServer,
    seconds: Arc<AtomicI64>,
    folder: TempDir,
}

struct Answer {
    status: u16,
    head: String,
    body: Value,
}

impl Home {
    fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let seconds = Arc::new(AtomicI64::new(1_700_000_000));
        let server = start(folder.path(), &seconds, None);
        Self { server, seconds, folder }
    }

    fn later(&self, by: i64) {
        self.seconds.fetch_add(by, Ordering::SeqCst);
    }

    fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Answer {
        call(&self.server, method, path, headers, body).expect("the server answers")
    }

    fn get(&self, path: &str) -> Answer {
        self.call("GET", path, &[], None)
    }

    fn put(&self, path: &str, body: Value) -> Answer {
        self.call("PUT", path, &[], Some(body))
    }
}

fn start(folder: &Path, seconds: &Arc<AtomicI64>, token: Option<&str>) -> CareTeamServer {
    let seconds = Arc::clone(seconds);
    let mut config = ServerConfig::new(folder.join("team.ndjson"));
    config.clock = Arc::new(move || DateTime::from_timestamp(seconds.load(Ordering::SeqCst), 0).expect("in range"));
    config.require_token = token.map(str::to_owned);
    CareTeamServer::start(config).expect("the server starts")
}

fn call(
    server: &CareTeamServer,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<Value>,
) -> std::io::Result<Answer> {
    let base = server.base_url();
    let address = base.trim_start_matches("http://").trim_end_matches("/fhir");
    let mut stream = TcpStream::connect(address)?;
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n",
        body.len()
    );
    if !headers.iter().any(|(name, _)| *name == "Content-Type") {
        head.push_str("Content-Type: application/fhir+json\r\n");
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{head}\r\n{body}").as_bytes())?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status line");
    Ok(Answer { status, head: head.to_ascii_lowercase(), body: serde_json::from_str(body).unwrap_or_default() })
}

fn observation(id: &str) -> Value {
    json!({"resourceType": "Observation", "id": id, "status": "final", "code": {"text": "temperature"},
           "subject": {"reference": "Patient/p"}})
}

fn transaction(entries: Vec<Value>) -> Value {
    json!({"resourceType": "Bundle", "type": "transaction", "entry": entries})
}

fn ids(bundle: &Value) -> Vec<&str> {
    let entries = bundle["entry"].as_array().expect("entries");
    entries.iter().map(|entry| entry["resource"]["id"].as_str().unwrap_or("deleted")).collect()
}

#[test]
fn an_update_under_a_clients_id_creates_then_updates_and_an_unchanged_one_does_nothing() {
    let home = Home::new();
    let created = home.put("/fhir/Observation/a", observation("a"));
    assert_eq!((created.status, &created.body["meta"]["versionId"]), (201, &json!("1")));
    assert!(created.head.contains("etag: w/\"1\""));
    let mut changed = observation("a");
    changed["status"] = json!("amended");
    assert_eq!(home.put("/fhir/Observation/a", changed.clone()).body["meta"]["versionId"], "2");
    let again = home.put("/fhir/Observation/a", changed);
    assert_eq!((again.status, &again.body["meta"]["versionId"]), (200, &json!("2")));
    assert_eq!(home.get("/fhir/Observation/a/_history/1").body["status"], "final");
}

#[test]
fn a_stale_if_match_is_refused_with_412() {
    let home = Home::new();
    home.put("/fhir/Observation/a", observation("a"));
    let mut changed = observation("a");
    changed["status"] = json!("amended");
    let put = |tag: &str| home.call("PUT", "/fhir/Observation/a", &[("If-Match", tag)], Some(changed.clone())).status;
    assert_eq!((put("W/\"7\""), put("W/\"1\"")), (412, 200));
}

#[test]
fn a_conditional_create_makes_one_resource_however_often_it_is_sent() {
    let home = Home::new();
    let body = json!({"resourceType": "Observation", "status": "final", "code": {},
                      "identifier": [{"system": "urn:x", "value": "1"}]});
    let post =
        || home.call("POST", "/fhir/Observation", &[("If-None-Exist", "identifier=urn:x|1")], Some(body.clone()));
    let (first, second) = (post(), post());
    assert_eq!((first.status, second.status), (201, 200));
    assert_eq!(first.body["id"], second.body["id"]);
}

#[test]
fn a_transaction_is_all_or_nothing_and_names_the_bad_entry() {
    let home = Home::new();
    let mut poison = observation("b");
    poison["status"] = json!("nonsense");
    let entries = vec![
        json!({"resource": observation("a"), "request": {"method": "PUT", "url": "Observation/a"}}),
        json!({"resource": poison, "request": {"method": "PUT", "url": "Observation/b"}}),
    ];
    let refused = home.call("POST", "/fhir", &[], Some(transaction(entries)));
    assert_eq!(refused.status, 422);
    assert_eq!(refused.body["issue"][0]["expression"][0], "Bundle.entry[1].resource.status");
    assert_eq!(home.get("/fhir/Observation/a").status, 404);
}

#[test]
fn a_batch_answers_each_entry_for_itself() {
    let home = Home::new();
    let mut bundle = transaction(vec![
        json!({"resource": observation("a"), "request": {"method": "PUT", "url": "Observation/a"}}),
        json!({"resource": {"resourceType": "Observation", "id": "b"}, "request": {"method": "PUT", "url": "Observation/b"}}),
        json!({"request": {"method": "GET", "url": "Observation/nobody"}}),
    ]);
    bundle["type"] = json!("batch");
    let answer = home.call("POST", "/fhir", &[], Some(bundle));
    let statuses: Vec<_> =
        answer.body["entry"].as_array().expect("entries").iter().map(|entry| &entry["response"]["status"]).collect();
    assert_eq!(statuses, [&json!("201 Created"), &json!("422"), &json!("404")]);
}

#[test]
fn urn_uuid_references_become_the_addresses_of_their_entries() {
    let home = Home::new();
    let plan = json!({"resourceType": "CarePlan", "status": "active", "intent": "plan",
                      "activity": [{"reference": {"reference": "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"}}]});
    let order = json!({"resourceType": "MedicationRequest", "status": "active", "intent": "order"});
    let entries = vec![
        json!({"resource": plan, "request": {"method": "POST", "url": "CarePlan"}}),
        json!({"fullUrl": "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0", "resource": order,
               "request": {"method": "POST", "url": "MedicationRequest"}}),
    ];
    let answer = home.call("POST", "/fhir", &[], Some(transaction(entries)));
    assert_eq!(answer.status, 200);
    let order = home.server.resources("MedicationRequest").remove(0);
    let plan = home.server.resources("CarePlan").remove(0);
    let expected = format!("MedicationRequest/{}", order["id"].as_str().expect("an id"));
    assert_eq!(plan["activity"][0]["reference"]["reference"], expected);
}

#[test]
fn a_search_is_followed_page_by_page_through_one_instant() {
    let home = Home::new();
    let entries = (0..7)
        .map(|i| {
            let id = format!("o{i}");
            json!({"resource": observation(&id), "request": {"method": "PUT", "url": format!("Observation/{id}")}})
        })
        .collect();
    home.call("POST", "/fhir", &[], Some(transaction(entries)));
    let mut path = "/fhir/Observation?patient=p&_sort=_lastUpdated&_count=3".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = home.get(&path).body;
        seen.extend(ids(&page).into_iter().map(str::to_owned));
        let links = page["link"].as_array().expect("links");
        let Some(next) = links.iter().find(|link| link["relation"] == "next") else { break };
        path = next["url"]
            .as_str()
            .and_then(|url| url.find("/fhir").and_then(|at| url.get(at..)))
            .expect("a url")
            .to_owned();
    }
    assert_eq!(seen, ["o0", "o1", "o2", "o3", "o4", "o5", "o6"]);
    assert_eq!(ids(&home.get("/fhir/Observation?patient=someone-else").body).len(), 0);
}

#[test]
fn last_updated_bounds_cut_by_server_time() {
    let home = Home::new();
    home.put("/fhir/Observation/a", observation("a"));
    home.later(60);
    home.put("/fhir/Observation/b", observation("b"));
    let found = home.get("/fhir/Observation?_lastUpdated=ge2023-11-14T22:14:20Z").body;
    assert_eq!(ids(&found), ["b"]);
}

#[test]
fn everything_is_the_patient_what_is_about_them_and_what_that_refers_to() {
    let home = Home::new();
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [
        {"resource": {"resourceType": "Patient", "id": "p"}},
        {"resource": {"resourceType": "Patient", "id": "other"}},
        {"resource": {"resourceType": "Practitioner", "id": "rn"}},
        {"resource": {"resourceType": "CareTeam", "id": "t", "subject": {"reference": "Patient/p"},
                      "participant": [{"member": {"reference": "Practitioner/rn"}}]}},
        {"resource": observation("a")},
    ]});
    assert_eq!(home.server.load_bundle(&bundle.to_string()).expect("a bundle"), 5);
    let body = home.get("/fhir/Patient/p/$everything").body;
    let mut found = ids(&body);
    found.sort_unstable();
    assert_eq!(found, ["a", "p", "rn", "t"]);
}

#[test]
fn a_deleted_resource_is_gone_and_its_deletion_is_in_the_history() {
    let home = Home::new();
    home.put("/fhir/Observation/a", observation("a"));
    home.later(60);
    assert_eq!(home.call("DELETE", "/fhir/Observation/a", &[], None).status, 204);
    assert_eq!(home.get("/fhir/Observation/a").status, 410);
    for path in ["/fhir/_history", "/fhir/Observation/_history", "/fhir/Observation/a/_history"] {
        let history = home.get(&format!("{path}?_since=2023-11-14T22:14:00Z")).body;
        assert_eq!(history["entry"][0]["request"], json!({"method": "DELETE", "url": "Observation/a"}), "{path}");
        assert_eq!(history["entry"].as_array().map(Vec::len), Some(1), "{path}");
    }
}

#[test]
fn refusals_name_the_field() {
    let home = Home::new();
    let refused = home
        .put("/fhir/Observation/a", json!({"resourceType": "Observation", "id": "b", "status": "final", "code": {}}));
    assert_eq!((refused.status, &refused.body["issue"][0]["expression"][0]), (400, &json!("Observation.id")));
    let wrong = home.call("PUT", "/fhir/Observation/a", &[("Content-Type", "text/plain")], Some(json!({})));
    assert_eq!(wrong.status, 415);
    assert_eq!(home.get("/fhir/Spaceship").body["issue"][0]["code"], "not-supported");
}

#[test]
fn a_required_token_closes_everything_but_the_capability_statement() {
    let folder = TempDir::new().expect("a temporary folder");
    let server = start(folder.path(), &Arc::new(AtomicI64::new(1_700_000_000)), Some("secret"));
    let status =
        |path: &str, headers: &[(&str, &str)]| call(&server, "GET", path, headers, None).expect("an answer").status;
    assert_eq!(status("/fhir/metadata", &[]), 200);
    assert_eq!(status("/fhir/Observation", &[]), 401);
    assert_eq!(status("/fhir/Observation", &[("Authorization", "Bearer wrong")]), 401);
    assert_eq!(status("/fhir/Observation", &[("Authorization", "Bearer secret")]), 200);
}

#[test]
fn the_statement_says_that_this_is_a_subset() {
    let home = Home::new();
    let statement = home.get("/fhir/metadata").body;
    assert!(statement["description"].as_str().is_some_and(|text| text.contains("subset")));
    assert_eq!(statement["fhirVersion"], "4.0.1");
}

#[test]
fn what_was_acknowledged_is_there_after_a_restart_and_a_torn_last_line_is_cut_off_and_reported() {
    let home = Home::new();
    home.put("/fhir/Observation/a", observation("a"));
    home.put("/fhir/Observation/b", observation("b"));
    let file = home.folder.path().join("team.ndjson");
    let Home { server, seconds, folder } = home;
    server.stop();
    let whole = std::fs::read(&file).expect("the file");
    std::fs::write(&file, whole.get(..whole.len() - 5).expect("longer than that")).expect("cut");

    let again = start(folder.path(), &seconds, None);
    assert_eq!(again.recovered().map(|torn| torn.line), Some(2));
    assert!(again.resource("Observation", "a").is_some());
    assert!(again.resource("Observation", "b").is_none());
    again.put(observation("c")).expect("stored");
    again.stop();
    let third = start(folder.path(), &seconds, None);
    assert_eq!((third.recovered(), third.resources("Observation").len()), (None, 2));
}

#[test]
fn a_damaged_line_in_the_middle_is_named_and_the_file_left_alone() {
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("team.ndjson");
    std::fs::write(&file, "{\"changes\":[]}\nnot json\n{\"changes\":[]}\n").expect("written");
    let refused = CareTeamServer::start(ServerConfig::new(&file)).err().expect("damaged");
    assert!(matches!(refused, ServerError::DamagedLine { line: 2, .. }));
    assert_eq!(std::fs::read_to_string(&file).expect("read").lines().count(), 3);
}

#[test]
fn a_second_server_on_the_same_file_is_refused() {
    let home = Home::new();
    let second = CareTeamServer::start(ServerConfig::new(home.folder.path().join("team.ndjson"))).err();
    assert!(matches!(second, Some(ServerError::FileInUse { .. })));
}

#[test]
fn offline_refuses_connections_and_online_is_the_same_port_and_data() {
    let mut home = Home::new();
    home.put("/fhir/Observation/a", observation("a"));
    let base = home.server.base_url();
    home.server.go_offline();
    let refused = call(&home.server, "GET", "/fhir/Observation/a", &[], None).err().expect("no network");
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    home.server.go_online().expect("the port is still ours");
    assert_eq!((home.server.base_url(), home.get("/fhir/Observation/a").status), (base, 200));
}

#[test]
fn the_team_answers_the_newest_message_from_home_once() {
    let home = Home::new();
    home.put(
        "/fhir/Communication/m1",
        json!({"resourceType": "Communication", "id": "m1", "status": "completed",
        "subject": {"reference": "Patient/p"}, "sender": {"reference": "Patient/p"},
        "payload": [{"contentString": "May I shower?"}]}),
    );
    let reply =
        home.server.answer_newest_message("Practitioner/rx", "Yes, covered.").expect("stored").expect("a reply");
    assert_eq!(reply["inResponseTo"][0]["reference"], "Communication/m1");
    assert_eq!(reply["recipient"][0]["reference"], "Patient/p");
    assert!(home.server.answer_newest_message("Practitioner/rx", "Again?").expect("no fault").is_none());
}

#[test]
fn the_team_reacts_to_what_is_created_before_the_client_has_its_answer() {
    let home = Home::new();
    home.server.on_created("Observation", |seen| {
        vec![json!({"resourceType": "Communication", "id": format!("about-{}", seen["id"].as_str().unwrap_or("")),
                    "status": "completed"})]
    });
    home.put("/fhir/Observation/a", observation("a"));
    assert_eq!(home.get("/fhir/Communication/about-a").status, 200);
}

#[test]
fn the_page_shows_ids_and_no_contents() {
    let home = Home::new();
    home.put("/fhir/Observation/a", observation("a"));
    let base = home.server.base_url();
    let mut stream =
        TcpStream::connect(base.trim_start_matches("http://").trim_end_matches("/fhir")).expect("connected");
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("sent");
    let mut page = String::new();
    stream.read_to_string(&mut page).expect("read");
    assert!(page.contains("subset") && page.contains("Observation/a"));
    assert!(!page.contains("temperature"));
}
