//! Sign-in, push and pull against any FHIR R4 server. The only crate that names reqwest.
