//! Timings alone, for anyone who wants to hold our reading of `Timing` against an independent source.

use crate::datatype;
use crate::fault::{Fault, read_resource};
use crate::read::dosage::{DoseRule, dosage};
use crate::read::{Findings, order, service, timing};
use crate::resource::{MedicationRequest, ServiceRequest};
use homeline_model::{Dosage, Order, Timing};
use serde_json::Value;

/// Stands in for the id of an order that has none: a server gives it only when it takes the order.
const NAMELESS: &str = "order";

/// What was in the JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadTiming {
    /// A `Timing`.
    Timing(Box<Timing>),
    /// A `Dosage`; here a dose is not required.
    Dosage(Box<Dosage>),
    /// A whole order; here neither an id nor a dose is required.
    Order(Box<Order>),
}

/// Why nothing could be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimingError {
    /// The text is not JSON.
    #[error("the input is not valid JSON at line {line}, column {column}")]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// It is JSON, and it cannot be followed.
    #[error("{}", .faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Unreadable {
        /// Every fault that was found; at least one.
        faults: Vec<Fault>,
    },
}

/// Reads a `Timing`, a `Dosage`, a `MedicationRequest` or a `ServiceRequest`. A Medication that an order points to must
/// be contained in it.
pub fn read_timing(json: &str) -> Result<ReadTiming, TimingError> {
    let value: Value = serde_json::from_str(json)
        .map_err(|error| TimingError::NotJson { line: error.line(), column: error.column() })?;
    let one = |fault: Fault| TimingError::Unreadable { faults: vec![fault] };
    let Some(object) = value.as_object() else {
        return Err(one(Fault::at("", "must be a JSON object: a Timing, a Dosage or an order")));
    };
    let mut findings = Findings::default();
    let read = match object.get("resourceType").map(Value::as_str) {
        Some(Some("MedicationRequest")) => {
            let mut request: MedicationRequest = read_resource(json).map_err(one)?;
            request.id.get_or_insert_with(|| NAMELESS.to_owned());
            order::medication_order(&request, |_| None, DoseRule::Optional, &mut findings)
                .map(|order| ReadTiming::Order(Box::new(order)))
        }
        Some(Some("ServiceRequest")) => {
            let mut request: ServiceRequest = read_resource(json).map_err(one)?;
            request.id.get_or_insert_with(|| NAMELESS.to_owned());
            service::service_order(&request, &mut findings).map(|order| ReadTiming::Order(Box::new(order)))
        }
        Some(_) => {
            return Err(one(Fault::at("resourceType", "must be MedicationRequest or ServiceRequest, or absent")));
        }
        None if ["repeat", "event", "code"].iter().any(|name| object.contains_key(*name)) => {
            let written: datatype::Timing = read_resource(json).map_err(one)?;
            Some(ReadTiming::Timing(Box::new(timing::timing(&written, "").map_err(one)?)))
        }
        None if ["timing", "doseAndRate", "text", "sequence", "asNeededBoolean"]
            .iter()
            .any(|n| object.contains_key(*n)) =>
        {
            let written: datatype::Dosage = read_resource(json).map_err(one)?;
            Some(ReadTiming::Dosage(Box::new(dosage(&written, "", DoseRule::Optional, &mut findings))))
        }
        None => {
            return Err(one(Fault::at(
                "",
                "holds neither a Timing (repeat, event) nor a Dosage (timing) nor an order",
            )));
        }
    };
    match read.filter(|_| findings.blocks.is_empty()) {
        Some(read) => Ok(read),
        None => Err(TimingError::Unreadable { faults: findings.blocks }),
    }
}
