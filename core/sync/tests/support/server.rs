//! The server behind the tests: the embedded one, or a real one named by `HOMELINE_HAPI_BASE`.

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

/// The base address of a real server, as `tests/run` sets it.
pub const REAL_SERVER: &str = "HOMELINE_HAPI_BASE";

/// A server with one new patient.
pub struct Server {
    pub base: String,
    pub patient: String,
    pub embedded: Option<Embedded>,
    http: reqwest::Client,
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
        let server = Self { base, patient: Uuid::new_v4().to_string(), embedded, http };
        server.put(&json!({"resourceType": "Patient", "id": server.patient}));
        server
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
