//! What a server says it offers (<https://hl7.org/fhir/R4/capabilitystatement.html>).
//!
//! A statement is a claim: push and pull find out by doing. It is asked before the first exchange, to tell a wrong FHIR
//! version at once and in plain words, to begin with the bundles that the server offers, and to leave out searches for
//! types that it does not have.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::error::SyncError;
use crate::outcome::Outcome;
use crate::profile::UploadMode;
use crate::store::ServerMemory;
use crate::transport::{Call, Transport};

/// The parts of a CapabilityStatement that matter here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Capability {
    /// `software.name`, for the screen.
    pub software: Option<String>,
    /// `fhirVersion`.
    pub fhir_version: Option<String>,
    /// Whether the version is one of R4 (4.0.x).
    pub is_r4: bool,
    /// Whether transactions are offered.
    pub transaction: bool,
    /// Whether batches are offered.
    pub batch: bool,
    /// Whether system history is offered.
    pub system_history: bool,
    /// Types that can be searched.
    pub searchable: BTreeSet<String>,
    /// Types that take a client's id on create.
    pub update_create: BTreeSet<String>,
}

pub(crate) async fn ask(transport: &Transport) -> Result<Capability, SyncError> {
    let answer = transport.call(Call::get(transport.url("metadata")?)).await?;
    if !answer.is_success() {
        return Err(SyncError::Refused { status: answer.status, outcome: Outcome::parse(&answer.body) });
    }
    let not_fhir = || SyncError::NotFhir { status: answer.status, content_type: "JSON".into() };
    let statement: Value = serde_json::from_slice(&answer.body).map_err(|_| not_fhir())?;
    read(&statement).ok_or_else(not_fhir)
}

/// Looks at the statement once, and again when everything is read anew. A statement that cannot be had or read stops
/// nothing; a network that is away does, and so does another version of FHIR.
pub(crate) async fn learn<S>(transport: &Transport, anew: bool, store: &S) -> Result<(), SyncError>
where
    S: ServerMemory + ?Sized,
{
    let server = transport.address().as_str();
    let mut profile = store.profile(server)?.unwrap_or_default();
    if profile.introduced && !anew {
        return Ok(());
    }
    match ask(transport).await {
        Ok(capability) => {
            if let Some(version) = capability.fhir_version.as_deref().filter(|version| !version.starts_with('4')) {
                let version =
                    version.chars().filter(|c| c.is_ascii_alphanumeric() || ".-".contains(*c)).take(20).collect();
                return Err(SyncError::NotR4 { version });
            }
            profile.upload = capability.upload();
            profile.searchable = Some(capability.searchable).filter(|types| types.contains("Patient"));
        }
        Err(
            SyncError::Refused { .. }
            | SyncError::NotFhir { .. }
            | SyncError::TooLarge { .. }
            | SyncError::Unavailable { .. }
            | SyncError::NeedsSignIn,
        ) => {}
        Err(other) => return Err(other),
    }
    profile.introduced = true;
    Ok(store.remember(server, &profile)?)
}

impl Capability {
    /// How to begin sending. A statement that names no bundles at all may only be short: trying costs one request.
    fn upload(&self) -> UploadMode {
        if self.batch && !self.transaction { UploadMode::Batch } else { UploadMode::Transaction }
    }
}

fn read(statement: &Value) -> Option<Capability> {
    if statement.get("resourceType").and_then(Value::as_str) != Some("CapabilityStatement") {
        return None;
    }
    let text = |pointer: &str| statement.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let rest =
        list(statement.get("rest")).iter().find(|rest| rest.get("mode").and_then(Value::as_str) == Some("server"));
    let system = |code: &str| offers(rest.and_then(|rest| rest.get("interaction")), code);
    let resources = || list(rest.and_then(|rest| rest.get("resource"))).iter();
    let name = |resource: &Value| resource.get("type").and_then(Value::as_str).map(str::to_owned);
    let fhir_version = text("/fhirVersion");
    Some(Capability {
        software: text("/software/name"),
        is_r4: fhir_version.as_deref().is_some_and(|version| version.starts_with("4.0")),
        fhir_version,
        transaction: system("transaction"),
        batch: system("batch"),
        system_history: system("history-system"),
        searchable: resources()
            .filter(|resource| offers(resource.get("interaction"), "search-type"))
            .filter_map(name)
            .collect(),
        update_create: resources()
            .filter(|resource| resource.get("updateCreate").and_then(Value::as_bool) == Some(true))
            .filter_map(name)
            .collect(),
    })
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn offers(interactions: Option<&Value>, code: &str) -> bool {
    list(interactions).iter().any(|interaction| interaction.get("code").and_then(Value::as_str) == Some(code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_statement_is_read() {
        let capability = read(&json!({
            "resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "software": {"name": "S"},
            "rest": [{"mode": "server", "interaction": [{"code": "transaction"}],
                      "resource": [{"type": "Patient", "updateCreate": true, "interaction": [{"code": "search-type"}]},
                                   {"type": "Task", "interaction": [{"code": "read"}]}]}]
        }))
        .expect("a statement");
        assert!(capability.is_r4 && capability.transaction && !capability.batch);
        assert_eq!(capability.searchable.into_iter().collect::<Vec<_>>(), ["Patient"]);
        assert_eq!(capability.update_create.into_iter().collect::<Vec<_>>(), ["Patient"]);
    }

    #[test]
    fn another_resource_is_no_statement_and_another_version_is_told() {
        assert_eq!(read(&json!({"resourceType": "Bundle"})), None);
        let r5 = read(&json!({"resourceType": "CapabilityStatement", "fhirVersion": "5.0.0"})).expect("a statement");
        assert!(!r5.is_r4);
    }
}
