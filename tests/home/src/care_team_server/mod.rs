//! The care team's side of the demonstration: a small FHIR R4 server in this process, on loopback, kept in a file.
//!
//! It is a subset for the demonstration and for tests, and says so in its CapabilityStatement and on its page. What
//! it does offer it does as R4 says: create, read, vread, update under the client's id, delete, conditional create,
//! transaction and batch, `ETag` and `If-Match`, search with stable pages, history with deletions,
//! `Patient/[id]/$everything`, and an OperationOutcome that names the field when it refuses.
//!
//! Everything acknowledged is on disk: one line of the file per committed request, synced before the answer. Time
//! comes from a function, so that a story plays alike every time.

mod bundle;
mod capability;
mod fault;
mod interaction;
mod kinds;
mod log;
mod network;
mod page;
mod records;
mod request;
mod search;
mod service;
mod sign_in;
mod validation;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use serde_json::Value;

pub use log::TornTail;
pub use sign_in::{AuthorizationServer, SignInRules};

use fault::Fault;
use log::Log;
use network::{Online, Shared};
use records::Records;
use service::Service;

/// Where the server's time comes from. It is read once per request and never runs backwards on the outside.
pub type ServerClock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// How to start a [`CareTeamServer`].
#[derive(Clone)]
pub struct ServerConfig {
    /// The file that holds every committed change; made when it is not there.
    pub file: PathBuf,
    /// TCP port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Server time, as in `meta.lastUpdated`.
    pub clock: ServerClock,
    /// When set, every FHIR request but `/metadata` needs this bearer token.
    pub require_token: Option<String>,
    /// When set, every FHIR request but `/metadata` needs the token of a sign-in at the authorization server beside it.
    pub sign_in: Option<SignInRules>,
}

impl ServerConfig {
    /// A free port, the system's clock, no token.
    pub fn new(file: impl Into<PathBuf>) -> Self {
        Self {
            file: file.into(),
            port: 0,
            clock: Arc::new(|| DateTime::<Utc>::from(SystemTime::now())),
            require_token: None,
            sign_in: None,
        }
    }
}

/// Why the server cannot do what it was asked from within this process.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The file cannot be opened, read or written.
    #[error("the care-team server's file {path}: {source}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Another server works on the file.
    #[error("the care-team server's file {path} is in use by another server; stop that one first", path = path.display())]
    FileInUse {
        /// The file.
        path: PathBuf,
    },
    /// A line before the last is not what this server writes; the file is left as it is.
    #[error("the care-team server's file {path} is damaged in line {line}: {source}", path = path.display())]
    DamagedLine {
        /// The file.
        path: PathBuf,
        /// Number of the line, from 1.
        line: usize,
        /// What the parser says.
        source: serde_json::Error,
    },
    /// The port cannot be used.
    #[error("port {port} on 127.0.0.1: {source}")]
    Port {
        /// The port asked for.
        port: u16,
        /// What the system says.
        source: std::io::Error,
    },
    /// A resource that the server would refuse over the network too.
    #[error("refused with status {status}: {reason}")]
    Refused {
        /// The HTTP status it would have.
        status: u16,
        /// The sentence of the outcome.
        reason: String,
        /// The element at fault.
        expression: Option<String>,
    },
    /// Not a Bundle.
    #[error("not a FHIR Bundle: {reason}")]
    NotABundle {
        /// What is missing.
        reason: String,
    },
}

impl From<Fault> for ServerError {
    fn from(fault: Fault) -> Self {
        Self::Refused { status: fault.status, reason: fault.text, expression: fault.expression }
    }
}

/// A running care-team server; it stops when dropped.
pub struct CareTeamServer {
    shared: Shared,
    online: Option<Online>,
    recovered: Option<TornTail>,
}

impl CareTeamServer {
    /// Reads the file, takes the port and serves.
    ///
    /// # Errors
    /// [`ServerError::File`], [`ServerError::DamagedLine`] or [`ServerError::Port`].
    pub fn start(config: ServerConfig) -> Result<Self, ServerError> {
        let mut records = Records::default();
        let (log, recovered) = Log::open(&config.file, |changes| records.admit(changes))?;
        let last_time = records.history().last().map_or(DateTime::UNIX_EPOCH, |version| version.last_updated);
        let sign_in = config.sign_in.and_then(|rules| AuthorizationServer::new(rules, config.clock.clone()));
        let service = Service { records, log, clock: config.clock, handlers: Vec::new(), last_time };
        let listener = network::bind(config.port)?;
        let port = listener.local_addr().map_err(|source| ServerError::Port { port: config.port, source })?.port();
        let shared = Shared {
            service: Arc::new(Mutex::new(service)),
            token: config.require_token.map(Arc::from),
            sign_in,
            port,
        };
        let online = Online::begin(listener, shared.clone())?;
        Ok(Self { shared, online: Some(online), recovered })
    }

    /// `http://127.0.0.1:PORT/fhir`.
    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}/fhir", self.shared.port)
    }

    /// The authorization server beside it, where there is one.
    pub fn authorization(&self) -> Option<AuthorizationServer> {
        self.shared.sign_in.clone()
    }

    /// What had to be cut off the file at start, if anything.
    pub fn recovered(&self) -> Option<&TornTail> {
        self.recovered.as_ref()
    }

    /// Stores every resource of a Bundle under its own id (a resource without one gets one), all or none.
    /// Returns how many. Handlers of [`CareTeamServer::on_created`] do not see them.
    ///
    /// # Errors
    /// [`ServerError::NotABundle`], or [`ServerError::Refused`] for the first resource that is.
    pub fn load_bundle(&self, json: &str) -> Result<usize, ServerError> {
        let not_a_bundle = |reason: String| ServerError::NotABundle { reason };
        let bundle: Value = serde_json::from_str(json).map_err(|error| not_a_bundle(error.to_string()))?;
        if bundle.get("resourceType").and_then(Value::as_str) != Some("Bundle") {
            return Err(not_a_bundle("resourceType is not Bundle".into()));
        }
        let resources: Vec<Value> = bundle
            .get("entry")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.get("resource").cloned())
            .collect();
        let count = resources.len();
        self.service().put_as_team(resources)?;
        Ok(count)
    }

    /// Stores one resource of the team's; answers it with its id and version.
    ///
    /// # Errors
    /// [`ServerError::Refused`] or [`ServerError::File`].
    pub fn put(&self, resource: Value) -> Result<Value, ServerError> {
        let stored = self.service().put_as_team(vec![resource])?;
        Ok(stored.into_iter().next().unwrap_or_default())
    }

    /// The current version of a resource, unless there is none or it was deleted.
    pub fn resource(&self, resource_type: &str, id: &str) -> Option<Value> {
        self.service().records.latest(resource_type, id).and_then(|version| version.resource.clone())
    }

    /// All current resources of a type, the longest unchanged first.
    pub fn resources(&self, resource_type: &str) -> Vec<Value> {
        let service = self.service();
        let mut rows: Vec<_> = service.records.current(resource_type).collect();
        rows.sort_by_key(|(version, _)| (version.last_updated, version.id.clone()));
        rows.into_iter().map(|(_, resource)| resource.clone()).collect()
    }

    /// What the team does when a client creates a resource of a type: the resources that the handler answers are
    /// stored before the client has its own answer. The handler must not call back into this server.
    pub fn on_created(&self, resource_type: &str, handler: impl Fn(&Value) -> Vec<Value> + Send + 'static) {
        self.service().handlers.push((resource_type.to_owned(), Box::new(handler)));
    }

    /// `sender` (`Practitioner/…`) answers the newest message from home that has no answer yet; `None` when there
    /// is none.
    ///
    /// # Errors
    /// [`ServerError::File`].
    pub fn answer_newest_message(&self, sender: &str, text: &str) -> Result<Option<Value>, ServerError> {
        let mut service = self.service();
        let Some(message) = service.newest_unanswered().cloned() else { return Ok(None) };
        service.reply_to(&message, sender, text).map(Some)
    }

    /// Loses the network: open connections break, new ones are refused. What is stored stays.
    pub fn go_offline(&mut self) {
        if let Some(online) = self.online.take() {
            online.end();
        }
    }

    /// Comes back on the same port.
    ///
    /// # Errors
    /// [`ServerError::Port`] when somebody else took the port meanwhile.
    pub fn go_online(&mut self) -> Result<(), ServerError> {
        if self.online.is_none() {
            let listener = network::bind(self.shared.port)?;
            self.online = Some(Online::begin(listener, self.shared.clone())?);
        }
        Ok(())
    }

    /// Stops serving and closes the file.
    pub fn stop(mut self) {
        self.go_offline();
    }

    fn service(&self) -> MutexGuard<'_, Service> {
        self.shared.service.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for CareTeamServer {
    fn drop(&mut self) {
        self.go_offline();
    }
}
