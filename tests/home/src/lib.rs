//! The simulated home: pump, care-team FHIR server, clock.
