//! The way the drug goes in: a pump, a balloon, gravity, a hand.

use crate::id::DeliveryDeviceId;
use serde::{Deserialize, Serialize};

/// How the drug is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryMethod {
    /// Pushed by hand from a syringe.
    IvPush,
    /// By gravity through a roller clamp or a rate dial.
    Gravity,
    /// A balloon with a flow restrictor: no electronics, no alarms.
    Elastomeric,
    /// An electronic ambulatory pump.
    AmbulatoryPump,
    /// A spring or clockwork syringe driver.
    SyringeMechanical,
    /// An electronic syringe driver.
    SyringeElectronic,
    /// An injection into muscle or under the skin.
    Injection,
    /// Through an intraspinal catheter.
    Intraspinal,
    /// By mouth.
    Oral,
    /// Not stated.
    Unknown,
}

impl DeliveryMethod {
    /// Whether the device can tell anything by radio. A balloon, gravity and a hand cannot: check-ins take their place.
    pub fn has_radio(self) -> bool {
        matches!(self, Self::AmbulatoryPump)
    }
}

/// Which protocol a pump with a radio speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PumpProtocol {
    /// The pump profile over the Bluetooth Generic Health Sensor service (`docs/pump-profile.md`).
    #[default]
    HealthSensor,
    /// The Bluetooth Insulin Delivery Service.
    InsulinDelivery,
}

/// A pump of the patient, on the allow-list by its serial number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryDevice {
    /// Id of the `Device` on the care team's server.
    pub id: DeliveryDeviceId,
    /// Name as shown.
    pub name: String,
    /// How it delivers.
    pub method: DeliveryMethod,
    /// Serial number as on the device.
    pub serial: Option<String>,
    /// Maker.
    pub manufacturer: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// What it speaks, where it has a radio.
    #[serde(default)]
    pub protocol: PumpProtocol,
    /// It is the spare.
    pub backup: bool,
    /// Whether the patient may stop it; `None` when the plan does not say: "ask your nurse".
    pub patient_may_stop: Option<bool>,
}
