//! The FHIR R4 resources we speak, typed, and their mapping to and from the model. Pure.
