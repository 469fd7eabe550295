//! The simulated home: pump, care-team FHIR server, clock.

/// A browser without a person.
pub mod browser;
/// The care team's side of a day, on the embedded server or any other.
pub mod care_team;
pub mod care_team_server;
/// A clock that is stepped by hand.
pub mod clock;
/// The network, as a thing that can be switched off.
pub mod network_gate;
/// The care plans that can be lived.
pub mod plans;
/// A simulated ambulatory pump behind the radio port.
pub mod pump;
/// A simulated thermometer.
pub mod thermometer;

pub use clock::StepClock;
pub use pump::{Fault, Pairing, Program, PumpConfig, SimulatedPump};
pub use thermometer::SimulatedThermometer;
