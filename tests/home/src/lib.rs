//! The simulated home: pump, care-team FHIR server, clock.

pub mod care_team_server;
