//! The versions of every resource, and the staging area in which a request prepares its changes.
//!
//! Nothing in [`Records`] changes while a request is worked on: a [`Staging`] collects the new versions, and
//! [`Records::admit`] takes them all at once after the log has them on disk. That is what makes a transaction atomic.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::fault::Fault;
use super::search::Criteria;
use super::validation;

/// One version of one resource; a deletion is a version without content.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Version {
    #[serde(rename = "type")]
    pub(super) resource_type: String,
    pub(super) id: String,
    #[serde(rename = "version")]
    pub(super) number: u64,
    #[serde(rename = "lastUpdated")]
    pub(super) last_updated: DateTime<Utc>,
    /// How the version came to be, for history entries.
    pub(super) method: Method,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) resource: Option<Value>,
}

/// The interaction that wrote a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Method {
    Post,
    Put,
    Delete,
}

impl Method {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

impl Version {
    pub(super) fn etag(&self) -> String {
        format!("W/\"{}\"", self.number)
    }

    pub(super) fn instant(&self) -> String {
        instant(self.last_updated)
    }
}

/// A FHIR instant in UTC with milliseconds.
pub(super) fn instant(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Everything the server holds, newest version last.
#[derive(Default)]
pub(super) struct Records {
    by_type: BTreeMap<String, BTreeMap<String, Vec<Arc<Version>>>>,
    /// Every version in the order of admission; its index is the keyset of history pages.
    history: Vec<Arc<Version>>,
}

impl Records {
    pub(super) fn admit(&mut self, versions: Vec<Version>) {
        for version in versions {
            let version = Arc::new(version);
            self.history.push(Arc::clone(&version));
            self.by_type
                .entry(version.resource_type.clone())
                .or_default()
                .entry(version.id.clone())
                .or_default()
                .push(version);
        }
    }

    pub(super) fn versions(&self, resource_type: &str, id: &str) -> &[Arc<Version>] {
        self.by_type.get(resource_type).and_then(|ids| ids.get(id)).map_or(&[], Vec::as_slice)
    }

    pub(super) fn latest(&self, resource_type: &str, id: &str) -> Option<&Arc<Version>> {
        self.versions(resource_type, id).last()
    }

    /// The newest version of every resource of a type that is not deleted, with its content.
    pub(super) fn current<'a>(&'a self, resource_type: &str) -> impl Iterator<Item = (&'a Version, &'a Value)> {
        self.by_type
            .get(resource_type)
            .into_iter()
            .flat_map(BTreeMap::values)
            .filter_map(|versions| versions.last())
            .filter_map(|version| version.resource.as_ref().map(|resource| (version.as_ref(), resource)))
    }

    pub(super) fn types(&self) -> impl Iterator<Item = &str> {
        self.by_type.keys().map(String::as_str)
    }

    pub(super) fn history(&self) -> &[Arc<Version>] {
        &self.history
    }
}

/// What a write did.
#[derive(Debug, Clone)]
pub(super) struct Written {
    /// 201 when this write made the resource, 200 otherwise, 204 for a deletion.
    pub(super) status: u16,
    pub(super) version: Version,
}

/// The changes of one request, on top of what is stored.
pub(super) struct Staging<'a> {
    records: &'a Records,
    now: DateTime<Utc>,
    changes: Vec<Version>,
}

impl<'a> Staging<'a> {
    pub(super) fn new(records: &'a Records, now: DateTime<Utc>) -> Self {
        Self { records, now, changes: Vec::new() }
    }

    pub(super) fn into_changes(self) -> Vec<Version> {
        self.changes
    }

    fn latest(&self, resource_type: &str, id: &str) -> Option<&Version> {
        self.changes
            .iter()
            .rev()
            .find(|version| version.resource_type == resource_type && version.id == id)
            .or_else(|| self.records.latest(resource_type, id).map(Arc::as_ref))
    }

    /// Ids of the live resources that fit the criteria, staged ones included.
    pub(super) fn matches(&self, resource_type: &str, criteria: &Criteria) -> Vec<String> {
        let staged = self.changes.iter().filter(|version| version.resource_type == resource_type);
        let mut ids: Vec<String> = self
            .records
            .current(resource_type)
            .filter(|(version, resource)| criteria.fit(version, resource))
            .map(|(version, _)| version.id.clone())
            .collect();
        for version in staged {
            ids.retain(|id| *id != version.id);
            if version.resource.as_ref().is_some_and(|resource| criteria.fit(version, resource)) {
                ids.push(version.id.clone());
            }
        }
        ids
    }

    /// The live resource that a conditional create found instead of making one.
    pub(super) fn as_found(&self, resource_type: &str, id: &str) -> Option<Written> {
        self.latest(resource_type, id).map(|version| Written { status: 200, version: version.clone() })
    }

    /// Creates a resource under an id of the server's, or under `reserved` when a bundle has already handed one out.
    pub(super) fn create(
        &mut self,
        resource_type: &str,
        resource: Value,
        reserved: Option<String>,
    ) -> Result<Written, Fault> {
        validation::check(resource_type, &resource)?;
        let id = reserved.unwrap_or_else(|| Uuid::new_v4().to_string());
        Ok(self.write(resource_type, &id, resource, Method::Post, 1, 201))
    }

    /// Creates or updates a resource under the client's id; an unchanged one stays as it is.
    pub(super) fn update(
        &mut self,
        resource_type: &str,
        id: &str,
        resource: Value,
        if_match: Option<&str>,
    ) -> Result<Written, Fault> {
        validation::check(resource_type, &resource)?;
        if resource.get("id").and_then(Value::as_str) != Some(id) {
            return Err(Fault::invalid("The id in the resource is not the id in the address.")
                .at(format!("{resource_type}.id")));
        }
        if !validation::is_id(id) {
            return Err(Fault::invalid("The id in the address has not the form of an id."));
        }
        let latest = self.latest(resource_type, id);
        self.check_if_match(latest, if_match)?;
        let (number, status) = match latest {
            None => (1, 201),
            Some(version) => match &version.resource {
                Some(stored) if same_content(stored, &resource) => {
                    return Ok(Written { status: 200, version: version.clone() });
                }
                Some(_) => (version.number + 1, 200),
                None => (version.number + 1, 201),
            },
        };
        Ok(self.write(resource_type, id, resource, Method::Put, number, status))
    }

    /// Deletes; a resource that is not there (any more) is deleted already.
    pub(super) fn delete(
        &mut self,
        resource_type: &str,
        id: &str,
        if_match: Option<&str>,
    ) -> Result<Option<Written>, Fault> {
        let latest = self.latest(resource_type, id);
        self.check_if_match(latest, if_match)?;
        let Some(version) = latest.filter(|version| version.resource.is_some()) else {
            return Ok(None);
        };
        let version = Version {
            resource_type: resource_type.to_owned(),
            id: id.to_owned(),
            number: version.number + 1,
            last_updated: self.now,
            method: Method::Delete,
            resource: None,
        };
        self.changes.push(version.clone());
        Ok(Some(Written { status: 204, version }))
    }

    fn check_if_match(&self, latest: Option<&Version>, if_match: Option<&str>) -> Result<(), Fault> {
        let Some(wanted) = if_match else { return Ok(()) };
        let current = latest.filter(|version| version.resource.is_some()).map(Version::etag);
        if current.as_deref() == Some(wanted)
            || current.as_deref().map(|tag| tag.trim_start_matches("W/")) == Some(wanted)
        {
            return Ok(());
        }
        Err(Fault::new(
            412,
            "conflict",
            format!("If-Match asks for {wanted}, the server has {}.", current.as_deref().unwrap_or("no such resource")),
        ))
    }

    fn write(
        &mut self,
        resource_type: &str,
        id: &str,
        mut resource: Value,
        method: Method,
        number: u64,
        status: u16,
    ) -> Written {
        if let Some(object) = resource.as_object_mut() {
            object.insert("id".into(), json!(id));
            let meta = object.entry("meta").or_insert_with(|| json!({}));
            if !meta.is_object() {
                *meta = json!({});
            }
            if let Some(meta) = meta.as_object_mut() {
                meta.insert("versionId".into(), json!(number.to_string()));
                meta.insert("lastUpdated".into(), json!(instant(self.now)));
            }
        }
        let version = Version {
            resource_type: resource_type.to_owned(),
            id: id.to_owned(),
            number,
            last_updated: self.now,
            method,
            resource: Some(resource),
        };
        self.changes.push(version.clone());
        Written { status, version }
    }
}

/// Equal but for what the server itself writes into `meta`.
fn same_content(stored: &Value, offered: &Value) -> bool {
    let plain = |resource: &Value| {
        let mut copy = resource.clone();
        let mut empty = false;
        if let Some(meta) = copy.get_mut("meta").and_then(Value::as_object_mut) {
            meta.remove("versionId");
            meta.remove("lastUpdated");
            empty = meta.is_empty();
        }
        if empty && let Some(object) = copy.as_object_mut() {
            object.remove("meta");
        }
        copy
    };
    plain(stored) == plain(offered)
}
