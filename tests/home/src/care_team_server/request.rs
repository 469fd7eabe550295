//! One FHIR interaction, from the network or from an entry of a bundle, and its answer.

use axum::extract::Query;
use axum::http::Uri;
use serde_json::Value;

use super::fault::Fault;
use super::records::{Version, Written};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Get,
    Post,
    Put,
    Delete,
}

impl Verb {
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        match text {
            "GET" => Ok(Self::Get),
            "POST" => Ok(Self::Post),
            "PUT" => Ok(Self::Put),
            "DELETE" => Ok(Self::Delete),
            other => Err(Fault::new(405, "not-supported", format!("{other} is not offered."))),
        }
    }
}

/// Decoded parameters of a query, in their order; a name may repeat.
pub(super) type Parameters = Vec<(String, String)>;

#[derive(Debug)]
pub(super) struct Request {
    pub(super) verb: Verb,
    /// Path below the base, without empty segments.
    pub(super) path: Vec<String>,
    pub(super) query: Parameters,
    pub(super) if_match: Option<String>,
    pub(super) if_none_exist: Option<String>,
    pub(super) body: Option<Value>,
}

impl Request {
    /// Splits an address relative to the base (`Observation/x`, `Patient?identifier=…`).
    pub(super) fn target(relative: &str) -> Result<(Vec<String>, Parameters), Fault> {
        let (path, query) = relative.split_once('?').unwrap_or((relative, ""));
        let path =
            path.split('/').filter(|segment| !segment.is_empty()).map(|segment| segment.replace("%24", "$")).collect();
        Ok((path, parameters(query)?))
    }
}

/// Decodes `a=b&c=d`.
pub(super) fn parameters(query: &str) -> Result<Parameters, Fault> {
    let bad = || Fault::invalid("The query of the address cannot be read.");
    let uri: Uri = format!("/?{query}").parse().map_err(|_| bad())?;
    Query::<Vec<(String, String)>>::try_from_uri(&uri).map(|Query(pairs)| pairs).map_err(|_| bad())
}

/// The answer to a [`Request`].
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
    /// `Type/id/_history/version`, relative to the base.
    pub(super) location: Option<String>,
    pub(super) body: Option<Value>,
}

impl Reply {
    pub(super) fn ok(body: Value) -> Self {
        Self { status: 200, etag: None, last_modified: None, location: None, body: Some(body) }
    }

    pub(super) fn version(status: u16, version: &Version) -> Self {
        Self {
            status,
            etag: Some(version.etag()),
            last_modified: Some(version.instant()),
            location: Some(format!("{}/{}/_history/{}", version.resource_type, version.id, version.number)),
            body: version.resource.clone(),
        }
    }

    pub(super) fn gone_already() -> Self {
        Self { status: 204, etag: None, last_modified: None, location: None, body: None }
    }
}

impl From<&Written> for Reply {
    fn from(written: &Written) -> Self {
        Self::version(written.status, &written.version)
    }
}

impl From<&Fault> for Reply {
    fn from(fault: &Fault) -> Self {
        Self { status: fault.status, etag: None, last_modified: None, location: None, body: Some(fault.outcome()) }
    }
}
