//! From resources to the words of the model.

pub(crate) mod advice;
pub(crate) mod consent;
pub(crate) mod device;
pub(crate) mod dosage;
pub(crate) mod escalation;
pub(crate) mod flush_and_steps;
pub(crate) mod logistics;
pub(crate) mod order;
pub(crate) mod people;
pub(crate) mod quantity;
pub(crate) mod reply_time;
pub(crate) mod service;
pub(crate) mod stay;
pub(crate) mod timing;
pub(crate) mod trend;

use crate::datatype::{CodeableConcept, Extension, Reference};
use crate::fault::{Fault, extension};
use crate::url;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The longest text that a screen takes, in characters. What is longer is cut and listed; the resource keeps all of it.
pub(crate) const LONGEST_TEXT: usize = 4_000;

/// What was found while a resource was read.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// Because of these an order is not scheduled.
    pub blocks: Vec<Fault>,
    /// These are shown; the rest of the resource is good.
    pub remarks: Vec<Fault>,
}

impl Findings {
    /// Takes a value, or the fault that keeps the order out of the schedule.
    pub fn must<T>(&mut self, read: Result<T, Fault>) -> Option<T> {
        read.map_err(|fault| self.blocks.push(fault)).ok()
    }

    /// Takes a value, or the fault that leaves this one element out.
    pub fn may<T>(&mut self, read: Result<T, Fault>) -> Option<T> {
        read.map_err(|fault| self.remarks.push(fault)).ok()
    }

    /// Text for a screen: trimmed, and cut with a remark where it is too long.
    pub fn text(&mut self, text: &str, path: &str) -> String {
        let text = text.trim();
        match text.char_indices().nth(LONGEST_TEXT) {
            None => text.to_owned(),
            Some((end, _)) => {
                self.remarks.push(Fault::at(
                    path,
                    format!("has more than {LONGEST_TEXT} characters; the rest is not shown: ask the care team for it"),
                ));
                text.get(..end).unwrap_or_default().to_owned()
            }
        }
    }

    /// The words of a concept, where it has any.
    pub fn words(&mut self, concept: Option<&CodeableConcept>, path: &str) -> Option<String> {
        let words = concept?.words()?.to_owned();
        Some(self.text(&words, path))
    }

    /// Our own extensions that this version does not know: a newer plan or a slip of the pen, in both cases to be told.
    pub fn unknown_extensions(&mut self, extensions: &[Extension], known: &[&str], path: &str) {
        let base = url::extension("");
        for found in extensions {
            let name = found.url.as_deref().and_then(|url| url.strip_prefix(&base));
            if let Some(name) = name.filter(|name| !known.contains(name)) {
                let plain: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(40).collect();
                self.remarks.push(Fault::at(
                    extension(path, &plain),
                    "is an extension that this version does not know, so it is not followed: ask your nurse",
                ));
            }
        }
    }
}

/// Reads a code of one of our own lists, or of a FHIR value set that the model mirrors.
pub(crate) fn code<T: DeserializeOwned>(text: &str, path: &str, what: &str) -> Result<T, Fault> {
    serde_json::from_value(Value::String(text.to_owned()))
        .map_err(|_| Fault::at(path, format!("is not a known {what}: ask the care team to correct it")))
}

/// The code that an extension holds.
pub(crate) fn code_of<T: DeserializeOwned>(extension: &Extension, path: &str, what: &str) -> Result<T, Fault> {
    match extension.value_code.as_deref() {
        Some(text) => code(text, path, what),
        None => Err(Fault::missing(crate::fault::inside(path, "valueCode"), what)),
    }
}

/// The yes or no that one of our extensions holds; `None` without the extension.
pub(crate) fn yes_or_no(extensions: &[Extension], name: &str, path: &str) -> Result<Option<bool>, Fault> {
    let Some(found) = crate::datatype::find(extensions, name) else { return Ok(None) };
    match found.value_boolean {
        Some(value) => Ok(Some(value)),
        None => Err(Fault::missing(crate::fault::inside(&extension(path, name), "valueBoolean"), "yes or no")),
    }
}

/// The code that one of our extensions holds; `None` without the extension.
pub(crate) fn coded<T: DeserializeOwned>(
    extensions: &[Extension],
    name: &str,
    path: &str,
    what: &str,
) -> Result<Option<T>, Fault> {
    let Some(found) = crate::datatype::find(extensions, name) else { return Ok(None) };
    code_of(found, &extension(path, name), what).map(Some)
}

/// The id that a reference holds, whatever type it points to.
pub(crate) fn any_id(reference: Option<&Reference>) -> Option<&str> {
    reference?.target().map(|(_, id)| id)
}
