//! The CapabilityStatement: what the subset offers, and that it is one
//! (<https://hl7.org/fhir/R4/capabilitystatement.html>).

use serde_json::{Value, json};

use super::kinds::KINDS;

/// Said in the CapabilityStatement and on the page.
pub(super) const NOTICE: &str = "A small subset of FHIR R4 for demonstration and tests of Homeline. Not a clinical system: no access control \
     beyond one optional token, light validation only.";

pub(super) fn statement(base: &str, date: &str) -> Value {
    let interactions: Vec<Value> =
        ["read", "vread", "create", "update", "delete", "search-type", "history-instance", "history-type"]
            .iter()
            .map(|code| json!({"code": code}))
            .collect();
    let resources: Vec<Value> = KINDS
        .iter()
        .map(|kind| {
            let mut parameters = vec![
                json!({"name": "_id", "type": "token"}),
                json!({"name": "_lastUpdated", "type": "date"}),
                json!({"name": "identifier", "type": "token"}),
            ];
            if !kind.patient.is_empty() {
                parameters.push(json!({"name": "patient", "type": "reference"}));
                parameters.push(json!({"name": "subject", "type": "reference"}));
            }
            let mut resource = json!({
                "type": kind.name, "interaction": interactions, "versioning": "versioned-update",
                "readHistory": true, "updateCreate": true, "conditionalCreate": true, "searchParam": parameters,
            });
            if kind.name == "Patient"
                && let Some(object) = resource.as_object_mut()
            {
                object.insert(
                    "operation".into(),
                    json!([{"name": "everything",
                            "definition": "http://hl7.org/fhir/OperationDefinition/Patient-everything"}]),
                );
            }
            resource
        })
        .collect();
    json!({
        "resourceType": "CapabilityStatement", "status": "active", "experimental": true, "date": date,
        "kind": "instance", "fhirVersion": "4.0.1", "format": ["json"],
        "software": {"name": "Homeline demonstration care-team server", "version": env!("CARGO_PKG_VERSION")},
        "description": NOTICE,
        "implementation": {"description": NOTICE, "url": base},
        "rest": [{"mode": "server", "documentation": NOTICE, "resource": resources,
                  "interaction": [{"code": "transaction"}, {"code": "batch"}, {"code": "history-system"}]}],
    })
}
