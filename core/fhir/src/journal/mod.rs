//! Journal entries as FHIR, in both directions, side by side.
//!
//! The entry's UUID is the resource's id and its identifier, so that a replay creates nothing twice and a server that
//! gives ids of its own still tells us which entry it holds. What an R4 element can say stands in that element; the
//! rest (how a time is known, the zone, the occurrence) is in one extension, `journal-entry`, see `head.rs`. A resource
//! without that extension is no journal entry of ours, with one exception: a `Communication` of the care team.

mod administration;
mod caregiving;
mod device_check;
mod form;
mod head;
mod infusion;
mod message;
mod message_state;
mod observation;
mod photo;
mod provenance;
mod pump_event;
mod receive;
mod send;
mod vital;

pub use message_state::{MessageHandling, MessageTask, message_received, message_task};
pub use receive::{EntryContext, EntryError, resource_to_entry};
pub use send::{
    ExportContext, ExportError, INLINE_PHOTO_BYTES, OutgoingResource, entry_resource_type, entry_to_resource,
};

use crate::datatype::{Annotation, CodeableConcept, Coding, Quantity};
use crate::fault::{Fault, inside};
use crate::{number, unit, url};
use homeline_model::{Quantity as Amount, Unit};

/// Text that FHIR can hold: its strings are never blank.
fn words(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.to_owned())
}

fn note(text: Option<&str>) -> Vec<Annotation> {
    let note = |text| Annotation { text: Some(text), ..Annotation::default() };
    text.and_then(words).map(note).into_iter().collect()
}

fn note_of(notes: &[Annotation]) -> Option<String> {
    notes.first()?.text.clone()
}

/// A concept of our own list, with the words of its key.
fn observed(key: &str) -> CodeableConcept {
    CodeableConcept {
        text: Some(key.replace('-', " ")),
        coding: vec![Coding::new(url::OBSERVED, key)],
        ..CodeableConcept::default()
    }
}

/// Writes an amount. Only units that we know carry a code: a made-up code would make the resource invalid.
fn of_amount(amount: &Amount) -> Quantity {
    let known = unit::by_code(&amount.unit.code).is_some();
    let shown = if known { &amount.unit.display } else { &amount.unit.code };
    Quantity {
        value: Some(number::of_decimal(amount.value)),
        unit: words(shown),
        system: known.then(|| url::UCUM.to_owned()),
        code: known.then(|| amount.unit.code.clone()),
        ..Quantity::default()
    }
}

/// Reads an amount as another phone wrote it.
fn amount(quantity: &Quantity, path: &str) -> Result<Amount, Fault> {
    let Some(value) = &quantity.value else { return Err(Fault::missing(inside(path, "value"), "the value")) };
    let value = number::decimal(value, &inside(path, "value"))?;
    let unit = match (&quantity.code, &quantity.unit) {
        (Some(code), Some(display)) => Unit::with_display(code, display),
        (Some(code), None) => unit::by_code(code).unwrap_or_else(|| Unit::ucum(code)),
        (None, Some(words)) => Unit::ucum(words),
        (None, None) => return Err(Fault::missing(inside(path, "code"), "the unit")),
    };
    Ok(Amount { value, unit })
}

/// The kebab-case name that serde gives to a unit variant of the model: the one list of codes that both sides share.
pub(crate) fn key_of<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(key)) => key,
        Ok(_) | Err(_) => String::new(),
    }
}
