//! The care team's side of a day: it puts the plan on its server and answers messages, on the embedded server or on any
//! other FHIR R4 server.

use crate::care_team_server::{CareTeamServer, ServerConfig, ServerError};
use crate::network_gate::NetworkGate;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::io;
use std::net::ToSocketAddrs;
use std::path::Path;
use std::sync::Arc;

/// What goes wrong on the team's side.
#[derive(Debug, thiserror::Error)]
pub enum TeamError {
    /// The embedded server.
    #[error("the embedded server: {0}")]
    Embedded(#[from] ServerError),
    /// Another server did not do what it was asked.
    #[error("the server at {url} refused to {doing}: {reason}")]
    Refused {
        /// Its address.
        url: String,
        /// What was asked.
        doing: &'static str,
        /// What it or the network said.
        reason: String,
    },
    /// The way to the server.
    #[error("the network to the server cannot be made: {0}")]
    Network(#[from] io::Error),
}

/// The care team with its server and the phone's way to it.
pub enum CareTeam {
    /// The small server in this process.
    Embedded(CareTeamServer),
    /// Any other, behind a gate where it speaks plain HTTP on this machine.
    Other(OtherServer),
}

/// A FHIR R4 server that is not ours.
pub struct OtherServer {
    url: String,
    phone_url: String,
    gate: Option<NetworkGate>,
    agent: ureq::Agent,
}

impl CareTeam {
    /// The embedded server, kept in `file`, with the day's clock.
    pub fn embedded(file: &Path, clock: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Result<Self, TeamError> {
        let mut config = ServerConfig::new(file);
        config.clock = Arc::new(clock);
        Ok(Self::Embedded(CareTeamServer::start(config)?))
    }

    /// Another server. Plain HTTP goes through a gate, so that the network can be lost; over TLS it stays up.
    pub fn at(url: &str) -> Result<Self, TeamError> {
        let url = url.trim_end_matches('/').to_owned();
        let (gate, phone_url) = match url.strip_prefix("http://") {
            Some(rest) => {
                let (authority, path) = rest.split_once('/').map_or((rest, ""), |(authority, path)| (authority, path));
                let with_port = if authority.contains(':') { authority.to_owned() } else { format!("{authority}:80") };
                let address = with_port
                    .to_socket_addrs()?
                    .next()
                    .ok_or_else(|| io::Error::from(io::ErrorKind::AddrNotAvailable))?;
                let gate = NetworkGate::open_to(address)?;
                let phone_url = format!("http://127.0.0.1:{}/{path}", gate.port());
                (Some(gate), phone_url)
            }
            None => (None, url.clone()),
        };
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        Ok(Self::Other(OtherServer { url, phone_url, gate, agent }))
    }

    /// The address that the team gives to the phone.
    pub fn phone_url(&self) -> String {
        match self {
            Self::Embedded(server) => server.base_url(),
            Self::Other(server) => server.phone_url.clone(),
        }
    }

    /// Puts the plan on the server.
    pub fn put_plan(&self, bundle: &str) -> Result<(), TeamError> {
        match self {
            Self::Embedded(server) => {
                server.load_bundle(bundle)?;
            }
            Self::Other(server) => server.put_plan(bundle)?,
        }
        Ok(())
    }

    /// Answers the newest message that has no answer. `false` when there is none.
    pub fn answer(&self, patient: &str, sender: &str, text: &str, at: DateTime<Utc>) -> Result<bool, TeamError> {
        match self {
            Self::Embedded(server) => Ok(server.answer_newest_message(sender, text)?.is_some()),
            Self::Other(server) => server.answer(patient, sender, text, at),
        }
    }

    /// The phone loses the network. `false` when that cannot be arranged with this server.
    pub fn lose_network(&mut self) -> Result<bool, TeamError> {
        match self {
            Self::Embedded(server) => {
                server.go_offline();
                Ok(true)
            }
            Self::Other(server) => {
                if let Some(gate) = &mut server.gate {
                    gate.close();
                }
                Ok(server.gate.is_some())
            }
        }
    }

    /// The network is back.
    pub fn regain_network(&mut self) -> Result<(), TeamError> {
        match self {
            Self::Embedded(server) => server.go_online()?,
            Self::Other(server) => {
                if let Some(gate) = &mut server.gate {
                    gate.open()?;
                }
            }
        }
        Ok(())
    }
}

impl OtherServer {
    fn put_plan(&self, bundle: &str) -> Result<(), TeamError> {
        let doing = "take the plan";
        let parsed: Value = serde_json::from_str(bundle).map_err(|error| self.refused(doing, error.to_string()))?;
        let entries: Vec<Value> = parsed["entry"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|entry| &entry["resource"])
            .filter_map(|resource| {
                let url = format!("{}/{}", resource["resourceType"].as_str()?, resource["id"].as_str()?);
                Some(json!({ "resource": resource, "request": { "method": "PUT", "url": url } }))
            })
            .collect();
        let transaction = json!({ "resourceType": "Bundle", "type": "transaction", "entry": entries });
        self.post("", &transaction, doing).map(|_| ())
    }

    fn answer(&self, patient: &str, sender: &str, text: &str, at: DateTime<Utc>) -> Result<bool, TeamError> {
        let url = format!("{}/Communication?patient={patient}&_count=100", self.url);
        let found = self
            .agent
            .get(&url)
            .header("Cache-Control", "no-cache")
            .header("Accept", "application/fhir+json")
            .call()
            .and_then(|mut answer| answer.body_mut().read_to_string())
            .map_err(|error| self.refused("list messages", error.to_string()))?;
        let found: Value =
            serde_json::from_str(&found).map_err(|error| self.refused("list messages", error.to_string()))?;
        let messages: Vec<&Value> = found["entry"].as_array().into_iter().flatten().map(|e| &e["resource"]).collect();
        let answered: Vec<&str> =
            messages.iter().filter_map(|message| message["inResponseTo"][0]["reference"].as_str()).collect();
        let own_id = |message: &Value| format!("Communication/{}", message["id"].as_str().unwrap_or_default());
        let newest = messages
            .iter()
            .filter(|message| message["sender"]["reference"].as_str() != Some(sender))
            .filter(|message| !answered.contains(&own_id(message).as_str()))
            .max_by_key(|message| message["sent"].as_str().unwrap_or_default().to_owned());
        let Some(question) = newest else { return Ok(false) };
        let answer = json!({
            "resourceType": "Communication",
            "status": "completed",
            "subject": { "reference": format!("Patient/{patient}") },
            "sender": { "reference": sender },
            "recipient": [{ "reference": format!("Patient/{patient}") }],
            "sent": at.to_rfc3339(),
            "inResponseTo": [{ "reference": own_id(question) }],
            "payload": [{ "contentString": text }],
        });
        self.post("/Communication", &answer, "take the answer")?;
        Ok(true)
    }

    fn post(&self, path: &str, body: &Value, doing: &'static str) -> Result<String, TeamError> {
        let mut answer = self
            .agent
            .post(format!("{}{path}", self.url))
            .header("Content-Type", "application/fhir+json")
            .send(body.to_string())
            .map_err(|error| self.refused(doing, error.to_string()))?;
        let text = answer.body_mut().read_to_string().map_err(|error| self.refused(doing, error.to_string()))?;
        if answer.status().is_success() {
            Ok(text)
        } else {
            let start: String = text.chars().take(300).collect();
            Err(self.refused(doing, format!("{}: {start}", answer.status())))
        }
    }

    fn refused(&self, doing: &'static str, reason: String) -> TeamError {
        TeamError::Refused { url: self.url.clone(), doing, reason }
    }
}
