//! A Bundle as it comes in. A fault of the bundle refuses the whole, before anything is stored; a fault of one order is
//! that order's alone (see `plan.rs`).

use crate::datatype::Meta;
use crate::date_time;
use crate::plan::{Foreign, assemble};
use crate::resource::ResourceHead;
use chrono::{DateTime, Utc};
use homeline_model::{CarePlan, PatientId};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::HashSet;

/// Why a plan was refused as a whole. `Display` names the field and what to do, and no data of a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// The bytes are not UTF-8, so they are not JSON.
    #[error("the plan is not valid UTF-8 at byte {position}: ask the care team for the file again, saved as UTF-8")]
    NotUtf8 {
        /// First bad byte, counted from 0.
        position: usize,
    },
    /// The text is not JSON.
    #[error("the plan is not valid JSON at line {line}, column {column}: ask the care team for the file again")]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// The JSON is no FHIR Bundle.
    #[error("`resourceType` must be `Bundle`, and it is {found}: choose the file that holds the whole plan")]
    NotABundle {
        /// The type that was found, or `missing`.
        found: String,
    },
    /// An element of the bundle itself has a wrong form.
    #[error("`{field}` of the bundle has a form that R4 does not allow: ask the care team for the file again")]
    BadBundle {
        /// The element.
        field: String,
    },
    /// A resource without a usable id could neither be stored nor replaced by a later version.
    #[error(
        "`entry[{entry}].resource.id` ({resource_type}) must be 1 to 64 of A-Z a-z 0-9 - . : ask the care team to send \
         the resource with its id"
    )]
    WithoutId {
        /// Which entry, from 0.
        entry: usize,
        /// The type, or `a resource without type`.
        resource_type: String,
    },
    /// Two resources of one type and id.
    #[error("`entry[{entry}].resource` repeats {resource}: ask the care team to send one version of it")]
    Repeated {
        /// Which entry, from 0.
        entry: usize,
        /// Type and id.
        resource: String,
    },
    /// Nobody is treated.
    #[error("the plan holds no Patient: ask the care team to include the Patient resource")]
    NoPatient,
    /// More than one Patient.
    #[error("the plan holds {count} Patient resources: ask the care team for a plan of one patient")]
    SeveralPatients {
        /// How many.
        count: usize,
    },
    /// The plan of somebody else.
    #[error("`Patient.id` is not the one of this journal: choose the plan of the patient who uses this app")]
    OtherPatient {
        /// The patient of this journal.
        expected: PatientId,
        /// The patient of the bundle.
        found: String,
    },
    /// One resource is about somebody else.
    #[error("`{field}` of {resource} points to another patient: ask the care team to correct the plan")]
    ForeignResource {
        /// Type and id.
        resource: String,
        /// The element, e.g. `subject`.
        field: String,
    },
}

/// One resource as received, for the mirror.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedResource {
    /// Its type, known to us or not.
    pub resource_type: String,
    /// Its id.
    pub id: String,
    /// `meta.versionId`.
    pub version: Option<String>,
    /// `meta.lastUpdated`; `None` also when it cannot be read.
    pub last_updated: Option<DateTime<Utc>>,
    /// The JSON text, byte for byte: the stored truth under the typed view.
    pub json: String,
}

/// A whole plan.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedPlan {
    /// The typed view.
    pub plan: CarePlan,
    /// Every resource of the bundle, also of types that we do not read.
    pub resources: Vec<ReceivedResource>,
}

#[derive(Deserialize)]
struct Wrapper<'a> {
    #[serde(borrow, default)]
    entry: Vec<WrapperEntry<'a>>,
}

#[derive(Deserialize)]
struct WrapperEntry<'a> {
    #[serde(borrow)]
    resource: Option<&'a RawValue>,
}

/// Reads a care plan from an R4 Bundle of any type. With `expected`, a bundle of another patient is refused.
///
/// Errors refuse the whole bundle. What cannot be read of a single resource is in `plan.unreadable`.
pub fn import_plan(bundle: &[u8], expected: Option<&PatientId>) -> Result<ImportedPlan, ImportError> {
    let text = std::str::from_utf8(bundle).map_err(|error| ImportError::NotUtf8 { position: error.valid_up_to() })?;
    // Some systems save with a byte order mark, which is no part of JSON.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let not_json = |error: serde_json::Error| ImportError::NotJson { line: error.line(), column: error.column() };
    let whole: &RawValue = serde_json::from_str(text).map_err(not_json)?;
    let head: ResourceHead = serde_json::from_str(whole.get()).unwrap_or_default();
    if head.resource_type.as_deref() != Some("Bundle") {
        let found = head.resource_type.as_deref().map_or("missing".to_owned(), |found| format!("`{}`", plain(found)));
        return Err(ImportError::NotABundle { found });
    }
    let mut reader = serde_json::Deserializer::from_str(whole.get());
    let wrapper: Wrapper<'_> = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| ImportError::BadBundle { field: error.path().to_string() })?;

    let mut resources = Vec::new();
    let mut seen = HashSet::new();
    for (entry, raw) in wrapper.entry.iter().enumerate() {
        // An entry may hold a request alone, e.g. a delete.
        let Some(raw) = raw.resource else { continue };
        let received = received(raw.get(), entry)?;
        let name = format!("{}/{}", received.resource_type, received.id);
        if !seen.insert(name.clone()) {
            return Err(ImportError::Repeated { entry, resource: name });
        }
        resources.push(received);
    }
    let patients: Vec<&str> =
        resources.iter().filter(|found| found.resource_type == "Patient").map(|found| found.id.as_str()).collect();
    let patient = match patients.as_slice() {
        [] => return Err(ImportError::NoPatient),
        [only] => *only,
        several => return Err(ImportError::SeveralPatients { count: several.len() }),
    };
    let patient = PatientId::new(patient).map_err(|_| ImportError::NoPatient)?;
    if let Some(expected) = expected.filter(|expected| **expected != patient) {
        return Err(ImportError::OtherPatient { expected: expected.clone(), found: patient.to_string() });
    }
    let pairs = resources.iter().map(|found| (found.resource_type.as_str(), found.json.as_str()));
    let plan = assemble(pairs, &patient, Foreign::Refuse)?;
    Ok(ImportedPlan { plan, resources })
}

/// Reads the typed plan from mirrored resources, given as type and JSON text. A resource about another patient is
/// listed as unreadable instead of refusing everything: a server's slip must not take the plan away.
///
/// Errors only when the patient's own resource is not among them.
pub fn plan_from_resources<'a>(
    resources: impl IntoIterator<Item = (&'a str, &'a str)>,
    patient: &PatientId,
) -> Result<CarePlan, ImportError> {
    assemble(resources, patient, Foreign::List)
}

fn received(raw: &str, entry: usize) -> Result<ReceivedResource, ImportError> {
    let head: ResourceHead = serde_json::from_str(raw).unwrap_or_else(|_| {
        // A wrong `meta` must not hide type and id.
        let value: serde_json::Value = serde_json::from_str(raw).unwrap_or_default();
        let text = |name: &str| value.get(name).and_then(|text| text.as_str()).map(str::to_owned);
        ResourceHead { resource_type: text("resourceType"), id: text("id"), meta: None }
    });
    let resource_type =
        head.resource_type.filter(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphabetic()));
    let without_id = |name: Option<&str>| ImportError::WithoutId {
        entry,
        resource_type: name.map_or_else(|| "a resource without type".to_owned(), plain),
    };
    let Some(resource_type) = resource_type else { return Err(without_id(None)) };
    // The form of an id is the same for every type.
    let Some(id) = head.id.filter(|id| PatientId::new(id.as_str()).is_ok()) else {
        return Err(without_id(Some(&resource_type)));
    };
    let Meta { version_id, last_updated, .. } = head.meta.unwrap_or_default();
    Ok(ReceivedResource {
        resource_type,
        id,
        version: version_id,
        last_updated: last_updated.and_then(|text| date_time::instant(&text, "meta.lastUpdated").ok()),
        json: raw.to_owned(),
    })
}

/// A name from outside, made fit for an error text.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).take(40).collect()
}
