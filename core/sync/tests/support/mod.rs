//! What the tests of sync share: records to send, a gateway that does what networks and servers do, and
//! a server behind it, ours or a real one, with TLS in front where a test is about that.

#![allow(dead_code, reason = "each test binary uses its own part of this")]

pub mod gateway;
pub mod server;
pub mod tls_front;

use std::future::Future;
use std::time::Duration;

use chrono::DateTime;
use homeline_sync::testing::MemoryStore;
use homeline_sync::{CareTeamClient, ClientConfig, Lane, Limits, OutboxRow, PullPlan, ServerAddress};
use serde_json::{Value, json};
use uuid::Uuid;

/// Each scenario runs against the embedded server, and against the real one when there is one.
#[macro_export]
macro_rules! scenarios {
    ($($name:ident),+ $(,)?) => {
        mod on_the_embedded_server {
            $(#[test] fn $name() { super::$name(&super::Server::embedded()); })+
        }
        mod on_a_real_server {
            $(#[test] fn $name() {
                if let Some(server) = super::Server::real() { super::$name(&server); }
            })+
        }
    };
}

pub fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

pub fn client(base: &str) -> CareTeamClient {
    client_with(base, Limits::default())
}

pub fn client_with(base: &str, limits: Limits) -> CareTeamClient {
    let address = ServerAddress::parse(base).expect("a loopback address");
    CareTeamClient::new(ClientConfig { limits, ..ClientConfig::new(address) }).expect("a client")
}

pub fn impatient() -> Limits {
    Limits { request: Duration::from_millis(300), ..Limits::default() }
}

pub fn plan(patient: &str) -> PullPlan {
    PullPlan::for_patient(patient).expect("an id")
}

/// A record as the home writes it: our id, and the same as identifier.
pub fn observation(id: Uuid, patient: &str, text: &str) -> Value {
    json!({
        "resourceType": "Observation", "id": id, "status": "final",
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": format!("urn:uuid:{id}")}],
        "code": {"text": text}, "subject": {"reference": format!("Patient/{patient}")},
    })
}

pub fn poison(id: Uuid, patient: &str) -> Value {
    let mut resource = observation(id, patient, "poison");
    resource["status"] = json!("nonsense");
    resource
}

pub fn row(resource: &Value) -> OutboxRow {
    OutboxRow {
        position: 0,
        resource_type: resource["resourceType"].as_str().expect("a type").to_owned(),
        id: resource["id"].as_str().and_then(|id| Uuid::try_parse(id).ok()).expect("a UUID"),
        json: resource.to_string().into_bytes(),
        lane: Lane::Routine,
        enqueued_at: DateTime::UNIX_EPOCH,
        base: None,
    }
}

/// A store in which `count` observations wait; answers their ids in order.
pub fn waiting(count: usize, patient: &str) -> (MemoryStore, Vec<Uuid>) {
    let store = MemoryStore::new();
    let ids: Vec<Uuid> = (0..count).map(|_| Uuid::new_v4()).collect();
    for id in &ids {
        store.enqueue(row(&observation(*id, patient, "temperature")));
    }
    (store, ids)
}
