//! The server behind the tests: the embedded one, or a real one named by `HOMELINE_FHIR_SERVER`.
//!
//! Real servers differ, and each of them is right in its own eyes. What a server does is asked of it first, so that the same
//! scenario runs on all of them and expects of each what it can know.

use std::io::{Write, stderr};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Once};

use chrono::DateTime;
use homeline_home::care_team_server::{CareTeamServer, ServerConfig};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use super::block_on;
use super::gateway::{Action, Gateway, answer};

/// The base address of a real server, as `tests/run` sets it.
pub const REAL_SERVER: &str = "HOMELINE_FHIR_SERVER";

/// A server with one new patient.
pub struct Server {
    pub base: String,
    pub patient: String,
    pub embedded: Option<Embedded>,
    pub dialect: Dialect,
    http: reqwest::Client,
}

/// What this server does of what servers do differently.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    /// It refuses a code that R4 does not have.
    pub validates: bool,
    /// A PUT that changes nothing makes no new version.
    pub keeps_unchanged: bool,
    /// It has a history of types with deletions.
    pub tells_deletions: bool,
    /// It tells the version that a write made.
    pub tells_versions: bool,
    /// A transaction that it refuses in one entry changes nothing.
    pub is_atomic: bool,
}

pub struct Embedded {
    pub server: CareTeamServer,
    pub seconds: Arc<AtomicI64>,
    pub folder: TempDir,
}

impl Embedded {
    pub fn config(folder: &TempDir, seconds: &Arc<AtomicI64>) -> ServerConfig {
        let seconds = Arc::clone(seconds);
        let mut config = ServerConfig::new(folder.path().join("team.ndjson"));
        config.clock = Arc::new(move || DateTime::from_timestamp(seconds.load(Ordering::SeqCst), 0).expect("in range"));
        config
    }
}

impl Server {
    pub fn embedded() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let seconds = Arc::new(AtomicI64::new(1_800_000_000));
        let server = CareTeamServer::start(Embedded::config(&folder, &seconds)).expect("the server starts");
        Self::at(server.base_url(), Some(Embedded { server, seconds, folder }))
    }

    /// The real server, or `None` with a loud word: written past the capture of test output, once per test program.
    pub fn real() -> Option<Self> {
        static SAID: Once = Once::new();
        let base = std::env::var(REAL_SERVER).ok();
        if base.is_none() {
            SAID.call_once(|| {
                let _ = writeln!(stderr(), "\nSKIPPED the scenarios on a real FHIR server: {REAL_SERVER} is not set\n");
            });
        }
        base.map(|base| Self::at(base.trim_end_matches('/').to_owned(), None))
    }

    fn at(base: String, embedded: Option<Embedded>) -> Self {
        // The provider has to be there for any client of reqwest's, also one that speaks plain http only.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let dialect = Dialect {
            validates: true,
            keeps_unchanged: true,
            tells_deletions: true,
            tells_versions: true,
            is_atomic: true,
        };
        let mut server = Self { base, patient: Uuid::new_v4().to_string(), embedded, dialect, http };
        server.put(&json!({"resourceType": "Patient", "id": server.patient}));
        if server.embedded.is_none() {
            server.dialect = server.ask_dialect();
        }
        server
    }

    fn ask_dialect(&self) -> Dialect {
        let elsewhere = Uuid::new_v4();
        let nobody = json!({"resourceType": "Patient", "id": elsewhere});
        let (first, again) = (self.put(&nobody), self.put(&nobody));
        let nonsense =
            json!({"resourceType": "Observation", "id": Uuid::new_v4(), "status": "nonsense", "code": {"text": "x"}});
        let address = |resource: &Value| {
            format!("{}/{}", resource["resourceType"].as_str().unwrap_or(""), resource["id"].as_str().unwrap_or(""))
        };
        let (nonsense_status, _) = self.call(Method::PUT, &address(&nonsense), Some(&nonsense));
        let entry =
            |resource: &Value| json!({"resource": resource, "request": {"method": "PUT", "url": address(resource)}});
        let good = json!({"resourceType": "Patient", "id": Uuid::new_v4()});
        let bundle =
            json!({"resourceType": "Bundle", "type": "transaction", "entry": [entry(&good), entry(&nonsense)]});
        let (bundle_status, bundle_answer) = self.call(Method::POST, "", Some(&bundle));
        let (good_status, _) = self.get(&address(&good));
        let (history_status, history) = self.get("Patient/_history?_since=2020-01-01T00:00:00Z&_count=1");
        Dialect {
            validates: nonsense_status >= 400,
            keeps_unchanged: first["meta"]["versionId"] == again["meta"]["versionId"],
            tells_deletions: history_status == 200 && history["type"] == "history",
            tells_versions: bundle_status >= 400 || bundle_answer.pointer("/entry/0/response/etag").is_some(),
            is_atomic: bundle_status >= 400 && good_status == 404,
        }
    }

    /// A gateway to it that refuses nonsense where the server itself does not.
    pub fn strict(&self) -> Gateway {
        let validates = self.dialect.validates;
        Gateway::before(&self.base, move |seen| {
            if validates || !seen.text().contains("\"nonsense\"") {
                Action::Forward
            } else {
                answer(
                    400,
                    json!({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "value"}]}),
                )
            }
        })
    }

    /// Time passes on a server whose clock is ours.
    pub fn later(&self, seconds: i64) {
        if let Some(embedded) = &self.embedded {
            embedded.seconds.fetch_add(seconds, Ordering::SeqCst);
        }
    }

    fn call(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let mut request = self
            .http
            .request(method, format!("{}/{path}", self.base).trim_end_matches('/'))
            .header("Content-Type", "application/fhir+json")
            .header("Cache-Control", "no-cache");
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        block_on(async {
            let response = request.send().await.expect("the server answers the test itself");
            let status = response.status().as_u16();
            let body = response.bytes().await.expect("a whole answer");
            (status, serde_json::from_slice(&body).unwrap_or_default())
        })
    }

    pub fn put(&self, resource: &Value) -> Value {
        let text = |name: &str| resource[name].as_str().expect("type and id").to_owned();
        let path = format!("{}/{}", text("resourceType"), text("id"));
        let (status, body) = self.call(Method::PUT, &path, Some(resource));
        assert!(status == 200 || status == 201, "{status} {body}");
        body
    }

    /// Stores every resource of a bundle under its own id.
    pub fn load(&self, bundle: &Value) {
        let entries: Vec<Value> = bundle["entry"]
            .as_array()
            .expect("entries")
            .iter()
            .map(|entry| {
                let resource = &entry["resource"];
                let text = |name: &str| resource[name].as_str().expect("type and id").to_owned();
                let url = format!("{}/{}", text("resourceType"), text("id"));
                json!({"resource": resource, "request": {"method": "PUT", "url": url}})
            })
            .collect();
        let transaction = json!({"resourceType": "Bundle", "type": "transaction", "entry": entries});
        let (status, body) = self.call(Method::POST, "", Some(&transaction));
        assert_eq!(status, 200, "{body}");
    }

    /// Deletes observations, so that the next round of a scenario begins with none.
    pub fn forget_observations(&self, some: &[Uuid], others: &[Uuid]) {
        let entries: Vec<Value> = some
            .iter()
            .chain(others)
            .map(|id| json!({"request": {"method": "DELETE", "url": format!("Observation/{id}")}}))
            .collect();
        let batch = json!({"resourceType": "Bundle", "type": "batch", "entry": entries});
        let (status, body) = self.call(Method::POST, "", Some(&batch));
        assert_eq!(status, 200, "{body}");
    }

    pub fn delete(&self, path: &str) {
        let (status, body) = self.call(Method::DELETE, path, None);
        assert!((200..300).contains(&status), "{status} {body}");
    }

    pub fn get(&self, path: &str) -> (u16, Value) {
        self.call(Method::GET, path, None)
    }

    /// Current versions of the patient's observations, by id.
    pub fn observations(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut path = format!("Observation?patient={}&_count=500", self.patient);
        loop {
            let (status, page) = self.get(&path);
            assert_eq!(status, 200, "{page}");
            for entry in page["entry"].as_array().map(Vec::as_slice).unwrap_or_default() {
                let text = |pointer| entry.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
                found.push((text("/resource/id"), text("/resource/meta/versionId")));
            }
            let links = page["link"].as_array().map(Vec::as_slice).unwrap_or_default();
            let Some(next) = links.iter().find(|link| link["relation"] == "next") else { break };
            let url = next["url"].as_str().expect("a link").to_owned();
            path = url.trim_start_matches(&self.base).trim_start_matches('/').to_owned();
        }
        found.sort();
        found
    }
}
