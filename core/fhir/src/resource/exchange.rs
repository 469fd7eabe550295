//! What servers say: bundles, outcomes, capabilities.

use crate::datatype::{CodeableConcept, Extension, Identifier};
use crate::element::{elements, resources};
use serde_json::Value;

resources! {
    /// <https://hl7.org/fhir/R4/bundle.html>. Received resources stay JSON; see `import_plan` for how they are kept raw.
    Bundle {
        one: { r#type: String, timestamp: String, total: u64, identifier: Identifier }
        many: { link: BundleLink, entry: BundleEntry }
    }

    /// <https://hl7.org/fhir/R4/operationoutcome.html>
    OperationOutcome { one: {} many: { issue: OutcomeIssue } }

    /// <https://hl7.org/fhir/R4/capabilitystatement.html>
    CapabilityStatement {
        one: { status: String, fhir_version: String, kind: String }
        many: { format: String, rest: Capability }
    }
}

elements! {
    /// `Bundle.link`
    BundleLink { one: { relation: String, url: String } many: {} }

    /// `Bundle.entry`
    BundleEntry {
        one: { full_url: String, resource: Value, request: BundleRequest, response: BundleResponse }
        many: {}
    }

    /// `Bundle.entry.request`
    BundleRequest { one: { method: String, url: String, if_match: String, if_none_exist: String } many: {} }

    /// `Bundle.entry.response`
    BundleResponse {
        one: { status: String, location: String, etag: String, last_modified: String, outcome: Value }
        many: {}
    }

    /// `OperationOutcome.issue`
    OutcomeIssue {
        one: { severity: String, code: String, details: CodeableConcept, diagnostics: String }
        many: { location: String, expression: String }
    }

    /// `CapabilityStatement.rest`
    Capability { one: { mode: String } many: { extension: Extension, resource: ResourceCapability, interaction: Interaction } }

    /// `CapabilityStatement.rest.resource`
    ResourceCapability {
        one: { r#type: String, versioning: String, update_create: bool, conditional_create: bool }
        many: { interaction: Interaction }
    }

    /// `CapabilityStatement.rest.interaction` and `.rest.resource.interaction`
    Interaction { one: { code: String } many: {} }
}
